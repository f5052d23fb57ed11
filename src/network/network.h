/* network/network.h: a chain of layers with its values. Built from nodes, so that shapes and options are
 * checked before anything is allocated. One thread at a time; several networks may train in several threads.
 */
#ifndef HN_NETWORK_NETWORK_H
#define HN_NETWORK_NETWORK_H

#include "network/layer.h"

typedef struct hn_network_layer {
    const hn_layer_type *type;
    const char *name; /* "dense_1": the type and its number among its kind */
    const void *config;
    double l1, l2; /* the loss has l1 sum |w| + l2 sum w^2 of its weights */
    hn_layer_plan plan;
    size_t offset[HN_LAYER_MAX_TENSORS]; /* of each tensor in hn_network_values */
} hn_network_layer;

typedef struct hn_network hn_network;

/* layers: a list of maps, each with one layer's type and its options ({dense: {units: 32}}), or several in
 * their order
 * ({dense: ..., dropout: 0.2}); a type alone may be a string. Beside its own options each layer takes l1 and
 * l2. HONE_INVALID names the layer by its number and type, the shape it got and the one it needs; HONE_LIMIT:
 * more than 2^31 values. Returned: free with hn_network_destroy. O(layers): no values yet. */
hone_status hn_network_create(const hn_node *layers, const hn_shape *in, hn_network **network,
                              hone_error *err);
void hn_network_destroy(hn_network *network); /* accepts NULL */
/* Judges what can be without the input's shape: the names of a list's layers, and their options. O(layers).
 */
hone_status hn_network_check(const hn_node *layers, hone_error *err);

size_t hn_network_count(const hn_network *network);
const hn_network_layer *hn_network_at(const hn_network *network, size_t i);
const hn_shape *hn_network_input(const hn_network *network);
const hn_shape *hn_network_output(const hn_network *network);
/* "softmax" or "sigmoid" when the network ends in one, which passes for logits leave out; else NULL. */
const char *hn_network_last_activation(const hn_network *network);
size_t hn_network_trainable(const hn_network *network); /* values that learn */
size_t hn_network_size(const hn_network *network);      /* all values */
/* Bytes that passes of n samples take: values, and in training gradients and activations kept. */
size_t hn_network_bytes(const hn_network *network, size_t n, bool training);

/* Draws the initial values. */
hone_status hn_network_init(hn_network *network, uint64_t seed, hone_error *err);
/* Values from elsewhere, only read: passes are then for prediction alone. Borrowed until destroy. */
void hn_network_borrow(hn_network *network, const float *values);
/* (hn_network_size): those that learn first. NULL before init. Borrowed until destroy. */
float *hn_network_values(hn_network *network);

/* Prepares passes of up to n samples. HONE_UNSUPPORTED when a library that a layer needs is not installed. */
hone_status hn_network_open(hn_network *network, size_t n, bool training, hone_error *err);
/* in (n, input). step keys what layers draw in training. logits: a softmax or sigmoid at the very end is left
 * out, as losses want it. out (n, output): borrowed until the next pass. */
hone_status hn_network_forward(hn_network *network, const float *in, size_t n, bool training, uint64_t step,
                               bool logits, const float **out, hone_error *err);
/* After a training forward with logits of the same in. d_out (n, output) is overwritten. gradients
 * (trainable,): borrowed until the next pass. */
hone_status hn_network_backward(hn_network *network, float *d_out, float **gradients, hone_error *err);

/* What forward with logits makes of rows, as nodes of a graph. The values are borrowed until it is destroyed,
 * the network is not. */
hn_value hn_network_graph(const hn_network *network, hn_value rows, hn_graph *graph);

#endif
