/* sampler/cma_space.h: a space as a CMA-ES sees it: numbers and ordinals of three or more values are
 * coordinates on the unit interval of their scale (continuous ones, and discrete ones whose cells are rounded
 * to values), choices and what has two values are categories, constants are left out. Conditions are ignored:
 * every point has all of them. */
#ifndef HN_SAMPLER_CMA_SPACE_H
#define HN_SAMPLER_CMA_SPACE_H

#include "sampler/sampler.h"

typedef struct hn_cma_axis {
    size_t parameter; /* its index in the space */
    hn_distribution distribution;
    bool discrete;
    double start, deviation; /* of the first distribution */
} hn_cma_axis;

typedef struct hn_cma_category {
    size_t parameter;
    hn_distribution distribution; /* its k-th value (hn_distribution_nth) is choice k */
    size_t size;
} hn_cma_category;

typedef struct hn_cma_space {
    size_t n, n_categories;
    hn_cma_axis *axes;           /* (n,) */
    hn_cma_category *categories; /* (n_categories,) */
    size_t n_discrete;
    size_t count;             /* parameters of the space it was made of */
    hn_parameter *parameters; /* (count,) copies, by which another space is compared */
} hn_cma_space;

/* A start is the given value of a parameter (start.active), else the mean of its prior, else the middle; a
 * deviation sigma, or the width of the prior when that is smaller. start: a point of the space, values may
 * lie outside. Copied into arena. */
hone_status hn_cma_space_make(hn_arena *arena, const hn_space *space, const hn_point *start, double sigma,
                              hn_cma_space *out, hone_error *err);
/* Have all parameters the same names, values and priors as those that it was made of? O(parameters). */
bool hn_cma_space_is_of(const hn_cma_space *known, const hn_space *space);

/* The cell of a discrete axis that holds the place, and where it ends; -inf and inf at the ends of the range.
 */
void hn_cma_cell(const hn_cma_axis *axis, double place, double *low, double *high);
/* Place of a raw value, and the choice that it is. */
double hn_cma_place(const hn_cma_axis *axis, double value);
size_t hn_cma_category_of(const hn_cma_category *category, double value);

#endif
