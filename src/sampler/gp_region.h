/* sampler/gp_region.h: the part of the space that is searched: all of it, or a trust region around the best
 * trial (Eriksson et al. 2019, TuRBO), whose length doubles after successes and halves after failures, in the
 * order in which the trials became known. */
#ifndef HN_SAMPLER_GP_REGION_H
#define HN_SAMPLER_GP_REGION_H

#include "sampler/gp_study.h"

typedef struct hn_gp_region {
    double *low, *high;   /* (d,) of numbers */
    const double *centre; /* (d,) coordinates, or NULL: the whole space */
    double share;         /* of the coordinates in which a candidate differs from the centre */
} hn_gp_region;

hone_status hn_gp_region_make(hn_arena *arena, const hn_gp_study *study, hn_gp_region *region,
                              hone_error *err);

#endif
