/* model/linear_weight.h: weights of training rows: those of the design times those of classes. */
#ifndef HN_MODEL_LINEAR_WEIGHT_H
#define HN_MODEL_LINEAR_WEIGHT_H

#include "model/model.h"

/* option: none, balanced or a map of classes to numbers above 0; NULL is none. HONE_INVALID otherwise. */
hone_status hn_class_weight_check(const char *model, const hn_node *option, hone_error *err);
/* weight (n,): the row's own weight times its class's: balanced = n / (classes met * rows of the class).
 * HONE_INVALID when the map names a class that the target does not have. */
hone_status hn_class_weight_rows(const char *model, const hn_node *option, const hn_design *design,
                                 hn_arena *scratch, double *weight, hone_error *err);

#endif
