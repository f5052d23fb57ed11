/* select/fold.h: one split of a cross-validation: its design, fitted on its training rows, and its run. */
#ifndef HN_SELECT_FOLD_H
#define HN_SELECT_FOLD_H

#include <pthread.h>

#include "select/cross_validate.h"
#include "select/kept_fits.h"

typedef struct hn_fold {
    size_t n_train, n_test, width;
    double *x; /* (n_train + n_test, width): training rows first; NULL with samples, with source */
    hn_sample_view samples; /* the same rows for a model that takes samples; block NULL: x */
    hn_row_source *source;  /* makes the same rows for a model that copies them; NULL: x */
    size_t *rows;           /* (n_train + n_test,): those of the view or source; NULL without them */
    hn_preprocess *fitted;  /* what these look into; NULL without them, and in a part of a fold */
    double *y;              /* (n_train + n_test,) in the same order */
    double *weight;         /* (n_train + n_test,) as y; NULL when the dataset has none */
    size_t *order;          /* (n_train + n_test,): positions among the validation's rows */
    void *shared;           /* made by the model from x; NULL when it is not, or when common is used */
    const void *common;     /* made from the one design of all folds; NULL otherwise */
    size_t *shared_rows;    /* (n_train + n_test,): rows of shared or common */
    bool sampled;           /* a part of a fold (select/subsample.h): its fits answer for nothing else */
} hn_fold;

struct hn_validation {
    const hn_dataset *dataset;
    const hn_model_type *type;
    hn_validation_options options;
    const hn_metric *metrics[HN_MAX_METRICS];
    size_t n_metrics;
    size_t n;     /* rows */
    size_t *rows; /* (n,) of the dataset */
    hn_splits splits;
    hn_fold *
        folds; /* (splits.n_splits,); NULL when they would not fit into memory: each run then makes its own */
    bool in_place;      /* matrices would not fit, and the model takes rows from the table itself */
    void *common;       /* shared by all folds when preprocessing does not depend on the rows */
    hn_kept_fits *kept; /* NULL when every setting is fitted by itself */
};

/* fold is zeroed first; release it in any case. */
hone_status hn_fold_prepare(const hn_validation *validation, size_t index, size_t share_bytes, hn_fold *fold,
                            hone_error *err);
void hn_fold_release(const hn_model_type *type, hn_fold *fold);
/* Fits and gives the test rows' probabilities: proba (n_test, n_classes). */
hone_status hn_fold_proba(const hn_validation *validation, const hn_fold *fold, const void *config,
                          const volatile int *cancel, double *proba, hone_error *err);
/* Writes column `index` of scores: of split index % n_splits, of execution index / n_splits. Of control:
 * cancel, checkpoints, and of fits in steps most_steps; what it tells is told under lock. */
hone_status hn_fold_run(const hn_validation *validation, const hn_fold *fold, size_t index,
                        const hn_setting *setting, const hn_run_control *control, pthread_mutex_t *lock,
                        hn_scores *scores, hone_error *err);

#endif
