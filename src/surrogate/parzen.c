/* surrogate/parzen.c: fitting the mixture: one column of kernels per parameter. */
#include <math.h>
#include <string.h>

#include "math/vector.h"
#include "math/vector_normal.h"
#include "surrogate/internal.h"

static const double sqrt_two_pi = 2.5066282746310002;

/* --- places --- */

static hn_parzen_kind kind_of(const hn_distribution *distribution)
{
    if (distribution->kind == HN_CATEGORICAL)
        return distribution->ordinal ? HN_PARZEN_LATTICE : HN_PARZEN_CATEGORICAL;
    return distribution->step > 0 ? HN_PARZEN_LATTICE : HN_PARZEN_CONTINUOUS;
}

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

double hn_parzen_place(const hn_parzen_column *column, double value)
{
    const hn_distribution *distribution = column->distribution;
    if (column->kind == HN_PARZEN_LATTICE && !distribution->log)
        return hn_distribution_encode(distribution, value);
    /* The logarithm of an integer, not the middle of its cell, is where its kernel stands. */
    value = clamp(value, distribution->low, distribution->high);
    return clamp(((distribution->log ? log(value) : value) - column->low) / column->range, 0, 1);
}

void hn_parzen_cell(const hn_parzen_column *column, double value, double *left, double *right)
{
    const hn_distribution *distribution = column->distribution;
    if (distribution->log) {
        double half = distribution->step / 2;
        value = clamp(value, distribution->low, distribution->high);
        *left = (log(value - half) - column->low) / column->range;
        *right = (log(value + half) - column->low) / column->range;
        return;
    }
    double half = 0.5 / hn_distribution_count(distribution);
    double place = hn_distribution_encode(distribution, value);
    *left = place - half;
    *right = place + half;
}

hn_parzen_axis hn_parzen_axis_of(const hn_parameter *parameter)
{
    const hn_distribution *distribution = &parameter->distribution;
    hn_parzen_axis axis = {.distribution = distribution, .prior_mean = 0.5, .prior_sigma = 1};
    if (parameter->prior.kind == HN_PRIOR_NONE || kind_of(distribution) == HN_PARZEN_CATEGORICAL ||
        hn_distribution_is_constant(distribution))
        return axis;
    double low, high;
    hn_distribution_scale(distribution, &low, &high);
    double mean = parameter->prior.mean, width = parameter->prior.width;
    axis.prior_mean = clamp(((distribution->log ? log(mean) : mean) - low) / (high - low), 0, 1);
    axis.prior_sigma = fmax(1e-30, (distribution->log ? log(width) : width) / (high - low));
    return axis;
}

/* --- columns --- */

/* Places of the observations and of the prior, bandwidths of both. */
static hone_status fill_kernels(hn_arena *arena, const hn_parzen_rule *rule, const hn_parzen_axis *axis,
                                const double *values, size_t n, hn_parzen_column *column, hone_error *err)
{
    double *place = hn_arena_scratch(arena, n + 1, sizeof *place),
           *sigma = hn_arena_scratch(arena, n + 1, sizeof *sigma);
    if (place == NULL || sigma == NULL)
        return hn_out_of_memory(err);
    size_t present = 0;
    for (size_t k = 0; k < n; k++)
        if (!isnan(values[k]))
            place[present++] = hn_parzen_place(column, values[k]);
    double floor = 1 / fmin(rule->floor_kernels, (double)present + 2);
    if (column->kind == HN_PARZEN_LATTICE)
        floor = fmin(1, fmax(floor, rule->floor_cells / hn_distribution_count(axis->distribution)));
    hone_status status = hn_parzen_bandwidths(arena, place, present, floor, sigma, err);
    if (status != HONE_OK)
        return status;
    for (size_t k = 0, i = 0; k <= n; k++) {
        bool observed = k < n && !isnan(values[k]);
        column->mean[k] = observed ? place[i] : axis->prior_mean;
        column->sigma[k] = observed ? sigma[i] : axis->prior_sigma;
        i += observed;
    }
    return HONE_OK;
}

/* Ends further than this from a kernel, in its bandwidths, leave it its whole mass in double precision: the
 * normal's tail there is below 2^-53. */
