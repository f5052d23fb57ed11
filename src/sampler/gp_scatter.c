/* sampler/gp_scatter.c: the places that the search for the best one begins with. */
#include <math.h>
#include <string.h>

#include "base/text_map.h"
#include "math/sequence.h"
#include "sampler/gp_maximise.h"
#include "sampler/lattice.h"

enum { PARENTS = 5 }; /* best trials that have neighbours */

hone_status hn_gp_places_make(hn_arena *arena, size_t capacity, size_t d, hn_gp_places *places,
                              hone_error *err)
{
    places->m = 0;
    places->capacity = capacity;
    places->coordinates = hn_arena_scratch(arena, capacity, d * sizeof(double));
    places->rows = hn_arena_scratch(arena, capacity, d * sizeof(double));
    places->value = hn_arena_scratch(arena, capacity, sizeof(double));
    places->ascended = HN_ARENA_NEW(arena, bool, capacity);
    places->idle = HN_ARENA_NEW(arena, size_t, capacity);
    places->resting = HN_ARENA_NEW(arena, bool, capacity);
    bool whole = places->coordinates && places->rows && places->value && places->ascended && places->idle &&
                 places->resting;
    return whole ? HONE_OK : hn_out_of_memory(err);
}

static bool is_tried(const hn_gp_search *search, const hn_point *point)
{
    for (size_t k = 0; k < search->n_batch; k++)
        if (hn_point_equal(search->ask->space, &search->batch[k], point))
            return true;
    return search->seen && hn_seen_first(search->seen, point) < search->ask->number;
}

bool hn_gp_settle(hn_gp_search *search, double *coordinates, double *row)
{
    const hn_gp_frame *frame = &search->study->frame;
    const hn_point *fixed = search->ask->fixed;
    hn_point *point = &search->point;
    for (size_t a = 0; fixed && a < frame->d; a++)
        if (fixed->active[frame->members[a]])
            coordinates[a] = hn_gp_encode(frame, a, fixed->values[frame->members[a]]);
    hn_gp_decode_point(frame, coordinates, point);
    for (size_t i = 0; fixed && i < frame->space->count; i++)
        if (fixed->active[i] && point->active[i])
            point->values[i] = fixed->values[i];
    for (size_t a = 0; a < frame->d; a++) {
        bool active = point->active[frame->members[a]];
        if (frame->axes[a].kind == HN_GP_LATTICE && active)
            coordinates[a] = hn_gp_encode(frame, a, point->values[frame->members[a]]);
        row[a] = active ? coordinates[a] : NAN;
    }
    return !hn_space_is_forbidden(frame->space, point) && !is_tried(search, point);
}

/* --- made-up places --- */

static double choices_of(const hn_gp_frame *frame, size_t axis)
{
    return (double)frame->axes[axis].distribution->n_choices;
}

/* A coordinate in the region from one in [0, 1). */
static double spread(const hn_gp_search *search, size_t axis, double unit)
{
    const hn_gp_frame *frame = &search->study->frame;
    if (frame->axes[axis].kind == HN_GP_CATEGORICAL)
        return floor(unit * choices_of(frame, axis));
    double low = search->region->low[axis], high = search->region->high[axis];
    return low + unit * (high - low);
}

/* units (d, n): coordinates of a sequence of its own for each trial. NULL when memory is out. */
static double *make_units(hn_gp_search *search, size_t n)
{
    size_t d = search->study->frame.d;
    uint64_t seed = hn_hash_bytes(&search->number, sizeof search->number, search->ask->seed);
    double *units = hn_arena_scratch(search->ask->scratch, d, n * sizeof *units);
    for (size_t a = 0; units && a < d; a++)
        if (a < HN_SOBOL_MAX_DIMENSIONS)
            hn_sobol_shifted((unsigned)a, n, seed, units + a * n);
        else
            for (size_t i = 0; i < n; i++)
                units[a * n + i] = hn_random_uniform(&search->random);
    return units;
}

/* The place of units (d,), `step` apart; in a trust region some coordinates are the centre's. */
static void draw_place(hn_gp_search *search, const double *units, size_t step, double *coordinates)
{
    const double *centre = search->region->centre;
    size_t d = search->study->frame.d, kept = (size_t)hn_random_below(&search->random, d ? d : 1);
    for (size_t a = 0; a < d; a++) {
        coordinates[a] = spread(search, a, units[a * step]);
        if (centre && a != kept && !isnan(centre[a]) &&
            hn_random_uniform(&search->random) >= search->region->share)
            coordinates[a] = centre[a];
    }
}

static double move_coordinate(hn_gp_search *search, size_t axis, double from, double width)
{
    const hn_gp_frame *frame = &search->study->frame;
    if (frame->axes[axis].kind == HN_GP_CATEGORICAL)
        return floor(hn_random_uniform(&search->random) * choices_of(frame, axis));
    if (frame->axes[axis].kind == HN_GP_LATTICE)
        width = fmax(width, 1 / hn_distribution_count(frame->axes[axis].distribution));
    return fmin(fmax(from + width * hn_random_normal(&search->random), 0), 1);
}

