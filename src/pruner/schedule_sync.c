#include "pruner/schedule_sync.h"

#include <stdlib.h>

#include "base/memory.h"

/* A bracket on its way. */
typedef struct sync_bracket {
    const hn_schedule_bracket *bracket;
    int64_t begun; /* candidates, ended ones included */
    size_t n;      /* that have not ended */
} sync_bracket;

void hn_sync_release(hn_sync *sync)
{
    hn_free(sync->candidates);
    *sync = (hn_sync){0};
}

/* --- the candidates --- */

/* The bracket of the trial at a place in the order of their numbers, and the place of its first candidate. */
static const hn_schedule_bracket *bracket_at(const hn_schedule *schedule, int64_t place, int64_t *first)
{
    int64_t all = schedule->brackets[0].candidates;
    size_t i = 0;
    for (size_t b = 1; b < schedule->n_brackets; b++) {
        int64_t n = schedule->brackets[b].candidates;
        all = n > INT64_MAX - all ? INT64_MAX : all + n;
    }
    if (all < 1) {
        all = 1; /* not of any schedule that is made */
    }
    int64_t from = place / all * all;
    for (; place - from >= schedule->brackets[i].candidates; i++) {
        from += schedule->brackets[i].candidates;
    }
    *first = from;
    return &schedule->brackets[i];
}

/* Trials in the order of their numbers. A gap is WAITING, too. */
static int64_t count_begun(const hn_history *history, int64_t before)
{
    int64_t n = 0;
    for (int64_t i = 0; i < before; i++) {
        n += hn_history_state(history, i) != HONE_WAITING;
    }
    return n;
}

static hone_status grow(hn_sync *sync, size_t n, hone_error *err)
{
    if (n <= sync->capacity) {
        return HONE_OK;
    }
    hn_sync_candidate *grown = hn_realloc_array(sync->candidates, n, sizeof *grown);
    if (grown == NULL) {
        return hn_out_of_memory(err);
    }
    sync->candidates = grown;
    sync->capacity = n;
    return HONE_OK;
}

/* The last bracket and its candidates that have not ended. */
static hone_status list(hn_sync *sync, const hn_schedule *schedule, const hn_prune_context *context,
                        sync_bracket *at, hone_error *err)
{
    const hn_history *history = context->history;
    size_t rows = hn_history_count(history), running = hn_history_state_count(history, HONE_RUNNING);
    hone_status status = grow(sync, running, err);
    if (status != HONE_OK) {
        return status;
    }
    int64_t all = count_begun(history, (int64_t)rows), first, seen = 0;
    at->bracket = bracket_at(schedule, all ? all - 1 : 0, &first);
    at->n = 0;
    for (size_t i = 0; i < rows; i++) {
        hone_trial_state state = hn_history_state(history, (int64_t)i);
        if (state == HONE_RUNNING && seen >= first) {
            sync->candidates[at->n++] =
                (hn_sync_candidate){.number = (int64_t)i, .paused = hn_is_paused(context, (int64_t)i)};
        }
        seen += state != HONE_WAITING;
    }
    at->begun = all - first;
    return HONE_OK;
}

static int compare(const void *a, const void *b)
{
    const hn_sync_candidate *x = a, *y = b;
    return x->loss != y->loss ? (x->loss > y->loss) - (x->loss < y->loss)
                              : (x->number > y->number) - (x->number < y->number);
}

/* --- decisions --- */

/* A candidate that has yet to reach the rung (of the last rung: to end) is resumed, or waited for. False: all
 * are there; of those that are not paused some are told just now, others run for a rung above. */
static bool is_unfinished(const hn_sync_candidate *candidates, size_t n, const hn_rung *at, hn_next *next)
{
    bool pending = false, last = !at->eliminations;
    *next = (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = HN_SCHEDULE_WAIT_MS};
    for (size_t i = 0; i < n; i++) {
        const hn_sync_candidate *c = &candidates[i];
        if (c->paused && (last || !c->there)) {
            *next = (hn_next){.kind = HN_NEXT_RESUME, .number = c->number, .budget = at->resource};
            return true;
        }
        pending = pending || last || !c->there;
    }
    return pending;
}

/* The worst of those that are not among the best `kept` ends, or is waited for until it is paused. */
static bool drops(const hn_sync_candidate *candidates, size_t n, int64_t kept, hn_next *next)
{
    if (n <= (size_t)kept) {
        return false;
    }
    *next = (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = HN_SCHEDULE_WAIT_MS};
    for (size_t i = n; i-- > (size_t)kept;) {
        if (candidates[i].paused) {
            *next = (hn_next){.kind = HN_NEXT_DROP, .number = candidates[i].number};
            break;
        }
    }
    return true;
}

/* A new trial, of the bracket or of the one after it. */
static hn_next new_trial(const hn_schedule *schedule, const hn_prune_context *context, const sync_bracket *at)
{
    const hn_schedule_bracket *bracket = at->bracket;
    if (context->exhausted) {
        return (hn_next){.kind = HN_NEXT_DONE, .reason = "exhausted"};
    }
    if (at->begun >= bracket->candidates) {
        size_t i = (size_t)(bracket - schedule->brackets) + 1;
        bracket = &schedule->brackets[i < schedule->n_brackets ? i : 0];
    }
    return (hn_next){.kind = HN_NEXT_START, .budget = schedule->rungs[bracket->first].resource};
}

hone_status hn_sync_next(hn_sync *sync, const hn_schedule *schedule, const hn_prune_context *context,
                         hn_next *next, hone_error *err)
{
    sync_bracket at = {0};
    hone_status status = list(sync, schedule, context, &at, err);
    if (status != HONE_OK) {
        return status;
    }
    int64_t kept = at.begun;
    for (size_t r = at.bracket->first; r < schedule->n_rungs && at.n > 0; r++) {
        const hn_rung *rung = &schedule->rungs[r];
        for (size_t i = 0; i < at.n; i++) {
            hn_sync_candidate *c = &sync->candidates[i];
            c->there = hn_rung_loss(context->history, c->number, rung->resource, &c->loss);
        }
        bool pending = is_unfinished(sync->candidates, at.n, rung, next);
        bool open = r == at.bracket->first && at.begun < at.bracket->candidates && !context->exhausted;
        if (pending && (next->kind == HN_NEXT_RESUME || !open)) {
            return HONE_OK;
        }
        if (open) {
            break;
        }
        kept = hn_schedule_kept(schedule, r, kept);
        qsort(sync->candidates, at.n, sizeof *sync->candidates, compare);
        if (drops(sync->candidates, at.n, kept, next)) {
            return HONE_OK;
        }
    }
    *next = new_trial(schedule, context, &at);
    return HONE_OK;
}

hn_verdict hn_sync_judge(const hn_schedule *schedule, const hn_prune_context *context, int64_t number,
                         int64_t step)
{
    int64_t begins;
    size_t first =
        context->budget ? 0 : bracket_at(schedule, count_begun(context->history, number), &begins)->first;
    return hn_schedule_judge(schedule, first, context, number, step);
}
