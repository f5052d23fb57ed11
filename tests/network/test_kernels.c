/* The kernels against the definitions, written as plain loops in doubles, at sizes where the fast ones have
 * whole vectors, remainders and edges. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "network/activation.h"
#include "network/elementary.h"
#include "network/network.h"
#include "network/rows.h"
#include "network/window.h"
#include "support.h"

enum { SAMPLES = 3, MOST = 1 << 15 };

static hone_error err;

/* --- images --- */

typedef struct image_case {
    size_t channels, height, width, filters, groups, size[2], stride[2];
    hn_padding padding;
} image_case;

static const image_case cases[] = {
    {3, 17, 19, 8, 1, {3, 3}, {1, 1}, HN_PADDING_VALID}, {4, 16, 20, 6, 2, {3, 3}, {1, 1}, HN_PADDING_SAME},
    {2, 15, 21, 5, 1, {5, 2}, {2, 3}, HN_PADDING_SAME},  {2, 12, 40, 4, 1, {2, 2}, {2, 2}, HN_PADDING_VALID},
    {2, 13, 41, 4, 1, {2, 2}, {2, 2}, HN_PADDING_SAME},  {1, 9, 9, 3, 1, {9, 9}, {1, 1}, HN_PADDING_VALID},
    {6, 8, 8, 6, 6, {1, 1}, {1, 1}, HN_PADDING_VALID},   {1, 3, 4, 2, 1, {7, 7}, {1, 1}, HN_PADDING_SAME},
    {2, 10, 10, 3, 1, {2, 2}, {4, 3}, HN_PADDING_SAME},
};

/* How far a `same` window reaches over the edge above or to the left, and how many windows there are. */
static size_t windows(const image_case *c, int i, size_t *before)
{
    size_t in = i ? c->width : c->height;
    if (c->padding == HN_PADDING_VALID) {
        *before = 0;
        return (in - c->size[i]) / c->stride[i] + 1;
    }
    size_t out = (in + c->stride[i] - 1) / c->stride[i], covered = (out - 1) * c->stride[i] + c->size[i];
    *before = covered > in ? (covered - in) / 2 : 0;
    return out;
}

/* Calls for each point under the window (row, column) that lies in the image, with its place in the image and
 * in the window. */
typedef void visit(void *to, size_t point, size_t within);

static void each_point(const image_case *c, size_t row, size_t column, visit *call, void *to)
{
    size_t before[2];
    windows(c, 0, &before[0]);
    windows(c, 1, &before[1]);
    for (size_t k = 0; k < c->size[0] * c->size[1]; k++) {
        size_t y = row * c->stride[0] + k / c->size[1], x = column * c->stride[1] + k % c->size[1];
        if (y >= before[0] && y - before[0] < c->height && x >= before[1] && x - before[1] < c->width)
            call(to, (y - before[0]) * c->width + x - before[1], k);
    }
}

/* One window over one channel. */
typedef struct window_sum {
    const float *in, *weight;
    double *d_in, *d_weight, d, sum, largest;
    size_t count;
} window_sum;

static void add_product(void *to, size_t point, size_t within)
{
    window_sum *s = to;
    s->sum += (double)s->weight[within] * s->in[point];
    s->d_in[point] += s->d * s->weight[within];
    s->d_weight[within] += s->d * s->in[point];
}

static void add_value(void *to, size_t point, size_t within)
{
    window_sum *s = to;
    (void)within;
    s->count++;
    s->sum += s->in[point];
    s->largest = fmax(s->largest, s->in[point]);
}

static struct {
    float in[MOST], d[MOST], d_out[MOST], out[MOST], d_in[MOST], cache[MOST], values[MOST], gradients[MOST];
    double expected[MOST], expected_d_in[MOST], expected_gradients[MOST];
} m; /* of the layer looked at */

static void draw(float *x, size_t n, uint64_t stream)
{
    hn_random random = hn_random_stream(9, stream, HN_PURPOSE_TEST);
    ck_assert_uint_le(n, MOST);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)hn_random_normal(&random);
}

static void compare(const char *what, const float *found, const double *expected, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(hn_test_close(found[i], expected[i], 1e-5, 2e-5), "%s [%zu]: %.8g, expected %.8g", what,
                      i, (double)found[i], expected[i]);
}

