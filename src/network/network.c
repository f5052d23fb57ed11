#include "network/network.h"
#include "network/activation.h"

#include "base/memory.h"
#include "network/chain.h"

size_t hn_network_count(const hn_network *network)
{
    return network->n_layers;
}

const hn_network_layer *hn_network_at(const hn_network *network, size_t i)
{
    return &network->layers[i];
}

const hn_shape *hn_network_input(const hn_network *network)
{
    return &network->layers[0].plan.in;
}

const hn_shape *hn_network_output(const hn_network *network)
{
    return &network->layers[network->n_layers - 1].plan.out;
}

const char *hn_network_last_activation(const hn_network *network)
{
    const hn_network_layer *last = &network->layers[network->n_layers - 1];
    return network->ends_in_activation ? hn_activation_names[*(const int *)last->config] : NULL;
}

size_t hn_network_trainable(const hn_network *network)
{
    return network->n_trainable;
}

size_t hn_network_size(const hn_network *network)
{
    return network->n_values;
}

float *hn_network_values(hn_network *network)
{
    return network->values;
}

/* Floats of one sample that passes keep: each layer's output and cache. */
static size_t kept_floats(const hn_network *network)
{
    size_t floats = 0;
    for (size_t i = 0; i < network->n_layers; i++) {
        const hn_layer_plan *plan = &network->layers[i].plan;
        floats += (plan->alias ? 0 : hn_shape_size(&plan->out)) + plan->cache;
    }
    return floats;
}

static size_t widest(const hn_network *network)
{
    size_t most = 0;
    for (size_t i = 0; i < network->n_layers; i++) {
        size_t in = hn_shape_size(&network->layers[i].plan.in),
               out = hn_shape_size(&network->layers[i].plan.out);
        most = in > most ? in : most;
        most = out > most ? out : most;
    }
    return most;
}

size_t hn_network_bytes(const hn_network *network, size_t n, bool training)
{
    size_t floats = network->n_values + n * kept_floats(network), work = 0;
    if (training) {
        floats += network->n_trainable + 2 * n * widest(network);
    }
    for (size_t i = 0; i < network->n_layers; i++) {
        const hn_network_layer *layer = &network->layers[i];
        work += layer->type->work_bytes ? layer->type->work_bytes(layer->config, &layer->plan, n) : 0;
    }
    return floats * sizeof(float) + work;
}

/* --- values --- */

static void tensors_of(const hn_network_layer *layer, float *values, float *tensors[HN_LAYER_MAX_TENSORS])
{
    for (size_t t = 0; t < layer->plan.n_tensors; t++) {
        tensors[t] = values + layer->offset[t];
    }
}

hone_status hn_network_init(hn_network *network, uint64_t seed, hone_error *err)
{
    float *values = hn_aligned_array(network->n_values + 1, sizeof *values);
    if (!values) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < network->n_values; i++) {
        values[i] = 0;
    }
    for (size_t i = 0; i < network->n_layers; i++) {
        const hn_network_layer *layer = &network->layers[i];
        float *tensors[HN_LAYER_MAX_TENSORS];
        hn_random random = hn_random_stream(seed, i, HN_PURPOSE_MODEL);
        tensors_of(layer, values, tensors);
        if (layer->type->init) {
            layer->type->init(layer->config, &layer->plan, &random, tensors);
        }
    }
    hn_network_borrow(network, values);
    network->borrowed = false;
    network->seed = seed;
    return HONE_OK;
}

void hn_network_borrow(hn_network *network, const float *values)
{
    if (!network->borrowed) {
        hn_free(network->values);
    }
    network->values = (float *)values;
    network->borrowed = true;
}

/* --- room for passes --- */

static void close_layers(hn_network *network)
{
    for (size_t i = 0; i < network->n_layers; i++) {
        if (network->layers[i].type->close) {
            network->layers[i].type->close(network->room[i].work);
        }
        hn_free(network->room[i].out);
        hn_free(network->room[i].cache);
        network->room[i] = (hn_layer_room){0};
    }
    hn_free(network->gradients);
    hn_free(network->slope[0]);
    hn_free(network->slope[1]);
    network->gradients = network->slope[0] = network->slope[1] = NULL;
    network->batch = 0;
}

static hone_status open_layer(hn_network *network, size_t i, size_t n, hone_error *err)
{
    const hn_network_layer *layer = &network->layers[i];
    hn_layer_room *room = &network->room[i];
    if (layer->plan.alias) {
        return HONE_OK;
    }
    room->out = hn_aligned_array(n * hn_shape_size(&layer->plan.out), sizeof *room->out);
    room->cache = layer->plan.cache ? hn_aligned_array(n * layer->plan.cache, sizeof *room->cache) : NULL;
    if (!room->out || (layer->plan.cache && !room->cache)) {
        return hn_out_of_memory(err);
    }
    return layer->type->open ? layer->type->open(layer->config, &layer->plan, n, &room->work, err) : HONE_OK;
}

