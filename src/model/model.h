/* model/model.h: the contract of a model hone trains itself: a const table of functions. Options come from
 * its table, so they are validated, documented and tunable (any value may be a search expression) without a
 * line of code elsewhere.
 *
 * To add one: write model/NAME.c ending in one `const hn_model_type hn_model_NAME`, list it in registry.c;
 * the contract suite in tests/contract runs over every entry.
 */
#ifndef HN_MODEL_MODEL_H
#define HN_MODEL_MODEL_H

#include "base/option.h"
#include "base/thread_pool.h"
#include "data/dataset.h"
#include "data/preprocess.h"
#include "data/tensor_file.h"
#include "onnx/graph.h"

enum {
    HN_MODEL_CANCELLABLE = 1, /* fit polls cancel all along; every fit looks at it once before it begins, and
                                 one without this bit is stopped later only by ending its worker */
    HN_MODEL_PROBABILITY = 2,
    HN_MODEL_IMPORTANCE = 4,
    HN_MODEL_PARTIAL_FIT = 8,
    HN_MODEL_WEIGHTS = 16, /* uses hn_design.weight; others refuse it */
    HN_MODEL_SAMPLES = 32, /* uses hn_design.samples; for others samples become columns */
    HN_MODEL_SOURCE = 64,  /* takes rows from hn_design.source (model/design.h); others need x */
    HN_MODEL_COPIES =
        128, /* and brings them into a form of its own: a matrix made before would be one more */
};

/* A numeric design: rows of the dataset selected for fitting or prediction. Borrowed for the call. No NaN, no
 * infinity. */
typedef struct hn_design {
    const double *x; /* (n, d) row-major; NULL with samples and with a source */
    size_t n, d;
    const hn_row_source *source;   /* makes the rows a block at a time where x is NULL */
    size_t first;                  /* of its rows */
    const hn_sample_view *samples; /* (n,) rows of d values each; NULL: x */
    const double *y;            /* (n,): class index 0 .. n_classes-1, or the target; NULL when predicting and
                                   when clustering */
    const double *weight;       /* (n,) or NULL */
    size_t n_classes;           /* 0 unless classification */
    const char *const *classes; /* (n_classes,): what options call them; NULL for regression */
} hn_design;

/* What a fit that goes in steps has come to after one of them. Borrowed for the call. */
typedef struct hn_fit_step {
    int64_t number, total; /* 1, 2 ... of at most total */
    double loss;           /* of the training rows, as the model measures it */
    double watched;        /* the same of rows it set aside; NaN: none */
    double rate;           /* learning rate; NaN: none */
    double seconds;        /* of this step */
    const void *fitted;    /* the model as it is now, good for predict */
} hn_fit_step;

typedef struct hn_fit_context {
    uint64_t seed;
    const volatile int *cancel; /* non-zero: stop soon with HONE_CANCELLED; may be NULL */
    const void *shared;         /* what `share` made for a design that holds these rows; may be NULL */
    const size_t *rows;   /* (n,): the design's rows as indices of the shared design; NULL without shared */
    hn_arena *scratch;    /* reset by the caller between fits */
    bool derives;         /* models of other settings will be derived from this one, which may keep more */
    hn_thread_pool *pool; /* threads that a fit may use, which changes nothing but the time; NULL: none */

    /* --- of models whose fits go in steps (hn_model_type.steps) --- */

    /* A file that the fit keeps up to date between two steps, and goes on from when it is there, on the same
     * trajectory; one that is damaged or of another fit is passed over, which the log says. NULL: none. */
    const char *checkpoint;
    bool cloned; /* the checkpoint may be of a fit with other options, as long as its values fit this one's */
    int64_t most_steps; /* the fit ends after so many of its steps; 0: after all */
    /* Told each step, on the fit's thread. False: the fit ends here. A fit that is ended so is HONE_OK, with
     * the model as it is then. May be NULL. */
    bool (*step_done)(void *user, const hn_fit_step *step);
    void *step_user;
} hn_fit_context;

