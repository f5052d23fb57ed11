#include "math/cholesky.h"

#include <math.h>
#include <string.h>

#include "math/linalg.h"

enum {
    LEAF = 24,  /* a matrix this small is factored element by element */
    CHUNK = 32, /* rows of a triangle that are multiplied at once, zeros of their last columns with them */
};

static hn_strided plain(const double *values, size_t stride)
{
    return (hn_strided){values, stride, 1};
}

static hn_strided transposed(const double *values, size_t stride)
{
    return (hn_strided){values, 1, stride};
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void clear(double *rows, size_t m, size_t n, size_t stride)
{
    for (size_t i = 0; i < m; i++)
        memset(rows + i * stride, 0, n * sizeof *rows);
}

/* --- products with a lower triangle --- */

/* out (m, n) = a w': a (m, n), w (n, n) lower triangular with 0 above the diagonal. */
static void times_transposed(const double *a, size_t m, const double *w, size_t n, size_t stride, double *out)
{
    clear(out, m, n, stride);
    for (size_t j = 0; j < n; j += CHUNK) {
        size_t width = smaller(CHUNK, n - j);
        hn_add_product(1, plain(a, stride), transposed(w + j * stride, stride), m, width, j + width, out + j,
                       stride);
    }
}

void hn_lower_gram(const double *w, size_t n, size_t stride, double *out)
{
    clear(out, n, n, stride);
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t height = smaller(CHUNK, n - i);
        const double *rows = w + i * stride;
        hn_add_product(1, transposed(rows + i, stride), plain(rows, stride), height, i + height, n - i,
                       out + i * stride, stride);
    }
}

/* --- the factor and its inverse --- */

/* before: columns of L left of a, already subtracted from it. */
static bool factor_leaf(double *a, double *w, size_t n, size_t stride, size_t before)
{
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * stride;
        double diagonal = row[i] + hn_dot(row - before, row - before, before);
        for (size_t j = 0; j < i; j++) {
            const double *other = a + j * stride;
            double sum = row[j];
            for (size_t k = 0; k < j; k++)
                sum -= row[k] * other[k];
            row[j] = sum * w[j * stride + j];
        }
        double pivot = row[i];
        for (size_t k = 0; k < i; k++)
            pivot -= row[k] * row[k];
        /* What is left after cancelling n terms of the size of the diagonal is noise below this. */
        if (!(pivot > 1e-15 * diagonal) || !isfinite(pivot))
            return false;
        row[i] = sqrt(pivot);
        memset(w + i * stride, 0, n * sizeof *w);
        w[i * stride + i] = 1 / row[i];
        for (size_t k = 0; k < i; k++) {
            double scale = row[k] / row[i];
            for (size_t j = 0; j <= k; j++)
                w[i * stride + j] -= scale * w[k * stride + j];
        }
    }
    return true;
}

/* With a = (a11, ; a21, a22): L21 = a21 W11', a22 - L21 L21' is factored in turn, and W21 = -W22 L21 W11. The
 * places of W21 and W12 hold what is on its way. */
static bool factor(double *a, double *w, size_t n, size_t stride, size_t before)
{
    if (n <= LEAF)
        return factor_leaf(a, w, n, stride, before);
    size_t upper = (n / 2 + 7) / 8 * 8, lower = n - upper;
    double *a21 = a + upper * stride, *a22 = a21 + upper;
    double *w21 = w + upper * stride, *w22 = w21 + upper, *w12 = w + upper;
    if (!factor(a, w, upper, stride, before))
        return false;
    times_transposed(a21, lower, w, upper, stride, w21);
    for (size_t i = 0; i < lower; i++)
        memcpy(a21 + i * stride, w21 + i * stride, upper * sizeof *a21);
    for (size_t i = 0; i < lower; i += CHUNK) {
        size_t height = smaller(CHUNK, lower - i);
        hn_add_product(-1, plain(a21 + i * stride, stride), transposed(a21, stride), height, i + height,
                       upper, a22 + i * stride, stride);
    }
    if (!factor(a22, w22, lower, stride, before + upper))
        return false;
    clear(w12, upper, lower, stride);
    for (size_t i = 0; i < upper;
         i += CHUNK) { /* W12 = (L21 W11)', whose rows i need those of W11 from i on */
        size_t height = smaller(CHUNK, upper - i);
        hn_add_product(1, transposed(w + i * stride + i, stride), transposed(a21 + i, stride), height, lower,
                       upper - i, w12 + i * stride, stride);
    }
    clear(w21, lower, upper, stride);
    for (size_t i = 0; i < lower; i += CHUNK) {
        size_t height = smaller(CHUNK, lower - i);
        hn_add_product(-1, plain(w22 + i * stride, stride), transposed(w12, stride), height, upper,
                       i + height, w21 + i * stride, stride);
    }
    clear(w12, upper, lower, stride);
    return true;
}

bool hn_cholesky_inverse(double *a, double *inverse, size_t n, size_t stride)
{
    return factor(a, inverse, n, stride, 0);
}
