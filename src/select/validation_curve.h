/* select/validation_curve.h: the train and test score against one option of a model or of its preprocessing,
 * all else fixed: what is shared between settings (hn_validation) is shared between the points. Thread-safe.
 */
#ifndef HN_SELECT_VALIDATION_CURVE_H
#define HN_SELECT_VALIDATION_CURVE_H

#include "select/cross_validate.h"
#include "select/curve.h"

/* curve: one point for each of values (n_values,), which option ("C", "preprocess.scale") gets in turn;
 * settings (a map or NULL) are the others. options: one metric; train_scores is implied. Folds run over pool
 * (NULL: one after the other). Errors: those of hn_validation_create and hn_validation_run, with the value;
 * HONE_INVALID for two metrics. Release with hn_curve_release. O(n_values * folds) fits. */
hone_status hn_validation_curve_run(const hn_dataset *dataset, const size_t *rows, size_t n,
                                    const hn_model_type *type, const hn_node *settings, const char *option,
                                    const hn_node *const *values, size_t n_values,
                                    const hn_validation_options *options, hn_thread_pool *pool,
                                    const volatile int *cancel, hn_curve *curve, hone_error *err);

#endif