/* Forward and backward of the one layer of a network, into m. */
static void pass_layer(hn_arena *arena, const char *layers, hn_shape in, hn_network **network)
{
    hn_node *node;
    ck_assert(!hn_yaml_parse(arena, "layers", layers, strlen(layers), &node, &err));
    ck_assert_msg(!hn_network_create(node, &in, network, &err), "%s", err.message);
    const hn_network_layer *layer = hn_network_at(*network, 0);
    float *values[HN_LAYER_MAX_TENSORS], *gradients[HN_LAYER_MAX_TENSORS];
    size_t n_out = SAMPLES * hn_shape_size(&layer->plan.out);
    draw(m.in, SAMPLES * hn_shape_size(&in), 1);
    draw(m.values, hn_network_size(*network), 2);
    draw(m.d_out, n_out, 3);
    for (size_t t = 0; t < layer->plan.n_tensors; t++) {
        values[t] = m.values + layer->offset[t];
        gradients[t] = m.gradients + layer->offset[t];
    }
    hn_pass pass = {.config = layer->config,
                    .plan = &layer->plan,
                    .n = SAMPLES,
                    .training = true,
                    .values = values,
                    .gradients = gradients,
                    .cache = m.cache,
                    .in = m.in,
                    .out = m.out};
    if (layer->type->open)
        ck_assert(!layer->type->open(layer->config, &layer->plan, SAMPLES, &pass.work, &err));
    ck_assert(!layer->type->forward(&pass, &err));
    memcpy(m.d, m.d_out, n_out * sizeof *m.d);
    ck_assert(!layer->type->backward(&pass, m.d, m.d_in, &err));
    if (layer->type->close)
        layer->type->close(pass.work);
}

static char *layer_text(char *text, size_t size, const char *name, const char *window, const image_case *c)
{
    snprintf(text, size, "[{%s: {%s: [%zu, %zu], strides: [%zu, %zu], padding: %s", name, window, c->size[0],
             c->size[1], c->stride[0], c->stride[1], hn_padding_names[c->padding]);
    return text;
}

START_TEST(convolution_is_its_definition)
{
    const image_case *c = &cases[_i];
    hn_arena arena = HN_ARENA_INIT;
    hn_network *network;
    char text[256], options[80];
    snprintf(options, sizeof options, ", filters: %zu, groups: %zu}}]", c->filters, c->groups);
    strcat(layer_text(text, sizeof text - sizeof options, "conv2d", "kernel_size", c), options);
    pass_layer(&arena, text, (hn_shape){3, {c->channels, c->height, c->width}}, &network);
    memset(m.expected_d_in, 0, sizeof m.expected_d_in);
    memset(m.expected_gradients, 0, sizeof m.expected_gradients);
    size_t before, down = windows(c, 0, &before), across = windows(c, 1, &before),
                   area = c->height * c->width;
    size_t inputs = c->channels / c->groups, kernel = c->size[0] * c->size[1], at = 0;
    const float *bias = m.values + c->filters * inputs * kernel;
    double *d_bias = m.expected_gradients + c->filters * inputs * kernel;
    for (size_t i = 0; i < SAMPLES * c->filters; i++)
        for (size_t k = 0; k < down * across; k++, at++) {
            size_t f = i % c->filters, group = f / (c->filters / c->groups);
            d_bias[f] += m.d_out[at];
            m.expected[at] = bias[f];
            for (size_t j = 0; j < inputs; j++) {
                size_t channel = (i / c->filters * c->channels + group * inputs + j) * area;
                size_t weight = (f * inputs + j) * kernel;
                window_sum sum = {.in = m.in + channel,
                                  .weight = m.values + weight,
                                  .d_in = m.expected_d_in + channel,
                                  .d_weight = m.expected_gradients + weight,
                                  .d = m.d_out[at]};
                each_point(c, k / across, k % across, add_product, &sum);
                m.expected[at] += sum.sum;
            }
        }
    compare("out", m.out, m.expected, at);
    compare("d_in", m.d_in, m.expected_d_in, SAMPLES * c->channels * area);
    for (size_t i = 0; i < hn_network_size(network); i++)
        ck_assert_msg(hn_test_close(m.gradients[i], m.expected_gradients[i], 1e-4, 3e-4),
                      "gradient %zu: %g, %g", i, (double)m.gradients[i], m.expected_gradients[i]);
    hn_network_destroy(network);
    hn_arena_release(&arena);
}
END_TEST

static void check_pool(const image_case *c, const char *name)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_network *network;
    bool mean = strcmp(name, "average_pool") == 0;
    char text[256];
    strcat(layer_text(text, sizeof text - 8, name, "size", c), "}}]");
    pass_layer(&arena, text, (hn_shape){3, {c->channels, c->height, c->width}}, &network);
    size_t before, down = windows(c, 0, &before), across = windows(c, 1, &before),
                   area = c->height * c->width;
    double given = 0, taken = 0;
    for (size_t i = 0, at = 0; i < SAMPLES * c->channels; i++)
        for (size_t k = 0; k < down * across; k++, at++) {
            window_sum sum = {.in = m.in + i * area, .largest = -INFINITY};
            each_point(c, k / across, k % across, add_value, &sum);
            m.expected[at] = mean ? sum.sum / (double)sum.count : sum.largest;
            given += m.d_out[at];
        }
    compare(name, m.out, m.expected, SAMPLES * c->channels * down * across);
    for (size_t i = 0; i < SAMPLES * c->channels * area; i++)
        taken += m.d_in[i];
    hn_assert_absolute(taken, given, 1e-3); /* the slopes are handed on whole */
    hn_network_destroy(network);
    hn_arena_release(&arena);
}

