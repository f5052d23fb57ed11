#include "model/kernel.h"

#include <math.h>
#include <string.h>

#include "math/vector.h"

enum { TILE = 32 }; /* a tile's sums stay in registers or the first cache */

void hn_transpose(const double *x, size_t n, size_t d, double *out)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++)
            out[k * n + i] = x[i * d + k];
}

void hn_dot_rows(const double *a, const double *transposed, size_t n, size_t d, double *out)
{
    size_t j = 0;
    for (; j + TILE <= n; j += TILE) {
        double sum[TILE] = {0};
        for (size_t k = 0; k < d; k++) {
            const double *row = transposed + k * n + j;
            for (size_t t = 0; t < TILE; t++)
                sum[t] += a[k] * row[t];
        }
        memcpy(out + j, sum, sizeof sum);
    }
    for (; j < n; j++) {
        double sum = 0;
        for (size_t k = 0; k < d; k++)
            sum += a[k] * transposed[k * n + j];
        out[j] = sum;
    }
}

void hn_squared_norms(const double *x, size_t n, size_t d, double *out)
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t k = 0; k < d; k++)
            sum += x[i * d + k] * x[i * d + k];
        out[i] = sum;
    }
}

/* base^exponent by squaring. */
static double power(double base, int exponent)
{
    double result = 1;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2)
            result *= base;
        base *= base;
    }
    return result;
}

void hn_kernel_apply(const hn_kernel *kernel, double norm, const double *norms, double *values, size_t n)
{
    switch (kernel->kind) {
    case HN_KERNEL_LINEAR: break;
    case HN_KERNEL_RBF:
        for (size_t j = 0; j < n; j++) {
            double distance = norm + norms[j] - 2 * values[j];
            values[j] = -kernel->gamma * (distance > 0 ? distance : 0); /* rounding may go below zero */
        }
        hn_vector_exp(values, n, values);
        break;
    case HN_KERNEL_POLY:
        for (size_t j = 0; j < n; j++)
            values[j] = power(kernel->gamma * values[j] + kernel->coef0, kernel->degree);
        break;
    case HN_KERNEL_SIGMOID:
        for (size_t j = 0; j < n; j++)
            values[j] = tanh(kernel->gamma * values[j] + kernel->coef0);
        break;
    }
}
