#include "app/bench_curves.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"

typedef struct trial {
    hn_point point;
    double *losses;           /* (epochs,) of a full run */
    hn_trial_report *reports; /* (epochs,) of which `done` are made */
    int64_t budget;           /* as its start or resume said */
    int done;
} trial;

typedef struct replay {
    hn_bench_study *study;
    int epochs; /* of a full run */
    trial *trials;
    size_t n_trials, capacity;
    int64_t *workers; /* (n_workers,) the trial of each; -1: none */
    size_t n_workers;
    int64_t *paused; /* numbers, ascending; room for as many as there are trials */
    size_t n_paused;
    size_t spent, idle; /* epochs; idle: of workers that had to wait */
    int64_t events;
    double *ask_seconds;
    size_t n_asks, most_asks;
    bool done; /* the pruner wants no more */
} replay;

/* --- trials --- */

static hone_status add_trial(replay *r, trial **added)
{
    hn_bench_study *s = r->study;
    if (r->n_trials == r->capacity) {
        size_t capacity = r->capacity ? 2 * r->capacity : 64;
        trial *grown = hn_realloc_array(r->trials, capacity, sizeof *grown);
        r->trials = grown ? grown : r->trials;
        int64_t *paused = grown ? hn_realloc_array(r->paused, capacity, sizeof *paused) : NULL;
        r->paused = paused ? paused : r->paused;
        if (!grown || !paused)
            return hn_out_of_memory(s->err);
        r->capacity = capacity;
    }
    trial made = {.point = hn_point_new(&s->arena, s->space->count),
                  .losses = HN_ARENA_NEW(&s->arena, double, (size_t)r->epochs),
                  .reports = HN_ARENA_NEW(&s->arena, hn_trial_report, (size_t)r->epochs)};
    if (!made.point.values || !made.losses || !made.reports)
        return hn_out_of_memory(s->err);
    r->trials[r->n_trials] = made;
    *added = &r->trials[r->n_trials];
    return HONE_OK;
}

static hone_status put(replay *r, int64_t number, hone_trial_state state)
{
    const trial *t = &r->trials[number];
    double value = t->done ? t->reports[t->done - 1].value : NAN;
    return hn_bench_study_put(r->study, number, &t->point, state, value, t->reports, (size_t)t->done,
                              ++r->events);
}

static size_t place_of(const replay *r, int64_t number)
{
    size_t at = 0;
    while (at < r->n_paused && r->paused[at] < number)
        at++;
    return at;
}

static void put_aside(replay *r, int64_t number)
{
    size_t at = place_of(r, number);
    memmove(r->paused + at + 1, r->paused + at, (r->n_paused - at) * sizeof *r->paused);
    r->paused[at] = number;
    r->n_paused++;
}

static hone_status take_up(replay *r, int64_t number)
{
    size_t at = place_of(r, number);
    if (!r->trials || at == r->n_paused || r->paused[at] != number)
        return hn_fail(r->study->err, HONE_INTERNAL, "pruner %s names trial %lld, which is not paused",
                       hn_pruner_type_of(r->study->pruner)->name, (long long)number);
    for (r->n_paused--; at < r->n_paused; at++)
        r->paused[at] = r->paused[at + 1];
    return HONE_OK;
}

static hn_prune_context context_of(const replay *r)
{
    return (hn_prune_context){.history = r->study->history,
                              .seed = r->study->seed,
                              .study_name = "bench",
                              .paused = r->paused,
                              .n_paused = r->n_paused};
}

/* --- asking --- */

static hone_status start(replay *r, int64_t budget, size_t worker)
{
    hn_bench_study *s = r->study;
    trial *t = NULL;
    double point[HN_PROBLEM_MAX_PARAMETERS];
    hn_estimates estimates = {0};
    hn_prune_context context = context_of(r);
    context.budget = budget;
    hone_status status = add_trial(r, &t);
    hn_ask ask = hn_bench_study_ask(s, s->space, (int64_t)r->n_trials);
    if (!status && s->pruner)
        status = hn_pruner_estimate(s->pruner, &context, &s->scratch, &estimates, s->err);
    ask.estimates = estimates.items ? &estimates : NULL;
    if (!status)
        status = hn_bench_study_propose(s, &ask, 1, &t->point);
    if (status)
        return status;
    t->budget = budget;
    hn_problem_point(s->problem, s->space, &t->point, point);
    hn_problem_curve(s->instance, point, t->losses);
    r->workers[worker] = (int64_t)r->n_trials++;
    return put(r, r->workers[worker], HONE_RUNNING);
}

/* One answer of the pruner; *again: it is to be asked once more. */
static hone_status follow(replay *r, const hn_next *next, size_t worker, bool *again)
{
    hone_status status;
    switch (next->kind) {
    case HN_NEXT_START: return start(r, next->budget, worker);
    case HN_NEXT_RESUME:
        status = take_up(r, next->number);
        if (!status) {
            r->trials[next->number].budget = next->budget;
            r->workers[worker] = next->number;
        }
        return status;
    case HN_NEXT_DROP:
        status = take_up(r, next->number);
        *again = true;
        return status ? status : put(r, next->number, HONE_PRUNED);
    case HN_NEXT_WAIT: return HONE_OK;
    case HN_NEXT_DONE: r->done = true; return HONE_OK;
    default:
        return hn_fail(r->study->err, HONE_UNSUPPORTED, "learning curves cannot be cloned, as %s wants to",
                       hn_pruner_type_of(r->study->pruner)->name);
    }
}

