/* app/kept_models.h: the models of a study's best trials, in their trials' folders (`keep_models`). The study
 * says which there are, in an attribute. */
#ifndef HN_APP_KEPT_MODELS_H
#define HN_APP_KEPT_MODELS_H

#include "base/node.h"
#include "hone/hone.h"

/* A map from trials' numbers (as text) to files, in arena; empty when none were kept. */
hone_status hn_kept_models_read(hone_study *study, hn_arena *arena, hn_node **models, hone_error *err);
hone_status hn_kept_models_write(hone_study *study, const hn_node *models, hone_error *err);
/* The trial's file, or NULL. */
const char *hn_kept_model_file(const hn_node *models, int64_t number);
/* As hn_map_set. NULL when memory is out. */
hn_node *hn_kept_model_set(hn_arena *arena, hn_node *models, int64_t number, const char *file);

#endif
