/* model/tree_graph.h: sums of trees as one node of a graph. */
#ifndef HN_MODEL_TREE_GRAPH_H
#define HN_MODEL_TREE_GRAPH_H

#include "forest/forest.h"
#include "onnx/graph.h"

/* (rows, n): what the leaves of all trees add to `start` (n,), times `share`. Of trees with several outputs
 * output k adds to k; of those with one, tree t to t modulo n. rows: (rows, d) doubles; the sums are floats,
 * of doubles where the reader has them. */
hn_value hn_forest_graph(const hn_forest *forest, const double *start, size_t n, double share, hn_value rows,
                         hn_graph *graph);

#endif
