/* model/ridge.h: least squares with an L2 penalty (Hoerl & Kennard 1970): minimises
 *     sum_i weight_i (y_i - x_i w - b)^2 + alpha |w|^2. */
#ifndef HN_MODEL_RIDGE_H
#define HN_MODEL_RIDGE_H

#include "model/model.h"

/* The errors y_i - prediction_i of models fitted without row i, for each alpha (above 0), without fitting
 * them (Allen 1974): residual / (1 - leverage). errors (n_alphas, n). O(n d min(n, d)) an alpha.
 * HONE_INVALID, HONE_CANCELLED, HONE_OUT_OF_MEMORY. */
hone_status hn_ridge_leave_one_out(const hn_design *design, bool fit_intercept, const double *alphas,
                                   size_t n_alphas, const hn_fit_context *context, double *errors,
                                   hone_error *err);

#endif
