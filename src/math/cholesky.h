/* math/cholesky.h: inverses by Cholesky's factorisation, over row-major doubles. Nothing is allocated.
 * Thread-safe. */
#ifndef HN_MATH_CHOLESKY_H
#define HN_MATH_CHOLESKY_H

#include <stddef.h>

/* inverse (n, n) = L^-1, 0 above the diagonal: l (n, n), of which the lower triangle is read. O(n^3 / 3). */
void hn_lower_inverse(const double *l, size_t n, double *inverse);
/* out (n, n) = W' W, symmetric: w (n, n) lower triangular with 0 above the diagonal. O(n^3 / 3). */
void hn_lower_gram(const double *w, size_t n, double *out);
/* out (m, n) = a W': a (m, n), w (n, n) lower triangular with 0 above the diagonal; rows of each begin a
 * stride apart. O(m n^2 / 2). */
void hn_product_lower(const double *a, size_t a_stride, size_t m, const double *w, size_t w_stride, size_t n,
                      double *out, size_t out_stride);
/* out (m, n) = a W, as above. */
void hn_product_lower_transposed(const double *a, size_t a_stride, size_t m, const double *w, size_t w_stride,
                                 size_t n, double *out, size_t out_stride);

#endif