/* A fitted model as data: what goes into a file. */
typedef struct hn_model_state {
    const hn_node *settings; /* a map of scalars and short lists */
    const hn_tensor *tensors;
    size_t n_tensors;
} hn_model_state;

/* What the graph of a model gives. */
typedef struct hn_model_graph {
    hn_value value; /* (rows, n_classes) probabilities, or (rows, hn_decision_width) margins; (rows, 1)
                       numbers */
    bool margins;   /* as `decision` gives them, where there are no probabilities */
    hn_value index; /* (rows,) the class said; without a name: that of the largest value */
} hn_model_graph;

typedef struct hn_model_type {
    const char *name;
    const char *help;
    unsigned tasks; /* bits of hn_model_task */
    unsigned capabilities;
    hn_option_table options;
    const char *default_space; /* YAML mapping option -> search expression used by `hone fit` without -p */
    /* What makes one setting simpler than another, the most telling option first: "smaller n_estimators,
     * larger min_samples_leaf, earlier kernel" (by its choices). null (no limit) is the largest. NULL:
     * nothing does. */
    const char *simpler;
    /* The option, false by default, without which predict_proba cannot. NULL: it always can, or never. */
    const char *probability_option;
    /* The integer option that says how many steps a fit has ("epochs"): the fit then heeds the context's
     * most_steps and step_done. NULL: fits have no steps. */
    const char *steps;

    /* Opens the library that fitting needs beside hone's own; the description ("XGBoost 1.7.4") is static.
     * HONE_UNSUPPORTED says what to install. NULL: it needs none. */
    hone_status (*library)(const char **description, hone_error *err);

    /* Checks options that depend on each other and the task. given: the map that config was read from, with
     * places for messages. May be NULL. */
    hone_status (*check)(const void *config, const hn_node *given, hn_model_task task, hone_error *err);
    /* Checks what depends on the rows that a fit would get, of which number, width or shape and classes are
     * looked at, not the values: said before the first fit. given as above. May be NULL. */
    hone_status (*check_rows)(const void *config, const hn_node *given, const hn_design *rows,
                              hone_error *err);
    /* Precomputes from all rows what every setting (and, where preprocessing is the same, every fold) can
     * share: for kernels the dot products. *shared is NULL when that takes more than limit_bytes. Read-only
     * afterwards, so that any number of fits may use it at once. May be NULL. */
    hone_status (*share)(const hn_design *all, size_t limit_bytes, void **shared, hone_error *err);
    void (*unshare)(void *shared);

    hone_status (*fit)(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err);
    /* The model with `more` rows beside those it has seen; `fitted` stays as it is. naive_bayes and knn
     * become what a fit to all rows would make, forests get trees grown on the new rows alone. config is the
     * one of fitting. NULL without HN_MODEL_PARTIAL_FIT. */
    hone_status (*partial_fit)(const void *fitted, const void *config, const hn_design *more,
                               const hn_fit_context *context, void **updated, hone_error *err);
    void (*destroy)(void *fitted); /* accepts NULL */

    /* --- settings whose fitted models follow from one fit: all three or none --- */

    /* Whether b's fitted model follows exactly from a's, fitted to the same rows with the same seed (fewer
     * trees, trees cut short, fewer stages). Reflexive and transitive. */
    bool (*covers)(const void *a, const void *b);
    /* What fit(config, train, context) would give, bit for bit, taken from `fitted`, whose setting covers
     * config and which was fitted to train with the context's seed. *derived may look into `fitted`, which
     * must outlive it, and only reads it: any number of threads at once. */
    hone_status (*derive)(const void *fitted, const void *config, const hn_design *train,
                          const hn_fit_context *context, void **derived, hone_error *err);
    /* Memory that the fitted model takes. */
    size_t (*bytes)(const void *fitted);

    /* --- fits that go on from the model of a smaller one: both or neither --- */

    /* The integer option that a fitted model can be given more of ("n_estimators"). */
    const char *extends;
    /* What fit(config, train, context) would give, bit for bit, begun with `fitted`, which stays as it is: of
     * the same rows and seed, and of config but for as much or less of `extends`. HONE_UNSUPPORTED where
     * this setting has to be fitted anew. */
    hone_status (*extend)(const void *fitted, const void *config, const hn_design *train,
                          const hn_fit_context *context, void **extended, hone_error *err);

    /* What the models of this setting that are fitted without one of the rows say of that row: out (n,),
     * equal to those fits but for rounding. design->x is there. HONE_UNSUPPORTED where the setting or the
     * rows have no closed form. NULL: the model has none. Regression only. */
    hone_status (*leave_one_out)(const void *config, const hn_design *rows, const hn_fit_context *context,
                                 double *out, hone_error *err);

    /* rows->d must be the d of fitting. out: (n,) class index, value or cluster. Any number of threads at
     * once. */
    hone_status (*predict)(const void *fitted, const hn_design *rows, double *out, hone_error *err);
    /* out: (n, n_classes), rows sum to 1. NULL when it cannot; HONE_UNSUPPORTED when this setting cannot. */
    hone_status (*predict_proba)(const void *fitted, const hn_design *rows, double *out, hone_error *err);
    /* out: (n,), the squared distance of each row to the centre of its cluster. Models that cluster have it,
     * for others it is NULL. */
    hone_status (*measure)(const void *fitted, const hn_design *rows, double *out, hone_error *err);
    /* How far each row is on a class's side: out (n,) for two classes, above 0 for the second; else (n,
     * n_classes), the largest for the class that is likeliest. Classification only. NULL when it has none. */
    hone_status (*decision)(const void *fitted, const hn_design *rows, double *out, hone_error *err);
    /* As predict for rows of the shared design the model was fitted with, given by index. NULL: predict is
     * used. */
    hone_status (*predict_shared)(const void *fitted, const void *shared, const size_t *rows, size_t n,
                                  double *out, hone_error *err);
    /* Accuracy or R2 of the training rows, each judged by those parts of the model that did not see it
     * (Breiman 2001: out of bag); NaN when the setting does not ask for it. NULL when it has none. */
    double (*oob_score)(const void *fitted);
    /* out: (d,), sums to 1. NULL when it has none. */
    hone_status (*importance)(const void *fitted, double *out, size_t d, hone_error *err);
    /* The same as nodes of a graph. rows: (rows, d) doubles, or with HN_MODEL_SAMPLES as hn_preprocess_graph
     * gives samples. *out is all zero before. fitted is borrowed until the graph is destroyed. NULL when it
     * cannot. */
    hone_status (*graph)(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                         hone_error *err);
    /* Everything predict needs, exactly. The state's tensors may point into fitted. */
    hone_status (*save)(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err);
    /* Checks all it reads: a damaged file is HONE_PARSE, never a crash in predict. n_classes and d are what
     * the model is to be used with. Copies what it keeps. */
    hone_status (*load)(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err);
} hn_model_type;

