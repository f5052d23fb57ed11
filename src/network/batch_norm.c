/* batch_norm.c: each channel (the last dimension of what is no image) has mean 0 and variance 1 over the
 * batch, then a learned scale and shift (Ioffe & Szegedy 2015). Outside training the running mean and
 * variance stand in. The variance of a batch divides by its count; the running one, as PyTorch's, by count
 * - 1.
 */
#include <math.h>
#include <stddef.h>

#include "network/layer.h"

enum { SCALE, SHIFT, MEAN, VARIANCE };

typedef struct batch_norm {
    double momentum, epsilon;
} batch_norm;

static const hn_option options[] = {
    {"momentum", HN_OPTION_DOUBLE, "0.9", 0, 1, NULL, offsetof(batch_norm, momentum),
     "share of the running statistics kept each step"},
    {"epsilon", HN_OPTION_DOUBLE, "1e-5", 1e-12, 1, NULL, offsetof(batch_norm, epsilon),
     "added to the variance"},
};

/* Values of a channel: `runs` runs of `length` neighbours, a run every `stride`. */
typedef struct extent {
    size_t channels, runs, length, stride, channel_stride;
} extent;

static extent extent_of(const hn_shape *in, size_t n)
{
    size_t size = hn_shape_size(in);
    if (in->rank == 3) {
        size_t area = in->dim[1] * in->dim[2];
        return (extent){in->dim[0], n, area, size, area};
    }
    size_t width = in->dim[in->rank - 1];
    return (extent){width, n * (size / width), 1, width, 1};
}

/* The cache: what was put out before scale and shift. */
static hone_status plan(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    size_t channels = extent_of(in, 1).channels;
    (void)config;
    (void)err;
    plan->out = *in;
    plan->cache = hn_shape_size(in);
    plan->n_tensors = 4;
    plan->tensors[SCALE] = (hn_layer_tensor){"scale", 1, {channels}, .trainable = true};
    plan->tensors[SHIFT] = (hn_layer_tensor){"shift", 1, {channels}, .trainable = true};
    plan->tensors[MEAN] = (hn_layer_tensor){"mean", 1, {channels}, .trainable = false};
    plan->tensors[VARIANCE] = (hn_layer_tensor){"variance", 1, {channels}, .trainable = false};
    return HONE_OK;
}

static void init(const void *config, const hn_layer_plan *plan, hn_random *random, float *const *values)
{
    (void)config;
    (void)random;
    for (size_t c = 0; c < plan->tensors[SCALE].dim[0]; c++) {
        values[SCALE][c] = values[VARIANCE][c] = 1;
    }
}

static void moments(const extent *e, const float *x, double *mean, double *variance)
{
    double sum = 0, square = 0, count = (double)(e->runs * e->length);
    for (size_t r = 0; r < e->runs; r++) {
        for (size_t k = 0; k < e->length; k++) {
            sum += x[r * e->stride + k];
        }
    }
    *mean = sum / count;
    for (size_t r = 0; r < e->runs; r++) {
        for (size_t k = 0; k < e->length; k++) {
            double away = x[r * e->stride + k] - *mean;
            square += away * away;
        }
    }
    *variance = square / count;
}

static void run_on(const hn_pass *pass, const extent *e, size_t c, double mean, double variance)
{
    const batch_norm *b = pass->config;
    double count = (double)(e->runs * e->length),
           unbiased = count > 1 ? variance * count / (count - 1) : variance;
    float *mean_kept = &pass->values[MEAN][c], *variance_kept = &pass->values[VARIANCE][c];
    *mean_kept = (float)(b->momentum * *mean_kept + (1 - b->momentum) * mean);
    *variance_kept = (float)(b->momentum * *variance_kept + (1 - b->momentum) * unbiased);
}

static hone_status forward(const hn_pass *pass, hone_error *err)
{
    const batch_norm *b = pass->config;
    extent e = extent_of(&pass->plan->in, pass->n);
    (void)err;
    for (size_t c = 0; c < e.channels; c++) {
        size_t at = c * e.channel_stride;
        double mean = pass->values[MEAN][c], variance = pass->values[VARIANCE][c];
        if (pass->training) {
            moments(&e, pass->in + at, &mean, &variance);
            run_on(pass, &e, c, mean, variance);
        }
        float middle = (float)mean, inverse = (float)(1 / sqrt(variance + b->epsilon));
        float scale = pass->values[SCALE][c], shift = pass->values[SHIFT][c];
        for (size_t r = 0; r < e.runs; r++) {
            size_t from = at + r * e.stride;
            for (size_t k = from; k < from + e.length; k++) {
                pass->cache[k] = (pass->in[k] - middle) * inverse;
                pass->out[k] = scale * pass->cache[k] + shift;
            }
        }
    }
    return HONE_OK;
}

static hone_status backward(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    const batch_norm *b = pass->config;
    extent e = extent_of(&pass->plan->in, pass->n);
    double count = (double)(e.runs * e.length);
    (void)err;
    for (size_t c = 0; c < e.channels; c++) {
        size_t at = c * e.channel_stride;
        double mean, variance, sum = 0, product = 0;
        for (size_t r = 0; r < e.runs; r++) {
            size_t from = at + r * e.stride;
            for (size_t k = from; k < from + e.length; k++) {
                sum += d_out[k];
                product += (double)d_out[k] * pass->cache[k];
            }
        }
        pass->gradients[SCALE][c] = (float)product;
        pass->gradients[SHIFT][c] = (float)sum;
        if (!d_in) {
            continue;
        }
        moments(&e, pass->in + at, &mean, &variance);
        float factor = (float)(pass->values[SCALE][c] / sqrt(variance + b->epsilon));
        float even = (float)(sum / count), along = (float)(product / count);
        for (size_t r = 0; r < e.runs; r++) {
            size_t from = at + r * e.stride;
            for (size_t k = from; k < from + e.length; k++) {
                d_in[k] = factor * (d_out[k] - even - along * pass->cache[k]);
            }
        }
    }
    return HONE_OK;
}

/* The operator wants channels second. */
static hn_value graph(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                      hn_graph *graph)
{
    static const int64_t turned[] = {0, 2, 1};
    const batch_norm *b = config;
    bool steps = plan->in.rank == 2;
    rows = steps ? hn_graph_transpose(graph, rows, 3, turned) : rows;
    rows = HN_OP(graph, "BatchNormalization", rows, hn_layer_constant(graph, plan, SCALE, values),
                 hn_layer_constant(graph, plan, SHIFT, values), hn_layer_constant(graph, plan, MEAN, values),
                 hn_layer_constant(graph, plan, VARIANCE, values));
    hn_graph_set_float(graph, "epsilon", (float)b->epsilon);
    return steps ? hn_graph_transpose(graph, rows, 3, turned) : rows;
}

extern const hn_layer_type hn_layer_batch_norm;

const hn_layer_type hn_layer_batch_norm = {
    .name = "batch_norm",
    .help = "values of each channel brought to mean 0 and variance 1 over the batch, then scaled and shifted",
    .options = {options, sizeof options / sizeof *options, sizeof(batch_norm)},
    .plan = plan,
    .init = init,
    .forward = forward,
    .backward = backward,
    .graph = graph,
};
