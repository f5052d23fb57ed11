/* ridge.c: solved in closed form by Cholesky's factorisation of the smaller of A'A + alpha I (d, d) and
 * AA' + alpha I (n, n), A the centred design. Options and their defaults are scikit-learn's Ridge.
 */
#include "model/ridge.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "math/linalg.h"
#include "model/linear_centre.h"
#include "model/linear_model.h"

typedef struct ridge_config {
    double alpha;
    bool fit_intercept;
} ridge_config;

static const hn_option options[] = {
    {"alpha", HN_OPTION_DOUBLE, "1", 0, 1e12, NULL, offsetof(ridge_config, alpha),
     "penalty of the squared coefficients"},
    {"fit_intercept", HN_OPTION_BOOL, "true", 0, 0, NULL, offsetof(ridge_config, fit_intercept),
     "fit a constant term, which is not penalised"},
};

/* A centred design with the smaller of its two Gram matrices. */
typedef struct ridge_system {
    hn_linear_centred centred;
    bool intercept, dual; /* dual: gram = AA' */
    size_t size;          /* of gram: min(n, d) */
    double *gram, *factor;
    double *solution; /* (size,) */
} ridge_system;

static hone_status prepare(const hn_design *design, bool intercept, hn_arena *scratch, ridge_system *out,
                           hone_error *err)
{
    ridge_system s = {.intercept = intercept, .dual = design->d > design->n};
    hone_status status = hn_linear_centre("ridge", design, intercept, false, scratch, &s.centred, err);
    if (status)
        return status;
    s.size = s.dual ? design->n : design->d;
    s.gram = hn_arena_scratch(scratch, s.size * s.size, sizeof(double));
    s.factor = hn_arena_scratch(scratch, s.size * s.size, sizeof(double));
    s.solution = hn_arena_scratch(scratch, s.size, sizeof(double));
    if (!s.gram || !s.factor || !s.solution)
        return hn_out_of_memory(err);
    const double *a = s.centred.a;
    if (s.dual)
        hn_product_transposed(a, s.size, a, s.size, design->d, s.gram);
    else
        hn_gram(a, design->n, design->d, NULL, s.gram);
    *out = s;
    return HONE_OK;
}

/* factor = Cholesky of gram + alpha I. A matrix that is singular to rounding (alpha near 0, equal or constant
 * columns) gets the smallest penalty that makes it regular, which comes close to the solution of least norm.
 */
static void factorise(ridge_system *s, double alpha)
{
    double largest = 0;
    for (size_t i = 0; i < s->size; i++)
        largest = fmax(largest, s->gram[i * s->size + i]);
    if (!(largest > 0))
        largest = 1;
    for (double extra = 0;; extra = extra > 0 ? 10 * extra : 1e-14 * largest) {
        memcpy(s->factor, s->gram, s->size * s->size * sizeof *s->factor);
        for (size_t i = 0; i < s->size; i++)
            s->factor[i * s->size + i] += alpha + extra;
        if (hn_cholesky(s->factor, s->size) || extra > largest)
            return;
    }
}

/* w (d,): the coefficients for the factor at hand. */
static void solve(ridge_system *s, double *w)
{
    const hn_linear_centred *c = &s->centred;
    memset(w, 0, c->d * sizeof *w);
    if (s->dual) {
        memcpy(s->solution, c->b, c->n * sizeof *w);
        hn_cholesky_solve(s->factor, s->size, s->solution);
        hn_add_columns_times(c->a, c->n, c->d, s->solution, w);
    } else {
        hn_add_columns_times(c->a, c->n, c->d, c->b, w);
        hn_cholesky_solve(s->factor, s->size, w);
    }
}

static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    const ridge_config *c = config;
    ridge_system system;
    if (context->cancel && *context->cancel)
        return hn_fail(err, HONE_CANCELLED, "model ridge: cancelled before the fit");
    hone_status status = prepare(train, c->fit_intercept, context->scratch, &system, err);
    if (status)
        return status;
    hn_linear *linear = hn_linear_new("ridge", 0, 0, train->d);
    if (!linear)
        return hn_out_of_memory(err);
    factorise(&system, c->alpha);
    solve(&system, linear->coefficients);
    linear->intercept[0] = hn_linear_intercept(&system.centred, linear->coefficients);
    *fitted = linear;
    return HONE_OK;
}

