/* sampler/gp_portfolio.h: the next point by the acquisition that is configured: one criterion's maximum, a
 * draw from the posterior, or a choice among what several criteria want. */
#ifndef HN_SAMPLER_GP_PORTFOLIO_H
#define HN_SAMPLER_GP_PORTFOLIO_H

#include "sampler/gp_maximise.h"

/* point: settled. */
hone_status hn_gp_choose_point(hn_gp_search *search, hn_point *point, hone_error *err);

#endif
