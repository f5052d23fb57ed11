/* model/fit_record.h: what a fit is of, as a map: options, seed and rows. A file that is kept for going on
 * with a fit has it, so that it is taken for no other. */
#ifndef HN_MODEL_FIT_RECORD_H
#define HN_MODEL_FIT_RECORD_H

#include "model/model.h"

/* Each option of config, `model`, `seed`, and of the training rows `columns`, `rows` and `data`, a hash of
 * targets, weights and some of the rows. In arena; NULL when memory is out or the rows cannot be read.
 * O(rows). */
hn_node *hn_fit_record(const hn_model_type *type, const void *config, const hn_design *train, uint64_t seed,
                       hn_arena *arena);
/* Whether the record in the file `path` (a line of JSON) is the same as `own` in all that matters. matters
 * (NULL: everything does) is asked for each key. HONE_PARSE when it is no record, HONE_INVALID naming the
 * first difference. *its: the record read, in arena. */
hone_status hn_fit_record_compare(const char *path, const char *text, const hn_node *own,
                                  bool (*matters)(const void *user, const char *key), const void *user,
                                  hn_arena *arena, hn_node **its, hone_error *err);

#endif
