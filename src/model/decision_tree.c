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

static hone_status check(const void *config, hn_model_task task, hone_error *err)
{
    return hn_tree_model_check(&kind, config, task, err);
}

static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    return hn_tree_model_fit(&kind, config, train, context, fitted, err);
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    return hn_tree_model_load(&kind, state, n_classes, d, fitted, err);
}

extern const hn_model_type hn_model_decision_tree;

const hn_model_type hn_model_decision_tree = {
    .name = "decision_tree",
    .help = "one decision tree: classes by gini or entropy, values by squared error",
    .tasks = HN_TASK_CLASSIFICATION | HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_CANCELLABLE | HN_MODEL_PROBABILITY | HN_MODEL_IMPORTANCE | HN_MODEL_WEIGHTS,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_tree_config)},
    .default_space = "max_depth: {ordinal: [3, 5, 10, 20, null]}\n"
                     "min_samples_split: {int: [2, 40], log: true}\n"
                     "min_samples_leaf: {int: [1, 20], log: true}\n",
    .check = check,
    .share = hn_tree_share,
    .unshare = hn_tree_unshare,
    .fit = fit,
    .destroy = hn_tree_model_destroy,
    .predict = hn_tree_model_predict,
    .predict_proba = hn_tree_model_predict_proba,
    .importance = hn_tree_model_importance,
    .save = hn_tree_model_save,
    .load = load,
};
