/* hone_study_optimize: asks, runs and tells with several threads until the budget is spent. */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "study/limit.h"

enum { DEFAULT_MAX_FAILURES = 3, MAX_WORKERS = 1024 };

/* What the workers of one run share; guarded by the study's lock. */
typedef struct optimization {
    hone_study *study;
    hone_objective objective;
    void *user;
    hone_budget budget;
    int64_t started;    /* trials of this run */
    int64_t asking;     /* of them, being asked now: not in the history yet */
    int active;         /* workers inside a trial */
    int failures;       /* consecutive */
    const char *reason; /* why the run ends; NULL = it goes on */
    hone_status status;
    hone_error error;
    pthread_mutex_t callback_lock;
} optimization;

static void end_run(optimization *run, const char *reason)
{
    if (!run->reason) {
        run->reason = reason;
    }
    pthread_cond_broadcast(&run->study->changed);
}

static void end_run_failed(optimization *run, hone_status status, const hone_error *err)
{
    if (!run->status) {
        run->status = status;
        run->error = *err;
    }
    end_run(run, "failures");
}

/* Checks the limits before a trial is started. */
static bool may_start(optimization *run)
{
    const char *reason = NULL;
    hone_error err;
    if (run->reason) {
        return false;
    }
    hone_status status = hn_study_limit(run->study, &run->budget, run->started, &reason, &err);
    if (status) {
        end_run_failed(run, status, &err);
    } else if (reason) {
        end_run(run, reason);
    }
    return !run->reason;
}

static void wait_for_change(hone_study *study, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + (ms > 0 ? ms : 1) * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_cond_timedwait(&study->changed, &study->lock, &until);
}

/* The trials being asked now would fill the total: whether they come is known when their askers are back. */
static bool must_wait_for_askers(const optimization *run)
{
    return run->budget.trials && run->asking && !hn_study_schedules(run->study) &&
           hn_study_taken(run->study) + run->asking >= run->budget.trials;
}

/* NULL when the run is over. Called and returns with the lock held. */
static hone_trial *next_trial(optimization *run)
{
    while (may_start(run)) {
        if (must_wait_for_askers(run)) {
            wait_for_change(run->study, 10);
            continue;
        }
        hone_outcome outcome = HONE_WAIT;
        hone_trial *trial = NULL;
        int64_t wait_ms = 0;
        const char *reason = NULL;
        hone_error err;
        run->started++; /* reserved while the lock is open */
        run->asking++;
        hn_study_unlock(run->study);
        hone_status status = hone_study_ask(run->study, &outcome, &trial, &wait_ms, &reason, &err);
        hn_study_lock(run->study);
        run->asking--;
        pthread_cond_broadcast(&run->study->changed);
        if (!status && outcome == HONE_ASKED) {
            return trial;
        }
        run->started--;
        if (status) {
            end_run_failed(run, status, &err);
        } else if (outcome == HONE_DONE && run->active && reason && !strcmp(reason, "exhausted")) {
            wait_for_change(run->study, 50); /* a running trial may fail and free its place */
        } else if (outcome == HONE_DONE) {
            end_run(run, hn_end_name(reason));
        } else {
            wait_for_change(run->study, wait_ms);
        }
    }
    return NULL;
}

static hone_trial_state run_objective(optimization *run, hone_trial *trial)
{
    hone_status status = run->objective(trial, run->user);
    if (status) {
        hone_error why;
        hn_fail(&why, HONE_OBJECTIVE, "the objective returned '%s'", hone_status_name(status));
        hn_trial_misuse(trial, &why);
        return HONE_FAILED;
    }
    if (trial->misuse.status) {
        return HONE_FAILED;
    }
    return trial->pruned ? HONE_PRUNED : HONE_COMPLETE;
}

static void count_failures(optimization *run, const hone_trial *trial, bool failed)
{
    int limit = run->budget.max_failures ? run->budget.max_failures : DEFAULT_MAX_FAILURES;
    run->failures = failed ? run->failures + 1 : 0;
    if (limit > 0 && run->failures >= limit && !run->reason) {
        hone_error err;
        hn_fail(&err, HONE_OBJECTIVE, "%d trials failed in a row; the last, %lld: %s", run->failures,
                (long long)trial->number, trial->misuse.status ? trial->misuse.message : "no reason given");
        end_run_failed(run, HONE_OBJECTIVE, &err);
    }
}

