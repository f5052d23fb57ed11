/* The Parzen estimator written as its definition reads, slowly: what the fast one is compared with. */
#ifndef HN_TEST_SURROGATE_NAIVE_H
#define HN_TEST_SURROGATE_NAIVE_H

#include "surrogate/parzen.h"

/* Bandwidths by sorting: the larger gap to the neighbours in (place, index) order. */
void naive_bandwidths(const double *place, size_t n, double floor, double *sigma);

/* log of the mixture at one point; arguments as for hn_parzen_fit and hn_parzen_log_density. */
double naive_log_density(const hn_parzen_rule *rule, const hn_parzen_axis *axes, size_t n_axes,
                         const double *values, const double *weights, size_t n, const double *point);

#endif
