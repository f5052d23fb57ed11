/* xgboost_trees.c: trees from XGBoost's JSON. A node is {nodeid, split: "f2", split_condition, yes, no, gain,
 * cover, children: [..., ...]} or {nodeid, leaf, cover}. Rows whose value, rounded to a float, is below
 * split_condition go to `yes`.
 */
#include <math.h>

#include "base/memory.h"
#include "base/number.h"
#include "model/xgboost.h"

#include <string.h>

/* A walk of hn_tree_find only stops at leaves; XGBoost does not say how many rows reached a node. */
enum { ROWS_UNKNOWN = 2 };

/* The largest double that is below the float `cut` once it is rounded to a float itself. */
static double threshold_of(float cut)
{
    double between = ((double)nextafterf(cut, -INFINITY) + (double)cut) / 2;
    return (float)between < cut ? between : nextafter(between, -(double)INFINITY);
}

static const hn_node *children_of(const hn_node *node)
{
    const hn_node *children = node->kind == HN_MAP ? hn_map_get(node, "children") : NULL;
    return children && children->kind == HN_LIST && children->count == 2 ? children : NULL;
}

static size_t count_nodes(const hn_node *node)
{
    const hn_node *children = children_of(node);
    return 1 +
           (children ? count_nodes(children->as.items[0]) + count_nodes(children->as.items[1]) : (size_t)0);
}

/* The column of "f12". */
static bool read_feature(const hn_node *node, int32_t *feature)
{
    int64_t column;
    const hn_node *split = hn_map_get(node, "split");
    if (!split || split->kind != HN_STRING || split->as.string[0] != 'f' ||
        !hn_parse_int(split->as.string + 1, strlen(split->as.string + 1), &column) || column < 0 ||
        column > INT32_MAX)
        return false;
    *feature = (int32_t)column;
    return true;
}

/* Adds the node and what hangs on it, depth first, at *at. */
static bool add_node(const hn_node *node, hn_tree *tree, size_t *at)
{
    size_t index = (*at)++;
    const hn_node *children = children_of(node);
    hn_tree_node *made = &tree->nodes[index];
    int64_t yes, first;
    double cut, gain;
    made->n_rows = ROWS_UNKNOWN;
    made->feature = -1;
    if (!children)
        return node->kind == HN_MAP && hn_node_double(hn_map_get(node, "leaf"), &tree->values[index]);
    const hn_node *left = children->as.items[0], *right = children->as.items[1];
    if (left->kind != HN_MAP || !hn_node_int(hn_map_get(node, "yes"), &yes) ||
        !hn_node_int(hn_map_get(left, "nodeid"), &first) || !read_feature(node, &made->feature) ||
        !hn_node_double(hn_map_get(node, "split_condition"), &cut) ||
        !hn_node_double(hn_map_get(node, "gain"), &gain))
        return false;
    made->threshold = threshold_of((float)cut);
    made->gain = fmax(gain, 0); /* rounding may leave a little less than nothing */
    if (!add_node(first == yes ? left : right, tree, at))
        return false;
    made->right = (uint32_t)*at;
    return add_node(first == yes ? right : left, tree, at);
}

hone_status hn_xgboost_read_trees(const char *const *texts, size_t n, hn_boosting *model, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_status status = HONE_OK;
    hn_forest *trees = &model->trees;
    hn_tree *grown = hn_realloc_array(trees->trees, trees->n_trees + n, sizeof *grown);
    if (!grown)
        return hn_out_of_memory(err);
    trees->trees = grown;
    for (size_t t = 0; !status && t < n; t++) {
        hn_node *root = NULL;
        hn_tree *tree = &trees->trees[trees->n_trees];
        size_t at = 0;
        *tree = (hn_tree){0};
        hn_arena_reset(&arena);
        status = hn_json_parse(&arena, "a tree of XGBoost", texts[t], strlen(texts[t]), &root, err);
        if (!status && !hn_tree_allocate(tree, count_nodes(root), 1))
            status = hn_out_of_memory(err);
        if (status)
            break;
        trees->n_trees++;
        if (!add_node(root, tree, &at))
            status =
                hn_fail(err, HONE_UNSUPPORTED, "XGBoost's tree %zu is not understood: %.60s", t, texts[t]);
        else if (!hn_tree_finish(tree, 1, model->trees.d))
            status = hn_fail(err, HONE_INVALID,
                             "a number of tree %zu is not finite: is the target too large to be squared?", t);
    }
    hn_arena_release(&arena);
    return status;
}
