#include "pruner/schedule.h"

#include <assert.h>
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

int64_t hn_schedule_lowest(int64_t most)
{
    int64_t part = most / 16 > 2 ? most / 16 : 2;
    return part < most ? part : most;
}

size_t hn_schedule_ladder(const hn_schedule *schedule, int64_t *steps)
{
    static_assert((int)HN_MOST_RUNGS <= (int)HN_MOST_LADDER, "each rung has a place");
    for (size_t r = 0; r < schedule->n_rungs; r++) {
        steps[r] = schedule->rungs[r].resource;
    }
    return schedule->n_rungs;
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

/* Its first report at the resource or after; NULL: there is none. */
static const hn_trial_report *find_report(const hn_history *history, int64_t number, int64_t resource)
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
    return low < n ? &reports[low] : NULL;
}

bool hn_rung_loss(const hn_history *history, int64_t number, int64_t resource, double *loss)
{
    const hn_trial_report *report = find_report(history, number, resource);
    double value = report != NULL ? hn_report_loss(history, report->value) : INFINITY;
    *loss = isnan(value) ? INFINITY : value;
    return report != NULL;
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

/* A trial onto the rungs on which it reported. Who reports at the ends of budgets only is not on the rungs
 * that lie below the first: what it has there was trained for longer. */
static void take_trial(const hn_schedule *schedule, const hn_history *history, int64_t number,
                       hn_estimate *const *items, hn_estimate_rung *rungs)
{
    for (size_t r = 0; r < schedule->n_rungs; r++) {
        const hn_trial_report *report = find_report(history, number, schedule->rungs[r].resource);
        if (report == NULL) {
            return;
        }
        if (r + 1 < schedule->n_rungs && report->step >= schedule->rungs[r + 1].resource) {
            continue;
        }
        items[r][rungs[r].n++] =
            (hn_estimate){.number = number, .loss = hn_report_loss(history, report->value)};
    }
}

/* A NaN or an infinite loss becomes the worst finite one. */
static void replace_broken(hn_estimate *items, size_t n)
{
    double worst = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        worst = isfinite(items[i].loss) && items[i].loss > worst ? items[i].loss : worst;
    }
    for (size_t i = 0; i < n; i++) {
        items[i].loss = isfinite(items[i].loss) ? items[i].loss : isfinite(worst) ? worst : 0;
    }
}

static hone_status fill_rungs(const hn_schedule *schedule, const hn_history *history, hn_arena *scratch,
                              hn_estimate_rung *rungs, hone_error *err)
{
    hn_estimate *items[HN_MOST_RUNGS];
    size_t rows = hn_history_count(history);
    for (size_t r = 0; r < schedule->n_rungs; r++) {
        items[r] = hn_arena_scratch(scratch, rows + 1, sizeof *items[r]);
        if (items[r] == NULL) {
            return hn_out_of_memory(err);
        }
        rungs[r].items = items[r];
    }
    for (size_t i = 0; i < rows; i++) {
        hone_trial_state state = hn_history_state(history, (int64_t)i);
        if (state != HONE_WAITING && state != HONE_FAILED) {
            take_trial(schedule, history, (int64_t)i, items, rungs);
        }
    }
    for (size_t r = 0; r < schedule->n_rungs; r++) {
        replace_broken(items[r], rungs[r].n);
        rungs[r].kept = (size_t)hn_schedule_kept(schedule, r, (int64_t)rungs[r].n);
    }
    return HONE_OK;
}

/* The rung on which a trial of this budget begins. */
static size_t first_rung(const hn_schedule *schedule, int64_t budget)
{
    size_t r = 0;
    while (r + 1 < schedule->n_rungs && schedule->rungs[r].resource < budget) {
        r++;
    }
    return r;
}

hone_status hn_schedule_estimate(const hn_schedule *schedule, const hn_prune_context *context,
                                 hn_arena *scratch, hn_estimates *estimates, hone_error *err)
{
    size_t enough = hn_history_column_count(context->history) + 3, chosen = 0;
    hn_estimate_rung *rungs = HN_ARENA_NEW(scratch, hn_estimate_rung, schedule->n_rungs);
    hone_status status =
        rungs != NULL ? fill_rungs(schedule, context->history, scratch, rungs, err) : hn_out_of_memory(err);
    if (status != HONE_OK) {
        return status;
    }
    enough = enough < 10 ? 10 : enough;
    for (size_t r = 0; r < schedule->n_rungs; r++) {
        chosen = rungs[r].n >= enough ? r : chosen;
    }
    *estimates = (hn_estimates){.items = rungs[chosen].items,
                                .n = rungs[chosen].n,
                                .rungs = rungs,
                                .n_rungs = schedule->n_rungs,
                                .first = first_rung(schedule, context->budget)};
    return HONE_OK;
}
