/* build.c: from a list of nodes to a chain of layers: options, shapes, where each tensor lies. */
#include <string.h>

#include "base/memory.h"
#include "network/activation.h"
#include "network/chain.h"

enum { MOST_LAYERS = 1000 };
static const size_t most_values = (size_t)1 << 31;

/* What every layer with weights takes beside its own options. */
typedef struct penalties {
    double l1, l2;
} penalties;

static const hn_option penalty_options[] = {
    {"l1", HN_OPTION_DOUBLE, "0", 0, 1e6, NULL, offsetof(penalties, l1), "penalty of the weights' sizes"},
    {"l2", HN_OPTION_DOUBLE, "0", 0, 1e6, NULL, offsetof(penalties, l2), "penalty of the weights' squares"},
};

typedef struct builder {
    hn_network *network;
    size_t capacity;
    hn_shape shape;  /* of the last layer's output */
    bool names_only; /* names and options are judged, shapes are not known */
} builder;

/* --- one layer --- */

/* "dense_2": how often the type was met. */
static const char *name_layer(builder *b, const hn_layer_type *type)
{
    size_t number = 1;
    for (size_t i = 0; i < b->network->n_layers; i++) {
        number += b->network->layers[i].type == type;
    }
    return hn_arena_printf(&b->network->arena, "%s_%zu", type->name, number);
}

/* The options as a map: `dropout: 0.5` gives the first option, `flatten: null` none. NULL when memory is out.
 */
static hn_node *options_map(hn_arena *arena, const hn_layer_type *type, const hn_node *given)
{
    if (given && given->kind == HN_MAP) {
        return hn_node_copy(arena, given);
    }
    hn_node *map = hn_node_map(arena);
    if (!given || given->kind == HN_NULL || !type->options.count) {
        return map;
    }
    hn_node *value = hn_node_copy(arena, given);
    map = hn_map_append(arena, map, type->options.options[0].name, value);
    if (map) {
        map->at = map->as.entries[0].at = given->at;
    }
    return map;
}

/* The type's options with l1 and l2, which are read into what comes behind its own. NULL: memory is out. */
static const hn_option_table *all_options(hn_arena *arena, const hn_layer_type *type)
{
    enum { PENALTIES = sizeof penalty_options / sizeof *penalty_options };
    size_t own = type->options.count, size = type->options.config_size;
    hn_option_table *all = HN_ARENA_NEW(arena, hn_option_table, 1);
    hn_option *options = HN_ARENA_NEW(arena, hn_option, own + PENALTIES);
    if (!type->weights || !all || !options) {
        return all && options ? &type->options : NULL;
    }
    size = (size + sizeof(penalties) - 1) / sizeof(penalties) * sizeof(penalties);
    for (size_t i = 0; i < own + PENALTIES; i++) {
        options[i] = i < own ? type->options.options[i] : penalty_options[i - own];
        options[i].offset += i < own ? 0 : size;
    }
    *all = (hn_option_table){options, own + PENALTIES, size + sizeof(penalties)};
    return all;
}

/* So that a batch's bytes fit into a size_t. */
static hone_status refuse_size(const hn_shape *out, hone_error *err)
{
    size_t size = 1;
    for (size_t i = 0; i < out->rank; i++) {
        if (out->dim[i] > most_values / size) {
            return hn_fail(err, HONE_LIMIT, "of one sample it makes more than 2^31 values");
        }
        size *= out->dim[i];
    }
    return HONE_OK;
}

static hone_status plan_layer(const builder *b, hn_network_layer *layer, hone_error *err)
{
    layer->plan.in = b->shape;
    hone_status status = layer->type->plan(layer->config, &b->shape, &layer->plan, err);
    return status ? status : refuse_size(&layer->plan.out, err);
}

