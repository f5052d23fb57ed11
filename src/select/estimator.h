/* select/estimator.h: a fitted model with everything needed to use it on other data: preprocessing, classes,
 * provenance. Read-only after fitting; any number of threads may predict.
 */
#ifndef HN_SELECT_ESTIMATOR_H
#define HN_SELECT_ESTIMATOR_H

#include "data/preprocess.h"
#include "model/model.h"
#include "select/cross_validate.h"

typedef struct hn_estimator {
    hn_arena arena;
    const hn_model_type *type;
    const hn_node *settings; /* options as given; NULL: none */
    hn_model_task task;
    const char *target_name; /* "cluster" when it clusters */
    const char *weight_name; /* the column that weighed the rows of the fit; NULL: none */
    size_t n_classes;
    const char **classes; /* (n_classes,) */
    hn_preprocess *preprocess;
    void *fitted;
    const char
        *decided_by; /* the metric (or "cost") that chose the threshold; NULL: labels are the model's */
    hn_threshold threshold;    /* at is NaN when there is none */
    const hn_node *provenance; /* a map: where the model comes from */
    size_t threads;            /* that a prediction of many rows uses; 0, 1: the caller's */
} hn_estimator;

typedef struct hn_estimator_options {
    hn_preprocess_options preprocess;
    uint64_t seed;
    const volatile int *cancel;                             /* may be NULL */
    hn_thread_pool *pool;                                   /* threads for the fit; NULL: none */
    bool (*step_done)(void *user, const hn_fit_step *step); /* as in hn_fit_context; may be NULL */
    void *step_user;
    const char *checkpoint; /* as in hn_fit_context, of the fit to all rows; NULL: none */
    hn_decision decision;   /* its threshold is chosen by folds of the rows */
} hn_estimator_options;

/* Fits on rows (n,) of the dataset (NULL: all). settings: a map or NULL, copied. Returned: free with
 * hn_estimator_destroy. */
hone_status hn_estimator_fit(const hn_dataset *dataset, const size_t *rows, size_t n,
                             const hn_model_type *type, const hn_node *settings,
                             const hn_estimator_options *options, hn_estimator **estimator, hone_error *err);
void hn_estimator_destroy(hn_estimator *estimator); /* accepts NULL */

/* The estimator after more rows (model.h: partial_fit), which it is not changed for. Of the options seed,
 * cancel and pool count. HONE_UNSUPPORTED when the model cannot; HONE_INVALID for a class it does not know, a
 * target of another kind, columns that are absent. Returned: free with hn_estimator_destroy. */
hone_status hn_estimator_update(const hn_estimator *estimator, const hn_dataset *dataset, const size_t *rows,
                                size_t n, const hn_estimator_options *options, hn_estimator **updated,
                                hone_error *err);
/* The design of rows with their target, in the model's classes, and their weights, all in the scratch arena;
 * errors as hn_estimator_update. */
hone_status hn_estimator_design(const hn_estimator *estimator, const hn_dataset *dataset, const size_t *rows,
                                size_t n, hn_arena *scratch, hn_design *design, hone_error *err);

/* out: (n,) class index (of two classes by the threshold where there is one), value or cluster. */
hone_status hn_estimator_predict(const hn_estimator *estimator, const hn_dataset *dataset, const size_t *rows,
                                 size_t n, double *out, hone_error *err);
/* out: (n, n_classes). HONE_UNSUPPORTED when the model gives none. */
hone_status hn_estimator_predict_proba(const hn_estimator *estimator, const hn_dataset *dataset,
                                       const size_t *rows, size_t n, double *out, hone_error *err);
/* out: (n,) for two classes, above 0 for the second, else (n, n_classes). HONE_UNSUPPORTED when it has none.
 */
hone_status hn_estimator_decision(const hn_estimator *estimator, const hn_dataset *dataset,
                                  const size_t *rows, size_t n, double *out, hone_error *err);
/* The same for rows that are encoded already: x (n, hn_preprocess_width). */
hone_status hn_estimator_predict_encoded(const hn_estimator *estimator, const double *x, size_t n,
                                         double *out, hone_error *err);
hone_status hn_estimator_predict_proba_encoded(const hn_estimator *estimator, const double *x, size_t n,
                                               double *out, hone_error *err);
hone_status hn_estimator_decision_encoded(const hn_estimator *estimator, const double *x, size_t n,
                                          double *out, hone_error *err);
/* truth (n,): the target in the model's class indices. HONE_INVALID: no target, one of the other task, a
 * class that is none of the model's. */
hone_status hn_estimator_truth(const hn_estimator *estimator, const hn_dataset *dataset, const size_t *rows,
                               size_t n, double *truth, hone_error *err);
/* *weight (n,) in the scratch arena: how much each row counts; NULL when the dataset has no weights.
 * HONE_INVALID when all are 0. */
hone_status hn_estimator_weights(const hn_dataset *dataset, const size_t *rows, size_t n, hn_arena *scratch,
                                 const double **weight, hone_error *err);
/* metrics: comma-separated or NULL; own: those it names from elsewhere, NULL: none. The dataset's classes
 * must be among the model's. scores has one fold; release it with hn_scores_release. */
hone_status hn_estimator_evaluate(const hn_estimator *estimator, const hn_dataset *dataset,
                                  const size_t *rows, size_t n, const char *metrics,
                                  const hn_own_metrics *own, hn_scores *scores, hone_error *err);

/* out (n_classes, n_classes): rows of class i predicted as j. HONE_INVALID for regression. */
hone_status hn_estimator_confusion(const hn_estimator *estimator, const hn_dataset *dataset,
                                   const size_t *rows, size_t n, double *out, hone_error *err);

/* Makes options (kinds of columns, classes, task) those the estimator expects, where they are not set.
 * with_target: the file's target is read, for evaluation, and the weights under the name of those it was
 * fitted with, if there are such; otherwise every column is a feature, and those the
 * model does not know are ignored under a header. schema receives what options then points to and must
 * outlive them. */
void hn_estimator_adapt(const hn_estimator *estimator, bool with_target, hn_dataset_options *options,
                        hn_schema *schema);

/* One file: the tensors of data/tensor_file.h; the metadata holds format, architecture, pipeline and
 * provenance as JSON. provenance: a map merged into what is known, or NULL. */
hone_status hn_estimator_save(const hn_estimator *estimator, const char *path, const hn_node *provenance,
                              hone_error *err);
/* HONE_PARSE when the file is damaged or not a hone model. Returned: free with hn_estimator_destroy. */
hone_status hn_estimator_load(const char *path, hn_estimator **estimator, hone_error *err);
/* {architecture: {model, options, task, target, classes, settings}, pipeline: {...}, provenance: {...}};
 * settings are the fitted scalars. NULL when memory is out. */
hn_node *hn_estimator_describe(const hn_estimator *estimator, hn_arena *arena, hn_model_state *state,
                               hone_error *err);
/* Each part of the description added to a map as a JSON text; NULL when memory is out. */
hn_node *hn_estimator_texts(hn_node *map, const hn_node *description, hn_arena *arena);

/* The estimator as a graph for other programs: inputs as hn_preprocess_graph has them; outputs label and
 * probabilities (or margins), or prediction; as texts the description, {classes} and {inputs}: the columns of
 * each. HONE_UNSUPPORTED names the models that can. The estimator is borrowed. Returned: free with
 * hn_graph_destroy. */
hone_status hn_estimator_graph(const hn_estimator *estimator, hn_graph **graph, hone_error *err);

#endif
