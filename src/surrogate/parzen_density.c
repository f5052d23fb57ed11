/* surrogate/parzen_density.c: the logarithm of the mixture at many points, and draws from it.
 *
 * For each point a row of one term per kernel is built axis by axis: element-wise passes over arrays, which
 * the compiler vectorises, for the widest registers the processor has. No operation mixes elements, so the
 * result is the same on all of them.
 */
#include <math.h>
#include <string.h>

#include "math/distribution.h"
#include "math/vector.h"
#include "math/vector_normal.h"
#include "math/wide.h"
#include "surrogate/internal.h"

/* row -= z^2 / 2 with z = (x - mean) / sigma. */
WIDE static void parzen_add_normal(double x, const double *restrict mean,
                                   const double *restrict inverse_sigma, size_t n, double *restrict row)
{
    for (size_t k = 0; k < n; k++) {
        double z = (x - mean[k]) * inverse_sigma[k];
        row[k] -= 0.5 * z * z;
    }
}

WIDE static void parzen_add_category(double choice, const hn_parzen_column *column, size_t n,
                                     double *restrict row)
{
    const double *restrict mean = column->mean;
    double hit = column->log_hit, miss = column->log_miss, uniform = column->log_uniform;
    for (size_t k = 0; k < n; k++) {
        double other = mean[k] < 0 ? uniform : miss;
        row[k] += mean[k] == choice ? hit : other;
    }
}

WIDE static void parzen_subtract(const double *restrict from, size_t n, double *restrict row)
{
    for (size_t k = 0; k < n; k++)
        row[k] -= from[k];
}

/* The cell's ends in bandwidths of each group of kernels. */
WIDE static void parzen_standardise(double left, double right, const double *restrict mean,
                                    const double *restrict inverse_sigma, size_t n, double *restrict from,
                                    double *restrict to)
{
    for (size_t g = 0; g < n; g++) {
        from[g] = (left - mean[g]) * inverse_sigma[g];
        to[g] = (right - mean[g]) * inverse_sigma[g];
    }
}

/* log masses of the cell of a value, one per group of kernels; ends: (n_groups,) scratch. */
static void fill_masses(const hn_parzen_column *column, double value, double *ends, double *mass)
{
    double left, right;
    hn_parzen_cell(column, value, &left, &right);
    parzen_standardise(left, right, column->group_mean, column->group_inverse, column->n_groups, mass, ends);
    hn_vector_normal_log_mass(mass, ends, column->n_groups, mass);
}

/* masses: (m + 1, stride) scratch; a value that came before has its row already. */
static void add_lattice(const hn_parzen *parzen, size_t axis, const double *points, size_t m, double *masses,
                        double *rows)
{
    const hn_parzen_column *column = &parzen->columns[axis];
    size_t d = parzen->n_axes, stride = parzen->stride;
    for (size_t j = 0; j < m; j++) {
        double value = points[j * d + axis];
        if (isnan(value))
            continue;
        size_t same = 0;
        while (points[same * d + axis] != value)
            same++;
        if (same == j)
            fill_masses(column, value, masses + m * stride, masses + j * stride);
        const double *mass = masses + same * stride;
        double *row = rows + j * stride;
        for (size_t k = 0; k < parzen->n_kernels; k++)
            row[k] += mass[column->group[k]];
    }
}

static void add_axis(const hn_parzen *parzen, size_t axis, const double *points, size_t m, double *masses,
                     double *rows)
{
    const hn_parzen_column *column = &parzen->columns[axis];
    size_t n = parzen->n_kernels, stride = parzen->stride;
    if (column->kind == HN_PARZEN_LATTICE) {
        add_lattice(parzen, axis, points, m, masses, rows);
        return;
    }
    for (size_t j = 0; j < m; j++) {
        double value = points[j * parzen->n_axes + axis];
        if (isnan(value))
            continue;
        if (column->kind == HN_PARZEN_CONTINUOUS)
            parzen_add_normal(hn_parzen_place(column, value), column->mean, column->inverse_sigma, n,
                              rows + j * stride);
        else
            parzen_add_category(value, column, n, rows + j * stride);
    }
}

/* The log weights less the normalisers of the axes that the point has. */
static void start_row(const hn_parzen *parzen, const double *point, double *row)
{
    bool whole = true;
    for (size_t a = 0; a < parzen->n_axes; a++)
        whole = whole && !isnan(point[a]);
    memcpy(row, whole ? parzen->log_scale : parzen->log_weight, parzen->stride * sizeof *row);
    for (size_t a = 0; !whole && a < parzen->n_axes; a++)
        if (!isnan(point[a]) && parzen->columns[a].log_norm != NULL)
            parzen_subtract(parzen->columns[a].log_norm, parzen->n_kernels, row);
}

