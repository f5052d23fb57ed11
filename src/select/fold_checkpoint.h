/* select/fold_checkpoint.h: the model of a fold as a file, from which a fit of more goes on
 * (hn_model_type.extend). */
#ifndef HN_SELECT_FOLD_CHECKPOINT_H
#define HN_SELECT_FOLD_CHECKPOINT_H

#include "model/model.h"

/* Borrowed. */
typedef struct hn_fold_checkpoint {
    const char *path;
    const hn_model_type *type; /* extends */
    const void *config;
    const hn_design *train;
    const hn_fit_context *context;
    int64_t found; /* of what is extended, in the file's model */
    bool current;  /* the file has this very model */
} hn_fold_checkpoint;

/* The model of the checkpoint's config, gone on with from the file. HONE_NOT_FOUND: there is none; any other
 * error: it cannot be gone on from, and why. */
hone_status hn_fold_checkpoint_extend(hn_fold_checkpoint *checkpoint, void **fitted, hone_error *err);
/* Keeps the model of config, unless it is there. Atomic. */
hone_status hn_fold_checkpoint_write(const hn_fold_checkpoint *checkpoint, const void *fitted,
                                     hone_error *err);

#endif
