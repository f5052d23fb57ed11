/* history/estimate.h: what is thought of trials before they are finished: a scheduler's model says it,
 * samplers learn from it. */
#ifndef HN_HISTORY_ESTIMATE_H
#define HN_HISTORY_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

typedef struct hn_estimate {
    int64_t number;   /* of the trial, in whatever state */
    double loss;      /* expected at full length; finite, smaller is better (-value when maximising) */
    double deviation; /* standard deviation of that; finite, >= 0 */
} hn_estimate;

/* A rung of a scheduler's ladder. */
typedef struct hn_estimate_rung {
    const hn_estimate *items; /* (n,) of the trials that came there: what they reported; ascending number */
    size_t n;
    size_t kept; /* so many of the best are good enough for the next one */
} hn_estimate_rung;

typedef struct hn_estimates {
    const hn_estimate *items; /* (n,), ascending number */
    size_t n;
    hn_estimate_rung *rungs; /* (n_rungs,) what they were made of, the lowest first; NULL: of no rungs */
    size_t n_rungs;
    size_t first; /* the rung on which the trial that is asked for begins */
} hn_estimates;

/* That of a trial; NULL when there is none, also where estimates is NULL. O(log n). */
const hn_estimate *hn_estimate_find(const hn_estimates *estimates, int64_t number);
/* Leaves only the trials below a number. */
void hn_estimates_limit(hn_estimates *estimates, int64_t before);

#endif
