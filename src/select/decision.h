/* select/decision.h: the probability from which a row is said to be of the second of two classes, where
 * labels by the larger probability are not what is wanted: classes of unlike size or cost. The threshold is
 * chosen on probabilities of rows that their model did not learn from.
 */
#ifndef HN_SELECT_DECISION_H
#define HN_SELECT_DECISION_H

#include "base/node.h"
#include "model/model.h"
#include "select/metric.h"
#include "select/splits.h"

typedef struct hn_decision {
    bool given;
    const hn_metric *metric;               /* its best value decides; NULL: the least mean cost */
    double false_positive, false_negative; /* what a row taken for the other class costs */
    hn_split_kind split;                   /* of the rows that a fit learns from */
    size_t folds;                          /* 0 = 5 */
} hn_decision;

typedef struct hn_threshold {
    double at;    /* the second class from this probability on; NaN: labels are the model's own */
    double value; /* of the metric there, or the mean cost */
    double usual; /* the same at 0.5 */
} hn_threshold;

/* A map {metric: f1} or {false_positive: 1, false_negative: 5}, and folds; NULL gives none. HONE_INVALID:
 * other keys, both or neither of metric and costs, a metric of probabilities or numbers, negative costs or
 * none above 0; a task other than two classes; a type without probabilities. split_of: how the folds of the
 * trials are made; those within a fit do not tear apart what they keep together. */
hone_status hn_decision_read(const hn_node *node, const hn_dataset *dataset, const hn_model_type *type,
                             hn_split_kind split_of, hn_decision *decision, hone_error *err);

/* "f1" or "cost". */
const char *hn_decision_name(const hn_decision *decision);

/* The best threshold of all there are: truth (n,) 0 or 1, positive (n,) the second class's probability,
 * weight (n,) or NULL. Of equally good ones the one closest to 0.5; it lies in the middle between two
 * probabilities that occur. O(n log n). */
hone_status hn_decision_best(const hn_decision *decision, const double *truth, const double *positive,
                             const double *weight, size_t n, hn_threshold *best, hone_error *err);

/* predicted (n,) from proba (n, 2). */
void hn_decision_apply(double threshold, const double *proba, size_t n, double *predicted);

#endif
