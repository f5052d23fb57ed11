/* sampler/rf_data.h: what the sampler rf learns from: points as rows of numbers, and the trials with their
 * targets. */
#ifndef HN_SAMPLER_RF_DATA_H
#define HN_SAMPLER_RF_DATA_H

#include "sampler/sampler.h"

/* A point as columns of numbers for trees: its place in the unit interval of the parameter's scale, or -1
 * where the parameter is inactive, which a cut can tell apart. A choice of three or more has a column each (1
 * or 0, all 0 where inactive); constants have none. */
typedef struct hn_rf_encoding {
    const hn_space *space;
    size_t *first; /* (parameters + 1,): columns first[i] .. first[i + 1] - 1 are parameter i's */
    size_t width;
} hn_rf_encoding;

hone_status hn_rf_encoding_make(hn_arena *arena, const hn_space *space, hn_rf_encoding *encoding,
                                hone_error *err);
/* row: (width,) */
void hn_rf_encode(const hn_rf_encoding *encoding, const hn_point *point, double *row);

/* Rows in ascending order of the trials' numbers, the pending ones last. */
typedef struct hn_rf_data {
    size_t n;         /* finished trials that take part */
    size_t n_pending; /* those that trial ask->number shall not know the value of: (n + n_pending) rows */
    double *x;        /* (n + n_pending + spare, width) */
    double *y; /* (n + n_pending + spare,): losses; finite for the finished ones, the others are not set */
} hn_rf_data;

/* At most max_trials finished trials: the best half, and the newest of the others. Failed trials, those
 * without a finite value and infeasible ones have the worst loss of the others; pruned ones their last
 * report, brought between the median and the worst. Without any feasible value all have their violation (a
 * failed one the largest). spare: rows to leave room for. O(max_trials parameters). */
hone_status hn_rf_collect(const hn_ask *ask, const hn_rf_encoding *encoding, size_t max_trials, bool pending,
                          size_t spare, hn_rf_data *data, hone_error *err);

/* Losses become log((y - low) / (high - low)), low a little below the least one (SMAC's scaled logarithm), so
 * that differences among good trials show; high is the largest one, or where an outlier lies far beyond the
 * others, as far from the median as 100 times the least one. All equal ones become 0. scratch: (n,). */
void hn_rf_log_scale(double *y, size_t n, double *scratch);

#endif
