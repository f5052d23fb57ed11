/* conv2d.c: cross-correlation of images with learned windows, as products of matrices (Chellapilla, Puri &
 * Simard 2006): all windows of one image stand side by side as columns (inputs of a window, positions), in a
 * buffer that stays in the cache. */
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "math/wide.h"
#include "network/activation.h"
#include "network/blas.h"
#include "network/initialise.h"
#include "network/rows.h"
#include "network/window.h"

enum { WEIGHT, BIAS };

typedef struct conv2d {
    int64_t filters, groups;
    const hn_node *kernel_size, *strides;
    int padding, activation, initialisation;
    bool bias;
} conv2d;

static const hn_option options[] = {
    {"filters", HN_OPTION_INT, NULL, 1, 65536, NULL, offsetof(conv2d, filters), "output channels"},
    {"kernel_size", HN_OPTION_NODE, "3", 0, 0, NULL, offsetof(conv2d, kernel_size),
     "window: a number, or [down, across]"},
    {"strides", HN_OPTION_NODE, "1", 0, 0, NULL, offsetof(conv2d, strides),
     "how far windows are apart: a number, or [down, across]"},
    {"padding", HN_OPTION_CHOICE, "valid", 0, 0, hn_padding_names, offsetof(conv2d, padding),
     "same: zeros around the image"},
    {"groups", HN_OPTION_INT, "1", 1, 65536, NULL, offsetof(conv2d, groups),
     "channels are parted; each part has filters of its own"},
    {"activation", HN_OPTION_CHOICE, "linear", 0, 0, hn_activation_names, offsetof(conv2d, activation),
     "of each output"},
    {"init", HN_OPTION_CHOICE, "glorot_uniform", 0, 0, hn_initialisation_names,
     offsetof(conv2d, initialisation), "how weights are drawn"},
    {"bias", HN_OPTION_BOOL, "true", 0, 0, NULL, offsetof(conv2d, bias),
     "add a learned number to each output channel"},
};

static hone_status plan(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    const conv2d *c = config;
    hn_window window;
    if (!c->filters) {
        return hn_fail(err, HONE_INVALID, "filters, the number of output channels, is missing");
    }
    hone_status status =
        hn_window_place(c->kernel_size, c->strides, 1, (hn_padding)c->padding, in, &window, err);
    if (status) {
        return status;
    }
    size_t filters = (size_t)c->filters, groups = (size_t)c->groups;
    if (in->dim[0] % groups || filters % groups) {
        return hn_fail(err, HONE_INVALID,
                       "its %zu input channels and %zu filters must both be multiples of its %zu groups",
                       in->dim[0], filters, groups);
    }
    plan->out = (hn_shape){.rank = 3, .dim = {filters, window.out[0], window.out[1]}};
    plan->tensors[WEIGHT] = (hn_layer_tensor){"weight",
                                              4,
                                              {filters, in->dim[0] / groups, window.size[0], window.size[1]},
                                              .trainable = true,
                                              .decays = true};
    plan->tensors[BIAS] = (hn_layer_tensor){"bias", 1, {filters}, .trainable = true};
    plan->n_tensors = c->bias ? 2 : 1;
    plan->cache = hn_activation_needs_input((hn_activation)c->activation) ? hn_shape_size(&plan->out) : 0;
    return HONE_OK;
}

static void init(const void *config, const hn_layer_plan *plan, hn_random *random, float *const *values)
{
    const conv2d *c = config;
    const size_t *dim = plan->tensors[WEIGHT].dim;
    size_t inputs = dim[1] * dim[2] * dim[3], outputs = dim[0] / (size_t)c->groups * dim[2] * dim[3];
    hn_initialise((hn_initialisation)c->initialisation, random, inputs, outputs, dim[0], inputs,
                  values[WEIGHT]);
}

/* --- windows as columns --- */

typedef struct columns {
    hn_window window;
    size_t inputs, positions; /* of a window in one group; windows */
    float *values;            /* (inputs, positions) */
    float *slope;             /* the same, of the loss */
} columns;

static void close(void *work)
{
    columns *w = work;
    if (w) {
        hn_free(w->values);
        hn_free(w->slope);
        hn_free(w);
    }
}

