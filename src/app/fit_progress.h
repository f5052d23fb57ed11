/* app/fit_progress.h: how far a fit is, from the worker that makes it to the terminal. */
#ifndef HN_APP_FIT_PROGRESS_H
#define HN_APP_FIT_PROGRESS_H

#include "model/model.h"
#include "run/worker_loop.h"
#include "view/progress.h"

/* Sends the step, unless one was sent just now. fold: 1 .. folds; score: by metric, NaN: none. */
void hn_fit_progress_send(hn_worker_channel *channel, const hn_fit_step *step, size_t fold, size_t folds,
                          const char *metric, double score);
/* What was sent, of a trial (-1: the fit at the end), shown. facts: anything. */
void hn_fit_progress_show(hn_progress *progress, int64_t trial, const hn_node *facts);

#endif
