#include "pruner/schedule_async.h"

/* The best of the first k on a rung that rests there; false: there is none. */
static bool find_resting(const hn_rung_table *table, size_t bracket, size_t rung, size_t k, int64_t *number)
{
    const hn_rung_list *list = hn_rung_table_list(table, bracket, rung);
    for (size_t i = 0; i < k && i < list->count; i++) {
        const hn_rung_trial *trial = &table->trials[list->entries[i].number];
        if (trial->paused && trial->reached == rung + 1) {
            *number = list->entries[i].number;
            return true;
        }
    }
    return false;
}

static hn_next resume(const hn_schedule *schedule, int64_t number, size_t rung)
{
    return (hn_next){.kind = HN_NEXT_RESUME, .number = number, .budget = schedule->rungs[rung].resource};
}

/* One that its worker left before the first rung. */
static bool find_orphan(const hn_rung_table *table, const hn_schedule *schedule,
                        const hn_prune_context *context, hn_next *next)
{
    for (size_t i = 0; i < context->n_paused; i++) {
        int64_t number = context->paused[i];
        const hn_rung_trial *trial = &table->trials[number];
        if (trial->reached == schedule->brackets[trial->bracket].first) {
            *next = resume(schedule, number, trial->reached);
            return true;
        }
        if (trial->reached == schedule->n_rungs) { /* or after the last one */
            *next = resume(schedule, number, schedule->n_rungs - 1);
            return true;
        }
    }
    return false;
}

static bool find_promotion(const hn_rung_table *table, const hn_schedule *schedule, hn_next *next)
{
    int64_t number;
    for (size_t r = schedule->top ? schedule->top : schedule->n_rungs - 1; r-- > 0;) {
        for (size_t b = 0; b < schedule->n_brackets && schedule->brackets[b].first <= r; b++) {
            size_t kept = hn_rung_table_list(table, b, r)->count;
            kept = kept < (size_t)schedule->bootstrap ? 0 : kept;
            for (int64_t i = 0; i < schedule->rungs[r].eliminations; i++) {
                kept /= (size_t)schedule->factor;
            }
            if (find_resting(table, b, r, kept, &number)) {
                *next = resume(schedule, number, r + 1);
                return true;
            }
        }
    }
    return false;
}

/* With too few trials for a promotion nothing would come to its end: the best of the highest rung does. */
static bool find_last(const hn_rung_table *table, const hn_schedule *schedule, hn_next *next)
{
    for (size_t r = schedule->n_rungs - 1; r-- > 0;) {
        const hn_rung_entry *best = NULL;
        for (size_t b = 0; b < schedule->n_brackets && schedule->brackets[b].first <= r; b++) {
            const hn_rung_list *list = hn_rung_table_list(table, b, r);
            for (size_t i = 0; i < list->count; i++) {
                const hn_rung_trial *trial = &table->trials[list->entries[i].number];
                if (trial->paused && trial->reached == r + 1) {
                    best = best == NULL || list->entries[i].loss < best->loss ? &list->entries[i] : best;
                    break;
                }
            }
        }
        if (best != NULL) {
            *next = resume(schedule, best->number, r + 1);
            return true;
        }
    }
    return false;
}

/* The number that a trial begun now will have: a queued one's, or a new one. */
static int64_t next_number(const hn_history *history)
{
    size_t n;
    const int64_t *waiting = hn_history_waiting(history, &n);
    return n > 0 ? waiting[0] : (int64_t)hn_history_count(history);
}

hone_status hn_async_next(hn_rung_table *table, const hn_schedule *schedule, const hn_prune_context *context,
                          hn_next *next, hone_error *err)
{
    const hn_history *history = context->history;
    hone_status status = hn_rung_table_update(table, schedule, context, err);
    if (status != HONE_OK || find_orphan(table, schedule, context, next) ||
        find_promotion(table, schedule, next)) {
        return status;
    }
    if (!context->exhausted) {
        size_t first = schedule->brackets[hn_schedule_bracket_of(schedule, next_number(history))].first;
        *next = (hn_next){.kind = HN_NEXT_START, .budget = schedule->rungs[first].resource};
    } else if (table->n_running > 0) {
        *next = (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = HN_SCHEDULE_WAIT_MS};
    } else if (context->n_paused == 0) {
        *next = (hn_next){.kind = HN_NEXT_DONE, .reason = "exhausted"};
    } else if (hn_history_state_count(history, HONE_COMPLETE) > 0 || !find_last(table, schedule, next)) {
        *next = (hn_next){.kind = HN_NEXT_DROP, .number = context->paused[0]};
    }
    return HONE_OK;
}

hn_verdict hn_async_judge(const hn_schedule *schedule, const hn_prune_context *context, int64_t number,
                          int64_t step)
{
    size_t first = schedule->brackets[hn_schedule_bracket_of(schedule, number)].first;
    return hn_schedule_judge(schedule, first, context, number, step);
}
