#include "sampler/rf_search.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "sampler/lattice.h"

#define LEAST_VARIANCE 1e-20 /* trees that agree are no proof */

/* --- points and their scores --- */

typedef struct batch {
    hn_point *points; /* (capacity,) */
    size_t n, capacity;
    double *rows;                    /* (capacity, width) */
    double *mean, *variance, *score; /* (capacity,) */
    uint32_t *at;                    /* (capacity,) */
} batch;

static hone_status make_batch(const hn_rf_search *search, size_t capacity, batch *b, hone_error *err)
{
    hn_arena *arena = search->ask->scratch;
    size_t d = search->ask->space->count;
    *b = (batch){.capacity = capacity};
    b->points = HN_ARENA_NEW(arena, hn_point, capacity);
    b->rows = hn_arena_scratch(arena, capacity, (search->encoding->width + 1) * sizeof *b->rows);
    b->mean = hn_arena_scratch(arena, capacity, sizeof *b->mean);
    b->variance = hn_arena_scratch(arena, capacity, sizeof *b->variance);
    b->score = hn_arena_scratch(arena, capacity, sizeof *b->score);
    b->at = hn_arena_scratch(arena, capacity, sizeof *b->at);
    double *values = HN_ARENA_NEW(arena, double, capacity *(d + 1));
    bool *active = HN_ARENA_NEW(arena, bool, capacity *(d + 1));
    if (!b->points || !b->rows || !b->mean || !b->variance || !b->score || !b->at || !values || !active)
        return hn_out_of_memory(err);
    for (size_t k = 0; k < capacity; k++)
        b->points[k] = (hn_point){values + k * d, active + k * d};
    return HONE_OK;
}

static void score(const hn_rf_search *search, batch *b)
{
    size_t width = search->encoding->width;
    for (size_t k = 0; k < b->n; k++)
        hn_rf_encode(search->encoding, &b->points[k], b->rows + k * width);
    hn_ensemble_predict(search->ensemble, b->rows, b->n, b->at, b->mean, b->variance);
    for (size_t k = 0; k < b->n; k++)
        b->score[k] = hn_acquisition_of(&search->acquisition, b->mean[k],
                                        fmax(b->variance[k], LEAST_VARIANCE), search->best)
                          .value;
}

static bool is_allowed(const hn_rf_search *search, const hn_point *point)
{
    const hn_ask *ask = search->ask;
    if (hn_space_is_forbidden(ask->space, point))
        return false;
    if (search->seen == NULL)
        return true;
    for (size_t k = 0; k < search->n_earlier; k++)
        if (hn_point_equal(ask->space, &search->earlier[k], point))
            return false;
    return hn_seen_first(search->seen, point) >= ask->number;
}

/* Keeps point b->points[b->n] when it is allowed. */
static void keep_allowed(const hn_rf_search *search, batch *b)
{
    b->n += is_allowed(search, &b->points[b->n]);
}

static bool is_fixed(const hn_ask *ask, size_t i)
{
    return ask->fixed != NULL && ask->fixed->active[i];
}

/* Settles a point: fixed values are put in, values that it lacks are drawn from their priors. */
static void settle(const hn_ask *ask, hn_random *random, hn_point *point)
{
    for (size_t i = 0; i < ask->space->count; i++) {
        const hn_parameter *parameter = &ask->space->parameters[i];
        bool had = point->active[i];
        point->active[i] = hn_space_is_active(ask->space, i, point);
        if (!point->active[i])
            point->values[i] = 0;
        else if (is_fixed(ask, i))
            point->values[i] = ask->fixed->values[i];
        else if (!had)
            point->values[i] = hn_distribution_decode(&parameter->distribution,
                                                      hn_prior_warp(parameter, hn_random_uniform(random)));
    }
}

/* --- candidates --- */