/* A neighbour of a trial's row: one to all of its coordinates moved, by little or much. */
static void draw_neighbour(hn_gp_search *search, const double *parent, double *coordinates)
{
    static const double widths[] = {0.2, 0.05, 0.01};
    size_t d = search->study->frame.d, always = (size_t)hn_random_below(&search->random, d ? d : 1);
    double width = widths[hn_random_below(&search->random, 3)];
    double share = pow((double)d, -hn_random_uniform(&search->random));
    for (size_t a = 0; a < d; a++) {
        double own = parent[a];
        if (isnan(own))
            own = spread(search, a, hn_random_uniform(&search->random));
        else if (search->study->frame.axes[a].kind != HN_GP_CATEGORICAL)
            own = fmin(fmax(own, 0), 1);
        bool moves = a == always || hn_random_uniform(&search->random) < share;
        coordinates[a] = moves ? move_coordinate(search, a, own, width) : own;
    }
}

/* Keeps the place that was written behind the others when it may be proposed. */
static void keep(hn_gp_search *search, hn_gp_places *places)
{
    size_t at = places->m * search->study->frame.d;
    places->m += hn_gp_settle(search, places->coordinates + at, places->rows + at);
}

static void fill(hn_gp_search *search, const double *units, hn_gp_places *places)
{
    size_t d = search->study->frame.d, parents[PARENTS];
    size_t n = (size_t)search->config->n_candidates,
           n_parents = hn_gp_study_top(search->study, PARENTS, parents);
    places->m = 0;
    for (size_t i = 0; i < n; i++) {
        draw_place(search, units + i, n, places->coordinates + places->m * d);
        keep(search, places);
    }
    for (size_t i = 0; i < n / 4 && n_parents; i++) {
        const double *parent = search->study->rows + parents[i % n_parents] * d;
        draw_neighbour(search, parent, places->coordinates + places->m * d);
        keep(search, places);
    }
}

static hone_status scatter(hn_gp_search *search, hn_gp_places *places, hone_error *err)
{
    size_t n = (size_t)search->config->n_candidates;
    double *units = make_units(search, n);
    if (units == NULL)
        return hn_out_of_memory(err);
    hone_status status =
        hn_gp_places_make(search->ask->scratch, n + n / 4 + 1, search->study->frame.d, places, err);
    if (status)
        return status;
    fill(search, units, places);
    if (!places->m) { /* everything was tried, or next to everything is forbidden */
        search->seen = NULL;
        search->n_batch = 0;
        fill(search, units, places);
    }
    if (!places->m) { /* for others to find an allowed point */
        hn_gp_settle(search, places->coordinates, places->rows);
        places->m = 1;
    }
    return HONE_OK;
}

/* --- all there are --- */

static hone_status enumerate(hn_gp_search *search, hn_gp_places *places, bool *whole, hone_error *err)
{
    const hn_ask *ask = search->ask;
    const hn_gp_frame *frame = &search->study->frame;
    hn_lattice lattice;
    double size = 1;
    for (size_t i = 0; i < ask->space->count; i++)
        size *= ask->fixed && ask->fixed->active[i]
                    ? 1
                    : hn_distribution_count(&ask->space->parameters[i].distribution);
    *whole = size <= HN_GP_ENUMERABLE;
    if (!*whole)
        return HONE_OK;
    hn_axis *axes = HN_ARENA_NEW(ask->scratch, hn_axis, ask->space->count);
    hone_status status =
        axes ? hn_lattice_axes(ask->scratch, ask->space, ask->fixed, axes, err) : hn_out_of_memory(err);
    if (!status)
        status = hn_lattice_make(ask->scratch, ask->space, axes, &lattice, err);
    if (!status)
        status = hn_gp_places_make(ask->scratch, lattice.size, frame->d, places, err);
    for (size_t index = 0; !status && index < lattice.size; index++) {
        double *coordinates = places->coordinates + places->m * frame->d;
        if (!hn_lattice_point(&lattice, index, &search->point))
            continue;
        for (size_t a = 0; a < frame->d; a++) {
            size_t i = frame->members[a];
            coordinates[a] = search->point.active[i] ? hn_gp_encode(frame, a, search->point.values[i]) : 0;
        }
        keep(search, places);
    }
    return status;
}

hone_status hn_gp_look_around(hn_gp_search *search, hn_gp_places *places, bool *listed, hone_error *err)
{
    bool whole = false;
    places->m = 0;
    hone_status status = enumerate(search, places, &whole, err);
    *listed = whole && places->m;
    return status || *listed ? status : scatter(search, places, err);
}
