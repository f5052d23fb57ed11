/* grow.c: nodes depth first, each splitting its run of the samples in two. The draws at a node are hashes of
 * its key, which is made of its parent's key and its side.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "forest/split.h"
#include "math/hash.h"

enum { POLL_NODES = 64 };

typedef struct task {
    size_t begin, n, depth;
    size_t parent; /* of a right child; SIZE_MAX otherwise */
    uint64_t key;
} task;

struct hn_grower {
    const hn_columns *columns;
    const hn_tree_rules *rules;
    hn_splitter splitter;
    hn_sample *moved;   /* (n_samples,): right halves while a node is split */
    uint32_t *drawn;    /* (d,): the identity between nodes */
    uint32_t *swapped;  /* (d,): what to undo */
    uint64_t *constant; /* (levels, d bits): columns known to be constant, by depth on the current path */
    size_t levels;

    task *tasks;
    size_t n_tasks, tasks_capacity;
    hn_tree_node *nodes;
    size_t n_nodes, nodes_capacity;
    double *values; /* (values_capacity, outputs) */
    size_t values_capacity;
};

hone_status hn_grower_create(const hn_columns *columns, const hn_tree_rules *rules, size_t n_samples,
                             hn_grower **grower, hone_error *err)
{
    hn_grower *g = hn_calloc(1, sizeof *g);
    if (!g)
        return hn_out_of_memory(err);
    g->columns = columns;
    g->rules = rules;
    g->moved = hn_malloc((n_samples + 1) * sizeof *g->moved);
    g->drawn = hn_calloc(columns->d, sizeof *g->drawn);
    g->swapped = hn_calloc(columns->d, sizeof *g->swapped);
    hone_status status = hn_splitter_init(&g->splitter, columns, rules, n_samples);
    if (status || !g->moved || !g->drawn || !g->swapped) {
        hn_grower_destroy(g);
        return hn_out_of_memory(err);
    }
    for (size_t j = 0; j < columns->d; j++)
        g->drawn[j] = (uint32_t)j;
    *grower = g;
    return HONE_OK;
}

void hn_grower_destroy(hn_grower *g)
{
    if (!g)
        return;
    hn_splitter_release(&g->splitter);
    hn_free(g->moved);
    hn_free(g->drawn);
    hn_free(g->swapped);
    hn_free(g->constant);
    hn_free(g->tasks);
    hn_free(g->nodes);
    hn_free(g->values);
    hn_free(g);
}

/* --- growing arrays ----------------------------------------------------------------------------------------
 */

static bool push_task(hn_grower *g, task next)
{
    if (HN_GROW(g->tasks, g->n_tasks, g->tasks_capacity))
        return false;
    g->tasks[g->n_tasks++] = next;
    return true;
}

static bool push_node(hn_grower *g, size_t n_rows, size_t depth)
{
    size_t outputs = hn_tree_outputs(g->rules);
    if (HN_GROW(g->nodes, g->n_nodes, g->nodes_capacity))
        return false;
    if (g->values_capacity < g->nodes_capacity) {
        double *values = hn_realloc_array(g->values, g->nodes_capacity, outputs * sizeof *values);
        if (!values)
            return false;
        g->values = values;
        g->values_capacity = g->nodes_capacity;
    }
    g->nodes[g->n_nodes++] =
        (hn_tree_node){.feature = -1, .n_rows = (uint32_t)n_rows, .depth = (uint32_t)depth};
    return true;
}

static size_t constant_words(const hn_grower *g)
{
    return (g->columns->d + 63) / 64;
}

/* The columns known to be constant at this depth: those of the parent, copied. NULL when memory is out. */
static uint64_t *known_constants(hn_grower *g, size_t depth)
{
    size_t words = constant_words(g);
    if (depth >= g->levels) {
        size_t levels = 2 * depth + 8;
        uint64_t *constant = hn_realloc_array(g->constant, levels, words * sizeof *constant);
        if (!constant)
            return NULL;
        g->constant = constant;
        g->levels = levels;
    }
    uint64_t *here = g->constant + depth * words;
    if (depth)
        memcpy(here, here - words, words * sizeof *here);
    else
        memset(here, 0, words * sizeof *here);
    return here;
}

/* --- one node ----------------------------------------------------------------------------------------------
 */

/* Sums of the node's samples into the splitter and the node's value; true when all targets are equal. */
static bool sum_up(hn_grower *g, hn_sample *samples, size_t n, double *value)
{
    hn_splitter *s = &g->splitter;
    size_t classes = g->rules->n_classes;
    double weight = 0, moment = 0, first = samples[0].y;
    bool pure = true;
    s->samples = samples;
    s->n = n;
    memset(s->total, 0, classes * sizeof *s->total);
    for (size_t i = 0; i < n; i++) {
        weight += samples[i].weight;
        moment += samples[i].weight * samples[i].y;
        pure = pure && samples[i].y == first;
        if (classes > 2)
            s->total[samples[i].k] += samples[i].weight;
    }
    s->weight = weight;
    s->moment = classes ? moment : 0;
    s->centre = classes ? 0 : pure ? first : moment / weight;
    for (size_t k = 0; classes > 2 && k < classes; k++)
        value[k] = s->total[k] / weight;
    if (classes <= 2)
        value[0] = pure ? first : moment / weight;
    return pure;
}

