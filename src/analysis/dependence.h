/* analysis/dependence.h: partial dependence of an objective on one or two parameters (Friedman 2001): what a
 * forest expects there, averaged over the whole range of all other parameters, exactly
 * (analysis/partition.h). Its band is the deviation between the trees, which is large where few trials are
 * (as Hutter, Hoos & Leyton-Brown 2014 draw marginals).
 *
 * Conditional parameters: only over trials that have them; averaged over what all of these trials have.
 */
#ifndef HN_ANALYSIS_DEPENDENCE_H
#define HN_ANALYSIS_DEPENDENCE_H

#include "analysis/observations.h"
#include "base/thread_pool.h"

enum { HN_DEPENDENCE_AXES = 2 };

typedef struct hn_param_dependence_plan {
    size_t objective;
    const char *names[HN_DEPENDENCE_AXES];
    size_t n_axes;        /* 1 or 2, of different names */
    size_t grid;          /* values of a parameter that has more of them; at least 2 */
    size_t n_trees;       /* of the forest */
    uint64_t seed;        /* of the forest, and of the trials it is grown on */
    size_t max_trials;    /* that it is grown on */
    hn_thread_pool *pool; /* NULL: one thread */
} hn_param_dependence_plan;

typedef struct hn_param_dependence_axis {
    const hn_distribution *distribution; /* the history's */
    size_t n;
    double *values; /* (n,) raw, ascending; categories as declared */
    double *unit;   /* (n,) their coordinates */
} hn_param_dependence_axis;

typedef struct hn_param_dependence {
    size_t n_trials; /* that the forest was grown on */
    size_t n_having; /* complete trials that have the parameters */
    hn_param_dependence_axis axes[HN_DEPENDENCE_AXES];
    double *mean, *deviation; /* (axes[0].n,) or (axes[0].n, axes[1].n), of the loss */
} hn_param_dependence;

/* Everything lives in the arena but distributions. Errors as of hn_observe_with. The same for any number of
 * threads. O(trees (trials d log trials + leaves + cells)). */
hone_status hn_param_dependence_find(const hn_history *history, const hn_param_dependence_plan *plan,
                                     hn_arena *arena, hn_param_dependence *dependence, hone_error *err);

#endif
