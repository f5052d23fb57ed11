/* hone/hone.h: tune hyperparameters.
 *
 * A *study* searches a *space* for the parameters that make an objective best. Each attempt is a *trial*: it
 * is asked (a sampler proposes parameters), run, perhaps reports intermediate values (a pruner may end it),
 * and told its value. A study lives in a storage: `memory:`, `sqlite:///file.db` (an Optuna 3-5 database,
 * shared with Optuna's own tools).
 *
 * Conventions, true for every function unless it says otherwise:
 *  - fallible functions return hone_status (0 is OK) and take outputs last, then `hone_error *err`, which may
 *    be NULL; outputs are written only on success;
 *  - pointers given to the library are borrowed for the call; strings are UTF-8 and NUL-terminated;
 *  - a hone_study is internally synchronised: any thread may use it; a hone_trial and the read-only records
 *    belong to one thread at a time;
 *  - the library never prints, exits, changes the locale, installs signal handlers or forks.
 */
#ifndef HONE_HONE_H
#define HONE_HONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hone/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header. */
#define HONE_VERSION "0.1.0"

/* The version of the library in use ("0.1.0"). Thread-safe; static. */
HONE_API const char *hone_version(void);

/* --- values --- */

/* What a value is. */
typedef enum hone_type { HONE_NULL, HONE_BOOL, HONE_INT, HONE_FLOAT, HONE_STRING } hone_type;

/* A parameter's value as the user sees it. string is owned by whatever the value came from. */
typedef struct hone_value {
    hone_type type;
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *string;
    } as;
} hone_value;

/* A parameter with its value. */
typedef struct hone_named_value {
    const char *name;
    hone_value value;
} hone_named_value;

/* --- the study --- */

/* Opaque handles: hone_study_open makes a study, hone_study_ask a trial. */
typedef struct hone_study hone_study;
typedef struct hone_trial hone_trial;

/* Is a smaller or a larger value of an objective better? */
typedef enum hone_direction { HONE_MINIMIZE = 1, HONE_MAXIMIZE = 2 } hone_direction;

/* Values are pinned. A finished trial (COMPLETE, PRUNED, FAILED) never changes. */
typedef enum hone_trial_state {
    HONE_RUNNING = 0,
    HONE_COMPLETE = 1,
    HONE_PRUNED = 2,
    HONE_FAILED = 3,
    HONE_WAITING = 4, /* queued: its parameters are fixed, nobody runs it yet */
} hone_trial_state;

/* "running", "complete", "pruned", "failed", "waiting". Static. */
HONE_API const char *hone_trial_state_name(hone_trial_state state);

/* How a study is made. All strings are borrowed for the call. Begin with HONE_STUDY_CONFIG_INIT. */
typedef struct hone_study_config {
    size_t struct_size; /* set by HONE_STUDY_CONFIG_INIT */
    const char *goal;   /* "minimize loss", "maximize accuracy"; several: "minimize loss, maximize accuracy";
                           NULL = "minimize value" */
    const char *space;  /* the `space:` mapping of a study file as YAML or JSON; NULL = define-by-run */
    const char *forbidden; /* YAML or JSON list of conditions that no point may meet; NULL = none */
    const char *sampler;   /* "tpe", "grid", "tpe:n_startup=20", "{tpe: {n_startup: 20}}"; NULL = "auto" */
    const char *pruner;    /* "median", "median:n_warmup=3", ...; NULL = "none" */
    uint64_t seed;         /* used when has_seed; otherwise drawn at random and recorded with the study */
    bool has_seed;
    int64_t lag; /* >= 0: trial k sees only trials below k - lag, so that runs with up to lag + 1 workers are
                    reproducible (asking waits for those); -1 (the default): it sees all that is told */
    const char *learn_from;   /* YAML or JSON: an earlier study's name, {study: name, storage: url}, or a list
                                 of   such, whose trials the sampler learns from; NULL = none */
    double heartbeat_seconds; /* running trials of a shared storage beat this often; 0 = 60 */
    int64_t restarts;         /* a trial whose worker died begins again so often; 0 = 2, -1 = never */
    const char *definition;   /* the study file's text, kept for workers; NULL = none */
    const char *folder;       /* that its relative paths mean; NULL = not known */
} hone_study_config;

