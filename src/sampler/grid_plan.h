/* sampler/grid_plan.h: the points of an exhaustive search in the order in which they are proposed. What is
 * left follows from the points in the history alone, of trials in any state: a killed process resumes
 * where it was, processes share a plan, and a failed point is not repeated. A cache, rebuilt when the
 * space, the seed or the fixed values change. */
#ifndef HN_SAMPLER_GRID_PLAN_H
#define HN_SAMPLER_GRID_PLAN_H

#include "sampler/lattice.h"
#include "sampler/sampler.h"
#include "sampler/seen.h"

typedef struct hn_grid_plan {
    const hn_node
        *grids;   /* set by the owner: a map name -> values, a list of such maps, or NULL = every value */
    bool shuffle; /* set by the owner: a random order by the seed, else ParameterGrid's, grid after grid */
    hn_seen seen;
    hn_arena arena; /* of all that follows */
    const hn_space *space;
    uint64_t seed;
    hn_point fixed;       /* fixed.active NULL: none */
    hn_lattice *lattices; /* one for each grid of the list */
    size_t n_lattices;
    size_t *order; /* (n_points,) indices counted on through the lattices, in the order to be proposed */
    size_t n_points;
    size_t cursor; /* all before it were taken when trial `cursor_number` was asked */
    int64_t cursor_number;
} hn_grid_plan;

void hn_grid_plan_release(hn_grid_plan *plan);
/* O(points) when something has changed, else O(1). Settled, distinct, allowed points that agree with fixed
 * (may be NULL). Errors: a continuous parameter without a list, a value that the space does not have,
 * HONE_LIMIT. */
hone_status hn_grid_plan_make(hn_grid_plan *plan, const hn_space *space, uint64_t seed, const hn_point *fixed,
                              hone_error *err);
/* The next points that no trial before ask->number has, fewer than n when that was all. Amortised
 * O(parameters) a point. */
hone_status hn_grid_plan_propose(hn_grid_plan *plan, const hn_ask *ask, size_t n, hn_point *points,
                                 size_t *count, hone_error *err);

#endif
