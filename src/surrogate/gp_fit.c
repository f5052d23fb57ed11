/* surrogate/gp_fit.c: from observations to models: the maximum of the posterior of the hyperparameters, the
 * draws around it, and what each model keeps for its predictions. */
#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "math/lbfgs.h"
#include "math/linalg.h"
#include "surrogate/gp_parts.h"

enum {
    SPARE = 32,    /* observations that can be added before memory is asked for again */
    SOUGHT = 256,  /* hyperparameters are sought with every k-th observation, so that there are no more, */
    MOST_STEP = 3, /* k being at most this */
};

/* --- what is fitted to --- */

static hone_status check(const hn_gp_axis *axes, size_t d, const hn_gp_data *data, hone_error *err)
{
    if (d == 0 || data->n == 0)
        return hn_fail(err, HONE_INVALID, "a Gaussian process needs at least one parameter and one trial");
    for (size_t i = 0; i < data->n; i++) {
        if (!isfinite(data->y[i]))
            return hn_fail(err, HONE_INVALID, "target %zu is not finite", i);
        if (data->noise && !(data->noise[i] >= 0 && isfinite(data->noise[i])))
            return hn_fail(err, HONE_INVALID, "the variance of target %zu is not a number >= 0", i);
        for (size_t j = 0; j < d; j++) {
            double x = data->x[i * d + j];
            if (isinf(x) || (isnan(x) && !axes[j].conditional))
                return hn_fail(err, HONE_INVALID, "point %zu has no value of parameter %zu", i, j);
        }
    }
    return HONE_OK;
}

/* Everything but the models. */
static hone_status begin(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                         const hn_gp_data *data, hn_gp **result, hone_error *err)
{
    hone_status status = check(axes, d, data, err);
    if (status)
        return status;
    hn_gp *gp = HN_ARENA_NEW(arena, hn_gp, 1);
    if (gp == NULL)
        return hn_out_of_memory(err);
    gp->arena = arena;
    if ((status = hn_gp_shape_make(arena, axes, d, options, &gp->shape, err)) ||
        (status = hn_gp_target_make(arena, options->transform, data->y, data->n, &gp->target, err)))
        return status;
    gp->n = gp->n_told = data->n;
    gp->n_models = 0;
    if ((status = hn_gp_reserve(gp, data->n + SPARE, err)))
        return status;
    for (size_t i = 0; i < data->n; i++) {
        double slope = hn_gp_target_slope(gp->target, data->y[i]);
        gp->y[i] = hn_gp_target_of(gp->target, data->y[i]);
        gp->known_noise[i] = data->noise ? slope * slope * data->noise[i] : 0;
    }
    *result = gp;
    return HONE_OK;
}

/* The evidence of the observations of a gp without models; x (n, d). */
static hone_status begin_evidence(hn_gp *gp, hn_arena *scratch, const double *x, hn_gp_evidence *e,
                                  hone_error *err)
{
    size_t n = gp->n, d = gp->shape.d;
    double *raw = hn_arena_scratch(scratch, n, d * sizeof *raw);
    if (raw == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) {
            bool rounded = gp->shape.axes[j].kind == HN_GP_LATTICE;
            raw[j * n + i] = rounded ? hn_gp_place(&gp->shape, NULL, j, x[i * d + j]) : x[i * d + j];
        }
    hn_gp_shape_see(&gp->shape, raw, n);
    double slope = hn_gp_target_slope(gp->target, hn_gp_target_raw(gp->target, 0));
    *e = (hn_gp_evidence){.shape = &gp->shape,
                          .n = n,
                          .raw = raw,
                          .y = gp->y,
                          .known_noise = gp->known_noise,
                          .fixed_noise = slope * slope * gp->shape.options.noise};
    return hn_gp_evidence_make(scratch, e, err);
}

/* --- the maximum --- */

/* From `start`, in place; *loss is what is reached. */
static hone_status descend(hn_gp_evidence *e, hn_arena *scratch, double *parameters, double *loss,
                           hone_error *err)
{
    const hn_gp_options *options = &e->shape->options;
    hn_lbfgs_problem problem = {.n = e->shape->n_parameters,
                                .value = hn_gp_evidence_loss,
                                .context = e,
                                .gradient_tolerance = 1e-4,
                                .value_tolerance = options->tolerance,
                                .max_iterations = options->max_iterations,
                                .cancel = options->cancel};
    hn_lbfgs_result result = {0};
    hone_status status = hn_lbfgs_minimize(&problem, scratch, parameters, &result, err);
    *loss = isnan(result.value) ? INFINITY : result.value;
    return status;
}

