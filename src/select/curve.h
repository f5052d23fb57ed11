/* select/curve.h: train and test scores of each fold at each point of a curve: over numbers of rows
 * (learning_curve.h) or values of an option (validation_curve.h). */
#ifndef HN_SELECT_CURVE_H
#define HN_SELECT_CURVE_H

#include "select/metric.h"

typedef struct hn_curve {
    const hn_metric *metric;
    size_t n_points, n_folds;
    double *train, *test;                                              /* (n_points, n_folds) */
    double *train_mean, *train_deviation, *test_mean, *test_deviation; /* (n_points,) over the folds;
                                                                          deviations divide by n_folds */
    double *fit_seconds;                                               /* (n_points, n_folds) */
} hn_curve;

/* Room for all of it. Release curve in any case. */
hone_status hn_curve_init(const hn_metric *metric, size_t n_points, size_t n_folds, hn_curve *curve,
                          hone_error *err);
/* Fills means and deviations. */
void hn_curve_summarise(hn_curve *curve);
void hn_curve_release(hn_curve *curve);

#endif
