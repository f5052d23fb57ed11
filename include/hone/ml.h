/* hone/ml.h: models that hone trains itself: data files, cross-validation, fitting, model files.
 *
 * Read a table (hone_dataset_load), score settings by cross-validation (hone_validation_run), fit the best on
 * all rows (hone_model_fit), keep it (hone_model_save), use it on other data (hone_model_load,
 * hone_model_predict).
 *
 * The conventions are those of hone/hone.h. A model and its options are one text: "svm",
 * "svm:C=10,kernel=linear", or
 * "{svm: {C: 10, class_weight: {spam: 2}}}"; hone_model_info and hone_model_option list what there is.
 * Datasets, validations and models never change after they were made: any number of threads may use one.
 */
#ifndef HONE_ML_H
#define HONE_ML_H

#include "hone/hone.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- data --- */

/* A table: rows, features and perhaps a target. Read-only; any number of threads. */
typedef struct hone_dataset hone_dataset;

/* What is to be learned. Values are pinned. */
typedef enum hone_task {
    HONE_NO_TASK = 0,        /* the data has no target: it is for use by a model */
    HONE_CLASSIFICATION = 1, /* one of several classes */
    HONE_REGRESSION = 2,     /* a number */
    HONE_CLUSTERING = 4,     /* nothing: rows that are alike are to be put together */
} hone_task;

/* How a file is read. Zero fields mean: detect. Lists end with NULL; a column is given by its name, or by its
 * position (0-based, negative from the end) when no column has that name. All pointers are borrowed for the
 * call. Begin with HONE_DATASET_OPTIONS_INIT. */
typedef struct hone_dataset_options {
    size_t struct_size; /* set by HONE_DATASET_OPTIONS_INIT */
    const char *target; /* the column to learn; NULL: the one named "target", else the last */
    bool no_target;     /* every column is a feature */
    int header;         /* 1: the first row holds names; -1: it does not; 0: detected */
    char delimiter;     /* 0: detected among comma, tab, semicolon and bar */
    size_t skip_rows;   /* lines before the table */
    size_t max_bytes;   /* of the inflated file; 0 = 1 GiB */
    const char *group;  /* a column that says which rows belong together (or their fold), no feature; for
                           hone_validation_config.kind */
    hone_task task; /* HONE_NO_TASK: classification for text, and for whole numbers with at most 20 distinct
                       values that occur five times each on average or are only two; regression otherwise */
    const char *const *categorical; /* columns of categories, though they look like numbers */
    const char *const *numeric;     /* columns of numbers: text in them is an error */
    const char *const *drop;        /* columns to leave out */
    const char *const *missing; /* spellings of a missing value besides empty, ?, NA, N/A, NaN, null, None */
    const char *weight; /* a column that says how much each row counts in fits and scores, no feature: finite
                           numbers, 0 or more, not all 0 */
    bool plain;         /* cells are not quoted: quotes are text */

    /* --- of files of arrays: IDX, CIFAR-10 batches, NPY, NPZ --- */

    const char *labels; /* the file of the target, IDX or NPY; NULL: of an IDX file that is named images-idx3
                           the one named labels-idx1, of NPZ and CIFAR-10 files the labels inside */
    const char *const *more; /* further files, whose rows come after the first's (the batches of CIFAR-10);
                                each has its labels inside or beside it */
    const char *features; /* the array of a NPZ file; NULL: x, x_train, images, features or data. target: that
                             of the labels; NULL: y, y_train, labels, label or target */

    /* --- of a column of text in a table --- */

    const char *text;  /* the column that becomes rows of tokens, the only feature; NULL: none */
    size_t vocabulary; /* tokens there may be: 0 fills up, 1 is any other word, then the words that are most
                          frequent in the rows of a fit; 0 = 10000, at least 3 */
    size_t length;     /* tokens a row; 0 = 200 */
    bool pad_end, cut_end; /* shorter rows are filled up, longer ones cut, at the end; else in front */

    /* --- of a folder of images --- */

    size_t channels;                  /* 1: grey, 3: RGB; 0: grey if all are */
    size_t image_height, image_width; /* to which all are resized; 0: they must have one size */
} hone_dataset_options;

