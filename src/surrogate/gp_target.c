#include "surrogate/gp_target.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/distribution.h"
#include "math/statistics.h"

typedef enum { LINEAR, BOX_COX, YEO_JOHNSON, KNOTS } bend_kind;

/* (bend((min(y, cut)) / divisor) - mean) / deviation, where bend goes on straight below `low`. */
struct hn_gp_target {
    bend_kind kind;
    double low, cut; /* the smallest target seen, the largest that is told from larger ones; over divisor */
    double divisor, lambda, mean, deviation;
    double *from, *to; /* KNOTS: (n,) ascending, straight lines between them */
    size_t n;
};

/* --- power transforms --- */

static double box_cox(double y, double lambda)
{
    return fabs(lambda) < 1e-12 ? log(y) : expm1(lambda * log(y)) / lambda;
}

static double box_cox_inverse(double z, double lambda)
{
    return fabs(lambda) < 1e-12 ? exp(z) : exp(log1p(fmax(-1 + 1e-300, lambda * z)) / lambda);
}

static double yeo_johnson(double y, double lambda)
{
    return y >= 0 ? box_cox(1 + y, lambda) : -box_cox(1 - y, 2 - lambda);
}

static double yeo_johnson_inverse(double z, double lambda)
{
    return z >= 0 ? box_cox_inverse(z, lambda) - 1 : 1 - box_cox_inverse(-z, 2 - lambda);
}

/* --- knots --- */

/* The piece that x falls in: the first or last one beyond the ends. n >= 2. */
static double interpolate(const double *from, const double *to, size_t n, double x, double *slope)
{
    size_t low = 0, high = n - 1;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        *(from[middle] <= x ? &low : &high) = middle;
    }
    *slope = (to[high] - to[low]) / (from[high] - from[low]);
    return to[low] + *slope * (x - from[low]);
}

/* --- the map --- */

/* The bent value of y (over divisor, not above cut) and its slope there. */
static double bend(const hn_gp_target *t, double y, double *slope)
{
    double at = fmax(y, t->low), value = at;
    *slope = 1;
    switch (t->kind) {
    case LINEAR: break;
    case BOX_COX:
        value = box_cox(at, t->lambda);
        *slope = pow(at, t->lambda - 1);
        break;
    case YEO_JOHNSON:
        value = yeo_johnson(at, t->lambda);
        *slope = pow(1 + fabs(at), at >= 0 ? t->lambda - 1 : 1 - t->lambda);
        break;
    case KNOTS: value = interpolate(t->from, t->to, t->n, at, slope); break;
    }
    return value + *slope * (y - at);
}

double hn_gp_target_of(const hn_gp_target *t, double y)
{
    double slope;
    return (bend(t, fmin(y / t->divisor, t->cut), &slope) - t->mean) / t->deviation;
}

double hn_gp_target_slope(const hn_gp_target *t, double y)
{
    double slope;
    if (y / t->divisor > t->cut)
        return 0;
    bend(t, y / t->divisor, &slope);
    return slope / (t->deviation * t->divisor);
}

double hn_gp_target_raw(const hn_gp_target *t, double z)
{
    double slope, bent = z * t->deviation + t->mean, lowest = bend(t, t->low, &slope);
    if (bent < lowest)
        return (t->low + (bent - lowest) / slope) * t->divisor;
    double y = bent;
    switch (t->kind) {
    case LINEAR: break;
    case BOX_COX: y = box_cox_inverse(bent, t->lambda); break;
    case YEO_JOHNSON: y = yeo_johnson_inverse(bent, t->lambda); break;
    case KNOTS: y = interpolate(t->to, t->from, t->n, bent, &slope); break;
    }
    return fmin(y, t->cut) * t->divisor;
}

void hn_gp_target_moments(const hn_gp_target *t, double mean, double variance, double *raw_mean,
                          double *raw_variance)
{
    /* The positive nodes of 12 for the standard normal, and their weights. */
    static const double nodes[6][2] = {
        {0.44440300194413895, 0.32166436151282995},   {1.3403751971516167, 0.14696704804532995},
        {2.2594644510007988, 0.029116687912364173},   {3.2237098287700974, 0.0022033806875332001},
        {4.2718258479322815, 4.8371849225906442e-05}, {5.500901704467748, 1.4999271676371623e-07},
    };
    double sum = 0, squares = 0, deviation = sqrt(variance), middle = hn_gp_target_raw(t, mean);
    for (int i = 0; i < 6; i++) {
        double left = hn_gp_target_raw(t, mean - deviation * nodes[i][0]) - middle;
        double right = hn_gp_target_raw(t, mean + deviation * nodes[i][0]) - middle;
        sum += nodes[i][1] * (left + right);
        squares += nodes[i][1] * (left * left + right * right);
    }
    *raw_mean = middle + sum;
    if (raw_variance)
        *raw_variance = fmax(0, squares - sum * sum);
}

/* --- fitting it --- */

/* Log likelihood of lambda for values (n,) over divisor; work (n,). */
static double power_likelihood(bend_kind kind, double lambda, const double *y, size_t n, double *work)
{
    double jacobian = 0;
    for (size_t i = 0; i < n; i++) {
        work[i] = kind == BOX_COX ? box_cox(y[i], lambda) : yeo_johnson(y[i], lambda);
        jacobian += kind == BOX_COX ? log(y[i]) : copysign(log1p(fabs(y[i])), y[i]);
    }
    double deviation = hn_standard_deviation(work, n, 0);
    double value = (lambda - 1) * jacobian - (double)n * log(deviation);
    return isfinite(value) ? value : -INFINITY;
}

