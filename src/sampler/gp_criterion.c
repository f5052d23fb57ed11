#include "sampler/gp_criterion.h"

#include <math.h>
#include <string.h>

hone_status hn_gp_criterion_make(hn_arena *arena, hn_gp_study *study, hn_acquisition_kind kind,
                                 hn_gp_criterion *criterion, hone_error *err)
{
    size_t k = hn_gp_models(study->channels[HN_GP_OBJECTIVE]), batch = k * (size_t)HN_GP_BATCH;
    hn_gp_criterion c = {.study = study, .n_models = k};
    c.acquisition = (hn_acquisition){kind, study->config->xi, study->config->kappa};
    c.per_second = study->channels[HN_GP_SECONDS] != NULL;
    c.prior_power = 10 / fmax(1, (double)study->n_rows);
    c.mean = hn_arena_scratch(arena, batch, sizeof(double));
    c.variance = hn_arena_scratch(arena, batch, sizeof(double));
    c.mean_gradient = hn_arena_scratch(arena, batch, study->frame.d * sizeof(double));
    c.variance_gradient = hn_arena_scratch(arena, batch, study->frame.d * sizeof(double));
    c.factor = hn_arena_scratch(arena, HN_GP_BATCH, sizeof(double));
    c.factor_gradient = hn_arena_scratch(arena, HN_GP_BATCH, study->frame.d * sizeof(double));
    c.terms = HN_ARENA_NEW(arena, hn_utility, k);
    c.means = HN_ARENA_NEW(arena, double, k);
    c.variances = HN_ARENA_NEW(arena, double, k);
    if (!c.mean || !c.variance || !c.mean_gradient || !c.variance_gradient || !c.factor ||
        !c.factor_gradient || !c.terms || !c.means || !c.variances)
        return hn_out_of_memory(err);
    *criterion = c;
    return HONE_OK;
}

/* --- factors beside the acquisition, as logarithms --- */

/* Predicts rows (m, d) under models of a channel; m <= BATCH. */
static void predict(hn_gp_criterion *c, hn_gp_channel channel, size_t n_models, const double *rows, size_t m,
                    bool gradients)
{
    hn_gp *gp = c->study->channels[channel];
    size_t d = c->study->frame.d;
    for (size_t k = 0; k < n_models; k++) {
        size_t at = k * (size_t)HN_GP_BATCH;
        if (gradients)
            hn_gp_predict_gradient(gp, k, rows, m, c->mean + at, c->variance + at, c->mean_gradient + at * d,
                                   c->variance_gradient + at * d);
        else
            hn_gp_predict(gp, k, rows, m, c->mean + at, c->variance + at);
    }
}

/* gradient (d,) += what the term of model k says about place i of the batch. */
static void add_slope(const hn_gp_criterion *c, size_t k, size_t i, hn_utility term, double *gradient)
{
    size_t d = c->study->frame.d, at = (k * (size_t)HN_GP_BATCH + i) * d;
    for (size_t j = 0; j < d; j++)
        gradient[j] +=
            term.by_mean * c->mean_gradient[at + j] + term.by_variance * c->variance_gradient[at + j];
}

static void add_feasibility(hn_gp_criterion *c, const double *rows, size_t m, bool gradients)
{
    size_t d = c->study->frame.d;
    predict(c, HN_GP_DEFECT, 1, rows, m, gradients);
    for (size_t i = 0; i < m; i++) {
        hn_utility term = hn_acquisition_log_below(c->mean[i], c->variance[i], c->study->defect_limit);
        c->factor[i] += term.value;
        if (gradients)
            add_slope(c, 0, i, term, c->factor_gradient + i * d);
    }
}

/* Improvement per second: less the expected logarithm of the seconds. */
static void add_seconds(hn_gp_criterion *c, const double *rows, size_t m, bool gradients)
{
    size_t d = c->study->frame.d;
    hn_gp *gp = c->study->channels[HN_GP_SECONDS];
    double unit = hn_gp_target_raw(hn_gp_target_map(gp), 1) - hn_gp_target_raw(hn_gp_target_map(gp), 0);
    predict(c, HN_GP_SECONDS, 1, rows, m, gradients);
    for (size_t i = 0; i < m; i++) {
        c->factor[i] -= unit * c->mean[i];
        if (gradients)
            add_slope(c, 0, i, (hn_utility){0, -unit, 0}, c->factor_gradient + i * d);
    }
}

