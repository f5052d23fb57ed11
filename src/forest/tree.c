#include "forest/tree.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

bool hn_tree_allocate(hn_tree *tree, size_t n_nodes, size_t outputs)
{
    size_t node = sizeof *tree->nodes + outputs * sizeof *tree->values;
    hn_tree_node *nodes = hn_calloc(n_nodes, node);
    if (!nodes)
        return false;
    *tree = (hn_tree){.n_nodes = n_nodes, .nodes = nodes, .values = (double *)(nodes + n_nodes)};
    return true;
}

void hn_tree_release(hn_tree *tree)
{
    hn_free(tree->nodes);
    *tree = (hn_tree){0};
}

bool hn_tree_finish(hn_tree *tree, size_t outputs, size_t d)
{
    for (size_t i = 0; i < tree->n_nodes; i++) {
        const hn_tree_node *node = &tree->nodes[i];
        for (size_t k = 0; k < outputs; k++)
            if (!isfinite(tree->values[i * outputs + k]))
                return false;
        if (node->feature < 0)
            continue;
        if ((size_t)node->feature >= d || !isfinite(node->threshold) || !(node->gain >= 0) ||
            !isfinite(node->gain) || node->right <= i + 1 || node->right >= tree->n_nodes)
            return false;
        tree->nodes[i + 1].depth = tree->nodes[node->right].depth = node->depth + 1;
    }
    return tree->n_nodes > 0;
}

void hn_tree_gains(const hn_tree *tree, hn_tree_limits limits, double *out)
{
    for (size_t i = 0; i < tree->n_nodes; i++) {
        const hn_tree_node *node = &tree->nodes[i];
        if (node->feature < 0 || node->depth >= limits.max_depth || node->n_rows < limits.min_split)
            continue; /* rows get fewer downwards: what is above it is not cut short either */
        out[node->feature] += node->gain;
    }
}
