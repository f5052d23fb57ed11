/* math/signed_rank.h: Wilcoxon's signed-rank test (1945) for paired differences. Thread-safe. */
#ifndef HN_MATH_SIGNED_RANK_H
#define HN_MATH_SIGNED_RANK_H

#include <stddef.h>

/* P(W+ >= the observed one) when the n > 0 finite differences are symmetric about 0: small = they are above
 * it. A difference of 0 gives half its rank to either side. Exact for n <= 50 without ties and zeros, and for
 * n <= 13 with them (the distribution given the ranks); the normal approximation with its correction for ties
 * else: what SciPy (1.13 on) does with zero_method="zsplit". d is reordered. O(n log n + min(n, 50)^3 / 4).
 */
double hn_signed_rank_tail(double *d, size_t n);

#endif
