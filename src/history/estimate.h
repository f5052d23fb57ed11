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

typedef struct hn_estimates {
    const hn_estimate *items; /* (n,), ascending number */
    size_t n;
} hn_estimates;

/* That of a trial; NULL when there is none, also where estimates is NULL. O(log n). */
const hn_estimate *hn_estimate_find(const hn_estimates *estimates, int64_t number);

#endif
