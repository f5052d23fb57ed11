/* gradient_fit.c: stages of boosting: a tree to the residuals of each output, its leaves set to Newton steps,
 * the raw predictions moved on. Stage s draws from (seed, s) only: fewer stages are a prefix, and a fit goes
 * on from it once the raw predictions and the losses watched are those after its stages.
 */
#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "math/hash.h"
#include "math/random.h"
#include "model/gradient_boosting.h"
#include "model/gradient_loss.h"
#include "model/tree_options.h"

enum { SET_ASIDE = 0, IN_TRAINING = 1, IN_STAGE = 2 };

/* All arrays but the grower live in the fit's scratch. */
typedef struct fitting {
    const hn_boosting_config *config;
    const hn_design *train;
    const hn_fit_context *context;
    hone_error *err;
    hn_columns *own;
    const hn_columns *columns;
    hn_grower *grower;
    hn_tree_rules rules;
    hn_boosting *model;
    size_t outputs;
    double *raw;       /* (n, outputs) */
    double *residuals; /* (n,) */
    double *weights;   /* (n,): of training rows; 0 for those set aside */
    double *aside;     /* (n,): the other way round */
    size_t *order;     /* (n,): training rows, shuffled for subsamples */
    size_t n_training;
    unsigned char *use;  /* (n,) */
    hn_sample *samples;  /* (n,) */
    double *best_losses; /* (n_iter_no_change,) */
} fitting;

/* --- rows --- */

static void choose_rows(fitting *f)
{
    size_t n = f->train->n;
    hn_random random = hn_random_stream(f->context->seed, 0, HN_PURPOSE_SPLIT);
    if (f->config->n_iter_no_change)
        hn_boosting_set_aside(f->train, f->config->validation_fraction, &random, f->order, f->use);
    for (size_t i = 0; i < n; i++) {
        f->use[i] = f->use[i] ? SET_ASIDE : IN_TRAINING;
        double weight = f->train->weight ? f->train->weight[i] : 1;
        f->weights[i] = f->use[i] ? weight : 0;
        f->aside[i] = f->use[i] ? 0 : weight;
        if (f->use[i])
            f->order[f->n_training++] = i;
    }
}

/* Marks the rows that the stage learns from. */
static void draw_stage(fitting *f, size_t stage)
{
    size_t wanted = (size_t)((double)f->n_training * f->config->subsample);
    hn_random random = hn_random_stream(f->context->seed, stage, HN_PURPOSE_MODEL);
    wanted = wanted ? wanted : 1;
    for (size_t i = 0; i < f->n_training; i++)
        f->use[f->order[i]] = f->config->subsample < 1 ? IN_TRAINING : IN_STAGE;
    for (size_t i = 0, taken = 0; f->config->subsample < 1 && taken < wanted; i++) {
        if (hn_random_below(&random, f->n_training - i) < wanted - taken) { /* Knuth's algorithm S */
            f->use[f->order[i]] = IN_STAGE;
            taken++;
        }
    }
}

/* --- stages --- */

/* The leaves' values from the rows of the stage; sums: (n_nodes, 2), zero before. */
static void set_steps(const fitting *f, hn_tree *tree, size_t k, double *sums)
{
    const hn_tree_limits none = {SIZE_MAX, 2};
    const hn_design *train = f->train;
    for (size_t i = 0; i < train->n; i++) {
        if (f->use[i] != IN_STAGE)
            continue;
        double *at = sums + 2 * hn_tree_find(tree, train->x + i * train->d, none);
        at[0] += f->weights[i] * f->residuals[i];
        at[1] += f->weights[i] * hn_gradient_curvature(train->n_classes, train->y[i], f->residuals[i], k);
    }
    for (size_t i = 0; i < tree->n_nodes; i++)
        tree->values[i] =
            tree->nodes[i].feature >= 0
                ? 0
                : f->config->learning_rate * hn_gradient_step(train->n_classes, sums[2 * i], sums[2 * i + 1]);
}