/* start: NULL, or where to begin; parameters: where the posterior is largest. */
static hone_status maximise(hn_gp_evidence *e, hn_arena *scratch, const double *start, double *parameters,
                            hone_error *err)
{
    size_t count = e->shape->n_parameters;
    double *standard = hn_arena_scratch(scratch, count, sizeof *standard);
    if (standard == NULL)
        return hn_out_of_memory(err);
    double loss = INFINITY, standard_loss;
    hone_status status = HONE_OK;
    hn_gp_default_parameters(e->shape, standard);
    if (start) {
        memcpy(parameters, start, count * sizeof *parameters);
        status = descend(e, scratch, parameters, &loss, err);
    }
    if (status || (start && isfinite(loss) && !e->shape->options.second_start))
        return status;
    if ((status = descend(e, scratch, standard, &standard_loss, err)))
        return status;
    if (!(loss <= standard_loss))
        memcpy(parameters, standard, count * sizeof *parameters);
    return HONE_OK;
}

/* --- models --- */

/* Adds the model with these parameters, or the one at the maximum when these give none. */
static hone_status add_model(hn_gp *gp, hn_gp_evidence *e, const double *parameters, hone_error *err)
{
    hn_gp_model *model = gp->models + gp->n_models;
    size_t n = gp->n, d = gp->shape.d, c = gp->capacity, count = gp->shape.n_parameters;
    if (!hn_gp_evidence_at(e, parameters))
        return gp->n_models ? HONE_OK
                            : hn_fail(err, HONE_INVALID, "hyperparameters give no Gaussian process");
    model->parameters = hn_arena_scratch(gp->arena, count, sizeof(double));
    model->columns = hn_arena_scratch(gp->arena, 3 * d, c * sizeof(double));
    model->panels = hn_arena_alloc(gp->arena, hn_panels_size(c), sizeof(double));
    model->solved = hn_arena_alloc(gp->arena, c, sizeof(double));
    model->alpha = hn_arena_alloc(gp->arena, c, sizeof(double));
    if (!model->parameters || !model->columns || !model->panels || !model->solved || !model->alpha)
        return hn_out_of_memory(err);
    hone_status status = hn_gp_hyper_make(gp->arena, d, &model->hyper, err);
    if (status)
        return status;
    memcpy(model->parameters, parameters, count * sizeof(double));
    hn_gp_hyper_set(&gp->shape, parameters, e->fixed_noise, &model->hyper);
    model->jitter = e->jitter;
    model->log_likelihood = e->log_likelihood;
    memcpy(model->hyper.rate, e->hyper.rate, d * sizeof(double));
    for (size_t j = 0; j < 3 * d; j++)
        memcpy(model->columns + j * c, e->columns + j * n, n * sizeof(double));
    for (size_t i = 0; i < n; i++)
        hn_panels_set_row(model->panels, i, e->inverse + i * n);
    memcpy(model->solved, e->solved, n * sizeof(double));
    memcpy(model->alpha, e->alpha, n * sizeof(double));
    gp->n_models++;
    return HONE_OK;
}

/* --- entry points --- */

/* The evidence of every step-th observation. */
static hone_status begin_part(hn_arena *scratch, const hn_gp *gp, const hn_gp_data *data, size_t step,
                              hn_gp_evidence *e, hone_error *err)
{
    size_t d = gp->shape.d, n = (data->n + step - 1) / step;
    double *x = hn_arena_scratch(scratch, n, d * sizeof *x), *y = hn_arena_scratch(scratch, n, sizeof *y);
    double *noise = hn_arena_scratch(scratch, n, sizeof *noise);
    hn_gp *part = NULL;
    if (!x || !y || !noise)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++) {
        memcpy(x + i * d, data->x + step * i * d, d * sizeof *x);
        y[i] = data->y[step * i];
        noise[i] = data->noise ? data->noise[step * i] : 0;
    }
    hn_gp_data thin = {.x = x, .y = y, .noise = data->noise ? noise : NULL, .n = n};
    hone_status status = begin(scratch, gp->shape.axes, d, &gp->shape.options, &thin, &part, err);
    return status ? status : begin_evidence(part, scratch, x, e, err);
}