/* How many points are left free by the fixed values; infinity where one is continuous. */
static double count_points(const hn_ask *ask)
{
    double n = 1;
    for (size_t i = 0; i < ask->space->count; i++)
        n *= is_fixed(ask, i) ? 1 : hn_distribution_count(&ask->space->parameters[i].distribution);
    return n;
}

/* All points of a small finite space. */
static hone_status add_lattice(const hn_rf_search *search, batch *b, hone_error *err)
{
    const hn_ask *ask = search->ask;
    hn_lattice lattice;
    hn_axis *axes = HN_ARENA_NEW(ask->scratch, hn_axis, ask->space->count);
    if (axes == NULL)
        return hn_out_of_memory(err);
    hone_status status = hn_lattice_axes(ask->scratch, ask->space, ask->fixed, axes, err);
    if (status == HONE_OK)
        status = hn_lattice_make(ask->scratch, ask->space, axes, &lattice, err);
    for (size_t index = 0; status == HONE_OK && index < lattice.size; index++)
        if (hn_lattice_point(&lattice, index, &b->points[b->n]))
            keep_allowed(search, b);
    return status;
}

static void add_random(const hn_rf_search *search, hn_random *random, batch *b)
{
    const hn_ask *ask = search->ask;
    for (size_t k = 0; k < b->capacity; k++) {
        hn_point *point = &b->points[b->n];
        memset(point->active, 0, ask->space->count * sizeof *point->active);
        settle(ask, random, point);
        keep_allowed(search, b);
    }
}

/* --- local search --- */

enum { DRAWS = 4, MAX_CHOICES = 8 };

/* Of the steps drawn for a number: its neighbourhood's width, on the unit interval (SMAC's is 0.2 for all).
 */
static const double step_widths[DRAWS] = {0.2, 0.2, 0.05, 0.01};

static size_t count_neighbours(const hn_space *space)
{
    size_t n = 0;
    for (size_t i = 0; i < space->count; i++) {
        const hn_distribution *d = &space->parameters[i].distribution;
        bool choice = d->kind == HN_CATEGORICAL && !d->ordinal;
        n += choice ? (d->n_choices < MAX_CHOICES ? d->n_choices : MAX_CHOICES) : DRAWS;
    }
    return n;
}

static void add_neighbour(const hn_rf_search *search, hn_random *random, const hn_point *from, size_t i,
                          double value, batch *b)
{
    if (value == from->values[i])
        return;
    hn_point *point = &b->points[b->n];
    hn_point_copy(search->ask->space, from, point);
    point->values[i] = value;
    settle(search->ask, random, point);
    keep_allowed(search, b);
}

/* Other values of parameter i. */
static void change_one(const hn_rf_search *search, hn_random *random, const hn_point *from, size_t i,
                       batch *b)
{
    const hn_distribution *d = &search->ask->space->parameters[i].distribution;
    if (d->kind == HN_CATEGORICAL && !d->ordinal) {
        bool all = d->n_choices <= MAX_CHOICES;
        for (size_t c = 0; c < (all ? d->n_choices : MAX_CHOICES); c++) {
            size_t choice = all ? c : (size_t)hn_random_below(random, d->n_choices);
            add_neighbour(search, random, from, i, (double)choice, b);
        }
        return;
    }
    double unit = hn_distribution_encode(d, from->values[i]);
    for (size_t k = 0; k < DRAWS; k++) {
        double moved = unit + step_widths[k] * hn_random_normal(random);
        add_neighbour(search, random, from, i, hn_distribution_decode(d, fmin(fmax(moved, 0), 1)), b);
    }
}

static void find_neighbours(const hn_rf_search *search, hn_random *random, const hn_point *from, batch *b)
{
    const hn_space *space = search->ask->space;
    b->n = 0;
    for (size_t i = 0; i < space->count; i++)
        if (from->active[i] && !is_fixed(search->ask, i) &&
            !hn_distribution_is_constant(&space->parameters[i].distribution))
            change_one(search, random, from, i, b);
}

