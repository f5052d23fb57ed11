#include "analysis/front.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "math/hypervolume.h"

static const double margin = 0.1; /* of the range between the front and the reference */

static bool is_usable(const hn_history *history, int64_t t, size_t m)
{
    bool usable = hn_history_state(history, t) == HONE_COMPLETE && !(hn_history_violation(history, t) > 0);
    for (size_t j = 0; usable && j < m; j++)
        usable = isfinite(hn_history_loss(history, t, j));
    return usable;
}

/* losses: (n, m). */
static hone_status list_trials(const hn_history *history, hn_arena *arena, hn_front_history *front,
                               double **losses, hone_error *err)
{
    size_t m = front->n_objectives, rows = hn_history_count(history), n = 0;
    front->numbers = HN_ARENA_NEW(arena, int64_t, rows);
    if (!front->numbers)
        return hn_out_of_memory(err);
    for (int64_t t = 0; t < (int64_t)rows; t++)
        if (is_usable(history, t, m))
            front->numbers[n++] = t;
    front->n = n;
    front->volume = HN_ARENA_NEW(arena, double, n);
    front->in_front = HN_ARENA_NEW(arena, bool, n);
    *losses = hn_arena_scratch(arena, n * m + 1, sizeof **losses);
    if (!front->volume || !front->in_front || !*losses)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n * m; i++)
        (*losses)[i] = hn_history_loss(history, front->numbers[i / m], i % m);
    return HONE_OK;
}

static hone_status mark_front(const hn_history *history, hn_arena *arena, hn_front_history *front,
                              hone_error *err)
{
    uint32_t *ranks = HN_ARENA_NEW(arena, uint32_t, front->n);
    hone_status status = ranks ? HONE_OK : hn_out_of_memory(err);
    if (!status)
        status = hn_history_pareto_ranks(history, front->numbers, front->n, ranks, err);
    for (size_t i = 0; !status && i < front->n; i++)
        front->in_front[i] = ranks[i] == 0;
    return status;
}

static double choose_reference(const hn_front_history *front, const double *losses, size_t j)
{
    double best = INFINITY, worst = -INFINITY, worst_of_all = -INFINITY;
    for (size_t i = 0; i < front->n; i++) {
        double loss = losses[i * front->n_objectives + j];
        best = fmin(best, loss);
        worst_of_all = fmax(worst_of_all, loss);
        if (front->in_front[i])
            worst = fmax(worst, loss);
    }
    double range = worst > best ? worst - best : worst_of_all - best;
    return worst + margin * (range > 0 ? range : fmax(1, fabs(worst)));
}

hone_status hn_front_find(const hn_history *history, const double *reference, hn_arena *arena,
                          hn_front_history *front, hone_error *err)
{
    size_t m = hn_history_objective_count(history);
    double *losses = NULL, *scratch = NULL;
    hn_front_history found = {.n_objectives = m, .reference = HN_ARENA_NEW(arena, double, m)};
    if (!found.reference)
        return hn_out_of_memory(err);
    hone_status status = list_trials(history, arena, &found, &losses, err);
    if (!status)
        status = mark_front(history, arena, &found, err);
    if (!status && found.n == 0)
        return hn_fail(err, HONE_INVALID,
                       "no complete, feasible trial with finite values: there is no front yet");
    for (size_t j = 0; !status && j < m; j++)
        found.reference[j] = reference ? reference[j] : choose_reference(&found, losses, j);
    if (!status) {
        scratch = hn_arena_scratch(arena, hn_hypervolume_scratch(found.n, m), sizeof *scratch);
        status = scratch ? HONE_OK : hn_out_of_memory(err);
    }
    if (!status) {
        hn_hypervolume_history(losses, found.n, m, found.reference, scratch, found.volume);
        *front = found;
    }
    return status;
}
