/* grow.c: nodes depth first, each splitting its run of the samples in two. The draws at a node are hashes of
 * its key, which is made of its parent's key and its side. Where sums of whole numbers allow it, nodes carry
 * their tallies of two-valued columns: of two children only the smaller is counted.
 */
#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "forest/split.h"
#include "math/hash.h"

enum {
    POLL_NODES = 64,
    COUNTED_ROWS = 8 /* in smaller nodes looking at the rows takes less than carrying tallies */
};

#define NO_SLOT SIZE_MAX

typedef struct task {
    size_t begin, n, depth;
    size_t parent; /* of a right child; SIZE_MAX otherwise */
    uint64_t key;
    double weight, moment; /* sums of a tree that counts */
    size_t slot;           /* of its tallies; NO_SLOT: it has none */
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

    bool counts;            /* sums are of whole numbers: exact */
    hn_pair_tally *tallies; /* (n_slots, n_pairs) */
    size_t *spare;          /* (n_slots,): slots that are free */
    size_t n_slots, n_spare;

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
    hn_free(g->tallies);
    hn_free(g->spare);
    hn_free(g->tasks);
    hn_free(g->nodes);
    hn_free(g->values);
    hn_free(g);
}

/* --- growing arrays --- */

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

/* --- tallies --- */

static hn_pair_tally *tallies_at(const hn_grower *g, size_t slot)
{
    return slot == NO_SLOT ? NULL : g->tallies + slot * g->columns->pairs.n_pairs;
}

/* A slot of zeros; NO_SLOT when memory is out. */
static size_t take_slot(hn_grower *g)
{
    size_t pairs = g->columns->pairs.n_pairs;
    if (g->n_spare == 0) {
        size_t n_slots = 2 * g->n_slots + 8;
        hn_pair_tally *tallies = hn_realloc_array(g->tallies, n_slots, pairs * sizeof *tallies);
        if (!tallies)
            return NO_SLOT;
        g->tallies = tallies;
        size_t *spare = hn_realloc_array(g->spare, n_slots, sizeof *spare);
        if (!spare)
            return NO_SLOT;
        g->spare = spare;
        for (; g->n_slots < n_slots; g->n_slots++)
            g->spare[g->n_spare++] = g->n_slots;
    }
    size_t slot = g->spare[--g->n_spare];
    memset(tallies_at(g, slot), 0, pairs * sizeof *g->tallies);
    return slot;
}

static void give_slot(hn_grower *g, size_t slot)
{
    if (slot != NO_SLOT)
        g->spare[g->n_spare++] = slot;
}

/* Whether counting is exact, and a row marks so few pairs that it is less work than looking at those drawn.
 */
static bool does_count(const hn_grower *g, const hn_sample *samples, size_t n)
{
    const hn_pairs *pairs = &g->columns->pairs;
    double marks = (double)pairs->begin[g->columns->n] / (double)g->columns->n;
    double drawn = (double)(g->rules->max_features * pairs->n_pairs) / (double)g->columns->d;
    return g->rules->n_classes == 2 && marks <= 2 * drawn && hn_pairs_are_exact(samples, n);
}

/* Whether the node is a leaf whatever its columns. */
static bool ends(const hn_grower *g, const task *t, bool pure)
{
    const hn_tree_rules *rules = g->rules;
    return pure || t->depth >= rules->limits.max_depth || t->n < rules->limits.min_split ||
           t->n / 2 < rules->min_leaf;
}

static bool wants_tallies(const hn_grower *g, const task *t)
{
    return t->n >= COUNTED_ROWS && !ends(g, t, t->moment == 0 || t->moment == t->weight);
}

/* Makes the tallies of two children from their parent's: the larger one has what the smaller has not. */
static hone_status hand_down(hn_grower *g, size_t slot, const hn_sample *samples, task *left, task *right)
{
    const hn_pairs *pairs = &g->columns->pairs;
    task *small = left->n <= right->n ? left : right, *large = small == left ? right : left;
    bool of_small = wants_tallies(g, small), of_large = wants_tallies(g, large);
    if (of_small) {
        small->slot = take_slot(g);
        if (small->slot == NO_SLOT)
            return HONE_OUT_OF_MEMORY;
        hn_pairs_add(pairs, samples + small->begin, small->n, tallies_at(g, small->slot));
    }
    if (!of_large) {
        give_slot(g, slot);
        return HONE_OK;
    }
    large->slot = slot;
    hn_pair_tally *whole = tallies_at(g, slot), *part = tallies_at(g, small->slot);
    if (part)
        for (size_t p = 0; p < pairs->n_pairs; p++)
            whole[p] -= part[p];
    else
        hn_pairs_take(pairs, samples + small->begin, small->n, whole);
    return HONE_OK;
}

/* --- one node --- */

