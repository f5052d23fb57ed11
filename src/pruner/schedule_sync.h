/* pruner/schedule_sync.h: brackets one after another, rung by rung: when all candidates of a bracket have
 * come to a rung the best 1/factor go on to the next one and the others end PRUNED; those of the last rung
 * run to their end. Then the next bracket begins; after the last the first again.
 *
 * Everything follows from the history and from which trials are paused: trials in the order of their numbers
 * fill the brackets, and where a candidate stands is what it has reported. A candidate that failed or ended
 * by itself keeps its place, and is not promoted. A trial that was paused before its rung (its worker died)
 * is resumed first. O(trials + trials of the bracket * rungs) a decision.
 */
#ifndef HN_PRUNER_SCHEDULE_SYNC_H
#define HN_PRUNER_SCHEDULE_SYNC_H

#include "pruner/schedule.h"

typedef struct hn_sync_candidate {
    int64_t number;
    bool paused, there; /* at the rung looked at */
    double loss;        /* at the rung; infinite = none, or NaN */
} hn_sync_candidate;

typedef struct hn_sync {
    hn_sync_candidate *candidates; /* (capacity,): those of the bracket that have not ended */
    size_t capacity;
} hn_sync;

void hn_sync_release(hn_sync *sync);
hone_status hn_sync_next(hn_sync *sync, const hn_schedule *schedule, const hn_prune_context *context,
                         hn_next *next, hone_error *err);
hn_verdict hn_sync_judge(const hn_schedule *schedule, const hn_prune_context *context, int64_t number,
                         int64_t step);

#endif
