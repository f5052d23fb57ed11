/* math/vector_normal.h: masses of the standard normal over many intervals at once. Thread-safe. */
#ifndef HN_MATH_VECTOR_NORMAL_H
#define HN_MATH_VECTOR_NORMAL_H

#include <stddef.h>

/* log of the mass in [a, b], a < b: within 1e-10 of hn_normal_log_mass, relative to the mass, in the tails
 * too (there within 4 ulp of the logarithm). out may be a or b. Bounds are below 1e38 in magnitude.
 * A result depends on its element and the CPU, not on its place or n. */
void hn_vector_normal_log_mass(const double *a, const double *b, size_t n, double *out);

#endif