static double prior_at(const hn_gp_criterion *c, size_t axis, double coordinate)
{
    const hn_gp_frame *frame = &c->study->frame;
    const hn_parameter *parameter = &frame->space->parameters[frame->members[axis]];
    return c->prior_power *
           hn_prior_log_density(parameter, hn_distribution_decode(&parameter->distribution, coordinate));
}

static void add_prior(hn_gp_criterion *c, const double *rows, size_t m)
{
    const double step = 1e-4;
    const hn_gp_frame *frame = &c->study->frame;
    for (size_t a = 0; a < frame->d; a++) {
        if (frame->space->parameters[frame->members[a]].prior.kind == HN_PRIOR_NONE)
            continue;
        for (size_t i = 0; i < m; i++) {
            double x = rows[i * frame->d + a];
            if (isnan(x))
                continue;
            double low = fmax(0, x - step), high = fmin(1, x + step);
            double slope = (prior_at(c, a, high) - prior_at(c, a, low)) / (high - low);
            c->factor[i] += prior_at(c, a, x);
            c->factor_gradient[i * frame->d + a] += frame->axes[a].kind == HN_GP_CONTINUOUS ? slope : 0;
        }
    }
}

/* --- the whole --- */

static void acquire(hn_gp_criterion *c, const double *rows, size_t m, double *value, double *gradient)
{
    size_t d = c->study->frame.d;
    predict(c, HN_GP_OBJECTIVE, c->n_models, rows, m, gradient != NULL);
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < c->n_models; k++) {
            c->means[k] = c->mean[k * (size_t)HN_GP_BATCH + i];
            c->variances[k] = c->variance[k * (size_t)HN_GP_BATCH + i];
        }
        value[i] = hn_acquisition_average(&c->acquisition, c->means, c->variances, c->study->best,
                                          c->n_models, c->terms);
        for (size_t k = 0; gradient && k < c->n_models; k++)
            add_slope(c, k, i, c->terms[k], gradient + i * d);
    }
}

static void find_factors(hn_gp_criterion *c, const double *rows, size_t m, bool gradients)
{
    memset(c->factor, 0, m * sizeof *c->factor);
    memset(c->factor_gradient, 0, m * c->study->frame.d * sizeof *c->factor_gradient);
    if (c->study->channels[HN_GP_DEFECT])
        add_feasibility(c, rows, m, gradients);
    if (c->per_second)
        add_seconds(c, rows, m, gradients);
    add_prior(c, rows, m);
}

/* Utilities that are logarithms, and bounds, are added to; improvement itself is multiplied. */
static void apply_factors(const hn_gp_criterion *c, size_t m, double *value, double *gradient)
{
    size_t d = c->study->frame.d;
    bool plain = c->acquisition.kind == HN_ACQUISITION_EI;
    for (size_t i = 0; i < m; i++) {
        double factor = plain ? exp(c->factor[i]) : 1, weight = plain ? factor * value[i] : 1;
        for (size_t j = 0; gradient && j < d; j++)
            gradient[i * d + j] = factor * gradient[i * d + j] + weight * c->factor_gradient[i * d + j];
        value[i] = plain ? weight : value[i] + c->factor[i];
    }
}

static void evaluate(hn_gp_criterion *c, const double *rows, size_t m, double *value, double *gradient)
{
    size_t d = c->study->frame.d;
    for (size_t begin = 0; begin < m; begin += HN_GP_BATCH) {
        size_t n = m - begin < HN_GP_BATCH ? m - begin : HN_GP_BATCH;
        double *slope = gradient ? gradient + begin * d : NULL;
        acquire(c, rows + begin * d, n, value + begin, slope);
        find_factors(c, rows + begin * d, n, gradient != NULL);
        apply_factors(c, n, value + begin, slope);
    }
}

void hn_gp_criterion_at(hn_gp_criterion *criterion, const double *rows, size_t m, double *value)
{
    evaluate(criterion, rows, m, value, NULL);
}

void hn_gp_criterion_gradient(hn_gp_criterion *criterion, const double *rows, size_t m, double *value,
                              double *gradient)
{
    memset(gradient, 0, m * criterion->study->frame.d * sizeof *gradient);
    evaluate(criterion, rows, m, value, gradient);
}