/* Detect everything. */
#define HONE_DATASET_OPTIONS_INIT                                                                            \
    {                                                                                                        \
        .struct_size = sizeof(hone_dataset_options)                                                          \
    }

/* Reads a file of arrays, which is known by its content: rows keep their shape, for models that take it
 * (sequential); for others each value is a column. A folder of images (PNG, JPEG) with a folder in it for
 * each class, which gives it its name, is read the same way; max_bytes then counts decoded bytes. Otherwise a
 * CSV or TSV file, gzipped or not, "-" being standard input: quotes as in RFC 4180, LF or CRLF, UTF-8 with or
 * without byte order mark. options NULL means defaults. Errors: HONE_IO; HONE_PARSE with the line for ragged
 * rows, no rows, text in a column of numbers, unclosed quotes, text that is not UTF-8; HONE_INVALID for a
 * header without rows, a missing target, a missing or negative weight, one class only; HONE_NOT_FOUND for a
 * column that does not exist; HONE_LIMIT above max_bytes, 65536 columns or 1 MiB in a field. Returned: free
 * with hone_dataset_destroy. O(size of the file); memory while reading: the file, 8 bytes a cell, 4 a row and
 * 8 a value, of which the values stay. */
HONE_API hone_status hone_dataset_load(const char *path, const hone_dataset_options *options,
                                       hone_dataset **dataset, hone_error *err);

/* Copies x (n, d) row-major, y (n,) and weight (n,); NaN in x is a missing value. y NULL makes a dataset
 * without target; weight NULL gives all rows the same. Columns are named x0, x1, ... Errors: HONE_INVALID for
 * no rows or columns, infinities, NaN in y, one class only, weights that are negative or all 0. Returned:
 * free with hone_dataset_destroy. */
HONE_API hone_status hone_dataset_create(const double *x, size_t n, size_t d, const double *y,
                                         const double *weight, hone_task task, hone_dataset **dataset,
                                         hone_error *err);
HONE_API void hone_dataset_destroy(hone_dataset *dataset); /* accepts NULL */

/* Made-up data to try things on, with the parameters of scikit-learn's make_classification, make_regression,
 * make_blobs and make_moons, which mean the same; the random numbers are hone's own. Begin with
 * HONE_MAKE_CONFIG_INIT; pointers are borrowed for the call. */
typedef struct hone_make_config {
    size_t struct_size;    /* set by HONE_MAKE_CONFIG_INIT */
    const char *kind;      /* "classification": clusters around the corners of a cube; "regression": a linear
                              function; "blobs": round clusters; "moons": two half circles */
    size_t rows;           /* 0 = 100 */
    size_t columns;        /* 0 = 20, 100, 2; moons have 2 */
    size_t classes;        /* of classification (0 = 2), clusters of blobs (0 = 3) */
    size_t informative;    /* columns that tell, of classification (0 = 2) and regression (0 = 10) */
    size_t redundant;      /* of classification: linear combinations of informative columns */
    size_t repeated;       /* of classification: copies of informative or redundant columns */
    size_t clusters;       /* of classification: of each class; 0 = 2 */
    double class_sep;      /* of classification: half the edge of the cube */
    double flip;           /* of classification: share of rows whose class is drawn at random */
    double noise;          /* standard deviation, added to y of a regression, to x of moons */
    double spread;         /* of blobs: standard deviation within a cluster */
    double bias;           /* of regression: added to y */
    const double *weights; /* (n_weights,) of classification: shares of the classes, the last may be left out;
                              NULL: equal */
    size_t n_weights;
    bool in_order; /* rows and columns stay in order: classes one after another; informative, redundant,
                      repeated, useless columns */
    uint64_t seed;
} hone_make_config;

#define HONE_MAKE_CONFIG_INIT                                                                                \
    {                                                                                                        \
        .struct_size = sizeof(hone_make_config), .redundant = 2, .class_sep = 1, .flip = 0.01, .spread = 1   \
    }

/* coefficients (columns,) receives those of a regression; may be NULL. Errors: HONE_INVALID names the option.
 * Returned: free with hone_dataset_destroy. */
