/* analysis/front.h: the Pareto front of a study of several objectives, and how much volume its trials
 * dominate one after the other (math/hypervolume.h). */
#ifndef HN_ANALYSIS_FRONT_H
#define HN_ANALYSIS_FRONT_H

#include "history/history.h"

typedef struct hn_front_history {
    size_t n_objectives;
    double *reference; /* (n_objectives,): losses */
    size_t n;          /* trials looked at: complete, feasible, all values finite */
    int64_t *numbers;  /* (n,) ascending */
    double *volume;    /* (n,): that trials up to this one dominate */
    bool *in_front;    /* (n,): no other trial dominates it */
} hn_front_history;

/* reference (n_objectives,): losses; NULL: the worst of the front in each objective, moved away by a tenth of
 * the front's range there (of all trials' range where the front has none; of the value's size, at least of 1,
 * where these have none). Everything lives in the arena. O(n^2 n_objectives) at most for the front, and the
 * history's cost. */
hone_status hn_front_find(const hn_history *history, const double *reference, hn_arena *arena,
                          hn_front_history *front, hone_error *err);

#endif