static const double whole_mass = 8.3;

/* left, right, cut: (n_kernels,) scratch. Most kernels are narrow and lie inside: only those that an end cuts
 * cost a mass. */
static void fill_norms(hn_parzen_column *column, size_t n_kernels, double *left, double *right, uint32_t *cut)
{
    bool continuous = column->kind == HN_PARZEN_CONTINUOUS;
    for (size_t k = 0; k < n_kernels; k++)
        column->inverse_sigma[k] = 1 / column->sigma[k];
    size_t n_cut = 0;
    for (size_t k = 0; k < n_kernels; k++) {
        left[n_cut] = -column->mean[k] * column->inverse_sigma[k];
        right[n_cut] = (1 - column->mean[k]) * column->inverse_sigma[k];
        cut[n_cut] = (uint32_t)k;
        n_cut += left[n_cut] > -whole_mass || right[n_cut] < whole_mass;
    }
    hn_vector_normal_log_mass(left, right, n_cut, left);
    for (size_t k = 0; k < n_kernels; k++)
        column->log_norm[k] = continuous ? column->sigma[k] * sqrt_two_pi : 1;
    hn_vector_log(column->log_norm, n_kernels, column->log_norm);
    for (size_t i = 0; i < n_cut; i++)
        column->log_norm[cut[i]] += left[i];
}

static uint64_t pair_hash(double a, double b)
{
    uint64_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    x = (x ^ (y << 1 | y >> 63)) * UINT64_C(0x9e3779b97f4a7c15);
    return x ^ x >> 32;
}

/* Numbers the distinct pairs (mean, bandwidth) in an open hash table. */
static hone_status group_kernels(hn_arena *arena, hn_parzen_column *column, size_t n_kernels, size_t stride,
                                 hone_error *err)
{
    size_t slots = 16;
    while (slots < 2 * n_kernels)
        slots *= 2;
    uint32_t *table = HN_ARENA_NEW(arena, uint32_t, slots); /* group + 1; 0 = free */
    column->group = HN_ARENA_NEW(arena, uint32_t, stride);
    column->group_mean = hn_arena_scratch(arena, n_kernels, sizeof(double));
    column->group_inverse = hn_arena_scratch(arena, n_kernels, sizeof(double));
    if (table == NULL || column->group == NULL || column->group_mean == NULL || column->group_inverse == NULL)
        return hn_out_of_memory(err);
    column->n_groups = 0;
    for (size_t k = 0; k < n_kernels; k++) {
        double mean = column->mean[k], inverse = column->inverse_sigma[k];
        size_t slot = pair_hash(mean, inverse) & (slots - 1);
        while (table[slot] != 0 && (column->group_mean[table[slot] - 1] != mean ||
                                    column->group_inverse[table[slot] - 1] != inverse))
            slot = (slot + 1) & (slots - 1);
        if (table[slot] == 0) {
            column->group_mean[column->n_groups] = mean;
            column->group_inverse[column->n_groups] = inverse;
            table[slot] = (uint32_t)++column->n_groups;
        }
        column->group[k] = table[slot] - 1;
    }
    return HONE_OK;
}

/* Each kernel: a little for every choice and 1 more for its own, as shares. */
static void fill_categories(const hn_parzen_rule *rule, const double *values, size_t n,
                            hn_parzen_column *column)
{
    double n_choices = (double)column->distribution->n_choices;
    size_t n_kernels = 1;
    for (size_t k = 0; k < n; k++)
        n_kernels += !isnan(values[k]);
    double smoothing = rule->smoothing * rule->prior_weight / (double)n_kernels;
    column->log_miss = log(smoothing / (1 + smoothing * n_choices));
    column->log_hit = log((1 + smoothing) / (1 + smoothing * n_choices));
    column->log_uniform = -log(n_choices);
    for (size_t k = 0; k <= n; k++) {
        bool observed = k < n && values[k] >= 0 && values[k] < n_choices;
        column->mean[k] = observed ? values[k] : -1;
    }
}

