/* forest/tree.h: a binary decision tree and how one is grown (Breiman et al. 1984): at each node the best of
 * the cuts of some drawn columns, exact over the values that occur in the node.
 *
 * What is drawn at a node depends on the tree's key and the path to the node only. So a tree grown with a
 * smaller max_depth or a larger min_split is the same tree cut short, which hn_tree_find does while it walks:
 * one grown tree answers for every such setting.
 */
#ifndef HN_FOREST_TREE_H
#define HN_FOREST_TREE_H

#include <stdbool.h>

#include "forest/columns.h"

typedef enum hn_criterion {
    HN_CRITERION_SQUARED_ERROR,
    HN_CRITERION_GINI,
    HN_CRITERION_ENTROPY
} hn_criterion;

typedef struct hn_tree_node {
    int32_t feature;  /* -1: a leaf. The left child is the next node */
    uint32_t right;   /* index of the right child */
    double threshold; /* left when the value is at most this */
    double gain;      /* decrease of weight * impurity by the cut */
    uint32_t n_rows;  /* rows that reached the node in training, a repeated one counted once */
    uint32_t depth;   /* of the root: 0 */
} hn_tree_node;

typedef struct hn_tree {
    size_t n_nodes;
    hn_tree_node *nodes; /* (n_nodes,), depth first; owns values, too */
    double *values;      /* (n_nodes, outputs): mean target, or the share of each class */
} hn_tree;

/* Where trees are cut short. */
typedef struct hn_tree_limits {
    size_t max_depth; /* SIZE_MAX: none */
    size_t min_split; /* nodes of fewer rows are leaves; at least 2 */
} hn_tree_limits;

typedef struct hn_tree_rules {
    hn_criterion criterion;
    size_t n_classes; /* above 2: the target is a class index, outputs = n_classes. Otherwise outputs = 1: the
                         mean target, which for two classes is the share of class 1 */
    hn_tree_limits limits;
    size_t min_leaf;     /* rows that each side of a cut must keep; at least 1 */
    size_t max_features; /* columns looked at per node, 1 .. d; more while all of them were constant */
    bool random_cuts;    /* one uniform cut per column (Geurts et al. 2006) instead of the best */
} hn_tree_rules;

static inline size_t hn_tree_outputs(const hn_tree_rules *rules)
{
    return rules->n_classes > 2 ? rules->n_classes : 1;
}

/* Scratch for trees on up to n_samples rows, one after the other. columns and rules are borrowed. */
typedef struct hn_grower hn_grower;
hone_status hn_grower_create(const hn_columns *columns, const hn_tree_rules *rules, size_t n_samples,
                             hn_grower **grower, hone_error *err);
void hn_grower_destroy(hn_grower *grower); /* accepts NULL */

/* Reorders samples (n,), n > 0. cancel may be NULL. Returned: free with hn_tree_release. */
hone_status hn_tree_grow(hn_grower *grower, uint64_t key, hn_sample *samples, size_t n,
                         const volatile int *cancel, hn_tree *tree, hone_error *err);
/* Whether the limits make a leaf of the node. */
static inline bool hn_tree_is_leaf(const hn_tree_node *node, hn_tree_limits limits)
{
    return node->feature < 0 || node->depth >= limits.max_depth || node->n_rows < limits.min_split;
}

/* The node in which a row x (d,) ends. */
static inline size_t hn_tree_find(const hn_tree *tree, const double *x, hn_tree_limits limits)
{
    for (size_t at = 0;;) {
        const hn_tree_node *node = &tree->nodes[at];
        if (hn_tree_is_leaf(node, limits))
            return at;
        at = x[node->feature] <= node->threshold ? at + 1 : node->right;
    }
}

/* The same for n rows x (n, d), some at a time; at: (n,). */
void hn_tree_find_rows(const hn_tree *tree, const double *x, size_t n, size_t d, hn_tree_limits limits,
                       uint32_t *at);

/* Room for nodes and values in one block; false when memory is out. */
bool hn_tree_allocate(hn_tree *tree, size_t n_nodes, size_t outputs);
void hn_tree_release(hn_tree *tree);
/* A tree of its own: what growing under these limits would have made. False when memory is out. */
bool hn_tree_cut(const hn_tree *tree, size_t outputs, hn_tree_limits limits, hn_tree *cut);
/* Sets the depths of a tree made from elsewhere. False unless every walk ends: children lie behind their
 * parent, features below d, numbers finite. */
bool hn_tree_finish(hn_tree *tree, size_t outputs, size_t d);

/* Adds to out (d,) the gains of the tree cut short by limits. */
void hn_tree_gains(const hn_tree *tree, hn_tree_limits limits, double *out);

#endif
