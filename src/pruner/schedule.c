#include "pruner/schedule.h"

#include <math.h>

#include "pruner/reports.h"

/* --- ladders --- */

void hn_schedule_of_halving(const hn_halving_rung *rungs, size_t n_rungs, int64_t factor,
                            hn_schedule *schedule)
{
    *schedule = (hn_schedule){.factor = factor, .n_brackets = 1};
    schedule->brackets[0].candidates = rungs[0].candidates;
    for (size_t i = 0; i < n_rungs; i++) {
        if (!i || rungs[i].resource != rungs[i - 1].resource) {
            schedule->rungs[schedule->n_rungs++].resource = rungs[i].resource;
        }
        schedule->rungs[schedule->n_rungs - 1].eliminations += i + 1 < n_rungs;
    }
    schedule->rungs[schedule->n_rungs - 1].eliminations = 0;
}

static int64_t quotient_up(int64_t x, int64_t by)
{
    return (x - 1) / by + 1;
}

/* ceil(ends * factor^b / (b + 1)), at most INT64_MAX. */
static int64_t bracket_size(int64_t ends, int64_t factor, size_t b)
{
    int64_t size = ends;
    for (size_t i = 0; i < b; i++) {
        if (size > INT64_MAX / factor) {
            return INT64_MAX;
        }
        size *= factor;
    }
    return quotient_up(size, (int64_t)b + 1);
}

void hn_schedule_of_hyperband(int64_t least, int64_t most, int64_t factor, hn_schedule *schedule)
{
    int64_t powers[HN_MOST_RUNGS] = {1}, ends = 1;
    size_t n = 1;
    for (int64_t left = quotient_up(most, least); left > 1; left = quotient_up(left, factor)) {
        ends++; /* 1 + ceil(log(most / least)) */
    }
    while (powers[n - 1] <= most / least / factor) {
        powers[n] = powers[n - 1] * factor;
        n++;
    }
    *schedule = (hn_schedule){.factor = factor, .n_rungs = n, .n_brackets = n};
    for (size_t i = 0; i < n; i++) {
        schedule->rungs[i] = (hn_rung){quotient_up(most, powers[n - 1 - i]), i + 1 < n};
        schedule->brackets[i] = (hn_schedule_bracket){i, bracket_size(ends, factor, n - 1 - i)};
    }
}

int64_t hn_schedule_kept(const hn_schedule *schedule, size_t rung, int64_t candidates)
{
    for (int64_t i = 0; i < schedule->rungs[rung].eliminations && candidates > 0; i++) {
        candidates = quotient_up(candidates, schedule->factor);
    }
    return candidates;
}

/* --- trials on the rungs --- */

bool hn_is_paused(const hn_prune_context *context, int64_t number)
{
    size_t low = 0, high = context->n_paused;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (context->paused[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < context->n_paused && context->paused[low] == number;
}

bool hn_rung_loss(const hn_history *history, int64_t number, int64_t resource, double *loss)
{
    const hn_trial_report *reports;
    size_t low = 0, n = hn_history_reports(history, number, &reports), high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (reports[middle].step < resource) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    double value = low < n ? hn_report_loss(history, reports[low].value) : INFINITY;
    *loss = isnan(value) ? INFINITY : value;
    return low < n;
}

hn_verdict hn_schedule_judge(const hn_schedule *schedule, size_t first, const hn_prune_context *context,
                             int64_t number, int64_t step)
{
    const hn_trial_report *reports;
    int64_t budget = context->budget, last = schedule->rungs[schedule->n_rungs - 1].resource, before = 0;
    size_t n = budget ? 0 : hn_history_reports(context->history, number, &reports);
    for (size_t i = 0; i < n && reports[i].step < step; i++) {
        before = reports[i].step;
    }
    for (size_t r = first; r < schedule->n_rungs && budget == 0; r++) {
        budget = schedule->rungs[r].resource > before ? schedule->rungs[r].resource : 0;
    }
    return budget && budget < last && step >= budget ? HN_PAUSE : HN_CONTINUE;
}

/* --- the samplers' data --- */

/* Trials that are on the rung, ascending, with what they reported there. */
static size_t list_rung(const hn_history *history, int64_t resource, hn_estimate *items)
{
    size_t rows = hn_history_count(history), n = 0;
    double worst = -INFINITY;
    for (size_t i = 0; i < rows; i++) {
        hone_trial_state state = hn_history_state(history, (int64_t)i);
        hn_estimate *item = &items[n];
        if (state != HONE_WAITING && state != HONE_FAILED &&
            hn_rung_loss(history, (int64_t)i, resource, &item->loss)) {
            item->number = (int64_t)i;
            item->deviation = 0;
            worst = isfinite(item->loss) && item->loss > worst ? item->loss : worst;
            n++;
        }
    }
    for (size_t i = 0; i < n; i++) {
        items[i].loss = isfinite(items[i].loss) ? items[i].loss : isfinite(worst) ? worst : 0;
    }
    return n;
}

hone_status hn_schedule_estimate(const hn_schedule *schedule, const hn_history *history, hn_arena *scratch,
                                 hn_estimates *estimates, hone_error *err)
{
    size_t enough = hn_history_column_count(history) + 2, rows = hn_history_count(history), n = 0;
    hn_estimate *items = HN_ARENA_NEW(scratch, hn_estimate, rows + 1);
    if (items == NULL) {
        return hn_out_of_memory(err);
    }
    enough = enough < 10 ? 10 : enough;
    for (size_t r = schedule->n_rungs; r-- > 0 && n < enough;) {
        n = list_rung(history, schedule->rungs[r].resource, items);
    }
    *estimates = (hn_estimates){items, n};
    return HONE_OK;
}
