/* The run: asking while a slot is free and no limit is reached, the loop, interrupts, the end. */
#include "run/runner.h"

#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_pipe_signal.h"
#include "run/checkpoint.h"
#include "run/slots.h"
#include "study/duration.h"
#include "study/limit.h"

enum {
    MAX_WORKERS = 1024,
    TICK_MS = 100,
    DEFAULT_MAX_FAILURES = 3,
    INTERRUPTED_TWICE = 2,
    LOOK_AT_OTHERS_MS = 250,
};

static void fill(hn_run *run);

/* --- the end --- */

static void finish_if_over(hn_run *run)
{
    if (run->reason && !run->active && !run->asking) {
        uv_stop(&run->loop);
    }
}

void hn_run_end(hn_run *run, const char *reason)
{
    if (!run->reason) {
        run->reason = reason;
        uv_timer_stop(&run->wait);
    }
    finish_if_over(run);
}

void hn_run_fail(hn_run *run, hone_status status, const hone_error *err)
{
    if (!run->status) {
        run->status = status;
        run->err = *err;
    }
    hn_run_end(run, "failures");
}

/* --- limits and asking, in the thread pool --- */

/* *limit: that which forbids another trial, or NULL. *others: it would be reached by trials that other
 * workers run, which may die. */
static hone_status check_limits(const hn_run *run, int64_t started, const char **limit, bool *others,
                                double *left, hone_error *err)
{
    const hn_run_config *config = &run->config;
    *limit = NULL;
    *others = false;
    hn_study_lock(config->study);
    hone_status status = hn_study_sync(config->study, err);
    if (!status) {
        status = hn_study_limit(config->study, &config->budget, started, limit, err);
    }
    if (!status && *limit && !strcmp(*limit, "trials")) {
        status = hn_study_await_others(config->study, &config->budget, started, others, err);
    }
    if (!status && !*limit) {
        status = hn_study_time_left(config->study, config->workers, left, err);
    }
    hn_study_unlock(config->study);
    return status;
}

static void ask(uv_work_t *work)
{
    hn_run *run = work->data;
    hn_ask_job *job = &run->ask;
    const char *reason = NULL;
    for (size_t i = 0; i < job->n_dead; i++) {
        hone_trial_free(job->dead[i]);
    }
    job->n_dead = 0;
    job->status = check_limits(run, job->started, &job->limit, &job->others, &job->left, &job->err);
    if (job->status || job->limit) {
        return;
    }
    int64_t dropped = run->config.study->dropped; /* this job is the only one that asks */
    job->status =
        hone_study_ask(run->config.study, &job->outcome, &job->trial, &job->wait_ms, &reason, &job->err);
    job->dropped = run->config.study->dropped - dropped;
    if (!job->status && job->outcome == HONE_ASKED && run->folder) {
        job->inherit.status = hn_checkpoint_inherit(run->folder, job->trial, &job->inherit);
    }
    job->end = hn_end_name(reason);
}

static void wait_is_over(uv_timer_t *timer)
{
    hn_run *run = timer->data;
    run->waiting = false;
    fill(run);
}

static void wait_for(hn_run *run, int64_t ms)
{
    run->waiting = true;
    uv_timer_start(&run->wait, wait_is_over, ms > 0 ? (uint64_t)ms : 1, 0);
}

static hn_slot *free_slot(hn_run *run)
{
    for (int i = 0; i < run->config.workers; i++) {
        if (run->slots[i].phase == HN_SLOT_FREE) {
            return &run->slots[i];
        }
    }
    return NULL;
}

static void follow(hn_run *run, hn_ask_job *job)
{
    const hn_run_observer *observer = &run->config.observer;
    bool exhausted = job->outcome == HONE_DONE && !strcmp(job->end, "exhausted");
    run->result.pruned += job->dropped;
    if (observer->foreseen && !job->status && !job->limit) {
        observer->foreseen(observer->user, job->left);
    }
    if (job->dropped && observer->dropped) {
        observer->dropped(observer->user, job->dropped);
    }
    if (job->status == HONE_CANCELLED && atomic_load(&run->interrupts)) {
        hn_run_end(run, "interrupted");
    } else if (job->status) {
        hn_run_fail(run, job->status, &job->err);
    } else if (job->limit && job->others) {
        wait_for(run, LOOK_AT_OTHERS_MS);
        if (!run->active && !run->said_waiting && observer->awaiting) {
            observer->awaiting(observer->user);
        }
        run->said_waiting = run->said_waiting || !run->active;
    } else if (job->limit) {
        hn_run_end(run, job->limit);
    } else if (job->outcome == HONE_ASKED) { /* also when the run was ended meanwhile: the trial exists now */
        run->started++;
        run->active++;
        hn_slot_begin(free_slot(run), job->trial, &job->inherit);
    } else if (job->outcome == HONE_WAIT) {
        wait_for(run, job->wait_ms);
    } else if (exhausted && run->active) {
        run->waiting = true; /* a running trial may fail and free its place: its end asks again */
    } else {
        hn_run_end(run, job->end);
    }
}

