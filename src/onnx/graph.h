/* onnx/graph.h: a model as a graph of operators in the Open Neural Network Exchange format (onnx.ai): IR
 * version 7, operator set 13, that is what readers since 2020 know. Built from the inputs on; running out of
 * memory is remembered and told when the graph is written, so that building it needs no checks. One thread at
 * a time. Sources: onnx.proto; docs/IR.md, docs/Operators.md and docs/Operators-ml.md of
 * github.com/onnx/onnx.
 */
#ifndef HN_ONNX_GRAPH_H
#define HN_ONNX_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { HN_ONNX_IR = 7, HN_ONNX_OPERATORS = 13, HN_GRAPH_MAX_RANK = 4 };

/* The format's own numbers. */
typedef enum hn_value_type {
    HN_VALUE_FLOAT = 1,
    HN_VALUE_BYTE = 2,
    HN_VALUE_INT = 7,
    HN_VALUE_TEXT = 8,
    HN_VALUE_BOOL = 9,
    HN_VALUE_DOUBLE = 11,
} hn_value_type;

/* "float", "int64" ... as the format calls them. */
const char *hn_value_type_name(hn_value_type type);

/* A tensor on its way through a graph. */
typedef struct hn_value {
    const char *name; /* of the graph; NULL when memory is out */
    hn_value_type type;
} hn_value;

typedef struct hn_graph hn_graph;

/* Returned: free with hn_graph_destroy. */
hone_status hn_graph_create(hn_graph **graph, hone_error *err);
void hn_graph_destroy(hn_graph *graph); /* accepts NULL */

/* --- inputs and outputs --- */

/* One end of a graph: rows of samples of this shape. */
typedef struct hn_graph_end {
    const char *name;
    hn_value_type type;
    size_t rank, dim[HN_GRAPH_MAX_RANK]; /* of a row: rank 0 is one value a row */
} hn_graph_end;

/* The name is made one that the format allows and the graph does not have yet. */
hn_value hn_graph_input(hn_graph *graph, const char *name, hn_value_type type, size_t rank,
                        const size_t *dim);
/* value, which some node made, becomes an output of that name. */
void hn_graph_output(hn_graph *graph, hn_value value, const char *name, size_t rank, const size_t *dim);

size_t hn_graph_inputs(const hn_graph *graph);
const hn_graph_end *hn_graph_input_at(const hn_graph *graph, size_t i);
size_t hn_graph_outputs(const hn_graph *graph);
const hn_graph_end *hn_graph_output_at(const hn_graph *graph, size_t i);
size_t hn_graph_nodes(const hn_graph *graph);

/* Text that travels with the graph; copied. */
void hn_graph_note(hn_graph *graph, const char *key, const char *text);

/* --- constants --- */

/* What follows is named after it: "dense_1" gives dense_1_weight, dense_1_MatMul. Copied. */
void hn_graph_scope(hn_graph *graph, const char *name);

/* dim (rank,). values: borrowed until the graph is destroyed. */
hn_value hn_graph_floats(hn_graph *graph, const char *name, size_t rank, const size_t *dim,
                         const float *values);
hn_value hn_graph_doubles(hn_graph *graph, const char *name, size_t rank, const size_t *dim,
                          const double *values);
/* One number, without dimensions. */
hn_value hn_graph_float(hn_graph *graph, const char *name, float value);
hn_value hn_graph_double(hn_graph *graph, const char *name, double value);
hn_value hn_graph_int(hn_graph *graph, const char *name, int64_t value);
/* (n,); copied. */
hn_value hn_graph_ints(hn_graph *graph, const char *name, size_t n, const int64_t *values);
hn_value hn_graph_texts(hn_graph *graph, const char *name, size_t n, const char *const *values);
/* Zeroed memory that lives as long as the graph, for constants; NULL when memory is out, then or before. */
void *hn_graph_room(hn_graph *graph, size_t count, size_t size);

/* --- nodes --- */

/* The first output of a new node of this operator; its type is that of the first input. */
hn_value hn_graph_op(hn_graph *graph, const char *op, size_t n, const hn_value *inputs);
#define HN_OP(graph, op, ...)                                                                                \
    hn_graph_op(graph, op, sizeof((hn_value[]){__VA_ARGS__}) / sizeof(hn_value), (hn_value[]){__VA_ARGS__})

/* Of the latest node: a further output; the operator is one of the set ai.onnx.ml, of this version;
 * attributes, copied. */
hn_value hn_graph_further(hn_graph *graph, hn_value_type type);
void hn_graph_of_ml(hn_graph *graph, int version);
void hn_graph_set_int(hn_graph *graph, const char *name, int64_t value);
void hn_graph_set_float(hn_graph *graph, const char *name, float value);
void hn_graph_set_text(hn_graph *graph, const char *name, const char *value);
void hn_graph_set_ints(hn_graph *graph, const char *name, size_t n, const int64_t *values);
void hn_graph_set_texts(hn_graph *graph, const char *name, size_t n, const char *const *values);
void hn_graph_set_doubles(hn_graph *graph, const char *name, size_t n, const double *values);

/* The value itself when it has the type. */
hn_value hn_graph_cast(hn_graph *graph, hn_value value, hn_value_type type);
/* The same values in a tensor of another shape: dim (rank,), where 0 keeps that dimension. */
hn_value hn_graph_reshape(hn_graph *graph, hn_value value, size_t rank, const int64_t *dim);
hn_value hn_graph_transpose(hn_graph *graph, hn_value value, size_t rank, const int64_t *order);

/* (rows,): where the first of the largest values is, of (rows, n). */
hn_value hn_graph_argmax(hn_graph *graph, hn_value values);

/* --- a loop --- */

/* Nodes from here to hn_graph_loop_end are the rounds of a loop, `most` of them, and see all values from
 * outside; value is the one that they change, and becomes its name in a round. Loops do not nest. */
void hn_graph_loop_begin(hn_graph *graph, int64_t most, hn_value *value);
/* value: made by a node of the round. The loop goes on while `again`, one truth value without dimensions.
 * Returns the value after it. */
hn_value hn_graph_loop_end(hn_graph *graph, hn_value value, hn_value again);
/* (rows, 2): 1 - second and second, of second (rows, 1), floats or doubles. */
hn_value hn_graph_complement(hn_graph *graph, hn_value second);

/* Whether memory was out: inputs and outputs may then be missing. */
bool hn_graph_failed(const hn_graph *graph);
/* Atomic. HONE_OUT_OF_MEMORY, also when it was out before; HONE_LIMIT: the format ends at 2 GiB. */
hone_status hn_graph_write(const hn_graph *graph, const char *path, hone_error *err);

#endif
