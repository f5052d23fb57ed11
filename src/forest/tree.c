#include "forest/tree.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/* --- walking --- */

enum { LANES = 8 }; /* rows that walk abreast: the steps of one do not wait for those of the others */

typedef struct walk {
    size_t row;
    uint32_t at;
} walk;

/* Written without a branch on where the row goes, which would be guessed wrongly half of the time. */
static inline uint32_t child(const hn_tree_node *node, uint32_t at, const double *x)
{
    uint32_t to_left = -(uint32_t)(x[node->feature] <= node->threshold);
    return node->right ^ ((node->right ^ (at + 1)) & to_left);
}

static inline bool ends(const hn_tree_node *node, hn_tree_limits limits)
{
    return node->feature < 0 || node->n_rows < limits.min_split || node->depth >= limits.max_depth;
}

void hn_tree_find_rows(const hn_tree *tree, const double *x, size_t n, size_t d, hn_tree_limits limits,
                       uint32_t *at)
{
    walk walks[LANES];
    size_t begun = 0;
    for (; begun < LANES && begun < n; begun++)
        walks[begun] = (walk){begun, 0};
    for (size_t walking = begun; walking > 0;)
        for (size_t l = 0; l < walking; l++) {
            walk *w = &walks[l];
            const hn_tree_node *node = &tree->nodes[w->at];
            if (!ends(node, limits)) {
                w->at = child(node, w->at, x + w->row * d);
                continue;
            }
            at[w->row] = w->at;
            *w = begun < n ? (walk){begun, 0} : walks[--walking];
            begun += begun < n;
        }
}

/* --- nodes --- */

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

/* The numbers of the nodes that are left, in the same order; 0 for the others (and for the root). */
static size_t number_nodes(const hn_tree *tree, hn_tree_limits limits, uint32_t *numbers)
{
    size_t n = 0;
    for (size_t i = 0; i < tree->n_nodes; i++) { /* children lie behind their parent */
        const hn_tree_node *node = &tree->nodes[i];
        if (i && !numbers[i])
            continue;
        numbers[i] = (uint32_t)n++;
        if (!hn_tree_is_leaf(node, limits))
            numbers[i + 1] = numbers[node->right] = 1;
    }
    return n;
}

bool hn_tree_cut(const hn_tree *tree, size_t outputs, hn_tree_limits limits, hn_tree *cut)
{
    uint32_t *numbers = hn_calloc(tree->n_nodes, sizeof *numbers);
    bool made = numbers && hn_tree_allocate(cut, number_nodes(tree, limits, numbers), outputs);
    for (size_t i = 0; made && i < tree->n_nodes; i++) {
        if (i && !numbers[i])
            continue;
        const hn_tree_node *node = &tree->nodes[i];
        hn_tree_node *left = &cut->nodes[numbers[i]];
        *left = (hn_tree_node){.feature = -1, .n_rows = node->n_rows, .depth = node->depth};
        if (!hn_tree_is_leaf(node, limits)) {
            *left = *node;
            left->right = numbers[node->right];
        }
        memcpy(cut->values + numbers[i] * outputs, tree->values + i * outputs, outputs * sizeof *cut->values);
    }
    hn_free(numbers);
    return made;
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
        if (hn_tree_is_leaf(node, limits))
            continue; /* rows get fewer downwards: what is above it is not cut short either */
        out[node->feature] += node->gain;
    }
}
