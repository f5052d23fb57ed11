/* sequential_save.c: to and from tensors: each of the network's by its layer's and its own name, as floats,
 * with the layers among the settings. */
#include <math.h>

#include "base/memory.h"
#include "model/sequential.h"

/* Calls for every tensor of the network that s describes; start: where its values begin in s->values. */
typedef hone_status visit(void *user, const char *name, const hn_layer_tensor *tensor, size_t start,
                          hone_error *err);

static hone_status each_tensor(const hn_network *network, hn_arena *arena, visit *call, void *user,
                               hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < hn_network_count(network); i++) {
        const hn_network_layer *layer = hn_network_at(network, i);
        for (size_t t = 0; !status && t < layer->plan.n_tensors; t++) {
            const hn_layer_tensor *tensor = &layer->plan.tensors[t];
            const char *name = hn_arena_printf(arena, "%s.%s", layer->name, tensor->name);
            status = name ? call(user, name, tensor, layer->offset[t], err) : hn_out_of_memory(err);
        }
    }
    return status;
}

typedef struct writer {
    const hn_sequential *s;
    hn_tensor *next;
} writer;

static hone_status add_tensor(void *user, const char *name, const hn_layer_tensor *tensor, size_t start,
                              hone_error *err)
{
    writer *w = user;
    (void)err;
    hn_tensor made = {.name = name, .dims = tensor->rank, .floats = w->s->values + start};
    for (size_t d = 0; d < tensor->rank; d++) {
        made.shape[d] = tensor->dim[d];
    }
    *w->next++ = made;
    return HONE_OK;
}

hone_status hn_sequential_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const hn_sequential *s = fitted;
    hn_network *network = NULL;
    double *scale = HN_ARENA_NEW(arena, double, 2);
    hn_node *shape = hn_node_list(arena);
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "layers", hn_node_copy(arena, s->layers));
    map = hn_map_set(arena, map, "epochs", hn_node_integer(arena, s->epochs));
    for (size_t i = 0; i < s->in.rank; i++) {
        shape = hn_list_append(arena, shape, hn_node_integer(arena, (int64_t)s->in.dim[i]));
    }
    map = hn_map_set(arena, map, "input", shape);
    hone_status status = scale && map ? hn_sequential_network(s->layers, &s->in, s->n_classes, &network, err)
                                      : hn_out_of_memory(err);
    if (status) {
        return status;
    }
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, 1 + HN_LAYER_MAX_TENSORS * hn_network_count(network));
    if (tensors) {
        scale[0] = s->centre;
        scale[1] = s->spread;
        tensors[0] = (hn_tensor){.name = "target", .dims = 1, .shape = {2}, .values = scale};
        writer w = {s, tensors + 1};
        status = each_tensor(network, arena, add_tensor, &w, err);
        *state =
            (hn_model_state){.settings = map, .tensors = tensors, .n_tensors = (size_t)(w.next - tensors)};
    }
    hn_network_destroy(network);
    return tensors ? status : hn_out_of_memory(err);
}

static hone_status damaged(hone_error *err)
{
    return hn_fail(err, HONE_PARSE,
                   "model sequential: a setting or array is missing or has another form than hone writes");
}

/* The input's shape, of d values. Models of rows of a table of old do not have it. */
static bool read_shape(const hn_node *list, size_t d, hn_shape *shape)
{
    *shape = (hn_shape){.rank = 1, .dim = {d}};
    bool sound = !list || (list->kind == HN_LIST && list->count >= 1 && list->count <= HN_SHAPE_MAX_RANK);
    size_t size = 1;
    for (size_t i = 0; sound && list && i < list->count; i++) {
        int64_t dim = 0;
        sound = hn_node_int(list->as.items[i], &dim) && dim > 0 && (size_t)dim <= d / size;
        shape->rank = list->count;
        shape->dim[i] = (size_t)dim;
        size *= sound ? (size_t)dim : 1;
    }
    return sound && (!list || size == d);
}

typedef struct loader {
    const hn_model_state *state;
    hn_sequential *s;
} loader;

static hone_status take_tensor(void *user, const char *name, const hn_layer_tensor *tensor, size_t start,
                               hone_error *err)
{
    const loader *l = user;
    const hn_tensor *found =
        hn_tensor_find_floats(l->state->tensors, l->state->n_tensors, name, tensor->rank);
    for (size_t d = 0; found && d < tensor->rank; d++) {
        found = found->shape[d] == tensor->dim[d] ? found : NULL;
    }
    for (size_t i = 0; found && i < hn_layer_tensor_size(tensor); i++) {
        l->s->values[start + i] = found->floats[i];
        found = isfinite(found->floats[i]) ? found : NULL;
    }
    return found
               ? HONE_OK
               : hn_fail(
                     err, HONE_PARSE,
                     "model sequential: its array %s is missing, of another shape than its layer, or not finite",
                     name);
}

/* The layers say which values there must be. */
static hone_status read_network(const hn_model_state *state, hn_sequential *s, hone_error *err)
{
    hn_network *network = NULL;
    hone_error inner;
    const hn_node *layers = hn_map_get(state->settings, "layers");
    s->layers = layers ? hn_node_copy(&s->arena, layers) : NULL;
    if (!layers || hn_sequential_network(s->layers, &s->in, s->n_classes, &network, &inner)) {
        return layers ? hn_fail(err, HONE_PARSE, "model sequential: %s", inner.message) : damaged(err);
    }
    hn_arena names = HN_ARENA_INIT;
    loader l = {state, s};
    s->n_values = hn_network_size(network);
    s->outputs = hn_shape_size(hn_network_output(network));
    s->values = hn_aligned_array(s->n_values + 1, sizeof *s->values);
    hone_status status =
        s->values ? each_tensor(network, &names, take_tensor, &l, err) : hn_out_of_memory(err);
    hn_arena_release(&names);
    hn_network_destroy(network);
    return status;
}

hone_status hn_sequential_load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                               hone_error *err)
{
    const hn_tensor *target = hn_tensor_find(state->tensors, state->n_tensors, "target", 1);
    hn_sequential *s = hn_calloc(1, sizeof *s);
    if (!s) {
        return hn_out_of_memory(err);
    }
    s->n_classes = n_classes;
    bool sound = target && target->shape[0] == 2 && isfinite(target->values[0]) && target->values[1] > 0 &&
                 isfinite(target->values[1]) &&
                 hn_node_int(hn_map_get(state->settings, "epochs"), &s->epochs) &&
                 read_shape(hn_map_get(state->settings, "input"), d, &s->in);
    hone_status status = sound ? read_network(state, s, err) : damaged(err);
    if (status) {
        hn_sequential_destroy(s);
        return status;
    }
    s->centre = target->values[0];
    s->spread = target->values[1];
    *fitted = s;
    return HONE_OK;
}
