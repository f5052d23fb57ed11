/* model/linear_centre.h: a regression design made ready for a fit without intercept. With weights w and
 * weighted means m (zero without intercept): a_i = sqrt(w_i) (x_i - m), b_i = sqrt(w_i) (y_i - m_y). A linear
 * model of b on a has the coefficients of the weighted model with a free intercept. */
#ifndef HN_MODEL_LINEAR_CENTRE_H
#define HN_MODEL_LINEAR_CENTRE_H

#include "model/model.h"

typedef struct hn_linear_centred {
    size_t n, d;
    double *a;      /* (n, d) */
    double *b;      /* (n,) */
    double *mean;   /* (d,) */
    double *weight; /* (n,); ones without weights */
    double target_mean;
    double total_weight;
} hn_linear_centred;

/* unit_weights: weights are scaled to a mean of 1 first. Arrays live in scratch. HONE_INVALID when the
 * weights add up to nothing (model names the type). */
hone_status hn_linear_centre(const char *model, const hn_design *design, bool intercept, bool unit_weights,
                             hn_arena *scratch, hn_linear_centred *out, hone_error *err);
/* The intercept that goes with coefficients w (d,) of the centred design. */
double hn_linear_intercept(const hn_linear_centred *centred, const double *w);

#endif