START_TEST(pools_are_their_definitions)
{
    check_pool(&cases[_i], "max_pool");
    check_pool(&cases[_i], "average_pool");
}
END_TEST

/* --- functions --- */

static double exact(hn_activation kind, double z)
{
    switch (kind) {
    case HN_RELU: return fmax(z, 0);
    case HN_LEAKY_RELU: return z > 0 ? z : (double)0.01F * z;
    case HN_ELU: return z > 0 ? z : expm1(z);
    case HN_GELU: return z * erfc(-z / sqrt(2)) / 2;
    case HN_SIGMOID: return 1 / (1 + exp(-z));
    case HN_TANH: return tanh(z);
    case HN_SWISH: return z / (1 + exp(-z));
    default: return z;
    }
}

START_TEST(activations_are_exact_to_a_few_units_over_the_range)
{
    enum { N = 4001 };
    static float z[N], out[N];
    hn_activation kind = (hn_activation)_i;
    for (int i = 0; i < N; i++)
        z[i] = (float)((i - N / 2) * 0.05); /* to +-100 */
    z[0] = -1e6F;
    z[1] = 1e6F;
    z[2] = 1e-30F;
    hn_activation_forward(kind, z, 1, kind == HN_SOFTMAX ? 1 : N, out);
    for (int i = 0; kind != HN_SOFTMAX && i < N; i++)
        ck_assert_msg(hn_test_close(out[i], exact(kind, z[i]), 3e-6, 3e-7), "%s(%g) = %.9g, not %.9g",
                      hn_activation_names[kind], (double)z[i], (double)out[i], exact(kind, z[i]));
}
END_TEST

START_TEST(softmax_of_large_numbers_is_finite)
{
    float z[2][40], out[2][40];
    for (size_t i = 0; i < 80; i++)
        z[i / 40][i % 40] = i < 40 ? 3e38F : (float)i * 30;
    hn_activation_forward(HN_SOFTMAX, z[0], 2, 40, out[0]);
    for (size_t k = 0; k < 40; k++) {
        hn_assert_relative(out[0][k], 1.0 / 40, 1e-6);
        hn_assert_absolute(out[1][k], k == 39 ? 1 : 0, 1e-6);
    }
}
END_TEST

START_TEST(sums_are_exact)
{
    for (size_t n = 0; n < 200; n += n < 40 ? 1 : 37) {
        double sum = 0, square = 0;
        draw(m.in, n * 3, n);
        for (size_t i = 0; i < n * 3; i++) {
            sum += m.in[i];
            square += (double)m.in[i] * m.in[i];
        }
        hn_assert_absolute(hn_floats_sum(m.in, n * 3), sum, 1e-4);
        hn_assert_close(hn_floats_square_sum(m.in, n * 3), square, 1e-6, 0);
        hn_rows_sum(m.in, 3, n, m.out);
        for (size_t k = 0; k < n; k++)
            hn_assert_absolute(m.out[k], (double)m.in[k] + m.in[n + k] + m.in[2 * n + k], 1e-6);
    }
}
END_TEST

/* Up to where floats end, beyond, and of what is no number. */
START_TEST(elementary_functions_are_the_functions)
{
    for (int i = -40000; i <= 40000; i++) {
        double x = i / 400.0, ends = x < -87 ? -87 : x > 88 ? 88 : x;
        hn_assert_relative(hn_fast_exp((float)x), exp((float)ends), 1e-6);
        hn_assert_absolute(hn_fast_sigmoid((float)x), 1 / (1 + exp(-(float)x)), 1e-6);
        hn_assert_absolute(hn_fast_tanh((float)x), tanh((float)x), 1e-6);
    }
    ck_assert(isnan(hn_fast_exp(NAN)) && isnan(hn_fast_sigmoid(NAN)) && isnan(hn_fast_tanh(NAN)));
    ck_assert(hn_fast_exp(INFINITY) > 1e38F && hn_fast_exp(-INFINITY) < 1e-37F);
    ck_assert(hn_fast_sigmoid(INFINITY) == 1 && hn_fast_tanh(INFINITY) == 1 && hn_fast_tanh(-INFINITY) == -1);
}
END_TEST

Suite *suite_kernels(void)
{
    Suite *suite = suite_create("kernels");
    TCase *windowed = tcase_create("images"), *functions = tcase_create("functions");
    size_t count = sizeof cases / sizeof *cases;
    tcase_add_loop_test(windowed, convolution_is_its_definition, 0, (int)count);
    tcase_add_loop_test(windowed, pools_are_their_definitions, 0, (int)count);
    tcase_add_loop_test(functions, activations_are_exact_to_a_few_units_over_the_range, 0, HN_SWISH + 1);
    tcase_add_test(functions, softmax_of_large_numbers_is_finite);
    tcase_add_test(functions, elementary_functions_are_the_functions);
    tcase_add_test(functions, sums_are_exact);
    suite_add_tcase(suite, windowed);
    suite_add_tcase(suite, functions);
    return suite;
}
