/* space/distribution_unit.c: the values of a distribution, counted, enumerated and placed on the unit
 * interval. */
#include <math.h>

#include "space/distribution.h"
#include "space/internal.h"

static bool is_continuous(const hn_distribution *distribution)
{
    return distribution->kind == HN_FLOAT && distribution->step == 0;
}

static double clamp(double value, double low, double high)
{
    if (!(value > low)) /* NaN too */
        return low;
    return value < high ? value : high;
}

double hn_grid_value(const hn_distribution *distribution, double i)
{
    double low = distribution->low, step = distribution->step, scale = distribution->decimal;
    if (distribution->kind == HN_INTEGER)
        return (double)((int64_t)low + (int64_t)i * (int64_t)step);
    if (scale > 0)
        return (nearbyint(low * scale) + i * nearbyint(step * scale)) / scale;
    return low + i * step;
}

bool hn_distribution_is_constant(const hn_distribution *distribution)
{
    if (distribution->kind == HN_CATEGORICAL)
        return distribution->n_choices == 1;
    return distribution->low == distribution->high;
}

double hn_distribution_count(const hn_distribution *distribution)
{
    if (distribution->kind == HN_CATEGORICAL)
        return (double)distribution->n_choices;
    if (distribution->low == distribution->high)
        return 1;
    if (is_continuous(distribution))
        return INFINITY;
    /* high is on the grid, so the quotient is whole but for its rounding. */
    return nearbyint((distribution->high - distribution->low) / distribution->step) + 1;
}

double hn_distribution_nth(const hn_distribution *distribution, double i)
{
    double last = hn_distribution_count(distribution) - 1;
    if (distribution->kind == HN_CATEGORICAL) {
        size_t rank = (size_t)clamp(floor(i), 0, last);
        return distribution->ordinal ? distribution->order[rank] : (double)rank;
    }
    if (!(i > 0) || is_continuous(distribution))
        return distribution->low;
    /* The last value is high itself, whatever rounding made of low + last * step. */
    return i >= last ? distribution->high : hn_grid_value(distribution, floor(i));
}

/* Which value in ascending order is nearest, 0 .. count - 1, of a discrete distribution. */
static double nearest_index(const hn_distribution *distribution, double value)
{
    double last = hn_distribution_count(distribution) - 1;
    if (distribution->kind == HN_CATEGORICAL) {
        double index = clamp(nearbyint(value), 0, last);
        return distribution->ordinal ? distribution->rank[(size_t)index] : index;
    }
    return clamp(nearbyint((value - distribution->low) / distribution->step), 0, last);
}

bool hn_distribution_contains(const hn_distribution *distribution, double value)
{
    if (distribution->kind == HN_CATEGORICAL)
        return value >= 0 && value < (double)distribution->n_choices && value == floor(value);
    if (is_continuous(distribution))
        return value >= distribution->low && value <= distribution->high;
    if (distribution->kind == HN_INTEGER)
        return value >= distribution->low && value <= distribution->high && value == floor(value) &&
               ((int64_t)value - (int64_t)distribution->low) % (int64_t)distribution->step == 0;
    /* Optuna's tolerance, because its values carry the rounding of low + i * step. */
    double nearest = hn_distribution_nth(distribution, nearest_index(distribution, value));
    return fabs(value - nearest) < 1e-8 * distribution->step;
}

void hn_distribution_scale(const hn_distribution *distribution, double *low, double *high)
{
    if (distribution->kind == HN_CATEGORICAL) {
        *low = 0;
        *high = (double)distribution->n_choices;
        return;
    }
    double half = is_continuous(distribution) ? 0 : distribution->step / 2;
    *low = distribution->low - half;
    *high = distribution->high + half;
    if (distribution->log) {
        *low = log(*low);
        *high = log(*high);
    }
}

double hn_distribution_encode(const hn_distribution *distribution, double value)
{
    if (hn_distribution_is_constant(distribution))
        return 0.5;
    if (!is_continuous(distribution) && !distribution->log)
        return (nearest_index(distribution, value) + 0.5) / hn_distribution_count(distribution);
    double low, high;
    hn_distribution_scale(distribution, &low, &high);
    value = clamp(value, distribution->low, distribution->high);
    double place = value;
    if (distribution->kind == HN_INTEGER) /* the middle of the cell that decodes to it */
        place = 0.5 * (log(nearbyint(value) - 0.5) + log(nearbyint(value) + 0.5));
    else if (distribution->log)
        place = log(value);
    return clamp((place - low) / (high - low), 0, 1);
}

double hn_distribution_decode(const hn_distribution *distribution, double unit)
{
    if (hn_distribution_is_constant(distribution))
        return distribution->low;
    unit = clamp(unit, 0, 1);
    if (!is_continuous(distribution) && !distribution->log)
        return hn_distribution_nth(distribution, unit * hn_distribution_count(distribution));
    if (is_continuous(distribution) && (unit == 0 || unit == 1)) /* exact, where exp(log(high)) need not be */
        return unit == 0 ? distribution->low : distribution->high;
    double low, high;
    hn_distribution_scale(distribution, &low, &high);
    double place = low + unit * (high - low);
    double value = distribution->log ? exp(place) : place;
    if (distribution->kind == HN_INTEGER)
        value = nearbyint(value);
    return clamp(value, distribution->low, distribution->high);
}
