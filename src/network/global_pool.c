/* global_pool.c: the mean or the largest value of each channel of an image, or of each feature over the steps
 * of a sequence. */
#include <string.h>

#include "network/layer.h"

/* An image has its channels first, a sequence its steps. */
typedef struct extent {
    size_t features, count;      /* what is kept; what is pooled */
    size_t feature_stride, step; /* from one feature, from one pooled value, to the next */
} extent;

static extent extent_of(const hn_shape *in)
{
    if (in->rank == 3) {
        return (extent){in->dim[0], in->dim[1] * in->dim[2], in->dim[1] * in->dim[2], 1};
    }
    return (extent){in->dim[1], in->dim[0], 1, in->dim[1]};
}

static hone_status plan_mean(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    (void)config;
    if (in->rank < 2) {
        return hn_layer_wants(in, "an image or a sequence", err);
    }
    plan->out = (hn_shape){.rank = 1, .dim = {extent_of(in).features}};
    return HONE_OK;
}

/* The cache holds which value was the largest. */
static hone_status plan_max(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    hone_status status = plan_mean(config, in, plan, err);
    plan->cache = status ? 0 : plan->out.dim[0];
    return status;
}

static hone_status forward_mean(const hn_pass *pass, hone_error *err)
{
    extent e = extent_of(&pass->plan->in);
    const float *in = pass->in;
    (void)err;
    for (size_t i = 0; i < pass->n; i++, in += e.features * e.count) {
        for (size_t f = 0; f < e.features; f++) {
            double sum = 0;
            for (size_t k = 0; k < e.count; k++) {
                sum += in[f * e.feature_stride + k * e.step];
            }
            pass->out[i * e.features + f] = (float)(sum / (double)e.count);
        }
    }
    return HONE_OK;
}

static hone_status backward_mean(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    extent e = extent_of(&pass->plan->in);
    (void)err;
    for (size_t i = 0; d_in && i < pass->n; i++, d_in += e.features * e.count) {
        for (size_t f = 0; f < e.features; f++) {
            float share = d_out[i * e.features + f] / (float)e.count;
            for (size_t k = 0; k < e.count; k++) {
                d_in[f * e.feature_stride + k * e.step] = share;
            }
        }
    }
    return HONE_OK;
}

static hone_status forward_max(const hn_pass *pass, hone_error *err)
{
    extent e = extent_of(&pass->plan->in);
    const float *in = pass->in;
    (void)err;
    for (size_t i = 0; i < pass->n; i++, in += e.features * e.count) {
        for (size_t f = 0; f < e.features; f++) {
            const float *values = in + f * e.feature_stride;
            size_t best = 0;
            for (size_t k = 1; k < e.count; k++) {
                best = values[k * e.step] > values[best * e.step] ? k : best;
            }
            pass->out[i * e.features + f] = values[best * e.step];
            pass->cache[i * e.features + f] = (float)best;
        }
    }
    return HONE_OK;
}

static hone_status backward_max(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    extent e = extent_of(&pass->plan->in);
    (void)err;
    if (!d_in) {
        return HONE_OK;
    }
    memset(d_in, 0, pass->n * e.features * e.count * sizeof *d_in);
    for (size_t i = 0; i < pass->n; i++, d_in += e.features * e.count) {
        for (size_t f = 0; f < e.features; f++) {
            size_t best = (size_t)pass->cache[i * e.features + f];
            d_in[f * e.feature_stride + best * e.step] = d_out[i * e.features + f];
        }
    }
    return HONE_OK;
}

/* --- as graphs --- */

static hn_value reduce(const char *op, const hn_layer_plan *plan, hn_value rows, hn_graph *graph)
{
    static const int64_t area[] = {2, 3}, steps[] = {1};
    bool image = plan->in.rank == 3;
    rows = HN_OP(graph, op, rows);
    hn_graph_set_ints(graph, "axes", image ? 2 : 1, image ? area : steps);
    hn_graph_set_int(graph, "keepdims", 0);
    return rows;
}

static hn_value graph_mean(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                           hn_graph *graph)
{
    (void)config;
    (void)values;
    return reduce("ReduceMean", plan, rows, graph);
}

static hn_value graph_max(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                          hn_graph *graph)
{
    (void)config;
    (void)values;
    return reduce("ReduceMax", plan, rows, graph);
}

extern const hn_layer_type hn_layer_global_average_pool, hn_layer_global_max_pool;

const hn_layer_type hn_layer_global_average_pool = {
    .name = "global_average_pool",
    .help = "the mean of each channel, or of each feature over the steps",
    .options = {NULL, 0, 1},
    .plan = plan_mean,
    .forward = forward_mean,
    .backward = backward_mean,
    .graph = graph_mean,
};

const hn_layer_type hn_layer_global_max_pool = {
    .name = "global_max_pool",
    .help = "the largest value of each channel, or of each feature over the steps",
    .options = {NULL, 0, 1},
    .plan = plan_max,
    .forward = forward_max,
    .backward = backward_max,
    .graph = graph_max,
};
