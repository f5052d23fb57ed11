/* model/model.h: the contract of a model hone trains itself: a const table of functions. Options come from its table, so they
 * are validated, documented and tunable (any value may be a search expression) without a line of code elsewhere.
 *
 * To add one: write model/NAME.c ending in one `const hn_model_type hn_model_NAME`, list it in registry.c; the contract suite in
 * tests/contract runs over every entry.
 */
#ifndef HN_MODEL_MODEL_H
#define HN_MODEL_MODEL_H

#include "base/option.h"
#include "data/dataset.h"
#include "space/space.h"

typedef enum hn_model_task { HN_TASK_CLASSIFICATION = 1, HN_TASK_REGRESSION = 2 } hn_model_task;

enum {
    HN_MODEL_CANCELLABLE = 1, /* fit polls cancel; otherwise it is only stopped by killing its worker */
    HN_MODEL_PROBABILITY = 2,
    HN_MODEL_IMPORTANCE = 4,
    HN_MODEL_PARTIAL_FIT = 8,
};

/* A numeric design: rows of the dataset selected for fitting or prediction. Borrowed for the call. */
typedef struct hn_design {
    const double *x; /* (n, d) row-major */
    size_t n, d;
    const double *y;      /* (n,): class index 0 .. n_classes-1, or the target; NULL when predicting */
    const double *weight; /* (n,) or NULL */
    size_t n_classes;     /* 0 for regression */
} hn_design;

typedef struct hn_fit_context {
    uint64_t seed;
    const volatile int *cancel; /* non-zero: stop soon with HONE_CANCELLED; may be NULL */
    const void *shared;         /* what `share` made for this design and is valid for many settings; may be NULL */
    const size_t *rows;         /* (n,): the design's rows as indices of the shared design; NULL without shared */
    hn_arena *scratch;
} hn_fit_context;

typedef struct hn_model_type {
    const char *name;
    const char *help;
    unsigned tasks;        /* bits of hn_model_task */
    unsigned capabilities;
    hn_option_table options;
    const char *default_space; /* YAML mapping option -> search expression used by `hone fit` without -p */

    /* Checks options that depend on each other and the task. May be NULL. */
    hone_status (*check)(const void *config, hn_model_task task, hone_error *err);
    /* Precomputes from all rows what every setting and fold can share (for kernels: squared distances, dot products).
     * May be NULL. Free with unshare. *shared may be NULL when too large to be worth it. */
    hone_status (*share)(const hn_design *all, void **shared, hone_error *err);
    void (*unshare)(void *shared);

    hone_status (*fit)(const void *config, const hn_design *train, const hn_fit_context *context, void **fitted,
                       hone_error *err);
    void (*destroy)(void *fitted);
    /* out: (n,) class index or value. */
    hone_status (*predict)(const void *fitted, const hn_design *rows, double *out, hone_error *err);
    /* out: (n, n_classes). NULL when it cannot. */
    hone_status (*predict_proba)(const void *fitted, const hn_design *rows, double *out, hone_error *err);
    /* As predict for rows of the shared design, given by index; used inside cross-validation. NULL = predict is used. */
    hone_status (*predict_shared)(const void *fitted, const void *shared, const size_t *rows, size_t n, double *out,
                                  hone_error *err);
    /* out: (d,), sums to 1. NULL when it has none. */
    hone_status (*importance)(const void *fitted, double *out, size_t d, hone_error *err);
    /* The fitted numbers as a node with arrays (a map), and back. Locale-free, exact. */
    hone_status (*save)(const void *fitted, hn_arena *arena, hn_node **node, hone_error *err);
    hone_status (*load)(const hn_node *node, void **fitted, hone_error *err);
} hn_model_type;

const hn_model_type *hn_model_at(size_t i); /* NULL past the end */
const hn_model_type *hn_model_find(const char *name);

#endif
