/* app/model_job.h: what tuning a built-in model needs beside the runner: the data, what a worker is told, the
 * best model fitted again. Hides select/ from the files that know run/. One thread at a time.
 */
#ifndef HN_APP_MODEL_JOB_H
#define HN_APP_MODEL_JOB_H

#include "app/plan.h"

typedef struct hn_model_job hn_model_job;

/* Fills the goals that the plan leaves to the task. dataset: the plan's data when it was read already, NULL
 * otherwise. plan and dataset are borrowed until destroy. */
hone_status hn_model_job_open(hone_plan *plan, const hn_dataset *dataset, hn_model_job **job,
                              hone_error *err);
void hn_model_job_destroy(hn_model_job *job); /* accepts NULL */

/* Reads the plan's test file, if it has one, as a model fitted to the data would: its columns or shape, its
 * classes. */
hone_status hn_model_job_check_test(const hn_model_job *job, hone_error *err);

/* One line for people: "569 rows, 30 columns, classification of 2 classes". */
const char *hn_model_job_summary(const hn_model_job *job);
/* What makes values of two runs comparable, as a JSON map. NULL when memory is out. */
const char *hn_model_job_identity(hn_model_job *job);
/* The data for workers: a descriptor that lives as long as the job. */
hone_status hn_model_job_share(hn_model_job *job, int *fd, hone_error *err);

/* The workers of a search. */
typedef struct hn_model_crew {
    int processes;
    int threads;             /* of each process: they run a trial's folds */
    bool apart;              /* each setting is fitted by itself: times of fits are compared */
    const hn_node *expected; /* parameters of trials that will be run: a list of maps; NULL: not known */
} hn_model_crew;

/* Deals out the cores. left: so many trials may still be started, 0 = no limit. *crew looks into the job. */
hone_status hn_model_job_crew(hn_model_job *job, hone_study *study, int cores, int64_t left,
                              hn_model_crew *crew, hone_error *err);
/* The model's options for each entry of a list of parameters: a list. NULL when memory is out. */
hn_node *hn_expected_settings(hn_arena *arena, const hn_node *options, const hn_node *params);
/* What a worker is told (app/model_worker.h): one line of JSON. seed: the study's. NULL when memory is out.
 */
const char *hn_model_job_config(hn_model_job *job, uint64_t seed, const hn_model_crew *crew);

/* Is it something a worker measures beside scores, such as fit_seconds? */
bool hn_is_measure(const char *name);
/* The plan's data; borrowed until destroy. */
const hn_dataset *hn_model_job_dataset(const hn_model_job *job);
/* How many fits a trial makes, and as text: "5 folds", "3 executions of 1 fold". */
size_t hn_model_job_folds(const hn_model_job *job);
const char *hn_model_job_fits(const hn_model_job *job);
/* Of the study's trials whose value is no further than standard_error from the best's, the simplest. *why
 * says in what it is, NULL when it is the best itself; it lives as long as the job. O(trials). */
hone_status hn_model_job_simplest(hn_model_job *job, hone_study *study, const hone_trial_info *best,
                                  double standard_error, int64_t *number, const char **why, hone_error *err);

/* What the fit of the best setting gives beside the model: its score on rows that no trial saw, and the
 * threshold of its labels. */
typedef struct hn_held_out {
    bool given;
    double value; /* of the first goal */
    size_t rows;
    const hn_node *scores;               /* of all metrics, that goal first: a map; in the caller's arena */
    double threshold;                    /* NaN: labels are the model's own */
    double threshold_value, usual_value; /* what decides, there and at 0.5 (select/decision.h) */
} hn_held_out;

/* A trial's parameters as a map. NULL when memory is out. */
hn_node *hn_trial_params_map(hn_arena *arena, const hone_trial_info *trial);
/* Does the plan ask for what a fit of the best setting gives: a file, or a score of rows held out? */
bool hn_refit_is_wanted(const hone_plan *plan, const char *path);
/* What a worker is asked for (run/errand.h): the trial's settings fitted again on all training rows, the rows
 * held out scored, the model saved to path (NULL: not). seed: the study's; threads: for the fit; checkpoint:
 * the file that it goes on from, NULL: none. NULL when memory is out. */
hn_node *hn_refit_request(hn_arena *arena, const hone_plan *plan, const hone_trial_info *best, uint64_t seed,
                          int threads, const char *checkpoint, const char *path);
/* The worker's side of it. plan is that of the request; step_done is that of hn_fit_context; arena is for
 * what held_out points to. */
hone_status hn_refit_run(const hn_node *request, const hn_dataset *dataset,
                         bool (*step_done)(void *user, const hn_fit_step *step), void *step_user,
                         hn_arena *arena, hn_held_out *held_out, hone_error *err);

/* The options of preprocessing for a trial: node is hn_plan_model.preprocess, params the trial's (a map). */
hone_status hn_preprocess_read(hn_arena *arena, const hn_node *node, const hn_node *params,
                               hn_preprocess_options *options, hone_error *err);

#endif