HONE_API hone_status hone_dataset_make(const hone_make_config *config, double *coefficients,
                                       hone_dataset **dataset, hone_error *err);

/* Writes the dataset as CSV under a header, group, weight and target last, numbers exactly, in pieces of
 * whole lines to write; what that answers other than HONE_OK ends it and is returned. O(cells). */
HONE_API hone_status hone_dataset_write(const hone_dataset *dataset,
                                        hone_status (*write)(void *user, const char *text, size_t size,
                                                             hone_error *err),
                                        void *user, hone_error *err);
/* The same to a file, compressed when its name ends in .gz: the old content or the new, never half. */
HONE_API hone_status hone_dataset_save(const hone_dataset *dataset, const char *path, hone_error *err);

/* Puts round(fraction * rows) rows of each class (of all rows in regression), drawn by seed, into *test and
 * the others into *train. Both share the memory of dataset, which may be destroyed before them. fraction in
 * (0, 1). Returned: free with hone_dataset_destroy. */
HONE_API hone_status hone_dataset_split(const hone_dataset *dataset, double fraction, uint64_t seed,
                                        hone_dataset **train, hone_dataset **test, hone_error *err);

/* Strings are borrowed until the dataset is destroyed. */
typedef struct hone_dataset_info {
    const char *source;       /* the file */
    size_t n_rows, n_columns; /* columns are features, without the target */
    hone_task task;
    const char *target; /* NULL without a target */
    size_t n_classes;   /* 0 unless classification */
    bool has_header;
    const char *weight; /* the column of weights; NULL without */
    size_t rank;        /* of rows that are one array, which have no columns: 1 to 3; 0: columns */
    size_t shape[3];    /* (rank,): (features) or tokens, (steps, features), (channels, height, width) */
} hone_dataset_info;

typedef struct hone_column_info {
    const char *name;
    bool categorical;
    size_t n_categories; /* of the whole file; 0 for numbers */
    size_t n_missing;    /* in the whole file */
} hone_column_info;

HONE_API void hone_dataset_get_info(const hone_dataset *dataset, hone_dataset_info *info);
/* The i-th feature; false past the end. */
HONE_API bool hone_dataset_column(const hone_dataset *dataset, size_t i, hone_column_info *info);
/* The name of a class, NULL past the end. Borrowed until destroy. */
HONE_API const char *hone_dataset_class(const hone_dataset *dataset, size_t i);
/* The file of a row of a folder of images, from the folder on; NULL when rows have no names, and past the
 * end. Borrowed until destroy. */
HONE_API const char *hone_dataset_row_name(const hone_dataset *dataset, size_t i);
/* y: (n_rows,), class index or value. HONE_INVALID without a target. */
HONE_API hone_status hone_dataset_get_target(const hone_dataset *dataset, double *y, hone_error *err);

/* weight: (n_rows,). HONE_INVALID without weights. */
HONE_API hone_status hone_dataset_get_weight(const hone_dataset *dataset, double *weight, hone_error *err);

/* An anonymous shared-memory descriptor (close-on-exec) from which other processes of this build attach the
 * dataset without parsing. Not for the parts of a split (HONE_UNSUPPORTED): share the whole and split again.
 * The caller closes *fd. */
HONE_API hone_status hone_dataset_share(const hone_dataset *dataset, int *fd, hone_error *err);
/* The dataset behind fd, mapped read-only; fd may be closed afterwards. Free with hone_dataset_destroy. */
HONE_API hone_status hone_dataset_attach(int fd, hone_dataset **dataset, hone_error *err);

/* --- what exists --- */

/* The i-th model; false past the end. tasks has bits of hone_task. Strings are static. Any pointer may be
 * NULL. */
HONE_API bool hone_model_info(size_t i, const char **name, const char **help, unsigned *tasks);
/* The i-th option of a model; false past the end or for an unknown name. */
HONE_API bool hone_model_option(const char *name, size_t i, hone_option_info *option);
/* The space hone searches when none is given, as a YAML mapping of options; NULL for an unknown name.
 * Static. */
HONE_API const char *hone_model_default_space(const char *name);

