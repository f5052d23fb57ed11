/* model/gradient_boosting.h: what the files of gradient boosting share. */
#ifndef HN_MODEL_GRADIENT_BOOSTING_H
#define HN_MODEL_GRADIENT_BOOSTING_H

#include "forest/forest.h"
#include "model/model.h"

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

typedef struct hn_boosting {
    size_t n_classes; /* 0 for regression */
    double *start;    /* (outputs,): the best constant */
    hn_forest trees;  /* stage by stage, an output each; their values are steps times the learning rate */
} hn_boosting;

hn_boosting *hn_boosting_new(size_t n_classes, size_t d);
void hn_boosting_destroy(void *fitted);
/* raw (n, outputs) += the trees first .. trees->n_trees - 1. */
void hn_boosting_add(const hn_boosting *model, size_t first, const double *x, size_t n, double *raw);
hone_status hn_boosting_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                            void **fitted, hone_error *err);

#endif
