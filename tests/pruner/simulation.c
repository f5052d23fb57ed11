#include "simulation.h"

#include <string.h>

#include "support.h"

hn_pruner *sim_pruner(const char *text)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec;
    hn_pruner *pruner = NULL;
    hone_error err = {0};
    ck_assert_int_eq(hn_spec_from_text(&arena, text, "pruner", &spec, &err), HONE_OK);
    ck_assert_msg(hn_pruner_create(&spec, &pruner, &err) == HONE_OK, "%s", err.message);
    hn_arena_release(&arena);
    return pruner;
}

/* Uniform, from a trial's own stream. */
static double draw(const simulation *sim, int64_t number, uint64_t purpose)
{
    hn_random random = hn_random_stream(sim->seed, (uint64_t)number, purpose);
    return hn_random_uniform(&random);
}

double sim_loss(const simulation *sim, int64_t number, int64_t step)
{
    double own = draw(sim, number, 1), slope = draw(sim, number, 2);
    double noise = draw(sim, number * 1000 + step, 3) - 0.5;
    return own + (slope + 0.3 * noise) / sqrt((double)step);
}

/* Seconds of a step, Pareto of index 1.2 over the trials: the mean is finite, the variance is not. */
static double step_time(const simulation *sim, int64_t number)
{
    return pow(1 - draw(sim, number, 4), -1 / 1.2);
}

/* --- the history --- */

static void put(simulation *sim, int64_t number, hone_trial_state state)
{
    hn_trial_report copy[256];
    const hn_trial_report *reports = NULL;
    size_t n = number < (int64_t)hn_history_count(sim->history)
                   ? hn_history_reports(sim->history, number, &reports)
                   : 0;
    ck_assert_uint_le(n, 256);
    if (n > 0) {
        memcpy(copy, reports, n * sizeof *copy);
    }
    double value = n > 0 ? copy[n - 1].value : 0;
    hn_trial_record record = {.number = number,
                              .state = state,
                              .complete_us = state == HONE_RUNNING ? 0 : 1 + (int64_t)(sim->time * 1e6),
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .n_reports = n,
                              .reports = copy,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(sim->history, &record, NULL), HONE_OK);
}

static void pause_trial(simulation *sim, int64_t number)
{
    size_t at = sim->context.n_paused++;
    for (; at > 0 && sim->paused[at - 1] > number; at--) {
        sim->paused[at] = sim->paused[at - 1];
    }
    sim->paused[at] = number;
}

static void unpause(simulation *sim, int64_t number)
{
    size_t at = 0;
    while (at < sim->context.n_paused && sim->paused[at] != number) {
        at++;
    }
    ck_assert_uint_lt(at, sim->context.n_paused);
    sim->context.n_paused--;
    memmove(sim->paused + at, sim->paused + at + 1, (sim->context.n_paused - at) * sizeof *sim->paused);
}

/* --- workers --- */

static hn_next decide(simulation *sim, hn_pruner *pruner)
{
    hn_next next = {0};
    sim->context.exhausted = sim->n_trials >= sim->most_trials;
    ck_assert_int_eq(hn_pruner_next(pruner, &sim->context, &next, NULL), HONE_OK);
    if (sim->checks_memory) {
        hn_next again = {0};
        hn_pruner *fresh = sim_pruner(sim->pruner);
        ck_assert_int_eq(hn_pruner_next(fresh, &sim->context, &again, NULL), HONE_OK);
        hn_pruner_destroy(fresh);
        ck_assert_int_eq(next.kind, again.kind);
        ck_assert_int_eq(next.number, again.number);
        ck_assert_int_eq(next.budget, again.budget);
    }
    return next;
}

static void begin(simulation *sim, sim_worker *worker, const hn_next *next)
{
    const hn_trial_report *reports;
    worker->trial = next->kind == HN_NEXT_START ? sim->n_trials++ : next->number;
    worker->budget = next->budget;
    worker->step = 0;
    if (next->kind == HN_NEXT_START) {
        ck_assert_int_lt(worker->trial, SIM_TRIALS);
        put(sim, worker->trial, HONE_RUNNING);
        sim->budgets[worker->trial] = next->budget;
    } else {
        size_t n = hn_history_reports(sim->history, worker->trial, &reports);
        worker->step = n > 0 ? reports[n - 1].step : 0;
        unpause(sim, worker->trial);
        sim->n_resumed++;
    }
    worker->at = sim->time + step_time(sim, worker->trial);
}

