#include "model/tree_model.h"

#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "math/random.h"
#include "model/row_weight.h"
#include "model/tree_graph.h"
#include "model/tree_options.h"
#include "model/tree_tensors.h"

const char *const hn_tree_criterion_names[] = {"auto", "gini", "entropy", "squared_error", "mse", NULL};

typedef struct tree_model {
    const char *name;
    hn_forest forest;
    hn_tree_limits
        limits;       /* of the trees: tighter than those they grew under when they are another model's */
    bool borrowed;    /* the trees are another model's */
    size_t n_classes; /* 0 for regression */
    size_t rows;      /* learnt from so far */
    double oob_score; /* NaN: not asked for */
} tree_model;

/* Without trees; NULL when memory is out. */
static tree_model *new_model(const char *name, size_t n_classes)
{
    tree_model *m = hn_calloc(1, sizeof *m);
    if (m)
        *m = (tree_model){
            .name = name, .limits = {SIZE_MAX, 2}, .n_classes = n_classes, .oob_score = (double)NAN};
    return m;
}

static hone_status check_width(const tree_model *m, size_t d, hone_error *err)
{
    if (d == m->forest.d)
        return HONE_OK;
    return hn_fail(err, HONE_INVALID, "model %s: rows of %zu columns, it was fitted to %zu", m->name, d,
                   m->forest.d);
}

hone_status hn_tree_model_check(const hn_tree_kind *kind, const hn_tree_config *c, hn_model_task task,
                                hone_error *err)
{
    bool of_values = c->criterion >= HN_TREE_CRITERION_SQUARED_ERROR;
    if (c->criterion != HN_TREE_CRITERION_AUTO && of_values != (task == HN_TASK_REGRESSION))
        return hn_fail(err, HONE_INVALID, "model %s: criterion %s is not for %s; use %s", kind->name,
                       hn_tree_criterion_names[c->criterion], hn_model_task_name(task),
                       task == HN_TASK_REGRESSION ? "squared_error" : "gini or entropy");
    if (c->oob_score && !c->bootstrap)
        return hn_fail(err, HONE_INVALID,
                       "model %s: oob_score needs rows that a tree did not see; set bootstrap to true",
                       kind->name);
    hone_status status = hn_tree_check_features(kind->name, c->max_features, err);
    return status ? status : hn_class_weight_check(kind->name, c->class_weight, task, err);
}

/* --- fitting --- */

static hn_tree_limits limits_of(const hn_tree_config *c)
{
    return (hn_tree_limits){c->max_depth ? (size_t)c->max_depth : SIZE_MAX, (size_t)c->min_samples_split};
}

static size_t n_trees_of(const hn_tree_config *c)
{
    return c->n_estimators ? (size_t)c->n_estimators : 1;
}

static hn_tree_rules make_rules(const hn_tree_kind *kind, const hn_tree_config *c, const hn_design *train)
{
    hn_criterion criterion = c->criterion == HN_TREE_CRITERION_ENTROPY ? HN_CRITERION_ENTROPY
                             : train->n_classes                        ? HN_CRITERION_GINI
                                                                       : HN_CRITERION_SQUARED_ERROR;
    return (hn_tree_rules){.criterion = criterion,
                           .n_classes = train->n_classes,
                           .limits = limits_of(c),
                           .min_leaf = (size_t)c->min_samples_leaf,
                           .max_features =
                               hn_tree_features(c->max_features, train->n_classes ? "sqrt" : "all", train->d),
                           .random_cuts = kind->random_cuts};
}

static size_t argmax(const double *values, size_t n)
{
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
        if (values[k] > values[best])
            best = k;
    return best;
}

/* The class (the first of equals) or the value that one row's outputs stand for. */
static double decide(const tree_model *m, const double *outputs)
{
    if (m->n_classes == 0)
        return outputs[0];
    return m->forest.outputs == 1 ? outputs[0] > 0.5 : (double)argmax(outputs, m->n_classes);
}

