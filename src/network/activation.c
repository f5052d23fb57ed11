#include "network/activation.h"

#include <math.h>

#include "math/wide.h"
#include "network/elementary.h"

const char *const hn_activation_names[] = {"linear",  "relu", "leaky_relu", "elu",   "gelu",
                                           "sigmoid", "tanh", "softmax",    "swish", NULL};

bool hn_activation_needs_input(hn_activation kind)
{
    return kind == HN_GELU || kind == HN_SWISH;
}

/* --- functions of one number --- */

static float normal_below(float z)
{
    return 0.5F * erfcf(-z * 0.707106781F);
}

static float normal_density(float z)
{
    return 0.398942280F * expf(-0.5F * z * z);
}

/* --- forward --- */

WIDE static void relu(const float *z, size_t size, float *out)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = z[i] < 0 ? 0 : z[i];
    }
}

WIDE static void leaky_relu(const float *z, size_t size, float *out)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = z[i] < 0 ? HN_LEAK * z[i] : z[i];
    }
}

WIDE static void elu(const float *z, size_t size, float *out)
{
    for (size_t i = 0; i < size; i++) {
        float below = hn_fast_exp(z[i]) - 1;
        out[i] = z[i] < 0 ? below : z[i];
    }
}

WIDE static void sigmoids(const float *z, size_t size, float *out)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = hn_fast_sigmoid(z[i]);
    }
}

WIDE static void tangents(const float *z, size_t size, float *out)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = hn_fast_tanh(z[i]);
    }
}

WIDE static void swish(const float *z, size_t size, float *out)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = z[i] * hn_fast_sigmoid(z[i]);
    }
}

static void gelu(const float *z, size_t size, float *out)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = z[i] * normal_below(z[i]);
    }
}

WIDE static void exponentials(const float *z, size_t size, float largest, float *out)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = hn_fast_exp(z[i] - largest);
    }
}

static void softmax_row(const float *z, size_t width, float *out)
{
    float largest = -INFINITY;
    double sum = 0;
    for (size_t i = 0; i < width; i++) {
        largest = z[i] > largest ? z[i] : largest;
    }
    exponentials(z, width, largest, out);
    for (size_t i = 0; i < width; i++) {
        sum += out[i];
    }
    for (size_t i = 0; i < width; i++) {
        out[i] = (float)(out[i] / sum);
    }
}

void hn_activation_forward(hn_activation kind, const float *z, size_t n, size_t width, float *out)
{
    static void (*const functions[])(const float *, size_t, float *) = {
        [HN_RELU] = relu,        [HN_LEAKY_RELU] = leaky_relu, [HN_ELU] = elu,     [HN_GELU] = gelu,
        [HN_SIGMOID] = sigmoids, [HN_TANH] = tangents,         [HN_SWISH] = swish,
    };
    if (kind == HN_SOFTMAX) {
        for (size_t i = 0; i < n; i++) {
            softmax_row(z + i * width, width, out + i * width);
        }
    } else if (kind != HN_LINEAR) {
        functions[kind](z, n * width, out);
    } else {
        for (size_t i = 0; z != out && i < n * width; i++) {
            out[i] = z[i];
        }
    }
}

/* --- backward --- */

WIDE static void relu_backward(const float *out, size_t size, float slope, float *d)
{
    for (size_t i = 0; i < size; i++) {
        d[i] = out[i] > 0 ? d[i] : slope * d[i];
    }
}

WIDE static void elu_backward(const float *out, size_t size, float *d)
{
    for (size_t i = 0; i < size; i++) {
        d[i] = out[i] > 0 ? d[i] : d[i] * (out[i] + 1);
    }
}

WIDE static void sigmoid_backward(const float *out, size_t size, float *d)
{
    for (size_t i = 0; i < size; i++) {
        d[i] *= out[i] * (1 - out[i]);
    }
}

WIDE static void tangent_backward(const float *out, size_t size, float *d)
{
    for (size_t i = 0; i < size; i++) {
        d[i] *= 1 - out[i] * out[i];
    }
}

WIDE static void swish_backward(const float *z, size_t size, float *d)
{
    for (size_t i = 0; i < size; i++) {
        float s = hn_fast_sigmoid(z[i]);
        d[i] *= s * (1 + z[i] * (1 - s));
    }
}

static void gelu_backward(const float *z, size_t size, float *d)
{
    for (size_t i = 0; i < size; i++) {
        d[i] *= normal_below(z[i]) + z[i] * normal_density(z[i]);
    }
}

static void softmax_backward(const float *out, size_t n, size_t width, float *d)
{
    for (size_t i = 0; i < n; i++, out += width, d += width) {
        float sum = 0;
        for (size_t k = 0; k < width; k++) {
            sum += out[k] * d[k];
        }
        for (size_t k = 0; k < width; k++) {
            d[k] = out[k] * (d[k] - sum);
        }
    }
}

void hn_activation_backward(hn_activation kind, const float *z, const float *out, size_t n, size_t width,
                            float *d)
{
    size_t size = n * width;
    switch (kind) {
    case HN_LINEAR: break;
    case HN_RELU: relu_backward(out, size, 0, d); break;
    case HN_LEAKY_RELU: relu_backward(out, size, HN_LEAK, d); break;
    case HN_ELU: elu_backward(out, size, d); break;
    case HN_GELU: gelu_backward(z, size, d); break;
    case HN_SIGMOID: sigmoid_backward(out, size, d); break;
    case HN_TANH: tangent_backward(out, size, d); break;
    case HN_SOFTMAX: softmax_backward(out, n, width, d); break;
    case HN_SWISH: swish_backward(z, size, d); break;
    }
}
