/* network/activation.h: element-wise functions between layers, and softmax, with their derivatives.
 * Thread-safe. */
#ifndef HN_NETWORK_ACTIVATION_H
#define HN_NETWORK_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>

#include "onnx/graph.h"

#define HN_LEAK 0.01F

typedef enum hn_activation {
    HN_LINEAR,
    HN_RELU,
    HN_LEAKY_RELU, /* slope HN_LEAK below 0 */
    HN_ELU,        /* exp(z) - 1 below 0 */
    HN_GELU,       /* z times the normal distribution function of z (Hendrycks & Gimpel 2016), exact */
    HN_SIGMOID,
    HN_TANH,
    HN_SOFTMAX, /* over the last dimension */
    HN_SWISH,   /* z sigmoid(z) (Ramachandran, Zoph & Le 2017) */
} hn_activation;

/* "linear", "relu" ...; in the enum's order, ends with NULL. */
extern const char *const hn_activation_names[];

/* Is z, and not the output alone, needed by the derivative? */
bool hn_activation_needs_input(hn_activation kind);
/* out (n, width) of z (n, width); they may be the same array. */
void hn_activation_forward(hn_activation kind, const float *z, size_t n, size_t width, float *out);
/* d (n, width): the loss by the output becomes the loss by z. z may be NULL when it is not needed. */
void hn_activation_backward(hn_activation kind, const float *z, const float *out, size_t n, size_t width,
                            float *d);

/* The same as nodes of a graph. */
hn_value hn_activation_graph(hn_activation kind, hn_value z, hn_graph *graph);

#endif
