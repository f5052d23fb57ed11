/* random_forest.c: trees on bootstrap samples with columns drawn at each node (Breiman 2001). Options are
 * named as scikit-learn's.
 */
#include <stddef.h>

#include "model/tree_model.h"
#include "model/tree_options.h"
#include "model/tree_tensors.h"

static const hn_tree_kind kind = {.name = "random_forest", .random_cuts = false};

static const hn_option options[] = {
    HN_FOREST_OPTIONS("true"),
    HN_TREE_OPTIONS("auto"),
};

HN_TREE_FUNCTIONS(kind)
HN_FOREST_FUNCTIONS(kind)

extern const hn_model_type hn_model_random_forest;

const hn_model_type hn_model_random_forest = {
    .name = "random_forest",
    .help = "random forest: the mean of trees on bootstrap samples, some columns tried at each node",
    .options = {options, sizeof options / sizeof *options, sizeof(hn_tree_config)},
    .default_space = HN_FOREST_SPACE,
    .simpler = "smaller n_estimators, smaller max_depth, larger min_samples_leaf, larger min_samples_split",
    .partial_fit = partial_fit,
    .extends = "n_estimators",
    .extend = extend,
    HN_TREE_TYPE(HN_MODEL_PARTIAL_FIT),
};
