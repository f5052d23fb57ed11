#include "model/tree_tensors.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

enum { NODE_FIELDS = 5 };

/* --- writing --- */

hone_status hn_tree_tensors_write(const hn_forest *forest, hn_arena *arena,
                                  hn_tensor tensors[HN_TREE_TENSORS], hone_error *err)
{
    size_t total = 0, at = 0;
    for (size_t t = 0; t < forest->n_trees; t++)
        total += forest->trees[t].n_nodes;
    double *sizes = HN_ARENA_NEW(arena, double, forest->n_trees);
    double(*nodes)[NODE_FIELDS] = hn_arena_alloc(arena, total, sizeof *nodes);
    double *values = hn_arena_alloc(arena, total, forest->outputs * sizeof *values);
    if (!sizes || !nodes || !values)
        return hn_out_of_memory(err);
    for (size_t t = 0; t < forest->n_trees; t++) {
        const hn_tree *tree = &forest->trees[t];
        sizes[t] = (double)tree->n_nodes;
        memcpy(values + at * forest->outputs, tree->values, tree->n_nodes * forest->outputs * sizeof *values);
        for (size_t i = 0; i < tree->n_nodes; i++, at++) {
            const hn_tree_node *node = &tree->nodes[i];
            double fields[NODE_FIELDS] = {node->feature, node->right, node->threshold, node->gain,
                                          node->n_rows};
            memcpy(nodes[at], fields, sizeof fields);
        }
    }
    tensors[0] = (hn_tensor){.name = "tree_sizes", .dims = 1, .shape = {forest->n_trees}, .values = sizes};
    tensors[1] = (hn_tensor){.name = "nodes", .dims = 2, .shape = {total, NODE_FIELDS}, .values = nodes[0]};
    tensors[2] =
        (hn_tensor){.name = "values", .dims = 2, .shape = {total, forest->outputs}, .values = values};
    return HONE_OK;
}

/* --- reading --- */

static bool whole(double value, double low, double high)
{
    return value >= low && value <= high && value == floor(value);
}

static bool read_tree(const double *nodes, const double *values, size_t outputs, size_t d, hn_tree *tree)
{
    for (size_t i = 0; i < tree->n_nodes; i++, nodes += NODE_FIELDS) {
        if (!whole(nodes[0], -1, INT32_MAX) || !whole(nodes[1], 0, UINT32_MAX) ||
            !whole(nodes[4], 0, UINT32_MAX))
            return false;
        tree->nodes[i] = (hn_tree_node){.feature = (int32_t)nodes[0],
                                        .right = (uint32_t)nodes[1],
                                        .threshold = nodes[2],
                                        .gain = nodes[3],
                                        .n_rows = (uint32_t)nodes[4]};
    }
    memcpy(tree->values, values, tree->n_nodes * outputs * sizeof *values);
    return hn_tree_finish(tree, outputs, d);
}

/* Trees one after the other; their sizes add up to the nodes there are. */
static hone_status read_trees(const hn_tensor *sizes, const hn_tensor *nodes, const hn_tensor *values,
                              hn_forest *forest)
{
    size_t at = 0, total = nodes->shape[0], outputs = forest->outputs;
    for (size_t t = 0; t < sizes->shape[0]; t++) {
        if (!whole(sizes->values[t], 1, (double)(total - at)))
            return HONE_PARSE;
        hn_tree *tree = &forest->trees[t];
        if (!hn_tree_allocate(tree, (size_t)sizes->values[t], outputs))
            return HONE_OUT_OF_MEMORY;
        forest->n_trees++;
        if (!read_tree(nodes->values + at * NODE_FIELDS, values->values + at * outputs, outputs, forest->d,
                       tree))
            return HONE_PARSE;
        at += tree->n_nodes;
    }
    return at == total ? HONE_OK : HONE_PARSE;
}

hone_status hn_tree_tensors_read(const char *model, const hn_model_state *state, size_t outputs, size_t d,
                                 hn_forest *forest, hone_error *err)
{
    const hn_tensor *sizes = hn_tensor_find(state->tensors, state->n_tensors, "tree_sizes", 1);
    const hn_tensor *nodes = hn_tensor_find(state->tensors, state->n_tensors, "nodes", 2);
    const hn_tensor *values = hn_tensor_find(state->tensors, state->n_tensors, "values", 2);
    if (!sizes || !nodes || !values || sizes->shape[0] == 0 || nodes->shape[1] != NODE_FIELDS ||
        values->shape[0] != nodes->shape[0] || values->shape[1] != outputs)
        return hn_fail(err, HONE_PARSE, "model %s: an array of its trees is missing or of another shape",
                       model);
    hn_forest read = {.d = d, .outputs = outputs, .trees = hn_calloc(sizes->shape[0], sizeof *read.trees)};
    hone_status status = read.trees ? read_trees(sizes, nodes, values, &read) : HONE_OUT_OF_MEMORY;
    if (status) {
        hn_forest_release(&read);
        return status == HONE_PARSE ? hn_fail(err, HONE_PARSE, "model %s: its trees are damaged", model)
                                    : hn_out_of_memory(err);
    }
    *forest = read;
    return HONE_OK;
}

/* --- sharing --- */

hone_status hn_tree_share(const hn_design *all, size_t limit_bytes, void **shared, hone_error *err)
{
    hn_columns *columns = NULL;
    hone_status status = HONE_OK;
    if (hn_columns_bytes(all->n, all->d) <= limit_bytes && all->n < UINT32_MAX)
        status = hn_columns_create(all->x, all->n, all->d, &columns, err);
    if (!status)
        *shared = columns;
    return status;
}

void hn_tree_unshare(void *shared)
{
    hn_columns_destroy(shared);
}
