/* model/linear_model.h: a fitted linear model, whatever fitted it: ridge, lasso, elastic_net, logistic. */
#ifndef HN_MODEL_LINEAR_MODEL_H
#define HN_MODEL_LINEAR_MODEL_H

#include "model/model.h"

struct hn_linear_moments;

typedef struct hn_linear {
    const char *model;           /* the name of its type, for messages */
    size_t n_classes, n_present; /* of the dataset, met in training; 0 for regression */
    size_t n_outputs;            /* 1 for regression and two classes, else n_present */
    size_t d;
    size_t *present;                   /* (n_present,): class indices, ascending */
    double *coefficients;              /* (n_outputs, d) */
    double *intercept;                 /* (n_outputs,) */
    struct hn_linear_moments *moments; /* of the training rows, from which models of other penalties follow;
                                          NULL: nobody asked for these, or there are more columns than rows */
} hn_linear;

/* All zero; NULL when memory is out. */
hn_linear *hn_linear_new(const char *model, size_t n_classes, size_t n_present, size_t d);

void hn_linear_destroy(void *fitted);
/* Takes a copy of the moments when the context says that other models will be derived. */
hone_status hn_linear_keep(hn_linear *linear, const struct hn_linear_moments *moments,
                           const hn_fit_context *context, hone_error *err);
size_t hn_linear_bytes(const void *fitted);
hone_status hn_linear_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err);
hone_status hn_linear_predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err);
hone_status hn_linear_decision(const void *fitted, const hn_design *rows, double *out, hone_error *err);
/* Mean size of a column's coefficients. */
hone_status hn_linear_importance(const void *fitted, double *out, size_t d, hone_error *err);
hone_status hn_linear_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                            hone_error *err);
hone_status hn_linear_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err);
hone_status hn_linear_load(const char *model, const hn_model_state *state, size_t n_classes, size_t d,
                           void **fitted, hone_error *err);

#endif
