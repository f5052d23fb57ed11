/* select/metric.h: scores of predictions: a table of names, directions and functions. Definitions and edge
 * cases are scikit-learn's (sklearn.metrics). Thread-safe. To add one: write its function in metric.c and its
 * line in the table.
 */
#ifndef HN_SELECT_METRIC_H
#define HN_SELECT_METRIC_H

#include <stdbool.h>

#include "data/dataset.h"

typedef struct hn_metric_input {
    const double *truth;     /* (n,): class index or value */
    const double *predicted; /* (n,) */
    const double *proba;     /* (n, n_classes); NULL unless the metric needs it */
    size_t n, n_classes;
} hn_metric_input;

typedef struct hn_metric {
    const char *name;
    const char *help;
    unsigned tasks; /* bits of hn_model_task */
    bool maximize;
    bool needs_proba;
    hone_status (*score)(const hn_metric_input *input, double *value, hone_error *err);
} hn_metric;

const hn_metric *hn_metric_at(size_t i); /* NULL past the end */
/* "accuracy" for classification, "r2" for regression. */
const hn_metric *hn_metric_default(hn_model_task task);
/* The metric of that name for the task: HONE_NOT_FOUND lists the names there are for it; HONE_INVALID when it
 * is for the other task, or binary while there are more than two classes. */
hone_status hn_metric_require(const char *name, hn_model_task task, size_t n_classes,
                              const hn_metric **metric, hone_error *err);

enum { HN_MAX_METRICS = 16 };
/* names: comma-separated; NULL or "" gives the default. metrics has room for HN_MAX_METRICS. */
hone_status hn_metric_list(const char *names, hn_model_task task, size_t n_classes, const hn_metric **metrics,
                           size_t *n, hone_error *err);

#endif
