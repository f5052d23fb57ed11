#include "model/tree_graph.h"

/* The operator wants every property of all nodes, and of all leaves, as a list. */
typedef struct lists {
    size_t n_nodes, n_leaves;
    int64_t *tree, *node, *feature, *left, *right; /* (n_nodes,) */
    double *threshold;                             /* (n_nodes,) */
    const char **mode;                             /* (n_nodes,) */
    int64_t *leaf_tree, *leaf_node, *target;       /* (n_leaves,) */
    double *weight;                                /* (n_leaves,) */
} lists;

/* False when memory is out. */
static bool make_room(const hn_forest *forest, hn_graph *graph, lists *l)
{
    size_t nodes = 0, leaves = 0;
    for (size_t t = 0; t < forest->n_trees; t++) {
        nodes += forest->trees[t].n_nodes;
        leaves += (forest->trees[t].n_nodes + 1) / 2 * forest->outputs;
    }
    int64_t **const of_nodes[] = {&l->tree, &l->node, &l->feature, &l->left, &l->right};
    int64_t **const of_leaves[] = {&l->leaf_tree, &l->leaf_node, &l->target};
    for (size_t i = 0; i < sizeof of_nodes / sizeof *of_nodes; i++)
        *of_nodes[i] = hn_graph_room(graph, nodes, sizeof **of_nodes[i]);
    for (size_t i = 0; i < sizeof of_leaves / sizeof *of_leaves; i++)
        *of_leaves[i] = hn_graph_room(graph, leaves, sizeof **of_leaves[i]);
    l->threshold = hn_graph_room(graph, nodes, sizeof *l->threshold);
    l->mode = hn_graph_room(graph, nodes, sizeof *l->mode);
    l->weight = hn_graph_room(graph, leaves, sizeof *l->weight);
    return l->weight != NULL;
}

static void add_leaf(lists *l, size_t t, size_t at, const double *values, size_t outputs, size_t n,
                     double share)
{
    for (size_t k = 0; k < outputs; k++) {
        l->leaf_tree[l->n_leaves] = (int64_t)t;
        l->leaf_node[l->n_leaves] = (int64_t)at;
        l->target[l->n_leaves] = (int64_t)(outputs > 1 ? k : t % n);
        l->weight[l->n_leaves++] = share * values[k];
    }
}

static void add_tree(lists *l, const hn_forest *forest, size_t t, size_t n, double share)
{
    const hn_tree *tree = &forest->trees[t];
    for (size_t at = 0; at < tree->n_nodes; at++) {
        const hn_tree_node *node = &tree->nodes[at];
        bool leaf = node->feature < 0;
        size_t i = l->n_nodes++;
        l->tree[i] = (int64_t)t;
        l->node[i] = (int64_t)at;
        l->mode[i] = leaf ? "LEAF" : "BRANCH_LEQ";
        l->feature[i] = leaf ? 0 : node->feature;
        l->threshold[i] = leaf ? 0 : node->threshold;
        l->left[i] = leaf ? 0 : (int64_t)at + 1;
        l->right[i] = leaf ? 0 : (int64_t)node->right;
        if (leaf)
            add_leaf(l, t, at, tree->values + at * forest->outputs, forest->outputs, n, share);
    }
}

hn_value hn_forest_graph(const hn_forest *forest, const double *start, size_t n, double share, hn_value rows,
                         hn_graph *graph)
{
    lists l = {0};
    hn_value sums = HN_OP(graph, "TreeEnsembleRegressor", rows);
    sums.type = HN_VALUE_FLOAT;
    if (!make_room(forest, graph, &l))
        return sums;
    for (size_t t = 0; t < forest->n_trees; t++)
        add_tree(&l, forest, t, n, share);
    hn_graph_of_ml(graph, 3);
    hn_graph_set_int(graph, "n_targets", (int64_t)n);
    hn_graph_set_doubles(graph, "base_values_as_tensor", n, start);
    hn_graph_set_ints(graph, "nodes_treeids", l.n_nodes, l.tree);
    hn_graph_set_ints(graph, "nodes_nodeids", l.n_nodes, l.node);
    hn_graph_set_ints(graph, "nodes_featureids", l.n_nodes, l.feature);
    hn_graph_set_texts(graph, "nodes_modes", l.n_nodes, l.mode);
    hn_graph_set_doubles(graph, "nodes_values_as_tensor", l.n_nodes, l.threshold);
    hn_graph_set_ints(graph, "nodes_truenodeids", l.n_nodes, l.left);
    hn_graph_set_ints(graph, "nodes_falsenodeids", l.n_nodes, l.right);
    hn_graph_set_ints(graph, "target_treeids", l.n_leaves, l.leaf_tree);
    hn_graph_set_ints(graph, "target_nodeids", l.n_leaves, l.leaf_node);
    hn_graph_set_ints(graph, "target_ids", l.n_leaves, l.target);
    hn_graph_set_doubles(graph, "target_weights_as_tensor", l.n_leaves, l.weight);
    return sums;
}
