/* space/space_point.c: points of a space: activity, the unit cube, priors. */
#include <math.h>
#include <string.h>

#include "math/distribution.h"
#include "space/internal.h"

hn_point hn_point_new(hn_arena *arena, size_t count)
{
    hn_point point = {.values = HN_ARENA_NEW(arena, double, count),
                      .active = HN_ARENA_NEW(arena, bool, count)};
    if (point.active == NULL)
        point.values = NULL;
    return point;
}

void hn_point_copy(const hn_space *space, const hn_point *from, hn_point *to)
{
    memcpy(to->values, from->values, space->count * sizeof *to->values);
    memcpy(to->active, from->active, space->count * sizeof *to->active);
}

bool hn_space_is_active(const hn_space *space, size_t i, const hn_point *point)
{
    const hn_condition *when = space->parameters[i].when;
    return when == NULL || hn_condition_holds(when, point->values, point->active);
}

void hn_space_settle(const hn_space *space, hn_point *point)
{
    for (size_t i = 0; i < space->count; i++) {
        point->active[i] = hn_space_is_active(space, i, point);
        if (!point->active[i])
            point->values[i] = 0;
    }
}

bool hn_space_is_forbidden(const hn_space *space, const hn_point *point)
{
    for (size_t i = 0; i < space->n_forbidden; i++)
        if (hn_condition_holds(space->forbidden[i], point->values, point->active))
            return true;
    return false;
}

bool hn_space_contains(const hn_space *space, const hn_point *point)
{
    for (size_t i = 0; i < space->count; i++) {
        if (point->active[i] != hn_space_is_active(space, i, point))
            return false;
        if (point->active[i] &&
            !hn_distribution_contains(&space->parameters[i].distribution, point->values[i]))
            return false;
    }
    return !hn_space_is_forbidden(space, point);
}

double hn_space_count(const hn_space *space)
{
    double count = 1;
    for (size_t i = 0; i < space->count; i++)
        count *= hn_distribution_count(&space->parameters[i].distribution);
    return count;
}

void hn_space_decode(const hn_space *space, const double *units, hn_point *point)
{
    for (size_t i = 0; i < space->count; i++) {
        point->active[i] = hn_space_is_active(space, i, point);
        point->values[i] =
            point->active[i] ? hn_distribution_decode(&space->parameters[i].distribution, units[i]) : 0;
    }
}

void hn_space_encode(const hn_space *space, const hn_point *point, double *units)
{
    for (size_t i = 0; i < space->count; i++)
        units[i] = point->active[i]
                       ? hn_distribution_encode(&space->parameters[i].distribution, point->values[i])
                       : 0.5;
}

/* --- priors --- */

/* A normal of the parameter's scale, as standard deviations: the scale's ends lie at [low, high]. */
typedef struct standard_prior {
    double mean, width;
    double low, high;
} standard_prior;

static bool standardise(const hn_parameter *parameter, standard_prior *out)
{
    const hn_distribution *distribution = &parameter->distribution;
    if (parameter->prior.kind == HN_PRIOR_NONE || hn_distribution_is_constant(distribution))
        return false;
    double low, high;
    hn_distribution_scale(distribution, &low, &high);
    out->mean = distribution->log ? log(parameter->prior.mean) : parameter->prior.mean;
    out->width = distribution->log ? log(parameter->prior.width) : parameter->prior.width;
    out->low = (low - out->mean) / out->width;
    out->high = (high - out->mean) / out->width;
    /* A width beyond all doubles is flat, one too narrow for them would divide by nothing. */
    return out->low < out->high && isfinite(out->low) && isfinite(out->high);
}

double hn_prior_warp(const hn_parameter *parameter, double u)
{
    standard_prior prior;
    if (!standardise(parameter, &prior))
        return u;
    double z = hn_truncated_normal_quantile(u, prior.low, prior.high);
    double unit = (z - prior.low) / (prior.high - prior.low);
    return unit < 0 ? 0 : unit > 1 ? 1 : unit;
}

double hn_prior_log_density(const hn_parameter *parameter, double value)
{
    const hn_distribution *distribution = &parameter->distribution;
    standard_prior prior;
    if (!standardise(parameter, &prior))
        return 0;
    double span = prior.high - prior.low;
    if (distribution->kind == HN_FLOAT && distribution->step == 0) {
        double z = ((distribution->log ? log(value) : value) - prior.mean) / prior.width;
        return hn_truncated_normal_log_pdf(z, prior.low, prior.high) + log(span);
    }
    /* The mass of the value's cell over the mass a uniform gives to it. */
    double low = value - distribution->step / 2, high = value + distribution->step / 2;
    low = ((distribution->log ? log(low) : low) - prior.mean) / prior.width;
    high = ((distribution->log ? log(high) : high) - prior.mean) / prior.width;
    return hn_normal_log_mass(low, high) - hn_normal_log_mass(prior.low, prior.high) -
           log((high - low) / span);
}
