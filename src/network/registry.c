#include <string.h>

#include "network/layer.h"

extern const hn_layer_type hn_layer_dense, hn_layer_activation, hn_layer_dropout, hn_layer_flatten;

static const hn_layer_type *const types[] = {
    &hn_layer_dense,
    &hn_layer_activation,
    &hn_layer_dropout,
    &hn_layer_flatten,
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