typedef struct hone_metric_info {
    const char *name, *help;
    unsigned tasks; /* bits of hone_task */
    bool maximize;
    bool needs_probability;
} hone_metric_info;

/* The i-th metric; false past the end. Strings are static. */
HONE_API bool hone_metric_get_info(size_t i, hone_metric_info *info);

/* What was predicted, and the truth. Begin with HONE_PREDICTIONS_INIT; all pointers are borrowed. */
typedef struct hone_predictions {
    size_t struct_size; /* set by HONE_PREDICTIONS_INIT */
    hone_task task;
    size_t n, n_classes;       /* n_classes 0 unless classification */
    const double *truth;       /* (n,): class index or value; not looked at in clustering */
    const double *predicted;   /* (n,): class index, value or cluster (whole, from 0) */
    const double *probability; /* (n, n_classes); NULL unless the metric needs it */
    const double *weight;      /* (n,), none negative; NULL: all 1 */
    const double *x;           /* (n, d): the rows, for clustering */
    size_t d;
    const double *distance; /* (n,): squared distances to the centres, for inertia; else NULL */
} hone_predictions;

#define HONE_PREDICTIONS_INIT                                                                                \
    {                                                                                                        \
        .struct_size = sizeof(hone_predictions)                                                              \
    }

/* Scores predictions from anywhere. *value is NaN where the metric is not defined (a ranking of rows of one
 * class). Errors: HONE_NOT_FOUND lists the metrics; HONE_INVALID for one of the other task, classes out of
 * range, numbers that are not finite, weights that are negative or all 0. */
HONE_API hone_status hone_metric_score(const char *metric, const hone_predictions *predictions, double *value,
                                       hone_error *err);

/* A metric of your own, for hone_validation_config.own_metrics, hone_model_evaluate and
 * hone_model_importance. score: as hone_metric_score; called from any thread that runs folds, several at
 * once; another status than HONE_OK fails the run, with what it put into err. name: letters, digits and _,
 * none of a metric there is. user is handed to score. */
typedef struct hone_own_metric {
    const char *name;
    bool needs_probability;
    hone_status (*score)(void *user, const hone_predictions *predictions, double *value, hone_error *err);
    void *user;
    bool minimize; /* smaller is better: what importance is the loss of */
} hone_own_metric;

/* --- scores --- */

/* Everything it points to is freed with it. */
typedef struct hone_scores {
    size_t n_metrics, n_folds;
    const char *const *metrics;        /* (n_metrics,) names */
    const double *test;                /* (n_metrics, n_folds) */
    const double *train;               /* (n_metrics, n_folds); NULL unless asked for */
    const double *mean;                /* (n_metrics,) of test */
    const double *deviation;           /* (n_metrics,) of test over the folds, dividing by their number */
    const double *fold_fit_seconds;    /* (n_folds,) */
    const double *fold_score_seconds;  /* (n_folds,) */
    double fit_seconds, score_seconds; /* their sums */
    const double *oob; /* (n_folds,): out-of-bag scores, NaN unless the setting asks for one; NULL: the model
                          has none */
    const bool
        *follows; /* (n_folds,): the model followed from an earlier setting's fit, which has the time */
} hone_scores;

HONE_API void hone_scores_free(hone_scores *scores); /* accepts NULL */

/* What is fitted around a model, on training rows only. Begin with HONE_PIPELINE_INIT. Missing categories
 * become the most frequent; categories one 0/1 column each (two categories: one column). */
typedef struct hone_pipeline {
    size_t struct_size; /* set by HONE_PIPELINE_INIT */
    const char *scale;  /* "standard" (mean 0, variance 1), "minmax" (0 to 1), "robust" (median 0, quartiles
                           1 apart) or "none"; NULL = "none" */
    size_t max_categories; /* per column, the most frequent are kept; 0 = 100 */
    const char *impute;    /* missing numbers: "mean", "median", "most_frequent", "constant"; NULL = "mean" */
    double fill;           /* the constant */
    const char
        *encode; /* "onehot", or "ordinal": a category's index, -1 for an unknown one; NULL = "onehot" */
    double min_variance; /* columns of no larger variance, before scaling, are left out; 0 keeps all */
    size_t select; /* so many columns are kept, the best by ANOVA's F for classes, by F of the correlation for
                      numbers; 0 = all */
    const char
        *decision; /* two classes: the second is said from the probability on that is best in this metric
                      of labels ("f1"); chosen by cross-validation of the training rows, 5 more fits */
    double false_positive, false_negative; /* instead: what a row costs that is taken for the second class,
                                              for the first; the mean cost is made least */
} hone_pipeline;

