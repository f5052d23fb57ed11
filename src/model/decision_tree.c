/* decision_tree.c: one tree (Breiman et al. 1984) on all rows. Options are named as scikit-learn's.
 */
#include <stddef.h>

#include "model/tree_model.h"
#include "model/tree_options.h"
#include "model/tree_tensors.h"

static const hn_tree_kind kind = {.name = "decision_tree", .random_cuts = false};

static const hn_option options[] = {
    HN_TREE_OPTIONS("all"),
};

HN_TREE_FUNCTIONS(kind)

extern const hn_model_type hn_model_decision_tree;

const hn_model_type hn_model_decision_tree = {
    .name = "decision_tree",
    .help = "one decision tree: classes by gini or entropy, values by squared error",
    .options = {options, sizeof options / sizeof *options, sizeof(hn_tree_config)},
    .default_space = "max_depth: {ordinal: [3, 5, 10, 20, null]}\n"
                     "min_samples_split: {int: [2, 40], log: true}\n"
                     "min_samples_leaf: {int: [1, 20], log: true}\n",
    .simpler = "smaller max_depth, larger min_samples_leaf, larger min_samples_split",
    HN_TREE_TYPE(0),
};
