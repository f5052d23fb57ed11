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

#endif
