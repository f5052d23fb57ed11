#include "model_dummy.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"

typedef struct dummy_config {
    double shift;
} dummy_config;

typedef struct dummy {
    size_t n_classes, d;
    double mean, shift; /* regression */
    double *shares;     /* (n_classes,) */
} dummy;

static const hn_option options[] = {
    {"shift", HN_OPTION_DOUBLE, "0", -10, 10, NULL, offsetof(dummy_config, shift),
     "added to every prediction"},
};

static void destroy(void *fitted)
{
    dummy *m = fitted;
    if (!m)
        return;
    hn_free(m->shares);
    hn_free(m);
}

/* The shift is added when predicting. */
static bool covers(const void *a, const void *b)
{
    (void)a, (void)b;
    return true;
}

static dummy *new_dummy(size_t n_classes, size_t d)
{
    dummy *m = hn_calloc(1, sizeof *m);
    if (!m)
        return NULL;
    *m = (dummy){.n_classes = n_classes, .d = d, .shares = hn_calloc(n_classes, sizeof *m->shares)};
    if (m->shares)
        return m;
    hn_free(m);
    return NULL;
}

static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    const dummy_config *c = config;
    dummy *m = new_dummy(train->n_classes, train->d);
    if (!m)
        return hn_out_of_memory(err);
    double total = 0;
    for (size_t i = 0; i < train->n; i++) {
        if (context->cancel && *context->cancel) {
            destroy(m);
            return hn_fail(err, HONE_CANCELLED, "model dummy: cancelled");
        }
        double weight = train->weight ? train->weight[i] : 1;
        total += weight;
        if (train->n_classes)
            m->shares[(size_t)train->y[i]] += weight;
        else
            m->mean += weight * train->y[i];
    }
    m->mean /= total;
    m->shift = c->shift;
    for (size_t k = 0; k < m->n_classes; k++)
        m->shares[k] /= total;
    *fitted = m;
    return HONE_OK;
}

static hone_status derive(const void *fitted, const void *config, const hn_design *train,
                          const hn_fit_context *context, void **derived, hone_error *err)
{
    const dummy *from = fitted;
    dummy *m = new_dummy(from->n_classes, from->d);
    (void)train, (void)context;
    if (!m)
        return hn_out_of_memory(err);
    m->mean = from->mean;
    m->shift = ((const dummy_config *)config)->shift;
    for (size_t k = 0; k < m->n_classes; k++)
        m->shares[k] = from->shares[k];
    *derived = m;
    return HONE_OK;
}

static size_t bytes(const void *fitted)
{
    const dummy *m = fitted;
    return sizeof *m + m->n_classes * sizeof *m->shares;
}

static hone_status predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const dummy *m = fitted;
    if (rows->d != m->d)
        return hn_fail(err, HONE_INVALID, "model dummy: rows of %zu columns, it was fitted to %zu", rows->d,
                       m->d);
    size_t best = 0;
    for (size_t k = 1; k < m->n_classes; k++)
        best = m->shares[k] > m->shares[best] ? k : best;
    for (size_t i = 0; i < rows->n; i++)
        out[i] = m->n_classes ? (double)best : m->mean + m->shift;
    return HONE_OK;
}

static hone_status predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const dummy *m = fitted;
    (void)err;
    for (size_t i = 0; i < rows->n; i++)
        memcpy(out + i * m->n_classes, m->shares, m->n_classes * sizeof *out);
    return HONE_OK;
}

static hone_status save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const dummy *m = fitted;
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "value", hn_node_real(arena, m->mean + m->shift));
    hn_tensor *shares = HN_ARENA_NEW(arena, hn_tensor, 1);
    if (!map || !shares)
        return hn_out_of_memory(err);
    *shares = (hn_tensor){.name = "shares", .dims = 1, .shape = {m->n_classes}, .values = m->shares};
    *state = (hn_model_state){map, shares, 1};
    return HONE_OK;
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    const hn_tensor *shares = hn_tensor_find(state->tensors, state->n_tensors, "shares", 1);
    double value;
    if (!shares || shares->shape[0] != n_classes ||
        !hn_node_double(hn_map_get(state->settings, "value"), &value) || !isfinite(value))
        return hn_fail(err, HONE_PARSE, "model dummy: value or shares are missing");
    for (size_t k = 0; k < n_classes; k++)
        if (!isfinite(shares->values[k]))
            return hn_fail(err, HONE_PARSE, "model dummy: a share is not finite");
    dummy *m = new_dummy(n_classes, d);
    if (!m)
        return hn_out_of_memory(err);
    m->mean = value;
    for (size_t k = 0; k < n_classes; k++)
        m->shares[k] = shares->values[k];
    *fitted = m;
    return HONE_OK;
}

const hn_model_type model_dummy = {
    .name = "dummy",
    .help = "mean or commonest class",
    .tasks = HN_TASK_CLASSIFICATION | HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_CANCELLABLE | HN_MODEL_PROBABILITY | HN_MODEL_WEIGHTS,
    .options = {options, 1, sizeof(dummy_config)},
    .default_space = "shift: {float: [0, 1]}",
    .fit = fit,
    .destroy = destroy,
    .covers = covers,
    .derive = derive,
    .bytes = bytes,
    .predict = predict,
    .predict_proba = predict_proba,
    .save = save,
    .load = load,
};
