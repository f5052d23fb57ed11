/* run/worker_loop.h: the worker's side of the objective type `worker` (run/worker.h): reads trials as JSON
 * lines, runs them one after another through callbacks, answers as JSON lines. Blocking; for a process of its
 * own.
 *
 *     in   {"init":<config's init_json>}
 *          {"trial":12,"attempt":1,"seed":123,"budget":0,"resume_step":0,"folder":"/path/trial-12","params":{"C":1.0,...}}
 *          {"stop":12}             at any time: trial 12 need not go on
 *          {"errand":{...}}        in place of a trial (run/errand.h)
 *     out  {"report":{"step":3,"metric":"accuracy","value":0.9}}
 *          {"progress":{...}}      how far a fit is: for people, shown and forgotten
 *          {"retrained":"there is no ..."}   the trial was to go on, and does not
 *          {"done":{"metrics":{"accuracy":0.93},"notes":{"accuracy_folds":[0.9,0.96]}}}
 *          or {"failed":"message"}
 *
 * One `done` or `failed` per trial or errand, also of a trial that was stopped: with what it has. Numbers
 * that JSON lacks are the strings "nan", "inf", "-inf". An inactive parameter is absent.
 */
#ifndef HN_RUN_WORKER_LOOP_H
#define HN_RUN_WORKER_LOOP_H

#include "base/error.h"
#include "base/node.h"

/* One trial as the worker sees it; borrowed for the call of run. */
typedef struct hn_worker_trial {
    int64_t number;
    int attempt; /* 1, 2 ... */
    uint64_t seed;
    int64_t budget, resume_step; /* steps; 0 = none */
    bool cloned;                 /* it goes on from the checkpoint of a trial with other parameters */
    const char *folder;          /* its own, exists */
    const hn_node *params;       /* a map */
} hn_worker_trial;

/* Where a running trial's results go. */
typedef struct hn_worker_channel hn_worker_channel;

/* An intermediate value, sent at once; step < 0: no step. */
void hn_worker_report(hn_worker_channel *channel, int64_t step, const char *metric, double value);
/* Has the runner asked this trial to end? A run that looks after each of its parts, and then returns HONE_OK
 * with what it has, keeps its process. */
bool hn_worker_stopped(hn_worker_channel *channel);
/* How far a fit is (a map), sent at once. Ask first whether it is time for another: a few a second are
 * enough. */
bool hn_worker_progress_due(hn_worker_channel *channel);
void hn_worker_progress(hn_worker_channel *channel, const hn_node *facts);
/* Why a trial that should go on after its resume_step starts again; sent at once. */
void hn_worker_retrained(hn_worker_channel *channel, const char *why);
/* A final metric, sent when run returns HONE_OK. */
void hn_worker_metric(hn_worker_channel *channel, const char *metric, double value);

/* Anything else to keep with the trial (its user attribute); value lives until run returns. */
void hn_worker_note(hn_worker_channel *channel, const char *key, const hn_node *value);

typedef struct hn_worker_callbacks {
    void *user;
    /* Once, before the first trial. config is the init line's value, freed at the end of the loop. When it
     * fails, every trial is answered with its message. */
    hone_status (*init)(void *user, const hn_node *config, hone_error *err);
    /* Another status than HONE_OK: the trial failed with err's message. */
    hone_status (*run)(void *user, const hn_worker_trial *trial, hn_worker_channel *channel, hone_error *err);
    /* A request that is no trial (run/errand.h), answered alike. NULL: there are none. */
    hone_status (*serve)(void *user, const hn_node *request, hn_worker_channel *channel, hone_error *err);
} hn_worker_callbacks;

/* Until fd_in ends (HONE_OK), a line is not understood (HONE_PARSE), or fd_out is closed (HONE_IO). Keep
 * fd_out to this loop: what the model prints belongs on standard error. */
hone_status hn_worker_loop(int fd_in, int fd_out, const hn_worker_callbacks *callbacks, hone_error *err);

#endif
