/* select/permutation.h: permutation importance: what a fitted model's score loses when one raw column is
 * shuffled over the rows, the others staying (Breiman 2001, section 10; defined as scikit-learn's
 * permutation_importance). Thread-safe.
 */
#ifndef HN_SELECT_PERMUTATION_H
#define HN_SELECT_PERMUTATION_H

#include "base/thread_pool.h"
#include "select/estimator.h"
#include "select/metric.h"

typedef struct hn_permutation_options {
    const char *metric;        /* NULL: hn_metric_default */
    const hn_own_metrics *own; /* which metric may name, too; outlives the result. NULL: none */
    size_t repeats;            /* shuffles of each column; 0 = 5 */
    uint64_t seed; /* shuffle r of every column is the same: columns are compared on equal terms */
    const volatile int *cancel; /* may be NULL */
} hn_permutation_options;

typedef struct hn_permutation {
    const hn_metric *metric;
    const char *weight; /* the column that weighs the rows, borrowed from the dataset; NULL: none */
    double score;       /* of the rows as they are */
    size_t n_rows, n_columns, n_repeats;
    const char *const
        *columns;             /* (n_columns,) those of the model, in its order; borrowed from the estimator */
    double *losses;           /* (n_columns, n_repeats): score - shuffled score; the negative of that for a
                                 metric to minimise, so that what matters is positive */
    double *mean, *deviation; /* (n_columns,) of losses; the deviation divides by n_repeats */
} hn_permutation;

/* rows (n,) of a dataset with a target; NULL: all. Columns and repeats run over pool (NULL: one after the
 * other) with the same result. Memory: the encoded rows once, and 4096 of them a thread. Errors: those of
 * hn_estimator_evaluate; HONE_INVALID when the metric is not defined on the rows; HONE_CANCELLED. Release
 * with hn_permutation_release. O(n_columns * repeats) predictions of all rows. */
hone_status hn_permutation_run(const hn_estimator *estimator, const hn_dataset *dataset, const size_t *rows,
                               size_t n, const hn_permutation_options *options, hn_thread_pool *pool,
                               hn_permutation *result, hone_error *err);
void hn_permutation_release(hn_permutation *result);

/* *score: that of the rows when row i has in raw column j the value of row order[i]; the metric's own
 * direction. metric NULL: the default. */
hone_status hn_permuted_score(const hn_estimator *estimator, const hn_dataset *dataset, size_t j,
                              const size_t *order, const char *metric, double *score, hone_error *err);

#endif
