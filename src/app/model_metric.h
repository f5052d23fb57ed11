/* app/model_metric.h: the user's metrics (app/metric_command.h) as metrics of select/: the predictions of a
 * fold become a table, its program's answer the score.
 */
#ifndef HN_APP_MODEL_METRIC_H
#define HN_APP_MODEL_METRIC_H

#include "app/metric_command.h"
#include "select/metric.h"

/* commands and classes (n_classes,) are borrowed as long as own is used, which lives in the arena.
 * HONE_INVALID for names and probabilities that cannot be (hn_own_metrics_check). */
hone_status hn_model_metrics_make(hn_arena *arena, const hn_metric_commands *commands, hn_model_task task,
                                  const char *const *classes, size_t n_classes, hn_own_metrics *own,
                                  hone_error *err);

#endif
