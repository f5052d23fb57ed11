/* select/public_model.h: what the files of hone/ml.h share: the model, and texts and configs to what select/
 * takes. */
#ifndef HN_SELECT_PUBLIC_MODEL_H
#define HN_SELECT_PUBLIC_MODEL_H

#include "hone/ml.h"
#include "select/cross_validate.h"
#include "select/estimator.h"

struct hone_model {
    hn_estimator *own;
};

/* The type and options (in the arena) of a model's text. */
hone_status hn_public_model(const char *text, hn_arena *arena, const hn_model_type **type,
                            const hn_node **settings, hone_error *err);
/* config may be NULL. HONE_INVALID for a struct_size this version does not know. */
hone_status hn_public_validation(const hone_validation_config *config, const hone_dataset *dataset,
                                 const hn_model_type *type, hn_validation_options *out, hone_error *err);

/* *list (n,) becomes what *out points to: free with hn_free. own outlives both. HONE_INVALID for one without
 * a name or a function. */
hone_status hn_public_own_metrics(const hone_own_metric *own, size_t n, hn_own_metric **list,
                                  hn_own_metrics *out, hone_error *err);

#endif
