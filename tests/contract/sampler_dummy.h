/* Sampler plug-ins that are not in the registry: what one may look like. */
#ifndef HN_TEST_SAMPLER_DUMMY_H
#define HN_TEST_SAMPLER_DUMMY_H

#include "sampler/sampler.h"

/* Whole points, one parameter at a time, and batches that keep apart after a random start. */
extern const hn_sampler_type sampler_dummy_whole, sampler_dummy_single, sampler_dummy_spread;

#endif