static hone_status add_layer(builder *b, const hn_layer_type *type, const hn_node *given, hn_position at,
                             hone_error *err)
{
    hn_network *network = b->network;
    hn_arena *arena = &network->arena;
    hn_network_layer layer = {.type = type, .name = name_layer(b, type)};
    const hn_option_table *table = all_options(arena, type);
    void *config = table ? hn_arena_alloc(arena, 1, table->config_size) : NULL;
    hn_node *options = options_map(arena, type, given);
    if (!layer.name || !config || !options) {
        return hn_out_of_memory(err);
    }
    if (network->n_layers == MOST_LAYERS) {
        return hn_fail_at(err, HONE_LIMIT, at, "layers: there are more than %d", MOST_LAYERS);
    }
    if (network->n_layers == b->capacity &&
        hn_grow((void **)&network->layers, network->n_layers, &b->capacity, sizeof layer)) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_options_apply(arena, table, layer.name, options, config, err);
    if (status) {
        return status;
    }
    layer.config = config;
    if (type->weights) {
        const penalties *read = (void *)((char *)config + table->config_size - sizeof *read);
        layer.l1 = read->l1;
        layer.l2 = read->l2;
    }
    hone_error why = {0};
    status = b->names_only ? HONE_OK : plan_layer(b, &layer, &why);
    if (status) {
        return hn_fail_at(err, status, at, "layer %zu, %s: %s", network->n_layers + 1, type->name,
                          why.message);
    }
    b->shape = layer.plan.out;
    network->layers[network->n_layers++] = layer;
    return HONE_OK;
}

/* --- the list --- */

static hone_status unknown_layer(const builder *b, const char *name, hn_position at, hone_error *err)
{
    enum { MOST_TYPES = 64 };
    const char *names[MOST_TYPES];
    size_t count = 0;
    hn_buffer list = HN_BUFFER_INIT;
    for (; count < MOST_TYPES && hn_layer_at(count); count++) {
        names[count] = hn_layer_at(count)->name;
        hn_buffer_printf(&list, "%s%s", count ? ", " : "", names[count]);
    }
    const char *nearest = hn_nearest_name(name, names, count);
    hone_status status =
        hn_fail_at(err, HONE_NOT_FOUND, at, "layer %zu: there is no layer '%.60s'%s%s%s; there are %s",
                   b->network->n_layers + 1, name, nearest ? " (did you mean '" : "", nearest ? nearest : "",
                   nearest ? "'?)" : "", hn_buffer_string(&list));
    if (hn_buffer_failed(&list)) {
        status = hn_out_of_memory(err);
    }
    hn_buffer_release(&list);
    return status;
}

static hone_status add_entry(builder *b, const char *name, const hn_node *options, hn_position at,
                             hone_error *err)
{
    const hn_layer_type *type = hn_layer_find(name);
    if (type) {
        return add_layer(b, type, options, at, err);
    }
    return unknown_layer(b, name, at, err);
}

static hone_status add_item(builder *b, const hn_node *item, hone_error *err)
{
    hone_status status = HONE_OK;
    if (item->kind == HN_STRING) {
        return add_entry(b, item->as.string, NULL, item->at, err);
    }
    if (item->kind != HN_MAP || !item->count) {
        return hn_fail_at(
            err, HONE_INVALID, item->at,
            "layer %zu: it must be a map of a layer and its options, such as {dense: {units: 32}}, or with repeat: {repeat: 2, dense: {units: 32}}",
            b->network->n_layers + 1);
    }
    for (size_t i = 0; !status && i < item->count; i++) {
        const hn_map_entry *entry = &item->as.entries[i];
        status = add_entry(b, entry->key, entry->value, entry->at, err);
    }
    return status;
}