/* One tree, added to the model's. */
static hone_status fit_output(fitting *f, size_t stage, size_t k)
{
    const hn_design *train = f->train;
    hn_forest *trees = &f->model->trees;
    size_t n = 0;
    hn_gradient_residuals(train->n_classes, train->y, f->raw, train->n, k, f->residuals);
    for (size_t i = 0; i < train->n; i++)
        if (f->use[i] == IN_STAGE && f->weights[i] > 0)
            f->samples[n++] = (hn_sample){.row = (uint32_t)(f->own ? i : f->context->rows[i]),
                                          .weight = f->weights[i],
                                          .y = f->residuals[i]};
    if (n == 0)
        return hn_fail(f->err, HONE_INVALID, "no row of a stage has a weight above 0");
    hn_tree *tree = &trees->trees[trees->n_trees];
    uint64_t key = hn_hash64(hn_hash64(f->context->seed, stage * f->outputs + k), HN_PURPOSE_MODEL);
    hone_status status = hn_tree_grow(f->grower, key, f->samples, n, f->context->cancel, tree, f->err);
    if (status)
        return status;
    trees->n_trees++;
    double *sums = hn_calloc(tree->n_nodes, 2 * sizeof *sums);
    if (!sums)
        return hn_out_of_memory(f->err);
    set_steps(f, tree, k, sums);
    hn_free(sums);
    return HONE_OK;
}

/* Whether the loss of the rows set aside has not improved for n_iter_no_change stages: on any loss of the
 * last so many by more than tol. */
static bool has_stalled(fitting *f, size_t stage)
{
    size_t window = (size_t)f->config->n_iter_no_change;
    if (window == 0)
        return false;
    double loss = hn_gradient_loss(f->train->n_classes, f->train->y, f->aside, f->raw, f->train->n);
    bool improved = false;
    for (size_t i = 0; i < window; i++)
        improved = improved || loss + f->config->tol < f->best_losses[i];
    if (improved)
        f->best_losses[stage % window] = loss;
    return !improved;
}

static hone_status fit_stage(fitting *f, size_t stage)
{
    hone_status status = HONE_OK;
    draw_stage(f, stage);
    for (size_t k = 0; !status && k < f->outputs; k++)
        status = fit_output(f, stage, k);
    return status;
}

/* Stages whose trees are there are gone through again, to where they lead. */
static hone_status fit_stages(fitting *f)
{
    const hn_design *train = f->train;
    hone_status status = HONE_OK;
    hn_gradient_start(train->n_classes, train->y, f->weights, train->n, f->model->start);
    for (size_t i = 0; i < train->n * f->outputs; i++)
        f->raw[i] = f->model->start[i % f->outputs];
    for (size_t stage = 0; !status && stage < (size_t)f->config->n_estimators; stage++) {
        size_t first = stage * f->outputs, past = first + f->outputs;
        if (f->model->trees.n_trees < past)
            status = fit_stage(f, stage);
        if (status)
            break;
        hn_boosting_add(f->model, first, past, train->x, train->n, f->raw);
        if (has_stalled(f, stage))
            break;
    }
    return status;
}

/* --- the fit --- */

/* With the trees of `before`, or, when it is NULL, none, and room for all. */
static hone_status make_model(fitting *f, const hn_boosting *before)
{
    hone_status status = HONE_OK;
    if (before && before->trees.d != f->train->d)
        status = hn_fail(f->err, HONE_INVALID, "rows of %zu columns, it was fitted to %zu", f->train->d,
                         before->trees.d);
    else if (before)
        status = hn_boosting_copy(before, &f->model, f->err);
    else
        f->model = hn_boosting_new("gradient_boosting", f->train->n_classes, f->train->d);
    if (status || !f->model)
        return status ? status : hn_out_of_memory(f->err);
    hn_forest *trees = &f->model->trees;
    size_t n_trees = (size_t)f->config->n_estimators * f->outputs;
    n_trees = trees->n_trees > n_trees ? trees->n_trees : n_trees;
    hn_tree *grown = hn_realloc_array(trees->trees, n_trees, sizeof *grown);
    if (!grown)
        return hn_out_of_memory(f->err);
    memset(grown + trees->n_trees, 0, (n_trees - trees->n_trees) * sizeof *grown);
    trees->trees = grown;
    return HONE_OK;
}