static void asked(uv_work_t *work, int status)
{
    hn_run *run = work->data;
    (void)status;
    run->asking = false;
    follow(run, &run->ask);
    fill(run);
    finish_if_over(run);
}

/* One trial is asked at a time: each sees all before it, and slots are filled in order. */
static void fill(hn_run *run)
{
    if (run->reason || run->asking || run->waiting || !free_slot(run)) {
        return;
    }
    hone_trial **dead = run->ask.dead;
    run->ask = (hn_ask_job){
        .work = {.data = run}, .started = run->started, .dead = run->dead, .n_dead = run->n_dead};
    run->dead = dead;
    run->n_dead = 0;
    run->asking = true;
    uv_queue_work(&run->loop, &run->ask.work, ask, asked);
}

/* --- a trial's end --- */

static void count(hn_run *run, const hn_slot *slot, const hn_told *told)
{
    int limit = run->config.budget.max_failures ? run->config.budget.max_failures : DEFAULT_MAX_FAILURES;
    run->failures = told->state == HONE_FAILED ? run->failures + 1 : 0;
    run->result.complete += told->state == HONE_COMPLETE;
    run->result.pruned += told->state == HONE_PRUNED && !told->paused;
    run->result.failed += told->state == HONE_FAILED;
    run->result.reporting += slot->n_reports > 0;
    run->started -= told->paused; /* it comes again */
    if (told->state != HONE_FAILED) {
        return;
    }
    run->result.last_failure = told->why;
    bool interrupted = atomic_load(&run->interrupts) >= INTERRUPTED_TWICE;
    if (limit > 0 && run->failures >= limit && !run->reason && !interrupted) {
        hone_error err;
        hn_fail(&err, HONE_OBJECTIVE, "%d trials failed in a row; the last, %lld: %s", run->failures,
                (long long)hone_trial_number(slot->trial), told->why.message);
        hn_run_fail(run, HONE_OBJECTIVE, &err);
    }
}

void hn_run_slot_done(hn_run *run, hn_slot *slot)
{
    const hn_told *told = &slot->told;
    const hn_run_observer *observer = &run->config.observer;
    slot->ending.state = told->state;
    slot->ending.paused = told->paused;
    slot->ending.message = told->state == HONE_FAILED ? told->why.message : NULL;
    if (observer->ended) {
        observer->ended(observer->user, slot->trial, &slot->ending,
                        (double)(hn_monotonic_ns() - slot->started_ns) * 1e-9);
    }
    count(run, slot, told);
    if (told->status) {
        hn_run_fail(run, told->status, &told->err);
    }
    run->dead[run->n_dead++] = slot->trial;
    slot->trial = NULL;
    slot->phase = HN_SLOT_FREE;
    run->active--;
    run->waiting = false;
    uv_timer_stop(&run->wait);
    fill(run);
    finish_if_over(run);
}

/* --- the loop --- */

static void tick(uv_timer_t *timer)
{
    hn_run *run = timer->data;
    int64_t now = hn_monotonic_ns();
    for (int i = 0; i < run->config.workers && run->config.study->beats; i++) {
        hn_slot_tick(&run->slots[i], now, run->config.study->definition->heartbeat_seconds);
    }
    if (run->config.observer.tick) {
        run->config.observer.tick(run->config.observer.user);
    }
}

static void interrupted(uv_async_t *async)
{
    hn_run *run = async->data;
    int times = atomic_load(&run->interrupts);
    if (times) {
        hn_run_end(run, "interrupted");
    }
    for (int i = 0; i < run->config.workers && times >= INTERRUPTED_TWICE; i++) {
        hn_slot_stop(&run->slots[i], HN_STOP_CANCELLED);
    }
}

void hn_run_interrupt(hn_run *run)
{
    atomic_fetch_add(&run->interrupts, 1);
    hn_study_cancel_asks(run->config.study, 1);
    uv_async_send(&run->interrupt);
}

static double processor_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static hone_status run_loop(hn_run *run, hone_error *err)
{
    const hn_objective_type *objective = run->config.objective;
    hone_status status =
        objective->open(run->state, run->config.objective_config, &run->loop, run->config.workers, err);
    if (status) {
        uv_run(&run->loop, UV_RUN_NOWAIT);
        return status;
    }
    uv_timer_start(&run->tick, tick, TICK_MS, TICK_MS);
    if (atomic_load(&run->interrupts)) {
        hn_run_end(run, "interrupted");
    }
    fill(run);
    if (run->asking) {
        uv_run(&run->loop, UV_RUN_DEFAULT);
    }
    objective->close(run->state);
    uv_timer_stop(&run->tick);
    uv_timer_stop(&run->wait);
    uv_unref((uv_handle_t *)&run->interrupt);
    while (uv_run(&run->loop, UV_RUN_DEFAULT)) { /* until the objective's handles are closed */
    }
    uv_ref((uv_handle_t *)&run->interrupt);
    if (run->status && err) {
        *err = run->err;
    }
    return run->status;
}

