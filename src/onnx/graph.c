#include "onnx/graph.h"

#include <string.h>

#include "base/memory.h"
#include "onnx/model.h"

const char *hn_value_type_name(hn_value_type type)
{
    switch (type) {
    case HN_VALUE_FLOAT: return "float";
    case HN_VALUE_BYTE: return "uint8";
    case HN_VALUE_INT: return "int64";
    case HN_VALUE_TEXT: return "string";
    case HN_VALUE_BOOL: return "bool";
    case HN_VALUE_DOUBLE: return "double";
    }
    return "";
}

hone_status hn_graph_create(hn_graph **graph, hone_error *err)
{
    hn_graph *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    *graph = made;
    return HONE_OK;
}

void hn_graph_destroy(hn_graph *graph)
{
    if (graph) {
        hn_text_map_release(&graph->names);
        hn_arena_release(&graph->arena);
        hn_free(graph);
    }
}

/* --- memory and names --- */

bool hn_graph_failed(const hn_graph *g)
{
    return g->failed;
}

void *hn_graph_room(hn_graph *g, size_t count, size_t size)
{
    void *room = g->failed ? NULL : hn_arena_alloc(&g->arena, count, size);
    g->failed |= !room;
    return room;
}

static void *copy_of(hn_graph *g, const void *values, size_t count, size_t size)
{
    void *copy = hn_graph_room(g, count, size);
    return copy && count ? memcpy(copy, values, count * size) : copy;
}

static char *text_of(hn_graph *g, const char *text)
{
    return copy_of(g, text, strlen(text) + 1, 1);
}

static ProtobufCBinaryData bytes_of(hn_graph *g, const char *text)
{
    char *copy = text_of(g, text);
    return (ProtobufCBinaryData){.len = copy ? strlen(copy) : 0, .data = (uint8_t *)copy};
}

static ProtobufCBinaryData *list_of_bytes(hn_graph *g, size_t n, const char *const *texts)
{
    ProtobufCBinaryData *list = hn_graph_room(g, n, sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        list[i] = bytes_of(g, texts[i]);
    }
    return list;
}

/* items (n,) with room for one more: they move when n is 0 or a power of two. */
static void *longer(hn_graph *g, void *items, size_t n, size_t size)
{
    void *moved = n & (n - 1) ? items : hn_graph_room(g, n ? 2 * n : 1, size);
    return moved && moved != items && n ? memcpy(moved, items, n * size) : moved;
}

#define APPEND(graph, items, n, item)                                                                        \
    do {                                                                                                     \
        void *longer_ = longer(graph, items, n, sizeof *(items));                                            \
        if (longer_ && !(graph)->failed) {                                                                   \
            (items) = longer_;                                                                               \
            (items)[(n)++] = (item);                                                                         \
        }                                                                                                    \
    } while (0)

/* A new message; init: what the generated header says it begins as. */
#define MESSAGE(graph, type, init) copy_of(graph, &(type)init, 1, sizeof(type))

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A name of the C language, which the format asks for, that the graph does not have yet. */
static const char *new_name(hn_graph *g, const char *name)
{
    const char *scope = g->scope ? g->scope : "", *between = g->scope ? "_" : "";
    char *base = g->failed ? NULL : hn_arena_printf(&g->arena, "_%s%s%s", scope, between, name);
    for (char *c = base; c && *c; c++) {
        *c = is_letter(*c) || (*c >= '0' && *c <= '9') ? *c : '_';
    }
    if (base && is_letter(base[1])) {
        base++;
    }
    const char *made = base;
    for (size_t k = 2; made && hn_text_map_find(&g->names, made) != HN_TEXT_MAP_NONE; k++) {
        made = hn_arena_printf(&g->arena, "%s_%zu", base, k);
    }
    size_t at = made ? hn_text_map_intern(&g->names, made) : HN_TEXT_MAP_NONE;
    g->failed |= at == HN_TEXT_MAP_NONE;
    return g->failed ? NULL : g->names.keys[at];
}

void hn_graph_scope(hn_graph *g, const char *name)
{
    g->scope = text_of(g, name);
}

void hn_graph_note(hn_graph *g, const char *key, const char *text)
{
    HnOnnx__StringStringEntryProto *note =
        MESSAGE(g, HnOnnx__StringStringEntryProto, HN_ONNX__STRING_STRING_ENTRY_PROTO__INIT);
    if (note) {
        note->key = text_of(g, key);
        note->value = text_of(g, text);
        APPEND(g, g->notes, g->n_notes, note);
    }
}

/* --- inputs and outputs --- */

