/* model/boosting.h: a sum of trees over a constant, as gradient boosting leaves it: the fitted object of
 * every model that boosts, with its use and its file.
 */
#ifndef HN_MODEL_BOOSTING_H
#define HN_MODEL_BOOSTING_H

#include "forest/forest.h"
#include "math/random.h"
#include "model/model.h"

typedef struct hn_boosting {
    const char *model; /* for messages */
    size_t n_classes;  /* 0 for regression */
    double *start;     /* (outputs,): what the trees add to */
    hn_forest trees;   /* stage by stage, an output each; their values are steps times the learning rate */
    bool borrowed;     /* the trees are another model's */
} hn_boosting;

/* NULL when memory is out. model: static. */
hn_boosting *hn_boosting_new(const char *model, size_t n_classes, size_t d);
void hn_boosting_destroy(void *fitted);
/* The first n_stages (or all there are, when they stopped earlier), borrowed from `from`. */
hone_status hn_boosting_derive(const hn_boosting *from, size_t n_stages, void **derived, hone_error *err);
/* The same with trees of its own. */
hone_status hn_boosting_copy(const hn_boosting *from, hn_boosting **copy, hone_error *err);
/* raw (n, outputs) += the trees first .. past - 1. */
void hn_boosting_add(const hn_boosting *model, size_t first, size_t past, const double *x, size_t n,
                     double *raw);

/* Draws rows to be watched while stages are added: of each class (of all rows in regression) the share,
 * rounded down. aside (n,), zeroed, gets 1 for them; order (n,) is room. Returns how many. */
size_t hn_boosting_set_aside(const hn_design *train, double share, hn_random *random, size_t *order,
                             unsigned char *aside);

/* As in hn_model_type. */
size_t hn_boosting_bytes(const void *fitted);
hone_status hn_boosting_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err);
hone_status hn_boosting_predict_proba(const void *fitted, const hn_design *rows, double *out,
                                      hone_error *err);
/* Shares of the sum of gains. */
hone_status hn_boosting_importance(const void *fitted, double *out, size_t d, hone_error *err);
hone_status hn_boosting_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                              hone_error *err);
hone_status hn_boosting_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err);
hone_status hn_boosting_load(const char *model, const hn_model_state *state, size_t n_classes, size_t d,
                             void **fitted, hone_error *err);

#endif
