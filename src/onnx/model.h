/* onnx/model.h: what building a graph and writing it share: the messages of the format, as the build makes
 * them of onnx.proto. */
#ifndef HN_ONNX_MODEL_H
#define HN_ONNX_MODEL_H

#include "base/arena.h"
#include "base/text_map.h"
#include "onnx.pb-c.h" /* lint: allow include: made by the build */
#include "onnx/graph.h"

/* The nodes around a loop while its rounds are built. */
typedef struct hn_outside {
    HnOnnx__NodeProto **nodes;
    size_t n_nodes;
    HnOnnx__ValueInfoProto *inputs[3]; /* of a round: its number, whether it is, the value */
    hn_value most, value;              /* before the loop */
} hn_outside;

struct hn_graph {
    hn_arena arena; /* all but the names and borrowed values */
    bool failed;    /* memory was out */
    hn_text_map names;
    const char *scope;
    size_t n_nodes, n_constants, n_inputs, n_outputs, n_notes;
    HnOnnx__NodeProto **nodes;
    HnOnnx__TensorProto **constants;
    hn_graph_end **inputs, **outputs;
    HnOnnx__StringStringEntryProto **notes;
    hn_outside outside;
    int ml; /* version of ai.onnx.ml that is needed; 0: none */
};

#endif
