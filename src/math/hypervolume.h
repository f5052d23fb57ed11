/* math/hypervolume.h: the volume that points dominate below a reference point (Zitzler & Thiele 1999),
 * exactly, for any number of objectives, of which smaller is better. Points that are not finite, or not below
 * the reference in every objective, dominate nothing there.
 *
 * Two objectives: a staircase. Three: a sweep that keeps one. More: each point's volume beyond that of those
 * after it in the order of the last objective, whose limited sets have an objective less (While, Bradstreet &
 * Barone 2012, WFG). Thread-safe.
 */
#ifndef HN_MATH_HYPERVOLUME_H
#define HN_MATH_HYPERVOLUME_H

#include <stddef.h>

/* How many doubles of scratch memory functions on n points want. */
size_t hn_hypervolume_scratch(size_t n, size_t m);

/* Of points (n, m) row-major, m > 0. O(n log n) for two objectives, O(n log n) and moves within the
 * staircase for three, O(n^(m - 2) log n) at most for more. */
double hn_hypervolume(const double *points, size_t n, size_t m, const double *reference, double *scratch);

/* What a point (m,) adds to the volume of a set (n, m). Cost as above. */
double hn_hypervolume_gain(const double *point, const double *set, size_t n, size_t m,
                           const double *reference, double *scratch);

/* volume (n,): of points 0 .. i. O(n log n) and moves within the staircase for two objectives, otherwise a
 * gain for each point, of the front up to then. */
void hn_hypervolume_history(const double *points, size_t n, size_t m, const double *reference,
                            double *scratch, double *volume);

#endif