hone_status hn_run_execute(hn_run *run, hn_run_result *result, hone_error *err)
{
    sigset_t before;
    double processor = processor_seconds();
    int64_t began = hn_monotonic_ns();
    hn_pipe_signal_block(&before);
    hone_status status = hn_study_set_beats(run->config.study, run->config.job, err);
    if (!status) {
        status = hn_study_begin_run(run->config.study, &run->config.budget, err);
    }
    if (!status) {
        status = run_loop(run, err);
    }
    hn_pipe_signal_restore(&before);
    for (size_t i = 0; i < run->n_dead; i++) {
        hone_trial_free(run->dead[i]);
    }
    run->n_dead = 0;
    run->result.reason = run->reason ? run->reason : "failures";
    hone_status kept = hn_study_end_run(run->config.study, run->result.reason, status ? NULL : err);
    status = status ? status : kept;
    run->result.seconds = (double)(hn_monotonic_ns() - began) * 1e-9;
    run->result.own_seconds = processor_seconds() - processor;
    *result = run->result;
    return status;
}

/* --- being made --- */

static hone_status check_config(const hn_run_config *config, hone_error *err)
{
    if (config->workers < 1 || config->workers > MAX_WORKERS) {
        return hn_fail(err, HONE_INVALID, "workers is %d; allowed are 1 to %d", config->workers, MAX_WORKERS);
    }
    if (!(config->trial_seconds >= 0) || config->retries < 0) {
        return hn_fail(err, HONE_INVALID, "trial_seconds and retries are 0 (no limit, none) or more");
    }
    return hn_budget_check(config->study, &config->budget, err);
}

static hone_status allocate(hn_run *run, hone_error *err)
{
    size_t n = (size_t)run->config.workers;
    run->slots = hn_calloc(n, sizeof *run->slots);
    run->state = hn_calloc(1, run->config.objective->state_size);
    run->dead = hn_calloc(n, sizeof(hone_trial *));
    run->ask.dead = hn_calloc(n, sizeof(hone_trial *));
    if (!run->slots || !run->state || !run->dead || !run->ask.dead) {
        return hn_out_of_memory(err);
    }
    return run->config.folder ? hn_path_absolute(run->config.folder, &run->folder, err) : HONE_OK; /* programs
                                                                              may run elsewhere */
}

static hone_status prepare_loop(hn_run *run, hone_error *err)
{
    int code = uv_async_init(&run->loop, &run->interrupt, interrupted);
    if (code) {
        return hn_fail(err, HONE_IO, "cannot prepare the event loop: %s", uv_strerror(code));
    }
    uv_timer_init(&run->loop, &run->tick);
    uv_timer_init(&run->loop, &run->wait);
    run->interrupt.data = run->tick.data = run->wait.data = run;
    hone_status status = HONE_OK;
    for (int i = 0; i < run->config.workers && !status; i++) {
        status = hn_slot_init(&run->slots[i], run, i, err);
    }
    return status;
}

static void free_run(hn_run *run)
{
    hn_study_cancel_asks(run->config.study, -atomic_load(&run->interrupts));
    for (int i = 0; run->slots && i < run->config.workers; i++) {
        hn_slot_release(&run->slots[i]);
    }
    hn_free(run->slots);
    hn_free(run->state);
    hn_free(run->dead);
    hn_free(run->ask.dead);
    hn_free(run->folder);
    hn_free(run);
}

hone_status hn_run_create(const hn_run_config *config, hn_run **made, hone_error *err)
{
    hone_status status = check_config(config, err);
    if (status) {
        return status;
    }
    hn_run *run = hn_calloc(1, sizeof *run);
    if (!run) {
        return hn_out_of_memory(err);
    }
    run->config = *config;
    atomic_init(&run->interrupts, 0);
    status = allocate(run, err);
    if (!status && uv_loop_init(&run->loop)) {
        status = hn_fail(err, HONE_IO, "cannot make an event loop: too many open files?");
    }
    if (status) {
        free_run(run);
        return status;
    }
    status = prepare_loop(run, err);
    if (status) {
        hn_run_destroy(run);
        return status;
    }
    *made = run;
    return HONE_OK;
}

static void close_walked(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

void hn_run_destroy(hn_run *run)
{
    if (!run) {
        return;
    }
    uv_walk(&run->loop, close_walked, NULL);
    uv_run(&run->loop, UV_RUN_DEFAULT);
    uv_loop_close(&run->loop);
    free_run(run);
}
