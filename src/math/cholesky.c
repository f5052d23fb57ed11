#include "math/cholesky.h"

#include <string.h>

#include "math/linalg.h"

void hn_lower_inverse(const double *l, size_t n, double *inverse)
{
    memset(inverse, 0, n * n * sizeof *inverse);
    for (size_t i = 0; i < n; i++) {
        double *row = inverse + i * n, pivot = 1 / l[i * n + i];
        for (size_t k = 0; k < i; k++)
            hn_add_scaled(-pivot * l[i * n + k], inverse + k * n, k + 1, row);
        row[i] = pivot;
    }
}

void hn_lower_gram(const double *w, size_t n, double *out)
{
    hn_gram(w, n, n, NULL, out);
}

void hn_product_lower(const double *a, size_t a_stride, size_t m, const double *w, size_t w_stride, size_t n,
                      double *out, size_t out_stride)
{
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < m; r++)
            out[r * out_stride + i] = hn_dot(a + r * a_stride, w + i * w_stride, i + 1);
}

void hn_product_lower_transposed(const double *a, size_t a_stride, size_t m, const double *w, size_t w_stride,
                                 size_t n, double *out, size_t out_stride)
{
    for (size_t r = 0; r < m; r++) {
        double *row = out + r * out_stride;
        memset(row, 0, n * sizeof *row);
        for (size_t i = 0; i < n; i++)
            hn_add_scaled(a[r * a_stride + i], w + i * w_stride, i + 1, row);
    }
}