static hone_status fit_column(hn_arena *arena, const hn_parzen_rule *rule, const hn_parzen_axis *axis,
                              const double *values, size_t n, size_t stride, hn_parzen_column *column,
                              hone_error *err)
{
    column->distribution = axis->distribution;
    column->kind = kind_of(axis->distribution);
    double high;
    hn_distribution_scale(axis->distribution, &column->low, &high);
    column->range = high > column->low ? high - column->low : 1;
    column->mean = HN_ARENA_NEW(arena, double, stride);
    if (column->mean == NULL)
        return hn_out_of_memory(err);
    if (column->kind == HN_PARZEN_CATEGORICAL) {
        fill_categories(rule, values, n, column);
        return HONE_OK;
    }
    column->sigma = HN_ARENA_NEW(arena, double, stride);
    column->inverse_sigma = HN_ARENA_NEW(arena, double, stride);
    column->log_norm = HN_ARENA_NEW(arena, double, stride);
    if (column->sigma == NULL || column->inverse_sigma == NULL || column->log_norm == NULL)
        return hn_out_of_memory(err);
    hone_status status = fill_kernels(arena, rule, axis, values, n, column, err);
    if (status != HONE_OK)
        return status;
    double *ends = hn_arena_scratch(arena, 2 * stride, sizeof *ends);
    uint32_t *cut = hn_arena_scratch(arena, stride, sizeof *cut);
    if (ends == NULL || cut == NULL)
        return hn_out_of_memory(err);
    fill_norms(column, n + 1, ends, ends + stride, cut);
    return column->kind == HN_PARZEN_LATTICE ? group_kernels(arena, column, n + 1, stride, err) : HONE_OK;
}

/* --- the mixture --- */

static void fill_weights(const hn_parzen_rule *rule, const double *weights, size_t n, hn_parzen *parzen)
{
    double total = 0;
    for (size_t k = 0; k <= n; k++) {
        double prior = n > 0 ? rule->prior_weight : 1;
        parzen->log_weight[k] = k < n ? weights[k] : prior;
        total += parzen->log_weight[k];
        parzen->cumulative[k] = total;
    }
    for (size_t k = 0; k <= n; k++) {
        parzen->log_weight[k] /= total;
        parzen->cumulative[k] /= total;
    }
    hn_vector_log(parzen->log_weight, n + 1, parzen->log_weight);
}

static void fill_scales(hn_parzen *parzen)
{
    memcpy(parzen->log_scale, parzen->log_weight, parzen->stride * sizeof *parzen->log_scale);
    for (size_t a = 0; a < parzen->n_axes; a++)
        for (size_t k = 0; parzen->columns[a].log_norm != NULL && k < parzen->n_kernels; k++)
            parzen->log_scale[k] -= parzen->columns[a].log_norm[k];
}

hone_status hn_parzen_fit(hn_arena *arena, const hn_parzen_rule *rule, const hn_parzen_axis *axes,
                          size_t n_axes, const double *values, const double *weights, size_t n,
                          hn_parzen **result, hone_error *err)
{
    hn_parzen *parzen = HN_ARENA_NEW(arena, hn_parzen, 1);
    if (parzen == NULL)
        return hn_out_of_memory(err);
    parzen->n_axes = n_axes;
    parzen->n_kernels = n + 1;
    parzen->stride = (n + 8) / 8 * 8;
    parzen->columns = HN_ARENA_NEW(arena, hn_parzen_column, n_axes);
    parzen->log_weight = HN_ARENA_NEW(arena, double, parzen->stride);
    parzen->log_scale = HN_ARENA_NEW(arena, double, parzen->stride);
    parzen->spread = 1;
    parzen->cumulative = HN_ARENA_NEW(arena, double, parzen->stride);
    if (parzen->columns == NULL || parzen->log_weight == NULL || parzen->log_scale == NULL ||
        parzen->cumulative == NULL)
        return hn_out_of_memory(err);
    fill_weights(rule, weights, n, parzen);
    for (size_t a = 0; a < n_axes; a++) {
        hone_status status =
            fit_column(arena, rule, &axes[a], values + a * n, n, parzen->stride, &parzen->columns[a], err);
        if (status != HONE_OK)
            return status;
    }
    fill_scales(parzen);
    *result = parzen;
    return HONE_OK;
}
