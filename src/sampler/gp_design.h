/* sampler/gp_design.h: the trials before the first model: points the user gives, the middle of the space,
 * then points that fill it. Each follows from its number alone. */
#ifndef HN_SAMPLER_GP_DESIGN_H
#define HN_SAMPLER_GP_DESIGN_H

#include "sampler/gp.h"

/* How many points the user gives. */
size_t hn_gp_design_given(const hn_gp_config *config);
/* Are they a list of maps from names to values of this space? */
hone_status hn_gp_design_check(const hn_gp_config *config, const hn_space *space, hone_error *err);
/* Is the trial asked for still one of the design? */
bool hn_gp_design_lasts(const hn_gp_config *config, const hn_ask *ask);
/* point: settled, with the values that the ask fixes. */
hone_status hn_gp_design_point(const hn_gp_config *config, const hn_ask *ask, int64_t number, hn_point *point,
                               hone_error *err);

/* The value of one parameter by itself, define-by-run: without points that are given or earlier studies. */
double hn_gp_design_value(const hn_gp_config *config, const hn_ask *ask, const hn_parameter *parameter,
                          int64_t number);

#endif
