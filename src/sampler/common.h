/* sampler/common.h: define-by-run, the space of the parameters that every ranked trial has. A cache. */
#ifndef HN_SAMPLER_COMMON_H
#define HN_SAMPLER_COMMON_H

#include "sampler/feed.h"
#include "sampler/sampler.h"

typedef struct hn_common {
    hn_feed feed;
    bool any;        /* was there a ranked trial? */
    size_t *columns; /* (n,) of the history that all of them have */
    size_t n;
} hn_common;

void hn_common_release(hn_common *common);
/* The space, without conditions, in ask->scratch; empty while no trial is ranked. Parameters by name, with
 * the distribution that this trial has (ask->space) or, of those it has not reached yet, that they had last.
 * Amortised O(columns) a trial. */
hone_status hn_common_space(hn_common *common, const hn_ask *ask, hn_space **space, hone_error *err);

/* A point of whole->space. */
typedef hone_status (*hn_common_proposal)(void *state, const hn_ask *whole, hn_point *point, hone_error *err);

/* A sampler's propose_one: the value in a point over the common space, drawn at random for a parameter that
 * is not in it. */
hone_status hn_common_propose_one(hn_common *common, const hn_ask *ask, size_t parameter,
                                  hn_common_proposal proposal, void *state, double *value, hone_error *err);

#endif
