/* analysis/importance.h: how much each parameter of a study mattered for an objective.
 *
 * A conditional parameter is judged among the trials that have it (analysis/observations.h); what it explains
 * there counts as much as these trials vary, and as many as they are.
 */
#ifndef HN_ANALYSIS_IMPORTANCE_H
#define HN_ANALYSIS_IMPORTANCE_H

#include "analysis/observations.h"
#include "base/thread_pool.h"

typedef enum hn_importance_method {
    HN_IMPORTANCE_FANOVA,    /* of the variance over the whole space, by a forest (analysis/fanova.h) */
    HN_IMPORTANCE_PED_ANOVA, /* for being among the best (analysis/ped_anova.h) */
    HN_IMPORTANCE_IMPURITY   /* of the variance over the trials, by what the cuts of a forest gain */
} hn_importance_method;

extern const char *const hn_importance_methods[]; /* by hn_importance_method, NULL-terminated */

typedef struct hn_importance_plan {
    hn_importance_method method;
    size_t objective;
    size_t n_trees;       /* of the forest */
    uint64_t seed;        /* of the forest */
    double top;           /* ped_anova: share of trials that are the best */
    bool pairs;           /* fanova only: what two parameters explain together */
    size_t max_trials;    /* that a forest is grown on; 0: all */
    hn_thread_pool *pool; /* NULL: one thread */
} hn_importance_plan;

typedef struct hn_importance {
    hn_observed observed; /* parameters and trials */
    double *alone;        /* (n_parameters,): sums to 1, or all 0 when nothing matters */
    double *share;        /* fanova: (n_parameters,): of the variance of all trials; NULL for others */
    double *pairs;        /* NULL, or (n_parameters, n_parameters): [a, b] with a < b, of the same variance */
} hn_importance;

/* Everything lives in the arena but names and distributions, which are the history's. HONE_INVALID with fewer
 * than two complete trials. The same seed gives the same for any number of threads. */
hone_status hn_importance_find(const hn_history *history, const hn_importance_plan *plan, hn_arena *arena,
                               hn_importance *importance, hone_error *err);

#endif
