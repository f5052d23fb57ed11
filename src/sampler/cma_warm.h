/* sampler/cma_warm.h: a first distribution from good points that are known already (WS-CMA-ES; Nomura,
 * Watanabe, Akimoto, Ozaki & Onishi 2021, arXiv 2012.06932): a normal of the mean and covariance of a mixture
 * of narrow normals around them. */
#ifndef HN_SAMPLER_CMA_WARM_H
#define HN_SAMPLER_CMA_WARM_H

#include <stddef.h>

#define HN_CMA_WARM_SHARE 0.1 /* gamma: of the trials known, the best */
#define HN_CMA_WARM_WIDTH 0.1 /* alpha: deviation of the normal around each, as a share of the range */

/* How many of n are taken, at least one when there is any. */
size_t hn_cma_warm_count(size_t n);
/* places (m, n) of m >= 1 points, NaN where one lacks a coordinate: it then counts as the mean of the others,
 * or as fallback[i] when all lack it. places is spoilt; mean (n,), covariance (n, n): sigma^2 C. */
void hn_cma_warm_fit(double *places, size_t m, size_t n, const double *fallback, double *mean,
                     double *covariance);

#endif
