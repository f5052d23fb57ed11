/* write.c: a graph as a file. */
#include "base/memory.h"
#include "base/os_output.h"
#include "hone/hone.h"
#include "onnx/model.h"

/* "rows": how many there are is said when the graph is run. */
static char rows[] = "rows";

typedef struct end_messages {
    HnOnnx__ValueInfoProto info;
    HnOnnx__TypeProto type;
    HnOnnx__TypeProto__Tensor tensor;
    HnOnnx__TensorShapeProto shape;
    HnOnnx__TensorShapeProto__Dimension dims[1 + HN_GRAPH_MAX_RANK], *dim[1 + HN_GRAPH_MAX_RANK];
} end_messages;

static void describe_end(const hn_graph_end *end, end_messages *m)
{
    *m = (end_messages){.info = HN_ONNX__VALUE_INFO_PROTO__INIT,
                        .type = HN_ONNX__TYPE_PROTO__INIT,
                        .tensor = HN_ONNX__TYPE_PROTO__TENSOR__INIT,
                        .shape = HN_ONNX__TENSOR_SHAPE_PROTO__INIT};
    for (size_t i = 0; i <= end->rank; i++) {
        m->dims[i] = (HnOnnx__TensorShapeProto__Dimension)HN_ONNX__TENSOR_SHAPE_PROTO__DIMENSION__INIT;
        if (i) {
            m->dims[i].value_case = HN_ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
            m->dims[i].dim_value = (int64_t)end->dim[i - 1];
        } else {
            m->dims[i].value_case = HN_ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
            m->dims[i].dim_param = rows;
        }
        m->dim[i] = &m->dims[i];
    }
    m->shape.n_dim = end->rank + 1;
    m->shape.dim = m->dim;
    m->tensor.has_elem_type = true;
    m->tensor.elem_type = (int32_t)end->type;
    m->tensor.shape = &m->shape;
    m->type.value_case = HN_ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    m->type.tensor_type = &m->tensor;
    m->info.name = (char *)end->name;
    m->info.type = &m->type;
}

/* (n,) messages in arena; NULL when memory is out. */
static HnOnnx__ValueInfoProto **describe_ends(hn_graph_end *const *ends, size_t n, hn_arena *arena)
{
    HnOnnx__ValueInfoProto **list = HN_ARENA_NEW(arena, HnOnnx__ValueInfoProto *, n);
    end_messages *messages = HN_ARENA_NEW(arena, end_messages, n);
    for (size_t i = 0; list && messages && i < n; i++) {
        describe_end(ends[i], &messages[i]);
        list[i] = &messages[i].info;
    }
    return messages ? list : NULL;
}

static hone_status write_model(const HnOnnx__ModelProto *model, const char *path, hone_error *err)
{
    size_t size = hn_onnx__model_proto__get_packed_size(model);
    if (size > INT32_MAX) {
        return hn_fail(err, HONE_LIMIT, "%s: an ONNX file holds at most 2 GiB, this one would take %zu bytes",
                       path, size);
    }
    uint8_t *packed = hn_malloc(size);
    if (!packed) {
        return hn_out_of_memory(err);
    }
    hn_onnx__model_proto__pack(model, packed);
    hone_status status = hn_file_write_atomic(path, packed, size, err);
    hn_free(packed);
    return status;
}

hone_status hn_graph_write(const hn_graph *g, const char *path, hone_error *err)
{
    static char name[] = "hone", version[] = HONE_VERSION, ml_domain[] = "ai.onnx.ml";
    HnOnnx__OperatorSetIdProto main_set = HN_ONNX__OPERATOR_SET_ID_PROTO__INIT, ml_set = main_set;
    HnOnnx__OperatorSetIdProto *sets[] = {&main_set, &ml_set};
    HnOnnx__GraphProto graph = HN_ONNX__GRAPH_PROTO__INIT;
    HnOnnx__ModelProto model = HN_ONNX__MODEL_PROTO__INIT;
    hn_arena arena = HN_ARENA_INIT;
    main_set.has_version = ml_set.has_version = true;
    main_set.version = HN_ONNX_OPERATORS;
    ml_set.version = g->ml;
    ml_set.domain = ml_domain;
    graph.name = name;
    graph.node = g->nodes;
    graph.n_node = g->n_nodes;
    graph.initializer = g->constants;
    graph.n_initializer = g->n_constants;
    graph.input = describe_ends(g->inputs, g->n_inputs, &arena);
    graph.n_input = g->n_inputs;
    graph.output = describe_ends(g->outputs, g->n_outputs, &arena);
    graph.n_output = g->n_outputs;
    model.has_ir_version = true;
    model.ir_version = HN_ONNX_IR;
    model.opset_import = sets;
    model.n_opset_import = g->ml ? 2 : 1;
    model.producer_name = name;
    model.producer_version = version;
    model.metadata_props = g->notes;
    model.n_metadata_props = g->n_notes;
    model.graph = &graph;
    hone_status status =
        g->failed || !graph.input || !graph.output ? hn_out_of_memory(err) : write_model(&model, path, err);
    hn_arena_release(&arena);
    return status;
}
