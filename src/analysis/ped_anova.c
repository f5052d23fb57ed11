#include "analysis/ped_anova.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/distribution.h"
#include "math/statistics.h"

enum { MOST_CELLS = 50 }; /* a parameter of more values, or a continuous one, is put on so many points */

static const double least = 1e-12;    /* probability of a cell, so that a quotient is finite */
static const double prior_weight = 1; /* of one broad kernel beside the observations, of weight 1 each */
static const double least_width = 0.5 / 1.64; /* of a kernel, in cells: 90 % of it stays in the cell */

/* --- onto a grid --- */

static bool is_category(const hn_distribution *distribution)
{
    return distribution->kind == HN_CATEGORICAL && !distribution->ordinal;
}

static size_t count_cells(const hn_distribution *distribution)
{
    double count = hn_distribution_count(distribution);
    return is_category(distribution) || count < MOST_CELLS ? (size_t)count : MOST_CELLS;
}

/* Values of a coarser grid fall into the nearest point, ends at the ends. */
static size_t cell_of(const hn_distribution *distribution, size_t cells, double unit)
{
    double count = hn_distribution_count(distribution);
    if (count <= (double)cells)
        return (size_t)fmin(unit * (double)cells, (double)cells - 1);
    if (isfinite(count) && !distribution->log) /* from the middles of its cells to the whole interval */
        unit = (unit * count - 0.5) / (count - 1);
    double place = ceil(unit * (double)(cells - 1) - 0.5);
    return (size_t)fmin(fmax(place, 0), (double)(cells - 1));
}

/* --- densities on the grid --- */

static void category_mass(const double *weight, size_t cells, double total, double *mass)
{
    size_t kernels = 1;
    for (size_t c = 0; c < cells; c++)
        kernels += weight[c] > 0;
    double smooth = prior_weight / (double)kernels, row = 1 + smooth * (double)cells;
    for (size_t c = 0; c < cells; c++)
        mass[c] = (weight[c] + total * smooth) / row + prior_weight / (double)cells;
}

/* Scott's rule (1992), of the smaller of deviation and quartiles, as Optuna takes it. */
static double kernel_width(const double *weight, size_t cells, double total)
{
    double mean = 0, squares = 0, sum = 0, low = -1, high = -1, last = 0;
    for (size_t c = 0; c < cells; c++)
        mean += weight[c] * (double)c / total;
    for (size_t c = 0; c < cells; c++) {
        squares += weight[c] * ((double)c - mean) * ((double)c - mean);
        sum += weight[c];
        if (weight[c] <= 0)
            continue;
        last = (double)c;
        if (low < 0 && sum >= floor(total / 4))
            low = last;
        if (high < 0 && sum > floor(3 * total / 4))
            high = last;
    }
    double deviation = sqrt(squares / fmax(1, total - 1)), quartiles = (high < 0 ? last : high) - low;
    return fmax(1.059 * fmin(quartiles / 1.34, deviation) * pow(total, -0.2), least_width);
}

/* Adds a normal kernel, cut off at the ends of the grid. */
static void add_kernel(double middle, double width, double weight, size_t cells, double *mass)
{
    double below = hn_normal_cdf((-0.5 - middle) / width), first = below;
    double whole = hn_normal_cdf(((double)cells - 0.5 - middle) / width) - first;
    for (size_t c = 0; c < cells; c++) {
        double above = hn_normal_cdf(((double)c + 0.5 - middle) / width);
        mass[c] += weight * (above - below) / whole;
        below = above;
    }
}

/* mass (cells,), from weights (cells,), how many trials are in each. */
static void estimate(const hn_distribution *distribution, const double *weight, size_t cells, double *mass)
{
    double total = 0;
    for (size_t c = 0; c < cells; c++)
        total += weight[c];
    memset(mass, 0, cells * sizeof *mass);
    if (is_category(distribution)) {
        category_mass(weight, cells, total, mass);
    } else {
        double width = kernel_width(weight, cells, total);
        for (size_t c = 0; c < cells; c++)
            if (weight[c] > 0)
                add_kernel((double)c, width, weight[c], cells, mass);
        add_kernel((double)(cells - 1) / 2, (double)cells, prior_weight, cells, mass);
    }
    for (size_t c = 0; c < cells; c++)
        mass[c] = mass[c] / (total + prior_weight) + least;
}

hone_status hn_ped_anova(const hn_distribution *distribution, const double *unit, size_t stride,
                         const double *loss, size_t n, double top, hn_arena *scratch, double *divergence,
                         hone_error *err)
{
    size_t cells = count_cells(distribution);
    double *arrays = HN_ARENA_NEW(scratch, double, 4 * cells), *sorted = HN_ARENA_NEW(scratch, double, n);
    if (!arrays || !sorted)
        return hn_out_of_memory(err);
    double *best = arrays, *all = arrays + cells, *mass_best = all + cells, *mass_all = mass_best + cells;
    memcpy(sorted, loss, n * sizeof *loss);
    hn_sort_doubles(sorted, n);
    double worst = n ? sorted[(size_t)fmax(ceil(top * (double)n), 1) - 1] : 0;
    for (size_t i = 0; i < n; i++) {
        size_t c = cell_of(distribution, cells, unit[i * stride]);
        all[c]++;
        best[c] += loss[i] <= worst;
    }
    estimate(distribution, best, cells, mass_best);
    estimate(distribution, all, cells, mass_all);
    double sum = 0;
    for (size_t c = 0; c < cells; c++)
        sum += mass_all[c] * (mass_best[c] / mass_all[c] - 1) * (mass_best[c] / mass_all[c] - 1);
    *divergence = sum;
    return HONE_OK;
}