#define HONE_PIPELINE_INIT                                                                                   \
    {                                                                                                        \
        .struct_size = sizeof(hone_pipeline)                                                                 \
    }

/* --- cross-validation --- */

/* Begin with HONE_VALIDATION_CONFIG_INIT. Kinds:
 *   stratified        k folds with the shares of the classes (plain ones for numbers)
 *   kfold             k folds
 *   group             k folds; no group of rows (hone_dataset_options.group) is in two
 *   stratified_group  the same, keeping the shares of the classes as well as groups allow
 *   leave_one_group, leave_one_out   each group, each row, is tested by itself
 *   shuffle, holdout  `folds` draws (one draw) of test_share of the rows, of each class
 *   last              the last test_share of the rows as they are
 *   time_series       rows are in the order of time: k blocks are tested after those before them
 *   predefined        the group column holds the fold in which a row is tested; -1: never
 */
typedef struct hone_validation_config {
    size_t struct_size; /* set by HONE_VALIDATION_CONFIG_INIT */
    const char *kind;   /* how rows are split; see below. NULL = "stratified" */
    size_t folds;       /* at least 2; 0 = 5 */
    size_t repeats;     /* of stratified and kfold, each time drawn anew; 0 = 1 */
    bool shuffle;       /* rows are drawn by seed; otherwise in order, as scikit-learn's (Stratified)KFold */
    double test_share;  /* of the rows that shuffle, holdout and last test, in (0, 1); 0 = 0.2 */
    uint64_t seed;      /* of the splits and the fits */
    const char
        *metrics; /* "accuracy, f1_macro"; NULL: accuracy, or r2 for regression. The first is the main one */
    hone_pipeline pipeline;
    bool train_scores;
    size_t memory_bytes; /* for what folds and settings share, fits that others follow from among it; 0 = 1
                            GiB. Matrices of folds take at most 32 MiB of it: larger ones are made anew */
    bool apart;          /* every setting is fitted by itself, so that times of fits can be compared */
    const hone_own_metric *own_metrics; /* (n_own_metrics,): metrics may name them; list and names are
                                           borrowed until the validation and its scores are freed */
    size_t n_own_metrics;
} hone_validation_config;

#define HONE_VALIDATION_CONFIG_INIT                                                                          \
    {                                                                                                        \
        .struct_size = sizeof(hone_validation_config), .pipeline = HONE_PIPELINE_INIT                        \
    }

typedef struct hone_validation hone_validation;

/* Prepares folds for scoring many settings of one model: folds, matrices
 * fitted fold by fold, and what the model can compute once for all settings. model is a name; config NULL
 * means defaults. dataset is copied by reference and may be destroyed before. Returned: free with
 * hone_validation_destroy. */
HONE_API hone_status hone_validation_create(const hone_dataset *dataset, const char *model,
                                            const hone_validation_config *config,
                                            hone_validation **validation, hone_error *err);
HONE_API void hone_validation_destroy(hone_validation *validation); /* accepts NULL */

/* Says which settings will be run, once each: of those that follow from one another (forests of fewer trees,
 * or of trees cut short; boosting of fewer stages) the first one run then fits the widest, and the others
 * take next to no time. Scores are those of separate fits. models: n texts as hone_validation_run takes them,
 * copied. A setting the model refuses is passed over. */
HONE_API hone_status hone_validation_expect(const hone_validation *validation, const char *const *models,
                                            size_t n, hone_error *err);
/* Scores one setting; model names the same model with its options. threads: folds run on that many (0 = 1).
 * cancel (may be NULL): set it non-zero from anywhere to stop with HONE_CANCELLED before the next fit.
 * Internally synchronised: several threads may run settings at once. Returned: free with hone_scores_free. */
