/* xgboost_matrix.c: the matrices that XGBoost learns from, made from the rows of a table a block at a time.
 *
 * The exact method wants a matrix of floats. Histograms want a byte for each number, which the library makes
 * from blocks that it asks for: it reads them twice, once for the quantiles. It is then 1.3 matrices of
 * doubles in place of 2.3 (150 000 x 50).
 */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "model/xgboost_matrix.h"

enum { BLOCK_ROWS = 256, BATCH_ROWS = 4096 };

/* What the library is given. It takes floats. */
typedef struct float_rows {
    float *x, *y, *weight; /* (n, d), (n,), (n,) or NULL */
    size_t n;
} float_rows;

static void release_rows(float_rows *rows)
{
    hn_free(rows->x);
    hn_free(rows->y);
    hn_free(rows->weight);
}

/* Room for n rows. */
static hone_status make_rows(const hn_xgboost_source *s, size_t n, float_rows *rows)
{
    const hn_design *t = s->train;
    *rows = (float_rows){hn_aligned_array(n, t->d * sizeof *rows->x), hn_aligned_array(n, sizeof *rows->y),
                         t->weight ? hn_aligned_array(n, sizeof *rows->weight) : NULL, 0};
    if (rows->x && rows->y && (rows->weight || !t->weight))
        return HONE_OK;
    release_rows(rows);
    *rows = (float_rows){0};
    return hn_out_of_memory(s->err);
}

/* Row i of the design, whose values are x (d,). */
static hone_status add_row(const hn_xgboost_source *s, size_t i, const double *x, float_rows *rows)
{
    const hn_design *t = s->train;
    float *out = rows->x + rows->n * t->d;
    for (size_t j = 0; j < t->d; j++) {
        if (fabs(x[j]) > (double)FLT_MAX)
            return hn_fail(s->err, HONE_INVALID,
                           "row %zu, column %zu is larger than 3.4e38, the largest XGBoost takes: scale it",
                           i, j);
        out[j] = (float)x[j];
    }
    if (fabs(t->y[i]) > (double)FLT_MAX)
        return hn_fail(s->err, HONE_INVALID,
                       "the target of row %zu is larger than 3.4e38, the largest XGBoost takes: scale it", i);
    rows->y[rows->n] = (float)t->y[i];
    if (rows->weight)
        rows->weight[rows->n] = (float)t->weight[i];
    rows->n++;
    return HONE_OK;
}

/* Adds those of rows *from ... that belong to the matrix, from the table a block at a time, until the design
 * or the room (rows) is used up; *from is then where to go on. */
static hone_status read_rows(const hn_xgboost_source *s, size_t room, size_t *from, float_rows *rows)
{
    const hn_design *t = s->train;
    double *block = hn_aligned_array(BLOCK_ROWS, t->d * sizeof *block);
    hone_status status = block ? HONE_OK : hn_out_of_memory(s->err);
    while (!status && *from < t->n && rows->n < room) {
        size_t n = t->n - *from < BLOCK_ROWS ? t->n - *from : BLOCK_ROWS, i = 0;
        status = hn_design_rows(t, *from, n, block, s->err);
        for (; !status && i < n && rows->n < room; i++)
            if (s->aside[*from + i] == s->of_aside)
                status = add_row(s, *from + i, block + i * t->d, rows);
        *from += i;
    }
    hn_free(block);
    return status;
}

static hone_status check_call(const hn_xgboost_source *s, int result)
{
    return result ? hn_xgboost_fail(s->library, s->err) : HONE_OK;
}

static hone_status set_targets(const hn_xgboost_source *s, void *matrix, const float_rows *rows)
{
    hone_status status = check_call(s, s->library->matrix_set_floats(matrix, "label", rows->y, rows->n));
    if (!status && rows->weight)
        status = check_call(s, s->library->matrix_set_floats(matrix, "weight", rows->weight, rows->n));
    return status;
}

/* --- floats --- */

hone_status hn_xgboost_floats(const hn_xgboost_source *source, size_t n, void **matrix)
{
    float_rows rows;
    size_t from = 0;
    hone_status status = make_rows(source, n, &rows);
    if (!status)
        status = read_rows(source, n, &from, &rows);
    if (!status)
        status =
            check_call(source, source->library->matrix_create(rows.x, rows.n, source->train->d, NAN, matrix));
    if (!status)
        status = set_targets(source, *matrix, &rows);
    release_rows(&rows);
    return status;
}

/* --- bins --- */

/* The library's reading: batch after batch, from the start again as often as it likes. */
typedef struct batches {
    const hn_xgboost_source *source;
    float_rows rows; /* the batch */
    size_t from;     /* of the design */
    void *proxy;     /* stands for the batch */
    hone_status status;
} batches;

static void restart(void *user)
{
    ((batches *)user)->from = 0;
}

/* 1: there was a further batch. */
static int next_batch(void *user)
{
    batches *b = user;
    const hn_xgboost *library = b->source->library;
    char text[160];
    b->rows.n = 0;
    if (!b->status)
        b->status = read_rows(b->source, BATCH_ROWS, &b->from, &b->rows);
    if (b->status || !b->rows.n)
        return 0;
    snprintf(text, sizeof text,
             "{\"data\": [%llu, true], \"shape\": [%zu, %zu], \"typestr\": \"<f4\", \"version\": 3}",
             (unsigned long long)(uintptr_t)b->rows.x, b->rows.n, b->source->train->d);
    b->status = check_call(b->source, library->proxy_set_dense(b->proxy, text));
    if (!b->status)
        b->status = set_targets(b->source, b->proxy, &b->rows);
    return !b->status;
}

hone_status hn_xgboost_bins(const hn_xgboost_source *source, size_t n, void **matrix)
{
    const hn_xgboost *library = source->library;
    batches b = {.source = source};
    void *made = NULL;
    hone_status status = make_rows(source, n < BATCH_ROWS ? n : BATCH_ROWS, &b.rows);
    if (!status)
        status = check_call(source, library->proxy_create(&b.proxy));
    if (!status) {
        status = check_call(source, library->bins_create(&b, b.proxy, NULL, restart, next_batch,
                                                         "{\"missing\": NaN, \"nthread\": 1}", &made));
        status = b.status ? b.status : status; /* what stopped the reading says more */
    }
    if (!status)
        *matrix = made;
    else if (made)
        library->matrix_free(made);
    if (b.proxy)
        library->matrix_free(b.proxy);
    release_rows(&b.rows);
    return status;
}