/* Accuracy or R2 of out (n, outputs) over the rows that are not NaN. */
static double score(const tree_model *m, const double *out, const double *y, size_t n)
{
    double rows = 0, sum = 0, squares = 0, errors = 0;
    for (size_t i = 0; i < n; i++) {
        const double *row = out + i * m->forest.outputs;
        if (isnan(row[0]))
            continue;
        double decided = decide(m, row);
        rows++;
        sum += y[i];
        errors += m->n_classes ? decided != y[i] : (y[i] - decided) * (y[i] - decided);
    }
    if (m->n_classes)
        return rows > 0 ? 1 - errors / rows : 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(out[i]))
            squares += (y[i] - sum / rows) * (y[i] - sum / rows);
    return squares > 0 ? 1 - errors / squares : 0;
}

static hone_status set_oob_score(tree_model *m, uint64_t seed, const hn_design *train, hone_error *err)
{
    double *out = hn_calloc(train->n, m->forest.outputs * sizeof *out);
    if (!out)
        return hn_out_of_memory(err);
    hone_status status = hn_forest_out_of_bag(&m->forest, m->limits, seed, train->x, train->n, out, err);
    if (!status)
        m->oob_score = score(m, out, train->y, train->n);
    hn_free(out);
    return status;
}

static hone_status refuse(const hn_tree_kind *kind, const hn_design *train, const hn_fit_context *context,
                          hone_error *err)
{
    if (hn_cancelled(context->cancel))
        return hn_fail(err, HONE_CANCELLED, "model %s: cancelled before the fit", kind->name);
    if (train->n == 0 || train->d == 0)
        return hn_fail(err, HONE_INVALID, "model %s: %zu rows of %zu columns; it needs one of each",
                       kind->name, train->n, train->d);
    if (train->n >= UINT32_MAX || train->d >= INT32_MAX)
        return hn_fail(err, HONE_LIMIT, "model %s: %zu rows of %zu columns are too many", kind->name,
                       train->n, train->d);
    return HONE_OK;
}

static hone_status grow(const hn_tree_kind *kind, const hn_tree_config *c, const hn_design *train,
                        const hn_fit_context *context, tree_model *m, hone_error *err)
{
    hn_columns *own = NULL;
    hn_forest_data data = {.columns = context->shared, .rows = context->rows, .y = train->y, .n = train->n};
    hn_forest_plan plan = {.rules = make_rules(kind, c, train),
                           .bootstrap = c->bootstrap,
                           .seed = context->seed,
                           .cancel = context->cancel,
                           .pool = context->pool};
    hone_status status =
        hn_row_weights(kind->name, c->class_weight, train, context->scratch, &data.weight, err);
    if (!status && !data.columns)
        status = hn_columns_create(train->x, train->n, train->d, &own, err);
    if (own)
        data.columns = own;
    if (!status)
        status = hn_forest_grow(&data, &plan, n_trees_of(c), &m->forest, err);
    if (!status && c->oob_score)
        status = set_oob_score(m, context->seed, train, err);
    hn_columns_destroy(own);
    return status;
}

hone_status hn_tree_model_fit(const hn_tree_kind *kind, const hn_tree_config *c, const hn_design *train,
                              const hn_fit_context *context, void **fitted, hone_error *err)
{
    hone_status status = refuse(kind, train, context, err);
    if (status)
        return status;
    tree_model *m = new_model(kind->name, train->n_classes);
    if (!m)
        return hn_out_of_memory(err);
    m->rows = train->n;
    status = grow(kind, c, train, context, m, err);
    if (status) {
        hn_tree_model_destroy(m);
        return hn_fail_within(err, status, "model %s", kind->name);
    }
    *fitted = m;
    return HONE_OK;
}

/* Of the new trees there are as many as makes each row, old or new, count alike, one at least. */
static hone_status grow_more(const hn_tree_kind *kind, const hn_tree_config *c, const hn_design *more,
                             const hn_fit_context *context, const tree_model *before, tree_model *m,
                             hone_error *err)
{
    hn_tree_config fewer = *c;
    hn_fit_context other = *context;
    tree_model added = {.name = m->name, .n_classes = m->n_classes};
    double share = (double)more->n / (double)before->rows;
    hn_random random = hn_random_stream(context->seed, before->forest.n_trees, HN_PURPOSE_MODEL);
    fewer.n_estimators = (int64_t)fmax(1, round((double)before->forest.n_trees * share));
    fewer.n_estimators =
        fewer.n_estimators < HN_TREE_MAX_ESTIMATORS ? fewer.n_estimators : HN_TREE_MAX_ESTIMATORS;
    fewer.oob_score = false;
    other.seed = hn_random_u64(&random);
    hone_status status = grow(kind, &fewer, more, &other, &added, err);
    if (!status)
        status = hn_forest_cut(&before->forest, before->limits, &m->forest, err);
    if (!status)
        status = hn_forest_append(&m->forest, &added.forest, err);
    m->rows = before->rows + more->n;
    hn_forest_release(&added.forest);
    return status;
}

