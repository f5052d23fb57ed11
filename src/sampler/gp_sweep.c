/* sampler/gp_sweep.c: improving places in the parameters that are not continuous, one after the other: all
 * values of one that has few, else values at doubling distances. */
#include <math.h>
#include <string.h>

#include "sampler/gp_maximise.h"

#include "base/cancel.h"

enum {
    FEW = 16,
    MOST_VALUES = 64,
    SWEEPS = 3,
    FAVOURITES = 4, /* trials of a start and an axis that all models look at, after one has looked at all: the
                     * best, and others when that one finds them better than the start */
};

static double count_of(const hn_gp_frame *frame, size_t axis)
{
    return hn_distribution_count(frame->axes[axis].distribution);
}

/* The coordinate of value i in ascending order. */
static double nth(const hn_gp_frame *frame, size_t axis, double i)
{
    const hn_distribution *distribution = frame->axes[axis].distribution;
    return hn_gp_encode(frame, axis, hn_distribution_nth(distribution, i));
}

static double index_of(const hn_gp_frame *frame, size_t axis, double coordinate)
{
    const hn_distribution *distribution = frame->axes[axis].distribution;
    double value = hn_distribution_decode(distribution, coordinate);
    if (frame->axes[axis].kind == HN_GP_CATEGORICAL)
        return coordinate;
    if (distribution->ordinal)
        return distribution->rank[(size_t)value];
    return nearbyint((value - distribution->low) / distribution->step);
}

/* Other coordinates of the axis to look at, at most MOST_VALUES. */
static size_t alternatives(const hn_gp_search *search, size_t axis, double coordinate, double *values)
{
    const hn_gp_frame *frame = &search->study->frame;
    double count = count_of(frame, axis), at = index_of(frame, axis, coordinate);
    size_t n = 0;
    if (count <= FEW || (frame->axes[axis].kind == HN_GP_CATEGORICAL && count <= MOST_VALUES)) {
        for (size_t i = 0; i < (size_t)count; i++)
            if ((double)i != at)
                values[n++] = nth(frame, axis, (double)i);
        return n;
    }
    for (double step = 1; step < count && n + 2 <= MOST_VALUES; step *= 2) {
        if (at - step >= 0)
            values[n++] = nth(frame, axis, at - step);
        if (at + step < count)
            values[n++] = nth(frame, axis, at + step);
    }
    return n;
}

static bool is_searched(const hn_gp_search *search, size_t axis)
{
    const hn_gp_frame *frame = &search->study->frame;
    const hn_point *fixed = search->ask->fixed;
    return frame->axes[axis].kind != HN_GP_CONTINUOUS && !(fixed && fixed->active[frame->members[axis]]);
}

/* Writes the alternatives in one axis that may be proposed, and which start each is of; of the starts that
 * were moved since all `n_searched` axes had nothing better for them. */
static void gather(hn_gp_search *search, const hn_gp_places *starts, size_t axis, size_t n_searched,
                   hn_gp_places *trials, size_t *origin)
{
    size_t d = search->study->frame.d;
    double values[MOST_VALUES];
    trials->m = 0;
    for (size_t k = 0; k < starts->m; k++) {
        bool done = starts->resting[k] || starts->idle[k] >= n_searched;
        if (done || isnan(starts->rows[k * d + axis]))
            continue;
        size_t n = alternatives(search, axis, starts->rows[k * d + axis], values);
        for (size_t i = 0; i < n; i++) {
            double *coordinates = trials->coordinates + trials->m * d;
            memcpy(coordinates, starts->coordinates + k * d, d * sizeof *coordinates);
            coordinates[axis] = values[i];
            origin[trials->m] = k;
            trials->m += hn_gp_settle(search, coordinates, trials->rows + trials->m * d);
        }
    }
}

/* Trials of one start after the other, and which start each is of. */
typedef struct tries {
    hn_gp_places places;
    size_t *origin;
} tries;

