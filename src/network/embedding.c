/* embedding.c: each token, a whole number, becomes a learned vector. */
#include <stddef.h>
#include <string.h>

#include "base/number.h"
#include "network/layer.h"

typedef struct embedding {
    int64_t dim, vocabulary;
} embedding;

static const hn_option options[] = {
    {"dim", HN_OPTION_INT, NULL, 1, 65536, NULL, offsetof(embedding, dim), "numbers that stand for a token"},
    {"vocabulary", HN_OPTION_INT, NULL, 1, 1 << 24, NULL, offsetof(embedding, vocabulary),
     "tokens there are: 0 to this - 1"},
};

static hone_status plan(const void *config, const hn_shape *in, hn_layer_plan *plan, hone_error *err)
{
    const embedding *e = config;
    if (!e->dim || !e->vocabulary) {
        return hn_fail(err, HONE_INVALID, "%s is missing",
                       e->dim ? "vocabulary, the number of tokens," : "dim, the numbers a token");
    }
    if (in->rank != 1) {
        return hn_layer_wants(in, "a row of tokens", err);
    }
    plan->out = (hn_shape){.rank = 2, .dim = {in->dim[0], (size_t)e->dim}};
    plan->n_tensors = 1;
    plan->tensors[0] = (hn_layer_tensor){
        "weight", 2, {(size_t)e->vocabulary, (size_t)e->dim}, .trainable = true, .decays = true};
    return HONE_OK;
}

/* Uniform on +-0.05, as Keras. */
static void init(const void *config, const hn_layer_plan *plan, hn_random *random, float *const *values)
{
    (void)config;
    for (size_t i = 0; i < hn_layer_tensor_size(&plan->tensors[0]); i++) {
        values[0][i] = (float)(0.05 * (2 * hn_random_uniform(random) - 1));
    }
}

static hone_status token_of(const hn_pass *pass, size_t i, size_t *token, hone_error *err)
{
    const embedding *e = pass->config;
    float value = pass->in[i];
    if (!(value >= 0 && value < (float)e->vocabulary) || value != (float)(size_t)value) {
        char text[HN_NUMBER_SIZE];
        hn_format_double(text, (double)value);
        return hn_fail(err, HONE_INVALID, "its input %s is no token: tokens are whole numbers from 0 to %lld",
                       text, (long long)e->vocabulary - 1);
    }
    *token = (size_t)value;
    return HONE_OK;
}

static hone_status forward(const hn_pass *pass, hone_error *err)
{
    size_t dim = pass->plan->out.dim[1], token = 0;
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < pass->n * pass->plan->in.dim[0]; i++) {
        status = token_of(pass, i, &token, err);
        if (!status) {
            memcpy(pass->out + i * dim, pass->values[0] + token * dim, dim * sizeof *pass->out);
        }
    }
    return status;
}

static hone_status backward(const hn_pass *pass, float *d_out, float *d_in, hone_error *err)
{
    size_t dim = pass->plan->out.dim[1];
    (void)err;
    memset(pass->gradients[0], 0, hn_layer_tensor_size(&pass->plan->tensors[0]) * sizeof(float));
    for (size_t i = 0; i < pass->n * pass->plan->in.dim[0]; i++) {
        float *row = pass->gradients[0] + (size_t)pass->in[i] * dim;
        for (size_t k = 0; k < dim; k++) {
            row[k] += d_out[i * dim + k];
        }
    }
    if (d_in) { /* there is no derivative by a token */
        memset(d_in, 0, pass->n * pass->plan->in.dim[0] * sizeof *d_in);
    }
    return HONE_OK;
}

static hn_value graph(const void *config, const hn_layer_plan *plan, float *const *values, hn_value rows,
                      hn_graph *graph)
{
    (void)config;
    return HN_OP(graph, "Gather", hn_layer_constant(graph, plan, 0, values), rows);
}

extern const hn_layer_type hn_layer_embedding;

const hn_layer_type hn_layer_embedding = {
    .name = "embedding",
    .help = "a learned vector for each token",
    .options = {options, sizeof options / sizeof *options, sizeof(embedding)},
    .plan = plan,
    .init = init,
    .forward = forward,
    .backward = backward,
    .graph = graph,
    .of_tokens = true,
    .weights = true,
};
