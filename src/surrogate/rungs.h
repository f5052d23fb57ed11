/* surrogate/rungs.h: one model of a trial's losses at several steps of its training, the rungs: recursive
 * co-kriging (Kennedy & O'Hagan 2000; Le Gratiet & Garnier 2014). The loss at rung k is
 *
 *     y_k(x) = rho_k y_{k-1}(x) + g_k(x),
 *
 * g_k a Gaussian process of its own, learned from the trials that have come to both rungs. As who came to a
 * rung has been to all before, each level is fitted by itself, exactly. Losses are minimised; a loss that is
 * far above the median, infinite or NaN counts as the cap, as far above the median of the first rung as the
 * least loss of any rung is below. Everything lives in the arena given to the fit. One thread at a time for
 * each model. */
#ifndef HN_SURROGATE_RUNGS_H
#define HN_SURROGATE_RUNGS_H

#include "surrogate/gp.h"

/* All borrowed for the call. */
typedef struct hn_rungs_data {
    const double *x;       /* (n, d) rows as of a Gaussian process */
    const double *y;       /* (n, n_rungs) losses; those of the first reached[i] rungs count */
    const size_t *reached; /* (n,) <= n_rungs */
    size_t n, n_rungs;
    size_t max_points; /* of the fit of a level: the best half, the others spread over what remains */
} hn_rungs_data;

typedef struct hn_rungs hn_rungs;

/* Needs at least one trial on the first rung: else HONE_INVALID. O(n_rungs max_points^3). */
hone_status hn_rungs_fit(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_rungs_data *data,
                         hn_rungs **model, hone_error *err);
/* The loss on the last rung of the trial at x (d,) that has these losses y (reached,) behind it: mean, and
 * standard deviation (0 where it is known), both finite. */
void hn_rungs_predict(const hn_rungs *model, const double *x, const double *y, size_t reached, double *mean,
                      double *deviation);
/* The largest loss that the model tells from others. */
double hn_rungs_cap(const hn_rungs *model);

#endif
