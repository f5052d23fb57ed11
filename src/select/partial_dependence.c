#include "select/partial_dependence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "math/random.h"
#include "math/statistics.h"

enum {
    BLOCK_ROWS = 4096, /* predicted at a time */
    USUAL_GRID = 20,
    USUAL_GRID_OF_TWO = 10,
    MOST_POINTS = 1000000,
    MOST_INDIVIDUAL = 100000000,
};
static const double first_quantile = 0.05, last_quantile = 0.95;

void hn_dependence_release(hn_dependence *result)
{
    for (size_t a = 0; a < HN_DEPENDENCE_MAX_COLUMNS; a++)
        hn_free(result->axes[a].values);
    hn_free(result->average);
    hn_free(result->individual_rows);
    hn_free(result->individual);
    *result = (hn_dependence){0};
}

/* --- columns and their values --- */

/* Names what is near, or what there is. */
static hone_status fail_unknown(const hn_schema *schema, const char *name, hone_error *err)
{
    enum { LISTED = 12 };
    const char *near = hn_nearest_name(name, schema->names, schema->n);
    if (near)
        return hn_fail(err, HONE_NOT_FOUND, "the model knows no column '%.60s' (did you mean '%s'?)", name,
                       near);
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; i < schema->n && i < LISTED; i++)
        hn_buffer_printf(&list, "%s%.60s", i ? ", " : "", schema->names[i]);
    hn_buffer_text(&list, schema->n > LISTED ? ", ..." : "");
    hone_status status =
        hn_fail(err, HONE_NOT_FOUND, "the model knows no column '%.60s'; it was fitted to %s", name,
                hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}

/* The raw column of that name among the model's, and the dataset's column for it. */
static hone_status find_column(const hn_estimator *e, const hn_dataset *dataset, const char *name, size_t *j,
                               const hn_column **column, hone_error *err)
{
    hn_schema schema = hn_preprocess_schema(e->preprocess);
    for (size_t i = 0; i < schema.n; i++)
        if (strcmp(schema.names[i], name) == 0) {
            *j = i;
            return hn_preprocess_match(e->preprocess, dataset, i, column, err);
        }
    if (e->target_name && strcmp(e->target_name, name) == 0)
        return hn_fail(err, HONE_NOT_FOUND, "%s is what the model predicts, no column it depends on", name);
    return fail_unknown(&schema, name, err);
}

/* values (n,) ascending, each once. */
static size_t drop_repeated(double *values, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!kept || values[i] != values[kept - 1])
            values[kept++] = values[i];
    return kept;
}

/* rows (n,): those of the average. */
static hone_status choose_values(const hn_column *column, const size_t *rows, size_t n, size_t grid,
                                 hn_dependence_axis *axis, hone_error *err)
{
    double *known = hn_calloc(n, sizeof *known), *quantiles = hn_calloc(grid, sizeof *quantiles);
    size_t count = 0;
    if (!known || !quantiles) {
        hn_free(known);
        hn_free(quantiles);
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++)
        if (!isnan(column->values[rows[i]]))
            known[count++] = column->values[rows[i]];
    for (size_t g = 0; count && g < grid; g++) {
        double share = grid > 1 ? (double)g / (double)(grid - 1) : 0.5;
        quantiles[g] = hn_quantile(known, count, first_quantile + share * (last_quantile - first_quantile));
    }
    hn_sort_doubles(known, count);
    size_t distinct = drop_repeated(known, count);
    bool all = column->kind == HN_COLUMN_CATEGORICAL || distinct <= grid;
    axis->values = all ? known : quantiles;
    axis->n = all ? distinct : drop_repeated(quantiles, grid);
    hn_free(all ? quantiles : known);
    return count ? HONE_OK : hn_fail(err, HONE_INVALID, "column %s has no value in these rows", column->name);
}

/* --- the run --- */

typedef struct scratch {
    size_t *from;    /* (BLOCK_ROWS,) */
    double *x;       /* (BLOCK_ROWS, width) */
    double *outputs; /* (BLOCK_ROWS, n_outputs) */
} scratch;

typedef struct run {
    const hn_estimator *estimator;
    const hn_dataset *dataset;
    const hn_dependence_options *options;
    hn_dependence *result;
    size_t n, width;
    size_t *rows;                                /* (n,) of the dataset, ascending */
    size_t *picked;                              /* (n_individual,): positions among rows, ascending */
    double *x;                                   /* (n, width) */
    size_t columns[HN_DEPENDENCE_MAX_COLUMNS];   /* raw columns of the model */
    hn_column values[HN_DEPENDENCE_MAX_COLUMNS]; /* row g is value g of the axis */
    scratch *scratch;                            /* (threads,) */
    hone_status *statuses;                       /* (n_points,) */
    hone_error *errors;                          /* (threads,) */
} run;