static hone_status make_room(fitting *f)
{
    size_t n = f->train->n, window = (size_t)f->config->n_iter_no_change;
    hn_arena *scratch = f->context->scratch;
    f->raw = hn_arena_alloc(scratch, n, f->outputs * sizeof *f->raw);
    f->residuals = HN_ARENA_NEW(scratch, double, n);
    f->weights = HN_ARENA_NEW(scratch, double, n);
    f->aside = HN_ARENA_NEW(scratch, double, n);
    f->order = HN_ARENA_NEW(scratch, size_t, n);
    f->use = HN_ARENA_NEW(scratch, unsigned char, n);
    f->samples = HN_ARENA_NEW(scratch, hn_sample, n);
    f->best_losses = HN_ARENA_NEW(scratch, double, window);
    if (!f->raw || !f->residuals || !f->weights || !f->aside || !f->order || !f->use || !f->samples ||
        !f->best_losses)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; i < window; i++)
        f->best_losses[i] = INFINITY;
    f->columns = f->context->shared;
    if (f->columns)
        return HONE_OK;
    hone_status status = hn_columns_create(f->train->x, n, f->train->d, &f->own, f->err);
    f->columns = f->own;
    return status;
}

static hn_tree_rules make_rules(const hn_boosting_config *c, size_t d)
{
    return (hn_tree_rules){
        .criterion = HN_CRITERION_SQUARED_ERROR,
        .limits = {c->max_depth ? (size_t)c->max_depth : SIZE_MAX, (size_t)c->min_samples_split},
        .min_leaf = (size_t)c->min_samples_leaf,
        .max_features = hn_tree_features(c->max_features, "all", d)};
}

static hone_status refuse(const fitting *f)
{
    const hn_design *train = f->train;
    if (hn_cancelled(f->context->cancel))
        return hn_fail(f->err, HONE_CANCELLED, "cancelled before the fit");
    if (train->n == 0 || train->d == 0)
        return hn_fail(f->err, HONE_INVALID, "%zu rows of %zu columns; it needs one of each", train->n,
                       train->d);
    if (train->n >= UINT32_MAX || train->d >= INT32_MAX)
        return hn_fail(f->err, HONE_LIMIT, "%zu rows of %zu columns are too many", train->n, train->d);
    return HONE_OK;
}

hone_status hn_boosting_extend(const void *before, const void *config, const hn_design *train,
                               const hn_fit_context *context, void **extended, hone_error *err)
{
    fitting f = {.config = config, .train = train, .context = context, .err = err};
    f.outputs = hn_gradient_outputs(train->n_classes);
    f.rules = make_rules(config, train->d);
    hone_status status = refuse(&f);
    if (!status)
        status = make_model(&f, before);
    if (!status)
        status = make_room(&f);
    if (!status)
        status = hn_grower_create(f.columns, &f.rules, train->n, &f.grower, err);
    if (!status) {
        choose_rows(&f);
        if (f.config->n_iter_no_change && f.n_training == train->n)
            status = hn_fail(err, HONE_INVALID,
                             "validation_fraction sets no row aside; give more, or n_iter_no_change: null");
    }
    if (!status)
        status = fit_stages(&f);
    hn_grower_destroy(f.grower);
    hn_columns_destroy(f.own);
    if (status) {
        hn_boosting_destroy(f.model);
        return hn_fail_within(err, status, "model gradient_boosting");
    }
    *extended = f.model;
    return HONE_OK;
}

hone_status hn_boosting_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                            void **fitted, hone_error *err)
{
    return hn_boosting_extend(NULL, config, train, context, fitted, err);
}
