/* run/fleet.h: a study that workers elsewhere run, as jobs of Slurm: submits them, tells of the trials that
 * end, keeps as many workers in the queue as are wanted until the study is over, and takes them out then.
 * What it has to remember is kept with the study, so that a later process goes on where this one died. */
#ifndef HN_RUN_FLEET_H
#define HN_RUN_FLEET_H

#include "run/runner.h"
#include "run/slurm.h"

/* What happens, for progress. All but user must be given. */
typedef struct hn_fleet_observer {
    void *user;
    void (*ended)(void *user, const hone_trial_info *trial);                /* a trial, whoever ran it */
    void (*crew)(void *user, const char *job, const hn_slurm_queue *queue); /* when its numbers changed */
    void (*note)(void *user, const char *text);
    void (*tick)(void *user); /* about ten times a second */
} hn_fleet_observer;

typedef struct hn_fleet_config {
    hone_study *study;
    hn_slurm_array array;           /* without its name */
    hone_budget budget;             /* its workers and callback are not looked at */
    const volatile int *interrupts; /* asked for: the first drains the workers, the second cancels them */
    hn_fleet_observer observer;
} hn_fleet_config;

/* Blocks until the study is over, or was interrupted, and no worker is left. HONE_OBJECTIVE: the workers end
 * without having told anything. */
hone_status hn_fleet_run(const hn_fleet_config *config, hn_run_result *result, hone_error *err);
/* The numbers of the jobs that were submitted for a study, as "45, 46", *jobs in arena; NULL: there are none.
 */
hone_status hn_fleet_jobs(hone_study *study, hn_arena *arena, const char **jobs, hone_error *err);

#endif
