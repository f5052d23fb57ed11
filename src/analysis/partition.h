/* analysis/partition.h: a tree over the unit cube as the boxes on which it is constant, and its exact
 * marginals: what it is worth at a place in one or two columns, averaged over all others. */
#ifndef HN_ANALYSIS_PARTITION_H
#define HN_ANALYSIS_PARTITION_H

#include <stdbool.h>

#include "base/arena.h"
#include "forest/tree.h"

/* Column j is cut into cells by the tree's thresholds there: cell c holds what is above edges[c] and at most
 * edges[c + 1]. */
typedef struct hn_partition {
    size_t d, n_leaves;
    double **edges;         /* (d,) of (n_cells[j] + 1,): 0, thresholds, 1 */
    size_t *n_cells;        /* (d,) */
    uint32_t *first, *past; /* (n_leaves, d): a leaf spans cells first .. past - 1 */
    double *value, *volume; /* (n_leaves,): value less the mean */
    double mean, variance;  /* over the cube */
} hn_partition;

/* tree: one output, grown on columns (d,) in [0, 1]. values: NULL, or (d,): of how many values a column is
 * the middles of equal cells, 0 of any: a threshold then counts as the end of a cell. False when memory is
 * out. */
bool hn_partition_make(const hn_tree *tree, size_t d, const size_t *values, hn_arena *arena,
                       hn_partition *partition);

/* The cell of column j that a coordinate falls into. */
size_t hn_partition_cell(const hn_partition *partition, size_t j, double unit);

/* Means over all columns but j, less the mean over the cube: marginal (n_cells[j] + 1,), the last unused.
 * O(leaves + cells). */
void hn_partition_marginal(const hn_partition *partition, size_t j, double *marginal);

/* Cells of one column that are looked at. */
typedef struct hn_cells {
    size_t column, n;     /* how many */
    const uint32_t *rank; /* (n_cells + 1,): how many of them lie before a cell; NULL: all are looked at */
} hn_cells;

/* The same of two columns: marginal (a.n + 1, b.n + 1), the last of both unused. O(leaves + its size). */
void hn_partition_marginals(const hn_partition *partition, hn_cells a, hn_cells b, double *marginal);

#endif