/* By golden section over [-5, 5]; the likelihood is unimodal but for rounding. */
static double best_lambda(bend_kind kind, const double *y, size_t n, double *work)
{
    const double golden = 0.6180339887498949;
    double low = -5, high = 5;
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double at_left = power_likelihood(kind, left, y, n, work);
    double at_right = power_likelihood(kind, right, y, n, work);
    while (high - low > 1e-4) {
        if (at_left >= at_right) {
            high = right, right = left, at_right = at_left;
            left = high - golden * (high - low);
            at_left = power_likelihood(kind, left, y, n, work);
        } else {
            low = left, left = right, at_left = at_right;
            right = low + golden * (high - low);
            at_right = power_likelihood(kind, right, y, n, work);
        }
    }
    return (low + high) / 2;
}

/* Sets mean and deviation of the bent values. False when the bend has made them all the same. */
static bool standardise(hn_gp_target *t, const double *y, size_t n, double *work)
{
    double slope;
    for (size_t i = 0; i < n; i++)
        work[i] = bend(t, y[i], &slope);
    t->mean = hn_mean(work, n);
    t->deviation = hn_standard_deviation(work, n, 0);
    return isfinite(t->mean) && isfinite(t->deviation) && t->deviation > 1e-8 * (1 + fabs(t->mean));
}

/* y (n,): cut and divided by their deviation. */
static void set_power(hn_gp_target *t, const double *y, size_t n, double *work)
{
    for (bend_kind s = t->low > 0 ? BOX_COX : YEO_JOHNSON; s <= YEO_JOHNSON; s++) {
        t->kind = s;
        t->lambda = best_lambda(s, y, n, work);
        if (standardise(t, y, n, work))
            return;
    }
    t->kind = LINEAR;
    standardise(t, y, n, work);
}

/* y (n,) ascending. Above the median half-normal scores with the spread of the better half, then log1p; the
 * constants are Vizier's. */
static void set_knots(hn_gp_target *t, const double *y, size_t n)
{
    double median = y[n / 2], spread = 0;
    size_t better = n / 2;
    for (size_t i = 0; i < better; i++)
        spread += (y[i] - median) * (y[i] - median);
    spread = better && spread > 0 ? sqrt(spread / (double)better) : 1;
    t->kind = KNOTS;
    t->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (t->n && y[i] == t->from[t->n - 1])
            continue;
        double quantile = ((double)i + 0.5) / (double)n;
        t->from[t->n] = y[i];
        t->to[t->n++] = y[i] <= median ? y[i] : median + spread * hn_normal_quantile(fmax(0.5, quantile));
    }
    double lowest = t->to[0], range = t->to[t->n - 1] - lowest;
    for (size_t i = 0; i < t->n; i++)
        t->to[i] = log1p(0.5 * (t->to[i] - lowest) / range) / log(1.5);
}

/* Where the bad tail begins; sorted (n,) is y, reordered. */
static double tail_of(double *sorted, size_t n)
{
    double spread = 3 * (hn_quantile(sorted, n, 0.75) - hn_quantile(sorted, n, 0.25));
    double cut = hn_median(sorted, n) + spread;
    return spread > 0 && isfinite(cut) ? cut : INFINITY;
}

/* Cuts the tail of y, divides it by its largest size so that squares do not overflow, then by its deviation.
 * scaled and sorted (n,). False when all are equal. */
static bool scale(hn_gp_target *t, hn_gp_transform transform, const double *y, size_t n, double *scaled,
                  double *sorted)
{
    double size = 0;
    memcpy(sorted, y, n * sizeof *sorted);
    t->cut = transform == HN_GP_TRANSFORM_POWER ? tail_of(sorted, n) : INFINITY;
    for (size_t i = 0; i < n; i++)
        size = fmax(size, fabs(fmin(y[i], t->cut)));
    t->divisor = size > 0 ? size : 1;
    for (size_t i = 0; i < n; i++)
        scaled[i] = fmin(y[i], t->cut) / t->divisor;
    double deviation = hn_standard_deviation(scaled, n, 0);
    if (!(deviation > 0))
        return false;
    t->divisor *= deviation;
    t->cut /= t->divisor;
    for (size_t i = 0; i < n; i++)
        sorted[i] = scaled[i] /= deviation;
    hn_sort_doubles(sorted, n);
    t->low = sorted[0];
    return sorted[n - 1] > sorted[0];
}

hone_status hn_gp_target_make(hn_arena *arena, hn_gp_transform transform, const double *y, size_t n,
                              hn_gp_target **target, hone_error *err)
{
    hn_gp_target *t = HN_ARENA_NEW(arena, hn_gp_target, 1);
    double *scaled = hn_arena_scratch(arena, n, 2 * sizeof *scaled);
    double *sorted = hn_arena_scratch(arena, n, sizeof *sorted);
    double *knots = hn_arena_scratch(arena, n, 2 * sizeof *knots);
    if (!t || !scaled || !sorted || !knots)
        return hn_out_of_memory(err);
    t->from = knots;
    t->to = knots + n;
    bool given = transform == HN_GP_TRANSFORM_GIVEN;
    if (given || !scale(t, transform, y, n, scaled, sorted)) {
        *t = (hn_gp_target){.low = -INFINITY, .cut = INFINITY, .divisor = 1, .deviation = 1};
        t->mean = given ? 0 : y[0];
    } else if (transform == HN_GP_TRANSFORM_POWER) {
        set_power(t, scaled, n, scaled + n);
    } else {
        if (transform == HN_GP_TRANSFORM_RANK)
            set_knots(t, sorted, n);
        standardise(t, scaled, n, scaled + n);
    }
    *target = t;
    return HONE_OK;
}
