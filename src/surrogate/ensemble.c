#include "surrogate/ensemble.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/hash.h"

static const hn_tree_limits whole = {SIZE_MAX, 2};

/* --- fitting --- */

/* The values of a node's column next to its cut, over all rows that come by. */
typedef struct cut_gap {
    double below, above;
} cut_gap;

/* Walks every row down the tree; at[i]: the leaf of row i. */
static void measure_gaps(const hn_tree *tree, const double *x, size_t n, size_t d, cut_gap *gaps,
                         uint32_t *at)
{
    for (size_t k = 0; k < tree->n_nodes; k++)
        gaps[k] = (cut_gap){-INFINITY, INFINITY};
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (tree->nodes[k].feature >= 0) {
            const hn_tree_node *node = &tree->nodes[k];
            double value = x[i * d + (size_t)node->feature];
            if (value <= node->threshold) {
                gaps[k].below = fmax(gaps[k].below, value);
                k++;
            } else {
                gaps[k].above = fmin(gaps[k].above, value);
                k = node->right;
            }
        }
        at[i] = (uint32_t)k;
    }
}

/* Moves each cut within its gap, so that no row changes sides. */
static void move_cuts(hn_tree *tree, uint64_t key, const cut_gap *gaps)
{
    for (size_t k = 0; k < tree->n_nodes; k++) {
        if (tree->nodes[k].feature < 0)
            continue;
        double share = (double)(hn_hash64(key, k) >> 11) * 0x1p-53;
        double cut = gaps[k].below + share * (gaps[k].above - gaps[k].below);
        if (cut >= gaps[k].below && cut < gaps[k].above)
            tree->nodes[k].threshold = cut;
    }
}

/* spread: (nodes,), zeroed. */
static void measure_spread(const hn_tree *tree, const double *y, const uint32_t *at, size_t n,
                           uint32_t *counts, double *spread)
{
    memset(counts, 0, tree->n_nodes * sizeof *counts);
    for (size_t i = 0; i < n; i++) {
        double rest = y[i] - tree->values[at[i]];
        counts[at[i]]++;
        spread[at[i]] += (rest * rest - spread[at[i]]) / counts[at[i]];
    }
}

static hone_status finish_trees(const double *x, const double *y, size_t n, size_t d, uint64_t seed,
                                hn_ensemble *e, hone_error *err)
{
    size_t most = 2 * n; /* nodes of a tree whose leaves have a row each */
    cut_gap *gaps = hn_calloc(most, sizeof *gaps);
    uint32_t *at = hn_calloc(n, sizeof *at), *counts = hn_calloc(most, sizeof *counts);
    e->spread = hn_calloc(e->forest.n_trees, sizeof *e->spread);
    bool room = gaps && at && counts && e->spread;
    for (size_t t = 0; room && t < e->forest.n_trees; t++) {
        hn_tree *tree = &e->forest.trees[t];
        e->spread[t] = hn_calloc(tree->n_nodes, sizeof **e->spread);
        room = e->spread[t] != NULL;
        if (!room)
            break;
        measure_gaps(tree, x, n, d, gaps, at);
        move_cuts(tree, hn_hash64(seed, t), gaps);
        measure_spread(tree, y, at, n, counts, e->spread[t]);
    }
    hn_free(gaps);
    hn_free(at);
    hn_free(counts);
    return room ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_ensemble_fit(const double *x, const double *y, size_t n, size_t d,
                            const hn_ensemble_plan *plan, hn_ensemble *ensemble, hone_error *err)
{
    hn_ensemble made = {0};
    hn_columns *columns = NULL;
    hone_status status = hn_columns_create(x, n, d, &columns, err);
    if (status)
        return status;
    double looked_at = ceil(plan->feature_share * (double)d);
    const hn_forest_data data = {.columns = columns, .y = y, .n = n};
    const hn_forest_plan growth = {.rules = {.criterion = HN_CRITERION_SQUARED_ERROR,
                                             .limits = {plan->max_depth, plan->min_split},
                                             .min_leaf = plan->min_leaf,
                                             .max_features = (size_t)fmin(fmax(looked_at, 1), (double)d)},
                                   .bootstrap = plan->bootstrap,
                                   .seed = plan->seed,
                                   .cancel = plan->cancel,
                                   .pool = plan->pool};
    status = hn_forest_grow(&data, &growth, plan->n_trees, &made.forest, err);
    if (!status)
        status = finish_trees(x, y, n, d, plan->seed, &made, err);
    if (status)
        hn_ensemble_release(&made);
    else
        *ensemble = made;
    hn_columns_destroy(columns);
    return status;
}

void hn_ensemble_release(hn_ensemble *ensemble)
{
    for (size_t t = 0; ensemble->spread && t < ensemble->forest.n_trees; t++)
        hn_free(ensemble->spread[t]);
    hn_free(ensemble->spread);
    hn_forest_release(&ensemble->forest);
    *ensemble = (hn_ensemble){0};
}

/* --- predicting --- */

void hn_ensemble_predict(const hn_ensemble *ensemble, const double *x, size_t m, uint32_t *at, double *mean,
                         double *variance)
{
    const hn_forest *forest = &ensemble->forest;
    memset(mean, 0, m * sizeof *mean);
    memset(variance, 0, m * sizeof *variance);
    for (size_t t = 0; t < forest->n_trees; t++) {
        const hn_tree *tree = &forest->trees[t];
        hn_tree_find_rows(tree, x, m, forest->d, whole, at);
        /* Running mean, and running sum of squared distances from it (Welford 1962). */
        for (size_t i = 0; i < m; i++) {
            double value = tree->values[at[i]], gap = value - mean[i];
            mean[i] += gap / (double)(t + 1);
            variance[i] += gap * (value - mean[i]) + ensemble->spread[t][at[i]];
        }
    }
    for (size_t i = 0; i < m; i++)
        variance[i] /= (double)forest->n_trees;
}