static hn_graph_end *new_end(hn_graph *g, const char *name, hn_value_type type, size_t rank,
                             const size_t *dim)
{
    hn_graph_end *end = hn_graph_room(g, 1, sizeof *end);
    if (end) {
        *end = (hn_graph_end){.type = type, .rank = rank};
        for (size_t i = 0; i < rank; i++) {
            end->dim[i] = dim[i];
        }
        g->scope = NULL;
        end->name = new_name(g, name);
    }
    return end;
}

hn_value hn_graph_input(hn_graph *g, const char *name, hn_value_type type, size_t rank, const size_t *dim)
{
    hn_graph_end *end = new_end(g, name, type, rank, dim);
    APPEND(g, g->inputs, g->n_inputs, end);
    return (hn_value){end ? end->name : NULL, type};
}

static void rename_in(char **names, size_t n, const char *old, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        names[i] = names[i] == old ? (char *)name : names[i];
    }
}

void hn_graph_output(hn_graph *g, hn_value value, const char *name, size_t rank, const size_t *dim)
{
    hn_graph_end *end = new_end(g, name, value.type, rank, dim);
    APPEND(g, g->outputs, g->n_outputs, end);
    for (size_t i = 0; !g->failed && i < g->n_nodes; i++) {
        rename_in(g->nodes[i]->input, g->nodes[i]->n_input, value.name, end->name);
        rename_in(g->nodes[i]->output, g->nodes[i]->n_output, value.name, end->name);
    }
}

size_t hn_graph_inputs(const hn_graph *g)
{
    return g->n_inputs;
}

const hn_graph_end *hn_graph_input_at(const hn_graph *g, size_t i)
{
    return g->inputs[i];
}

size_t hn_graph_outputs(const hn_graph *g)
{
    return g->n_outputs;
}

const hn_graph_end *hn_graph_output_at(const hn_graph *g, size_t i)
{
    return g->outputs[i];
}

size_t hn_graph_nodes(const hn_graph *g)
{
    return g->n_nodes;
}

/* --- constants --- */

static HnOnnx__TensorProto *new_tensor(hn_graph *g, hn_value_type type, size_t rank, const size_t *dim)
{
    HnOnnx__TensorProto *tensor = MESSAGE(g, HnOnnx__TensorProto, HN_ONNX__TENSOR_PROTO__INIT);
    int64_t *dims = hn_graph_room(g, rank, sizeof *dims);
    if (!tensor || !dims) {
        return NULL;
    }
    for (size_t i = 0; i < rank; i++) {
        dims[i] = (int64_t)dim[i];
    }
    tensor->has_data_type = true;
    tensor->data_type = (int32_t)type;
    tensor->n_dims = rank;
    tensor->dims = dims;
    return tensor;
}

static size_t product(size_t rank, const size_t *dim)
{
    size_t size = 1;
    for (size_t i = 0; i < rank; i++) {
        size *= dim[i];
    }
    return size;
}

/* tensor NULL: memory is out. */
static hn_value add_constant(hn_graph *g, const char *name, hn_value_type type, HnOnnx__TensorProto *tensor)
{
    const char *given = new_name(g, name);
    if (tensor) {
        tensor->name = (char *)given;
        APPEND(g, g->constants, g->n_constants, tensor);
    }
    return (hn_value){given, type};
}

hn_value hn_graph_floats(hn_graph *g, const char *name, size_t rank, const size_t *dim, const float *values)
{
    HnOnnx__TensorProto *tensor = new_tensor(g, HN_VALUE_FLOAT, rank, dim);
    if (tensor) {
        tensor->n_float_data = product(rank, dim);
        tensor->float_data = (float *)values;
    }
    return add_constant(g, name, HN_VALUE_FLOAT, tensor);
}

hn_value hn_graph_doubles(hn_graph *g, const char *name, size_t rank, const size_t *dim, const double *values)
{
    HnOnnx__TensorProto *tensor = new_tensor(g, HN_VALUE_DOUBLE, rank, dim);
    if (tensor) {
        tensor->n_double_data = product(rank, dim);
        tensor->double_data = (double *)values;
    }
    return add_constant(g, name, HN_VALUE_DOUBLE, tensor);
}

static hn_value add_ints(hn_graph *g, const char *name, size_t rank, size_t n, const int64_t *values)
{
    HnOnnx__TensorProto *tensor = new_tensor(g, HN_VALUE_INT, rank, &n);
    if (tensor) {
        tensor->n_int64_data = n;
        tensor->int64_data = copy_of(g, values, n, sizeof *values);
    }
    return add_constant(g, name, HN_VALUE_INT, tensor);
}

hn_value hn_graph_ints(hn_graph *g, const char *name, size_t n, const int64_t *values)
{
    return add_ints(g, name, 1, n, values);
}

