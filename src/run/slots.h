/* run/slots.h: what a run and its slots are made of, shared by runner.c (asking, limits, the loop) and
 * slot.c (one trial from its start to its telling). Everything is touched on the loop's thread only,
 * except what a job in the thread pool holds while it runs: `ask` for the run, `batch`, `told` and the
 * trial for a slot. A slot has one job at a time. */
#ifndef HN_RUN_SLOTS_H
#define HN_RUN_SLOTS_H

#include <stdatomic.h>

#include "base/arena.h"
#include "run/runner.h"
#include "study/study.h"

typedef enum hn_slot_phase {
    HN_SLOT_FREE,
    HN_SLOT_RUNNING, /* the objective has it */
    HN_SLOT_AGAIN,   /* its trial is about to be started once more */
    HN_SLOT_ENDING,  /* its trial is to be told */
} hn_slot_phase;

typedef enum hn_job { HN_JOB_REPORT, HN_JOB_BEAT, HN_JOB_TELL } hn_job;

typedef struct hn_report {
    int64_t step;
    double value;
} hn_report;

typedef struct hn_reports {
    hn_report *items;
    size_t count, capacity;
} hn_reports;

/* A goal's metric as reported while the trial runs. */
typedef struct hn_goal {
    bool seen;
    double last, best;
} hn_goal;

/* How the job `tell` ended a trial. */
typedef struct hn_told {
    hone_trial_state state;
    bool paused;
    hone_error why; /* of FAILED */
    hone_status status;
    hone_error err; /* the study could not be told */
} hn_told;

struct hn_slot {
    hn_run *run;
    int index, attempt;
    hn_slot_phase phase;
    hone_trial *trial;
    char *folder;
    int64_t started_ns, beat_ns;
    uv_timer_t timer; /* its time limit; of AGAIN: at once */
    bool timed_out, stop_sent, cancelled;
    hn_goal goals[HN_MAX_OBJECTIVES];
    hn_reports pending, batch;
    size_t n_reports; /* of this trial, kept or not */
    uv_work_t work;
    bool working;
    hn_job job;
    bool prune;     /* the job `report` found out */
    hn_arena arena; /* of the ending */
    hn_ending ending;
    double values[HN_MAX_OBJECTIVES];
    double *constraints;
    hone_error inherit; /* why it cannot start at all */
    hone_error problem; /* why a COMPLETE ending cannot be told as such */
    hn_told told;
};

/* The job in the thread pool that finds the next trial. */
typedef struct hn_ask_job {
    uv_work_t work;
    int64_t started; /* trials of this run so far */
    hone_status status;
    hone_error err;
    const char *limit; /* a limit is reached: its name */
    bool others;       /* it is so by trials that other workers run */
    double left;       /* seconds of the run, as far as is known; NaN: it is not */
    hone_outcome outcome;
    hone_trial *trial;
    hone_error
        inherit; /* why the trial, a clone, cannot go on from its parent's checkpoint; HONE_OK: it can */
    int64_t wait_ms, dropped; /* dropped: paused trials that this ask ended */
    const char *end;          /* of HONE_DONE: "exhausted", "trials", "stopped" */
    hone_trial **dead;        /* handles to free: their study may be busy */
    size_t n_dead;
} hn_ask_job;

struct hn_run {
    hn_run_config config;
    uv_loop_t loop;
    uv_async_t interrupt;
    atomic_int interrupts;
    uv_timer_t tick, wait;
    void *state; /* of the objective */
    char *folder;
    hn_slot *slots;
    int active;           /* slots that are not free */
    bool asking, waiting; /* waiting: for the timer, or for a slot to become free */
    hn_ask_job ask;
    hone_trial **dead;
    size_t n_dead;
    int64_t started;
    int failures; /* in a row */
    bool said_retrained, said_waiting;
    const char *reason; /* why the run ends; NULL = it goes on */
    hone_status status;
    hone_error err;
    hn_run_result result;
};

/* --- slot.c --- */

hone_status hn_slot_init(hn_slot *slot, hn_run *run, int index, hone_error *err);
void hn_slot_release(hn_slot *slot);
/* Takes the trial and starts it; one whose inherit says an error fails with it. */
void hn_slot_begin(hn_slot *slot, hone_trial *trial, const hone_error *inherit);
void hn_slot_stop(hn_slot *slot, hn_stop_reason reason);
/* Beats when it is due. */
void hn_slot_tick(hn_slot *slot, int64_t now_ns, double heartbeat_seconds);

/* --- runner.c --- */

/* The slot's trial was told. */
void hn_run_slot_done(hn_run *run, hn_slot *slot);
/* Starts nothing more. The first reason counts. */
void hn_run_end(hn_run *run, const char *reason);
void hn_run_fail(hn_run *run, hone_status status, const hone_error *err);

#endif
