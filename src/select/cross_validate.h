/* select/cross_validate.h: the score of a model's settings by cross-validation. What does not depend on
 * the settings (folds, designs fitted fold by fold, dot products) is made once and used by every run:
 * tuning calls run once a trial. */
#ifndef HN_SELECT_CROSS_VALIDATE_H
#define HN_SELECT_CROSS_VALIDATE_H

#include "base/thread_pool.h"
#include "data/preprocess.h"
#include "model/model.h"
#include "select/decision.h"
#include "select/metric.h"
#include "select/splits.h"

typedef struct hn_validation_options {
    hn_split_kind kind; /* of it and the next four: hn_split_options */
    size_t folds, repeats;
    bool shuffle;
    double test_share;
    size_t executions; /* fits of each split, with seeds of their own; 0 = 1. They count as folds: first those
                          of every split, then the splits again */
    uint64_t seed;     /* of the splits and the fits */
    bool train_scores;
    hn_preprocess_options preprocess;
    const char *metrics; /* comma-separated; NULL: hn_metric_default */
    hn_own_metrics own;  /* those that metrics names from elsewhere; borrowed until destroy */
    size_t
        memory_bytes; /* for designs (32 MiB at most), what models share and fits that are kept; 0 = 1 GiB */
    bool apart;       /* each setting is fitted by itself, so that fit times compare */
    hn_decision decision; /* each fold's labels by a threshold chosen by folds of its training rows */
} hn_validation_options;

/* Internally synchronised: any number of threads may run settings. */
typedef struct hn_validation hn_validation;

/* dataset is borrowed until destroy; rows (n,) are copied, NULL means all. Errors: those of
 * hn_splits_create. Returned: free with hn_validation_destroy. */
hone_status hn_validation_create(const hn_dataset *dataset, const size_t *rows, size_t n,
                                 const hn_model_type *type, const hn_validation_options *options,
                                 hn_validation **validation, hone_error *err);
void hn_validation_destroy(hn_validation *validation); /* accepts NULL */
/* Splits times executions. */
size_t hn_validation_folds(const hn_validation *validation);

/* Says that each of these settings (maps) will be run once: of those that follow from one another the first
 * run then fits the widest, whose fit answers for all (hn_model_type.covers). A promise that is not kept
 * costs time, no more. O(n * settings that follow from no other). */
hone_status hn_validation_expect(const hn_validation *validation, const hn_node *const *settings, size_t n,
                                 hone_error *err);

/* hn_metric_list for the dataset's task; HONE_UNSUPPORTED for a metric that needs probabilities when the
 * model gives none. */
hone_status hn_validation_metrics(const hn_dataset *dataset, const hn_model_type *type, const char *names,
                                  const hn_own_metrics *own, const hn_metric **metrics, size_t *n,
                                  hone_error *err);

typedef struct hn_scores {
    size_t n_metrics, n_folds;
    size_t n_done; /* the first so many folds were run: n_folds unless the run was stopped */
    const hn_metric *metrics[HN_MAX_METRICS];
    double *test;                                  /* (n_metrics, n_folds) */
    double *train;                                 /* as test; NULL unless asked for */
    double *mean;                                  /* (n_metrics,) of test, over the n_done folds */
    double *deviation;                             /* (n_metrics,) the same, dividing by n_done */
    double *fold_fit_seconds, *fold_score_seconds; /* (n_folds,) */
    double fit_seconds, score_seconds;             /* their sums */
    bool *follows; /* (n_folds,): the model followed from another setting's fit, which took its time then */
    double *
        oob; /* (n_folds,): out-of-bag scores, NaN where the setting does not ask; NULL: the model has none */
} hn_scores;

/* How a run goes; all zero: every fold, one after the other. */
typedef struct hn_run_control {
    hn_thread_pool *pool;       /* folds run in parallel over it */
    const volatile int *cancel; /* HONE_CANCELLED when it becomes non-zero */
    size_t rows;                /* learn from so many rows of each fold only (select/subsample.h) */
    const char *checkpoints;    /* a folder for those of fits that go in steps, or on (hn_model_type.extends);
                                   NULL: none */
    bool cloned;                /* they may be of other settings (hn_fit_context) */
    int64_t most_steps;         /* fits that go in steps end after so many; 0: after all */
    /* Told each step of such fits (hn_fit_context), with the first metric of the fold's test rows by the
     * model as it is then. Never two at once, on the fold's thread. False: the fit ends with this step. */
    bool (*step_done)(void *user, size_t fold, const hn_fit_step *step, const hn_metric *metric,
                      double score);
    /* Told why a fit goes on from no checkpoint, of models that extend. Never two at once. May be NULL. */
    void (*fits_anew)(void *user, const char *why);
    /* Told each fold in their order: fold n_done - 1 of scores is the newest, all before it are there, mean
     * and deviation are filled. Never two at once, on whichever thread ended a fold. False: no further fold
     * is begun; the scores then have the folds told. */
    bool (*fold_done)(void *user, const hn_scores *scores);
    void *user;
} hn_run_control;

/* Fits and scores every fold with these settings (a map or NULL). control may be NULL. The first failing
 * fold, by number, is the error. Release scores with hn_scores_release. */
hone_status hn_validation_run(const hn_validation *validation, const hn_node *settings,
                              const hn_run_control *control, hn_scores *scores, hone_error *err);

/* The threshold that decides best about rows (n,) of the dataset (NULL: all), each with the probability of a
 * model of these settings (config) that did not learn from it: by the folds of like->decision, with the
 * preprocessing, shuffling and seed of like. */
hone_status hn_threshold_tune(const hn_dataset *dataset, const size_t *rows, size_t n,
                              const hn_model_type *type, const void *config,
                              const hn_validation_options *like, const volatile int *cancel,
                              hn_threshold *found, hone_error *err);

/* What a metric is computed from beside predictions: rankings of two classes from decisions, where the model
 * makes them (as scikit-learn does), everything else of its kind from probabilities. */
typedef enum hn_metric_source {
    HN_FROM_PREDICTIONS,
    HN_FROM_DECISIONS,
    HN_FROM_PROBABILITIES,
    HN_METRIC_SOURCES
} hn_metric_source;
hn_metric_source hn_metric_source_of(const hn_metric *metric, const hn_model_type *type, size_t n_classes);

hone_status hn_scores_init(size_t n_metrics, size_t n_folds, bool train, hn_scores *scores, hone_error *err);
/* Fills mean, deviation and the sums from the folds done. */
void hn_scores_summarise(hn_scores *scores);
void hn_scores_release(hn_scores *scores);

#endif
