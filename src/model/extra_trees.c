/* extra_trees.c: trees with random cuts (Geurts, Ernst & Wehenkel 2006). Options are named as scikit-learn's.
 */
#include <stddef.h>

#include "model/tree_model.h"
#include "model/tree_options.h"
#include "model/tree_tensors.h"

static const hn_tree_kind kind = {.name = "extra_trees", .random_cuts = true};

static const hn_option options[] = {
    HN_FOREST_OPTIONS("false"),
    HN_TREE_OPTIONS("auto"),
};

HN_TREE_FUNCTIONS(kind)
HN_FOREST_FUNCTIONS(kind)

extern const hn_model_type hn_model_extra_trees;

const hn_model_type hn_model_extra_trees = {
    .name = "extra_trees",
    .help = "extremely randomised trees: the mean of trees whose cuts are drawn at random",
    .options = {options, sizeof options / sizeof *options, sizeof(hn_tree_config)},
    .default_space = HN_FOREST_SPACE,
    .simpler = "smaller n_estimators, smaller max_depth, larger min_samples_leaf, larger min_samples_split",
    .partial_fit = partial_fit,
    .extends = "n_estimators",
    .extend = extend,
    HN_TREE_TYPE(HN_MODEL_PARTIAL_FIT),
};
