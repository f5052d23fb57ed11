/* gradient_boosting.c: gradient boosted trees (Friedman 2001, 2002). Options are named as scikit-learn's
 * GradientBoostingClassifier and -Regressor; which of the two follows from the task.
 */
#include "model/gradient_boosting.h"

#include <stddef.h>

#include "model/tree_options.h"
#include "model/tree_tensors.h"

#define FIELD(name) offsetof(hn_boosting_config, name)

static const hn_option options[] = {
    {"n_estimators", HN_OPTION_INT, "100", 1, HN_TREE_MAX_ESTIMATORS, NULL, FIELD(n_estimators),
     "number of stages; one tree each, or one per class when there are more than two"},
    {"learning_rate", HN_OPTION_DOUBLE, "0.1", 1e-6, 100, NULL, FIELD(learning_rate),
     "factor on every tree's step"},
    {"subsample", HN_OPTION_DOUBLE, "1", 1e-6, 1, NULL, FIELD(subsample),
     "share of the rows, drawn without replacement, that a stage learns from"},
    {"max_depth", HN_OPTION_INT, "3", 1, HN_TREE_MAX_DEPTH, NULL, FIELD(max_depth),
     "cuts on the longest path of a tree"},
    {"min_samples_split", HN_OPTION_INT, "2", 2, INT32_MAX, NULL, FIELD(min_samples_split),
     "nodes of fewer rows are not cut"},
    {"min_samples_leaf", HN_OPTION_INT, "1", 1, INT32_MAX, NULL, FIELD(min_samples_leaf),
     "rows each side of a cut keeps at least"},
    {"max_features", HN_OPTION_NODE, "all", 0, 0, NULL, FIELD(max_features),
     "columns tried at a node: sqrt, log2, all, a number or a fraction; auto: all"},
    {"validation_fraction", HN_OPTION_DOUBLE, "0.1", 1e-6, 0.999, NULL, FIELD(validation_fraction),
     "share of the rows set aside for stopping early"},
    {"n_iter_no_change", HN_OPTION_INT, NULL, 1, HN_TREE_MAX_ESTIMATORS, NULL, FIELD(n_iter_no_change),
     "stop when the loss of the rows set aside has not improved for this many stages; null = never"},
    {"tol", HN_OPTION_DOUBLE, "0.0001", 0, 1e12, NULL, FIELD(tol), "what counts as an improvement"},
};

static hone_status check(const void *config, const hn_node *given, hn_model_task task, hone_error *err)
{
    (void)given;
    (void)task;
    return hn_tree_check_features("gradient_boosting", ((const hn_boosting_config *)config)->max_features,
                                  err);
}

/* A stage follows from those before it only, also whether it is the last: fewer stages are a prefix. */
static bool covers(const void *a, const void *b)
{
    const hn_boosting_config *more = a, *fewer = b;
    return more->n_estimators >= fewer->n_estimators && more->learning_rate == fewer->learning_rate &&
           more->subsample == fewer->subsample && more->max_depth == fewer->max_depth &&
           more->min_samples_split == fewer->min_samples_split &&
           more->min_samples_leaf == fewer->min_samples_leaf &&
           more->validation_fraction == fewer->validation_fraction &&
           more->n_iter_no_change == fewer->n_iter_no_change && more->tol == fewer->tol &&
           hn_tree_same_node(more->max_features, fewer->max_features);
}

static hone_status derive(const void *fitted, const void *config, const hn_design *train,
                          const hn_fit_context *context, void **derived, hone_error *err)
{
    (void)train, (void)context;
    return hn_boosting_derive(fitted, (size_t)((const hn_boosting_config *)config)->n_estimators, derived,
                              err);
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    return hn_boosting_load("gradient_boosting", state, n_classes, d, fitted, err);
}

extern const hn_model_type hn_model_gradient_boosting;

const hn_model_type hn_model_gradient_boosting = {
    .name = "gradient_boosting",
    .help = "gradient boosted trees: log loss for classes, squared error for values",
    .tasks = HN_TASK_CLASSIFICATION | HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_CANCELLABLE | HN_MODEL_PROBABILITY | HN_MODEL_IMPORTANCE | HN_MODEL_WEIGHTS,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_boosting_config)},
    .default_space = "n_estimators: {int: [50, 500], log: true}\n"
                     "learning_rate: {float: [0.01, 0.3], log: true}\n"
                     "max_depth: {int: [2, 8]}\n"
                     "subsample: {float: [0.5, 1]}\n"
                     "min_samples_leaf: {int: [1, 50], log: true}\n",
    .simpler =
        "smaller n_estimators, smaller max_depth, larger min_samples_leaf, larger min_samples_split, smaller learning_rate",
    .check = check,
    .share = hn_tree_share,
    .unshare = hn_tree_unshare,
    .fit = hn_boosting_fit,
    .destroy = hn_boosting_destroy,
    .covers = covers,
    .derive = derive,
    .bytes = hn_boosting_bytes,
    .extends = "n_estimators",
    .extend = hn_boosting_extend,
    .predict = hn_boosting_predict,
    .predict_proba = hn_boosting_predict_proba,
    .importance = hn_boosting_importance,
    .save = hn_boosting_save,
    .load = load,
    .graph = hn_boosting_graph,
};