/* A trial for a free worker, if there is one. */
static hone_status ask(replay *r, size_t worker)
{
    double began = hn_monotonic_seconds();
    hone_status status = HONE_OK;
    for (bool again = true; again && !status;) {
        hn_next next = {.kind = HN_NEXT_START};
        hn_prune_context context = context_of(r);
        again = false;
        if (r->study->pruner)
            status = hn_pruner_next(r->study->pruner, &context, &next, r->study->err);
        if (!status)
            status = follow(r, &next, worker, &again);
    }
    hn_arena_reset(&r->study->scratch);
    if (r->n_asks < r->most_asks)
        r->ask_seconds[r->n_asks++] = hn_monotonic_seconds() - began;
    return status;
}

/* --- running --- */

/* An epoch of a worker's trial, and what follows from it. A loss that is not a number ends the trial. */
static hone_status step(replay *r, size_t worker, double *lowest)
{
    int64_t number = r->workers[worker];
    trial *t = &r->trials[number];
    hn_verdict verdict = HN_CONTINUE;
    double loss = t->losses[t->done];
    t->reports[t->done] = (hn_trial_report){.step = t->done + 1, .value = loss};
    t->done++;
    *lowest = fmin(*lowest, loss);
    hone_status status = hn_history_add_report(r->study->history, number, t->done, loss, r->study->err);
    hn_prune_context context = context_of(r);
    context.budget = t->budget;
    if (!status && r->study->pruner)
        status = hn_pruner_judge(r->study->pruner, &context, number, t->done, &verdict, r->study->err);
    if (status)
        return status;
    bool over = t->done == r->epochs, broken = isnan(loss);
    if (over || broken || verdict == HN_STOP)
        status = put(r, number, over && !broken ? HONE_COMPLETE : HONE_PRUNED);
    else if (verdict == HN_PAUSE)
        put_aside(r, number);
    else
        return HONE_OK;
    r->workers[worker] = -1;
    hn_arena_reset(&r->study->scratch);
    return status;
}

static hone_status run(replay *r, double *values, size_t trials)
{
    size_t most = trials * (size_t)r->epochs, still = 0;
    hone_status status = HONE_OK;
    for (size_t i = 0; i < trials; i++)
        values[i] = NAN;
    while (r->spent < most && !r->done && !status) {
        size_t before = r->spent;
        for (size_t w = 0; w < r->n_workers && !status; w++)
            if (r->workers[w] < 0)
                status = ask(r, w);
        for (size_t w = 0; w < r->n_workers && r->spent < most && !status; w++) {
            if (r->workers[w] < 0) {
                r->idle++;
                continue;
            }
            status = step(r, w, &values[r->spent / (size_t)r->epochs]);
            r->spent++;
        }
        still = r->spent == before ? still + 1 : 0;
        if (still > 2)
            return hn_fail(r->study->err, HONE_INTERNAL, "pruner %s waits, and nothing runs",
                           hn_pruner_type_of(r->study->pruner)->name);
    }
    return status;
}

/* What came of the trials, beside what full runs of them would have: what the pruner missed, the rest being
 * the sampler's. */
static void log_spending(const replay *r)
{
    char lowest[HN_NUMBER_SIZE], lowest_of_whole[HN_NUMBER_SIZE];
    double reported = INFINITY, possible = INFINITY;
    size_t whole = 0;
    for (size_t i = 0; i < r->n_trials; i++) {
        const trial *t = &r->trials[i];
        whole += t->done == r->epochs;
        for (int e = 0; e < r->epochs; e++) {
            possible = fmin(possible, t->losses[e]);
            reported = e < t->done ? fmin(reported, t->losses[e]) : reported;
        }
    }
    hn_format_short(lowest, reported, 6);
    hn_format_short(lowest_of_whole, possible, 6);
    hn_log(
        HN_LOG_INFO,
        "%s, seed %llu: %zu trials, %zu of them whole, in %zu epochs, workers idle for %zu; lowest loss %s, "
        "had all been whole %s",
        hn_problem_name(r->study->problem), (unsigned long long)r->study->seed, r->n_trials, whole, r->spent,
        r->idle, lowest, lowest_of_whole);
}

hone_status hn_bench_run_epochs(hn_bench_study *study, double *values, double *ask_seconds)
{
    replay r = {.study = study,
                .epochs = hn_problem_epochs(study->problem),
                .n_workers = study->plan->running + 1,
                .ask_seconds = ask_seconds,
                .most_asks = study->plan->trials};
    r.workers = HN_ARENA_NEW(&study->arena, int64_t, r.n_workers);
    if (!r.workers)
        return hn_out_of_memory(study->err);
    for (size_t w = 0; w < r.n_workers; w++)
        r.workers[w] = -1;
    hone_status status = run(&r, values, study->plan->trials);
    log_spending(&r);
    hn_free(r.trials);
    hn_free(r.paused);
    for (size_t i = r.n_asks; i < r.most_asks; i++)
        ask_seconds[i] = NAN;
    return status;
}
