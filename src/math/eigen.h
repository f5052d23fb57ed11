/* math/eigen.h: eigenvalues and eigenvectors of a symmetric matrix: Householder's reduction to tridiagonal
 * form, then the implicit QR algorithm with Wilkinson's shift (Golub & Van Loan 2013, algorithms 8.3.1 to
 * 8.3.3). Nothing is allocated. Thread-safe. */
#ifndef HN_MATH_EIGEN_H
#define HN_MATH_EIGEN_H

#include <stdbool.h>
#include <stddef.h>

/* a (n, n) symmetric, of which only the diagonal and what is right of it is read, is spoilt. values (n,)
 * ascending; row i of vectors (n, n) is the unit eigenvector of values[i]. work: (2 n,). Errors are of the
 * size of rounding times the largest absolute eigenvalue. False, with nothing promised of the outputs, when a
 * holds NaN or infinities. O(n^3). */
bool hn_symmetric_eigen(double *a, size_t n, double *values, double *vectors, double *work);

#endif
