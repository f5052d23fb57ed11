/* math/linalg.h: small dense linear algebra over row-major doubles: products by register tiles (Goto & van
 * de Geijn 2008) behind run-time CPU dispatch, and Cholesky's factorisation. A result is the same in every
 * run on one CPU; it differs in the last bits between CPUs with and without fused multiply-add. Nothing is
 * allocated. Thread-safe. */
#ifndef HN_MATH_LINALG_H
#define HN_MATH_LINALG_H

#include <stdbool.h>
#include <stddef.h>

double hn_dot(const double *a, const double *b, size_t n);
/* y += factor * x, both (n,). */
void hn_add_scaled(double factor, const double *x, size_t n, double *y);
/* out (n,) = x w: x (n, d), w (d,). */
void hn_rows_times(const double *x, size_t n, size_t d, const double *w, double *out);
/* out (d,) += x' r: x (n, d), r (n,). */
void hn_add_columns_times(const double *x, size_t n, size_t d, const double *r, double *out);
/* A matrix: element (i, j) is values[i * row + j * column]. */
typedef struct hn_strided {
    const double *values;
    size_t row, column;
} hn_strided;

/* out (m, n; rows `stride` apart) += factor a b: a (m, k), b (k, n). O(m n k). */
void hn_add_product(double factor, hn_strided a, hn_strided b, size_t m, size_t n, size_t k, double *out,
                    size_t stride);
/* out (m, n) = a b': a (m, k), b (n, k). O(m n k). */
void hn_product_transposed(const double *a, size_t m, const double *b, size_t n, size_t k, double *out);
/* out (d, d) = sum_i weight_i x_i x_i', symmetric: x (n, d), weight (n,) or NULL for ones. O(n d^2). */
void hn_gram(const double *x, size_t n, size_t d, const double *weight, double *out);
/* out (d, d) += columns columns', of which only the upper triangle (j >= i) is touched: columns (d, n), n not
 * too many for the cache. O(n d^2). */
void hn_add_gram_of_columns(const double *columns, size_t d, size_t n, double *out);
/* out (p, d) += a' b: a (n, p), b (n, d). O(n p d). */
void hn_add_transposed_product(const double *a, size_t p, const double *b, size_t d, size_t n, double *out);

/* A lower triangular matrix kept for products with it: its rows in panels of 16, of which panel p holds the
 * first 16 (p + 1) columns, 16 values each, so that a product reads memory in order. A row added needs no
 * other moved. Doubles for n rows: */
size_t hn_panels_size(size_t n);
/* row (i + 1,): row i. Rows may be set again. */
void hn_panels_set_row(double *panels, size_t i, const double *row);
/* row (n,): the first n <= i + 1 columns of row i. */
void hn_panels_get_row(const double *panels, size_t i, size_t n, double *row);
/* out (m, n) = a w': a (m, n), w of n rows; rows of a and out are `stride` apart. O(m n^2 / 2). */
void hn_times_panels(const double *a, size_t m, size_t stride, const double *panels, size_t n, double *out);
/* out (n, m) = w' a': a (m, n), rows `stride` apart. O(m n^2 / 2). */
void hn_panels_times(const double *panels, size_t n, const double *a, size_t m, size_t stride, double *out);

/* a (n, n) symmetric becomes its lower factor L, a = L L', in the lower triangle; the upper one is left as it
 * was. False when a is not positive definite to rounding (a is then spoilt). O(n^3 / 3). */
bool hn_cholesky(double *a, size_t n);
/* b (n,) becomes L^-1 b. */
void hn_cholesky_forward(const double *l, size_t n, double *b);
/* b (n,) becomes (L L')^-1 b. */
void hn_cholesky_solve(const double *l, size_t n, double *b);

#endif
