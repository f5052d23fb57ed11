/* model/linear_moments.h: all that least squares need to know of a design with fewer columns than rows, in
 * one pass over its rows, which are never held together. With a and b as in linear_centre.h: */
#ifndef HN_MODEL_LINEAR_MOMENTS_H
#define HN_MODEL_LINEAR_MOMENTS_H

#include "model/model.h"

typedef struct hn_linear_moments {
    size_t n, d;
    double *gram;   /* (d, d): A'A */
    double *moment; /* (d,): A'b */
    double square;  /* |b|^2 */
    double *mean;   /* (d,) */
    double target_mean;
    double total_weight;
} hn_linear_moments;

/* Arguments and errors as hn_linear_centre. O(n d^2), and O(d^2) memory. */
hone_status hn_linear_moments_of(const char *model, const hn_design *design, bool intercept,
                                 bool unit_weights, hn_arena *scratch, hn_linear_moments *out,
                                 hone_error *err);
/* A copy that is its own; NULL when memory is out. Free with hn_linear_moments_free. */
hn_linear_moments *hn_linear_moments_copy(const hn_linear_moments *moments);
void hn_linear_moments_free(hn_linear_moments *moments); /* accepts NULL */
/* Bytes of a copy. */
size_t hn_linear_moments_bytes(const hn_linear_moments *moments);
/* The intercept that goes with coefficients w (d,). */
double hn_linear_moments_intercept(const hn_linear_moments *moments, const double *w);

#endif
