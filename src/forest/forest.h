/* forest/forest.h: trees whose mean predicts (random forests, Breiman 2001; extremely randomised trees,
 * Geurts et al. 2006). Tree t depends on (seed, t) only: a forest of fewer trees is a prefix, and any number
 * of threads grows the same one.
 */
#ifndef HN_FOREST_FOREST_H
#define HN_FOREST_FOREST_H

#include "base/thread_pool.h"
#include "forest/tree.h"

/* Rows to learn from, of columns made once for these or more rows. */
typedef struct hn_forest_data {
    const hn_columns *columns;
    const size_t *rows;   /* (n,): indices into the columns; NULL: all, in order */
    const double *y;      /* (n,): class index or value */
    const double *weight; /* (n,) at least 0, or NULL */
    size_t n;
} hn_forest_data;

typedef struct hn_forest_plan {
    hn_tree_rules rules;
    bool bootstrap; /* each tree on n rows drawn with replacement; otherwise on all */
    uint64_t seed;
    const volatile int *cancel; /* may be NULL */
    hn_thread_pool *pool;       /* threads over trees; NULL: none */
} hn_forest_plan;

typedef struct hn_forest {
    size_t d, outputs, n_trees;
    hn_tree *trees; /* (n_trees,) */
} hn_forest;

/* Adds trees until there are n_trees. The forest, zeroed before the first call, must be of the same data and
 * plan (other limits are of no use: the trees there are stay as they are). Left as it was on failure. */
hone_status hn_forest_grow(const hn_forest_data *data, const hn_forest_plan *plan, size_t n_trees,
                           hn_forest *forest, hone_error *err);
void hn_forest_release(hn_forest *forest);
/* What growing under these limits would have made, as trees of its own: free with hn_forest_release. */
hone_status hn_forest_cut(const hn_forest *forest, hn_tree_limits limits, hn_forest *cut, hone_error *err);
/* Moves the trees of `more`, of the same columns and outputs, behind those of forest; more is empty then. */
hone_status hn_forest_append(hn_forest *forest, hn_forest *more, hone_error *err);
size_t hn_forest_bytes(const hn_forest *forest);

/* Mean of the first n_trees cut short by limits, for x (n, d); out: (n, outputs). */
void hn_forest_predict(const hn_forest *forest, size_t n_trees, hn_tree_limits limits, const double *x,
                       size_t n, double *out);
/* Mean over the trees (cut short by limits) that did not see the row. x: (n, d), the rows that bootstrap
 * samples were drawn of under this seed. out: (n, outputs), NaN where every tree saw the row. */
hone_status hn_forest_out_of_bag(const hn_forest *forest, hn_tree_limits limits, uint64_t seed,
                                 const double *x, size_t n, double *out, hone_error *err);
/* Mean decrease of impurity; equal_trees: every tree that has a cut counts the same, however much its cuts
 * gained. out: (d,), sums to 1, or all 0 when no tree has a cut. */
hone_status hn_forest_importance(const hn_forest *forest, size_t n_trees, hn_tree_limits limits,
                                 bool equal_trees, double *out, hone_error *err);

#endif
