/* analysis/observations.h: complete trials as a table: where in its range each parameter was, and the loss.
 *
 * A conditional parameter cannot be judged by trials that lack it. So parameters that the same trials have
 * make a group, with a table of its own: those trials, and every parameter that all of them have.
 */
#ifndef HN_ANALYSIS_OBSERVATIONS_H
#define HN_ANALYSIS_OBSERVATIONS_H

#include "history/history.h"

typedef struct hn_observations {
    size_t n, d;
    size_t *parameters; /* (d,): indices of hn_observed's; the first n_own are the group's own */
    size_t n_own;
    double *unit; /* (n, d) row-major, in [0, 1]: in the scale that is searched; categories as n cells in the
                     order of their mean loss (Fisher 1958: so a cut can part them best) */
    double *loss; /* (n,), finite */
} hn_observations;

typedef struct hn_observed {
    size_t n_trials;    /* complete, with a finite value */
    const double *loss; /* (n_trials,) */
    size_t n_parameters;
    const char **names; /* (n_parameters,): borrowed from the history */
    const hn_distribution *
        *distributions; /* (n_parameters,): the latest, which values outside are clamped to */
    size_t *n_having;   /* (n_parameters,): trials that have it */
    size_t n_groups;
    hn_observations *groups;
} hn_observed;

/* Everything lives in the arena but what is borrowed from the history. Parameters of one value only are in no
 * group. O(trials parameters), for each group. */
hone_status hn_observe(const hn_history *history, size_t objective, hn_arena *arena, hn_observed *observed,
                       hone_error *err);

#endif
