/* model/xgboost.h: what the files of the model xgboost share. */
#ifndef HN_MODEL_XGBOOST_H
#define HN_MODEL_XGBOOST_H

#include "model/boosting.h"
#include "model/xgboost_library.h"

enum { HN_XGBOOST_HALF, HN_XGBOOST_MEAN };

typedef struct hn_xgboost_config {
    int64_t n_estimators;
    double learning_rate;
    int64_t max_depth;
    double subsample, colsample, min_child_weight, gamma, alpha, lambda;
    int64_t early_stopping_rounds; /* 0: all rounds are fitted */
    double validation_fraction;
    int start;       /* HN_XGBOOST_HALF or HN_XGBOOST_MEAN */
    int tree_method; /* of hn_xgboost_methods; the first, 0, is auto */
} hn_xgboost_config;

extern const char *const hn_xgboost_methods[];

hone_status hn_xgboost_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                           void **fitted, hone_error *err);
/* As in hn_model_type; NULL before: a fit. */
hone_status hn_xgboost_extend(const void *before, const void *config, const hn_design *train,
                              const hn_fit_context *context, void **extended, hone_error *err);

/* Reads the trees (n,), each XGBoost's JSON of one, behind those of the model: they choose and add what
 * XGBoost's do. HONE_UNSUPPORTED when a text is not understood, HONE_INVALID for numbers that are
 * not finite. */
hone_status hn_xgboost_read_trees(const char *const *texts, size_t n, hn_boosting *model, hone_error *err);

#endif
