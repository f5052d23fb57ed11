/* surrogate/ensemble.h: a random forest as a model of an objective: at a point the trees' mean, and as
 * variance how much they differ plus what each leaf does not explain (the law of total variance; Hutter, Xu,
 * Hoos & Leyton-Brown 2014). A cut lies anywhere between the two values that it parts, drawn for each tree,
 * so that the trees differ there too and the mean changes gradually.
 *
 * The same rows, plan and seed give the same ensemble. Immutable once fitted; read by any number of threads.
 */
#ifndef HN_SURROGATE_ENSEMBLE_H
#define HN_SURROGATE_ENSEMBLE_H

#include "forest/forest.h"

typedef struct hn_ensemble_plan {
    size_t n_trees;
    size_t min_split, min_leaf; /* rows: at least 2 and 1 */
    size_t max_depth;           /* SIZE_MAX: none */
    double feature_share;       /* of the columns looked at per node, in (0, 1] */
    bool bootstrap;             /* each tree on n rows drawn with replacement */
    uint64_t seed;
    const volatile int *cancel; /* may be NULL */
    hn_thread_pool *pool;       /* threads over trees while they grow; NULL: none */
} hn_ensemble_plan;

typedef struct hn_ensemble {
    hn_forest forest;
    double **spread; /* (n_trees,) of (nodes,): in leaves the mean squared distance of all rows there from its
                      * value
                      */
} hn_ensemble;

/* x: (n, d) row-major, y: (n,), both finite, n and d > 0. Release with hn_ensemble_release; left as it was on
 * failure. O(trees n d log n). */
hone_status hn_ensemble_fit(const double *x, const double *y, size_t n, size_t d,
                            const hn_ensemble_plan *plan, hn_ensemble *ensemble, hone_error *err);
void hn_ensemble_release(hn_ensemble *ensemble); /* of zeros: nothing */
/* For x (m, d): mean and variance (m,); at: (m,) scratch. O(trees m depth). */
void hn_ensemble_predict(const hn_ensemble *ensemble, const double *x, size_t m, uint32_t *at, double *mean,
                         double *variance);

#endif
