/* select/partial_dependence.h: how a fitted model's prediction depends on one or two raw columns: every row
 * gets the same value there, the predictions are averaged over the rows (Friedman 2001, section 8.2; brute
 * force, defined as scikit-learn's partial_dependence(method="brute")). Thread-safe.
 */
#ifndef HN_SELECT_PARTIAL_DEPENDENCE_H
#define HN_SELECT_PARTIAL_DEPENDENCE_H

#include "base/thread_pool.h"
#include "select/estimator.h"

enum { HN_DEPENDENCE_MAX_COLUMNS = 2 };

typedef struct hn_dependence_options {
    size_t n_columns;                               /* 1 or 2 */
    const char *columns[HN_DEPENDENCE_MAX_COLUMNS]; /* names */
    size_t grid;       /* values of a numeric column; 0 = 20, of two columns 10 */
    size_t max_rows;   /* average over so many rows, drawn by seed; 0 = all */
    size_t individual; /* curves of single rows to keep, drawn by seed */
    uint64_t seed;
    const volatile int *cancel; /* may be NULL */
} hn_dependence_options;

/* One column and its values: every distinct one of the rows when there are at most `grid`, else quantiles
 * from 5 % to 95 %; the categories of the rows. */
typedef struct hn_dependence_axis {
    const char *name; /* borrowed from the estimator */
    hn_column_kind kind;
    size_t n;
    double *values;                /* (n,) ascending; the index of the category */
    const char *const *categories; /* of the dataset's column, borrowed */
} hn_dependence_axis;

typedef struct hn_dependence {
    size_t n_columns;
    hn_dependence_axis axes[HN_DEPENDENCE_MAX_COLUMNS];
    size_t n_points;  /* product of the axes' n; the last axis runs fastest */
    size_t n_outputs; /* classes, or 1 */
    bool shares;      /* the model has no probabilities: shares of the rows taken for each class */
    size_t n_rows;    /* averaged over */
    double *average;  /* (n_points, n_outputs) */
    size_t n_individual;
    size_t *individual_rows; /* (n_individual,) of the dataset, ascending */
    double *individual;      /* (n_individual, n_points, n_outputs) */
} hn_dependence;

/* rows (n,) of the dataset, NULL: all; no target is needed. Points run over pool (NULL: one after the other).
 * Errors: HONE_NOT_FOUND for a column that the model does not know, naming the nearest; HONE_INVALID for the
 * same column twice and one without any value; HONE_LIMIT above 1e6 points or 1e8 numbers of single rows;
 * HONE_CANCELLED. Release with hn_dependence_release; axes point into estimator and dataset. O(n_points)
 * predictions of the rows. */
hone_status hn_dependence_run(const hn_estimator *estimator, const hn_dataset *dataset, const size_t *rows,
                              size_t n, const hn_dependence_options *options, hn_thread_pool *pool,
                              hn_dependence *result, hone_error *err);
void hn_dependence_release(hn_dependence *result);

#endif
