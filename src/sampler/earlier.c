/* Earlier studies' good trials on a space's own scales, in the order in which to try them (see earlier.h). */
#include "sampler/earlier.h"

#include <math.h>
#include <string.h>

enum { MAX_GOOD = 256 };
static const double good_share = 0.3; /* of a study's trials: starts are taken from these */

/* --- one value --- */

static double number_of(hone_value value)
{
    return value.type == HONE_INT ? (double)value.as.integer : value.type == HONE_FLOAT ? value.as.real : NAN;
}

/* A value of another distribution as one of this; NaN when it is none. Numbers between two steps become the
 * nearest. */
static double translate(const hn_distribution *to, const hn_distribution *from, double raw)
{
    hone_value value = hn_distribution_to_value(from, raw);
    double result;
    if (to->kind == HN_CATEGORICAL) {
        return hn_distribution_from_value("", to, value, &result, NULL) == HONE_OK ? result : NAN;
    }
    double number = number_of(value);
    if (!(number >= to->low && number <= to->high)) {
        return NAN;
    }
    return to->step > 0 ? hn_distribution_decode(to, hn_distribution_encode(to, number)) : number;
}

/* --- the good trials of a study --- */

/* False: it shares nothing with the space. */
static bool read_trial(const hn_space *space, const hn_history *history, const size_t *columns,
                       int64_t number, double *values)
{
    bool any = false;
    for (size_t p = 0; p < space->count; p++) {
        bool has = columns[p] != SIZE_MAX && hn_history_has(history, number, columns[p]);
        values[p] = has ? translate(&space->parameters[p].distribution,
                                    hn_history_distribution(history, number, columns[p]),
                                    hn_history_cell(history, number, columns[p]))
                        : NAN;
        any = any || !isnan(values[p]);
    }
    return any;
}

/* Feasible complete trials stand first in the ranking. */
static size_t count_complete(const hn_history *history, const int64_t *ranked, size_t n)
{
    size_t count = 0;
    while (count < n && hn_history_state(history, ranked[count]) == HONE_COMPLETE &&
           hn_history_violation(history, ranked[count]) == 0) {
        count++;
    }
    return count;
}

/* Fills good (up to MAX_GOOD, parameters), best first. */
static hone_status read_good(const hn_space *space, const hn_history *history, hn_arena *arena,
                             hn_earlier_study *good, size_t *n_complete, hone_error *err)
{
    size_t n_ranked = hn_history_ranked_count(history), d = space->count;
    int64_t *ranked = HN_ARENA_NEW(arena, int64_t, n_ranked);
    size_t *columns = HN_ARENA_NEW(arena, size_t, d);
    if (ranked == NULL || columns == NULL) {
        return hn_out_of_memory(err);
    }
    *n_complete = count_complete(history, ranked, hn_history_best(history, n_ranked, ranked));
    size_t n = (size_t)fmin(MAX_GOOD, ceil(good_share * (double)*n_complete));
    *good = (hn_earlier_study){0, HN_ARENA_NEW(arena, double, n *d)};
    if (good->values == NULL) {
        return hn_out_of_memory(err);
    }
    for (size_t p = 0; p < d; p++) {
        columns[p] = hn_history_find_column(history, space->parameters[p].name);
    }
    for (size_t i = 0; i < n; i++) {
        good->n += read_trial(space, history, columns, ranked[i], good->values + good->n * d);
    }
    return HONE_OK;
}

/* --- their order --- */

/* Squared distance on the unit cube; a choice that differs, or a value that only one has, counts 1. */
static double distance(const hn_space *space, const double *a, const double *b)
{
    double sum = 0;
    for (size_t p = 0; p < space->count; p++) {
        const hn_distribution *distribution = &space->parameters[p].distribution;
        if (isnan(a[p]) || isnan(b[p])) {
            sum += isnan(a[p]) != isnan(b[p]);
        } else if (distribution->kind == HN_CATEGORICAL && !distribution->ordinal) {
            sum += a[p] != b[p];
        } else {
            double gap =
                hn_distribution_encode(distribution, a[p]) - hn_distribution_encode(distribution, b[p]);
            sum += gap * gap;
        }
    }
    return sum;
}

/* The best, then each time the one farthest from those taken (Gonzalez 1985); equal ones are taken once. */
static hone_status order_starts(const hn_space *space, const hn_earlier_study *good, hn_arena *arena,
                                hn_earlier_study *starts, hone_error *err)
{
    size_t d = space->count, next = 0;
    size_t most = good->n < HN_EARLIER_MAX_STARTS ? good->n : HN_EARLIER_MAX_STARTS;
    double *gap = HN_ARENA_NEW(arena, double, good->n);
    *starts = (hn_earlier_study){0, HN_ARENA_NEW(arena, double, most *d)};
    if (gap == NULL || starts->values == NULL) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < good->n; i++) {
        gap[i] = INFINITY;
    }
    while (starts->n < most && gap[next] > 0) {
        const double *taken = good->values + next * d;
        memcpy(starts->values + starts->n++ * d, taken, d * sizeof *taken);
        next = 0;
        for (size_t i = 0; i < good->n; i++) {
            gap[i] = fmin(gap[i], distance(space, taken, good->values + i * d));
            next = gap[i] > gap[next] ? i : next;
        }
    }
    return HONE_OK;
}

hone_status hn_earlier_add(hn_earlier *earlier, const hn_space *space, const hn_history *history,
                           hn_arena *arena, size_t *taken, hone_error *err)
{
    hn_earlier_study *studies = HN_ARENA_NEW(arena, hn_earlier_study, earlier->n_studies + 1), good;
    size_t n_complete = 0;
    if (studies == NULL) {
        return hn_out_of_memory(err);
    }
    if (earlier->n_studies > 0) {
        memcpy(studies, earlier->studies, earlier->n_studies * sizeof *studies);
    }
    hone_status status = read_good(space, history, arena, &good, &n_complete, err);
    if (status == HONE_OK) {
        status = order_starts(space, &good, arena, &studies[earlier->n_studies], err);
    }
    if (status != HONE_OK) {
        return status;
    }
    earlier->studies = studies;
    earlier->n_studies += good.n > 0;
    if (taken != NULL) {
        *taken = n_complete;
    }
    return HONE_OK;
}

bool hn_earlier_start(const hn_earlier *earlier, const hn_space *space, size_t k, hn_point *known)
{
    if (earlier->n_studies == 0) {
        return false;
    }
    const hn_earlier_study *study = &earlier->studies[k % earlier->n_studies];
    size_t turn = k / earlier->n_studies;
    for (size_t p = 0; turn < study->n && p < space->count; p++) {
        known->values[p] = study->values[turn * space->count + p];
        known->active[p] = !isnan(known->values[p]);
    }
    return turn < study->n;
}