HONE_API hone_status hone_validation_run(const hone_validation *validation, const char *model, int threads,
                                         const volatile int *cancel, hone_scores **scores, hone_error *err);

/* Create, run and destroy in one. */
HONE_API hone_status hone_cross_validate(const hone_dataset *dataset, const char *model,
                                         const hone_validation_config *config, int threads,
                                         hone_scores **scores, hone_error *err);

/* --- fitted models --- */

typedef struct hone_model hone_model;

/* Fits on all rows of the dataset, weighted if it has weights (HONE_UNSUPPORTED names the models that take
 * them; the pipeline before the model does not look at weights). pipeline NULL means defaults. threads:
 * forests grow their trees on that many (0 = 1), which does not change them, and the model predicts on as
 * many. Returned: free with hone_model_destroy. */
HONE_API hone_status hone_model_fit(const hone_dataset *dataset, const char *model,
                                    const hone_pipeline *pipeline, uint64_t seed, int threads,
                                    hone_model **fitted, hone_error *err);
HONE_API void hone_model_destroy(hone_model *model); /* accepts NULL */
/* Predictions of more than 4096 rows run on so many threads from now on (0 = 1), which does not change them.
 * A model that was loaded has 1. Not while others use the model. */
HONE_API void hone_model_set_threads(hone_model *model, int threads);
/* The model after more rows, of which the model given knows nothing: naive_bayes and knn become what a fit to
 * all rows at once would make, random_forest and extra_trees get trees grown on the new rows, in number as
 * the rows. What was fitted before the model (scaling, categories), the classes and the threshold stay. Read
 * the rows with hone_model_load_data. HONE_UNSUPPORTED for the other models; HONE_INVALID for a class the
 * model does not know. Returned: free with hone_model_destroy. */
HONE_API hone_status hone_model_partial_fit(const hone_model *model, const hone_dataset *dataset,
                                            uint64_t seed, hone_model **updated, hone_error *err);

/* out: (n_rows,), class index (by the threshold, if there is one), value or cluster. Columns are matched by
 * name when both files had a header, else by order; weights are not looked at. */
HONE_API hone_status hone_model_predict(const hone_model *model, const hone_dataset *dataset, double *out,
                                        hone_error *err);
/* out: (n_rows, n_classes), rows sum to 1. HONE_UNSUPPORTED for regression and models without
 * probabilities. */
HONE_API hone_status hone_model_predict_proba(const hone_model *model, const hone_dataset *dataset,
                                              double *out, hone_error *err);
/* How far each row is on a class's side: out (n_rows,) for two classes, above 0 for the second; for more
 * (n_rows, n_classes), the largest for the likeliest. svm and logistic have it, also without probabilities;
 * HONE_UNSUPPORTED for others and regression. */
HONE_API hone_status hone_model_decision(const hone_model *model, const hone_dataset *dataset, double *out,
                                         hone_error *err);
/* Scores on a dataset with a target, weighted if it has weights, as one fold. metrics as in
 * hone_validation_config; they may name own_metrics (n_own_metrics; NULL, 0: none), too, whose names are
 * borrowed until the scores are freed. Free with hone_scores_free. */
HONE_API hone_status hone_model_evaluate(const hone_model *model, const hone_dataset *dataset,
                                         const char *metrics, const hone_own_metric *own_metrics,
                                         size_t n_own_metrics, hone_scores **scores, hone_error *err);

/* out (n_classes, n_classes): how many rows (their weight, if the dataset has weights) of class i were
 * predicted as j. HONE_INVALID for regression. */
HONE_API hone_status hone_model_confusion(const hone_model *model, const hone_dataset *dataset, double *out,
                                          hone_error *err);

/* Reads a file as the model needs it: columns of the kinds it was fitted to; with_target: with a target of
 * its classes, for hone_model_evaluate, and with weights if the file has the column that weighed the fit;
 * otherwise without. options as in hone_dataset_load, may be NULL. */
HONE_API hone_status hone_model_load_data(const hone_model *model, const char *path,
                                          const hone_dataset_options *options, bool with_target,
                                          hone_dataset **dataset, hone_error *err);

