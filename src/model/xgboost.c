/* xgboost.c: XGBoost's trees (Chen & Guestrin 2016), fitted by its library, kept and used as hone's own: a
 * saved model needs no XGBoost, and no file reaches its parsers.
 */
#include "model/xgboost.h"

#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "model/tree_options.h"

/* A tree's JSON nests two levels per cut, of which base/node.h reads 64. */
enum { MOST_DEPTH = 30 };

const char *const hn_xgboost_methods[] = {"auto", "exact", "hist", "approx", NULL};

static const char *const starts[] = {"half", "mean", NULL};

#define FIELD(name) offsetof(hn_xgboost_config, name)

static const hn_option options[] = {
    {"n_estimators", HN_OPTION_INT, "100", 1, HN_TREE_MAX_ESTIMATORS, NULL, FIELD(n_estimators),
     "number of rounds; one tree each, or one per class when there are more than two"},
    {"learning_rate", HN_OPTION_DOUBLE, "0.3", 1e-6, 100, NULL, FIELD(learning_rate),
     "factor on every tree's step"},
    {"max_depth", HN_OPTION_INT, "6", 1, MOST_DEPTH, NULL, FIELD(max_depth),
     "cuts on the longest path of a tree"},
    {"subsample", HN_OPTION_DOUBLE, "1", 1e-6, 1, NULL, FIELD(subsample),
     "share of the rows, drawn without replacement, that a round learns from"},
    {"colsample", HN_OPTION_DOUBLE, "1", 1e-6, 1, NULL, FIELD(colsample),
     "share of the columns drawn for each tree (colsample_bytree)"},
    {"min_child_weight", HN_OPTION_DOUBLE, "1", 0, 1e12, NULL, FIELD(min_child_weight),
     "sum of second derivatives each side of a cut keeps at least: rows, in regression"},
    {"gamma", HN_OPTION_DOUBLE, "0", 0, 1e12, NULL, FIELD(gamma), "loss a cut has to save at least"},
    {"alpha", HN_OPTION_DOUBLE, "0", 0, 1e12, NULL, FIELD(alpha), "L1 penalty of the leaves"},
    {"lambda", HN_OPTION_DOUBLE, "1", 0, 1e12, NULL, FIELD(lambda), "L2 penalty of the leaves"},
    {"early_stopping_rounds", HN_OPTION_INT, NULL, 1, HN_TREE_MAX_ESTIMATORS, NULL,
     FIELD(early_stopping_rounds),
     "stop when the loss of the rows set aside has not improved for this many rounds; null = never"},
    {"validation_fraction", HN_OPTION_DOUBLE, "0.1", 1e-6, 0.999, NULL, FIELD(validation_fraction),
     "share of the rows set aside for stopping early"},
    {"start", HN_OPTION_CHOICE, "half", 0, 0, starts, FIELD(start),
     "what trees of values add to: 0.5, as in XGBoost 1, or the target's mean, as since version 2"},
    {"tree_method", HN_OPTION_CHOICE, "auto", 0, 0, hn_xgboost_methods, FIELD(tree_method),
     "cuts at all values (exact), at 256 quantiles of a column (hist), of each round (approx); auto: exact up to 80000 rows, then hist"},
};

static hone_status describe_library(const char **description, hone_error *err)
{
    const hn_xgboost *library = NULL;
    hone_status status = hn_xgboost_load(&library, err);
    if (!status)
        *description = library->description;
    return status;
}

/* Rounds are a prefix of more rounds, unless the best are chosen among them. */
static bool covers(const void *a, const void *b)
{
    const hn_xgboost_config *more = a, *fewer = b;
    bool all = !more->early_stopping_rounds && more->n_estimators >= fewer->n_estimators;
    return (all || more->n_estimators == fewer->n_estimators) &&
           more->early_stopping_rounds == fewer->early_stopping_rounds &&
           more->validation_fraction == fewer->validation_fraction &&
           more->learning_rate == fewer->learning_rate && more->max_depth == fewer->max_depth &&
           more->subsample == fewer->subsample && more->colsample == fewer->colsample &&
           more->min_child_weight == fewer->min_child_weight && more->gamma == fewer->gamma &&
           more->alpha == fewer->alpha && more->lambda == fewer->lambda && more->start == fewer->start &&
           more->tree_method == fewer->tree_method;
}

static hone_status derive(const void *fitted, const void *config, const hn_design *train,
                          const hn_fit_context *context, void **derived, hone_error *err)
{
    (void)train, (void)context;
    return hn_boosting_derive(fitted, (size_t)((const hn_xgboost_config *)config)->n_estimators, derived,
                              err);
}

/* XGBoost's `gain`: the mean gain of a column's cuts. */
static hone_status importance(const void *fitted, double *out, size_t d, hone_error *err)
{
    const hn_boosting *m = fitted;
    hone_status status = hn_boosting_importance(fitted, out, d, err); /* shares of the sum */
    size_t *cuts = status ? NULL : hn_calloc(d, sizeof *cuts);
    double total = 0;
    if (status || !cuts)
        return status ? status : hn_out_of_memory(err);
    for (size_t t = 0; t < m->trees.n_trees; t++)
        for (size_t i = 0; i < m->trees.trees[t].n_nodes; i++)
            if (m->trees.trees[t].nodes[i].feature >= 0)
                cuts[m->trees.trees[t].nodes[i].feature]++;
    for (size_t j = 0; j < d; j++)
        total += out[j] = cuts[j] ? out[j] / (double)cuts[j] : 0;
    for (size_t j = 0; j < d && total > 0; j++)
        out[j] /= total;
    hn_free(cuts);
    return HONE_OK;
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    return hn_boosting_load("xgboost", state, n_classes, d, fitted, err);
}

extern const hn_model_type hn_model_xgboost;

const hn_model_type hn_model_xgboost = {
    .name = "xgboost",
    .help = "gradient boosted trees with penalised leaves, fitted by the library XGBoost",
    .tasks = HN_TASK_CLASSIFICATION | HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_CANCELLABLE | HN_MODEL_PROBABILITY | HN_MODEL_IMPORTANCE | HN_MODEL_WEIGHTS |
                    HN_MODEL_SOURCE | HN_MODEL_COPIES,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_xgboost_config)},
    .default_space = "n_estimators: {int: [50, 500], log: true}\n"
                     "learning_rate: {float: [0.01, 0.3], log: true}\n"
                     "max_depth: {int: [2, 10]}\n"
                     "subsample: {float: [0.5, 1]}\n"
                     "colsample: {float: [0.5, 1]}\n"
                     "min_child_weight: {float: [1, 20], log: true}\n"
                     "lambda: {float: [0.001, 10], log: true}\n",
    .simpler =
        "smaller n_estimators, smaller max_depth, larger min_child_weight, larger lambda, smaller learning_rate",
    .library = describe_library,
    .fit = hn_xgboost_fit,
    .destroy = hn_boosting_destroy,
    .covers = covers,
    .derive = derive,
    .bytes = hn_boosting_bytes,
    .extends = "n_estimators",
    .extend = hn_xgboost_extend,
    .predict = hn_boosting_predict,
    .predict_proba = hn_boosting_predict_proba,
    .importance = importance,
    .save = hn_boosting_save,
    .load = load,
    .graph = hn_boosting_graph,
};