hone_status hn_network_open(hn_network *network, size_t n, bool training, hone_error *err)
{
    hone_status status = HONE_OK;
    if (n <= network->batch && (!training || network->gradients)) {
        return HONE_OK;
    }
    close_layers(network);
    for (size_t i = 0; !status && i < network->n_layers; i++) {
        status = open_layer(network, i, n, err);
    }
    if (!status && training) {
        size_t width = widest(network);
        network->gradients = hn_aligned_array(network->n_trainable + 1, sizeof *network->gradients);
        network->slope[0] = hn_aligned_array(n * width, sizeof(float));
        network->slope[1] = hn_aligned_array(n * width, sizeof(float));
        if (!network->gradients || !network->slope[0] || !network->slope[1]) {
            status = hn_out_of_memory(err);
        }
    }
    if (status) {
        close_layers(network);
    } else {
        network->batch = n;
    }
    return status;
}

void hn_network_destroy(hn_network *network)
{
    if (!network) {
        return;
    }
    if (network->room) {
        close_layers(network);
    }
    if (!network->borrowed) {
        hn_free(network->values);
    }
    hn_free(network->layers);
    hn_free(network->room);
    hn_arena_release(&network->arena);
    hn_free(network);
}

/* --- passes --- */

static hn_pass pass_of(const hn_network *network, size_t i, float **values, float **gradients)
{
    const hn_network_layer *layer = &network->layers[i];
    const hn_layer_room *room = &network->room[i];
    tensors_of(layer, network->values, values);
    for (size_t t = 0; t < layer->plan.n_tensors; t++) {
        bool learns = network->gradients && layer->plan.tensors[t].trainable;
        gradients[t] = learns ? network->gradients + layer->offset[t] : NULL;
    }
    return (hn_pass){.config = layer->config,
                     .plan = &layer->plan,
                     .work = room->work,
                     .n = network->n,
                     .training = network->training,
                     .seed = network->seed,
                     .step = network->step * network->n_layers + i,
                     .values = values,
                     .gradients = gradients,
                     .cache = room->cache,
                     .in = room->in,
                     .out = room->out};
}

hone_status hn_network_forward(hn_network *network, const float *in, size_t n, bool training, uint64_t step,
                               bool logits, const float **out, hone_error *err)
{
    float *values[HN_LAYER_MAX_TENSORS], *gradients[HN_LAYER_MAX_TENSORS];
    hone_status status = HONE_OK;
    network->n = n;
    network->training = training;
    network->step = step;
    network->end = network->n_layers - (logits && network->ends_in_activation ? 1 : 0);
    for (size_t i = 0; !status && i < network->end; i++) {
        network->room[i].in = in;
        if (!network->layers[i].plan.alias) {
            hn_pass pass = pass_of(network, i, values, gradients);
            status = network->layers[i].type->forward(&pass, err);
            in = pass.out;
        }
        if (status) {
            hn_fail_within(err, status, "layer %s", network->layers[i].name);
        }
    }
    if (!status) {
        *out = in;
    }
    return status;
}

hone_status hn_network_backward(hn_network *network, float *d_out, float **gradients_out, hone_error *err)
{
    float *values[HN_LAYER_MAX_TENSORS], *gradients[HN_LAYER_MAX_TENSORS];
    hone_status status = HONE_OK;
    float *d = d_out;
    size_t turn = 0;
    for (size_t i = network->end; !status && i-- > 0;) {
        if (network->layers[i].plan.alias) {
            continue;
        }
        hn_pass pass = pass_of(network, i, values, gradients);
        float *d_in = i > network->first_learning ? network->slope[turn++ % 2] : NULL;
        status = network->layers[i].type->backward(&pass, d, d_in, err);
        d = d_in;
        if (status) {
            hn_fail_within(err, status, "layer %s", network->layers[i].name);
        } else if (!d_in) {
            break;
        }
    }
    if (!status) {
        *gradients_out = network->gradients;
    }
    return status;
}

/* --- as a graph --- */

hn_value hn_layer_constant(hn_graph *graph, const hn_layer_plan *plan, size_t t, float *const *values)
{
    const hn_layer_tensor *tensor = &plan->tensors[t];
    return hn_graph_floats(graph, tensor->name, tensor->rank, tensor->dim, values[t]);
}

hn_value hn_network_graph(const hn_network *network, hn_value rows, hn_graph *graph)
{
    size_t end = network->n_layers - (network->ends_in_activation ? 1 : 0);
    for (size_t i = 0; i < end; i++) {
        const hn_network_layer *layer = &network->layers[i];
        float *values[HN_LAYER_MAX_TENSORS];
        hn_graph_scope(graph, layer->name);
        tensors_of(layer, network->values, values);
        rows = hn_graph_cast(graph, rows, layer->type->of_tokens ? HN_VALUE_INT : HN_VALUE_FLOAT);
        rows = layer->type->graph(layer->config, &layer->plan, values, rows, graph);
    }
    return hn_graph_cast(graph, rows, HN_VALUE_FLOAT);
}