/* One term per kernel for each point: rows (m, stride). */
static hone_status fill_rows(const hn_parzen *parzen, hn_arena *scratch, const double *points, size_t m,
                             double **out, hone_error *err)
{
    double *rows = hn_arena_scratch(scratch, m, parzen->stride * sizeof *rows), *masses = NULL;
    bool lattice = false;
    for (size_t a = 0; a < parzen->n_axes; a++)
        lattice = lattice || parzen->columns[a].kind == HN_PARZEN_LATTICE;
    if (lattice)
        masses = hn_arena_scratch(scratch, m + 1, parzen->stride * sizeof *masses);
    if (rows == NULL || (lattice && masses == NULL))
        return hn_out_of_memory(err);
    for (size_t j = 0; j < m; j++)
        start_row(parzen, points + j * parzen->n_axes, rows + j * parzen->stride);
    for (size_t a = 0; a < parzen->n_axes; a++)
        add_axis(parzen, a, points, m, masses, rows);
    *out = rows;
    return HONE_OK;
}

hone_status hn_parzen_log_density(const hn_parzen *parzen, hn_arena *scratch, const double *points, size_t m,
                                  double *log_density, hone_error *err)
{
    double *rows = NULL;
    hone_status status = fill_rows(parzen, scratch, points, m, &rows, err);
    for (size_t j = 0; status == HONE_OK && j < m; j++)
        log_density[j] = hn_vector_log_sum_exp(rows + j * parzen->stride, parzen->n_kernels);
    return status;
}

/* --- draws --- */

hone_status hn_parzen_condition(hn_parzen *parzen, hn_arena *scratch, const double *point, hone_error *err)
{
    double *row = NULL;
    hone_status status = fill_rows(parzen, scratch, point, 1, &row, err);
    if (status != HONE_OK || row == NULL)
        return status;
    double max = hn_vector_max(row, parzen->n_kernels), sum = 0;
    if (isinf(max)) /* impossible values, without a prior: nothing is learned from them */
        return HONE_OK;
    for (size_t k = 0; k < parzen->n_kernels; k++) {
        sum += exp(row[k] - max);
        parzen->cumulative[k] = sum;
    }
    for (size_t k = 0; k < parzen->n_kernels; k++)
        parzen->cumulative[k] /= sum;
    return HONE_OK;
}

size_t hn_parzen_draw_kernel(const hn_parzen *parzen, hn_random *random)
{
    double u = hn_random_uniform(random);
    size_t low = 0, high = parzen->n_kernels - 1; /* the first kernel whose running sum is above u */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (parzen->cumulative[middle] > u)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static double draw_category(const hn_parzen_column *column, size_t kernel, hn_random *random)
{
    double n_choices = (double)column->distribution->n_choices, observed = column->mean[kernel];
    double u = hn_random_uniform(random);
    if (observed < 0)
        return fmin(floor(u * n_choices), n_choices - 1);
    double miss = exp(column->log_miss), hit = exp(column->log_hit);
    if (u < hit || miss == 0)
        return observed;
    double other = fmin(floor((u - hit) / miss), n_choices - 2); /* counts past the observed choice */
    return other < observed ? other : other + 1;
}

/* q in [0, 1] of the standard normal restricted to [a, b], a <= 0 <= b: no tail has to keep its digits. */
static double quantile(double q, double a, double b)
{
    const double root_half = 0.70710678118654752;
    double below = 0.5 * erfc(-a * root_half), mass = 0.5 * (erf(b * root_half) - erf(a * root_half));
    return fmin(fmax(hn_normal_quantile(below + q * mass), a), b);
}

double hn_parzen_draw_value(const hn_parzen *parzen, size_t kernel, size_t axis, hn_random *random)
{
    const hn_parzen_column *column = &parzen->columns[axis];
    if (column->kind == HN_PARZEN_CATEGORICAL)
        return draw_category(column, kernel, random);
    double mean = column->mean[kernel], sigma = parzen->spread * column->sigma[kernel];
    double z = quantile(hn_random_uniform(random), -mean / sigma, (1 - mean) / sigma);
    return hn_distribution_decode(column->distribution, mean + z * sigma);
}
