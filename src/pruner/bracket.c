#include "pruner/bracket.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "pruner/reports.h"

void hn_bracket_clear(hn_bracket *bracket)
{
    for (size_t r = 0; r < HN_MOST_RUNGS; r++) {
        hn_free(bracket->rungs[r].losses);
        bracket->rungs[r] = (hn_bracket_rung){0};
    }
}

/* The step of rung r, from that of the one before; 0 = there is none. */
static int64_t next_step(const hn_bracket *bracket, size_t r, int64_t before)
{
    if (r == HN_MOST_RUNGS || (r > 0 && before > INT64_MAX / bracket->factor)) {
        return 0;
    }
    int64_t step = r == 0 ? bracket->first : before * bracket->factor;
    return bracket->last && step >= bracket->last ? 0 : step;
}

/* How many losses are smaller. */
static size_t count_below(const hn_bracket_rung *rung, double loss)
{
    size_t low = 0, high = rung->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rung->losses[middle] < loss) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Is one of `n` at a rung, better than which are `n_better`, among the best 1/factor? Of fewer than factor
 * the best one is. */
static bool passes(const hn_bracket *bracket, size_t n, size_t n_better)
{
    size_t places = n / (size_t)bracket->factor;
    return n > (size_t)bracket->bootstrap && n_better < (places ? places : 1);
}

static hone_status insert(hn_bracket_rung *rung, double loss, hone_error *err)
{
    if (HN_GROW(rung->losses, rung->count, rung->capacity) != 0) {
        return hn_out_of_memory(err);
    }
    size_t at = count_below(rung, loss);
    memmove(rung->losses + at + 1, rung->losses + at, (rung->count - at) * sizeof *rung->losses);
    rung->losses[at] = loss;
    rung->count++;
    return HONE_OK;
}

hone_status hn_bracket_take(hn_bracket *bracket, const hn_history *history, int64_t number, hone_error *err)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    bool pruned = hn_history_state(history, number) == HONE_PRUNED, passed = true;
    int64_t step = next_step(bracket, 0, 0);
    hone_status status = HONE_OK;
    for (size_t r = 0, at = 0; step && passed && status == HONE_OK; step = next_step(bracket, ++r, step)) {
        at = hn_report_at(reports, n, at, step);
        if (at == n) {
            break;
        }
        hn_bracket_rung *rung = &bracket->rungs[r];
        double loss = hn_report_loss(history, reports[at].value);
        passed = !pruned || at + 1 < n || passes(bracket, rung->count + 1, count_below(rung, loss));
        status = insert(rung, loss, err);
    }
    return status;
}

/* --- judging --- */

/* A running trial, on its way up the rungs. */
typedef struct climb {
    const hn_trial_report *reports;
    size_t n, at; /* at: the report with which it came to the rung looked at; n = it has not */
} climb;

static climb start_climb(const hn_history *history, int64_t number)
{
    climb c = {0};
    c.n = hn_history_reports(history, number, &c.reports);
    return c;
}

/* Does the last report, with which the trial comes to rung r, let it pass? */
static bool passes_among(const hn_bracket *bracket, const hn_history *history, const int64_t *others,
                         size_t n_others, int64_t number, size_t r, double loss)
{
    const hn_bracket_rung *rung = &bracket->rungs[r];
    size_t n = rung->count + 1, n_better = count_below(rung, loss);
    for (size_t i = 0; i < n_others; i++) {
        if (others[i] == number) {
            continue;
        }
        climb other = start_climb(history, others[i]);
        int64_t step = next_step(bracket, 0, 0);
        for (size_t k = 0; k <= r && other.at < other.n; k++) {
            other.at = hn_report_at(other.reports, other.n, other.at, step);
            step = next_step(bracket, k + 1, step);
        }
        if (other.at < other.n) {
            n++;
            n_better += hn_report_loss(history, other.reports[other.at].value) < loss;
        }
    }
    return passes(bracket, n, n_better);
}

hn_verdict hn_bracket_judge(const hn_bracket *bracket, const hn_history *history, const int64_t *others,
                            size_t n, int64_t number, int64_t step)
{
    climb own = start_climb(history, number);
    if (own.n == 0 || own.reports[own.n - 1].step != step) {
        return HN_CONTINUE;
    }
    int64_t at_step = next_step(bracket, 0, 0);
    for (size_t r = 0; at_step && at_step <= step; at_step = next_step(bracket, ++r, at_step)) {
        own.at = hn_report_at(own.reports, own.n, own.at, at_step);
        if (own.at == own.n) {
            return HN_STOP; /* NaN at the rung */
        }
        double loss = hn_report_loss(history, own.reports[own.at].value);
        if (own.at + 1 == own.n && !passes_among(bracket, history, others, n, number, r, loss)) {
            return HN_STOP;
        }
    }
    return HN_CONTINUE;
}
