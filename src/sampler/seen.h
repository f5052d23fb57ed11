/* sampler/seen.h: the points of a space that a history's trials have, as a hash set that follows the
 * history: O(1) a look-up, O(parameters) for each new trial. A cache: it can be dropped at any time. */
#ifndef HN_SAMPLER_SEEN_H
#define HN_SAMPLER_SEEN_H

#include "history/history.h"
#include "space/space.h"

typedef struct hn_seen {
    const hn_space *space; /* what the rest was made for */
    const hn_history *history;
    size_t *columns; /* (parameters,) of the history, SIZE_MAX = not there yet */
    hn_point point;  /* scratch */
    int64_t rows;    /* looked at so far */
    int64_t *open;   /* rows among them that may still become points, ascending */
    size_t n_open, open_capacity;
    int64_t *slots; /* row + 1, the first that has its point; 0 = empty; a power of two of them, at most half
                       full */
    size_t n_slots, count;
    bool full; /* for the user of the set: no point is left that is not in it */
} hn_seen;

#define HN_SEEN_NONE INT64_MAX

void hn_seen_release(hn_seen *seen);
/* Takes in what is new in the history. */
hone_status hn_seen_update(hn_seen *seen, const hn_space *space, const hn_history *history, hone_error *err);
/* The first trial that has this settled point, or HN_SEEN_NONE. */
int64_t hn_seen_first(const hn_seen *seen, const hn_point *point);
/* Same active parameters with the same values. */
bool hn_point_equal(const hn_space *space, const hn_point *a, const hn_point *b);

#endif
