#include "model/kept_rows.h"

#include <pthread.h>
#include <string.h>

#include "base/memory.h"

struct hn_kept_rows {
    size_t n, d;
    pthread_mutex_t lock;  /* of the two below: exactly one of them is there */
    double *x;             /* (n, d) */
    hn_row_source *source; /* its own */
};

static hn_kept_rows *new_rows(size_t n, size_t d)
{
    hn_kept_rows *rows = hn_calloc(1, sizeof *rows);
    if (rows) {
        rows->n = n;
        rows->d = d;
        pthread_mutex_init(&rows->lock, NULL);
    }
    return rows;
}

static double *new_matrix(size_t n, size_t d)
{
    return d && n > SIZE_MAX / d ? NULL : hn_aligned_array(n * d, sizeof(double));
}

hn_kept_rows *hn_kept_rows_new(size_t n, size_t d, double **x)
{
    hn_kept_rows *rows = new_rows(n, d);
    if (rows && !(*x = rows->x = new_matrix(n, d))) {
        hn_kept_rows_destroy(rows);
        return NULL;
    }
    return rows;
}

hone_status hn_kept_rows_of(const hn_design *design, hn_kept_rows **rows, hone_error *err)
{
    double *x = NULL;
    hn_kept_rows *kept =
        design->x ? hn_kept_rows_new(design->n, design->d, &x) : new_rows(design->n, design->d);
    if (!kept)
        return hn_out_of_memory(err);
    hone_status status = HONE_OK;
    if (x)
        memcpy(x, design->x, design->n * design->d * sizeof *x);
    else
        status = hn_row_source_keep(design->source, design->first, design->n, &kept->source, err);
    if (status)
        hn_kept_rows_destroy(kept);
    else
        *rows = kept;
    return status;
}

void hn_kept_rows_destroy(hn_kept_rows *rows)
{
    if (!rows)
        return;
    hn_row_source_close(rows->source);
    hn_free(rows->x);
    pthread_mutex_destroy(&rows->lock);
    hn_free(rows);
}

/* The matrix takes the place of the source. */
static hone_status make_matrix(hn_kept_rows *rows, hone_error *err)
{
    double *x = new_matrix(rows->n, rows->d);
    hone_status status = x ? hn_row_source_read(rows->source, 0, rows->n, x, err) : hn_out_of_memory(err);
    if (status) {
        hn_free(x);
        return status;
    }
    hn_row_source_close(rows->source);
    rows->source = NULL;
    rows->x = x;
    return HONE_OK;
}

hone_status hn_kept_rows_look(hn_kept_rows *rows, const double **x, hone_error *err)
{
    pthread_mutex_lock(&rows->lock);
    hone_status status = rows->x ? HONE_OK : make_matrix(rows, err);
    if (!status)
        *x = rows->x;
    pthread_mutex_unlock(&rows->lock);
    return status;
}
