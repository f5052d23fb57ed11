/* sampler/gp_ascend.c: improving places by L-BFGS over their continuous parameters, all in step. */
#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "math/lbfgs.h"
#include "sampler/gp_maximise.h"

enum { ITERATIONS = 30, RETREATS = 6 };

/* The search from one start, over the parameters that are continuous, active and not fixed. */
typedef struct ascent {
    hn_lbfgs_problem problem;
    hn_lbfgs *search;
    size_t *axes;     /* (problem.n,) */
    double *gradient; /* (problem.n,) */
} ascent;

static bool is_free(const hn_gp_search *search, const double *row, size_t axis)
{
    const hn_gp_frame *frame = &search->study->frame;
    const hn_point *fixed = search->ask->fixed;
    return frame->axes[axis].kind == HN_GP_CONTINUOUS && !isnan(row[axis]) &&
           !(fixed && fixed->active[frame->members[axis]]);
}

static hone_status begin(hn_gp_search *search, const double *row, ascent *a, hone_error *err)
{
    hn_arena *arena = search->ask->scratch;
    size_t d = search->study->frame.d, n = 0;
    double *low = HN_ARENA_NEW(arena, double, d), *high = HN_ARENA_NEW(arena, double, d);
    double *start = HN_ARENA_NEW(arena, double, d);
    a->axes = HN_ARENA_NEW(arena, size_t, d);
    a->gradient = HN_ARENA_NEW(arena, double, d);
    if (!low || !high || !start || !a->axes || !a->gradient)
        return hn_out_of_memory(err);
    for (size_t axis = 0; axis < d; axis++) {
        if (!is_free(search, row, axis))
            continue;
        low[n] = fmin(search->region->low[axis], row[axis]);
        high[n] = fmax(search->region->high[axis], row[axis]);
        start[n] = row[axis];
        a->axes[n++] = axis;
    }
    a->problem = (hn_lbfgs_problem){.n = n,
                                    .gradient_tolerance = 1e-4,
                                    .value_tolerance = 1e-6,
                                    .max_iterations = ITERATIONS,
                                    .low = low,
                                    .high = high};
    return n ? hn_lbfgs_begin(&a->problem, arena, start, &a->search, err) : HONE_OK;
}

/* Evaluates where the searches want it, all at once; false when none does. */
static bool advance(hn_gp_criterion *criterion, ascent *ascents, size_t n, const hn_gp_places *starts,
                    double *rows, double *value, double *gradient)
{
    size_t d = criterion->study->frame.d, m = 0;
    for (size_t k = 0; k < n; k++) {
        const double *wanted = ascents[k].search ? hn_lbfgs_wanted(ascents[k].search) : NULL;
        if (!wanted)
            continue;
        memcpy(rows + m * d, starts->rows + k * d, d * sizeof *rows);
        for (size_t j = 0; j < ascents[k].problem.n; j++)
            rows[m * d + ascents[k].axes[j]] = wanted[j];
        m++;
    }
    hn_gp_criterion_gradient(criterion, rows, m, value, gradient);
    m = 0;
    for (size_t k = 0; k < n; k++) {
        ascent *a = &ascents[k];
        if (!a->search || !hn_lbfgs_wanted(a->search))
            continue;
        for (size_t j = 0; j < a->problem.n; j++)
            a->gradient[j] = -gradient[m * d + a->axes[j]];
        hn_lbfgs_tell(a->search, -value[m], a->gradient);
        m++;
    }
    return m > 0;
}

/* Moves a start to where its search ended, or part of the way there when that may not be proposed or makes
 * other parameters active for the worse. */
static void accept(hn_gp_search *search, hn_gp_criterion *criterion, const ascent *a, size_t k,
                   hn_gp_places *starts, double *coordinates, double *row)
{
    size_t d = search->study->frame.d;
    double *start = starts->coordinates + k * d, share = 1, value;
    const double *end = hn_lbfgs_best(a->search, NULL);
    for (int retreat = 0; retreat < RETREATS; retreat++, share /= 2) {
        memcpy(coordinates, start, d * sizeof *coordinates);
        for (size_t j = 0; j < a->problem.n; j++)
            coordinates[a->axes[j]] += share * (end[j] - start[a->axes[j]]);
        if (!hn_gp_settle(search, coordinates, row))
            continue;
        hn_gp_criterion_at(criterion, row, 1, &value);
        if (value > starts->value[k]) {
            memcpy(start, coordinates, d * sizeof *coordinates);
            memcpy(starts->rows + k * d, row, d * sizeof *row);
            starts->value[k] = value;
            starts->idle[k] = 0;
            return;
        }
    }
}

hone_status hn_gp_ascend(hn_gp_search *search, hn_gp_criterion *criterion, hn_gp_places *starts,
                         hone_error *err)
{
    hn_arena *arena = search->ask->scratch;
    size_t n = starts->m, d = search->study->frame.d;
    ascent *ascents = HN_ARENA_NEW(arena, ascent, n);
    double *rows = hn_arena_scratch(arena, n, d * sizeof *rows);
    double *gradient = hn_arena_scratch(arena, n, d * sizeof *gradient);
    double *value = HN_ARENA_NEW(arena, double, n);
    hone_status status = ascents && rows && gradient && value ? HONE_OK : hn_out_of_memory(err);
    for (size_t k = 0; k < n && !status; k++)
        if (!starts->ascended[k] && !starts->resting[k])
            status = begin(search, starts->rows + k * d, &ascents[k], err);
    if (status)
        return status;
    while (advance(criterion, ascents, n, starts, rows, value, gradient))
        if (hn_cancelled(search->ask->cancel))
            return hn_fail(err, HONE_CANCELLED, "cancelled while looking for the next point");
    for (size_t k = 0; k < n; k++) {
        if (ascents[k].search)
            accept(search, criterion, &ascents[k], k, starts, rows, gradient);
        starts->ascended[k] = true;
    }
    return HONE_OK;
}
