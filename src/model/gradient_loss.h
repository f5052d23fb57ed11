/* model/gradient_loss.h: the losses of gradient boosting: squared error, binomial and multinomial deviance
 * (Friedman 2001). Raw predictions are (n, outputs): the value, the log-odds of class 1, or a score per
 * class.
 */
#ifndef HN_MODEL_GRADIENT_LOSS_H
#define HN_MODEL_GRADIENT_LOSS_H

#include <stddef.h>

/* Trees per stage: one for values and for two classes. */
size_t hn_gradient_outputs(size_t n_classes);
/* The best constant: raw (outputs,). */
void hn_gradient_start(size_t n_classes, const double *y, const double *weight, size_t n, double *raw);
/* Negative gradient of output k: out (n,). */
void hn_gradient_residuals(size_t n_classes, const double *y, const double *raw, size_t n, size_t k,
                           double *out);
/* Weighted mean loss; weight may be NULL. */
double hn_gradient_loss(size_t n_classes, const double *y, const double *weight, const double *raw, size_t n);
/* The second derivative at a row with this residual: what it adds to the denominator of its leaf's Newton
 * step. */
double hn_gradient_curvature(size_t n_classes, double y, double residual, size_t k);
/* The step from the sums; 0 where the curvature vanishes. */
double hn_gradient_step(size_t n_classes, double numerator, double denominator);
/* Probabilities (n_classes,) from one row's raw (outputs,). */
void hn_gradient_probabilities(size_t n_classes, const double *raw, double *out);

#endif