/* Defaults for every field. */
#define HONE_STUDY_CONFIG_INIT                                                                               \
    {                                                                                                        \
        .struct_size = sizeof(hone_study_config), .lag = -1                                                  \
    }

/* Opens the study `name` in the storage `url` ("memory:", "sqlite:///relative.db", "sqlite:////absolute.db"),
 * creating both when absent and config is not NULL. On an existing study the space's bounds, the sampler and
 * the pruner may differ from before; a parameter's type or choices, or the directions, may not (HONE_EXISTS
 * naming both). config NULL opens an existing study as it was defined. Errors: HONE_NOT_FOUND, HONE_EXISTS,
 * HONE_INVALID, HONE_PARSE, HONE_STORAGE, HONE_BUSY. Returned: free with hone_study_destroy. Reads the whole
 * history: O(trials). */
HONE_API hone_status hone_study_open(const char *url, const char *name, const hone_study_config *config,
                                     hone_study **study, hone_error *err);

/* Flushes what is buffered and closes. Its trials' handles must be freed before. Accepts NULL. */
HONE_API void hone_study_destroy(hone_study *study);

/* Removes a study with its trials. HONE_NOT_FOUND when there is none. */
HONE_API hone_status hone_study_delete(const char *url, const char *name, hone_error *err);

/* The study's name, borrowed until destroy, and its number of objectives. Neither takes the lock. */
HONE_API const char *hone_study_name(const hone_study *study);
HONE_API size_t hone_study_objective_count(const hone_study *study);
/* The goal's metric name ("loss") and direction of an objective. name is borrowed until destroy. */
HONE_API hone_direction hone_study_objective(const hone_study *study, size_t objective, const char **name);
/* The definition as JSON (goal, space, sampler, pruner, seed ...). Returned: free with hone_free. */
HONE_API hone_status hone_study_describe(hone_study *study, char **json, hone_error *err);
/* Changes sampler and/or pruner from now on; NULL leaves one as it is. */
HONE_API hone_status hone_study_set_algorithms(hone_study *study, const char *sampler, const char *pruner,
                                               hone_error *err);

/* Frees memory that a function returned with "free with hone_free". Accepts NULL. */
HONE_API void hone_free(void *pointer);

/* --- ask and tell --- */

/* What asking came to; not errors. */
typedef enum hone_outcome {
    HONE_ASKED, /* a trial was given */
    HONE_WAIT,  /* nothing to do until a running trial is told: ask again after wait_ms */
    HONE_DONE,  /* the study is over: the space is exhausted, it was stopped, or its budget is spent */
} hone_outcome;

/* A trial to run: a queued one, a resumed one, or a new one with the sampler's parameters. With a declared
 * space its parameters are fixed on return; with define-by-run each is proposed when suggested. *trial is
 * written only for HONE_ASKED. Returned: free with hone_trial_free (telling does not free it). wait_ms and
 * reason (static text or borrowed until the next ask) may be NULL. Storage: one durable commit. */
HONE_API hone_status hone_study_ask(hone_study *study, hone_outcome *outcome, hone_trial **trial,
                                    int64_t *wait_ms, const char **reason, hone_error *err);

/* As hone_study_ask for up to n trials in one commit; *count are given. trials has room for n. */
HONE_API hone_status hone_study_ask_batch(hone_study *study, size_t n, hone_outcome *outcome,
                                          hone_trial **trials, size_t *count, hone_error *err);

/* Takes up a running trial by number, for example one asked by an earlier process. lease NULL takes its
 * current one. HONE_NOT_FOUND, HONE_CONFLICT when it is finished (names its state). Free with
 * hone_trial_free. */
HONE_API hone_status hone_study_take(hone_study *study, int64_t number, const char *lease, hone_trial **trial,
                                     hone_error *err);

