/* model/tree_options.h: what options of trees mean. Shared by the models made of trees. */
#ifndef HN_MODEL_TREE_OPTIONS_H
#define HN_MODEL_TREE_OPTIONS_H

#include "forest/tree.h"
#include "model/model.h"

enum { HN_TREE_MAX_DEPTH = 100000, HN_TREE_MAX_ESTIMATORS = 1000000 };

/* Whether two options are written alike: 1, a count, is not 1.0, a share. Either may be NULL. */
bool hn_tree_same_node(const hn_node *a, const hn_node *b);

/* max_features: sqrt, log2, all, auto, a count or a fraction; NULL: all. */
hone_status hn_tree_check_features(const char *model, const hn_node *given, hone_error *err);
/* Between 1 and d. fallback stands for auto. */
size_t hn_tree_features(const hn_node *given, const char *fallback, size_t d);

#endif
