#include "analysis/partition.h"

#include <math.h>
#include <string.h>

#include "math/statistics.h"

/* --- from a tree to boxes --- */

/* Where a threshold parts the values of column j: value i of n is at (i + 1/2) / n. */
static double edge_at(const size_t *values, size_t j, double threshold)
{
    if (!values || !values[j])
        return threshold;
    return floor(threshold * (double)values[j] + 0.5) / (double)values[j];
}

/* edges[j] := 0, the distinct thresholds of column j ascending, 1. */
static bool collect_edges(const hn_tree *tree, const size_t *values, hn_arena *arena, hn_partition *p)
{
    size_t *room = HN_ARENA_NEW(arena, size_t, p->d);
    p->edges = HN_ARENA_NEW(arena, double *, p->d);
    p->n_cells = HN_ARENA_NEW(arena, size_t, p->d);
    if (!room || !p->edges || !p->n_cells)
        return false;
    for (size_t k = 0; k < tree->n_nodes; k++)
        if (tree->nodes[k].feature >= 0)
            room[tree->nodes[k].feature]++;
    for (size_t j = 0; j < p->d; j++) {
        p->edges[j] = HN_ARENA_NEW(arena, double, room[j] + 2);
        if (!p->edges[j])
            return false;
        p->n_cells[j] = 1; /* edges[j][0] is 0 */
    }
    for (size_t k = 0; k < tree->n_nodes; k++)
        if (tree->nodes[k].feature >= 0) {
            size_t j = (size_t)tree->nodes[k].feature;
            p->edges[j][p->n_cells[j]++] = edge_at(values, j, tree->nodes[k].threshold);
        }
    for (size_t j = 0; j < p->d; j++) {
        size_t n = p->n_cells[j], kept = 1;
        hn_sort_doubles(p->edges[j], n);
        for (size_t i = 1; i < n; i++)
            if (p->edges[j][i] > p->edges[j][kept - 1])
                p->edges[j][kept++] = p->edges[j][i];
        p->edges[j][kept] = 1;
        p->n_cells[j] = kept;
    }
    return true;
}

/* The edge that a threshold of column j is. */
static uint32_t edge_of(const hn_partition *p, size_t j, double threshold)
{
    size_t low = 0, high = p->n_cells[j];
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (p->edges[j][middle] <= threshold)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static void add_leaf(const hn_tree *tree, size_t node, const uint32_t *box, hn_partition *p)
{
    size_t leaf = p->n_leaves++;
    double volume = 1;
    memcpy(p->first + leaf * p->d, box, p->d * sizeof *box);
    memcpy(p->past + leaf * p->d, box + p->d, p->d * sizeof *box);
    for (size_t j = 0; j < p->d; j++)
        volume *= p->edges[j][box[p->d + j]] - p->edges[j][box[j]];
    p->value[leaf] = tree->values[node];
    p->volume[leaf] = volume;
}

/* Nodes are depth first, so that boxes (n_nodes, 2 d) can be handed from parents to children in one pass: the
 * first cells, then those past the last. */
static bool collect_leaves(const hn_tree *tree, const size_t *values, hn_arena *arena, hn_partition *p)
{
    size_t n = tree->n_nodes, width = 2 * p->d, leaves = n / 2 + 1;
    uint32_t *boxes = hn_arena_scratch(arena, n * width, sizeof *boxes);
    p->first = hn_arena_scratch(arena, leaves * p->d, sizeof *p->first);
    p->past = hn_arena_scratch(arena, leaves * p->d, sizeof *p->past);
    p->value = hn_arena_scratch(arena, leaves, sizeof *p->value);
    p->volume = hn_arena_scratch(arena, leaves, sizeof *p->volume);
    if (!boxes || !p->first || !p->past || !p->value || !p->volume)
        return false;
    for (size_t j = 0; j < p->d; j++) {
        boxes[j] = 0;
        boxes[p->d + j] = (uint32_t)p->n_cells[j];
    }
    for (size_t k = 0; k < n; k++) {
        const hn_tree_node *node = &tree->nodes[k];
        const uint32_t *box = boxes + k * width;
        if (node->feature < 0) {
            add_leaf(tree, k, box, p);
            continue;
        }
        size_t j = (size_t)node->feature;
        uint32_t *left = boxes + (k + 1) * width, *right = boxes + node->right * width;
        memcpy(left, box, width * sizeof *box);
        memcpy(right, box, width * sizeof *box);
        left[p->d + j] = right[j] = edge_of(p, j, edge_at(values, j, node->threshold));
    }
    return true;
}

bool hn_partition_make(const hn_tree *tree, size_t d, const size_t *values, hn_arena *arena,
                       hn_partition *partition)
{
    hn_partition *p = partition;
    *p = (hn_partition){.d = d};
    if (!collect_edges(tree, values, arena, p) || !collect_leaves(tree, values, arena, p))
        return false;
    for (size_t i = 0; i < p->n_leaves; i++)
        p->mean += p->volume[i] * p->value[i];
    for (size_t i = 0; i < p->n_leaves; i++) {
        p->value[i] -= p->mean;
        p->variance += p->volume[i] * p->value[i] * p->value[i];
    }
    return true;
}

size_t hn_partition_cell(const hn_partition *partition, size_t j, double unit)
{
    const double *edges = partition->edges[j];
    size_t low = 0, high = partition->n_cells[j] - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (unit <= edges[middle + 1])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* --- marginals --- */

/* The length that leaf i spans of column j. */
static double span(const hn_partition *p, size_t i, size_t j)
{
    return p->edges[j][p->past[i * p->d + j]] - p->edges[j][p->first[i * p->d + j]];
}

/* Leaves are steps up and down, whose running sum is the marginal. */
void hn_partition_marginal(const hn_partition *partition, size_t j, double *marginal)
{
    const hn_partition *p = partition;
    memset(marginal, 0, (p->n_cells[j] + 1) * sizeof *marginal);
    for (size_t i = 0; i < p->n_leaves; i++) {
        double height = p->value[i] * p->volume[i] / span(p, i, j);
        marginal[p->first[i * p->d + j]] += height;
        marginal[p->past[i * p->d + j]] -= height;
    }
    for (size_t c = 1; c <= p->n_cells[j]; c++)
        marginal[c] += marginal[c - 1];
}

static uint32_t rank_of(const hn_cells *cells, uint32_t cell)
{
    return cells->rank ? cells->rank[cell] : cell;
}

void hn_partition_marginals(const hn_partition *partition, hn_cells a, hn_cells b, double *marginal)
{
    const hn_partition *p = partition;
    size_t width = b.n + 1;
    memset(marginal, 0, (a.n + 1) * width * sizeof *marginal);
    for (size_t i = 0; i < p->n_leaves; i++) {
        const uint32_t *first = p->first + i * p->d, *past = p->past + i * p->d;
        size_t low = rank_of(&a, first[a.column]), high = rank_of(&a, past[a.column]);
        size_t left = rank_of(&b, first[b.column]), right = rank_of(&b, past[b.column]);
        double height = p->value[i] * p->volume[i] / (span(p, i, a.column) * span(p, i, b.column));
        marginal[low * width + left] += height;
        marginal[low * width + right] -= height;
        marginal[high * width + left] -= height;
        marginal[high * width + right] += height;
    }
    for (size_t r = 0; r <= a.n; r++) {
        double *row = marginal + r * width, sum = 0;
        for (size_t c = 0; c < width; c++) {
            sum += row[c];
            row[c] = sum + (r ? row[c - width] : 0);
        }
    }
}
