#include "model/boosting.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/design.h"
#include "model/gradient_loss.h"
#include "model/tree_graph.h"
#include "model/tree_tensors.h"

/* --- the fitted object --- */

hn_boosting *hn_boosting_new(const char *model, size_t n_classes, size_t d)
{
    hn_boosting *m = hn_calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->model = model;
    m->n_classes = n_classes;
    m->trees.d = d;
    m->trees.outputs = 1;
    m->start = hn_calloc(hn_gradient_outputs(n_classes), sizeof *m->start);
    if (m->start)
        return m;
    hn_free(m);
    return NULL;
}

void hn_boosting_destroy(void *fitted)
{
    hn_boosting *m = fitted;
    if (!m)
        return;
    if (!m->borrowed)
        hn_forest_release(&m->trees);
    hn_free(m->start);
    hn_free(m);
}

hone_status hn_boosting_derive(const hn_boosting *from, size_t n_stages, void **derived, hone_error *err)
{
    size_t outputs = hn_gradient_outputs(from->n_classes), n_trees = n_stages * outputs;
    hn_boosting *m = hn_boosting_new(from->model, from->n_classes, from->trees.d);
    if (!m)
        return hn_out_of_memory(err);
    memcpy(m->start, from->start, outputs * sizeof *m->start);
    m->borrowed = true;
    m->trees = from->trees;
    m->trees.n_trees = n_trees < from->trees.n_trees ? n_trees : from->trees.n_trees;
    *derived = m;
    return HONE_OK;
}

size_t hn_boosting_bytes(const void *fitted)
{
    const hn_boosting *m = fitted;
    return sizeof *m + (m->borrowed ? 0 : hn_forest_bytes(&m->trees));
}

hone_status hn_boosting_copy(const hn_boosting *from, hn_boosting **copy, hone_error *err)
{
    hn_boosting *m = hn_boosting_new(from->model, from->n_classes, from->trees.d);
    if (!m)
        return hn_out_of_memory(err);
    memcpy(m->start, from->start, hn_gradient_outputs(m->n_classes) * sizeof *m->start);
    hone_status status = hn_forest_cut(&from->trees, (hn_tree_limits){SIZE_MAX, 2}, &m->trees, err);
    if (status)
        hn_boosting_destroy(m);
    else
        *copy = m;
    return status;
}

void hn_boosting_add(const hn_boosting *m, size_t first, size_t past, const double *x, size_t n, double *raw)
{
    const hn_tree_limits none = {SIZE_MAX, 2};
    size_t outputs = hn_gradient_outputs(m->n_classes);
    for (size_t t = first; t < past; t++) {
        const hn_tree *tree = &m->trees.trees[t];
        for (size_t i = 0; i < n; i++)
            raw[i * outputs + t % outputs] += tree->values[hn_tree_find(tree, x + i * m->trees.d, none)];
    }
}

size_t hn_boosting_set_aside(const hn_design *train, double share, hn_random *random, size_t *order,
                             unsigned char *aside)
{
    size_t n = train->n, classes = train->n_classes ? train->n_classes : 1, count = 0;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    hn_random_shuffle(random, order, n);
    for (size_t k = 0; k < classes; k++) {
        size_t total = 0;
        for (size_t i = 0; i < n; i++)
            total += !train->n_classes || train->y[i] == (double)k;
        size_t left = (size_t)((double)total * share);
        for (size_t i = 0; i < n && left; i++) {
            if (train->n_classes && train->y[order[i]] != (double)k)
                continue;
            aside[order[i]] = 1;
            left--;
            count++;
        }
    }
    return count;
}

/* --- using --- */

static hone_status check_width(const hn_boosting *m, size_t d, hone_error *err)
{
    if (d == m->trees.d)
        return HONE_OK;
    return hn_fail(err, HONE_INVALID, "model %s: rows of %zu columns, it was fitted to %zu", m->model, d,
                   m->trees.d);
}

/* raw (n, outputs), to be freed. */
static hone_status predict_raw(const hn_boosting *m, const hn_design *rows, double **raw, hone_error *err)
{
    size_t outputs = hn_gradient_outputs(m->n_classes);
    hone_status status = check_width(m, rows->d, err);
    if (status)
        return status;
    hn_arena scratch = HN_ARENA_INIT;
    hn_design loaded;
    double *made = hn_calloc(rows->n, outputs * sizeof *made);
    status = made ? hn_design_load(rows, &scratch, &loaded, err) : hn_out_of_memory(err);
    if (status) {
        hn_free(made);
        return status;
    }
    for (size_t i = 0; i < rows->n * outputs; i++)
        made[i] = m->start[i % outputs];
    hn_boosting_add(m, 0, m->trees.n_trees, loaded.x, rows->n, made);
    hn_arena_release(&scratch);
    *raw = made;
    return HONE_OK;
}

