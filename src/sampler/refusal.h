/* sampler/refusal.h: replacing a proposed point that is forbidden or, in a finite space, known already. */
#ifndef HN_SAMPLER_REFUSAL_H
#define HN_SAMPLER_REFUSAL_H

#include "sampler/sampler.h"
#include "sampler/seen.h"

typedef struct hn_refusal {
    const hn_ask *ask;     /* for this one point; fixed values included */
    hn_seen *seen;         /* NULL: repeats are fine */
    const hn_point *batch; /* points proposed together with this one, and not to be repeated either */
    size_t n_batch;
    /* Another settled proposal under another seed; *given false: there is none. */
    hone_status (*propose)(void *user, uint64_t seed, hn_point *point, bool *given, hone_error *err);
    void *user;
} hn_refusal;

bool hn_refusal_applies(const hn_refusal *refusal, const hn_point *point);
/* Asks the sampler some times more, then draws at random, then looks through a finite space. A known point is
 * kept when no new one was found; HONE_CONFLICT naming the condition when no allowed one was. */
hone_status hn_refusal_replace(const hn_refusal *refusal, hn_point *point, hone_error *err);

#endif
