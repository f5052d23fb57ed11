/* app/tune.h: what the files of a tuning run share. */
#ifndef HN_APP_TUNE_H
#define HN_APP_TUNE_H

#include "app/model_job.h"
#include "app/plan.h"
#include "run/command.h"
#include "run/fleet.h"
#include "run/runner.h"
#include "run/worker.h"
#include "view/progress.h"

enum { HN_TUNE_MAX_GOALS = 8 };

/* One outer fold of a nested cross-validation. */
typedef struct hn_outer_fold {
    hone_trial_info *chosen; /* its value is the score inside the search */
    double score;            /* on the fold's own rows */
} hn_outer_fold;

struct hone_tune {
    hn_arena arena;
    hone_tune *parent; /* whose outer fold this is; NULL: it is a run of its own */
    hone_plan *plan;
    hone_tune_options options;
    hone_study *study;
    uint64_t seed; /* the study's */
    size_t n_goals;
    const char *goals[HN_TUNE_MAX_GOALS];
    hone_direction directions[HN_TUNE_MAX_GOALS];
    int workers; /* trials, or folds of trials, at once */
    hn_model_crew crew;
    bool clones;        /* of population-based training: pruned trials count for nothing */
    int64_t done;       /* finished trials at the beginning */
    int64_t total;      /* finished trials wanted; 0 = no limit */
    const char *folder; /* for logs and checkpoints */

    hn_model_job *job; /* of a built-in model, NULL otherwise */
    hn_worker_config worker;
    hn_command_config command;
    const char *worker_argv[3], *shim[3];

    hn_slurm_array array; /* of the workers, if a scheduler runs them: options.on */

    hn_progress *progress;
    hn_run *run;
    volatile int interrupts; /* asked for */
    int noted;               /* interrupts that were shown */
    int interrupts_before_refit;
    bool model_saved;
    const char *why_chosen; /* a trial other than the best; NULL when it is the best */
    hn_outer_fold *outer;   /* (n_outer,) those that are through */
    size_t n_outer;
    bool run_through;
    int64_t last_failed; /* number of the last trial that failed; -1 = none */
    double *scratch;     /* (space->count + metrics,): a constraint's values */
    bool *active;
};

/* --- tune_study.c --- */

/* Opens or makes the study of a checked plan whose goal is known. */
hone_status hn_plan_open_study(const hone_plan *plan, hone_study **study, hone_error *err);
/* The seed that the study was made with. */
hone_status hn_study_seed(hone_study *study, uint64_t *seed, hone_error *err);
/* HONE_EXISTS when earlier values of the study came from another measurement (other data, folds, model). */
hone_status hn_study_check_identity(hone_study *study, const char *identity, hone_error *err);
/* complete + pruned + failed. */
int64_t hn_study_finished(hone_study *study);
/* The number of the best trial; false when there is none. */
bool hn_study_best_number(hone_study *study, int64_t *number);

/* --- tune_constraint.c --- */

/* An hn_run_constraints whose user is the hone_tune. */
hone_status hn_tune_constraints(void *user, const hone_trial *trial, const hn_metric *metrics,
                                size_t n_metrics, double *values, hone_error *err);

/* --- tune.c --- */

/* As hone_tune_create for a part of `parent`, whose data it borrows and whose interrupts it heeds. */
hone_status hn_tune_create_within(hone_tune *parent, hone_plan *plan, const hone_tune_options *options,
                                  hone_tune **tune, hone_error *err);
/* Takes over what the parent was told meanwhile; called often while the run or a fit goes on. */
void hn_tune_heed_parent(hone_tune *tune);
/* Says what the interrupts do that came since the last call. */
void hn_tune_note_interrupts(hone_tune *tune);

/* --- tune_fleet.c --- */

/* Judges what a scheduler's workers need, before there is a study. */
hone_status hn_tune_check_fleet(hone_tune *tune, hone_error *err);
/* Runs the budget on a scheduler's workers. */
hone_status hn_tune_run_fleet(hone_tune *tune, hn_run_result *result, hone_error *err);

/* --- tune_folder.c --- */

/* The study's own folder beside the storage ("hone.runs/digits"), chosen once. */
hone_status hn_study_folder(hone_study *study, const char *storage, hn_arena *arena, const char **folder,
                            hone_error *err);

/* The same when it was chosen already, else NULL; nothing is written. */
hone_status hn_study_folder_known(hone_study *study, const char *storage, hn_arena *arena,
                                  const char **folder, hone_error *err);

/* --- tune_checkpoint.c --- */

/* Where a network keeps what it goes on from. NULL when memory is out. */
const char *hn_tune_checkpoint_folder(const hone_tune *tune, hn_arena *arena, int64_t number);
/* Removes what a network keeps in the trial's folder to go on from: of one that ended, or of all that did. */
void hn_tune_forget_checkpoint(const hone_tune *tune, int64_t number);
void hn_tune_forget_checkpoints(const hone_tune *tune);

/* --- tune_nested.c --- */

/* Runs the searches of the outer folds, if the plan has any, until one fails or an interrupt comes. */
hone_status hn_tune_nested(hone_tune *tune, hone_error *err);
/* Mean and deviation of the outer scores; NaN unless all are there. */
void hn_tune_nested_scores(const hone_tune *tune, double *mean, double *deviation);
void hn_tune_nested_release(hone_tune *tune);

/* --- tune_refit.c --- */

/* The trial to be fitted again, by the plan's rule: *chosen is NULL when it is the best, whose deviation over
 * folds is given; otherwise free it with hone_trial_info_free. Says why in the tune. */
hone_status hn_tune_choose(hone_tune *tune, const hone_trial_info *best, double deviation,
                           hone_trial_info **chosen, hone_error *err);
/* Fits the trial's settings again in a worker, scores the rows held out, and saves the model to path (NULL:
 * not). HONE_OBJECTIVE says what became of the worker, HONE_CANCELLED that hone_tune_interrupt came. */
hone_status hn_tune_refit(hone_tune *tune, const hone_trial_info *best, const char *path,
                          hn_held_out *held_out, hone_error *err);

/* --- tune_keep.c --- */

/* The file of the trial's model, when it is kept; in the tune's arena. NULL when memory is out. */
const char *hn_tune_kept_path(hone_tune *tune, int64_t number);
/* Fits and saves the models of the plan's `keep_models` best trials that are not there yet, and removes those
 * of others. fitted: the trial that options.model_file is of, if it was saved. */
hone_status hn_tune_keep_models(hone_tune *tune, int64_t fitted, hone_error *err);

/* --- tune_summary.c --- */

/* "study digits   sqlite:///hone.db   maximize accuracy   tpe   2 workers". NULL when memory is out. */
const char *hn_tune_header(hone_tune *tune);
/* Fills the best trial's part of result and writes the summary. best may be NULL. */
hone_status hn_tune_summary(hone_tune *tune, const hone_trial_info *best, const hn_held_out *held_out,
                            const hone_tune_result *result, hone_error *err);

#endif