static void finish(simulation *sim, sim_worker *worker, hone_trial_state state)
{
    put(sim, worker->trial, state);
    worker->trial = -1;
}

/* A step is done. */
static void advance(simulation *sim, hn_pruner *pruner, sim_worker *worker)
{
    hn_verdict verdict = HN_CONTINUE;
    int64_t number = worker->trial, step = ++worker->step;
    sim->n_steps++;
    worker->at = sim->time + step_time(sim, number);
    if (hn_random_uniform(&sim->random) < sim->fail_rate) {
        finish(sim, worker, HONE_FAILED);
        return;
    }
    double loss = (sim->loss ? sim->loss : sim_loss)(sim, number, step);
    ck_assert_int_eq(hn_history_add_report(sim->history, number, step, loss, NULL), HONE_OK);
    sim->context.budget = worker->budget;
    ck_assert_int_eq(hn_pruner_judge(pruner, &sim->context, number, step, &verdict, NULL), HONE_OK);
    sim->context.budget = 0;
    if (verdict == HN_PAUSE || hn_random_uniform(&sim->random) < sim->kill_rate) {
        pause_trial(sim, number);
        worker->trial = -1;
    } else if (verdict == HN_STOP) {
        finish(sim, worker, HONE_PRUNED);
    } else if (step >= sim->last_step) {
        finish(sim, worker, HONE_COMPLETE);
    }
}

static void stop_waiting(simulation *sim, sim_worker *worker)
{
    sim->idle += worker->waits ? sim->time - worker->waits_since : 0;
    worker->waits = false;
}

/* A free worker asks. False: everything is done. */
static bool ask(simulation *sim, hn_pruner *pruner, sim_worker *worker)
{
    for (;;) {
        hn_next next = decide(sim, pruner);
        if (next.kind == HN_NEXT_DROP) {
            unpause(sim, next.number);
            put(sim, next.number, HONE_PRUNED);
            continue;
        }
        if (next.kind == HN_NEXT_WAIT) {
            worker->waits_since = worker->waits ? worker->waits_since : sim->time;
            worker->waits = true;
            return true;
        }
        stop_waiting(sim, worker);
        if (next.kind == HN_NEXT_DONE) {
            return false;
        }
        ck_assert(next.kind == HN_NEXT_START || next.kind == HN_NEXT_RESUME);
        begin(sim, worker, &next);
        return true;
    }
}

/* The running worker whose step is done first; NULL: none runs. */
static sim_worker *first_done(simulation *sim)
{
    sim_worker *first = NULL;
    for (size_t i = 0; i < sim->n_workers; i++) {
        sim_worker *worker = &sim->workers[i];
        if (worker->trial >= 0 && (first == NULL || worker->at < first->at)) {
            first = worker;
        }
    }
    return first;
}

void sim_run(simulation *sim)
{
    hone_direction direction = HONE_MINIMIZE;
    hn_pruner *pruner = sim_pruner(sim->pruner);
    bool more = true;
    ck_assert_int_eq(hn_history_create(&direction, 1, &sim->history, NULL), HONE_OK);
    sim->context = (hn_prune_context){.history = sim->history, .study_name = "s", .paused = sim->paused};
    sim->random = hn_random_stream(sim->seed, 0, 99);
    for (size_t i = 0; i < sim->n_workers; i++) {
        sim->workers[i].trial = -1;
    }
    while (more) {
        for (size_t i = 0; i < sim->n_workers; i++) {
            if (sim->workers[i].trial < 0) {
                more = ask(sim, pruner, &sim->workers[i]);
            }
        }
        sim_worker *first = first_done(sim);
        if (first == NULL || first->at > sim->horizon) {
            ck_assert(first != NULL || !more); /* else all wait for ever */
            break;
        }
        sim->time = first->at;
        advance(sim, pruner, first);
    }
    for (size_t i = 0; i < sim->n_workers; i++) {
        stop_waiting(sim, &sim->workers[i]);
    }
    hn_pruner_destroy(pruner);
}

void sim_release(simulation *sim)
{
    hn_history_destroy(sim->history);
}