/* --- leave-one-out --- */

/* The intercept's share of row i's leverage. */
static double mean_leverage(const ridge_system *s, size_t i)
{
    return s->intercept ? s->centred.weight[i] / s->centred.total_weight : 0;
}

/* Leverage a_i' (A'A + alpha I)^-1 a_i = |L^-1 a_i|^2. w (d,) and row (d,) are scratch. */
static void errors_primal(ridge_system *s, double *w, double *row, double *errors)
{
    const hn_linear_centred *c = &s->centred;
    solve(s, w);
    for (size_t i = 0; i < c->n; i++) {
        const double *a = c->a + i * c->d;
        memcpy(row, a, c->d * sizeof *row);
        hn_cholesky_forward(s->factor, c->d, row);
        double leverage = hn_dot(row, row, c->d) + mean_leverage(s, i);
        errors[i] = (c->b[i] - hn_dot(a, w, c->d)) / (1 - leverage) / sqrt(c->weight[i]);
    }
}

/* With G = (AA' + alpha I)^-1: residuals alpha G b, leverages 1 - alpha G_ii. column (n,) is scratch. */
static void errors_dual(ridge_system *s, double alpha, double *column, double *errors)
{
    const hn_linear_centred *c = &s->centred;
    memcpy(s->solution, c->b, c->n * sizeof *c->b);
    hn_cholesky_solve(s->factor, c->n, s->solution);
    for (size_t i = 0; i < c->n; i++) {
        memset(column, 0, c->n * sizeof *column);
        column[i] = 1;
        hn_cholesky_forward(s->factor, c->n, column);
        double left = alpha * hn_dot(column, column, c->n) - mean_leverage(s, i);
        errors[i] = alpha * s->solution[i] / left / sqrt(c->weight[i]);
    }
}

hone_status hn_ridge_leave_one_out(const hn_design *design, bool fit_intercept, const double *alphas,
                                   size_t n_alphas, const hn_fit_context *context, double *errors,
                                   hone_error *err)
{
    ridge_system s;
    for (size_t k = 0; k < n_alphas; k++)
        if (!(alphas[k] > 0) || !isfinite(alphas[k]))
            return hn_fail(err, HONE_INVALID, "model ridge: leave-one-out needs every alpha above 0");
    for (size_t i = 0; i < design->n && design->weight; i++)
        if (!(design->weight[i] > 0))
            return hn_fail(err, HONE_INVALID, "model ridge: leave-one-out needs every weight above 0");
    if (design->n < 2)
        return hn_fail(err, HONE_INVALID, "model ridge: leave-one-out needs two rows or more");
    hone_status status = prepare(design, fit_intercept, context->scratch, &s, err);
    if (status)
        return status;
    double *w = HN_ARENA_NEW(context->scratch, double, design->d);
    double *row = HN_ARENA_NEW(context->scratch, double, design->d > design->n ? design->d : design->n);
    if (!w || !row)
        return hn_out_of_memory(err);
    for (size_t k = 0; k < n_alphas; k++) {
        if (context->cancel && *context->cancel)
            return hn_fail(err, HONE_CANCELLED, "model ridge: cancelled after %zu of %zu alphas", k,
                           n_alphas);
        factorise(&s, alphas[k]);
        if (s.dual)
            errors_dual(&s, alphas[k], row, errors + k * design->n);
        else
            errors_primal(&s, w, row, errors + k * design->n);
    }
    return HONE_OK;
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    return hn_linear_load("ridge", state, n_classes, d, fitted, err);
}

extern const hn_model_type hn_model_ridge;

const hn_model_type hn_model_ridge = {
    .name = "ridge",
    .help = "ridge regression: least squares with an L2 penalty, solved in closed form",
    .tasks = HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_IMPORTANCE | HN_MODEL_WEIGHTS,
    .options = {options, sizeof options / sizeof *options, sizeof(ridge_config)},
    .default_space = "alpha: {float: [1e-4, 1e4], log: true}\n",
    .simpler = "larger alpha",
    .fit = fit,
    .destroy = hn_linear_destroy,
    .predict = hn_linear_predict,
    .importance = hn_linear_importance,
    .save = hn_linear_save,
    .load = load,
    .graph = hn_linear_graph,
};
