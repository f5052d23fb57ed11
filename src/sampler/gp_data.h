/* sampler/gp_data.h: a study's trials as the rows and targets that Gaussian processes are fitted to. */
#ifndef HN_SAMPLER_GP_DATA_H
#define HN_SAMPLER_GP_DATA_H

#include "sampler/sampler.h"
#include "surrogate/gp.h"

/* How points of a space become rows of d doubles (surrogate/gp.h): one axis for each parameter that is not
 * constant. */
typedef struct hn_gp_frame {
    const hn_space *space;
    size_t d;
    size_t *members;     /* (d,) the parameter of each axis, ascending */
    hn_gp_axis *axes;    /* (d,) with distributions of their own */
    const char **names;  /* (d,) */
    size_t n_parameters; /* of the space, constants too */
} hn_gp_frame;

/* Everything is copied, but for the space itself, which has to be set anew when another one takes its place.
 */
hone_status hn_gp_frame_make(hn_arena *arena, const hn_space *space, hn_gp_frame *frame, hone_error *err);
/* Has this space the same parameters in the same places? */
bool hn_gp_frame_fits(const hn_gp_frame *frame, const hn_space *space);
/* The coordinate of a value on an axis. */
double hn_gp_encode(const hn_gp_frame *frame, size_t axis, double value);
/* row (d,) of a settled point, NaN for what is inactive. */
void hn_gp_encode_point(const hn_gp_frame *frame, const hn_point *point, double *row);
/* The settled point of coordinates (d,), none of them NaN; those of inactive parameters are left alone. */
void hn_gp_decode_point(const hn_gp_frame *frame, const double *coordinates, hn_point *point);

/* The trials that count, in the order in which they became known: the finished ones in view; by number where
 * there are estimates: those that have one, and those that failed. */
typedef struct hn_gp_trials {
    const int64_t *numbers; /* (n,) */
    size_t n;
} hn_gp_trials;

/* In ask->scratch, or borrowed from the history. */
hone_status hn_gp_trials_make(const hn_ask *ask, hn_gp_trials *trials, hone_error *err);

/* Coordinates (d,) of a trial, NaN for a parameter it lacks. A value outside the present bounds of a
 * continuous parameter lies outside the unit interval; false when one cannot be placed at all: that trial is
 * to be left out. */
bool hn_gp_trial_row(const hn_gp_frame *frame, const hn_history *history, int64_t number, double *row);

/* What a trial tells of the objective, smaller is better: its value, or the last report of a pruned one. NaN
 * when it tells nothing but that it failed. */
double hn_gp_trial_loss(const hn_history *history, int64_t number);
/* Did it fail, or end without a value? */
bool hn_gp_trial_failed(const hn_history *history, int64_t number);
/* How far a trial is from being of use, positive when it is of none: its worst constraint in units of scales
 * (n,), bent so that what is far away counts less; 1 and -1 of one that failed or not and has no constraints.
 */
double hn_gp_trial_defect(const hn_history *history, int64_t number, const double *scales, size_t n);
/* log of the seconds it ran; NaN when its times are not known. */
double hn_gp_trial_log_seconds(const hn_history *history, int64_t number);

/* Trials whose place is taken but whose value the asking trial does not know: the running ones without an
 * estimate, and with a limited view all from its end on, apart from those that were queued. At most `room` of
 * the newest; returns how many. */
size_t hn_gp_pending(const hn_ask *ask, size_t room, int64_t *numbers);

#endif
