/* svm.c: support vector classification and regression (C-SVC and epsilon-SVR; Cortes & Vapnik 1995, solved by
 * libsvm, Chang & Lin 2011). Which of the two follows from the task. Options and their defaults are
 * scikit-learn's SVC and SVR.
 */
#include "model/svm.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "model/row_weight.h"

const char *const hn_svm_kernel_names[] = {"linear", "rbf", "poly", "sigmoid", NULL};

#define FIELD(name) offsetof(hn_svm_config, name)

static const hn_option options[] = {
    {"C", HN_OPTION_DOUBLE, "1", 1e-12, 1e12, NULL, FIELD(c),
     "penalty of the error; smaller regularises more"},
    {"kernel", HN_OPTION_CHOICE, "rbf", 0, 0, hn_svm_kernel_names, FIELD(kernel), "similarity of two rows"},
    {"gamma", HN_OPTION_NODE, "scale", 0, 0, NULL, FIELD(gamma),
     "width of rbf, poly and sigmoid: scale = 1 / (columns * variance of the training rows), auto = 1 / columns, or a "
     "positive number"},
    {"degree", HN_OPTION_INT, "3", 0, 100, NULL, FIELD(degree), "power of the poly kernel"},
    {"coef0", HN_OPTION_DOUBLE, "0", -1e12, 1e12, NULL, FIELD(coef0), "constant term of poly and sigmoid"},
    {"epsilon", HN_OPTION_DOUBLE, "0.1", 0, 1e12, NULL, FIELD(epsilon),
     "regression: errors up to this size cost nothing"},
    {"class_weight", HN_OPTION_NODE, "none", 0, 0, NULL, FIELD(class_weight),
     "classification: factor on C per class: none, balanced (rows / (classes * rows of the class)), or a map"},
    {"shrinking", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(shrinking), "leave out rows that seem settled"},
    {"tolerance", HN_OPTION_DOUBLE, "0.001", 1e-12, 1, NULL, FIELD(tolerance), "of the stopping criterion"},
    {"cache_mb", HN_OPTION_DOUBLE, "200", 1, 1e6, NULL, FIELD(cache_mb), "megabytes for kernel rows"},
    {"probability", HN_OPTION_BOOL, "false", 0, 0, NULL, FIELD(probability),
     "classification: fit the probabilities, too (Platt's sigmoids on five folds of each pair of classes)"},
};

static bool is_text(const hn_node *node, const char *text)
{
    return node->kind == HN_STRING && strcmp(node->as.string, text) == 0;
}

static hone_status check_gamma(const hn_node *gamma, hone_error *err)
{
    double value;
    if (!gamma || is_text(gamma, "scale") || is_text(gamma, "auto"))
        return HONE_OK;
    if (hn_node_double(gamma, &value) && value > 0 && isfinite(value))
        return HONE_OK;
    hn_arena arena = HN_ARENA_INIT;
    hone_status status = hn_fail_at(err, HONE_INVALID, gamma->at,
                                    "model svm: gamma is %s; allowed are scale, auto and numbers above 0",
                                    hn_node_describe(&arena, gamma));
    hn_arena_release(&arena);
    return status;
}

static hone_status check(const void *config, const hn_node *given, hn_model_task task, hone_error *err)
{
    (void)given;
    const hn_svm_config *c = config;
    hone_status status = check_gamma(c->gamma, err);
    return status ? status : hn_class_weight_check("svm", c->class_weight, task, err);
}

/* --- the fitted object --- */

size_t hn_svm_coefficient_rows(const hn_svm *svm)
{
    return svm->n_present > 1 ? svm->n_present - 1 : 1;
}

size_t hn_svm_pairs(const hn_svm *svm)
{
    return svm->n_present > 1 ? svm->n_present * (svm->n_present - 1) / 2 : 1;
}

hn_svm *hn_svm_new(size_t n_classes, size_t n_present, size_t n_support, size_t d)
{
    hn_svm *svm = hn_calloc(1, sizeof *svm);
    if (!svm)
        return NULL;
    svm->n_classes = n_classes;
    svm->n_present = n_present;
    svm->n_support = n_support;
    svm->d = d;
    svm->present = hn_calloc(n_present, sizeof *svm->present);
    svm->count = hn_calloc(n_present, sizeof *svm->count);
    svm->coefficients = hn_calloc(hn_svm_coefficient_rows(svm) * n_support, sizeof *svm->coefficients);
    svm->rho = hn_calloc(hn_svm_pairs(svm), sizeof *svm->rho);
    svm->vectors = hn_calloc(n_support * d, sizeof *svm->vectors);
    svm->norms = hn_calloc(n_support, sizeof *svm->norms);
    if (svm->present && svm->count && svm->coefficients && svm->rho && svm->vectors && svm->norms)
        return svm;
    hn_svm_destroy(svm);
    return NULL;
}

void hn_svm_destroy(void *fitted)
{
    hn_svm *svm = fitted;
    if (!svm)
        return;
    hn_free(svm->present);
    hn_free(svm->count);
    hn_free(svm->coefficients);
    hn_free(svm->rho);
    hn_free(svm->vectors);
    hn_free(svm->norms);
    hn_free(svm->sigmoids);
    hn_free(svm->shared_rows);
    hn_free(svm);
}

extern const hn_model_type hn_model_svm;

const hn_model_type hn_model_svm = {
    .name = "svm",
    .help = "support vector machine: C-SVC or epsilon-SVR with linear, rbf, poly or sigmoid kernel",
    .tasks = HN_TASK_CLASSIFICATION | HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_PROBABILITY | HN_MODEL_WEIGHTS,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_svm_config)},
    .default_space = "C: {float: [0.01, 1000], log: true}\n"
                     "kernel: {choice: [rbf, linear]}\n"
                     "gamma: {float: [1e-4, 10], log: true, when: kernel == rbf}\n",
    .simpler = "earlier kernel, smaller C, smaller gamma, smaller degree",
    .probability_option = "probability",
    .check = check,
    .share = hn_svm_share,
    .unshare = hn_svm_unshare,
    .fit = hn_svm_fit,
    .destroy = hn_svm_destroy,
    .predict = hn_svm_predict,
    .predict_proba = hn_svm_predict_proba,
    .decision = hn_svm_decision,
    .predict_shared = hn_svm_predict_shared,
    .save = hn_svm_save,
    .load = hn_svm_load,
    .graph = hn_svm_graph,
};
