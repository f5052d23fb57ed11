/* analysis/observations.h: complete trials as a table: where in its range each parameter was, and the loss.
 *
 * A conditional parameter cannot be judged by trials that lack it. So parameters that the same trials have
 * make a group, with a table of its own: those trials, and every parameter that all of them have.
 */
#ifndef HN_ANALYSIS_OBSERVATIONS_H
#define HN_ANALYSIS_OBSERVATIONS_H

#include "history/history.h"

#define HN_UNIT_ABSENT                                                                                       \
    (-1.0) /* the coordinate of a parameter that a trial lacks: a cut can tell it apart                      \
            */

typedef struct hn_observations {
    size_t n, d;
    size_t *parameters; /* (d,): indices of hn_observed's; the first n_own are the group's own */
    size_t n_own;
    const double **places; /* (d,): NULL, or of categories their coordinates (n_choices,): n cells in the
                              order of their mean loss (Fisher 1958: so a cut can part them best) */
    double *unit;          /* (n, d) row-major, in [0, 1]: in the scale that is searched */
    double *loss;          /* (n,), finite */
} hn_observations;

typedef struct hn_observed {
    size_t n_trials;    /* complete, with a finite value */
    const double *loss; /* (n_trials,) */
    size_t n_parameters;
    const char **names; /* (n_parameters,): borrowed from the history */
    size_t *columns;    /* (n_parameters,): of the history */
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
/* One group: the trials that have all of these parameters (n_names, 1 or 2), which are its first columns in
 * this order. HONE_NOT_FOUND for a name that no such trial has, naming the nearest; HONE_INVALID for a
 * parameter of one value only, and when fewer than 2 trials have them all. */
hone_status hn_observe_with(const hn_history *history, size_t objective, const char *const *names,
                            size_t n_names, hn_arena *arena, hn_observed *observed, hone_error *err);
/* One group: all trials and all parameters, HN_UNIT_ABSENT where one is missing. HONE_INVALID with fewer than
 * 2 trials. */
hone_status hn_observe_all(const hn_history *history, size_t objective, hn_arena *arena,
                           hn_observed *observed, hone_error *err);

/* The coordinate of a raw value in column j of a group. */
double hn_observed_unit(const hn_observed *observed, const hn_observations *group, size_t j, double raw);
/* Keeps at most `most` rows, drawn by seed, in order. */
void hn_observations_thin(hn_observations *group, size_t most, uint64_t seed);

#endif
