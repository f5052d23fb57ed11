/* app/model_worker.h: the worker process of a built-in model: attaches the shared data once, then
 * cross-validates the settings of one trial after another. Answers the metrics "accuracy" (the mean over
 * folds), "accuracy_std" for each metric, fit_seconds and score_seconds.
 */
#ifndef HN_APP_MODEL_WORKER_H
#define HN_APP_MODEL_WORKER_H

#include "base/error.h"

enum { HN_WORKER_DATA_FD = 3 };

/* Trials come on standard input, answers go to standard output, until input ends. */
hone_status hn_model_worker(hone_error *err);

#endif