/* Sums of the node's samples into the splitter and the node's value; true when all targets are equal. */
static bool sum_up(hn_grower *g, const hn_sample *samples, size_t n, double *value)
{
    hn_splitter *s = &g->splitter;
    size_t classes = g->rules->n_classes;
    double weight = 0, moment = 0, first = samples[0].y;
    bool pure = true;
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

/* Turns the splitter to the node and sets its value; true when all targets are equal. */
static bool enter(hn_grower *g, const hn_sample *samples, const task *t, double *value)
{
    hn_splitter *s = &g->splitter;
    s->samples = samples + t->begin;
    s->n = t->n;
    s->tallies = tallies_at(g, t->slot);
    if (!g->counts)
        return sum_up(g, s->samples, t->n, value);
    s->weight = t->weight;
    s->moment = t->moment;
    s->centre = 0;
    value[0] = t->moment / t->weight;
    return t->moment == 0 || t->moment == t->weight;
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

/* Cuts the node and leaves its children to do. */
static hone_status branch(hn_grower *g, hn_sample *samples, const task *t, size_t at, const hn_split *split)
{
    size_t left = partition(g, samples + t->begin, t->n, split);
    hn_tree_node *node = &g->nodes[at];
    node->feature = (int32_t)split->feature;
    node->threshold = split->threshold;
    node->gain = split->gain > 0 ? split->gain : 0;
    task to_left = {.begin = t->begin,
                    .n = left,
                    .depth = t->depth + 1,
                    .parent = SIZE_MAX,
                    .key = hn_hash64(t->key, 0),
                    .weight = split->weight,
                    .moment = split->moment,
                    .slot = NO_SLOT};
    task to_right = {.begin = t->begin + left,
                     .n = t->n - left,
                     .depth = t->depth + 1,
                     .parent = at,
                     .key = hn_hash64(t->key, 1),
                     .weight = t->weight - split->weight,
                     .moment = t->moment - split->moment,
                     .slot = NO_SLOT};
    if (t->slot != NO_SLOT && hand_down(g, t->slot, samples, &to_left, &to_right))
        return HONE_OUT_OF_MEMORY;
    return push_task(g, to_right) && push_task(g, to_left) ? HONE_OK : HONE_OUT_OF_MEMORY;
}

static hone_status grow_node(hn_grower *g, hn_sample *samples, const task *t)
{
    size_t at = g->n_nodes;
    if (!push_node(g, t->n, t->depth))
        return HONE_OUT_OF_MEMORY;
    if (t->parent != SIZE_MAX)
        g->nodes[t->parent].right = (uint32_t)at;
    bool pure = enter(g, samples, t, g->values + at * hn_tree_outputs(g->rules));
    if (ends(g, t, pure))
        return HONE_OK;
    uint64_t *constant = known_constants(g, t->depth);
    if (!constant)
        return HONE_OUT_OF_MEMORY;
    hn_split split = best_split(g, t->key, constant);
    if (split.gain > -INFINITY)
        return branch(g, samples, t, at, &split);
    give_slot(g, t->slot);
    return HONE_OK;
}

/* The root. */
static hone_status begin_tree(hn_grower *g, uint64_t key, const hn_sample *samples, size_t n)
{
    task root = {.n = n, .parent = SIZE_MAX, .key = key, .slot = NO_SLOT};
    g->n_nodes = g->n_tasks = 0;
    g->n_spare = 0;
    while (g->n_spare < g->n_slots) {
        g->spare[g->n_spare] = g->n_spare;
        g->n_spare++;
    }
    g->counts = does_count(g, samples, n);
    for (size_t i = 0; g->counts && i < n; i++) {
        root.weight += samples[i].weight;
        root.moment += samples[i].weight * samples[i].y;
    }
    if (g->counts && wants_tallies(g, &root)) {
        root.slot = take_slot(g);
        if (root.slot == NO_SLOT)
            return HONE_OUT_OF_MEMORY;
        hn_pairs_add(&g->columns->pairs, samples, n, tallies_at(g, root.slot));
    }
    return push_task(g, root) ? HONE_OK : HONE_OUT_OF_MEMORY;
}

hone_status hn_tree_grow(hn_grower *g, uint64_t key, hn_sample *samples, size_t n, const volatile int *cancel,
                         hn_tree *tree, hone_error *err)
{
    size_t outputs = hn_tree_outputs(g->rules);
    hone_status status = begin_tree(g, key, samples, n);
    while (!status && g->n_tasks) {
        if (g->n_nodes % POLL_NODES == 0 && hn_cancelled(cancel))
            return hn_fail(err, HONE_CANCELLED, "cancelled while a tree was growing");
        task next = g->tasks[--g->n_tasks];
        status = grow_node(g, samples, &next);
    }
    if (status || !hn_tree_allocate(tree, g->n_nodes, outputs))
        return hn_out_of_memory(err);
    memcpy(tree->nodes, g->nodes, g->n_nodes * sizeof *tree->nodes);
    memcpy(tree->values, g->values, g->n_nodes * outputs * sizeof *tree->values);
    return HONE_OK;
}
