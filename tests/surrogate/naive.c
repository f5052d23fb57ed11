#include "naive.h"

#include <math.h>
#include <stdlib.h>

#include "math/distribution.h"

enum { MAX_POINTS = 512 };

static const double *sort_key;

static int by_place(const void *a, const void *b)
{
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    if (sort_key[i] != sort_key[j])
        return sort_key[i] < sort_key[j] ? -1 : 1;
    return (i > j) - (i < j);
}

void naive_bandwidths(const double *place, size_t n, double floor, double *sigma)
{
    size_t order[MAX_POINTS];
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    sort_key = place;
    qsort(order, n, sizeof *order, by_place);
    for (size_t i = 0; i < n; i++) {
        double here = place[order[i]];
        double left = i > 0 ? here - place[order[i - 1]] : 0,
               right = i + 1 < n ? place[order[i + 1]] - here : 0;
        if (n == 1) {
            left = here;
            right = 1 - here;
        }
        sigma[order[i]] = fmax(floor, fmax(left, right));
    }
}

/* The unit interval of an axis, as hn_distribution_scale has it; the place of a value on it. */
static double place_of(const hn_distribution *d, double value)
{
    double low, high;
    hn_distribution_scale(d, &low, &high);
    if (d->kind == HN_CATEGORICAL)
        return (d->rank[(size_t)value] + 0.5) / (high - low);
    return ((d->log ? log(value) : value) - low) / (high - low);
}

static bool is_category(const hn_distribution *d)
{
    return d->kind == HN_CATEGORICAL && !d->ordinal;
}

/* log of one truncated normal kernel at a value: a density, or the mass of the value's cell. */
static double kernel_at(const hn_distribution *d, double mean, double sigma, double value)
{
    double mass = hn_normal_log_mass((0 - mean) / sigma, (1 - mean) / sigma);
    if (d->step == 0 && d->kind == HN_FLOAT)
        return hn_normal_log_pdf((place_of(d, value) - mean) / sigma) - log(sigma) - mass;
    double left, right;
    if (d->log) {
        left = place_of(d, value - 0.5);
        right = place_of(d, value + 0.5);
    } else {
        double half = 0.5 / hn_distribution_count(d);
        left = place_of(d, value) - half;
        right = place_of(d, value) + half;
    }
    return hn_normal_log_mass((left - mean) / sigma, (right - mean) / sigma) - mass;
}

static double axis_term(const hn_parzen_rule *rule, const hn_parzen_axis *axis, const double *values,
                        size_t n, size_t k, double at)
{
    const hn_distribution *d = axis->distribution;
    double place[MAX_POINTS], sigma[MAX_POINTS];
    size_t present = 0, mine = 0;
    bool observed = k < n && !isnan(values[k]);
    for (size_t i = 0; i < n; i++) {
        if (i == k)
            mine = present;
        if (!isnan(values[i]))
            place[present++] = is_category(d) ? values[i] : place_of(d, values[i]);
    }
    if (is_category(d)) {
        double smoothing = rule->prior_weight * rule->smoothing / ((double)present + 1),
               choices = (double)d->n_choices;
        double own = observed && values[k] == at;
        return observed ? log((smoothing + own) / (smoothing * choices + 1)) : -log(choices);
    }
    double floor = 1 / fmin(rule->floor_kernels, (double)present + 2), cell = 1 / hn_distribution_count(d);
    naive_bandwidths(place, present, fmin(1, fmax(floor, rule->floor_cells * cell)), sigma);
    return kernel_at(d, observed ? place[mine] : axis->prior_mean, observed ? sigma[mine] : axis->prior_sigma,
                     at);
}

double naive_log_density(const hn_parzen_rule *rule, const hn_parzen_axis *axes, size_t n_axes,
                         const double *values, const double *weights, size_t n, const double *point)
{
    double total = n > 0 ? rule->prior_weight : 1, sum = -INFINITY;
    for (size_t k = 0; k < n; k++)
        total += weights[k];
    for (size_t k = 0; k <= n; k++) {
        double weight = k < n ? weights[k] : n > 0 ? rule->prior_weight : 1, term = log(weight / total);
        for (size_t a = 0; a < n_axes; a++)
            if (!isnan(point[a]))
                term += axis_term(rule, &axes[a], values + a * n, n, k, point[a]);
        sum = hn_log_add(sum, term);
    }
    return sum;
}
