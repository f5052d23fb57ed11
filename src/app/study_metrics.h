/* app/study_metrics.h: metrics that a study file defines by programs, for a saved model. One thread at a
 * time.
 */
#ifndef HN_APP_STUDY_METRICS_H
#define HN_APP_STUDY_METRICS_H

#include "app/model_metric.h"
#include "app/plan.h"
#include "select/estimator.h"

typedef struct hn_study_metrics {
    hone_plan *plan; /* owns the definitions' texts */
    hn_arena arena;
    hn_metric_commands commands;
    hn_own_metrics made;
} hn_study_metrics;

/* own begins zeroed; close it in any case, before the estimator. file NULL: there are none. */
hone_status hn_study_metrics_open(const char *file, const hn_estimator *estimator, hn_study_metrics *own,
                                  hone_error *err);
void hn_study_metrics_close(hn_study_metrics *own);

#endif
