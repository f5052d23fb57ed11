/* run/runner.h: runs a study's trials in slots: asks, starts the objective, reports, tells, until the
 * budget is spent. One event loop for I/O and timers; asks and commits run on libuv's thread pool, so that
 * a slow disk never delays a child's output. */
#ifndef HN_RUN_RUNNER_H
#define HN_RUN_RUNNER_H

#include "run/objective.h"

/* What happens, told on the loop's thread, for progress and logs. All may be NULL. */
typedef struct hn_run_observer {
    void *user;
    void (*started)(void *user, const hone_trial *trial);
    void (*reported)(void *user, const hone_trial *trial, int64_t step, const char *metric, double value);
    void (*progressed)(void *user, const hone_trial *trial, const hn_node *facts);
    void (*ended)(void *user, const hone_trial *trial, const hn_ending *ending, double seconds);
    void (*dropped)(void *user, int64_t count);   /* paused trials that go no further ended PRUNED */
    void (*foreseen)(void *user, double seconds); /* the run has so long to go; NaN: it is not known */
    void (*awaiting)(void *user); /* nothing is left to do but to see other workers' trials end; said once */
    void (*tick)(void *user);     /* about ten times a second */
} hn_run_observer;

/* Constraint values of a complete trial from its metrics, one for each of n_constraints; <= 0 is met. Another
 * status than HONE_OK fails the trial with err's message. Called on the loop's thread. */
typedef hone_status (*hn_run_constraints)(void *user, const hone_trial *trial, const hn_metric *metrics,
                                          size_t n_metrics, double *values, hone_error *err);

typedef struct hn_run_config {
    hone_study *study;
    const hn_objective_type *objective;
    const void *objective_config; /* of the type's open */
    const char *job;              /* what started this process (a scheduler's job), or NULL */
    const char *folder;           /* for logs and checkpoints; made when needed */
    bool checkpoints;             /* trials go on from what they left there; it is said when nothing is */
    int workers;                  /* slots, >= 1 */
    hone_budget budget;           /* its workers and callback are not looked at */
    int retries;                  /* further tries of a trial whose ending says retry; 0 = none */
    double trial_seconds;         /* a trial's time limit; 0 = none */
    bool take_best_report;        /* the goal's value is the best it reported, not the last */
    size_t n_constraints;         /* 0 = constraints is not called */
    hn_run_constraints constraints;
    void *constraints_user;
    hn_run_observer observer;
} hn_run_config;

typedef struct hn_run_result {
    const char *reason;               /* as of hone_study_optimize, or "interrupted" */
    int64_t complete, pruned, failed; /* of this run */
    int64_t reporting;       /* of this run: trials that reported a step of the goal, failed ones too */
    double seconds;          /* of this run */
    double own_seconds;      /* hone's own processor time */
    hone_error last_failure; /* status HONE_OK: none */
} hn_run_result;

typedef struct hn_run hn_run;

/* config is copied, what it points to borrowed until destroy. */
hone_status hn_run_create(const hn_run_config *config, hn_run **run, hone_error *err);
/* Blocks until the run ends. HONE_OBJECTIVE when failures ended it; what was told is told. */
hone_status hn_run_execute(hn_run *run, hn_run_result *result, hone_error *err);
/* From any thread or a signal handler. The first call: start nothing more and let running trials finish; the
 * second: stop them now (told FAILED "interrupted"; the parameters can be queued again). */
void hn_run_interrupt(hn_run *run);
void hn_run_destroy(hn_run *run);

#endif