/* outputs (count, n_outputs). */
static hone_status predict_block(const run *r, scratch *s, size_t count, hone_error *err)
{
    const hn_estimator *e = r->estimator;
    size_t k = r->result->n_outputs;
    if (e->n_classes && !r->result->shares)
        return hn_estimator_predict_proba_encoded(e, s->x, count, s->outputs, err);
    hone_status status = hn_estimator_predict_encoded(e, s->x, count, s->outputs, err);
    for (size_t i = count; !status && r->result->shares && i-- > 0;) {
        size_t said = (size_t)s->outputs[i]; /* in place: row i ends where no earlier row is still needed */
        for (size_t c = 0; c < k; c++)
            s->outputs[i * k + c] = c == said;
    }
    return status;
}

/* The block's rows with the point's values. */
static hone_status fill_block(const run *r, scratch *s, size_t point, size_t begin, size_t count,
                              hone_error *err)
{
    hone_status status = HONE_OK;
    memcpy(s->x, r->x + begin * r->width, count * r->width * sizeof *s->x);
    for (size_t a = r->result->n_columns; !status && a-- > 0;) {
        size_t value = point % r->result->axes[a].n;
        point /= r->result->axes[a].n;
        for (size_t i = 0; i < count; i++)
            s->from[i] = value;
        status = hn_preprocess_apply_column(r->estimator->preprocess, r->columns[a], &r->values[a], s->from,
                                            count, s->x, err);
    }
    return status;
}

static hone_status average_point(const run *r, scratch *s, size_t point, hone_error *err)
{
    hn_dependence *result = r->result;
    size_t k = result->n_outputs, at = 0;
    double *average = result->average + point * k;
    hone_status status = HONE_OK;
    for (size_t begin = 0; !status && begin < r->n; begin += BLOCK_ROWS) {
        size_t count = r->n - begin < BLOCK_ROWS ? r->n - begin : BLOCK_ROWS;
        status = fill_block(r, s, point, begin, count, err);
        if (!status)
            status = predict_block(r, s, count, err);
        for (size_t i = 0; !status && i < count * k; i++)
            average[i % k] += s->outputs[i];
        for (; !status && at < result->n_individual && r->picked[at] < begin + count; at++)
            memcpy(result->individual + (at * result->n_points + point) * k,
                   s->outputs + (r->picked[at] - begin) * k, k * sizeof *s->outputs);
    }
    for (size_t c = 0; c < k; c++)
        average[c] /= (double)r->n;
    return status;
}

static void run_point(void *user, size_t index, size_t worker)
{
    run *r = user;
    r->statuses[index] = hn_cancelled(r->options->cancel)
                             ? hn_fail(&r->errors[worker], HONE_CANCELLED, "cancelled")
                             : average_point(r, &r->scratch[worker], index, &r->errors[worker]);
}

static hone_status run_all(run *r, hn_thread_pool *pool, hone_error *err)
{
    size_t threads = pool ? hn_thread_pool_size(pool) : 1, n = r->result->n_points;
    hone_status status = HONE_OK;
    r->scratch = hn_calloc(threads, sizeof *r->scratch);
    r->errors = hn_calloc(threads, sizeof *r->errors);
    r->statuses = hn_calloc(n, sizeof *r->statuses);
    if (!r->scratch || !r->errors || !r->statuses)
        return hn_out_of_memory(err);
    for (size_t t = 0; t < threads; t++) {
        scratch *s = &r->scratch[t];
        s->from = hn_calloc(BLOCK_ROWS, sizeof *s->from);
        s->x = hn_aligned_array(BLOCK_ROWS * r->width, sizeof *s->x);
        s->outputs = hn_aligned_array(BLOCK_ROWS * r->result->n_outputs, sizeof *s->outputs);
        if (!s->from || !s->x || !s->outputs)
            status = hn_out_of_memory(err);
    }
    if (!status)
        hn_thread_pool_run(pool, n, run_point, r);
    for (size_t p = 0; !status && p < n; p++)
        status = r->statuses[p];
    for (size_t t = 0; t < threads; t++) {
        if (status && err && r->errors[t].status == status)
            *err = r->errors[t];
        hn_free(r->scratch[t].from);
        hn_free(r->scratch[t].x);
        hn_free(r->scratch[t].outputs);
    }
    return status;
}

/* --- what it runs over --- */

static int compare_sizes(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return *left < *right ? -1 : *left > *right;
}