/* points (1 + n_draws, n_parameters): the maximum and draws around it; e: the evidence of all. */
static hone_status find_points(hn_gp *gp, hn_arena *scratch, const hn_gp_data *data, const double *start,
                               hn_gp_evidence *e, double *points, hone_error *err)
{
    size_t step = (data->n + SOUGHT - 1) / SOUGHT;
    step = step < MOST_STEP ? step : MOST_STEP;
    hn_gp_evidence part;
    hone_status status = HONE_OK;
    if (step > 1) {
        status = begin_part(scratch, gp, data, step, &part, err);
        e = &part;
    }
    if (!status)
        status = maximise(e, scratch, start, points, err);
    if (status || !gp->shape.options.n_draws)
        return status;
    double weight = (double)data->n / (double)e->n;
    return hn_gp_laplace(e, weight, scratch, points, points + gp->shape.n_parameters, err);
}

/* parameters (n_models, parameter_count); the first must give a model. */
static hone_status add_models(hn_gp *gp, hn_gp_evidence *e, const double *parameters, size_t n_models,
                              hone_error *err)
{
    hone_status status = HONE_OK;
    gp->models = HN_ARENA_NEW(gp->arena, hn_gp_model, n_models);
    if (gp->models == NULL)
        return hn_out_of_memory(err);
    const volatile int *cancel = gp->shape.options.cancel;
    for (size_t k = 0; k < n_models && !status; k++)
        status = hn_cancelled(cancel) ? hn_fail(err, HONE_CANCELLED, "cancelled while models were made")
                                      : add_model(gp, e, parameters + k * gp->shape.n_parameters, err);
    return status;
}

hone_status hn_gp_fit(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                      const hn_gp_data *data, const double *start, hn_gp **result, hone_error *err)
{
    hn_gp *gp = NULL;
    hn_gp_evidence e;
    hn_arena scratch = HN_ARENA_INIT;
    size_t count = hn_gp_parameter_count(axes, d, options), n_models = 1 + options->n_draws;
    double *points = hn_arena_scratch(&scratch, n_models, count * sizeof *points);
    hone_status status = points ? begin(arena, axes, d, options, data, &gp, err) : hn_out_of_memory(err);
    if (!status)
        status = begin_evidence(gp, &scratch, data->x, &e, err);
    if (!status)
        status = find_points(gp, &scratch, data, start, &e, points, err);
    if (!status)
        status = add_models(gp, &e, points, n_models, err);
    if (!status)
        *result = gp;
    hn_arena_release(&scratch);
    return status;
}

hone_status hn_gp_condition(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                            const hn_gp_data *data, const double *parameters, size_t n_models, hn_gp **result,
                            hone_error *err)
{
    hn_gp *gp = NULL;
    hn_gp_evidence e;
    hn_arena scratch = HN_ARENA_INIT;
    hone_status status = begin(arena, axes, d, options, data, &gp, err);
    if (!status)
        status = begin_evidence(gp, &scratch, data->x, &e, err);
    if (!status)
        status = add_models(gp, &e, parameters, n_models, err);
    if (!status)
        *result = gp;
    hn_arena_release(&scratch);
    return status;
}

/* --- what a model says of itself --- */

size_t hn_gp_models(const hn_gp *gp)
{
    return gp->n_models;
}

const double *hn_gp_parameters(const hn_gp *gp, size_t model)
{
    return gp->models[model].parameters;
}

double hn_gp_log_likelihood(const hn_gp *gp, size_t model)
{
    return gp->models[model].log_likelihood;
}

double hn_gp_noise(const hn_gp *gp, size_t model)
{
    return gp->models[model].hyper.noise;
}

double hn_gp_relevance(const hn_gp *gp, size_t model, size_t axis)
{
    return sqrt(gp->models[model].hyper.relevance[axis]);
}

const hn_gp_target *hn_gp_target_map(const hn_gp *gp)
{
    return gp->target;
}

size_t hn_gp_count(const hn_gp *gp)
{
    return gp->n_told;
}

const double *hn_gp_targets(const hn_gp *gp)
{
    return gp->y;
}
