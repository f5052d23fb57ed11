/* model/logistic.h: logistic regression, one set of coefficients for two classes and one a class (softmax)
 * for more: minimises
 *     sum_i weight_i loss_i(w, b) + 1/C ((1 - r) / 2 |w|^2 + r |w|_1),   r = l1_ratio.
 */
#ifndef HN_MODEL_LOGISTIC_H
#define HN_MODEL_LOGISTIC_H

#include "model/linear_model.h"
#include "model/linear_objective.h"

typedef enum hn_logistic_penalty {
    HN_LOGISTIC_L2,
    HN_LOGISTIC_L1,
    HN_LOGISTIC_ELASTIC_NET,
    HN_LOGISTIC_NONE
} hn_logistic_penalty;

typedef struct hn_logistic_config {
    int penalty; /* hn_logistic_penalty */
    double c, l1_ratio;
    bool fit_intercept;
    const hn_node *class_weight; /* "none", "balanced" or a map class -> factor */
    double tolerance;
    int64_t max_iter;
} hn_logistic_config;

/* A fit of one data set under changing penalties. */
typedef struct hn_logistic_problem {
    hn_linear_objective objective; /* l2 is set by each solve */
    double l1;
    double tolerance;
    size_t max_iter;
    double *w; /* (parameters,): the start, then the solution */
    const volatile int *cancel;
    hn_arena *scratch;
    void *sparse; /* what the sparse solver keeps between solves; NULL at first */
} hn_logistic_problem;

/* With an L1 penalty, by proximal Newton steps (Lee, Sun & Saunders 2014), class by class. Stops when no
 * coefficient's smallest subgradient is larger than tolerance times max(1, the largest at the start). */
hone_status hn_logistic_solve_sparse(hn_logistic_problem *problem, hone_error *err);

/* The models for each C in the order given, each begun where the last one ended: go from small to large.
 * config->c is not read. models (n_c,): free each with hn_linear_destroy; none are made on failure. */
hone_status hn_logistic_path(const hn_logistic_config *config, const hn_design *train,
                             const hn_fit_context *context, const double *c, size_t n_c, hn_linear **models,
                             hone_error *err);

#endif
