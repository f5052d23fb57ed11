/* dropout.c: in training each value is 0 with a probability, else divided by the probability to stay
 * (Srivastava et al. 2014). */
#include <stddef.h>
#include <string.h>

#include "network/layer.h"

typedef struct dropout {
    double rate;
} dropout;

static const hn_option options[] = {
    {"rate", HN_OPTION_DOUBLE, "0.5", 0, 0.999999, NULL, offsetof(dropout, rate),
     "share of values dropped in training"},
};

static hone_status plan(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    const dropout *d = config;
    (void)err;
    plan->out = *in;
    plan->alias = !(d->rate > 0);
    plan->cache = plan->alias ? 0 : hn_shape_size(in);
    return HONE_OK;
}

/* The cache holds each value's factor: 0, or 1 / (1 - rate). */
static void draw_factors(const hn_pass *pass, double rate, size_t size)
{
    hn_random random = hn_random_stream(pass->seed, pass->step, HN_PURPOSE_MODEL);
    uint32_t dropped = (uint32_t)(rate * 4294967296.0);
    float kept = (float)(1 / (1 - rate));
    for (size_t i = 0; i < size; i++) {
        pass->cache[i] = hn_random_u32(&random) < dropped ? 0 : kept;
    }
}

static hone_status forward(const hn_pass *pass, hone_error *err)
{
    const dropout *d = pass->config;
    size_t size = pass->n * hn_shape_size(&pass->plan->in);
    (void)err;
    if (!pass->training) {
        memcpy(pass->out, pass->in, size * sizeof *pass->out);
        return HONE_OK;
    }
    draw_factors(pass, d->rate, size);
    for (size_t i = 0; i < size; i++) {
        pass->out[i] = pass->in[i] * pass->cache[i];
    }
    return HONE_OK;
}

static hone_status backward(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    size_t size = pass->n * hn_shape_size(&pass->plan->in);
    (void)err;
    for (size_t i = 0; d_in && i < size; i++) {
        d_in[i] = d_out[i] * pass->cache[i];
    }
    return HONE_OK;
}

static hn_value graph(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                      hn_graph *graph)
{
    (void)config;
    (void)plan;
    (void)values;
    (void)graph;
    return rows;
}

extern const hn_layer_type hn_layer_dropout;

const hn_layer_type hn_layer_dropout = {
    .name = "dropout",
    .help = "zeroes a share of the values in training",
    .options = {options, sizeof options / sizeof *options, sizeof(dropout)},
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .graph = graph,
};
