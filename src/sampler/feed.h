/* sampler/feed.h: the finished trials of a view one after the other, for samplers that learn from each once.
 * The order is that in which they finished, and of their numbers where the view has an end, because then it
 * must not depend on who finished first. A cache: what a reader has made of the trials that went before is
 * worth keeping as long as hn_feed_continues says so. */
#ifndef HN_SAMPLER_FEED_H
#define HN_SAMPLER_FEED_H

#include "base/error.h"
#include "history/history.h"

typedef struct hn_feed {
    const hn_history *history;
    bool limited;    /* by numbers */
    size_t n_passed; /* places of the order that were passed */
    int64_t last;    /* the trial given last, -1: none */
    double last_loss;
    int64_t *open; /* limited: the numbers passed that were not finished */
    size_t n_open, open_capacity;
} hn_feed;

/* Are the trials given so far still the first ones of this view? Otherwise the reader forgets what it made of
 * them, and calls hn_feed_restart. O(open). */
bool hn_feed_continues(const hn_feed *feed, hn_view view);
void hn_feed_restart(hn_feed *feed, hn_view view);
/* The next finished trial; -1 when there is none now. Amortised O(1). */
hone_status hn_feed_next(hn_feed *feed, hn_view view, int64_t *number, hone_error *err);
void hn_feed_release(hn_feed *feed);

#endif