hn_value hn_graph_texts(hn_graph *g, const char *name, size_t n, const char *const *values)
{
    HnOnnx__TensorProto *tensor = new_tensor(g, HN_VALUE_TEXT, 1, &n);
    if (tensor) {
        tensor->n_string_data = n;
        tensor->string_data = list_of_bytes(g, n, values);
    }
    return add_constant(g, name, HN_VALUE_TEXT, tensor);
}

hn_value hn_graph_float(hn_graph *g, const char *name, float value)
{
    return hn_graph_floats(g, name, 0, NULL, copy_of(g, &value, 1, sizeof value));
}

hn_value hn_graph_double(hn_graph *g, const char *name, double value)
{
    return hn_graph_doubles(g, name, 0, NULL, copy_of(g, &value, 1, sizeof value));
}

hn_value hn_graph_int(hn_graph *g, const char *name, int64_t value)
{
    return add_ints(g, name, 0, 1, &value);
}

/* --- nodes --- */

hn_value hn_graph_further(hn_graph *g, hn_value_type type)
{
    HnOnnx__NodeProto *node = g->failed ? NULL : g->nodes[g->n_nodes - 1];
    const char *name = node ? new_name(g, node->op_type) : NULL;
    if (name) {
        APPEND(g, node->output, node->n_output, (char *)name);
    }
    return (hn_value){name, type};
}

hn_value hn_graph_op(hn_graph *g, const char *op, size_t n, const hn_value *inputs)
{
    HnOnnx__NodeProto *node = MESSAGE(g, HnOnnx__NodeProto, HN_ONNX__NODE_PROTO__INIT);
    for (size_t i = 0; node && i < n; i++) {
        APPEND(g, node->input, node->n_input, (char *)inputs[i].name);
    }
    if (node) {
        node->op_type = text_of(g, op);
        APPEND(g, g->nodes, g->n_nodes, node);
    }
    hn_value out = hn_graph_further(g, inputs[0].type);
    if (out.name) {
        node->name = (char *)out.name;
    }
    return out;
}

void hn_graph_of_ml(hn_graph *g, int version)
{
    if (!g->failed) {
        g->nodes[g->n_nodes - 1]->domain = text_of(g, "ai.onnx.ml");
        g->ml = version > g->ml ? version : g->ml;
    }
}

/* NULL when memory is out. */
static HnOnnx__AttributeProto *add_attribute(hn_graph *g, const char *name,
                                             HnOnnx__AttributeProto__AttributeType type)
{
    HnOnnx__AttributeProto *made = MESSAGE(g, HnOnnx__AttributeProto, HN_ONNX__ATTRIBUTE_PROTO__INIT);
    if (made) {
        HnOnnx__NodeProto *node = g->nodes[g->n_nodes - 1];
        made->name = text_of(g, name);
        made->has_type = true;
        made->type = type;
        APPEND(g, node->attribute, node->n_attribute, made);
    }
    return made;
}

