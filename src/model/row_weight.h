/* model/row_weight.h: weights of training rows: those of the design times those of classes. */
#ifndef HN_MODEL_ROW_WEIGHT_H
#define HN_MODEL_ROW_WEIGHT_H

#include "model/model.h"

/* The option class_weight: none, balanced or a map of classes to numbers above 0; NULL is none. HONE_INVALID
 * otherwise, and for regression. */
hone_status hn_class_weight_check(const char *model, const hn_node *option, hn_model_task task,
                                  hone_error *err);
/* HONE_INVALID when the map names a class that the rows' target does not have. */
hone_status hn_class_weight_check_names(const char *model, const hn_node *option, const hn_design *rows,
                                        hone_error *err);
/* *weight (n,) in the scratch, or the design's own: the row's weight times its class's, where balanced = n /
 * (classes met * rows of the class); NULL when all are 1. HONE_INVALID when the map names a class that the
 * target does not have. */
hone_status hn_row_weights(const char *model, const hn_node *class_weight, const hn_design *design,
                           hn_arena *scratch, const double **weight, hone_error *err);
/* The sum of the design's own weights, n without any. HONE_INVALID when they add up to nothing. */
hone_status hn_row_weight_total(const char *model, const hn_design *design, double *total, hone_error *err);

#endif
