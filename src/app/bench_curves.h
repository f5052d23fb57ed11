/* app/bench_curves.h: searches of learning curves, of which the budget is counted in epochs. */
#ifndef HN_APP_BENCH_CURVES_H
#define HN_APP_BENCH_CURVES_H

#include "app/bench_study.h"

/* Replays plan->running + 1 workers for plan->trials full runs' worth of epochs: each takes a trial, new or
 * paused, runs it an epoch at a time until the pruner says otherwise, and takes the next. An epoch takes the
 * same time everywhere. values (trials,): the lowest loss reported in each full run's worth, NaN without one.
 * ask_seconds
 * (trials,): what the pruner and the sampler took for the first asks, NaN where there were fewer. */
hone_status hn_bench_run_epochs(hn_bench_study *study, double *values, double *ask_seconds);

#endif
