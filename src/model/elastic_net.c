/* elastic_net.c: coordinate descent that stops at a duality gap. Options, defaults and the stopping rule are
 * scikit-learn's Lasso and ElasticNet.
 */
#include "model/elastic_net.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/cancel.h"
#include "math/linalg.h"
#include "model/design.h"
#include "model/kernel.h"
#include "model/linear_centre.h"
#include "model/linear_descent.h"
#include "model/linear_model.h"
#include "model/linear_moments.h"

/* --- the path --- */

typedef struct net {
    const char *model;
    const hn_elastic_net_config *config;
    const hn_fit_context *context;
    hn_linear_moments moments; /* without the Gram matrix where there are more columns than rows */
    hn_descent descent;
    double *l1, *l2; /* (d,): penalties, all equal, in the units of |b - A w|^2 / 2 */
    hone_error *err;
} net;

/* No more columns than rows: A'A is all that is needed. known: the moments; NULL: they are made. */
static hone_status prepare_gram(net *s, const hn_design *train, const hn_linear_moments *known)
{
    hone_status status = HONE_OK;
    if (known)
        s->moments = *known;
    else
        status = hn_linear_moments_of(s->model, train, s->config->fit_intercept, true, s->context->scratch,
                                      &s->moments, s->err);
    if (status)
        return status;
    s->descent.gram = s->moments.gram;
    for (size_t j = 0; j < train->d; j++)
        s->descent.norms[j] = s->moments.gram[j * train->d + j];
    return HONE_OK;
}

/* A transposed, and the residual, which is b as all coefficients are 0. */
static hone_status prepare_columns(net *s, const hn_design *train)
{
    hn_arena *scratch = s->context->scratch;
    hn_linear_centred c;
    hn_design loaded;
    size_t n = train->n, d = train->d;
    hone_status status = hn_design_load(train, scratch, &loaded, s->err);
    if (!status)
        status = hn_linear_centre(s->model, &loaded, s->config->fit_intercept, true, scratch, &c, s->err);
    if (status)
        return status;
    double *columns = hn_arena_scratch(scratch, d * n, sizeof *columns);
    double *moment = HN_ARENA_NEW(scratch, double, d);
    if (!columns || !moment)
        return hn_out_of_memory(s->err);
    hn_transpose(c.a, n, d, columns);
    hn_add_columns_times(c.a, n, d, c.b, moment);
    for (size_t j = 0; j < d; j++)
        s->descent.norms[j] = hn_dot(columns + j * n, columns + j * n, n);
    s->descent.columns = columns;
    s->descent.residual = c.b;
    s->moments = (hn_linear_moments){.n = n,
                                     .d = d,
                                     .moment = moment,
                                     .square = hn_dot(c.b, c.b, n),
                                     .mean = c.mean,
                                     .target_mean = c.target_mean,
                                     .total_weight = c.total_weight};
    return HONE_OK;
}

static hone_status prepare(net *s, const hn_design *train, const hn_linear_moments *known)
{
    hn_arena *scratch = s->context->scratch;
    size_t d = train->d;
    s->descent = (hn_descent){.n = train->n, .d = d};
    s->descent.norms = HN_ARENA_NEW(scratch, double, d);
    s->descent.w = HN_ARENA_NEW(scratch, double, d);
    s->descent.slope = HN_ARENA_NEW(scratch, double, d);
    s->l1 = HN_ARENA_NEW(scratch, double, d);
    s->l2 = HN_ARENA_NEW(scratch, double, d);
    if (!s->descent.norms || !s->descent.w || !s->descent.slope || !s->l1 || !s->l2)
        return hn_out_of_memory(s->err);
    hone_status status = d <= train->n ? prepare_gram(s, train, known) : prepare_columns(s, train);
    for (size_t j = 0; !status && j < d; j++)
        s->descent.slope[j] = -s->moments.moment[j];
    return status;
}

/* The duality gap of the lasso on the rows extended by sqrt(l2) I (Kim et al. 2007, section III). */
static double duality_gap(const net *s)
{
    const hn_descent *descent = &s->descent;
    size_t d = descent->d;
    double l1 = s->l1[0], l2 = s->l2[0], largest = 0, sum = 0, along = 0;
    for (size_t j = 0; j < d; j++) {
        double slope = hn_descent_slope(descent, j);
        largest = fmax(largest, fabs(slope + l2 * descent->w[j]));
        sum += fabs(descent->w[j]);
        along += descent->w[j] * slope;
    }
    double squares = hn_dot(descent->w, descent->w, d);
    double agreement = s->moments.square - hn_dot(s->moments.moment, descent->w, d); /* <residual, b> */
    double residual = fmax(0, agreement + along);                                    /* |residual|^2 */
    double scale = largest > l1 ? l1 / largest : 1;
    double gap = largest > l1 ? 0.5 * residual * (1 + scale * scale) : residual;
    return gap + l1 * sum - scale * agreement + 0.5 * l2 * (1 + scale * scale) * squares;
}

/* Solves for one alpha from where the descent stands. */
static hone_status solve(net *s, double alpha)
{
    double scale = alpha * s->moments.total_weight, tolerance = s->config->tolerance;
    for (size_t j = 0; j < s->descent.d; j++) {
        s->l1[j] = scale * s->config->l1_ratio;
        s->l2[j] = scale * (1 - s->config->l1_ratio);
    }
    for (int64_t i = 0; i < s->config->max_iter; i++) {
        if (hn_cancelled(s->context->cancel))
            return hn_fail(s->err, HONE_CANCELLED, "model %s: cancelled in pass %lld", s->model,
                           (long long)i);
        hn_descent_sweep sweep = hn_descent_pass(&s->descent, s->l1, s->l2);
        if (sweep.largest_step <= tolerance * sweep.largest_weight &&
            duality_gap(s) <= tolerance * s->moments.square)
            break;
    }
    return HONE_OK;
}

