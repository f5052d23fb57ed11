#include "sampler/cma_space.h"

#include <math.h>
#include <string.h>

/* --- making --- */

static bool is_category(const hn_distribution *distribution)
{
    bool unordered = distribution->kind == HN_CATEGORICAL && !distribution->ordinal;
    return unordered || hn_distribution_count(distribution) == 2;
}

/* The width of a prior on the unit interval; infinite without one. */
static double prior_width(const hn_parameter *parameter)
{
    double low, high;
    if (parameter->prior.kind == HN_PRIOR_NONE)
        return INFINITY;
    hn_distribution_scale(&parameter->distribution, &low, &high);
    double width = parameter->prior.width;
    return (parameter->distribution.log ? log(width) : width) / (high - low);
}

static double start_of(const hn_parameter *parameter, const hn_point *start, size_t i)
{
    if (start->active[i])
        return hn_distribution_encode(&parameter->distribution, start->values[i]);
    if (parameter->prior.kind != HN_PRIOR_NONE)
        return hn_distribution_encode(&parameter->distribution, parameter->prior.mean);
    return 0.5;
}

/* Narrower than this a prior leaves no room to search. */
#define LEAST_DEVIATION 1e-6

static hone_status copy_parameters(hn_arena *arena, const hn_space *space, hn_cma_space *out, hone_error *err)
{
    hone_status status = HONE_OK;
    out->count = space->count;
    out->parameters = HN_ARENA_NEW(arena, hn_parameter, space->count);
    out->axes = HN_ARENA_NEW(arena, hn_cma_axis, space->count);
    out->categories = HN_ARENA_NEW(arena, hn_cma_category, space->count);
    if (out->parameters == NULL || out->axes == NULL || out->categories == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < space->count && status == HONE_OK; i++) {
        hn_parameter *copy = &out->parameters[i];
        *copy = space->parameters[i];
        copy->when = NULL;
        copy->name = hn_arena_strdup(arena, space->parameters[i].name);
        status = hn_distribution_copy(arena, &space->parameters[i].distribution, &copy->distribution);
        if (status != HONE_OK || copy->name == NULL)
            return hn_out_of_memory(err);
    }
    return status;
}

hone_status hn_cma_space_make(hn_arena *arena, const hn_space *space, const hn_point *start, double sigma,
                              hn_cma_space *out, hone_error *err)
{
    hn_cma_space made = {0};
    hone_status status = copy_parameters(arena, space, &made, err);
    for (size_t i = 0; i < space->count && status == HONE_OK; i++) {
        const hn_parameter *parameter = &made.parameters[i];
        const hn_distribution *distribution = &parameter->distribution;
        if (hn_distribution_is_constant(distribution))
            continue;
        if (is_category(distribution)) {
            made.categories[made.n_categories++] =
                (hn_cma_category){i, *distribution, (size_t)hn_distribution_count(distribution)};
            continue;
        }
        bool discrete = !isinf(hn_distribution_count(distribution));
        double deviation = fmax(fmin(sigma, prior_width(parameter)), LEAST_DEVIATION);
        made.axes[made.n++] =
            (hn_cma_axis){i, *distribution, discrete, start_of(parameter, start, i), deviation};
        made.n_discrete += discrete;
    }
    if (status == HONE_OK)
        *out = made;
    return status;
}

static bool same_parameter(const hn_parameter *a, const hn_parameter *b)
{
    return strcmp(a->name, b->name) == 0 && hn_distribution_equal(&a->distribution, &b->distribution) &&
           a->prior.kind == b->prior.kind &&
           (a->prior.kind == HN_PRIOR_NONE ||
            (a->prior.mean == b->prior.mean && a->prior.width == b->prior.width));
}

bool hn_cma_space_is_of(const hn_cma_space *known, const hn_space *space)
{
    bool same = known->parameters != NULL && known->count == space->count;
    for (size_t i = 0; same && i < space->count; i++)
        same = same_parameter(&known->parameters[i], &space->parameters[i]);
    return same;
}

/* --- places --- */

void hn_cma_cell(const hn_cma_axis *axis, double place, double *low, double *high)
{
    const hn_distribution *distribution = &axis->distribution;
    double count = hn_distribution_count(distribution);
    double value = hn_distribution_decode(distribution, place), index;
    if (distribution->log) {
        double from, to;
        hn_distribution_scale(distribution, &from, &to);
        *low = (log(value - 0.5) - from) / (to - from);
        *high = (log(value + 0.5) - from) / (to - from);
        index = value - distribution->low;
    } else {
        index = floor(fmin(fmax(place, 0) * count, count - 1));
        *low = index / count;
        *high = (index + 1) / count;
    }
    if (index <= 0)
        *low = -INFINITY;
    if (index >= count - 1)
        *high = INFINITY;
}

double hn_cma_place(const hn_cma_axis *axis, double value)
{
    return hn_distribution_encode(&axis->distribution, value);
}

size_t hn_cma_category_of(const hn_cma_category *category, double value)
{
    return (size_t)(hn_distribution_encode(&category->distribution, value) * (double)category->size);
}
