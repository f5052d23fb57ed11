/* model/gradient_boosting.h: what the files of gradient boosting share beside model/boosting.h. */
#ifndef HN_MODEL_GRADIENT_BOOSTING_H
#define HN_MODEL_GRADIENT_BOOSTING_H

#include "model/boosting.h"

typedef struct hn_boosting_config {
    int64_t n_estimators;
    double learning_rate, subsample;
    int64_t max_depth; /* 0: no limit */
    int64_t min_samples_split, min_samples_leaf;
    const hn_node *max_features;
    double validation_fraction;
    int64_t n_iter_no_change; /* 0: all stages are fitted */
    double tol;
} hn_boosting_config;

hone_status hn_boosting_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                            void **fitted, hone_error *err);
/* As in hn_model_type; NULL before: a fit. */
hone_status hn_boosting_extend(const void *before, const void *config, const hn_design *train,
                               const hn_fit_context *context, void **extended, hone_error *err);

#endif
