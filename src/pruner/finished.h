/* pruner/finished.h: going through the finished trials in the order in which they ended, a judgement at a
 * time, so that each is looked at once. */
#ifndef HN_PRUNER_FINISHED_H
#define HN_PRUNER_FINISHED_H

#include "history/history.h"

typedef struct hn_finished {
    const hn_history *history;
    size_t next;  /* place in the list */
    int64_t last; /* the trial before it */
} hn_finished;

/* Is what was learned from the trials so far void? It is when this is another history, or when a trial came
 * in from another process that ended before the last one looked at: then all of them come again. O(1). */
bool hn_finished_restarts(hn_finished *at, const hn_history *history);
/* The next one; false when there is none yet. */
bool hn_finished_next(hn_finished *at, int64_t *number);
/* Is it complete, with reports? Then *last_step is the length of a whole trial. */
bool hn_finished_whole(const hn_history *history, int64_t number, int64_t *last_step);

#endif