hone_status hn_tree_model_partial_fit(const hn_tree_kind *kind, const void *fitted, const void *config,
                                      const hn_design *more, const hn_fit_context *context, void **updated,
                                      hone_error *err)
{
    const tree_model *before = fitted;
    hone_status status = refuse(kind, more, context, err);
    if (!status)
        status = check_width(before, more->d, err);
    tree_model *m = status ? NULL : new_model(kind->name, before->n_classes);
    if (!status)
        status = m ? grow_more(kind, config, more, context, before, m, err) : hn_out_of_memory(err);
    if (status)
        hn_tree_model_destroy(m);
    else
        *updated = m;
    return status;
}

hone_status hn_tree_model_extend(const hn_tree_kind *kind, const void *fitted, const void *config,
                                 const hn_design *train, const hn_fit_context *context, void **extended,
                                 hone_error *err)
{
    const tree_model *before = fitted;
    hone_status status = refuse(kind, train, context, err);
    if (!status)
        status = check_width(before, train->d, err);
    if (status)
        return status;
    tree_model *m = new_model(kind->name, before->n_classes);
    if (!m)
        return hn_out_of_memory(err);
    m->rows = before->rows;
    status = hn_forest_cut(&before->forest, before->limits, &m->forest, err);
    if (!status)
        status = grow(kind, config, train, context, m, err);
    if (status) {
        hn_tree_model_destroy(m);
        return hn_fail_within(err, status, "model %s", kind->name);
    }
    *extended = m;
    return HONE_OK;
}

void hn_tree_model_destroy(void *fitted)
{
    tree_model *m = fitted;
    if (!m)
        return;
    if (!m->borrowed)
        hn_forest_release(&m->forest);
    hn_free(m);
}

/* --- sharing --- */

/* A tree depends on its number and what its nodes draw, not on how many trees there are nor on how deep they
 * go. */
bool hn_tree_model_covers(const void *a, const void *b)
{
    const hn_tree_config *wide = a, *narrow = b;
    hn_tree_limits far = limits_of(wide), near = limits_of(narrow);
    return n_trees_of(wide) >= n_trees_of(narrow) && far.max_depth >= near.max_depth &&
           far.min_split <= near.min_split && wide->criterion == narrow->criterion &&
           wide->min_samples_leaf == narrow->min_samples_leaf && wide->bootstrap == narrow->bootstrap &&
           hn_tree_same_node(wide->max_features, narrow->max_features) &&
           hn_tree_same_node(wide->class_weight, narrow->class_weight);
}

hone_status hn_tree_model_derive(const void *fitted, const void *config, const hn_design *train,
                                 const hn_fit_context *context, void **derived, hone_error *err)
{
    const tree_model *from = fitted;
    const hn_tree_config *c = config;
    tree_model *m = new_model(from->name, from->n_classes);
    if (!m)
        return hn_out_of_memory(err);
    m->borrowed = true;
    m->rows = from->rows;
    m->forest = from->forest;
    m->forest.n_trees = n_trees_of(c);
    m->limits = limits_of(c);
    hone_status status = c->oob_score ? set_oob_score(m, context->seed, train, err) : HONE_OK;
    if (status)
        hn_tree_model_destroy(m);
    else
        *derived = m;
    return status;
}

size_t hn_tree_model_bytes(const void *fitted)
{
    const tree_model *m = fitted;
    return sizeof *m + (m->borrowed ? 0 : hn_forest_bytes(&m->forest));
}

double hn_tree_model_oob_score(const void *fitted)
{
    return ((const tree_model *)fitted)->oob_score;
}

/* --- using --- */