static hone_status open(const void *config, const hn_layer_plan *plan, size_t n, void **work, hone_error *err)
{
    const conv2d *c = config;
    const size_t *dim = plan->tensors[WEIGHT].dim;
    (void)n;
    hone_status status = hn_blas_load(err);
    columns *w = status ? NULL : hn_calloc(1, sizeof *w);
    if (!w) {
        return status ? status : hn_out_of_memory(err);
    }
    status =
        hn_window_place(c->kernel_size, c->strides, 1, (hn_padding)c->padding, &plan->in, &w->window, err);
    w->inputs = dim[1] * dim[2] * dim[3];
    w->positions = plan->out.dim[1] * plan->out.dim[2];
    w->values = hn_aligned_array(w->inputs * w->positions, sizeof *w->values);
    w->slope = hn_aligned_array(w->inputs * w->positions, sizeof *w->slope);
    if (!status && (!w->values || !w->slope)) {
        status = hn_out_of_memory(err);
    }
    if (status) {
        close(w);
    } else {
        *work = w;
    }
    return status;
}

static size_t work_bytes(const void *config, const hn_layer_plan *plan, size_t n)
{
    const size_t *dim = plan->tensors[WEIGHT].dim;
    (void)config;
    (void)n;
    return 2 * dim[1] * dim[2] * dim[3] * plan->out.dim[1] * plan->out.dim[2] * sizeof(float);
}

/* The positions [first, last) across whose input at offset k of the window lies inside the image. */
static void inside(const hn_window *w, size_t k, size_t *first, size_t *last)
{
    size_t before = w->before[1], stride = w->stride[1];
    *first = k >= before ? 0 : (before - k + stride - 1) / stride;
    size_t end = w->in[1] + before > k ? (w->in[1] + before - k + stride - 1) / stride : 0;
    *last = end < w->out[1] ? end : w->out[1];
    *first = *first < *last ? *first : *last;
}

/* One input of the window at all positions: row (out[0], out[1]) of the columns, from one channel. */
WIDE static void lay_out(const hn_window *w, const float *channel, size_t down, size_t across, float *row)
{
    size_t first, last, stride = w->stride[1];
    inside(w, across, &first, &last);
    for (size_t y = 0; y < w->out[0]; y++, row += w->out[1]) {
        size_t from = y * w->stride[0] + down;
        if (from < w->before[0] || from - w->before[0] >= w->in[0]) {
            memset(row, 0, w->out[1] * sizeof *row);
            continue;
        }
        const float *line = channel + (from - w->before[0]) * w->in[1];
        memset(row, 0, first * sizeof *row);
        for (size_t x = first; x < last; x++) {
            row[x] = line[x * stride + across - w->before[1]];
        }
        memset(row + last, 0, (w->out[1] - last) * sizeof *row);
    }
}

/* The reverse: adds the row to the channel. */
WIDE static void add_back(const hn_window *w, const float *row, size_t down, size_t across, float *channel)
{
    size_t first, last, stride = w->stride[1];
    inside(w, across, &first, &last);
    for (size_t y = 0; y < w->out[0]; y++, row += w->out[1]) {
        size_t from = y * w->stride[0] + down;
        if (from < w->before[0] || from - w->before[0] >= w->in[0]) {
            continue;
        }
        float *line = channel + (from - w->before[0]) * w->in[1];
        for (size_t x = first; x < last; x++) {
            line[x * stride + across - w->before[1]] += row[x];
        }
    }
}

/* Calls through all inputs of the window of `channels` channels. */
static void fill_columns(columns *w, const float *image, size_t channels)
{
    const hn_window *window = &w->window;
    float *row = w->values;
    for (size_t c = 0; c < channels; c++, image += window->in[0] * window->in[1]) {
        for (size_t k = 0; k < window->size[0] * window->size[1]; k++, row += w->positions) {
            lay_out(window, image, k / window->size[1], k % window->size[1], row);
        }
    }
}

static void add_columns(const columns *w, float *image, size_t channels)
{
    const hn_window *window = &w->window;
    const float *row = w->slope;
    for (size_t c = 0; c < channels; c++, image += window->in[0] * window->in[1]) {
        for (size_t k = 0; k < window->size[0] * window->size[1]; k++, row += w->positions) {
            add_back(window, row, k / window->size[1], k % window->size[1], image);
        }
    }
}

/* --- passes --- */

/* One group of one sample: where its parts begin. */
typedef struct part {
    size_t channels, filters; /* of the group */
    size_t in, out;           /* offsets among the batch's inputs and outputs */
    size_t weight, bias;
} part;