static hone_status make_tries(hn_arena *arena, size_t capacity, size_t d, tries *made, hone_error *err)
{
    made->origin = HN_ARENA_NEW(arena, size_t, capacity);
    return made->origin ? hn_gp_places_make(arena, capacity, d, &made->places, err) : hn_out_of_memory(err);
}

/* Into `few`: the favourites of one model among each start's trials, judged by all models. own: scratch for
 * what that model says of the starts. */
static void judge(hn_gp_criterion *criterion, const hn_gp_places *starts, size_t d, const tries *all,
                  double *own, tries *few)
{
    size_t n_models = criterion->n_models;
    double *value = all->places.value;
    criterion->n_models = 1;
    hn_gp_criterion_at(criterion, starts->rows, starts->m, own);
    hn_gp_criterion_at(criterion, all->places.rows, all->places.m, value);
    criterion->n_models = n_models;
    few->places.m = 0;
    for (size_t begin = 0, end; begin < all->places.m; begin = end) {
        for (end = begin + 1; end < all->places.m && all->origin[end] == all->origin[begin];)
            end++;
        for (size_t turn = 0; turn < FAVOURITES && turn < end - begin; turn++) {
            size_t best = begin;
            for (size_t i = begin; i < end; i++)
                best = isnan(value[best]) || value[i] > value[best] ? i : best;
            if (turn && !(value[best] > own[all->origin[best]]))
                break;
            hn_gp_copy_place(&all->places, best, &few->places, few->places.m, d);
            few->origin[few->places.m++] = all->origin[best];
            value[best] = NAN;
        }
    }
    hn_gp_criterion_at(criterion, few->places.rows, few->places.m, few->places.value);
}

/* Every start moves to the best of its trials that is better. */
static bool take_best(const hn_gp_places *trials, const size_t *origin, size_t d, hn_gp_places *starts)
{
    bool changed = false;
    for (size_t i = 0; i < trials->m; i++) {
        size_t k = origin[i];
        if (!(trials->value[i] > starts->value[k]))
            continue;
        memcpy(starts->coordinates + k * d, trials->coordinates + i * d, d * sizeof(double));
        memcpy(starts->rows + k * d, trials->rows + i * d, d * sizeof(double));
        starts->value[k] = trials->value[i];
        starts->ascended[k] = false;
        starts->idle[k] = 0;
        changed = true;
    }
    return changed;
}

static size_t count_searched(const hn_gp_search *search)
{
    size_t n = 0;
    for (size_t axis = 0; axis < search->study->frame.d; axis++)
        n += is_searched(search, axis);
    return n;
}

hone_status hn_gp_sweep(hn_gp_search *search, hn_gp_criterion *criterion, hn_gp_places *starts, bool *changed,
                        hone_error *err)
{
    size_t d = search->study->frame.d, n_searched = count_searched(search);
    double *own = HN_ARENA_NEW(search->ask->scratch, double, starts->m);
    tries all = {0}, few = {0};
    hone_status status = make_tries(search->ask->scratch, starts->m * MOST_VALUES, d, &all, err);
    if (!status)
        status = make_tries(search->ask->scratch, starts->m * FAVOURITES, d, &few, err);
    if (!status && !own)
        status = hn_out_of_memory(err);
    bool moved = true;
    *changed = false;
    for (int sweep = 0; sweep < SWEEPS && moved && !status; sweep++) {
        moved = false;
        for (size_t axis = 0; axis < d; axis++) {
            if (!is_searched(search, axis))
                continue;
            gather(search, starts, axis, n_searched, &all.places, all.origin);
            for (size_t k = 0; k < starts->m; k++)
                starts->idle[k]++;
            if (!all.places.m)
                continue;
            judge(criterion, starts, d, &all, own, &few);
            moved = take_best(&few.places, few.origin, d, starts) || moved;
        }
        *changed = *changed || moved;
        hn_gp_rest_worse(&search->study->frame, starts);
        if (hn_cancelled(search->ask->cancel))
            status = hn_fail(err, HONE_CANCELLED, "cancelled while looking for the next point");
    }
    return status;
}