/* Ends a trial. COMPLETE needs one finite-or-infinite value per objective: NaN is told as FAILED with a
 * reason. PRUNED and FAILED take none (n_values 0). Telling a finished trial is HONE_CONFLICT; telling under
 * a lost lease stores the value in a new trial linked to the old one (attribute hone:late_of) and returns
 * HONE_OK. One durable commit. */
HONE_API hone_status hone_study_tell(hone_study *study, hone_trial *trial, hone_trial_state state,
                                     const double *values, size_t n_values, hone_error *err);

/* Queues a trial with these parameters fixed; the rest, if any, are proposed when it is asked. Unknown names,
 * values outside the space and inactive parameters are HONE_INVALID. *number may be NULL. */
HONE_API hone_status hone_study_enqueue(hone_study *study, const hone_named_value *params, size_t n_params,
                                        int64_t *number, hone_error *err);

/* As hone_study_ask for a new trial in which these parameters are fixed (the context it has to run in) and
 * the sampler proposes the rest given them. Queued trials are passed by; a space that is used up does not end
 * it. Errors as of hone_study_enqueue; HONE_UNSUPPORTED under a pruner that schedules. */
HONE_API hone_status hone_study_ask_given(hone_study *study, const hone_named_value *params, size_t n_params,
                                          hone_outcome *outcome, hone_trial **trial, int64_t *wait_ms,
                                          const char **reason, hone_error *err);

/* Records a finished trial made elsewhere. values as for hone_study_tell. */
HONE_API hone_status hone_study_add(hone_study *study, const hone_named_value *params, size_t n_params,
                                    hone_trial_state state, const double *values, size_t n_values,
                                    int64_t *number, hone_error *err);

/* Asks the study to end: later asks answer HONE_DONE, in this and in other processes, until
 * hone_study_resume. An ask that another thread is waiting for gives up thinking and answers so, too. */
HONE_API hone_status hone_study_stop(hone_study *study, const char *reason, hone_error *err);
HONE_API hone_status hone_study_resume(hone_study *study, hone_error *err);

/* Writes what is buffered and reads what other processes wrote. */
HONE_API hone_status hone_study_sync(hone_study *study, hone_error *err);

/* Puts back the running trials whose heartbeat is older than `seconds`, or whose process, on this machine, is
 * gone: the next ask that is free to takes them up where they were. One that was begun again too often is
 * told as failed. Asking does so by itself for workers that are silent for two intervals. *count may be NULL.
 */
HONE_API hone_status hone_study_reap(hone_study *study, double seconds, size_t *count, hone_error *err);

/* --- inside a trial: sticky calls --- */

/* Flags of hone_trial_suggest_float. */
enum { HONE_LINEAR = 0, HONE_LOG = 1 };

/* These return the value itself. After a misuse (a range that contradicts an earlier one, an unknown
 * parameter of a declared space, no memory) they return the low bound or first choice, and the trial is told
 * FAILED with the message whatever is told later; hone_trial_status tells. O(sampler). */
HONE_API double hone_trial_suggest_float(hone_trial *trial, const char *name, double low, double high,
                                         int flags);
HONE_API double hone_trial_suggest_float_step(hone_trial *trial, const char *name, double low, double high,
                                              double step);
HONE_API int64_t hone_trial_suggest_int(hone_trial *trial, const char *name, int64_t low, int64_t high,
                                        int64_t step);
HONE_API int64_t hone_trial_suggest_int_log(hone_trial *trial, const char *name, int64_t low, int64_t high);
/* The index of the chosen choice; choices are compared with those of earlier trials. */
HONE_API size_t hone_trial_suggest_index(hone_trial *trial, const char *name, const hone_value *choices,
                                         size_t n_choices);
/* The chosen text itself (one of the pointers given). */
HONE_API const char *hone_trial_suggest_categorical(hone_trial *trial, const char *name,
                                                    const char *const *choices, size_t n_choices);

/* A value fixed by the declared space or suggested before; HONE_NOT_FOUND when inactive or unknown. Strings
 * are borrowed until hone_trial_free. */
HONE_API hone_status hone_trial_get(const hone_trial *trial, const char *name, hone_value *value,
                                    hone_error *err);
