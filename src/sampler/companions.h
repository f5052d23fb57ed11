/* sampler/companions.h: define-by-run: which parameters an objective asks for together. */
#ifndef HN_SAMPLER_COMPANIONS_H
#define HN_SAMPLER_COMPANIONS_H

#include "sampler/sampler.h"

/* The space of the parameters that occur in the same trials as one, itself among them, by name, as far as the
 * n trials given and the 100 newest ranked ones tell; of itself alone when `alone` is set or no trial has it.
 * With it those that are active in `partial`, a point of ask->space or NULL.
 * Those that the trial has not reached yet have the distribution they had last. In ask->scratch.
 * O(parameters) a trial. */
hone_status hn_companion_space(const hn_ask *ask, const hn_parameter *parameter, bool alone,
                               const hn_point *partial, const int64_t *trials, size_t n, hn_space **space,
                               hone_error *err);

#endif
