#include <string.h>

#include "network/layer.h"

extern const hn_layer_type hn_layer_dense, hn_layer_conv2d, hn_layer_max_pool, hn_layer_average_pool,
    hn_layer_global_max_pool, hn_layer_global_average_pool, hn_layer_flatten, hn_layer_embedding,
    hn_layer_lstm, hn_layer_gru, hn_layer_batch_norm, hn_layer_dropout, hn_layer_activation;

static const hn_layer_type *const types[] = {
    &hn_layer_dense,        &hn_layer_conv2d,          &hn_layer_max_pool,
    &hn_layer_average_pool, &hn_layer_global_max_pool, &hn_layer_global_average_pool,
    &hn_layer_flatten,      &hn_layer_embedding,       &hn_layer_lstm,
    &hn_layer_gru,          &hn_layer_batch_norm,      &hn_layer_dropout,
    &hn_layer_activation,
};

const hn_layer_type *hn_layer_at(size_t i)
{
    return i < sizeof types / sizeof *types ? types[i] : NULL;
}

const hn_layer_type *hn_layer_find(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!strcmp(types[i]->name, name)) {
            return types[i];
        }
    }
    return NULL;
}
