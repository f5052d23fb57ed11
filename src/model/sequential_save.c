/* sequential_save.c: to and from tensors: one of the network's values, with the layers among the settings. */
#include <math.h>

#include "base/memory.h"
#include "model/sequential.h"

hone_status hn_sequential_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const hn_sequential *s = fitted;
    double *values = HN_ARENA_NEW(arena, double, s->n_values + 1);
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, 2);
    double *scale = HN_ARENA_NEW(arena, double, 2);
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "layers", hn_node_copy(arena, s->layers));
    map = hn_map_set(arena, map, "epochs", hn_node_integer(arena, s->epochs));
    if (!values || !tensors || !scale || !map) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < s->n_values; i++) {
        values[i] = s->values[i];
    }
    scale[0] = s->centre;
    scale[1] = s->spread;
    tensors[0] = (hn_tensor){.name = "values", .dims = 1, .shape = {s->n_values}, .values = values};
    tensors[1] = (hn_tensor){.name = "target", .dims = 1, .shape = {2}, .values = scale};
    *state = (hn_model_state){.settings = map, .tensors = tensors, .n_tensors = 2};
    return HONE_OK;
}

static hone_status damaged(hone_error *err)
{
    return hn_fail(err, HONE_PARSE,
                   "model sequential: a setting or array is missing or has another form than hone writes");
}

/* The network says how many values there must be. */
static hone_status read_layers(const hn_model_state *state, hn_sequential *s, const hn_tensor *values,
                               hone_error *err)
{
    hn_network *network = NULL;
    hone_error inner;
    const hn_node *layers = hn_map_get(state->settings, "layers");
    s->layers = layers ? hn_node_copy(&s->arena, layers) : NULL;
    if (!layers || hn_sequential_network(s->layers, &s->in, s->n_classes, &network, &inner)) {
        return layers ? hn_fail(err, HONE_PARSE, "model sequential: %s", inner.message) : damaged(err);
    }
    s->n_values = hn_network_size(network);
    s->outputs = hn_shape_size(hn_network_output(network));
    hn_network_destroy(network);
    return values->shape[0] == s->n_values ? HONE_OK : damaged(err);
}

hone_status hn_sequential_load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                               hone_error *err)
{
    const hn_tensor *values = hn_tensor_find(state->tensors, state->n_tensors, "values", 1);
    const hn_tensor *target = hn_tensor_find(state->tensors, state->n_tensors, "target", 1);
    hn_sequential *s = hn_calloc(1, sizeof *s);
    if (!s) {
        return hn_out_of_memory(err);
    }
    s->in = (hn_shape){.rank = 1, .dim = {d}};
    s->n_classes = n_classes;
    bool sound = values && target && target->shape[0] == 2 && isfinite(target->values[0]) &&
                 target->values[1] > 0 && isfinite(target->values[1]) &&
                 hn_node_int(hn_map_get(state->settings, "epochs"), &s->epochs);
    hone_status status = sound ? read_layers(state, s, values, err) : damaged(err);
    if (!status && !(s->values = hn_aligned_array(s->n_values + 1, sizeof *s->values))) {
        status = hn_out_of_memory(err);
    }
    for (size_t i = 0; !status && i < s->n_values; i++) {
        s->values[i] = (float)values->values[i];
        status = isfinite(s->values[i]) ? HONE_OK : damaged(err);
    }
    if (status) {
        hn_sequential_destroy(s);
        return status;
    }
    s->centre = target->values[0];
    s->spread = target->values[1];
    *fitted = s;
    return HONE_OK;
}
