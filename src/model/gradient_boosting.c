/* gradient_boosting.c: gradient boosted trees (Friedman 2001, 2002). Options are named as scikit-learn's
 * GradientBoostingClassifier and -Regressor; which of the two follows from the task.
 */
#include "model/gradient_boosting.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "model/gradient_loss.h"
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

static hone_status check(const void *config, hn_model_task task, hone_error *err)
{
    (void)task;
    return hn_tree_check_features("gradient_boosting", ((const hn_boosting_config *)config)->max_features,
                                  err);
}

/* --- the fitted object -------------------------------------------------------------------------------------
 */

hn_boosting *hn_boosting_new(size_t n_classes, size_t d)
{
    hn_boosting *m = hn_calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->n_classes = n_classes;
    m->trees.d = d;
    m->trees.outputs = 1;
    m->start = hn_calloc(hn_gradient_outputs(n_classes), sizeof *m->start);
    if (m->start)
        return m;
    hn_free(m);
    return NULL;
}

void hn_boosting_destroy(void *fitted)
{
    hn_boosting *m = fitted;
    if (!m)
        return;
    hn_forest_release(&m->trees);
    hn_free(m->start);
    hn_free(m);
}

void hn_boosting_add(const hn_boosting *m, size_t first, const double *x, size_t n, double *raw)
{
    const hn_tree_limits none = {SIZE_MAX, 2};
    size_t outputs = hn_gradient_outputs(m->n_classes);
    for (size_t t = first; t < m->trees.n_trees; t++) {
        const hn_tree *tree = &m->trees.trees[t];
        for (size_t i = 0; i < n; i++)
            raw[i * outputs + t % outputs] += tree->values[hn_tree_find(tree, x + i * m->trees.d, none)];
    }
}

/* --- using -------------------------------------------------------------------------------------------------
 */

static hone_status check_width(const hn_boosting *m, size_t d, hone_error *err)
{
    if (d == m->trees.d)
        return HONE_OK;
    return hn_fail(err, HONE_INVALID, "model gradient_boosting: rows of %zu columns, it was fitted to %zu", d,
                   m->trees.d);
}

/* raw (n, outputs), to be freed. */
static hone_status predict_raw(const hn_boosting *m, const hn_design *rows, double **raw, hone_error *err)
{
    size_t outputs = hn_gradient_outputs(m->n_classes);
    hone_status status = check_width(m, rows->d, err);
    if (status)
        return status;
    double *made = hn_calloc(rows->n, outputs * sizeof *made);
    if (!made)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < rows->n * outputs; i++)
        made[i] = m->start[i % outputs];
    hn_boosting_add(m, 0, rows->x, rows->n, made);
    *raw = made;
    return HONE_OK;
}

/* The first class of the largest score; of two, class 1 from log-odds 0 on. */
static double decide(const hn_boosting *m, const double *raw)
{
    if (m->n_classes == 0)
        return raw[0];
    if (m->n_classes <= 2)
        return m->n_classes == 2 && raw[0] >= 0;
    size_t best = 0;
    for (size_t k = 1; k < m->n_classes; k++)
        if (raw[k] > raw[best])
            best = k;
    return (double)best;
}

static hone_status predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const hn_boosting *m = fitted;
    double *raw = NULL;
    hone_status status = predict_raw(m, rows, &raw, err);
    for (size_t i = 0; !status && i < rows->n; i++)
        out[i] = decide(m, raw + i * hn_gradient_outputs(m->n_classes));
    hn_free(raw);
    return status;
}

static hone_status predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const hn_boosting *m = fitted;
    double *raw = NULL;
    if (m->n_classes == 0)
        return hn_fail(err, HONE_UNSUPPORTED,
                       "model gradient_boosting: it was fitted to values, not to classes");
    hone_status status = predict_raw(m, rows, &raw, err);
    for (size_t i = 0; !status && i < rows->n; i++)
        hn_gradient_probabilities(m->n_classes, raw + i * hn_gradient_outputs(m->n_classes),
                                  out + i * m->n_classes);
    hn_free(raw);
    return status;
}

static hone_status importance(const void *fitted, double *out, size_t d, hone_error *err)
{
    const hn_boosting *m = fitted;
    hone_status status = check_width(m, d, err);
    return status ? status
                  : hn_forest_importance(&m->trees, m->trees.n_trees, (hn_tree_limits){SIZE_MAX, 2}, false,
                                         out, err);
}

/* --- files -------------------------------------------------------------------------------------------------
 */

static hone_status save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const hn_boosting *m = fitted;
    hn_node *map = hn_node_map(arena);
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, HN_TREE_TENSORS + 1);
    if (!map || !tensors)
        return hn_out_of_memory(err);
    hone_status status = hn_tree_tensors_write(&m->trees, arena, tensors, err);
    tensors[HN_TREE_TENSORS] = (hn_tensor){
        .name = "start", .dims = 1, .shape = {hn_gradient_outputs(m->n_classes)}, .values = m->start};
    if (!status)
        *state = (hn_model_state){.settings = map, .tensors = tensors, .n_tensors = HN_TREE_TENSORS + 1};
    return status;
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    size_t outputs = hn_gradient_outputs(n_classes);
    const hn_tensor *start = hn_tensor_find(state->tensors, state->n_tensors, "start", 1);
    bool sound = outputs && start && start->shape[0] == outputs;
    for (size_t k = 0; sound && k < outputs; k++)
        sound = isfinite(start->values[k]);
    if (!sound)
        return hn_fail(err, HONE_PARSE, "model gradient_boosting: its start is missing or damaged");
    hn_boosting *m = hn_boosting_new(n_classes, d);
    if (!m)
        return hn_out_of_memory(err);
    memcpy(m->start, start->values, outputs * sizeof *m->start);
    hone_status status = hn_tree_tensors_read("gradient_boosting", state, 1, d, &m->trees, err);
    if (!status && m->trees.n_trees % outputs != 0)
        status = hn_fail(err, HONE_PARSE, "model gradient_boosting: %zu trees are no whole stages of %zu",
                         m->trees.n_trees, outputs);
    if (status)
        hn_boosting_destroy(m);
    else
        *fitted = m;
    return status;
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
    .check = check,
    .share = hn_tree_share,
    .unshare = hn_tree_unshare,
    .fit = hn_boosting_fit,
    .destroy = hn_boosting_destroy,
    .predict = predict,
    .predict_proba = predict_proba,
    .importance = importance,
    .save = save,
    .load = load,
};