/* The step up to which the trial should run, and the one it was paused at (its checkpoint); 0 = none. */
HONE_API int64_t hone_trial_budget(const hone_trial *trial);
HONE_API int64_t hone_trial_resume_step(const hone_trial *trial);
/* The trial whose checkpoint at that step this one begins with (population-based training), -1: none. */
HONE_API int64_t hone_trial_parent(const hone_trial *trial);
/* The i-th parameter in display order; false past the end. */
HONE_API bool hone_trial_param(const hone_trial *trial, size_t i, hone_named_value *param);

/* Reports an intermediate value at a step (>= 0; epochs, folds, rows). Returns true when the trial should
 * end now: the objective then returns hone_trial_prune(trial). NaN is kept and never judged. Batched in
 * storage. */
HONE_API bool hone_trial_report(hone_trial *trial, int64_t step, double value);
/* The last decision again, without reporting. */
HONE_API bool hone_trial_should_prune(hone_trial *trial);
/* Marks the trial as pruned; returns HONE_OK so that an objective can `return hone_trial_prune(trial)`. */
HONE_API hone_status hone_trial_prune(hone_trial *trial);
/* Marks the trial as failed for this reason; returns HONE_OBJECTIVE so that an objective can return it. */
HONE_API hone_status hone_trial_fail(hone_trial *trial, const char *message);
/* The trial's value (objective 0), told when the objective returns. */
HONE_API hone_status hone_trial_set_value(hone_trial *trial, double value);
HONE_API hone_status hone_trial_set_values(hone_trial *trial, const double *values, size_t n_values);
/* Constraint values; the trial is feasible when all are <= 0. */
HONE_API hone_status hone_trial_set_constraints(hone_trial *trial, const double *constraints, size_t n);
/* json: any JSON text, at most 2045 bytes. Stored as Optuna's user attribute. */
HONE_API hone_status hone_trial_set_attribute(hone_trial *trial, const char *key, const char *json);
/* The first misuse or failure of the calls above, HONE_OK if none. */
HONE_API hone_status hone_trial_status(const hone_trial *trial, hone_error *err);

/* The trial's number in its study (0, 1, 2 ...), and the lease that this run of it holds, borrowed until
 * hone_trial_free. */
HONE_API int64_t hone_trial_number(const hone_trial *trial);
HONE_API const char *hone_trial_lease(const hone_trial *trial);
/* Tells others that the trial is alive; hone_study_optimize does it by itself. */
HONE_API hone_status hone_trial_heartbeat(hone_trial *trial, hone_error *err);
/* Writes what was gathered and lets go of the handle; a trial that was not told stays RUNNING. Accepts
 * NULL. */
HONE_API void hone_trial_free(hone_trial *trial);

/* --- optimise --- */

/* Runs one trial. Returning anything but HONE_OK tells it FAILED. Called from several threads when workers
 * > 1. */
typedef hone_status (*hone_objective)(hone_trial *trial, void *user);

/* Called after each trial is told, one call at a time; returning false stops the study's run. */
typedef bool (*hone_callback)(hone_study *study, const hone_trial *trial, hone_trial_state state, void *user);

/* When to stop; a zero means "no such limit". At least one limit or a finite space is needed. */
typedef struct hone_budget {
    int64_t trials;      /* finished trials of the study in total, earlier runs included */
    int64_t more_trials; /* trials of this run */
    double seconds;      /* of this run; no trial is started after */
    bool has_target;     /* stop when objective 0 is at least as good as target */
    double target;
    int64_t patience; /* stop when so many trials finished since the last that was better than all before;
                         failed ones do not count */
    bool has_regret; /* stop when a Gaussian process says, but for a chance of one in ten, that nothing in the
                        declared space is better than the best by more than `regret`; 0: than the standard
                        deviation of the best's value (Makarova et al. 2022). Needs 20 complete trials */
    double regret;
    double cost;             /* stop when all trials of the study together have cost so much: seconds, or */
    const char *cost_metric; /* what an attribute (or a goal) of this name says of each; NULL = seconds */
    int workers;             /* threads; 0 = 1 */
    int max_failures;        /* consecutive failed trials that stop the run; 0 = 3, negative = never */
    hone_callback callback;
    void *callback_user;
} hone_budget;

