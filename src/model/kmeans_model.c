/* kmeans_model.c: k-means among the models: the task is clustering, which has no target. Options and their
 * defaults are scikit-learn's (1.2).
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "model/kmeans.h"
#include "model/model.h"

enum { MOST_CLUSTERS = 1000000, MOST_ROUNDS = 1000000, RANDOM_START = 1 };

typedef struct config {
    int64_t n_clusters;
    int init;
    int64_t n_init, max_iter;
    double tol;
} config;

static const char *const starts[] = {"k-means++", "random", NULL};

#define FIELD(name) offsetof(config, name)

static const hn_option options[] = {
    {"n_clusters", HN_OPTION_INT, "8", 1, MOST_CLUSTERS, NULL, FIELD(n_clusters), "how many clusters"},
    {"init", HN_OPTION_CHOICE, "k-means++", 0, 0, starts, FIELD(init),
     "first centres: rows far from each other, or any rows"},
    {"n_init", HN_OPTION_INT, "10", 1, MOST_ROUNDS, NULL, FIELD(n_init),
     "starts, of which the one with the least inertia is kept"},
    {"max_iter", HN_OPTION_INT, "300", 1, MOST_ROUNDS, NULL, FIELD(max_iter), "rounds of each start at most"},
    {"tol", HN_OPTION_DOUBLE, "0.0001", 0, 1e12, NULL, FIELD(tol),
     "stop when the centres move by less, squared, than this times the columns' mean variance"},
};

typedef struct fitted_model {
    size_t n_clusters, d;
    double *centres; /* (n_clusters, d) */
} fitted_model;

static void destroy(void *fitted)
{
    fitted_model *m = fitted;
    if (m)
        hn_free(m->centres);
    hn_free(m);
}

static fitted_model *new_model(size_t n_clusters, size_t d)
{
    fitted_model *m = hn_calloc(1, sizeof *m);
    double *centres = hn_calloc(n_clusters, d * sizeof *centres);
    if (!m || !centres) {
        hn_free(m);
        hn_free(centres);
        return NULL;
    }
    *m = (fitted_model){.n_clusters = n_clusters, .d = d, .centres = centres};
    return m;
}

static hone_status refuse(const config *c, const hn_design *train, const hn_fit_context *context,
                          hone_error *err)
{
    if (hn_cancelled(context->cancel))
        return hn_fail(err, HONE_CANCELLED, "cancelled before the fit");
    if (train->n == 0 || train->d == 0)
        return hn_fail(err, HONE_INVALID, "%zu rows of %zu columns; it needs one of each", train->n,
                       train->d);
    if ((size_t)c->n_clusters > train->n)
        return hn_fail(err, HONE_INVALID, "n_clusters is %lld, but there are only %zu rows to learn from",
                       (long long)c->n_clusters, train->n);
    return train->weight ? hn_fail(err, HONE_UNSUPPORTED, "it takes no weights") : HONE_OK;
}

static hone_status fit(const void *given, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    const config *c = given;
    fitted_model *m = NULL;
    size_t *labels = NULL;
    double inertia;
    hone_status status = refuse(c, train, context, err);
    if (!status) {
        m = new_model((size_t)c->n_clusters, train->d);
        labels = HN_ARENA_NEW(context->scratch, size_t, train->n);
        status = m && labels ? HONE_OK : hn_out_of_memory(err);
    }
    hn_kmeans_problem problem = {.x = train->x,
                                 .n = train->n,
                                 .d = train->d,
                                 .n_clusters = (size_t)c->n_clusters,
                                 .n_init = (size_t)c->n_init,
                                 .random_start = c->init == RANDOM_START,
                                 .max_iter = (size_t)c->max_iter,
                                 .tolerance = c->tol,
                                 .seed = context->seed,
                                 .cancel = context->cancel};
    if (!status)
        status = hn_kmeans(&problem, context->scratch, m->centres, labels, &inertia, err);
    if (status) {
        destroy(m);
        return hn_fail_within(err, status, "model kmeans");
    }
    *fitted = m;
    return HONE_OK;
}

/* --- using --- */

/* The nearest centre (the first of several) and its squared distance. */
static size_t nearest(const fitted_model *m, const double *row, double *distance)
{
    size_t best = 0;
    *distance = INFINITY;
    for (size_t k = 0; k < m->n_clusters; k++) {
        double sum = 0;
        for (size_t j = 0; j < m->d; j++)
            sum += (row[j] - m->centres[k * m->d + j]) * (row[j] - m->centres[k * m->d + j]);
        if (sum < *distance) {
            *distance = sum;
            best = k;
        }
    }
    return best;
}

static hone_status check_width(const fitted_model *m, const hn_design *rows, hone_error *err)
{
    if (rows->d == m->d)
        return HONE_OK;
    return hn_fail(err, HONE_INVALID, "model kmeans: rows of %zu columns, it was fitted to %zu", rows->d,
                   m->d);
}

static hone_status predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    hone_status status = check_width(fitted, rows, err);
    double distance;
    for (size_t i = 0; !status && i < rows->n; i++)
        out[i] = (double)nearest(fitted, rows->x + i * rows->d, &distance);
    return status;
}

static hone_status measure(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    hone_status status = check_width(fitted, rows, err);
    for (size_t i = 0; !status && i < rows->n; i++)
        nearest(fitted, rows->x + i * rows->d, &out[i]);
    return status;
}

/* --- files --- */

static hone_status save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const fitted_model *m = fitted;
    hn_node *map = hn_node_map(arena);
    hn_tensor *tensor = HN_ARENA_NEW(arena, hn_tensor, 1);
    if (!map || !tensor)
        return hn_out_of_memory(err);
    *tensor = (hn_tensor){.name = "centres", .dims = 2, .shape = {m->n_clusters, m->d}, .values = m->centres};
    *state = (hn_model_state){.settings = map, .tensors = tensor, .n_tensors = 1};
    return HONE_OK;
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    const hn_tensor *centres = hn_tensor_find(state->tensors, state->n_tensors, "centres", 2);
    bool sound = centres && n_classes == 0 && centres->shape[0] > 0 && centres->shape[1] == d;
    for (size_t i = 0; sound && i < hn_tensor_size(centres); i++)
        sound = isfinite(centres->values[i]);
    if (!sound)
        return hn_fail(err, HONE_PARSE, "model kmeans: its centres are missing or damaged");
    fitted_model *m = new_model(centres->shape[0], d);
    if (!m)
        return hn_out_of_memory(err);
    memcpy(m->centres, centres->values, hn_tensor_size(centres) * sizeof *m->centres);
    *fitted = m;
    return HONE_OK;
}

extern const hn_model_type hn_model_kmeans;

const hn_model_type hn_model_kmeans = {
    .name = "kmeans",
    .help = "clusters around their means, without a target",
    .tasks = HN_TASK_CLUSTERING,
    .capabilities = HN_MODEL_CANCELLABLE,
    .options = {options, sizeof options / sizeof *options, sizeof(config)},
    .default_space = "n_clusters: {int: [2, 20]}\n"
                     "init: {choice: [k-means++, random]}\n",
    .simpler = "smaller n_clusters",
    .fit = fit,
    .destroy = destroy,
    .predict = predict,
    .measure = measure,
    .save = save,
    .load = load,
};
