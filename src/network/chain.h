/* network/chain.h: what the files of a network share. */
#ifndef HN_NETWORK_CHAIN_H
#define HN_NETWORK_CHAIN_H

#include "network/network.h"

/* Of one layer while passes are open. */
typedef struct hn_layer_room {
    void *work;
    float *out, *cache; /* (batch, ...); NULL: alias, none */
    const float *in;    /* of the last pass */
} hn_layer_room;

struct hn_network {
    hn_arena arena; /* layers, names, configs */
    hn_network_layer *layers;
    hn_layer_room *room;
    size_t n_layers, n_values, n_trainable;
    size_t first_learning;   /* the first layer with values that learn: no derivative goes below it */
    bool ends_in_activation; /* softmax or sigmoid, apart */
    float *values, *gradients;
    bool borrowed; /* values are somebody else's, only read */
    uint64_t seed;

    /* Of the passes. */
    size_t batch;    /* samples there is room for; 0: closed */
    float *slope[2]; /* (batch, widest): the loss by a layer's input; they take turns */
    size_t n, end;
    bool training;
    uint64_t step;
};

#endif
