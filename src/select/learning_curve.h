/* select/learning_curve.h: the score against the number of training rows. Each fold's training rows are put
 * into one order, of which the first n train: the smaller sets are parts of the larger ones. Thread-safe.
 */
#ifndef HN_SELECT_LEARNING_CURVE_H
#define HN_SELECT_LEARNING_CURVE_H

#include "select/cross_validate.h"
#include "select/curve.h"

typedef struct hn_learning_options {
    hn_validation_options validation; /* folds, preprocessing, seed; one metric. train_scores is implied */
    const double *sizes; /* (n_sizes,): rows, or shares of the largest set when they are in (0, 1]; NULL:
                            0.1, 0.325, 0.55, 0.775, 1 */
    size_t n_sizes;
    bool in_order; /* training rows as they are: scikit-learn's learning_curve without shuffle. Otherwise
                      drawn by seed, every part with the shares of the classes; the folds of time_series stay
                      in order */
} hn_learning_options;

typedef struct hn_learning_curve {
    hn_curve curve;
    size_t *sizes; /* (curve.n_points,): rows, ascending, each once */
} hn_learning_curve;

/* rows (n,) of the dataset; NULL: all. settings: a map or NULL. Points and folds run over pool (NULL: one
 * after the other). Errors: those of hn_splits_create and hn_estimator_fit, with the size and the fold;
 * HONE_INVALID for a size below 1 or above the smallest training set, two metrics, and a part with rows of
 * one class only. Release with hn_learning_curve_release. O(n_sizes * folds) fits. */
hone_status hn_learning_curve_run(const hn_dataset *dataset, const size_t *rows, size_t n,
                                  const hn_model_type *type, const hn_node *settings,
                                  const hn_learning_options *options, hn_thread_pool *pool,
                                  const volatile int *cancel, hn_learning_curve *result, hone_error *err);
void hn_learning_curve_release(hn_learning_curve *result);

#endif
