#include "naive_gp.h"

#include <math.h>
#include <stdlib.h>

/* --- the kernel --- */

static double correlation(hn_gp_kernel kernel, double r)
{
    switch (kernel) {
    case HN_GP_MATERN52: return (1 + sqrt(5) * r + 5 * r * r / 3) * exp(-sqrt(5) * r);
    case HN_GP_MATERN32: return (1 + sqrt(3) * r) * exp(-sqrt(3) * r);
    case HN_GP_RBF: return exp(-r * r / 2);
    }
    return NAN;
}

static double place(const hn_gp_axis *axis, const hn_gp_options *options, const hn_gp_hyper *hyper, size_t j,
                    double x)
{
    if (axis->kind == HN_GP_CONTINUOUS && options->warp && !isnan(x))
        return 1 - pow(1 - pow(x, hyper->warp_a[j]), hyper->warp_b[j]);
    if (axis->kind == HN_GP_LATTICE && !isnan(x))
        return hn_distribution_encode(axis->distribution, hn_distribution_decode(axis->distribution, x));
    return x;
}

/* One parameter's own kernel, or what its absence makes of it. */
static double factor(const hn_gp_axis *axis, hn_gp_kernel kernel, double relevance, double rho, double a,
                     double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b) ? 1 : rho;
    double own = axis->kind == HN_GP_CATEGORICAL ? exp(a == b ? 0 : -relevance)
                                                 : correlation(kernel, sqrt(relevance) * fabs(a - b));
    return axis->conditional ? rho * rho + (1 - rho * rho) * own : own;
}

double naive_gp_covariance(const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                           const hn_gp_hyper *hyper, const double *a, const double *b)
{
    double square = 0, product = 1, sum = 0, linear = 0, numbers = 0;
    for (size_t j = 0; j < d; j++) {
        double s = place(axes + j, options, hyper, j, a[j]), t = place(axes + j, options, hyper, j, b[j]);
        double own = factor(axes + j, options->kernel, hyper->relevance[j], hyper->rho[j], s, t);
        sum += own;
        if (axes[j].conditional || axes[j].kind == HN_GP_CATEGORICAL)
            product *= own;
        else
            square += hyper->relevance[j] * (s - t) * (s - t);
        if (axes[j].kind == HN_GP_CATEGORICAL)
            continue;
        numbers++;
        linear += isnan(s) || isnan(t) ? 0 : (s - 0.5) * (t - 0.5);
    }
    return hyper->amplitude * product * correlation(options->kernel, sqrt(square)) +
           (options->first_order ? hyper->first_order * sum / (double)d : 0) +
           (options->linear && numbers > 0 ? hyper->linear * linear / numbers : 0);
}

/* --- the posterior --- */

/* Solves a (n, n) x = b for two right-hand sides by Gaussian elimination with pivoting; a and both are
 * spoilt. Returns log |det a|. */
static double solve(double *a, size_t n, double *b, double *c)
{
    double log_determinant = 0;
    for (size_t k = 0; k < n; k++) {
        size_t pivot = k;
        for (size_t i = k; i < n; i++)
            pivot = fabs(a[i * n + k]) > fabs(a[pivot * n + k]) ? i : pivot;
        for (size_t j = 0; j <= n + 1; j++) {
            double *rows[2] = {j < n    ? a + k * n + j
                               : j == n ? b + k
                                        : c + k,
                               j < n    ? a + pivot * n + j
                               : j == n ? b + pivot
                                        : c + pivot};
            double kept = *rows[0];
            *rows[0] = *rows[1];
            *rows[1] = kept;
        }
        log_determinant += log(fabs(a[k * n + k]));
        for (size_t i = 0; i < n; i++) {
            double scale = i == k ? 0 : a[i * n + k] / a[k * n + k];
            for (size_t j = k; j < n; j++)
                a[i * n + j] -= scale * a[k * n + j];
            b[i] -= scale * b[k];
            c[i] -= scale * c[k];
        }
    }
    for (size_t k = 0; k < n; k++) {
        b[k] /= a[k * n + k];
        c[k] /= a[k * n + k];
    }
    return log_determinant;
}

void naive_gp_posterior(const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                        const hn_gp_hyper *hyper, const double *x, const double *y, const double *noise,
                        size_t n, const double *at, double *mean, double *variance, double *log_likelihood)
{
    double *k = malloc(n * n * sizeof *k), *alpha = malloc(n * sizeof *alpha);
    double *crossed = malloc(n * sizeof *crossed), *solved = malloc(n * sizeof *solved);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            k[i * n + j] = naive_gp_covariance(axes, d, options, hyper, x + i * d, x + j * d);
        k[i * n + i] += noise[i];
        alpha[i] = y[i];
        crossed[i] = solved[i] = naive_gp_covariance(axes, d, options, hyper, x + i * d, at);
    }
    double log_determinant = solve(k, n, alpha, solved);
    *mean = 0;
    *variance = naive_gp_covariance(axes, d, options, hyper, at, at);
    *log_likelihood = -0.5 * log_determinant - 0.5 * (double)n * log(2 * M_PI);
    for (size_t i = 0; i < n; i++) {
        *mean += crossed[i] * alpha[i];
        *variance -= crossed[i] * solved[i];
        *log_likelihood -= 0.5 * y[i] * alpha[i];
    }
    free(k);
    free(alpha);
    free(crossed);
    free(solved);
}
