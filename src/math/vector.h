/* math/vector.h: element-wise exp and log over arrays: glibc's libmvec behind run-time CPU dispatch (2.9
 * ulp measured), scalar libm where the CPU or library lacks it. This is the only file that names the _ZGV*
 * symbols. Thread-safe. */
#ifndef HN_MATH_VECTOR_H
#define HN_MATH_VECTOR_H

#include <stddef.h>

/* out may be x. Special values as libm; a result depends on its element alone, not on its place or n. */
void hn_vector_exp(const double *x, size_t n, double *out);
void hn_vector_log(const double *x, size_t n, double *out);
/* max over x, NaN left out; -inf when n = 0. */
double hn_vector_max(const double *x, size_t n);
/* log sum exp(x); x is overwritten. -inf when n = 0 or all are -inf. NaN must not be passed. */
double hn_vector_log_sum_exp(double *x, size_t n);
/* In eight interleaved partial sums, the same on every CPU. */
double hn_vector_sum(const double *x, size_t n);

#endif
