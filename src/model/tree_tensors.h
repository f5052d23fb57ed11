/* model/tree_tensors.h: trees to and from the tensors of a model file. */
#ifndef HN_MODEL_TREE_TENSORS_H
#define HN_MODEL_TREE_TENSORS_H

#include "forest/forest.h"
#include "model/model.h"

enum { HN_TREE_TENSORS = 3 };

/* tree_sizes (n_trees,), nodes (sum, 5): feature, right, threshold, gain, n_rows, and values (sum, outputs).
 */
hone_status hn_tree_tensors_write(const hn_forest *forest, hn_arena *arena,
                                  hn_tensor tensors[HN_TREE_TENSORS], hone_error *err);
/* Checks everything: HONE_PARSE otherwise. Returned: free with hn_forest_release. */
hone_status hn_tree_tensors_read(const char *model, const hn_model_state *state, size_t outputs, size_t d,
                                 hn_forest *forest, hone_error *err);
/* Columns for all rows of a design, as `share` of a model. */
hone_status hn_tree_share(const hn_design *all, size_t limit_bytes, void **shared, hone_error *err);
void hn_tree_unshare(void *shared);

#endif
