#include "surrogate/acquisition.h"

#include <math.h>

#include "math/distribution.h"

/* log E max(0, limit - f) = log s + h(u), u = (limit - mean) / s. */
static hn_utility log_improvement(double mean, double variance, double limit)
{
    double sd = sqrt(variance), u = (limit - mean) / sd, slope;
    double value = log(sd) + hn_normal_log_excess(u, &slope);
    return (hn_utility){value, -slope / sd, (1 - slope * u) / (2 * variance)};
}

hn_utility hn_acquisition_log_below(double mean, double variance, double limit)
{
    double sd = sqrt(variance), u = (limit - mean) / sd, slope = hn_normal_log_cdf_slope(u);
    return (hn_utility){hn_normal_log_cdf(u), -slope / sd, -slope * u / (2 * variance)};
}

static hn_utility bound(double mean, double variance, double kappa)
{
    double sd = sqrt(variance);
    return (hn_utility){kappa * sd - mean, -1, kappa / (2 * sd)};
}

/* The logarithm of what is improved, or the bound. */
static hn_utility logarithm(const hn_acquisition *a, double mean, double variance, double best)
{
    switch (a->kind) {
    case HN_ACQUISITION_LOG_PI: return hn_acquisition_log_below(mean, variance, best - a->xi);
    case HN_ACQUISITION_LCB: return bound(mean, variance, a->kappa);
    default: return log_improvement(mean, variance, best - a->xi);
    }
}

static double unlogged(double value, hn_utility *terms, size_t n)
{
    double improvement = exp(value);
    for (size_t k = 0; k < n; k++) {
        terms[k].by_mean *= improvement;
        terms[k].by_variance *= improvement;
    }
    return improvement;
}

hn_utility hn_acquisition_of(const hn_acquisition *acquisition, double mean, double variance, double best)
{
    hn_utility utility = logarithm(acquisition, mean, variance, best);
    if (acquisition->kind == HN_ACQUISITION_EI)
        utility.value = unlogged(utility.value, &utility, 1);
    return utility;
}

/* log of the mean of exp(value); each term's slopes become its part of the slopes of that. */
static double log_mean(hn_utility *terms, size_t n)
{
    double largest = -INFINITY, sum = 0;
    for (size_t k = 0; k < n; k++)
        largest = fmax(largest, terms[k].value);
    if (isinf(largest))
        return largest;
    for (size_t k = 0; k < n; k++)
        sum += exp(terms[k].value - largest);
    for (size_t k = 0; k < n; k++) {
        double share = exp(terms[k].value - largest) / sum;
        terms[k].by_mean *= share;
        terms[k].by_variance *= share;
    }
    return largest + log(sum / (double)n);
}

static double plain_mean(hn_utility *terms, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        sum += terms[k].value;
        terms[k].by_mean /= (double)n;
        terms[k].by_variance /= (double)n;
    }
    return sum / (double)n;
}

double hn_acquisition_average(const hn_acquisition *acquisition, const double *mean, const double *variance,
                              const double *best, size_t n, hn_utility *terms)
{
    for (size_t k = 0; k < n; k++)
        terms[k] = logarithm(acquisition, mean[k], variance[k], best[k]);
    if (acquisition->kind == HN_ACQUISITION_LCB)
        return plain_mean(terms, n);
    double value = log_mean(terms, n);
    return acquisition->kind == HN_ACQUISITION_EI ? unlogged(value, terms, n) : value;
}

double hn_acquisition_average_log_below(const double *mean, const double *variance, double limit, size_t n,
                                        hn_utility *terms)
{
    for (size_t k = 0; k < n; k++)
        terms[k] = hn_acquisition_log_below(mean[k], variance[k], limit);
    return log_mean(terms, n);
}
