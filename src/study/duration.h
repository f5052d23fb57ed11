/* study/duration.h: how long trials take, from those that did: what a timeout and the time left are reckoned
 * by. */
#ifndef HN_STUDY_DURATION_H
#define HN_STUDY_DURATION_H

#include "study/study.h"

/* A model of log seconds, or of log seconds a step where trials report steps: ridge regression on the places
 * of the parameters, bounded by twice what was seen. In the arena that it was made in. */
typedef struct hn_durations {
    const hone_study *study;
    size_t n; /* trials it knows; 0: it predicts nothing */
    bool by_step;
    int64_t full;                               /* the largest step of a complete trial */
    double least, most, mean_log, mean_seconds; /* mean_seconds: of whole trials */
    size_t n_features;
    const struct hn_duration_feature *features;
    double *weights, *center; /* (n_features,) */
} hn_durations;

/* With the lock held. O(n p^2 + p^3) of at most 500 trials and 64 features. */
hone_status hn_durations_fit(const hone_study *study, hn_arena *arena, hn_durations *made, hone_error *err);
/* Seconds of a trial with these parameters from step `from` to step `to` (0: to its end); NaN when nothing is
 * known: fewer than three trials came to an end. */
double hn_durations_predict(const hn_durations *model, const hn_trial_param *params, size_t n_params,
                            int64_t from, int64_t to);

/* Does the trial end before the run's time does, as far as is known? *ends false: why not was logged. With
 * the lock held. */
hone_status hn_study_ends_in_time(hone_study *study, const hone_trial *trial, int64_t from, int64_t to,
                                  bool *ends, hone_error *err);
/* Seconds until the run with so many workers has all its trials, or its time is over; NaN when not known.
 * With the lock held. */
hone_status hn_study_time_left(hone_study *study, int workers, double *seconds, hone_error *err);

#endif