static size_t highest(const batch *b)
{
    size_t at = 0;
    for (size_t k = 1; k < b->n; k++)
        at = b->score[k] > b->score[at] ? k : at;
    return at;
}

/* What is best so far. */
typedef struct leader {
    hn_point *point;
    double score;
    bool found;
} leader;

static void consider(const hn_space *space, const batch *b, size_t at, leader *best)
{
    if (best->found && !(b->score[at] > best->score))
        return;
    hn_point_copy(space, &b->points[at], best->point);
    *best = (leader){best->point, b->score[at], true};
}

/* Steepest ascent; from (spoilt) itself is no proposal. */
static void climb(const hn_rf_search *search, hn_random *random, hn_point *from, double from_score, batch *b,
                  leader *best)
{
    for (size_t step = 0; step < search->max_steps; step++) {
        find_neighbours(search, random, from, b);
        if (b->n == 0)
            return;
        score(search, b);
        size_t at = highest(b);
        consider(search->ask->space, b, at, best);
        if (!(b->score[at] > from_score))
            return;
        hn_point_copy(search->ask->space, &b->points[at], from);
        from_score = b->score[at];
    }
}

/* The point of a trial, within bounds that may have changed since. */
static void recall(const hn_ask *ask, hn_random *random, int64_t number, hn_point *point)
{
    const hn_history *history = ask->view.history;
    for (size_t i = 0; i < ask->space->count; i++) {
        const hn_distribution *d = &ask->space->parameters[i].distribution;
        size_t column = hn_history_find_column(history, ask->space->parameters[i].name);
        point->active[i] = column != SIZE_MAX && hn_history_has(history, number, column);
        double value = point->active[i] ? hn_history_cell(history, number, column) : 0;
        point->values[i] = point->active[i] && !hn_distribution_contains(d, value)
                               ? hn_distribution_decode(d, hn_distribution_encode(d, value))
                               : value;
    }
    settle(ask, random, point);
}

static hone_status climb_from_all(const hn_rf_search *search, hn_random *random, batch *candidates,
                                  leader *best, hone_error *err)
{
    const hn_ask *ask = search->ask;
    batch neighbours, start;
    int64_t *numbers = HN_ARENA_NEW(ask->scratch, int64_t, search->n_starts);
    hone_status status = make_batch(search, count_neighbours(ask->space) + 1, &neighbours, err);
    if (status == HONE_OK)
        status = make_batch(search, 1, &start, err);
    if (status != HONE_OK || numbers == NULL)
        return hn_out_of_memory(err);
    size_t n_trials = hn_view_best(ask->view, search->n_starts, numbers);
    start.n = 1;
    for (size_t k = 0; k < n_trials; k++) {
        recall(ask, random, numbers[k], &start.points[0]);
        score(search, &start);
        climb(search, random, &start.points[0], start.score[0], &neighbours, best);
    }
    for (size_t k = 0; k < search->n_starts && k < candidates->n; k++) {
        size_t at = highest(candidates);
        climb(search, random, &candidates->points[at], candidates->score[at], &neighbours, best);
        candidates->score[at] = -INFINITY;
    }
    return HONE_OK;
}

hone_status hn_rf_maximise(const hn_rf_search *search, hn_random *random, hn_point *point, bool *found,
                           hone_error *err)
{
    batch candidates;
    leader best = {.point = point};
    bool enumerate = count_points(search->ask) <= (double)search->n_candidates;
    hone_status status = make_batch(search, search->n_candidates + 1, &candidates, err);
    if (status == HONE_OK && enumerate)
        status = add_lattice(search, &candidates, err);
    if (status != HONE_OK)
        return status;
    if (!enumerate)
        add_random(search, random, &candidates);
    if (candidates.n > 0) {
        score(search, &candidates);
        consider(search->ask->space, &candidates, highest(&candidates), &best);
    }
    if (!enumerate && search->n_starts > 0)
        status = climb_from_all(search, random, &candidates, &best, err);
    if (status == HONE_OK)
        *found = best.found;
    return status;
}
