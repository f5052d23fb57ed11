/* sampler/draw.h: independent random draws, one stream for each (seed, parameter's name, trial number):
 * adding a parameter does not change the draws of the others, and define-by-run draws what a declared
 * space draws. */
#ifndef HN_SAMPLER_DRAW_H
#define HN_SAMPLER_DRAW_H

#include "math/random.h"
#include "space/space.h"

/* The stream of a name in a trial. */
hn_random hn_draw_stream(uint64_t seed, const char *name, int64_t number, hn_purpose purpose);
/* A raw value from the parameter's prior. */
double hn_draw_value(const hn_parameter *parameter, uint64_t seed, int64_t number, hn_purpose purpose);
/* A settled point; the values that `fixed` (may be NULL) marks active are kept. O(parameters). */
void hn_draw_point(const hn_space *space, const hn_point *fixed, uint64_t seed, int64_t number,
                   hn_purpose purpose, hn_point *point);

#endif
