/* Every layer's backward pass against finite differences of its forward pass, alone in a network. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "network/network.h"

/* --- cases: what stands in a study file, and the shape it gets --- */

typedef struct gradient_case {
    const char *layers;
    hn_shape in;
    bool tokens; /* the input holds whole numbers, of which there is no derivative */
} gradient_case;

static const gradient_case cases[] = {
    {"[{dense: 3}]", {1, {4}}, false},
    {"[{dense: {units: 3, bias: false}}]", {1, {4}}, false},
    {"[{dense: 3}]", {2, {5, 4}}, false},
    {"[{dense: {units: 4, activation: relu}}, {dense: 2}]", {1, {3}}, false},
    {"[{dense: {units: 4, activation: leaky_relu}}, {dense: 2}]", {1, {3}}, false},
    {"[{dense: {units: 4, activation: elu}}, {dense: 2}]", {1, {3}}, false},
    {"[{dense: {units: 4, activation: gelu}}, {dense: 2}]", {1, {3}}, false},
    {"[{dense: {units: 4, activation: sigmoid}}, {dense: 2}]", {1, {3}}, false},
    {"[{dense: {units: 4, activation: tanh}}, {dense: 2}]", {1, {3}}, false},
    {"[{dense: {units: 4, activation: softmax}}, {dense: 2}]", {1, {3}}, false},
    {"[{dense: {units: 4, activation: swish}}, {dense: 2}]", {1, {3}}, false},
    {"[{conv2d: {filters: 2}}]", {3, {2, 5, 4}}, false},
    {"[{conv2d: {filters: 4, kernel_size: [2, 3], strides: [1, 2], groups: 2, bias: false}}, {conv2d: 2}]",
     {3, {2, 6, 9}},
     false},
    {"[{conv2d: {filters: 3, padding: same, activation: tanh}}, {conv2d: {filters: 2, padding: same, strides: 2}}]",
     {3, {2, 5, 4}},
     false},
    {"[{conv2d: {filters: 2, kernel_size: 4, padding: same, activation: swish}}, {conv2d: {filters: 1, kernel_size: 1}}]",
     {3, {1, 3, 6}},
     false},
    {"[{conv2d: 2}, {max_pool: 2}, {conv2d: {filters: 2, kernel_size: 1}}]", {3, {1, 6, 7}}, false},
    {"[{conv2d: 2}, {max_pool: {size: 3, strides: 2, padding: same}}, flatten, {dense: 2}]",
     {3, {1, 6, 7}},
     false},
    {"[{conv2d: 2}, {average_pool: {size: [2, 3], strides: 1}}, flatten, {dense: 2}]", {3, {1, 6, 7}}, false},
    {"[{conv2d: 2}, {average_pool: {size: 3, padding: same}}]", {3, {1, 6, 7}}, false},
    {"[{conv2d: 3}, global_average_pool, {dense: 2}]", {3, {1, 5, 6}}, false},
    {"[{conv2d: 3}, global_max_pool, {dense: 2}]", {3, {1, 5, 6}}, false},
    {"[{dense: 3}, global_average_pool, {dense: 2}]", {2, {5, 4}}, false},
    {"[{dense: 3}, global_max_pool, {dense: 2}]", {2, {5, 4}}, false},
    {"[{conv2d: 3}, batch_norm, {conv2d: 2}]", {3, {1, 6, 6}}, false},
    {"[{dense: 4}, batch_norm, {dense: {units: 2, activation: tanh}}]", {1, {3}}, false},
    {"[{dense: 4}, batch_norm, {dense: 2}]", {2, {4, 3}}, false},
    {"[{embedding: {dim: 3, vocabulary: 6}}, flatten, {dense: 2}]", {1, {4}}, true},
    {"[{lstm: 3}]", {2, {4, 2}}, false},
    {"[{dense: 2}, {lstm: {units: 3, sequences: true, bidirectional: true}}, {lstm: 2}]", {2, {4, 3}}, false},
    {"[{dense: 2}, {lstm: {units: 3, bidirectional: true}}]", {2, {4, 3}}, false},
    {"[{gru: 3}]", {2, {4, 2}}, false},
    {"[{dense: 2}, {gru: {units: 3, sequences: true, bidirectional: true}}, {gru: 2}]", {2, {4, 3}}, false},
    {"[{dense: 4}, {activation: gelu}, {dropout: 0.4}, flatten, {dense: 2}]", {2, {2, 3}}, false},
};