void hn_graph_set_int(hn_graph *g, const char *name, int64_t value)
{
    HnOnnx__AttributeProto *a = add_attribute(g, name, HN_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    if (a) {
        a->has_i = true;
        a->i = value;
    }
}

void hn_graph_set_float(hn_graph *g, const char *name, float value)
{
    HnOnnx__AttributeProto *a = add_attribute(g, name, HN_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
    if (a) {
        a->has_f = true;
        a->f = value;
    }
}

void hn_graph_set_text(hn_graph *g, const char *name, const char *value)
{
    HnOnnx__AttributeProto *a = add_attribute(g, name, HN_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
    if (a) {
        a->has_s = true;
        a->s = bytes_of(g, value);
    }
}

void hn_graph_set_ints(hn_graph *g, const char *name, size_t n, const int64_t *values)
{
    HnOnnx__AttributeProto *a = add_attribute(g, name, HN_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    if (a) {
        a->n_ints = n;
        a->ints = copy_of(g, values, n, sizeof *values);
    }
}

void hn_graph_set_texts(hn_graph *g, const char *name, size_t n, const char *const *values)
{
    HnOnnx__AttributeProto *a = add_attribute(g, name, HN_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRINGS);
    if (a) {
        a->n_strings = n;
        a->strings = list_of_bytes(g, n, values);
    }
}

void hn_graph_set_doubles(hn_graph *g, const char *name, size_t n, const double *values)
{
    HnOnnx__AttributeProto *a = add_attribute(g, name, HN_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR);
    HnOnnx__TensorProto *tensor = new_tensor(g, HN_VALUE_DOUBLE, 1, &n);
    if (a && tensor) {
        tensor->n_double_data = n;
        tensor->double_data = copy_of(g, values, n, sizeof *values);
        a->t = tensor;
    }
}

/* --- usual nodes --- */

hn_value hn_graph_cast(hn_graph *g, hn_value value, hn_value_type type)
{
    if (value.type == type) {
        return value;
    }
    hn_value cast = HN_OP(g, "Cast", value);
    hn_graph_set_int(g, "to", type);
    cast.type = type;
    return cast;
}

hn_value hn_graph_reshape(hn_graph *g, hn_value value, size_t rank, const int64_t *dim)
{
    return HN_OP(g, "Reshape", value, hn_graph_ints(g, "shape", rank, dim));
}

hn_value hn_graph_transpose(hn_graph *g, hn_value value, size_t rank, const int64_t *order)
{
    hn_value turned = HN_OP(g, "Transpose", value);
    hn_graph_set_ints(g, "perm", rank, order);
    return turned;
}

hn_value hn_graph_complement(hn_graph *g, hn_value second)
{
    hn_value one =
        second.type == HN_VALUE_DOUBLE ? hn_graph_double(g, "one", 1) : hn_graph_float(g, "one", 1);
    hn_value pair = HN_OP(g, "Concat", HN_OP(g, "Sub", one, second), second);
    hn_graph_set_int(g, "axis", 1);
    return pair;
}

hn_value hn_graph_argmax(hn_graph *g, hn_value values)
{
    hn_value place = HN_OP(g, "ArgMax", values);
    hn_graph_set_int(g, "axis", 1);
    hn_graph_set_int(g, "keepdims", 0);
    place.type = HN_VALUE_INT;
    return place;
}

/* --- a loop --- */

/* A value at the edge of a round: one without dimensions (which ONNX Runtime wants to be told of the number
 * of the round and of the condition), or of any shape. NULL when memory is out. */
static HnOnnx__ValueInfoProto *round_end(hn_graph *g, hn_value value, bool scalar)
{
    HnOnnx__ValueInfoProto *info = MESSAGE(g, HnOnnx__ValueInfoProto, HN_ONNX__VALUE_INFO_PROTO__INIT);
    HnOnnx__TypeProto *type = MESSAGE(g, HnOnnx__TypeProto, HN_ONNX__TYPE_PROTO__INIT);
    HnOnnx__TypeProto__Tensor *tensor =
        MESSAGE(g, HnOnnx__TypeProto__Tensor, HN_ONNX__TYPE_PROTO__TENSOR__INIT);
    HnOnnx__TensorShapeProto *shape =
        scalar ? MESSAGE(g, HnOnnx__TensorShapeProto, HN_ONNX__TENSOR_SHAPE_PROTO__INIT) : NULL;
    if (!info || !type || !tensor || (scalar && !shape)) {
        return NULL;
    }
    tensor->shape = shape;
    tensor->has_elem_type = true;
    tensor->elem_type = (int32_t)value.type;
    type->value_case = HN_ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = tensor;
    info->name = (char *)value.name;
    info->type = type;
    return info;
}

void hn_graph_loop_begin(hn_graph *g, int64_t most, hn_value *value)
{
    const hn_value edges[] = {{new_name(g, "round"), HN_VALUE_INT},
                              {new_name(g, "goes_on"), HN_VALUE_BOOL},
                              {new_name(g, "before"), value->type}};
    hn_outside *outside = &g->outside;
    outside->most = hn_graph_int(g, "most", most);
    outside->value = *value;
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        outside->inputs[i] = round_end(g, edges[i], i < 2);
    }
    outside->nodes = g->nodes;
    outside->n_nodes = g->n_nodes;
    g->nodes = NULL;
    g->n_nodes = 0;
    *value = edges[2];
}

hn_value hn_graph_loop_end(hn_graph *g, hn_value value, hn_value again)
{
    static char name[] = "round";
    hn_outside *outside = &g->outside;
    HnOnnx__GraphProto *body = MESSAGE(g, HnOnnx__GraphProto, HN_ONNX__GRAPH_PROTO__INIT);
    HnOnnx__ValueInfoProto *condition = round_end(g, again, true), *after = round_end(g, value, false);
    if (body && condition && after) {
        body->name = name;
        body->node = g->nodes;
        body->n_node = g->n_nodes;
        body->input = copy_of(g, outside->inputs, 3, sizeof *body->input);
        body->n_input = 3;
        APPEND(g, body->output, body->n_output, condition);
        APPEND(g, body->output, body->n_output, after);
    }
    g->nodes = outside->nodes;
    g->n_nodes = outside->n_nodes;
    hn_value always = hn_graph_cast(g, hn_graph_int(g, "always", 1), HN_VALUE_BOOL);
    hn_value done = HN_OP(g, "Loop", outside->most, always, outside->value);
    HnOnnx__AttributeProto *a = add_attribute(g, "body", HN_ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH);
    if (a) {
        a->g = body;
    }
    done.type = value.type;
    return done;
}
