/* dense.c: every output is a weighted sum of all inputs, and an activation. Over a sequence, (steps,
 * features), each step by itself. */
#include <stddef.h>

#include "network/activation.h"
#include "network/blas.h"
#include "network/initialise.h"
#include "network/layer.h"
#include "network/rows.h"

enum { WEIGHT, BIAS };

typedef struct dense {
    int64_t units;
    int activation, initialisation;
    bool bias;
} dense;

static const hn_option options[] = {
    {"units", HN_OPTION_INT, NULL, 1, 1 << 20, NULL, offsetof(dense, units), "outputs"},
    {"activation", HN_OPTION_CHOICE, "linear", 0, 0, hn_activation_names, offsetof(dense, activation),
     "of each output"},
    {"init", HN_OPTION_CHOICE, "glorot_uniform", 0, 0, hn_initialisation_names,
     offsetof(dense, initialisation), "how weights are drawn"},
    {"bias", HN_OPTION_BOOL, "true", 0, 0, NULL, offsetof(dense, bias),
     "add a learned number to each output"},
};

static hone_status plan(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    const dense *d = config;
    if (!d->units) {
        return hn_fail(err, HONE_INVALID, "units, the number of outputs, is missing");
    }
    if (in->rank > 2) {
        return hn_layer_wants(in, "features, or steps x features: put flatten or a global pooling before it",
                              err);
    }
    size_t last = in->rank - 1, features = in->dim[last], units = (size_t)d->units;
    plan->out = *in;
    plan->out.dim[last] = units;
    plan->tensors[WEIGHT] =
        (hn_layer_tensor){"weight", 2, {features, units}, .trainable = true, .decays = true};
    plan->tensors[BIAS] = (hn_layer_tensor){"bias", 1, {units}, .trainable = true};
    plan->n_tensors = d->bias ? 2 : 1;
    plan->cache = hn_activation_needs_input((hn_activation)d->activation) ? hn_shape_size(&plan->out) : 0;
    return HONE_OK;
}

static void init(const void *config, const hn_layer_plan *plan, hn_random *random, float *const *values)
{
    const dense *d = config;
    size_t fan_in = plan->tensors[WEIGHT].dim[0], fan_out = plan->tensors[WEIGHT].dim[1];
    hn_initialise((hn_initialisation)d->initialisation, random, fan_in, fan_out, fan_in, fan_out,
                  values[WEIGHT]);
}

static hone_status open(const void *config, const hn_layer_plan *plan, size_t n, void **work, hone_error *err)
{
    (void)config;
    (void)plan;
    (void)n;
    *work = NULL;
    return hn_blas_load(err);
}

/* Rows that share the weights: samples, or their steps. */
static size_t rows_of(const hn_pass *pass)
{
    return pass->plan->in.rank == 2 ? pass->n * pass->plan->in.dim[0] : pass->n;
}

static hone_status forward(const hn_pass *pass, hone_error *err)
{
    const dense *d = pass->config;
    const size_t *dim = pass->plan->tensors[WEIGHT].dim;
    size_t n = rows_of(pass), features = dim[0], units = dim[1];
    float *z = pass->plan->cache ? pass->cache : pass->out;
    (void)err;
    if (d->bias) {
        hn_rows_fill(pass->values[BIAS], n, units, z);
    }
    hn_sgemm((hn_matrix){pass->in, features, false}, (hn_matrix){pass->values[WEIGHT], units, false}, n,
             units, features, d->bias ? 1 : 0, z, units);
    hn_activation_forward((hn_activation)d->activation, z, n, units, pass->out);
    return HONE_OK;
}

static hone_status backward(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    const dense *d = pass->config;
    const size_t *dim = pass->plan->tensors[WEIGHT].dim;
    size_t n = rows_of(pass), features = dim[0], units = dim[1];
    (void)err;
    hn_activation_backward((hn_activation)d->activation, pass->cache, pass->out, n, units, d_out);
    hn_sgemm((hn_matrix){pass->in, features, true}, (hn_matrix){d_out, units, false}, features, units, n, 0,
             pass->gradients[WEIGHT], units);
    if (d->bias) {
        hn_rows_sum(d_out, n, units, pass->gradients[BIAS]);
    }
    if (d_in) {
        hn_sgemm((hn_matrix){d_out, units, false}, (hn_matrix){pass->values[WEIGHT], units, true}, n,
                 features, units, 0, d_in, features);
    }
    return HONE_OK;
}

static hn_value graph(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                      hn_graph *graph)
{
    const dense *d = config;
    hn_value z = HN_OP(graph, "MatMul", rows, hn_layer_constant(graph, plan, WEIGHT, values));
    if (d->bias) {
        z = HN_OP(graph, "Add", z, hn_layer_constant(graph, plan, BIAS, values));
    }
    return hn_activation_graph((hn_activation)d->activation, z, graph);
}

extern const hn_layer_type hn_layer_dense;

const hn_layer_type hn_layer_dense = {
    .name = "dense",
    .help = "weighted sums of all inputs",
    .options = {options, sizeof options / sizeof *options, sizeof(dense)},
    .plan = plan,
    .init = init,
    .open = open,
    .forward = forward,
    .backward = backward,
    .graph = graph,
    .weights = true,
};
