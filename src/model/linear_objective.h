/* model/linear_objective.h: the penalised loss of a linear model, its gradient and its Hessian's products:
 *     f(w) = sum_i weight_i loss(y_i, x_i w + b) + l2 / 2 |w|^2,   the intercepts b not penalised.
 * Parameters: coefficients (n_outputs, d) row-major, then n_outputs intercepts if there are any. Thread-safe
 * when each thread has its own scratch.
 */
#ifndef HN_MODEL_LINEAR_OBJECTIVE_H
#define HN_MODEL_LINEAR_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum hn_linear_loss {
    HN_LINEAR_SQUARED,  /* 1/2 (score - y)^2 */
    HN_LINEAR_LOGISTIC, /* log(1 + exp(score)) - y score, y 0 or 1 */
    HN_LINEAR_SOFTMAX   /* log sum_k exp(score_k) - score_y, y = 0 .. n_outputs-1 */
} hn_linear_loss;

typedef struct hn_linear_objective {
    hn_linear_loss loss;
    size_t n, d, n_outputs; /* one output but for softmax */
    const double *x;        /* (n, d) row-major */
    const double *y;        /* (n,) */
    const double *weight;   /* (n,) or NULL for ones */
    bool intercept;
    double l2;
    double *scratch; /* hn_linear_scratch_size doubles */
} hn_linear_objective;

size_t hn_linear_parameters(const hn_linear_objective *objective);
size_t hn_linear_scratch_size(const hn_linear_objective *objective);
/* The value at w; fills gradient (parameters,) unless it is NULL. O(n d n_outputs). */
double hn_linear_value(const hn_linear_objective *objective, const double *w, double *gradient);
/* out (parameters,) = Hessian(w) v. */
void hn_linear_hessian_times(const hn_linear_objective *objective, const double *w, const double *v,
                             double *out);
/* The second derivative of the loss by the score of one output, times the weight: out (n,). For softmax the
 * diagonal p_k (1 - p_k). */
void hn_linear_curvature(const hn_linear_objective *objective, const double *w, size_t output, double *out);

/* Softmax of each row of scores (n, n_outputs), in place. */
void hn_linear_softmax(double *scores, size_t n, size_t n_outputs);
/* 1 / (1 + exp(-score)) of each of n scores, in place. */
void hn_linear_logistic(double *scores, size_t n);
/* out (n, n_outputs) = x w' + b; b may be NULL. */
void hn_linear_scores(const double *x, size_t n, size_t d, const double *w, const double *b, size_t n_outputs,
                      double *out);

#endif
