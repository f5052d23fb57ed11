/* network/layer.h: the contract of a layer: a const table of functions with an option table. Values are
 * floats, one sample after another, a sample row-major in its shape; images are channels first, sequences are
 * steps first, tokens are whole numbers in floats (exact to 2^24).
 *
 * To add one: write network/NAME.c ending in one `const hn_layer_type hn_layer_NAME`, list it in registry.c;
 * the suite in tests/contract checks its gradients against finite differences.
 */
#ifndef HN_NETWORK_LAYER_H
#define HN_NETWORK_LAYER_H

#include <stdbool.h>

#include "base/option.h"
#include "math/random.h"
#include "onnx/graph.h"

enum { HN_SHAPE_MAX_RANK = 3, HN_LAYER_MAX_TENSORS = 8 };

/* One sample: (features), (steps, features), (channels, height, width). */
typedef struct hn_shape {
    size_t rank;
    size_t dim[HN_SHAPE_MAX_RANK];
} hn_shape;

size_t hn_shape_size(const hn_shape *shape);
/* "3 x 32 x 32". */
void hn_shape_text(hn_buffer *out, const hn_shape *shape);

/* HONE_INVALID: "it gets 3 x 32 x 32 and needs WHAT". */
hone_status hn_layer_wants(const hn_shape *got, const char *what, hone_error *err);

/* Values a layer learns (or, not trainable, keeps: the running statistics of batch normalisation). */
typedef struct hn_layer_tensor {
    const char *name; /* "weight", "bias"; static */
    size_t rank, dim[4];
    bool trainable;
    bool decays; /* weight decay, L1 and L2 apply: weights, not biases */
} hn_layer_tensor;

size_t hn_layer_tensor_size(const hn_layer_tensor *tensor);

/* What a layer makes of an input's shape. */
typedef struct hn_layer_plan {
    hn_shape in, out;
    size_t n_tensors;
    hn_layer_tensor tensors[HN_LAYER_MAX_TENSORS];
    size_t cache; /* floats a sample kept from forward to backward beside in and out */
    bool alias;   /* out is in, value by value: there are no passes */
} hn_layer_plan;

/* One pass of one batch through one layer. */
typedef struct hn_pass {
    const void *config;
    const hn_layer_plan *plan;
    void *work; /* of open; NULL when the type has none */
    size_t n;   /* samples, at most those of open */
    bool training;
    uint64_t seed, step;  /* key of what a layer draws: dropout draws the same in a repeated run */
    float *const *values; /* (n_tensors,): each tensor's */
    float *const
        *gradients;  /* (n_tensors,): backward writes (not adds); NULL where not trainable; forward: NULL */
    float *cache;    /* (n, plan->cache) */
    const float *in; /* (n, in) */
    float *out;      /* (n, out) */
} hn_pass;

typedef struct hn_layer_type {
    const char *name;
    const char *help;
    hn_option_table options; /* the first may be written alone: `dropout: 0.5`, `dense: 10` */
    /* Checks what depends on the shape; fills out, tensors, cache, alias. HONE_INVALID says the shape it got
     * and the one it needs (the network adds which layer). */
    hone_status (*plan)(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err);
    /* values[i] zeroed before. NULL: zeros are right. */
    void (*init)(const void *config, const hn_layer_plan *plan, hn_random *random, float *const *values);
    /* What passes of up to n samples need: buffers, compiled primitives. One thread at a time. May be NULL.
     */
    hone_status (*open)(const void *config, const hn_layer_plan *plan, size_t n, void **work,
                        hone_error *err);
    void (*close)(void *work); /* accepts NULL */
    hone_status (*forward)(const hn_pass *pass, hone_error *err);
    /* d_out (n, out) may be overwritten; d_in (n, in) or NULL: not wanted (first layer). */
    hone_status (*backward)(const hn_pass *pass, float *d_out, float *d_in, hone_error *err);
    /* Memory of open's work, for the summary table. May be NULL. */
    size_t (*work_bytes)(const void *config, const hn_layer_plan *plan, size_t n);
    /* What it makes of rows of samples outside training, as nodes of a graph. values as in hn_pass, borrowed
     * until the graph is destroyed. */
    hn_value (*graph)(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                      hn_graph *graph);
    bool of_tokens; /* graph takes whole numbers */
    bool weights;   /* tensors of it decay: it takes l1 and l2, too */
} hn_layer_type;

/* Tensor t as a constant of a graph. */
hn_value hn_layer_constant(hn_graph *graph, const hn_layer_plan *plan, size_t t, float *const *values);

const hn_layer_type *hn_layer_at(size_t i); /* NULL past the end */
const hn_layer_type *hn_layer_find(const char *name);

#endif