static hn_network *make(hn_arena *arena, const gradient_case *c)
{
    hn_node *layers;
    hn_network *network;
    hone_error err;
    ck_assert_msg(!hn_yaml_parse(arena, "case", c->layers, strlen(c->layers), &layers, &err), "%s",
                  err.message);
    ck_assert_msg(!hn_network_create(layers, &c->in, &network, &err), "%s: %s", c->layers, err.message);
    ck_assert(!hn_network_init(network, 7, NULL));
    return network;
}

enum { SAMPLES = 3, STEP = 5 };

/* The value whose derivative is looked at: a weighted sum of all outputs. */
static double score(hn_network *network, const float *in, const float *weights)
{
    const float *out;
    double sum = 0;
    hone_error err;
    ck_assert_msg(!hn_network_forward(network, in, SAMPLES, true, STEP, true, &out, &err), "%s", err.message);
    for (size_t i = 0; i < SAMPLES * hn_shape_size(hn_network_output(network)); i++) {
        sum += (double)weights[i] * out[i];
    }
    return sum;
}

static void compare(const gradient_case *c, const char *what, size_t i, double slope, double difference)
{
    double scale = fmax(1, fmax(fabs(slope), fabs(difference)));
    ck_assert_msg(fabs(slope - difference) < 6e-3 * scale, "%s: %s %zu: %g, by differences %g", c->layers,
                  what, i, slope, difference);
}

START_TEST(gradients_are_those_of_finite_differences)
{
    const gradient_case *c = &cases[_i];
    const double h = 2e-3;
    hn_arena arena = HN_ARENA_INIT;
    hn_network *network = make(&arena, c);
    size_t inputs = SAMPLES * hn_shape_size(&c->in),
           outputs = SAMPLES * hn_shape_size(hn_network_output(network));
    hn_random random = hn_random_stream(11, (uint64_t)_i, HN_PURPOSE_TEST);
    float *in = hn_calloc(inputs, sizeof *in), *weights = hn_calloc(outputs, sizeof *weights),
          *d = hn_calloc(outputs, sizeof *d);
    float *gradients;
    hone_error err;
    for (size_t i = 0; i < inputs; i++) {
        in[i] = c->tokens ? (float)hn_random_below(&random, 6) : (float)hn_random_normal(&random);
    }
    for (size_t i = 0; i < outputs; i++) {
        d[i] = weights[i] = (float)hn_random_normal(&random);
    }
    ck_assert_msg(!hn_network_open(network, SAMPLES, true, &err), "%s", err.message);
    score(network, in, weights);
    ck_assert_msg(!hn_network_backward(network, d, &gradients, &err), "%s", err.message);
    size_t n = hn_network_trainable(network);
    float *slopes = hn_calloc(n, sizeof *slopes), *values = hn_network_values(network);
    memcpy(slopes, gradients, n * sizeof *slopes);
    double middle = score(network, in, weights);
    size_t kinks = 0;
    for (size_t i = 0; i < n; i++) {
        float old = values[i];
        values[i] = old + (float)h;
        double above = score(network, in, weights);
        values[i] = old - (float)h;
        double below = score(network, in, weights);
        values[i] = old;
        if (fabs(above - 2 * middle + below) >
            0.05 * h) { /* another maximum, the other side of a relu: no derivative */
            kinks++;
        } else {
            compare(c, "value", i, slopes[i], (above - below) / (2 * h));
        }
    }
    ck_assert_msg(kinks <= n / 4, "%s: %zu of %zu values stand at a kink", c->layers, kinks, n);
    hn_free(in);
    hn_free(weights);
    hn_free(d);
    hn_free(slopes);
    hn_network_destroy(network);
    hn_arena_release(&arena);
}
END_TEST

Suite *suite_layers(void)
{
    Suite *suite = suite_create("layers");
    TCase *gradients = tcase_create("gradients");
    tcase_add_loop_test(gradients, gradients_are_those_of_finite_differences, 0,
                        sizeof cases / sizeof *cases);
    suite_add_tcase(suite, gradients);
    return suite;
}