/* Accuracy or R2 of the rows it was fitted to, each judged by the trees that did not see it; NaN unless the
 * setting asked for it (oob_score: true). Saved with the model. */
HONE_API double hone_model_oob_score(const hone_model *model);

/* The probability from which a row is said to be of the second of two classes; NaN when the pipeline had no
 * decision: the model's own labels. */
HONE_API double hone_model_threshold(const hone_model *model);
HONE_API const char *hone_model_name(const hone_model *model); /* static */
HONE_API hone_task hone_model_task(const hone_model *model);
/* "cluster" when it clusters. Borrowed until destroy. */
HONE_API const char *hone_model_target(const hone_model *model);
/* The name of a class; NULL past the end. Borrowed until destroy. */
HONE_API const char *hone_model_class(const hone_model *model, size_t i);
/* Architecture, pipeline and provenance as JSON. Returned: free with hone_free. */
HONE_API hone_status hone_model_describe(const hone_model *model, char **json, hone_error *err);

/* One file in the safetensors layout: the arrays as F64 tensors; the metadata holds "format", "architecture",
 * "pipeline" and "provenance" as JSON texts. provenance: a JSON mapping to add (study, score, ...), or NULL.
 * Written atomically: the old file or the new one, never half. */
HONE_API hone_status hone_model_save(const hone_model *model, const char *path, const char *provenance,
                                     hone_error *err);
/* The model as an ONNX file (operator set 13), which other programs run without hone. The graph takes what
 * the model was fitted to: numbers (rows, columns), doubles, NaN where one is missing, and each column of
 * categories by its name, strings, empty where one is missing; or arrays as they were read; of a text its
 * tokens. It gives label and probabilities (margins of an svm of more than two classes, or fitted without
 * probability), or prediction. Texts in it hold architecture, pipeline, provenance, classes and inputs (the
 * columns of each) as JSON. Written atomically. HONE_UNSUPPORTED for models that cannot; the message names
 * those that can. */
HONE_API hone_status hone_model_export_onnx(const hone_model *model, const char *path, hone_error *err);
/* HONE_PARSE when the file is no model, damaged or cut short; HONE_UNSUPPORTED for a newer format. Free with
 * hone_model_destroy. */
HONE_API hone_status hone_model_load(const char *path, hone_model **model, hone_error *err);

/* --- understanding a model --- */

/* Permutation importance. Everything it points to is freed with it. */
typedef struct hone_importance {
    const char *metric;
    double score; /* of the rows as they are */
    size_t n_rows, n_columns, n_repeats;
    const char *const *columns; /* (n_columns,) the raw columns of the model, in its order */
    const double *losses; /* (n_columns, n_repeats): what the score loses when the column is shuffled; of a
                             metric to minimise what it gains, so that what matters is positive */
    const double *mean, *deviation; /* (n_columns,) over the repeats; deviations divide by their number */
} hone_importance;

/* Shuffles one column of the dataset after the other and scores the model again (Breiman 2001; scikit-learn's
 * permutation_importance). metric NULL: the usual one of the task; it may be one of own_metrics
 * (n_own_metrics; NULL, 0: none), whose names are borrowed until the importance is freed; repeats 0 = 5; the
 * same for any number of threads (0 = 1). Errors: those of hone_model_evaluate; HONE_INVALID when the metric
 * is not defined on the rows. Returned: free with hone_importance_free, before the model. O(n_columns *
 * repeats) predictions. */
HONE_API hone_status hone_model_importance(const hone_model *model, const hone_dataset *dataset,
                                           const char *metric, const hone_own_metric *own_metrics,
                                           size_t n_own_metrics, size_t repeats, uint64_t seed, int threads,
                                           hone_importance **importance, hone_error *err);
HONE_API void hone_importance_free(hone_importance *importance); /* accepts NULL */

/* Begin with HONE_DEPENDENCE_CONFIG_INIT. */
typedef struct hone_dependence_config {
    size_t struct_size;     /* set by HONE_DEPENDENCE_CONFIG_INIT */
    const char *columns[2]; /* names; the second may be NULL */
    size_t grid;            /* values of a column of numbers; 0 = 20, of two columns 10 */
    size_t max_rows;        /* averaged over, drawn by seed; 0 = all */
    size_t individual;      /* rows whose own values are kept, drawn by seed */
    uint64_t seed;
    int threads; /* 0 = 1 */
} hone_dependence_config;