static bool call_back(optimization *run, hone_trial *trial, hone_trial_state state)
{
    if (!run->budget.callback) {
        return true;
    }
    pthread_mutex_lock(&run->callback_lock);
    bool go_on = run->budget.callback(run->study, trial, state, run->budget.callback_user);
    pthread_mutex_unlock(&run->callback_lock);
    return go_on;
}

static void *work(void *argument)
{
    optimization *run = argument;
    hn_study_lock(run->study);
    for (hone_trial *trial; (trial = next_trial(run));) {
        run->active++;
        hn_study_unlock(run->study);
        hone_trial_state state = run_objective(run, trial);
        hone_error err;
        hone_status status = hone_study_tell(run->study, trial, state, NULL, 0, &err);
        if (trial->misuse.status || trial->paused) {
            state = trial->misuse.status ? HONE_FAILED : HONE_PRUNED;
        }
        bool go_on = call_back(run, trial, state);
        hn_study_lock(run->study);
        run->active--;
        count_failures(run, trial, state == HONE_FAILED);
        if (status) {
            end_run_failed(run, status, &err);
        }
        if (!go_on) {
            end_run(run, "callback");
        }
        hn_study_unlock(run->study);
        hone_trial_free(trial);
        hn_study_lock(run->study);
    }
    hn_study_unlock(run->study);
    return NULL;
}

/* --- heartbeats: one thread beats all live trials --- */

static void *beat(void *argument)
{
    optimization *run = argument;
    hone_study *study = run->study;
    int64_t interval_ms = (int64_t)(study->definition->heartbeat_seconds * 1000);
    hn_study_lock(study);
    int64_t last_ns = hn_monotonic_ns();
    while (!run->reason || run->active) {
        wait_for_change(study, interval_ms < 500 ? interval_ms : 500);
        if (hn_monotonic_ns() - last_ns < interval_ms * 1000000) {
            continue;
        }
        last_ns = hn_monotonic_ns();
        for (hone_trial *trial = study->live; trial; trial = trial->next_live) {
            if (!trial->told) {
                study->ops->trial_heartbeat(study->storage, trial->id, hn_wall_us(), NULL);
            }
        }
    }
    hn_study_unlock(study);
    return NULL;
}

static void run_workers(optimization *run, int workers)
{
    pthread_t threads[MAX_WORKERS], beater;
    int started = 0;
    bool beats = run->study->ops->shared && !pthread_create(&beater, NULL, beat, run);
    for (int i = 1; i < workers; i++) {
        if (pthread_create(&threads[started], NULL, work, run)) {
            break; /* fewer workers do the same work */
        }
        started++;
    }
    work(run);
    for (int i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    if (beats) {
        pthread_cond_broadcast(&run->study->changed);
        pthread_join(beater, NULL);
    }
}

hone_status hone_study_optimize(hone_study *study, hone_objective objective, void *user,
                                const hone_budget *budget, const char **reason, hone_error *err)
{
    hone_status status = hn_budget_check(study, budget, err);
    if (!status && (budget->workers < 0 || budget->workers > MAX_WORKERS)) {
        status = hn_fail(err, HONE_INVALID, "budget: workers is %d; allowed are 1 to %d", budget->workers,
                         MAX_WORKERS);
    }
    if (status) {
        return status;
    }
    optimization run = {.study = study, .objective = objective, .user = user, .budget = *budget};
    status = hn_study_set_beats(study, NULL, err);
    if (!status) {
        status = hn_study_begin_run(study, budget, err);
    }
    if (status) {
        return status;
    }
    pthread_mutex_init(&run.callback_lock, NULL);
    run_workers(&run, budget->workers > 1 ? budget->workers : 1);
    pthread_mutex_destroy(&run.callback_lock);
    if (reason) {
        *reason = run.reason;
    }
    if (run.status) {
        if (err) {
            *err = run.error;
        }
        hn_study_end_run(study, run.reason, NULL);
        return run.status;
    }
    return hn_study_end_run(study, run.reason, err);
}