/* Asks, runs and tells until the budget is spent. *reason (may be NULL; static) says what ended it: "trials",
 * "seconds", "target", "patience", "regret", "cost", "exhausted", "stopped", "callback", "failures"; it is
 * kept with the study, too. HONE_OBJECTIVE when failures ended it: err holds the last message. */
HONE_API hone_status hone_study_optimize(hone_study *study, hone_objective objective, void *user,
                                         const hone_budget *budget, const char **reason, hone_error *err);

/* --- reading --- */

/* One trial as a record. Everything it points to is freed with it. */
typedef struct hone_trial_info {
    int64_t number;
    hone_trial_state state;
    size_t n_params;
    const hone_named_value *params; /* display order; inactive ones are absent */
    size_t n_values;
    const double *values;
    size_t n_reports;
    const int64_t *steps;
    const double *reports;
    size_t n_constraints;
    const double *constraints;
    size_t n_attributes; /* user attributes */
    const char *const *attribute_keys;
    const char *const *attribute_json;
    int64_t start_us, complete_us; /* wall clock, microseconds since 1970 UTC; 0 = not yet */
    const char *message;           /* why it failed, or NULL */
    bool paused;                   /* RUNNING in name: it waits to be resumed */
    int64_t parent,
        parent_step; /* of a clone: whose checkpoint, at which step, it went on from; else -1, 0 */
    int64_t runs;    /* of a trial that was paused: its runs that ended, else 0 */
    int64_t rung;    /* where trials pause: the highest of these that it came to, from 1 on; else 0 */
    double seconds;  /* that it ran, without the time it was paused; 0 = not known */
    const char
        *worker; /* who ran it last, as JSON: {"host": "a", "pid": 12, "job": "45_3"}; NULL = not known */
} hone_trial_info;

/* How many trials there are, in any state; 0 when the storage cannot be read. */
HONE_API int64_t hone_study_trial_count(hone_study *study);
/* How many trials are in a state. */
HONE_API int64_t hone_study_state_count(hone_study *study, hone_trial_state state);
/* Returned: free with hone_trial_info_free. HONE_NOT_FOUND names the range. */
HONE_API hone_status hone_study_trial(hone_study *study, int64_t number, hone_trial_info **info,
                                      hone_error *err);
/* Visits every trial in the order of creation; info is borrowed for the call; returning false ends the visit.
 * The study is locked meanwhile: visit must not call it. One pass over the storage: O(trials). */
HONE_API hone_status hone_study_each(hone_study *study,
                                     bool (*visit)(void *user, const hone_trial_info *info), void *user,
                                     hone_error *err);
/* The best complete, feasible trials: the n best of a single objective (best first), or the whole Pareto
 * front (n ignored, by number). *numbers is free'd with hone_free; *count may be 0. */
HONE_API hone_status hone_study_best(hone_study *study, size_t n, int64_t **numbers, size_t *count,
                                     hone_error *err);
/* Accepts NULL. */
HONE_API void hone_trial_info_free(hone_trial_info *info);

/* How parameters are judged. Begin with HONE_PARAM_IMPORTANCE_CONFIG_INIT; zero fields mean the defaults. */
typedef struct hone_param_importance_config {
    size_t struct_size; /* set by HONE_PARAM_IMPORTANCE_CONFIG_INIT */
    const char *method; /* NULL or "fanova": by the variance over the whole space that a parameter explains
                           (Hutter et al. 2014); "ped_anova": by how it differs in the best trials (Watanabe
                           et al. 2023); "impurity": by what the cuts of a forest gain */
    size_t objective;
    size_t trees;      /* of fanova and impurity; 0 = 64 */
    uint64_t seed;     /* of their forest */
    double top;        /* ped_anova: the share of trials that are the best, below 1; 0 = 0.1 */
    bool pairs;        /* fanova: what two parameters explain together, beyond what each does */
    int threads;       /* 0 = one a core; the values are the same */
    size_t max_trials; /* of fanova and impurity: grow the forest on so many trials, drawn when there are
                          more; 0 = all */
} hone_param_importance_config;

