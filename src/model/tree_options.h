/* model/tree_options.h: what options of trees mean. Shared by the models made of trees. */
#ifndef HN_MODEL_TREE_OPTIONS_H
#define HN_MODEL_TREE_OPTIONS_H

#include "forest/tree.h"
#include "model/model.h"

enum { HN_TREE_MAX_DEPTH = 100000, HN_TREE_MAX_ESTIMATORS = 1000000 };

/* max_features: sqrt, log2, all, auto, a count or a fraction; NULL: all. */
hone_status hn_tree_check_features(const char *model, const hn_node *given, hone_error *err);
/* Between 1 and d. fallback stands for auto. */
size_t hn_tree_features(const hn_node *given, const char *fallback, size_t d);

/* class_weight: none, balanced or a map class -> factor above 0. */
hone_status hn_tree_check_class_weight(const char *model, const hn_node *given, hn_model_task task,
                                       hone_error *err);
/* (n,): row weights times class weights, in the scratch; *weight is NULL when all are 1. */
hone_status hn_tree_row_weights(const char *model, const hn_node *class_weight, const hn_design *train,
                                hn_arena *scratch, const double **weight, hone_error *err);

#endif
