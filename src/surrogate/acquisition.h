/* surrogate/acquisition.h: what a trial at a point is worth, from the mean and variance that one or several
 * models predict there. Targets are minimised, utilities maximised. Thread-safe.
 *
 * Expected improvement and its logarithm (Jones et al. 1998; Ament et al. 2023, arXiv 2310.20708, whose
 * formulas it keeps where nothing is expected at all), probability of improvement (Kushner 1964), confidence
 * bound (Srinivas et al. 2010); averaged over models drawn from the posterior of the hyperparameters
 * (Snoek et al. 2012). */
#ifndef HN_SURROGATE_ACQUISITION_H
#define HN_SURROGATE_ACQUISITION_H

#include <stddef.h>

typedef enum hn_acquisition_kind {
    HN_ACQUISITION_LOG_EI, /* log E max(0, best - xi - f) */
    HN_ACQUISITION_EI,     /* the same without the logarithm: flat far from everything good */
    HN_ACQUISITION_LOG_PI, /* log P(f < best - xi) */
    HN_ACQUISITION_LCB,    /* kappa sd - mean */
} hn_acquisition_kind;

typedef struct hn_acquisition {
    hn_acquisition_kind kind;
    double xi;    /* least improvement that counts, in the models' units */
    double kappa; /* standard deviations of the bound */
} hn_acquisition;

/* A utility with its derivatives by the mean and the variance. */
typedef struct hn_utility {
    double value, by_mean, by_variance;
} hn_utility;

/* Under one model; best: the target to be improved upon. variance > 0. */
hn_utility hn_acquisition_of(const hn_acquisition *acquisition, double mean, double variance, double best);
/* log P(f < limit), as of a constraint that has to be met. */
hn_utility hn_acquisition_log_below(double mean, double variance, double limit);

/* At one point under n models that weigh the same: the mean of the improvements, or probabilities,
 * themselves, whatever is made of their logarithms; of bounds, their mean. terms (n,) get the
 * derivatives of that by each model's mean and variance. */
double hn_acquisition_average(const hn_acquisition *acquisition, const double *mean, const double *variance,
                              const double *best, size_t n, hn_utility *terms);
/* The same of log P(f < limit). */
double hn_acquisition_average_log_below(const double *mean, const double *variance, double limit, size_t n,
                                        hn_utility *terms);

#endif