hone_status hn_tree_model_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err)
{
    const tree_model *m = fitted;
    hone_status status = check_width(m, rows->d, err);
    if (status)
        return status;
    double *outputs = hn_calloc(rows->n, m->forest.outputs * sizeof *outputs);
    if (!outputs)
        return hn_out_of_memory(err);
    hn_forest_predict(&m->forest, m->forest.n_trees, m->limits, rows->x, rows->n, outputs);
    for (size_t i = 0; i < rows->n; i++)
        out[i] = decide(m, outputs + i * m->forest.outputs);
    hn_free(outputs);
    return HONE_OK;
}

hone_status hn_tree_model_predict_proba(const void *fitted, const hn_design *rows, double *out,
                                        hone_error *err)
{
    const tree_model *m = fitted;
    hone_status status = check_width(m, rows->d, err);
    if (status)
        return status;
    if (m->n_classes == 0)
        return hn_fail(err, HONE_UNSUPPORTED, "model %s: it was fitted to values, not to classes", m->name);
    hn_forest_predict(&m->forest, m->forest.n_trees, m->limits, rows->x, rows->n, out);
    for (size_t i = rows->n; m->n_classes == 2 && i-- > 0;) { /* from the share of class 1, in place */
        double one = out[i];
        out[2 * i] = 1 - one;
        out[2 * i + 1] = one;
    }
    return HONE_OK;
}

hone_status hn_tree_model_importance(const void *fitted, double *out, size_t d, hone_error *err)
{
    const tree_model *m = fitted;
    hone_status status = check_width(m, d, err);
    return status ? status : hn_forest_importance(&m->forest, m->forest.n_trees, m->limits, true, out, err);
}

hone_status hn_tree_model_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                                hone_error *err)
{
    const tree_model *m = fitted;
    const hn_forest *forest = &m->forest;
    hn_forest own = {0};
    double *start = hn_graph_room(graph, forest->outputs, sizeof *start);
    if (!start)
        return hn_out_of_memory(err);
    hone_status status = m->borrowed ? hn_forest_cut(forest, m->limits, &own, err) : HONE_OK;
    if (status)
        return status;
    hn_graph_scope(graph, m->name);
    out->value = hn_forest_graph(m->borrowed ? &own : forest, start, forest->outputs,
                                 1 / (double)forest->n_trees, rows, graph);
    if (m->n_classes == 2)
        out->value = hn_graph_complement(graph, out->value);
    hn_forest_release(&own);
    return HONE_OK;
}

/* --- files --- */

hone_status hn_tree_model_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const tree_model *m = fitted;
    hn_forest own = {0};
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "rows", hn_node_integer(arena, (int64_t)m->rows));
    if (!isnan(m->oob_score))
        map = hn_map_set(arena, map, "oob_score", hn_node_real(arena, m->oob_score));
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, HN_TREE_TENSORS);
    if (!map || !tensors)
        return hn_out_of_memory(err);
    hone_status status = m->borrowed ? hn_forest_cut(&m->forest, m->limits, &own, err) : HONE_OK;
    if (!status)
        status = hn_tree_tensors_write(m->borrowed ? &own : &m->forest, arena, tensors, err);
    hn_forest_release(&own);
    if (!status)
        *state = (hn_model_state){.settings = map, .tensors = tensors, .n_tensors = HN_TREE_TENSORS};
    return status;
}

hone_status hn_tree_model_load(const hn_tree_kind *kind, const hn_model_state *state, size_t n_classes,
                               size_t d, void **fitted, hone_error *err)
{
    double oob_score = (double)NAN;
    const hn_node *saved = hn_map_get(state->settings, "oob_score");
    if (saved && (!hn_node_double(saved, &oob_score) || !(oob_score <= 1)))
        return hn_fail(err, HONE_PARSE, "model %s: oob_score is not a number up to 1", kind->name);
    int64_t rows = 0;
    if (!hn_node_int(hn_map_get(state->settings, "rows"), &rows) || rows < 1)
        return hn_fail(err, HONE_PARSE, "model %s: rows is not a number from 1", kind->name);
    tree_model *m = new_model(kind->name, n_classes);
    if (!m)
        return hn_out_of_memory(err);
    m->rows = (size_t)rows;
    m->oob_score = oob_score;
    hone_status status =
        hn_tree_tensors_read(kind->name, state, n_classes > 2 ? n_classes : 1, d, &m->forest, err);
    if (status)
        hn_free(m);
    else
        *fitted = m;
    return status;
}
