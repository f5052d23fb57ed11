/* The Gaussian process written as its definition reads, slowly: what the fast one is compared with. */
#ifndef HN_TEST_SURROGATE_NAIVE_GP_H
#define HN_TEST_SURROGATE_NAIVE_GP_H

#include "surrogate/gp_parts.h"

/* The covariance of two points (d,), without noise. */
double naive_gp_covariance(const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                           const hn_gp_hyper *hyper, const double *a, const double *b);

/* x (n, d), y (n,), noise (n,) all of it; at (d,). mean and variance there, and log p(y). */
void naive_gp_posterior(const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                        const hn_gp_hyper *hyper, const double *x, const double *y, const double *noise,
                        size_t n, const double *at, double *mean, double *variance, double *log_likelihood);

#endif
