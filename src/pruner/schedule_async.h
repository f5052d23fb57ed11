/* pruner/schedule_async.h: asynchronous successive halving by promotion (Li et al. 2018, "A System for
 * Massively Parallel Hyperparameter Tuning"): a free worker goes on with the best paused trial that is among
 * the best 1/factor of its rung and bracket, the highest rung first; when there is none it starts a new trial
 * on the lowest rung of its bracket. Nobody waits while new trials may begin.
 *
 * When none may, those that run are waited for; if nothing came to its end by then the best trial of the
 * highest rung goes on; what is left is dropped.
 */
#ifndef HN_PRUNER_SCHEDULE_ASYNC_H
#define HN_PRUNER_SCHEDULE_ASYNC_H

#include "pruner/rung_table.h"

hone_status hn_async_next(hn_rung_table *table, const hn_schedule *schedule, const hn_prune_context *context,
                          hn_next *next, hone_error *err);
hn_verdict hn_async_judge(const hn_schedule *schedule, const hn_prune_context *context, int64_t number,
                          int64_t step);

#endif