#define HONE_DEPENDENCE_CONFIG_INIT                                                                          \
    {                                                                                                        \
        .struct_size = sizeof(hone_dependence_config)                                                        \
    }

/* Partial dependence. Everything it points to is freed with it. */
typedef struct hone_dependence {
    size_t n_columns;                 /* 1 or 2 */
    const char *columns[2];           /* names */
    size_t n_values[2];               /* of each column: all there are when these are at most grid; otherwise
                                         quantiles from 5 % to 95 % */
    const double *values[2];          /* (n_values,) ascending; 0, 1, ... of a column of categories */
    const char *const *categories[2]; /* (n_values,) their names; NULL for numbers */
    size_t n_points;                  /* n_values[0], times n_values[1], which runs fastest */
    size_t n_outputs;                 /* classes, or 1 */
    bool shares;           /* the model has no probabilities: shares of rows taken for each class */
    size_t n_rows;         /* averaged over */
    const double *average; /* (n_points, n_outputs) */
    size_t n_individual;
    const size_t *individual_rows; /* (n_individual,) of the dataset, ascending */
    const double *individual; /* (n_individual, n_points, n_outputs): individual conditional expectation */
} hone_dependence;

/* How predictions depend on one or two columns: every row gets the same values there, predictions (of
 * classes: probabilities) are averaged (Friedman 2001; scikit-learn's partial_dependence by brute force). The
 * dataset needs no target; its weights are not looked at. HONE_NOT_FOUND for a column the model does not
 * know, naming the nearest. Returned: free with hone_dependence_free, before model and dataset. O(n_points)
 * predictions of the rows. */
HONE_API hone_status hone_model_dependence(const hone_model *model, const hone_dataset *dataset,
                                           const hone_dependence_config *config, hone_dependence **dependence,
                                           hone_error *err);
HONE_API void hone_dependence_free(hone_dependence *dependence); /* accepts NULL */

/* Train and test scores along a curve. Everything it points to is freed with it. */
typedef struct hone_curve {
    const char *metric;
    size_t n_points, n_folds;
    const size_t *rows;         /* (n_points,) of a learning curve, ascending, each once; NULL otherwise */
    const double *train, *test; /* (n_points, n_folds) */
    const double *train_mean, *train_deviation, *test_mean, *test_deviation; /* (n_points,) over the folds */
    const double *fit_seconds;                                               /* (n_points, n_folds) */
} hone_curve;

HONE_API void hone_curve_free(hone_curve *curve); /* accepts NULL */

/* Scores against numbers of training rows. sizes (n_sizes,): rows, or shares in (0, 1] of the smallest fold's
 * training rows; NULL: 0.1, 0.325, 0.55, 0.775, 1. The first so many of each fold's training rows train:
 * in_order as they stand (scikit-learn's learning_curve), otherwise as drawn by config's seed, each part with
 * the shares of the classes. config NULL means defaults; one metric. Errors: those of hone_validation_create
 * and fits, naming size and fold; HONE_INVALID for a size out of range and for rows of one class only. The
 * same for any number of threads (0 = 1). Returned: free with hone_curve_free. O(n_sizes * folds) fits. */
HONE_API hone_status hone_learning_curve(const hone_dataset *dataset, const char *model,
                                         const hone_validation_config *config, const double *sizes,
                                         size_t n_sizes, bool in_order, int threads, hone_curve **curve,
                                         hone_error *err);
/* Scores against the values (n_values,) of one option ("C", "preprocess.scale"), written as in a study file
 * ("0.1", "rbf"); model has the other options. All values are judged before the first fit. Otherwise as
 * hone_learning_curve; scikit-learn's validation_curve. */
HONE_API hone_status hone_validation_curve(const hone_dataset *dataset, const char *model,
                                           const hone_validation_config *config, const char *option,
                                           const char *const *values, size_t n_values, int threads,
                                           hone_curve **curve, hone_error *err);

#ifdef __cplusplus
}
#endif
#endif
