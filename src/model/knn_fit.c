/* knn_fit.c: the fitted object, which is the training rows, and it to and from tensors: settings {metric, p,
 * weights, k}, tensors x (n, d) and y (n,). */
#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "model/design.h"
#include "model/knn.h"

const char *const hn_knn_metric_names[] = {"euclidean", "manhattan", "minkowski", NULL};

hone_status hn_knn_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    const hn_knn_config *c = config;
    if (hn_cancelled(context->cancel))
        return hn_fail(err, HONE_CANCELLED, "model knn: cancelled before the fit");
    if (train->weight)
        return hn_fail(err, HONE_UNSUPPORTED, "model knn: row weights are not supported");
    hn_knn *knn = hn_knn_new(train->n, train->d);
    if (!knn)
        return hn_out_of_memory(err);
    knn->metric = (hn_knn_metric)c->metric;
    knn->p = c->p;
    knn->by_distance = c->weights == 1;
    knn->k = (size_t)c->n_neighbors < train->n ? (size_t)c->n_neighbors : train->n;
    knn->n_classes = train->n_classes;
    memcpy(knn->y, train->y, train->n * sizeof *knn->y);
    hone_status status = hn_kept_rows_of(train, &knn->rows, err);
    if (status)
        hn_knn_destroy(knn);
    else
        *fitted = knn;
    return status;
}

hone_status hn_knn_partial_fit(const void *fitted, const void *config, const hn_design *more,
                               const hn_fit_context *context, void **updated, hone_error *err)
{
    const hn_knn *before = fitted;
    size_t n = before->n + more->n, d = before->d;
    if (more->d != d)
        return hn_fail(err, HONE_INVALID, "model knn: fitted to %zu columns, given rows of %zu", d, more->d);
    const double *x_before;
    hone_status status = hn_kept_rows_look(before->rows, &x_before, err);
    if (status)
        return status;
    double *x = hn_arena_scratch(context->scratch, n * d, sizeof *x);
    double *y = hn_arena_scratch(context->scratch, n, sizeof *y);
    if (!x || !y)
        return hn_out_of_memory(err);
    memcpy(x, x_before, before->n * d * sizeof *x);
    memcpy(y, before->y, before->n * sizeof *y);
    memcpy(y + before->n, more->y, more->n * sizeof *y);
    if ((status = hn_design_rows(more, 0, more->n, x + before->n * d, err)))
        return status;
    hn_design all = *more;
    all.x = x;
    all.y = y;
    all.n = n;
    return hn_knn_fit(config, &all, context, updated, err);
}

/* --- files --- */

hone_status hn_knn_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const hn_knn *knn = fitted;
    const double *x;
    hone_status status = hn_kept_rows_look(knn->rows, &x, err);
    if (status)
        return status;
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "metric", hn_node_string(arena, hn_knn_metric_names[knn->metric]));
    map = hn_map_set(arena, map, "p", hn_node_real(arena, knn->p));
    map = hn_map_set(arena, map, "by_distance", hn_node_bool(arena, knn->by_distance));
    map = hn_map_set(arena, map, "k", hn_node_integer(arena, (int64_t)knn->k));
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, 2);
    if (!map || !tensors)
        return hn_out_of_memory(err);
    tensors[0] = (hn_tensor){.name = "x", .dims = 2, .shape = {knn->n, knn->d}, .values = x};
    tensors[1] = (hn_tensor){.name = "y", .dims = 1, .shape = {knn->n}, .values = knn->y};
    *state = (hn_model_state){.settings = map, .tensors = tensors, .n_tensors = 2};
    return HONE_OK;
}

static bool load_settings(const hn_node *settings, hn_knn *knn)
{
    const hn_node *metric = hn_map_get(settings, "metric"), *by = hn_map_get(settings, "by_distance");
    int64_t k;
    int kind = 0;
    if (!metric || metric->kind != HN_STRING || !by || by->kind != HN_BOOL ||
        !hn_node_double(hn_map_get(settings, "p"), &knn->p) || !hn_node_int(hn_map_get(settings, "k"), &k))
        return false;
    while (hn_knn_metric_names[kind] && strcmp(hn_knn_metric_names[kind], metric->as.string) != 0)
        kind++;
    knn->metric = (hn_knn_metric)kind;
    knn->by_distance = by->as.boolean;
    knn->k = (size_t)k;
    return hn_knn_metric_names[kind] && knn->p >= 1 && knn->p <= 100 && k >= 1 && (uint64_t)k <= knn->n;
}

static bool load_rows(const hn_tensor *x, const hn_tensor *y, hn_knn *knn, double *rows)
{
    for (size_t i = 0; i < knn->n * knn->d; i++) {
        if (!isfinite(x->values[i]))
            return false;
        rows[i] = x->values[i];
    }
    for (size_t i = 0; i < knn->n; i++) {
        double value = y->values[i];
        bool is_class = value >= 0 && value < (double)knn->n_classes && value == floor(value);
        if (!isfinite(value) || (knn->n_classes && !is_class))
            return false;
        knn->y[i] = value;
    }
    return true;
}

hone_status hn_knn_load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    const hn_tensor *x = hn_tensor_find(state->tensors, state->n_tensors, "x", 2);
    const hn_tensor *y = hn_tensor_find(state->tensors, state->n_tensors, "y", 1);
    if (!x || !y || x->shape[1] != d || x->shape[0] != y->shape[0] || x->shape[0] == 0)
        return hn_fail(err, HONE_PARSE,
                       "model knn: an array is missing or has another shape than hone writes");
    double *rows;
    hn_knn *knn = hn_knn_new(x->shape[0], d);
    if (!knn || !(knn->rows = hn_kept_rows_new(knn->n, d, &rows))) {
        hn_knn_destroy(knn);
        return hn_out_of_memory(err);
    }
    knn->n_classes = n_classes;
    if (!load_settings(state->settings, knn) || !load_rows(x, y, knn, rows)) {
        hn_knn_destroy(knn);
        return hn_fail(err, HONE_PARSE,
                       "model knn: its settings or arrays hold values that hone does not write");
    }
    *fitted = knn;
    return HONE_OK;
}
