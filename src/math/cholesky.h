/* math/cholesky.h: Cholesky's factor together with its inverse, by halves, so that nearly all of the work is
 * products of matrices. Matrices are row-major, rows `stride` apart. Nothing
 * is allocated. Thread-safe. Source: Golub & Van Loan 2013, 4.2.9; errors of inverting the factor, Higham
 * 2002, chapter 14. */
#ifndef HN_MATH_CHOLESKY_H
#define HN_MATH_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* a (n, n) symmetric, of which the lower triangle is read, becomes its factor L there, and inverse (n, n) its
 * inverse W = L^-1, 0 above the diagonal. False when a is not positive definite to rounding (both are then
 * spoilt). O(2 n^3 / 3). */
bool hn_cholesky_inverse(double *a, double *inverse, size_t n, size_t stride);
/* The lower triangle of out (n, n) = W' W: w (n, n) lower triangular. O(n^3 / 3). */
void hn_lower_gram(const double *w, size_t n, size_t stride, double *out);

#endif