/* Draws the rows of the average, and among them those whose own curves are kept. */
static hone_status draw_rows(run *r, const size_t *rows, size_t n, hone_error *err)
{
    const hn_dependence_options *o = r->options;
    hn_random random = hn_random_stream(o->seed, 0, HN_PURPOSE_SHUFFLE);
    size_t *order = hn_calloc(n, sizeof *order);
    r->n = o->max_rows && o->max_rows < n ? o->max_rows : n;
    r->result->n_rows = r->n;
    r->result->n_individual = o->individual < r->n ? o->individual : r->n;
    r->rows = hn_calloc(r->n, sizeof *r->rows);
    r->picked = hn_calloc(r->result->n_individual, sizeof *r->picked);
    r->result->individual_rows = hn_calloc(r->result->n_individual, sizeof *r->picked);
    hone_status status = HONE_OK;
    if (!order || !r->rows || !r->picked || !r->result->individual_rows) {
        status = hn_out_of_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    hn_random_shuffle(&random, order, n);
    qsort(order, r->n, sizeof *order, compare_sizes);
    for (size_t i = 0; i < r->n; i++) {
        r->rows[i] = rows ? rows[order[i]] : order[i];
        order[i] = i;
    }
    hn_random_shuffle(&random, order, r->n);
    qsort(order, r->result->n_individual, sizeof *order, compare_sizes);
    for (size_t i = 0; i < r->result->n_individual; i++) {
        r->picked[i] = order[i];
        r->result->individual_rows[i] = r->rows[order[i]];
    }
done:
    hn_free(order);
    return status;
}

static hone_status make_axes(run *r, hone_error *err)
{
    const hn_dependence_options *o = r->options;
    hn_dependence *result = r->result;
    hone_status status = HONE_OK;
    size_t usual = o->n_columns == 1 ? USUAL_GRID : USUAL_GRID_OF_TWO;
    result->n_columns = o->n_columns;
    result->n_points = 1;
    for (size_t a = 0; !status && a < o->n_columns; a++) {
        hn_dependence_axis *axis = &result->axes[a];
        const hn_column *column = NULL;
        status = find_column(r->estimator, r->dataset, o->columns[a], &r->columns[a], &column, err);
        if (!status)
            status = choose_values(column, r->rows, r->n, o->grid ? o->grid : usual, axis, err);
        if (status)
            break;
        axis->name = hn_preprocess_schema(r->estimator->preprocess).names[r->columns[a]];
        axis->kind = column->kind;
        axis->categories = column->categories;
        r->values[a] = *column;
        r->values[a].values = axis->values;
        result->n_points *= axis->n;
    }
    if (!status && o->n_columns == 2 && r->columns[0] == r->columns[1])
        status = hn_fail(err, HONE_INVALID, "the two columns are both %s", o->columns[0]);
    return status;
}

/* Whether a fitted model has probabilities may depend on its options: one row tells. */
static hone_status find_outputs(run *r, hone_error *err)
{
    const hn_estimator *e = r->estimator;
    hone_error ignored;
    r->result->n_outputs = e->n_classes ? e->n_classes : 1;
    if (!e->n_classes)
        return HONE_OK;
    double *proba = hn_calloc(e->n_classes, sizeof *proba);
    hone_status status = proba ? hn_estimator_predict_proba_encoded(e, r->x, 1, proba, err ? err : &ignored)
                               : hn_out_of_memory(err);
    hn_free(proba);
    r->result->shares = status == HONE_UNSUPPORTED;
    return r->result->shares ? HONE_OK : status;
}

static hone_status encode_rows(run *r, hone_error *err)
{
    const hn_preprocess *fitted = r->estimator->preprocess;
    r->width = hn_preprocess_width(fitted);
    r->x =
        r->width <= SIZE_MAX / sizeof(double) / r->n ? hn_aligned_array(r->n * r->width, sizeof *r->x) : NULL;
    return r->x ? hn_preprocess_apply(fitted, r->dataset, r->rows, r->n, r->x, err) : hn_out_of_memory(err);
}

static hone_status make_room(run *r, hone_error *err)
{
    hn_dependence *result = r->result;
    if (result->n_points > MOST_POINTS)
        return hn_fail(err, HONE_LIMIT, "%zu points are more than %d: use a smaller grid", result->n_points,
                       MOST_POINTS);
    size_t each = result->n_points * result->n_outputs;
    if (result->n_individual > MOST_INDIVIDUAL / each)
        return hn_fail(err, HONE_LIMIT, "%zu curves of %zu points are too many: keep fewer rows",
                       result->n_individual, result->n_points);
    result->average = hn_calloc(each, sizeof *result->average);
    result->individual = hn_calloc(result->n_individual * each, sizeof *result->individual);
    return result->average && result->individual ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_dependence_run(const hn_estimator *estimator, const hn_dataset *dataset, const size_t *rows,
                              size_t n, const hn_dependence_options *options, hn_thread_pool *pool,
                              hn_dependence *result, hone_error *err)
{
    hn_dependence made = {0};
    run r = {.estimator = estimator, .dataset = dataset, .options = options, .result = &made};
    if (options->n_columns < 1 || options->n_columns > HN_DEPENDENCE_MAX_COLUMNS)
        return hn_fail(err, HONE_INVALID, "partial dependence is of one or two columns, here are %zu",
                       options->n_columns);
    if (estimator->task == HN_TASK_CLUSTERING)
        return hn_fail(err, HONE_UNSUPPORTED, "partial dependence is of classes and values, not of clusters");
    hone_status status = draw_rows(&r, rows, rows ? n : dataset->n_rows, err);
    if (!status)
        status = make_axes(&r, err);
    if (!status)
        status = encode_rows(&r, err);
    if (!status)
        status = find_outputs(&r, err);
    if (!status)
        status = make_room(&r, err);
    if (!status)
        status = run_all(&r, pool, err);
    hn_free(r.rows);
    hn_free(r.picked);
    hn_free(r.x);
    hn_free(r.scratch);
    hn_free(r.errors);
    hn_free(r.statuses);
    if (status)
        hn_dependence_release(&made);
    else
        *result = made;
    return status;
}