/* Numbers a row that `decision` gives. */
static inline size_t hn_decision_width(size_t n_classes)
{
    return n_classes == 2 ? 1 : n_classes;
}

const hn_model_type *hn_model_at(size_t i); /* NULL past the end */
/* NULL when there is none. */
const hn_model_type *hn_model_find(const char *name);
/* The type, or HONE_NOT_FOUND naming those there are. */
hone_status hn_model_require(const char *name, const hn_model_type **type, hone_error *err);
/* HONE_UNSUPPORTED when the dataset has weights, or tokens of a text, which the model does not take; names
 * those that do. */
hone_status hn_model_check_data(const hn_model_type *type, const hn_dataset *dataset, hone_error *err);
/* Fills config (type->options.config_size bytes; strings and nodes live as long as the arena and options) and
 * runs the type's own check. options: a map or NULL. HONE_UNSUPPORTED when the model cannot do the task or
 * lacks its library. */
hone_status hn_model_configure(const hn_model_type *type, hn_model_task task, hn_arena *arena,
                               const hn_node *options, void *config, hone_error *err);

/* Which of two filled configs is simpler, by type->simpler: negative when it is a, 0 when none is. *option
 * (may be NULL): what decided it. */
int hn_model_compare(const hn_model_type *type, const void *a, const void *b, const hn_option **option);

#endif
