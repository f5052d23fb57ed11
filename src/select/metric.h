/* select/metric.h: scores of predictions: a table of names, directions and functions. Definitions and edge
 * cases are scikit-learn's (sklearn.metrics, zero_division=0). Thread-safe. To add one: write its function in
 * metric_class.c, metric_proba.c, metric_value.c or metric_cluster.c and its line in metric.c.
 */
#ifndef HN_SELECT_METRIC_H
#define HN_SELECT_METRIC_H

#include <stdbool.h>

#include "data/dataset.h"

typedef struct hn_metric_input {
    const double *truth;     /* (n,): class index or value */
    const double *predicted; /* (n,) */
    const double *proba;     /* (n, n_classes); NULL unless the metric needs it */
    const double *decision;  /* (n,) of two classes, larger for the second: rankings prefer it; NULL: none */
    size_t n, n_classes;     /* n >= 1 */
    const double *weight;    /* (n,), none negative, not all zero; NULL: all 1 */

    /* Of clustering, where truth is NULL and predicted holds clusters. */
    const double *x; /* (n, d): the rows as the model saw them */
    size_t d;
    const double *distance; /* (n,): squared, to the centre of the cluster */
} hn_metric_input;

static inline double hn_metric_weight(const hn_metric_input *input, size_t i)
{
    return input->weight ? input->weight[i] : 1;
}

typedef struct hn_metric {
    const char *name;
    const char *help;
    unsigned tasks; /* bits of hn_model_task */
    bool maximize;
    bool needs_proba;
    bool binary; /* for two classes only: the second is the one looked for */
    /* *value is NaN where the score is not defined: a ranking of rows of one class, r2 of one row. Called
     * through hn_metric_score. */
    hone_status (*score)(const hn_metric_input *input, double *value, hone_error *err);
} hn_metric;

/* Does the metric ask only how rows are ranked, so that a decision does in place of probabilities? */
bool hn_metric_ranks(const hn_metric *metric);

/* What the rows scored must have for the metric to be defined: "two classes". By its tasks. */
const char *hn_metric_needs(const hn_metric *metric);

/* A metric from elsewhere: its score is NULL, this is called instead. */
typedef struct hn_own_metric {
    hn_metric metric; /* first: a metric without score is one of these */
    hone_status (*call)(void *user, const hn_metric_input *input, double *value, hone_error *err);
    void *user;
} hn_own_metric;

/* Metrics beside those of the table; their names are borrowed. */
typedef struct hn_own_metrics {
    const hn_own_metric *list;
    size_t n;
} hn_own_metrics;

enum { HN_METRIC_NAME_SIZE = 64 };

/* HONE_INVALID: names that are none (letters, digits and _), are in the table already or twice; probabilities
 * for numbers. */
hone_status hn_own_metrics_check(const hn_own_metrics *own, hn_model_task task, hone_error *err);

hone_status hn_metric_score(const hn_metric *metric, const hn_metric_input *input, double *value,
                            hone_error *err);

const hn_metric *hn_metric_at(size_t i); /* NULL past the end */
/* "accuracy" for classification, "r2" for regression, "silhouette" for clustering. */
const hn_metric *hn_metric_default(hn_model_task task);
/* The metric of that name for the task: HONE_NOT_FOUND lists the names there are for it; HONE_INVALID when it
 * is for the other task, or for two classes while there are more. */
hone_status hn_metric_require(const char *name, hn_model_task task, size_t n_classes,
                              const hn_metric **metric, hone_error *err);

enum { HN_MAX_METRICS = 32 };
/* names: comma-separated; NULL or "" gives the default. own: those they may name beside the table's, NULL:
 * none. metrics has room for HN_MAX_METRICS. */
hone_status hn_metric_list(const char *names, const hn_own_metrics *own, hn_model_task task, size_t n_classes,
                           const hn_metric **metrics, size_t *n, hone_error *err);

/* Weights of the rows of class i predicted as j, row-major: out (n_classes, n_classes). */
void hn_confusion(const hn_metric_input *input, double *out);

#endif
