/* analysis/ablation.h: the path from one setting to another, parameter by parameter, always the one next
 * whose change a forest expects to gain most (Fawcett & Hoos 2016; with a model in place of runs: Biedenkapp
 * et al. 2017).
 *
 * Conditional parameters come and go with those that they depend on: by the conditions of the declared space;
 * without one, with the first parameter whose value tells in all trials whether they are there. A change may
 * so be of several parameters.
 */
#ifndef HN_ANALYSIS_ABLATION_H
#define HN_ANALYSIS_ABLATION_H

#include "analysis/observations.h"
#include "base/thread_pool.h"
#include "space/space.h"

typedef struct hn_ablation_plan {
    size_t objective;
    int64_t from, to;      /* numbers of trials, of any state */
    const hn_space *space; /* as declared; NULL: not */
    size_t n_trees;        /* of the forest */
    uint64_t seed;         /* of the forest, and of the trials it is grown on */
    size_t max_trials;     /* that it is grown on */
    hn_thread_pool *pool;  /* NULL: one thread */
} hn_ablation_plan;

/* What happens to a parameter. */
typedef struct hn_ablation_change {
    size_t parameter;     /* of hn_observed's */
    bool had, has;        /* false: it is not active before, after */
    double before, after; /* raw */
} hn_ablation_change;

typedef struct hn_ablation_step {
    size_t n_changes;
    hn_ablation_change *changes; /* (n_changes,): the parameter chosen, then those that come or go with it */
    double mean, deviation;      /* the loss that the forest expects then */
} hn_ablation_step;

typedef struct hn_ablation {
    hn_observed observed;
    size_t n_trials;        /* that the forest was grown on */
    double mean, deviation; /* what it expects of `from` */
    size_t n_steps;
    hn_ablation_step *steps; /* (n_steps,): after the last one the setting is that of `to` */
} hn_ablation;

/* Everything lives in the arena but names and distributions. Errors: HONE_INVALID with fewer than two
 * complete trials of a finite value, and when the two trials do not differ. Parameters of one value only are
 * passed over. The same for any number of threads. O(trees (trials d log trials + d^2 depth)). */
hone_status hn_ablation_find(const hn_history *history, const hn_ablation_plan *plan, hn_arena *arena,
                             hn_ablation *ablation, hone_error *err);

#endif