hone_status hn_elastic_net_path(const char *model, const hn_elastic_net_config *config,
                                const hn_design *train, const hn_fit_context *context, const double *alphas,
                                size_t n_alphas, double *coefficients, double *intercepts, hone_error *err)
{
    net s = {.model = model, .config = config, .context = context, .err = err};
    for (size_t k = 0; k < n_alphas; k++)
        if (!(alphas[k] >= 0) || !isfinite(alphas[k]))
            return hn_fail(err, HONE_INVALID,
                           "model %s: every alpha of a path must be a number of at least 0", model);
    if (hn_cancelled(context->cancel))
        return hn_fail(err, HONE_CANCELLED, "model %s: cancelled before the fit", model);
    hone_status status = prepare(&s, train, NULL);
    for (size_t k = 0; !status && k < n_alphas; k++) {
        status = solve(&s, alphas[k]);
        memcpy(coefficients + k * train->d, s.descent.w, train->d * sizeof *coefficients);
        intercepts[k] = hn_linear_moments_intercept(&s.moments, s.descent.w);
    }
    return status;
}

/* --- the models --- */

/* From the moments where they are known. */
static hone_status fit_from(const char *model, const hn_elastic_net_config *config, const hn_design *train,
                            const hn_fit_context *context, const hn_linear_moments *known, void **fitted,
                            hone_error *err)
{
    net s = {.model = model, .config = config, .context = context, .err = err};
    if (hn_cancelled(context->cancel))
        return hn_fail(err, HONE_CANCELLED, "model %s: cancelled before the fit", model);
    hn_linear *linear = hn_linear_new(model, 0, 0, train->d);
    if (!linear)
        return hn_out_of_memory(err);
    hone_status status = prepare(&s, train, known);
    if (!status)
        status = solve(&s, config->alpha);
    if (!status && !known && s.descent.gram)
        status = hn_linear_keep(linear, &s.moments, context, err);
    if (status) {
        hn_linear_destroy(linear);
        return status;
    }
    memcpy(linear->coefficients, s.descent.w, train->d * sizeof *s.descent.w);
    linear->intercept[0] = hn_linear_moments_intercept(&s.moments, s.descent.w);
    *fitted = linear;
    return HONE_OK;
}

hone_status hn_elastic_net_fit(const char *model, const hn_elastic_net_config *config, const hn_design *train,
                               const hn_fit_context *context, void **fitted, hone_error *err)
{
    return fit_from(model, config, train, context, NULL, fitted, err);
}

bool hn_elastic_net_covers(const void *a, const void *b)
{
    const hn_elastic_net_config *one = a, *other = b;
    return one->fit_intercept == other->fit_intercept;
}

hone_status hn_elastic_net_derive(const hn_linear *from, const hn_elastic_net_config *config,
                                  const hn_design *train, const hn_fit_context *context, void **derived,
                                  hone_error *err)
{
    return fit_from(from->model, config, train, context, from->moments, derived, err);
}

static hone_status derive(const void *fitted, const void *config, const hn_design *train,
                          const hn_fit_context *context, void **derived, hone_error *err)
{
    return hn_elastic_net_derive(fitted, config, train, context, derived, err);
}

static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    return hn_elastic_net_fit("elastic_net", config, train, context, fitted, err);
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    return hn_linear_load("elastic_net", state, n_classes, d, fitted, err);
}

#define FIELD(name) offsetof(hn_elastic_net_config, name)

static const hn_option options[] = {
    {"alpha", HN_OPTION_DOUBLE, "1", 0, 1e12, NULL, FIELD(alpha), "weight of both penalties"},
    {"l1_ratio", HN_OPTION_DOUBLE, "0.5", 0, 1, NULL, FIELD(l1_ratio),
     "share of the L1 penalty: 1 is the lasso, 0 is ridge"},
    {"fit_intercept", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(fit_intercept),
     "fit a constant term, which is not penalised"},
    {"tolerance", HN_OPTION_DOUBLE, "0.0001", 1e-15, 1, NULL, FIELD(tolerance),
     "of the duality gap, relative to the target's squared deviations"},
    {"max_iter", HN_OPTION_INT, "1000", 1, 1e9, NULL, FIELD(max_iter), "most passes over the coefficients"},
};

extern const hn_model_type hn_model_elastic_net;

const hn_model_type hn_model_elastic_net = {
    .name = "elastic_net",
    .help = "elastic net: least squares with L1 and L2 penalties, by coordinate descent",
    .tasks = HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_CANCELLABLE | HN_MODEL_IMPORTANCE | HN_MODEL_WEIGHTS | HN_MODEL_SOURCE,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_elastic_net_config)},
    .default_space = "alpha: {float: [1e-4, 10], log: true}\n"
                     "l1_ratio: {float: [0.05, 1]}\n",
    .simpler = "larger alpha, larger l1_ratio",
    .fit = fit,
    .destroy = hn_linear_destroy,
    .covers = hn_elastic_net_covers,
    .derive = derive,
    .bytes = hn_linear_bytes,
    .predict = hn_linear_predict,
    .importance = hn_linear_importance,
    .save = hn_linear_save,
    .load = load,
    .graph = hn_linear_graph,
};
