/* math/statistics.h: order statistics and moments. NaN must not be passed. Thread-safe. */
#ifndef HN_MATH_STATISTICS_H
#define HN_MATH_STATISTICS_H

#include <stddef.h>

double hn_mean(const double *x, size_t n);
/* Divides by n (ddof = 0) or n - 1 (ddof = 1). */
double hn_standard_deviation(const double *x, size_t n, int ddof);
/* P(T > t) of Student's t with that many degrees of freedom (> 0), as finite sums (Abramowitz &
 * Stegun 26.7.3, 26.7.4). O(degrees). */
double hn_student_tail(double t, size_t degrees);
/* Linear interpolation, NumPy's default; q in [0, 1]; x is reordered. O(n). n > 0. Between a
 * number and an infinity it is the infinity, between two opposite ones NaN. */
double hn_quantile(double *x, size_t n, double q);
double hn_median(double *x, size_t n);
/* Ascending; -0 before +0. By radix, O(n), in n words of scratch memory; slower and in place when there is
 * none. */
void hn_sort_doubles(double *x, size_t n);
/* order[i] = index of the i-th smallest; ties (also -0 and +0) keep index order. As above. */
void hn_argsort(const double *x, size_t n, size_t *order);

#endif