/* Looks at columns in a random order without repetition (a shuffle that is undone). */
static hn_split best_split(hn_grower *g, uint64_t key, uint64_t *constant)
{
    hn_split best = {.gain = -INFINITY};
    size_t d = g->columns->d, visited = 0;
    bool varied = false;
    for (; visited < d && (visited < g->rules->max_features || !varied); visited++) {
        uint64_t random = hn_hash64(key, 2 + 2 * visited);
        size_t at = visited + (size_t)((random >> 32) * (d - visited) >> 32);
        uint32_t feature = g->drawn[at];
        g->drawn[at] = g->drawn[visited];
        g->drawn[visited] = feature;
        g->swapped[visited] = (uint32_t)at;
        if (constant[feature / 64] >> (feature % 64) & 1)
            continue;
        uint64_t cut = g->rules->random_cuts ? hn_hash64(key, 3 + 2 * visited) : 0;
        if (hn_split_column(&g->splitter, feature, cut, &best))
            varied = true;
        else
            constant[feature / 64] |= UINT64_C(1) << (feature % 64);
    }
    while (visited-- > 0) {
        uint32_t feature = g->drawn[visited];
        g->drawn[visited] = g->drawn[g->swapped[visited]];
        g->drawn[g->swapped[visited]] = feature;
    }
    return best;
}

/* Keeps the order on both sides; returns how many go left. */
static size_t partition(hn_grower *g, hn_sample *samples, size_t n, const hn_split *split)
{
    const uint16_t *column = g->columns->codes + split->feature * g->columns->n;
    size_t left = 0, right = 0;
    for (size_t i = 0; i < n; i++) {
        if (column[samples[i].row] <= split->cut)
            samples[left++] = samples[i];
        else
            g->moved[right++] = samples[i];
    }
    memcpy(samples + left, g->moved, right * sizeof *samples);
    return left;
}

static hone_status grow_node(hn_grower *g, hn_sample *samples, task t)
{
    const hn_tree_rules *rules = g->rules;
    hn_sample *mine = samples + t.begin;
    size_t at = g->n_nodes;
    if (!push_node(g, t.n, t.depth))
        return HONE_OUT_OF_MEMORY;
    if (t.parent != SIZE_MAX)
        g->nodes[t.parent].right = (uint32_t)at;
    double *value = g->values + at * hn_tree_outputs(rules);
    bool pure = sum_up(g, mine, t.n, value);
    if (pure || t.depth >= rules->limits.max_depth || t.n < rules->limits.min_split ||
        t.n / 2 < rules->min_leaf)
        return HONE_OK;
    uint64_t *constant = known_constants(g, t.depth);
    if (!constant)
        return HONE_OUT_OF_MEMORY;
    hn_split split = best_split(g, t.key, constant);
    if (!(split.gain > -INFINITY))
        return HONE_OK;
    size_t left = partition(g, mine, t.n, &split);
    hn_tree_node *node = &g->nodes[at];
    node->feature = (int32_t)split.feature;
    node->threshold = split.threshold;
    node->gain = split.gain > 0 ? split.gain : 0;
    task to_left = {t.begin, left, t.depth + 1, SIZE_MAX, hn_hash64(t.key, 0)};
    task to_right = {t.begin + left, t.n - left, t.depth + 1, at, hn_hash64(t.key, 1)};
    return push_task(g, to_right) && push_task(g, to_left) ? HONE_OK : HONE_OUT_OF_MEMORY;
}

hone_status hn_tree_grow(hn_grower *g, uint64_t key, hn_sample *samples, size_t n, const volatile int *cancel,
                         hn_tree *tree, hone_error *err)
{
    size_t outputs = hn_tree_outputs(g->rules);
    hone_status status = HONE_OK;
    g->n_nodes = g->n_tasks = 0;
    if (!push_task(g, (task){0, n, 0, SIZE_MAX, key}))
        status = HONE_OUT_OF_MEMORY;
    while (!status && g->n_tasks) {
        if (g->n_nodes % POLL_NODES == 0 && cancel && *cancel)
            return hn_fail(err, HONE_CANCELLED, "cancelled while a tree was growing");
        status = grow_node(g, samples, g->tasks[--g->n_tasks]);
    }
    if (status || !hn_tree_allocate(tree, g->n_nodes, outputs))
        return hn_out_of_memory(err);
    memcpy(tree->nodes, g->nodes, g->n_nodes * sizeof *tree->nodes);
    memcpy(tree->values, g->values, g->n_nodes * outputs * sizeof *tree->values);
    return HONE_OK;
}
