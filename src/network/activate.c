/* activate.c: an activation as a layer of its own. */
#include <stddef.h>

#include "network/activation.h"
#include "network/layer.h"

typedef struct activate {
    int kind;
} activate;

static const hn_option options[] = {
    {"kind", HN_OPTION_CHOICE, "relu", 0, 0, hn_activation_names, offsetof(activate, kind), "the function"},
};

static hone_status plan(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    const activate *a = config;
    (void)err;
    plan->out = *in;
    plan->alias = a->kind == HN_LINEAR;
    return HONE_OK;
}

/* Softmax goes over the last dimension. */
static size_t width_of(const hn_pass *pass)
{
    return pass->plan->in.dim[pass->plan->in.rank - 1];
}

static hone_status forward(const hn_pass *pass, hone_error *err)
{
    const activate *a = pass->config;
    size_t width = width_of(pass), n = pass->n * hn_shape_size(&pass->plan->in) / width;
    (void)err;
    hn_activation_forward((hn_activation)a->kind, pass->in, n, width, pass->out);
    return HONE_OK;
}

static hone_status backward(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    const activate *a = pass->config;
    size_t width = width_of(pass), n = pass->n * hn_shape_size(&pass->plan->in) / width;
    (void)err;
    hn_activation_backward((hn_activation)a->kind, pass->in, pass->out, n, width, d_out);
    for (size_t i = 0; d_in && i < n * width; i++) {
        d_in[i] = d_out[i];
    }
    return HONE_OK;
}

static hn_value graph(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                      hn_graph *graph)
{
    const activate *a = config;
    (void)plan;
    (void)values;
    return hn_activation_graph((hn_activation)a->kind, rows, graph);
}

extern const hn_layer_type hn_layer_activation;

const hn_layer_type hn_layer_activation = {
    .name = "activation",
    .help = "a function of each value",
    .options = {options, sizeof options / sizeof *options, sizeof(activate)},
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .graph = graph,
};
