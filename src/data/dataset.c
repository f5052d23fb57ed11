#include "data/dataset.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/os_file.h"
#include "data/classes.h"

const char *hn_model_task_name(hn_model_task task)
{
    return task == HN_TASK_CLASSIFICATION ? "classification"
           : task == HN_TASK_REGRESSION   ? "regression"
           : task == HN_TASK_CLUSTERING   ? "clustering"
                                          : "none";
}

hn_model_task hn_model_task_find(const char *name)
{
    static const hn_model_task tasks[] = {HN_TASK_CLASSIFICATION, HN_TASK_REGRESSION, HN_TASK_CLUSTERING};
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
        if (strcmp(name, hn_model_task_name(tasks[i])) == 0)
            return tasks[i];
    return HN_TASK_NONE;
}

hn_dataset *hn_dataset_retain(const hn_dataset *dataset)
{
    hn_dataset *shared = (hn_dataset *)dataset; /* its count is all that changes */
    atomic_fetch_add(&shared->sharers, 1);
    return shared;
}

void hn_dataset_destroy(hn_dataset *dataset)
{
    if (!dataset || atomic_fetch_sub(&dataset->sharers, 1) > 0)
        return;
    if (dataset->mapping)
        hn_shared_memory_unmap(dataset->mapping, dataset->mapping_size);
    hn_free(dataset->values);
    hn_free(dataset->sample_values);
    hn_arena_release(&dataset->arena);
    hn_free(dataset);
}

/* Finds the classes of a numeric target and replaces its values by their indices. */
static hone_status index_classes(hn_dataset *set, double *target, hone_error *err)
{
    double *distinct = HN_ARENA_NEW(&set->arena, double, set->n_rows);
    if (!distinct)
        return hn_out_of_memory(err);
    memcpy(distinct, target, set->n_rows * sizeof *distinct);
    size_t n = hn_distinct_values(distinct, set->n_rows);
    const char **names = NULL;
    hone_status status = hn_classes_from_numbers(&set->arena, distinct, n, target, set->n_rows, &names, err);
    if (status)
        return status;
    set->classes = names;
    set->n_classes = n;
    if (n == 1)
        return hn_fail(err, HONE_INVALID, "the target has one class only; classification needs two");
    return HONE_OK;
}

static hone_status fill_target(hn_dataset *set, const double *y, hn_model_task task, hone_error *err)
{
    double *target = set->values + set->n_columns * set->n_rows;
    for (size_t row = 0; row < set->n_rows; row++) {
        if (isnan(y[row]))
            return hn_fail(err, HONE_INVALID, "the target of row %zu is NaN; remove such rows", row);
        target[row] = y[row];
    }
    set->target = target;
    set->target_name = "target";
    set->task = task;
    return task == HN_TASK_CLASSIFICATION ? index_classes(set, target, err) : HONE_OK;
}

size_t hn_first_wrong_weight(const double *weight, size_t n, double *total)
{
    *total = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(weight[i] >= 0) || isinf(weight[i]))
            return i;
        *total += weight[i];
    }
    return n;
}

static hone_status fill_weight(hn_dataset *set, const double *weight, hone_error *err)
{
    double total, *values = set->values + (set->n_columns + 1) * set->n_rows;
    hn_column *column = HN_ARENA_NEW(&set->arena, hn_column, 1);
    size_t wrong = hn_first_wrong_weight(weight, set->n_rows, &total);
    if (!column)
        return hn_out_of_memory(err);
    if (wrong < set->n_rows)
        return hn_fail(err, HONE_INVALID, "the weight of row %zu is negative or not finite", wrong);
    if (!(total > 0))
        return hn_fail(err, HONE_INVALID, "all %zu weights are 0", set->n_rows);
    memcpy(values, weight, set->n_rows * sizeof *values);
    *column = (hn_column){.name = "weight", .kind = HN_COLUMN_NUMERIC, .values = values};
    set->weight = column;
    return HONE_OK;
}

static hone_status fill_columns(hn_dataset *set, const double *x, hone_error *err)
{
    size_t n = set->n_rows, d = set->n_columns;
    for (size_t j = 0; j < d; j++) {
        double *values = set->values + j * n;
        hn_column *column = &set->columns[j];
        *column = (hn_column){
            .name = hn_arena_printf(&set->arena, "x%zu", j), .kind = HN_COLUMN_NUMERIC, .values = values};
        if (!column->name)
            return hn_out_of_memory(err);
        for (size_t row = 0; row < n; row++) {
            values[row] = x[row * d + j];
            column->n_missing += isnan(values[row]) != 0;
            if (isinf(values[row]))
                return hn_fail(err, HONE_INVALID, "row %zu, column %zu is infinite", row, j);
        }
    }
    return HONE_OK;
}

hone_status hn_dataset_from_arrays(const double *x, size_t n, size_t d, const double *y, const double *weight,
                                   hn_model_task task, hn_dataset **dataset, hone_error *err)
{
    if (n == 0 || d == 0)
        return hn_fail(err, HONE_INVALID, "a dataset of %zu rows and %zu columns; both must be at least 1", n,
                       d);
    if (d > SIZE_MAX / n - 2)
        return hn_fail(err, HONE_LIMIT, "a dataset of %zu rows and %zu columns is too large", n, d);
    if (y && task != HN_TASK_CLASSIFICATION && task != HN_TASK_REGRESSION)
        return hn_fail(err, HONE_INVALID, "a target needs the task: classification or regression");
    hone_status status = HONE_OUT_OF_MEMORY;
    hn_dataset *set = hn_calloc(1, sizeof *set);
    if (!set)
        return hn_out_of_memory(err);
    set->source = "arrays";
    set->n_rows = n;
    set->n_columns = d;
    set->columns = HN_ARENA_NEW(&set->arena, hn_column, d);
    set->values = hn_aligned_array(n * (d + 1 + (weight != NULL)), sizeof *set->values);
    if (!set->columns || !set->values) {
        hn_out_of_memory(err);
        goto done;
    }
    set->task = task == HN_TASK_CLUSTERING ? task : HN_TASK_NONE;
    status = fill_columns(set, x, err);
    if (!status && y)
        status = fill_target(set, y, task, err);
    if (!status && weight)
        status = fill_weight(set, weight, err);
done:
    if (status)
        hn_dataset_destroy(set);
    else
        *dataset = set;
    return status;
}