/* The first class of the largest score; of two, class 1 from log-odds 0 on. */
static double decide(const hn_boosting *m, const double *raw)
{
    if (m->n_classes == 0)
        return raw[0];
    if (m->n_classes <= 2)
        return m->n_classes == 2 && raw[0] >= 0;
    size_t best = 0;
    for (size_t k = 1; k < m->n_classes; k++)
        if (raw[k] > raw[best])
            best = k;
    return (double)best;
}

hone_status hn_boosting_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const hn_boosting *m = fitted;
    double *raw = NULL;
    hone_status status = predict_raw(m, rows, &raw, err);
    for (size_t i = 0; !status && i < rows->n; i++)
        out[i] = decide(m, raw + i * hn_gradient_outputs(m->n_classes));
    hn_free(raw);
    return status;
}

hone_status hn_boosting_predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const hn_boosting *m = fitted;
    double *raw = NULL;
    if (m->n_classes == 0)
        return hn_fail(err, HONE_UNSUPPORTED, "model %s: it was fitted to values, not to classes", m->model);
    hone_status status = predict_raw(m, rows, &raw, err);
    for (size_t i = 0; !status && i < rows->n; i++)
        hn_gradient_probabilities(m->n_classes, raw + i * hn_gradient_outputs(m->n_classes),
                                  out + i * m->n_classes);
    hn_free(raw);
    return status;
}

hone_status hn_boosting_importance(const void *fitted, double *out, size_t d, hone_error *err)
{
    const hn_boosting *m = fitted;
    hone_status status = check_width(m, d, err);
    return status ? status
                  : hn_forest_importance(&m->trees, m->trees.n_trees, (hn_tree_limits){SIZE_MAX, 2}, false,
                                         out, err);
}

hone_status hn_boosting_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                              hone_error *err)
{
    const hn_boosting *m = fitted;
    (void)err;
    hn_graph_scope(graph, m->model);
    out->value = hn_forest_graph(&m->trees, m->start, hn_gradient_outputs(m->n_classes), 1, rows, graph);
    if (m->n_classes == 2)
        out->value = hn_graph_complement(graph, HN_OP(graph, "Sigmoid", out->value));
    else if (m->n_classes)
        out->value = HN_OP(graph, "Softmax", out->value);
    return HONE_OK;
}

/* --- files --- */

hone_status hn_boosting_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const hn_boosting *m = fitted;
    hn_node *map = hn_node_map(arena);
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, HN_TREE_TENSORS + 1);
    if (!map || !tensors)
        return hn_out_of_memory(err);
    hone_status status = hn_tree_tensors_write(&m->trees, arena, tensors, err);
    tensors[HN_TREE_TENSORS] = (hn_tensor){
        .name = "start", .dims = 1, .shape = {hn_gradient_outputs(m->n_classes)}, .values = m->start};
    if (!status)
        *state = (hn_model_state){.settings = map, .tensors = tensors, .n_tensors = HN_TREE_TENSORS + 1};
    return status;
}

hone_status hn_boosting_load(const char *model, const hn_model_state *state, size_t n_classes, size_t d,
                             void **fitted, hone_error *err)
{
    size_t outputs = hn_gradient_outputs(n_classes);
    const hn_tensor *start = hn_tensor_find(state->tensors, state->n_tensors, "start", 1);
    bool sound = outputs && start && start->shape[0] == outputs;
    for (size_t k = 0; sound && k < outputs; k++)
        sound = isfinite(start->values[k]);
    if (!sound)
        return hn_fail(err, HONE_PARSE, "model %s: its start is missing or damaged", model);
    hn_boosting *m = hn_boosting_new(model, n_classes, d);
    if (!m)
        return hn_out_of_memory(err);
    memcpy(m->start, start->values, outputs * sizeof *m->start);
    hone_status status = hn_tree_tensors_read(model, state, 1, d, &m->trees, err);
    if (!status && m->trees.n_trees % outputs != 0)
        status = hn_fail(err, HONE_PARSE, "model %s: %zu trees are no whole stages of %zu", model,
                         m->trees.n_trees, outputs);
    if (status)
        hn_boosting_destroy(m);
    else
        *fitted = m;
    return status;
}
