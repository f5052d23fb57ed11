#include "analysis/fanova.h"

#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "math/statistics.h"

/* The leaves of a tree as boxes. Column j is cut into cells by the tree's thresholds there. */
typedef struct partition {
    size_t d, n_leaves;
    double **edges;         /* (d,) of (n_cells[j] + 1,): 0, thresholds, 1 */
    size_t *n_cells;        /* (d,) */
    uint32_t *first, *past; /* (n_leaves, d): a leaf spans cells first .. past - 1 */
    double *value, *volume; /* (n_leaves,): value less the mean over the cube */
    double variance;        /* over the cube */
} partition;

/* --- from a tree to boxes --- */

/* edges[j] := 0, the distinct thresholds of column j ascending, 1. */
static bool collect_edges(const hn_tree *tree, hn_arena *arena, partition *p)
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
            p->edges[j][p->n_cells[j]++] = tree->nodes[k].threshold;
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
static uint32_t edge_of(const partition *p, size_t j, double threshold)
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

static void add_leaf(const hn_tree *tree, size_t node, const uint32_t *box, partition *p)
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
static bool collect_leaves(const hn_tree *tree, hn_arena *arena, partition *p)
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
        left[p->d + j] = right[j] = edge_of(p, j, node->threshold);
    }
    return true;
}

static bool partition_init(partition *p, const hn_tree *tree, size_t d, hn_arena *arena)
{
    *p = (partition){.d = d};
    if (!collect_edges(tree, arena, p) || !collect_leaves(tree, arena, p))
        return false;
    double mean = 0;
    for (size_t i = 0; i < p->n_leaves; i++)
        mean += p->volume[i] * p->value[i];
    for (size_t i = 0; i < p->n_leaves; i++) {
        p->value[i] -= mean;
        p->variance += p->volume[i] * p->value[i] * p->value[i];
    }
    return true;
}

/* --- marginals --- */

/* The length that leaf i spans of column j. */
static double span(const partition *p, size_t i, size_t j)
{
    return p->edges[j][p->past[i * p->d + j]] - p->edges[j][p->first[i * p->d + j]];
}

/* Variance of the mean over all columns but j. steps (n_cells + 1,): scratch; the marginal is their running
 * sum. */
static double variance_of(const partition *p, size_t j, double *steps)
{
    double marginal = 0, variance = 0;
    memset(steps, 0, (p->n_cells[j] + 1) * sizeof *steps);
    for (size_t i = 0; i < p->n_leaves; i++) {
        double height = p->value[i] * p->volume[i] / span(p, i, j);
        steps[p->first[i * p->d + j]] += height;
        steps[p->past[i * p->d + j]] -= height;
    }
    for (size_t c = 0; c < p->n_cells[j]; c++) {
        marginal += steps[c];
        variance += marginal * marginal * (p->edges[j][c + 1] - p->edges[j][c]);
    }
    return variance;
}

/* The same of two columns; steps ((n_cells_j + 1) (n_cells_k + 1),) are running sums in both directions. */
static double variance_of_pair(const partition *p, size_t j, size_t k, double *steps)
{
    size_t width = p->n_cells[k] + 1;
    double variance = 0;
    memset(steps, 0, (p->n_cells[j] + 1) * width * sizeof *steps);
    for (size_t i = 0; i < p->n_leaves; i++) {
        const uint32_t *first = p->first + i * p->d, *past = p->past + i * p->d;
        double height = p->value[i] * p->volume[i] / (span(p, i, j) * span(p, i, k));
        steps[first[j] * width + first[k]] += height;
        steps[first[j] * width + past[k]] -= height;
        steps[past[j] * width + first[k]] -= height;
        steps[past[j] * width + past[k]] += height;
    }
    for (size_t a = 0; a < p->n_cells[j]; a++) {
        double *row = steps + a * width, marginal = 0, sum = 0;
        for (size_t b = 0; a > 0 && b < width; b++)
            row[b] += row[b - width];
        for (size_t b = 0; b < p->n_cells[k]; b++) {
            marginal += row[b];
            sum += marginal * marginal * (p->edges[k][b + 1] - p->edges[k][b]);
        }
        variance += sum * (p->edges[j][a + 1] - p->edges[j][a]);
    }
    return variance;
}

/* --- all trees --- */

typedef struct fanova {
    const hn_forest *forest;
    size_t shares; /* of a tree: d, and d d more with pairs */
    bool pairs;
    double *share; /* (n_trees, shares) */
    bool *varies;  /* (n_trees,) */
    bool failed;
} fanova;

static bool measure_tree(const fanova *f, size_t t, hn_arena *arena)
{
    partition p;
    size_t d = f->forest->d, most = 0;
    double *alone = f->share + t * f->shares, *together = alone + d;
    if (!partition_init(&p, &f->forest->trees[t], d, arena))
        return false;
    f->varies[t] = p.variance > 0;
    if (!f->varies[t])
        return true;
    for (size_t j = 0; j < d; j++)
        most = p.n_cells[j] + 1 > most ? p.n_cells[j] + 1 : most;
    double *steps = hn_arena_scratch(arena, f->pairs ? most * most : most, sizeof *steps);
    if (!steps)
        return false;
    for (size_t j = 0; j < d; j++)
        alone[j] = variance_of(&p, j, steps) / p.variance;
    for (size_t j = 0; f->pairs && j < d; j++)
        for (size_t k = j + 1; k < d; k++)
            together[j * d + k] = variance_of_pair(&p, j, k, steps) / p.variance - alone[j] - alone[k];
    return true;
}

static void run_tree(void *user, size_t t, size_t worker)
{
    fanova *f = user;
    hn_arena arena = HN_ARENA_INIT;
    (void)worker;
    if (!measure_tree(f, t, &arena))
        __atomic_store_n(&f->failed, true, __ATOMIC_RELAXED);
    hn_arena_release(&arena);
}

static void mean_of_trees(const fanova *f, size_t from, size_t n, double *out)
{
    size_t varying = 0;
    memset(out, 0, n * sizeof *out);
    for (size_t t = 0; t < f->forest->n_trees; t++) {
        varying += f->varies[t];
        for (size_t i = 0; f->varies[t] && i < n; i++)
            out[i] += f->share[t * f->shares + from + i];
    }
    for (size_t i = 0; varying && i < n; i++)
        out[i] /= (double)varying;
}

hone_status hn_fanova(const hn_forest *forest, hn_thread_pool *pool, double *alone, double *pairs,
                      hone_error *err)
{
    size_t d = forest->d;
    fanova f = {.forest = forest, .shares = pairs ? d + d * d : d, .pairs = pairs};
    f.share = hn_calloc(forest->n_trees * f.shares, sizeof *f.share);
    f.varies = hn_calloc(forest->n_trees, sizeof *f.varies);
    hone_status status = f.share && f.varies ? HONE_OK : hn_out_of_memory(err);
    if (!status)
        hn_thread_pool_run(pool, forest->n_trees, run_tree, &f);
    if (f.failed)
        status = hn_out_of_memory(err);
    if (!status)
        mean_of_trees(&f, 0, d, alone);
    if (!status && pairs)
        mean_of_trees(&f, d, d * d, pairs);
    hn_free(f.share);
    hn_free(f.varies);
    return status;
}
