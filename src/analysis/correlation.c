#include "analysis/correlation.h"

#include <math.h>
#include <stdbool.h>

#include "math/statistics.h"

/* Coefficients are of scaled deviations, so that no square leaves the range. */
static double largest_deviation(const double *x, size_t n, double mean)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(x[i] - mean));
    return largest;
}

static bool varies(const double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0])
            return true;
    return false;
}

/* NaN when either does not vary; exactly 1 of a column and itself. */
static double coefficient(const double *x, const double *y, size_t n)
{
    double xy = 0, xx = 0, yy = 0;
    if (n < 2 || !varies(x, n) || !varies(y, n))
        return NAN;
    if (x == y)
        return 1;
    double x_mean = hn_mean(x, n), y_mean = hn_mean(y, n);
    double x_scale = largest_deviation(x, n, x_mean), y_scale = largest_deviation(y, n, y_mean);
    for (size_t i = 0; i < n; i++) {
        double a = (x[i] - x_mean) / x_scale, b = (y[i] - y_mean) / y_scale;
        xy += a * b;
        xx += a * a;
        yy += b * b;
    }
    return fmax(-1, fmin(1, xy / (sqrt(xx) * sqrt(yy))));
}

/* ranks (n,) from 1 on; order (n,): scratch. */
static void rank(const double *x, size_t n, size_t *order, double *ranks)
{
    hn_argsort(x, n, order);
    for (size_t i = 0, past; i < n; i = past) {
        for (past = i + 1; past < n && x[order[past]] == x[order[i]]; past++) {
        }
        for (size_t k = i; k < past; k++)
            ranks[order[k]] = (double)(i + past + 1) / 2;
    }
}

hone_status hn_correlate(const double *columns, size_t k, size_t n, hn_arena *scratch, double *pearson,
                         double *spearman, size_t *rows, hone_error *err)
{
    double *x = HN_ARENA_NEW(scratch, double, n), *y = HN_ARENA_NEW(scratch, double, n);
    double *x_rank = HN_ARENA_NEW(scratch, double, n), *y_rank = HN_ARENA_NEW(scratch, double, n);
    size_t *order = HN_ARENA_NEW(scratch, size_t, n);
    if (!x || !y || !x_rank || !y_rank || !order)
        return hn_out_of_memory(err);
    for (size_t a = 0; a < k; a++)
        for (size_t b = a; b < k; b++) {
            size_t both = 0;
            for (size_t i = 0; i < n; i++) {
                x[both] = columns[a * n + i];
                y[both] = columns[b * n + i];
                both += isfinite(x[both]) && isfinite(y[both]);
            }
            rank(x, both, order, x_rank);
            rank(y, both, order, y_rank);
            pearson[a * k + b] = pearson[b * k + a] = coefficient(x, a == b ? x : y, both);
            spearman[a * k + b] = spearman[b * k + a] = coefficient(x_rank, a == b ? x_rank : y_rank, both);
            rows[a * k + b] = rows[b * k + a] = both;
        }
    return HONE_OK;
}