/* Defaults for every field. */
#define HONE_PARAM_IMPORTANCE_CONFIG_INIT                                                                    \
    {                                                                                                        \
        .struct_size = sizeof(hone_param_importance_config)                                                  \
    }

/* How much each parameter mattered. Everything it points to is freed with it. */
typedef struct hone_param_importance {
    int64_t trials; /* looked at: complete ones with a finite value */
    size_t n_params;
    const char *const *params; /* (n_params,) the most important first */
    const double *importance;  /* (n_params,) sums to 1; all 0 when nothing mattered */
    const double *share;       /* (n_params,) of the variance that the parameter explains alone; NULL but for
                                  fanova */
    const int64_t *having;     /* (n_params,) trials that have it: a conditional one is judged among these */
    size_t n_pairs;
    const char *const (*pairs)[2]; /* (n_pairs,) the most important first */
    const double *pair_share;      /* (n_pairs,) */
} hone_param_importance;

/* Works on any study, Optuna's too. HONE_INVALID with fewer than two complete trials. Returned: free with
 * hone_param_importance_free. O(trees trials parameters log trials). */
HONE_API hone_status hone_study_importance(hone_study *study, const hone_param_importance_config *config,
                                           hone_param_importance **importance, hone_error *err);
HONE_API void hone_param_importance_free(hone_param_importance *importance); /* accepts NULL */

/* What partial dependence is asked of. Begin with HONE_PARAM_DEPENDENCE_CONFIG_INIT; zero fields mean the
 * defaults. */
typedef struct hone_param_dependence_config {
    size_t struct_size;         /* set by HONE_PARAM_DEPENDENCE_CONFIG_INIT */
    const char *param, *second; /* param is needed; second NULL = one parameter only */
    size_t objective;
    size_t grid;       /* values of a parameter that has more of them, at least 2; 0 = 50, of two 30 each */
    size_t trees;      /* of the forest; 0 = 64 */
    uint64_t seed;     /* of the forest, and of the trials drawn */
    size_t max_trials; /* the forest is grown on so many trials, drawn when there are more; 0 = 10000 */
    int threads;       /* 0 = one a core; the values are the same */
} hone_param_dependence_config;

/* Defaults for every field. */
#define HONE_PARAM_DEPENDENCE_CONFIG_INIT                                                                    \
    {                                                                                                        \
        .struct_size = sizeof(hone_param_dependence_config)                                                  \
    }

/* The values at which one parameter was looked at. */
typedef struct hone_param_axis {
    const char *name;
    bool log, categorical;
    size_t n;
    const hone_value *values; /* (n,) ascending, evenly spread over the scale that is searched; all of a
                                 categorical parameter, as declared */
} hone_param_axis;

/* How an objective depends on one or two parameters. Everything it points to is freed with it. */
typedef struct hone_param_dependence {
    int64_t having; /* complete trials that have the parameters */
    int64_t trials; /* of these, what the forest was grown on */
    size_t n_params;
    hone_param_axis params[2];
    const double *mean; /* (params[0].n,) or (params[0].n, params[1].n) row-major, in the objective's units:
                           what the forest expects, averaged over the ranges of all other parameters */
    const double *deviation; /* the same shape: between the forest's trees */
} hone_param_dependence;

/* Partial dependence (Friedman 2001) as exact marginals of a random forest (Hutter et al. 2014). A
 * conditional parameter: over the trials that have it, and the parameters that all of these have. Works on
 * any study, Optuna's too. HONE_NOT_FOUND for a parameter that no complete trial has, naming the nearest;
 * HONE_INVALID for one that has a single value, and with fewer than two complete trials of a finite value.
 * Returned: free with hone_param_dependence_free. Thread-safe. O(trees (trials params log trials + grid)). */
HONE_API hone_status hone_study_dependence(hone_study *study, const hone_param_dependence_config *config,
                                           hone_param_dependence **dependence, hone_error *err);