/* A softmax or sigmoid inside the last layer becomes a layer of its own, which losses leave out. */
static hone_status part_activation(builder *b, const hn_node *layers, hone_error *err)
{
    const hn_network *network = b->network;
    const hn_network_layer *last = &network->layers[network->n_layers - 1];
    hn_arena *arena = &b->network->arena;
    const hn_option *option = hn_option_find(&last->type->options, "activation");
    if (!option || option->type != HN_OPTION_CHOICE) {
        return HONE_OK;
    }
    int *kind = (int *)((char *)last->config + option->offset);
    if (*kind != HN_SOFTMAX && *kind != HN_SIGMOID) {
        return HONE_OK;
    }
    hn_node *name = hn_node_string(arena, hn_activation_names[*kind]);
    *kind = HN_LINEAR;
    return name ? add_layer(b, hn_layer_find("activation"), name, layers->at, err) : hn_out_of_memory(err);
}

/* --- where everything lies --- */

static hone_status place_tensors(hn_network *network, bool trainable, size_t *at, hone_error *err)
{
    for (size_t i = 0; i < network->n_layers; i++) {
        hn_network_layer *layer = &network->layers[i];
        for (size_t t = 0; t < layer->plan.n_tensors; t++) {
            const hn_layer_tensor *tensor = &layer->plan.tensors[t];
            if (tensor->trainable != trainable) {
                continue;
            }
            layer->offset[t] = *at;
            for (size_t d = 0, size = 1; d < tensor->rank; d++) {
                if (tensor->dim[d] > most_values / size) {
                    return hn_fail(err, HONE_LIMIT, "layer %s: its %s has more than 2^31 values", layer->name,
                                   tensor->name);
                }
                size *= tensor->dim[d];
            }
            *at += hn_layer_tensor_size(tensor);
            if (*at > most_values) {
                return hn_fail(err, HONE_LIMIT, "layer %s: the network has more than 2^31 values",
                               layer->name);
            }
        }
    }
    return HONE_OK;
}

static hone_status finish(hn_network *network, hone_error *err)
{
    size_t at = 0;
    hone_status status = place_tensors(network, true, &at, err);
    network->n_trainable = at;
    if (!status) {
        status = place_tensors(network, false, &at, err);
    }
    network->n_values = at;
    const hn_network_layer *last = &network->layers[network->n_layers - 1];
    if (last->type == hn_layer_find("activation")) {
        int kind = *(const int *)last->config;
        network->ends_in_activation = kind == HN_SOFTMAX || kind == HN_SIGMOID;
    }
    while (network->first_learning < network->n_layers) {
        const hn_layer_plan *plan = &network->layers[network->first_learning].plan;
        if (plan->n_tensors && plan->tensors[0].trainable) {
            break;
        }
        network->first_learning++;
    }
    network->room = hn_calloc(network->n_layers, sizeof *network->room);
    return status || network->room ? status : hn_out_of_memory(err);
}

hone_status hn_network_create(const hn_node *layers, const hn_shape *in, hn_network **made, hone_error *err)
{
    if (!layers || layers->kind != HN_LIST || !layers->count) {
        return hn_fail_at(err, HONE_INVALID, layers ? layers->at : (hn_position){0},
                          "layers: a list of layers is needed, such as [{dense: {units: 32}}]");
    }
    for (size_t i = 0; i < in->rank; i++) {
        if (!in->dim[i]) {
            return hn_fail(err, HONE_INVALID, "layers: the samples have no values");
        }
    }
    hn_network *network = hn_calloc(1, sizeof *network);
    if (!network) {
        return hn_out_of_memory(err);
    }
    builder b = {.network = network, .shape = *in};
    hone_status status = refuse_size(in, err);
    for (size_t i = 0; !status && i < layers->count; i++) {
        status = add_item(&b, layers->as.items[i], err);
    }
    if (!status) {
        status = part_activation(&b, layers, err);
    }
    if (!status) {
        status = finish(network, err);
    }
    if (status) {
        hn_network_destroy(network);
    } else {
        *made = network;
    }
    return status;
}

hone_status hn_network_check(const hn_node *layers, hone_error *err)
{
    hn_network *network = hn_calloc(1, sizeof *network);
    builder b = {.network = network, .names_only = true};
    hone_status status = network ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < layers->count; i++) {
        status = add_item(&b, layers->as.items[i], err);
    }
    hn_network_destroy(network);
    return status;
}
