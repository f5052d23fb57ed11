/* run/objective.h: the contract of an objective that runs outside this process' threads: start a trial,
 * report, finish, honour cancellation. Everything happens on the runner's event loop (libuv, one thread); an
 * implementation never blocks and never calls the study: it tells its slot, and the runner asks and tells off
 * the loop.
 *
 * To add one: write run/NAME.c ending in one `const hn_objective_type`; the contract suite runs a dummy and
 * every real one.
 */
#ifndef HN_RUN_OBJECTIVE_H
#define HN_RUN_OBJECTIVE_H

#include <uv.h>

#include "base/error.h"
#include "base/node.h"
#include "hone/hone.h"

/* One place where a trial runs: 0 .. workers-1. Owned by the runner. */
typedef struct hn_slot hn_slot;

typedef struct hn_metric {
    const char *name;
    double value;
} hn_metric;

/* Kept with a trial beside its metrics: any JSON text. */
typedef struct hn_note {
    const char *key, *json;
} hn_note;

/* Why a trial ended, as the objective saw it. */
typedef struct hn_ending {
    hone_trial_state state; /* COMPLETE, PRUNED (it was asked to stop) or FAILED */
    size_t n_metrics;       /* all it measured; of COMPLETE the runner picks the goals */
    const hn_metric *metrics;
    size_t n_notes; /* not of FAILED */
    const hn_note *notes;
    bool paused;         /* for observers: of PRUNED, it comes again */
    const char *message; /* why it failed, one line; NULL otherwise */
    bool retry;          /* worth another try (its process died by a signal, or timed out) */
} hn_ending;

typedef enum hn_stop_reason {
    HN_STOP_PRUNED,    /* the pruner said so: end with PRUNED */
    HN_STOP_TIMEOUT,   /* its time is over: end with FAILED */
    HN_STOP_CANCELLED, /* the run is being abandoned: end with FAILED */
} hn_stop_reason;

typedef struct hn_objective_type {
    const char *name;
    size_t state_size;
    /* Prepares zeroed state for `slots` slots on the loop. config is the implementation's own struct,
     * borrowed until close. */
    hone_status (*open)(void *state, const void *config, uv_loop_t *loop, int slots, hone_error *err);
    /* Ends what it left running (processes of finished trials too) and closes its handles; the loop is run
     * once more after. */
    void (*close)(void *state);
    /* Begins the trial in the slot. On HONE_OK it must later call hn_slot_finish once, not before returning.
     * Another status: the trial is told FAILED with the error's message. */
    hone_status (*start)(void *state, hn_slot *slot, hone_error *err);
    /* Asks the running trial of the slot to end: gently, then by force after the grace time; it still calls
     * hn_slot_finish. May come again, with another reason: the first counts. */
    void (*stop)(void *state, hn_slot *slot, hn_stop_reason reason);
} hn_objective_type;

/* --- what an objective may do with its slot --- */

int hn_slot_index(const hn_slot *slot);
/* The trial: its number, parameters, budget, resume step. Read only. */
const hone_trial *hn_slot_trial(const hn_slot *slot);
/* 1, or more when the trial's earlier tries ended with `retry`. */
int hn_slot_attempt(const hn_slot *slot);
/* Folder of this trial's log and checkpoint ("<study folder>/trial-12"), made when first asked for. */
hone_status hn_slot_folder(hn_slot *slot, const char **path, hone_error *err);
/* A metric seen while running. step < 0: no step, only its last value counts. The runner reports the goal
 * metric's steps to the study (batched, off the loop) and calls `stop` when the pruner says so. */
void hn_slot_report(hn_slot *slot, int64_t step, const char *metric, double value);
/* How far the trial's fit is, in the objective's own words: for observers. */
void hn_slot_progress(hn_slot *slot, const hn_node *facts);
/* A trial that should go on does not, and why: it is said once a run. */
void hn_slot_retrained(hn_slot *slot, const char *why);
void hn_slot_finish(hn_slot *slot, const hn_ending *ending);

#endif