HONE_API void hone_param_dependence_free(hone_param_dependence *dependence); /* accepts NULL */

/* Between which trials the path leads. Begin with HONE_ABLATION_CONFIG_INIT. */
typedef struct hone_ablation_config {
    size_t struct_size; /* set by HONE_ABLATION_CONFIG_INIT */
    int64_t from;       /* -1 (the default): the first complete trial; where that is the best, the worst */
    int64_t to;         /* -1 (the default): the best */
    size_t objective;
    size_t trees;      /* of the forest; 0 = 64 */
    uint64_t seed;     /* of the forest, and of the trials drawn */
    size_t max_trials; /* the forest is grown on so many trials, drawn when there are more; 0 = 10000 */
    int threads;       /* 0 = one a core; the values are the same */
} hone_ablation_config;

/* Defaults for every field. */
#define HONE_ABLATION_CONFIG_INIT                                                                            \
    {                                                                                                        \
        .struct_size = sizeof(hone_ablation_config), .from = -1, .to = -1                                    \
    }

/* What happens to a parameter in a step. */
typedef struct hone_ablation_change {
    const char *param;
    bool had, has;            /* false: it is not active before, after */
    hone_value before, after; /* HONE_NULL where it is not active */
} hone_ablation_change;

/* One step: a parameter, and those that come or go with it. */
typedef struct hone_ablation_step {
    size_t n_changes;
    const hone_ablation_change *changes; /* (n_changes,) the parameter chosen first */
    double mean,
        deviation; /* what the forest expects after it, in the objective's units, and how unsure it is */
} hone_ablation_step;

/* A path between two trials. Everything it points to is freed with it. */
typedef struct hone_ablation {
    int64_t trials; /* the forest was grown on */
    int64_t from, to;
    double from_value, to_value; /* told; NaN: none */
    double mean, deviation;      /* what the forest expects of `from` */
    size_t n_steps;
    const hone_ablation_step *steps; /* (n_steps,) after the last one the parameters are those of `to` */
} hone_ablation;

/* Which differences between two trials make one better: parameter by parameter the change that a random
 * forest expects to gain most (Fawcett & Hoos 2016, with a model in place of runs as Biedenkapp et al. 2017).
 * Works on any study, Optuna's too. HONE_NOT_FOUND for a number without a trial; HONE_INVALID when the trials
 * do not differ, and with fewer than two complete trials of a finite value. Returned: free with
 * hone_ablation_free. Thread-safe. O(trees (trials params log trials + params^2)). */
HONE_API hone_status hone_study_ablation(hone_study *study, const hone_ablation_config *config,
                                         hone_ablation **ablation, hone_error *err);
HONE_API void hone_ablation_free(hone_ablation *ablation); /* accepts NULL */

/* What a column of a correlation is. */
typedef enum hone_correlated {
    HONE_CORRELATED_GOAL,
    HONE_CORRELATED_METRIC,
    HONE_CORRELATED_PARAM
} hone_correlated;

/* How goals, metrics and parameters go together. Everything it points to is freed with it. */
typedef struct hone_correlation {
    int64_t trials; /* complete ones */
    size_t n;
    const char *const *names; /* (n,) goals, then metrics (attributes that are numbers), then parameters */
    const hone_correlated *kinds; /* (n,) */
    const double *pearson;  /* (n, n) of a log parameter by its logarithm; NaN: one of them does not vary */
    const double *spearman; /* (n, n) the same of ranks */
    const int64_t *rows;    /* (n, n) trials that have finite numbers for both */
    size_t n_left_out;
    const char *const *left_out; /* (n_left_out,) parameters of three choices and more that have no order */
} hone_correlation;

/* Pearson's and Spearman's correlation over complete trials. Of two choices without an order the second
 * counts 1, the first 0; ordered ones by rank. Works on any study, Optuna's too. HONE_INVALID with fewer than
 * two complete trials. Returned: free with hone_correlation_free. Thread-safe. One pass over the storage,
 * then O(n^2 trials). */
HONE_API hone_status hone_study_correlation(hone_study *study, hone_correlation **correlation,
                                            hone_error *err);
