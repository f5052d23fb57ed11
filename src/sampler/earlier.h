/* sampler/earlier.h: what trials of earlier studies tell a new one: points to begin with. Values do not carry
 * over from study to study, and where the good points lie does so in part; so the best trials are tried again
 * first, those far from each other before those alike, and whatever model the sampler has learns from how
 * they turn out here. What else was tried is in sampler/README.md. Immutable once made. */
#ifndef HN_SAMPLER_EARLIER_H
#define HN_SAMPLER_EARLIER_H

#include "history/history.h"
#include "space/space.h"

enum { HN_EARLIER_MAX_STARTS = 32 }; /* of a study */

/* Of one study. Raw values of this study's space; NaN: the trial lacks the parameter, or had a value that is
 * none of its values any more. */
typedef struct hn_earlier_study {
    size_t n;
    double *values; /* (n, parameters) in the order in which they are to be tried, the best trial first */
} hn_earlier_study;

typedef struct hn_earlier {
    size_t n_studies;
    hn_earlier_study *studies; /* those with a trial that fits the space */
} hn_earlier;

/* Adds the study of a history of one objective; earlier begins zeroed. A trial that shares no parameter with
 * the space is left out. Everything lives in arena. *taken (may be NULL): how many trials were looked at.
 * O(trials + good^2 starts parameters), good = 0.3 trials, at most 256. */
hone_status hn_earlier_add(hn_earlier *earlier, const hn_space *space, const hn_history *history,
                           hn_arena *arena, size_t *taken, hone_error *err);

/* The k-th point to begin with, the studies taking turns: its known values are marked active. False: there is
 * none. */
bool hn_earlier_start(const hn_earlier *earlier, const hn_space *space, size_t k, hn_point *known);

/* Trials of a start-up: half as long a start is enough for who knows earlier studies. */
static inline int64_t hn_startup_length(int64_t n_startup, const hn_earlier *earlier)
{
    return earlier == NULL ? n_startup : (n_startup + 1) / 2;
}

#endif
