#include "select/subsample.h"

#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "math/statistics.h"

/* order (n_train,): training rows by when they come into a sample. The j-th of a class of n has the key j /
 * n, after a shuffle: each beginning of the order holds all classes in their shares, the first of each first.
 */
static hone_status draw_order(const hn_validation *v, const hn_fold *fold, size_t index, size_t *order,
                              hone_error *err)
{
    size_t n = fold->n_train, classes = v->dataset->n_classes ? v->dataset->n_classes : 1;
    bool classified = v->dataset->n_classes > 0;
    hn_random random = hn_random_stream(v->options.seed, index, HN_PURPOSE_SUBSAMPLE);
    size_t *shuffled = hn_calloc(n, sizeof *shuffled), *count = hn_calloc(2 * classes, sizeof *count);
    double *key = hn_calloc(n, sizeof *key);
    hone_status status = shuffled && count && key ? HONE_OK : hn_out_of_memory(err);
    if (status)
        goto done;
    size_t *seen = count + classes;
    for (size_t i = 0; i < n; i++) {
        shuffled[i] = i;
        count[classified ? (size_t)fold->y[i] : 0]++;
    }
    hn_random_shuffle(&random, shuffled, n);
    for (size_t i = 0; i < n; i++) {
        size_t c = classified ? (size_t)fold->y[shuffled[i]] : 0;
        key[i] = (double)seen[c]++ / (double)count[c];
    }
    hn_argsort(key, n, order);
    for (size_t i = 0; i < n; i++)
        order[i] = shuffled[order[i]];
done:
    hn_free(shuffled);
    hn_free(count);
    hn_free(key);
    return status;
}

/* Row `from` of the fold becomes row `to` of its part. */
static void copy_row(const hn_fold *fold, size_t from, hn_fold *part, size_t to)
{
    if (fold->x)
        memcpy(part->x + to * part->width, fold->x + from * fold->width, fold->width * sizeof *part->x);
    else
        part->rows[to] = fold->rows[from];
    part->y[to] = fold->y[from];
    part->order[to] = fold->order[from];
    part->shared_rows[to] = fold->shared_rows[from];
    if (part->weight)
        part->weight[to] = fold->weight[from];
}

/* Samples keep the order of the rows. */
static void fill(const hn_fold *fold, const bool *taken, hn_fold *part)
{
    size_t to = 0;
    for (size_t i = 0; i < fold->n_train + fold->n_test; i++)
        if (i >= fold->n_train || taken[i])
            copy_row(fold, i, part, to++);
}

hone_status hn_fold_sample(const hn_validation *v, const hn_fold *fold, size_t index, size_t rows,
                           hn_fold *part, hone_error *err)
{
    rows = rows < fold->n_train ? rows : fold->n_train;
    size_t n = rows + fold->n_test;
    *part = (hn_fold){.n_train = rows,
                      .n_test = fold->n_test,
                      .width = fold->width,
                      .common = fold->shared ? fold->shared : fold->common,
                      .sampled = true};
    size_t *order = hn_calloc(fold->n_train, sizeof *order);
    bool *taken = hn_calloc(fold->n_train, sizeof *taken);
    if (fold->x)
        part->x = hn_aligned_array(n * fold->width, sizeof *part->x); /* no larger than the fold's */
    else
        part->rows = hn_calloc(n, sizeof *part->rows);
    part->samples = fold->samples;
    part->samples.rows = part->rows;
    part->y = hn_calloc(n, sizeof *part->y);
    part->order = hn_calloc(n, sizeof *part->order);
    part->shared_rows = hn_calloc(n, sizeof *part->shared_rows);
    part->weight = fold->weight ? hn_calloc(n, sizeof *part->weight) : NULL;
    bool made = order && taken && (part->x || part->rows) && part->y && part->order && part->shared_rows &&
                (part->weight || !fold->weight);
    hone_status status = made ? draw_order(v, fold, index, order, err) : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < rows; i++)
        taken[order[i]] = true;
    if (!status)
        fill(fold, taken, part);
    if (!status && fold->source)
        status = hn_row_source_open(fold->fitted, v->dataset, part->rows, &part->source, err);
    hn_free(order);
    hn_free(taken);
    return status;
}
