#include "sampler/cma_draw.h"

#include <math.h>

#include "sampler/cma.h"

/* Two machines may disagree in the last bits of a logarithm. */
#define SAME_PLACE 1e-9

static double clamp(double place)
{
    return fmin(fmax(place, 0), 1);
}

static bool is_inside(const hn_cma_space *space, const double *places)
{
    bool inside = true;
    for (size_t i = 0; i < space->n; i++)
        inside = inside && (space->axes[i].discrete || (places[i] >= 0 && places[i] <= 1));
    return inside;
}

static void draw_places(const hn_cma_drawing *d, const hn_cma_state *state, hn_random *random, double *places)
{
    size_t n = d->space->n;
    double *z = d->work, *y = z + n;
    for (size_t i = 0; i < n; i++)
        z[i] = hn_random_normal(random);
    hn_cma_shape(state->axes, state->lengths, n, z, y);
    for (size_t i = 0; i < n; i++)
        places[i] = state->mean[i] + state->scale[i] * y[i];
}

void hn_cma_draw(const hn_cma_drawing *d, const hn_cma_state *state, uint64_t seed, int64_t number,
                 hn_cma_point *point)
{
    const hn_cma_space *space = d->space;
    hn_random random = hn_random_stream(seed, (uint64_t)number, HN_PURPOSE_PROPOSE);
    for (size_t i = 0; i < space->n_categories; i++)
        point->choices[i] =
            hn_cma_choices_draw(d->choices, state->probability, i, hn_random_uniform(&random));
    draw_places(d, state, &random, point->places);
    if (d->bounds == HN_CMA_PENALTY)
        return;
    for (size_t k = 0; d->bounds == HN_CMA_RESAMPLE && k < d->max_resampling; k++) {
        if (is_inside(space, point->places))
            return;
        draw_places(d, state, &random, point->places);
    }
    for (size_t i = 0; i < space->n; i++)
        if (!space->axes[i].discrete)
            point->places[i] = clamp(point->places[i]);
}

void hn_cma_decode(const hn_cma_space *space, const hn_cma_point *point, hn_point *out)
{
    for (size_t i = 0; i < space->count; i++)
        out->values[i] = hn_distribution_nth(&space->parameters[i].distribution, 0); /* of the constants */
    for (size_t i = 0; i < space->n; i++)
        out->values[space->axes[i].parameter] =
            hn_distribution_decode(&space->axes[i].distribution, point->places[i]);
    for (size_t i = 0; i < space->n_categories; i++) {
        const hn_cma_category *category = &space->categories[i];
        out->values[category->parameter] =
            hn_distribution_nth(&category->distribution, (double)point->choices[i]);
    }
}

/* --- whose draw a trial is --- */

void hn_cma_read_values(const hn_cma_space *space, const hn_history *history, int64_t number, double *values)
{
    for (size_t i = 0; i < space->count; i++) {
        size_t column = hn_history_find_column(history, space->parameters[i].name);
        bool has = column != SIZE_MAX && hn_history_has(history, number, column);
        values[i] = has ? hn_history_cell(history, number, column) : NAN;
    }
}

static bool axis_agrees(const hn_cma_axis *axis, double place, double value)
{
    if (axis->discrete)
        return hn_distribution_decode(&axis->distribution, place) == value;
    return fabs(hn_cma_place(axis, value) - clamp(place)) <= SAME_PLACE;
}

size_t hn_cma_agreement(const hn_cma_space *space, const hn_cma_point *drawn, const double *values,
                        size_t *had)
{
    size_t agreed = 0;
    *had = 0;
    for (size_t i = 0; i < space->n; i++) {
        double value = values[space->axes[i].parameter];
        if (isnan(value))
            continue;
        ++*had;
        agreed += axis_agrees(&space->axes[i], drawn->places[i], value);
    }
    for (size_t i = 0; i < space->n_categories; i++) {
        double value = values[space->categories[i].parameter];
        if (isnan(value))
            continue;
        ++*had;
        agreed += hn_cma_category_of(&space->categories[i], value) == drawn->choices[i];
    }
    return agreed;
}

void hn_cma_adopt(const hn_cma_space *space, const double *values, hn_cma_point *point)
{
    for (size_t i = 0; i < space->n; i++) {
        const hn_cma_axis *axis = &space->axes[i];
        double value = values[axis->parameter];
        if (!isnan(value) && !axis_agrees(axis, point->places[i], value))
            point->places[i] = hn_cma_place(axis, value);
    }
    for (size_t i = 0; i < space->n_categories; i++) {
        double value = values[space->categories[i].parameter];
        point->choices[i] = isnan(value) ? SIZE_MAX : hn_cma_category_of(&space->categories[i], value);
    }
}
