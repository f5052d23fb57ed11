#include "app/model_rows.h"

#include <string.h>

#include "base/memory.h"
#include "select/split.h"

static hone_status hold_out(const hn_rows_options *options, const hn_dataset *set, hn_rows *rows,
                            hone_error *err)
{
    const double *y = set->task == HN_TASK_CLASSIFICATION ? set->target : NULL;
    bool *held = hn_calloc(set->n_rows, sizeof *held);
    hone_status status = held ? HONE_OK : hn_out_of_memory(err);
    if (!status && options->held_out > 0) {
        status = hn_hold_out(y, set->n_classes, set->n_rows, options->held_out, options->seed, held, err);
    }
    for (size_t i = 0; !status && i < set->n_rows; i++) {
        if (held[i]) {
            rows->out[rows->n_out++] = i;
        } else {
            rows->kept[rows->n_kept++] = i;
        }
    }
    hn_free(held);
    return status;
}

/* Keeps of rows->kept what trains in the outer fold. */
static hone_status take_fold(const hn_rows_options *options, const hn_dataset *set, hn_rows *rows,
                             hone_error *err)
{
    hn_split_options split = {
        .kind = options->split, .folds = options->outer, .shuffle = options->shuffle, .seed = options->seed};
    hn_splits splits = {0};
    size_t n_train, n_test, *order = hn_calloc(rows->n_kept, sizeof *order);
    hone_status status =
        order ? hn_splits_create(&split, set, rows->kept, rows->n_kept, &splits, err) : hn_out_of_memory(err);
    if (!status) {
        hn_splits_rows(&splits, options->outer_fold - 1, order, &n_train, &n_test);
        for (size_t i = 0; i < n_test; i++) {
            rows->out[i] = rows->kept[order[n_train + i]];
        }
        for (size_t i = 0; i < n_train; i++) { /* positions ascend: none is overwritten before it is read */
            rows->kept[i] = rows->kept[order[i]];
        }
        rows->n_kept = n_train;
        rows->n_out = n_test;
    }
    hn_splits_release(&splits);
    hn_free(order);
    return status ? hn_fail_within(err, status, "outer folds") : HONE_OK;
}

hone_status hn_rows_choose(const hn_rows_options *options, const hn_dataset *dataset, hn_rows *rows,
                           hone_error *err)
{
    *rows = (hn_rows){.kept = hn_calloc(dataset->n_rows, sizeof(size_t)),
                      .out = hn_calloc(dataset->n_rows, sizeof(size_t))};
    hone_status status =
        rows->kept && rows->out ? hold_out(options, dataset, rows, err) : hn_out_of_memory(err);
    return status || !options->outer_fold ? status : take_fold(options, dataset, rows, err);
}

void hn_rows_release(hn_rows *rows)
{
    hn_free(rows->kept);
    hn_free(rows->out);
    *rows = (hn_rows){0};
}