static part part_of(const hn_pass *pass, size_t sample, size_t group, size_t groups)
{
    const hn_layer_plan *plan = pass->plan;
    size_t channels = plan->in.dim[0] / groups, filters = plan->out.dim[0] / groups;
    size_t area = plan->in.dim[1] * plan->in.dim[2], positions = plan->out.dim[1] * plan->out.dim[2];
    const size_t *dim = plan->tensors[WEIGHT].dim;
    return (part){.channels = channels,
                  .filters = filters,
                  .in = (sample * groups + group) * channels * area,
                  .out = (sample * groups + group) * filters * positions,
                  .weight = group * filters * dim[1] * dim[2] * dim[3],
                  .bias = group * filters};
}

static hone_status forward(const hn_pass *pass, hone_error *err)
{
    const conv2d *c = pass->config;
    columns *w = pass->work;
    size_t groups = (size_t)c->groups, positions = w->positions;
    float *z = pass->plan->cache ? pass->cache : pass->out;
    (void)err;
    for (size_t i = 0; i < pass->n * groups; i++) {
        part p = part_of(pass, i / groups, i % groups, groups);
        for (size_t f = 0; c->bias && f < p.filters; f++) {
            for (size_t k = 0; k < positions; k++) {
                z[p.out + f * positions + k] = pass->values[BIAS][p.bias + f];
            }
        }
        fill_columns(w, pass->in + p.in, p.channels);
        hn_sgemm((hn_matrix){pass->values[WEIGHT] + p.weight, w->inputs, false},
                 (hn_matrix){w->values, positions, false}, p.filters, positions, w->inputs, c->bias ? 1 : 0,
                 z + p.out, positions);
    }
    const size_t *out = pass->plan->out.dim;
    hn_activation_forward((hn_activation)c->activation, z, pass->n * out[0] * out[1], out[2], pass->out);
    return HONE_OK;
}

static hone_status backward(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    const conv2d *c = pass->config;
    columns *w = pass->work;
    size_t groups = (size_t)c->groups, positions = w->positions;
    (void)err;
    const size_t *out = pass->plan->out.dim;
    hn_activation_backward((hn_activation)c->activation, pass->cache, pass->out, pass->n * out[0] * out[1],
                           out[2], d_out);
    for (size_t f = 0; c->bias && f < pass->plan->out.dim[0]; f++) {
        pass->gradients[BIAS][f] = 0;
    }
    if (d_in) {
        memset(d_in, 0, pass->n * hn_shape_size(&pass->plan->in) * sizeof *d_in);
    }
    for (size_t i = 0; i < pass->n * groups; i++) {
        part p = part_of(pass, i / groups, i % groups, groups);
        const float *d = d_out + p.out;
        fill_columns(w, pass->in + p.in, p.channels);
        hn_sgemm((hn_matrix){d, positions, false}, (hn_matrix){w->values, positions, true}, p.filters,
                 w->inputs, positions, i < groups ? 0 : 1, pass->gradients[WEIGHT] + p.weight, w->inputs);
        for (size_t f = 0; c->bias && f < p.filters; f++) {
            pass->gradients[BIAS][p.bias + f] += (float)hn_floats_sum(d + f * positions, positions);
        }
        if (d_in) {
            hn_sgemm((hn_matrix){pass->values[WEIGHT] + p.weight, w->inputs, true},
                     (hn_matrix){d, positions, false}, w->inputs, positions, p.filters, 0, w->slope,
                     positions);
            add_columns(w, d_in + p.in, p.channels);
        }
    }
    return HONE_OK;
}

static hn_value graph(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                      hn_graph *graph)
{
    const conv2d *c = config;
    hn_value inputs[] = {rows, hn_layer_constant(graph, plan, WEIGHT, values),
                         c->bias ? hn_layer_constant(graph, plan, BIAS, values) : (hn_value){0}};
    hn_value z = hn_graph_op(graph, "Conv", c->bias ? 3 : 2, inputs);
    hn_window w;
    if (!hn_window_place(c->kernel_size, c->strides, 1, (hn_padding)c->padding, &plan->in, &w, NULL)) {
        hn_window_graph(&w, graph);
    }
    hn_graph_set_int(graph, "group", c->groups);
    return hn_activation_graph((hn_activation)c->activation, z, graph);
}

extern const hn_layer_type hn_layer_conv2d;

const hn_layer_type hn_layer_conv2d = {
    .name = "conv2d",
    .help = "learned windows that slide over an image",
    .options = {options, sizeof options / sizeof *options, sizeof(conv2d)},
    .plan = plan,
    .init = init,
    .open = open,
    .close = close,
    .forward = forward,
    .backward = backward,
    .work_bytes = work_bytes,
    .graph = graph,
    .weights = true,
};