HONE_API void hone_correlation_free(hone_correlation *correlation); /* accepts NULL */

/* The volume that the trials of several goals dominate. Everything it points to is freed with it. */
typedef struct hone_hypervolume {
    size_t n_objectives;
    const double *reference; /* (n_objectives,) in the goals' units */
    double volume;           /* of all trials together: the last of history, 0 without any */
    size_t n;                /* trials looked at: complete, feasible, all values finite */
    const int64_t *numbers;  /* (n,) ascending */
    const double *history;   /* (n,) volume that the trials up to this one dominate */
    const bool *in_front;    /* (n,) the Pareto front: no other trial dominates it */
} hone_hypervolume;

/* The Pareto front and its hypervolume (Zitzler & Thiele 1999), exact for any number of goals, as it grew
 * from trial to trial. reference (n_objectives,) in the goals' units; NULL: the worst of the front in each
 * goal, moved away by a tenth of the front's range. HONE_INVALID for a study of one goal, for a reference
 * that is not finite, and without any such trial. Returned: free with hone_hypervolume_free. Thread-safe. O(n
 * log n) for two goals; with the front's size f and m goals O(n f^(m - 2) log f) at most. */
HONE_API hone_status hone_study_hypervolume(hone_study *study, const double *reference,
                                            hone_hypervolume **hypervolume, hone_error *err);
HONE_API void hone_hypervolume_free(hone_hypervolume *hypervolume); /* accepts NULL */

/* Sets a user attribute of the study: any JSON text. */
HONE_API hone_status hone_study_set_attribute(hone_study *study, const char *key, const char *json,
                                              hone_error *err);
/* *json is free'd with hone_free; HONE_NOT_FOUND when unset. */
HONE_API hone_status hone_study_attribute(hone_study *study, const char *key, char **json, hone_error *err);

/* One line of a list of studies. */
typedef struct hone_study_info {
    char *name;
    int64_t trials, complete;
    int64_t created_us; /* start of the first trial, 0 when none */
    size_t n_objectives;
    hone_direction directions[8];
    bool has_best;
    double best; /* of a single objective */
} hone_study_info;

/* The name of the only study of a storage. HONE_NOT_FOUND when there is none, and when there are several,
 * naming them. Free with hone_free. Does not look at trials. */
HONE_API hone_status hone_study_only(const char *url, char **name, hone_error *err);

/* All studies of a storage, by name. Free with hone_study_list_free. */
HONE_API hone_status hone_study_list(const char *url, hone_study_info **studies, size_t *count,
                                     hone_error *err);
HONE_API void hone_study_list_free(hone_study_info *studies, size_t count);

/* --- what exists --- */

/* One option of a sampler, pruner or model. */
typedef struct hone_option_info {
    const char *name, *type, *default_text, *help; /* default_text NULL = unset */
    char range[160];
} hone_option_info;

/* The i-th sampler / pruner; false past the end. Strings are static. */
HONE_API bool hone_sampler_info(size_t i, const char **name, const char **help);
HONE_API bool hone_pruner_info(size_t i, const char **name, const char **help);
/* The i-th option of a sampler / pruner; false past the end or for an unknown name. */
HONE_API bool hone_sampler_option(const char *name, size_t i, hone_option_info *option);
HONE_API bool hone_pruner_option(const char *name, size_t i, hone_option_info *option);

/* A storage's URL as it may be shown and logged: with *** for its passwords; any other text as it is, also
 * one that has a URL in it. Returned: free with hone_free; NULL when memory is out. Thread-safe. */
HONE_API char *hone_url_shown(const char *url);

/* The candidate that a misspelt name is nearest to, one of the pointers given, or NULL when none is near.
 * Thread-safe. */
HONE_API const char *hone_nearest_name(const char *name, const char *const *candidates, size_t n);

/* Receives the library's messages ("error", "warning", "info", "debug"). NULL drops them, the default. */
typedef void (*hone_log_function)(void *user, const char *level, const char *message);
HONE_API void hone_set_log(hone_log_function function, void *user);

#ifdef __cplusplus
}
#endif
#endif
