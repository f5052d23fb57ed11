/* ridge.c: solved in closed form by Cholesky's factorisation of the smaller of A'A + alpha I (d, d) and
 * AA' + alpha I (n, n), A the centred design. Options and their defaults are scikit-learn's Ridge.
 */
#include "model/ridge.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/cancel.h"
#include "math/linalg.h"
#include "model/design.h"
#include "model/linear_centre.h"
#include "model/linear_model.h"
#include "model/linear_moments.h"

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

/* A matrix and its factor with a penalty. */
typedef struct penalised {
    size_t size;
    double *gram, *factor; /* (size, size) */
} penalised;

static hone_status make_room(size_t size, double *gram, hn_arena *scratch, penalised *out, hone_error *err)
{
    *out = (penalised){.size = size, .gram = gram};
    if (!gram)
        out->gram = hn_arena_scratch(scratch, size * size, sizeof(double));
    out->factor = hn_arena_scratch(scratch, size * size, sizeof(double));
    return out->gram && out->factor ? HONE_OK : hn_out_of_memory(err);
}

/* factor = Cholesky of gram + alpha I. A matrix that is singular to rounding (alpha near 0, equal or constant
 * columns) gets the smallest penalty that makes it regular, which comes close to the solution of least norm.
 */
static void factorise(penalised *p, double alpha)
{
    double largest = 0;
    for (size_t i = 0; i < p->size; i++)
        largest = fmax(largest, p->gram[i * p->size + i]);
    if (!(largest > 0))
        largest = 1;
    for (double extra = 0;; extra = extra > 0 ? 10 * extra : 1e-14 * largest) {
        memcpy(p->factor, p->gram, p->size * p->size * sizeof *p->factor);
        for (size_t i = 0; i < p->size; i++)
            p->factor[i * p->size + i] += alpha + extra;
        if (hn_cholesky(p->factor, p->size) || extra > largest)
            return;
    }
}

/* A centred design with the smaller of its two Gram matrices. */
typedef struct ridge_system {
    hn_linear_centred centred;
    bool intercept, dual; /* dual: the matrix is AA' */
    penalised matrix;
    double *solution; /* (n,) */
} ridge_system;

static hone_status prepare(const hn_design *design, bool intercept, hn_arena *scratch, ridge_system *out,
                           hone_error *err)
{
    ridge_system s = {.intercept = intercept, .dual = design->d > design->n};
    hone_status status = hn_linear_centre("ridge", design, intercept, false, scratch, &s.centred, err);
    if (!status)
        status = make_room(s.dual ? design->n : design->d, NULL, scratch, &s.matrix, err);
    if (status)
        return status;
    s.solution = hn_arena_scratch(scratch, design->n, sizeof(double));
    if (!s.solution)
        return hn_out_of_memory(err);
    const double *a = s.centred.a;
    if (s.dual)
        hn_product_transposed(a, design->n, a, design->n, design->d, s.matrix.gram);
    else
        hn_gram(a, design->n, design->d, NULL, s.matrix.gram);
    *out = s;
    return HONE_OK;
}

/* w (d,): the coefficients for the factor at hand. */
static void solve(ridge_system *s, double *w)
{
    const hn_linear_centred *c = &s->centred;
    memset(w, 0, c->d * sizeof *w);
    if (s->dual) {
        memcpy(s->solution, c->b, c->n * sizeof *w);
        hn_cholesky_solve(s->matrix.factor, c->n, s->solution);
        hn_add_columns_times(c->a, c->n, c->d, s->solution, w);
    } else {
        hn_add_columns_times(c->a, c->n, c->d, c->b, w);
        hn_cholesky_solve(s->matrix.factor, c->d, w);
    }
}

static hone_status solve_moments(const ridge_config *c, const hn_linear_moments *m, hn_arena *scratch,
                                 hn_linear *linear, hone_error *err)
{
    penalised matrix;
    hone_status status = make_room(m->d, m->gram, scratch, &matrix, err);
    if (status)
        return status;
    factorise(&matrix, c->alpha);
    memcpy(linear->coefficients, m->moment, m->d * sizeof *m->moment);
    hn_cholesky_solve(matrix.factor, m->d, linear->coefficients);
    linear->intercept[0] = hn_linear_moments_intercept(m, linear->coefficients);
    return HONE_OK;
}

/* More rows than columns: in one pass over the rows. */
static hone_status fit_primal(const ridge_config *c, const hn_design *train, const hn_fit_context *context,
                              hn_linear *linear, hone_error *err)
{
    hn_linear_moments m;
    hone_status status =
        hn_linear_moments_of("ridge", train, c->fit_intercept, false, context->scratch, &m, err);
    if (!status)
        status = solve_moments(c, &m, context->scratch, linear, err);
    return status ? status : hn_linear_keep(linear, &m, context, err);
}

static hone_status fit_dual(const ridge_config *c, const hn_design *train, const hn_fit_context *context,
                            hn_linear *linear, hone_error *err)
{
    hn_arena *scratch = context->scratch;
    ridge_system system;
    hn_design loaded;
    hone_status status = hn_design_load(train, scratch, &loaded, err);
    if (!status)
        status = prepare(&loaded, c->fit_intercept, scratch, &system, err);
    if (status)
        return status;
    factorise(&system.matrix, c->alpha);
    solve(&system, linear->coefficients);
    linear->intercept[0] = hn_linear_intercept(&system.centred, linear->coefficients);
    return HONE_OK;
}

static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    if (hn_cancelled(context->cancel))
        return hn_fail(err, HONE_CANCELLED, "model ridge: cancelled before the fit");
    hn_linear *linear = hn_linear_new("ridge", 0, 0, train->d);
    if (!linear)
        return hn_out_of_memory(err);
    hone_status status = (train->d > train->n ? fit_dual : fit_primal)(config, train, context, linear, err);
    if (status)
        hn_linear_destroy(linear);
    else
        *fitted = linear;
    return status;
}

static bool covers(const void *a, const void *b)
{
    const ridge_config *one = a, *other = b;
    return one->fit_intercept == other->fit_intercept;
}

static hone_status derive(const void *fitted, const void *config, const hn_design *train,
                          const hn_fit_context *context, void **derived, hone_error *err)
{
    const hn_linear *from = fitted;
    if (!from->moments)
        return fit(config, train, context, derived, err);
    hn_linear *linear = hn_linear_new("ridge", 0, 0, from->d);
    if (!linear)
        return hn_out_of_memory(err);
    hone_status status = solve_moments(config, from->moments, context->scratch, linear, err);
    if (status)
        hn_linear_destroy(linear);
    else
        *derived = linear;
    return status;
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
        hn_cholesky_forward(s->matrix.factor, c->d, row);
        double leverage = hn_dot(row, row, c->d) + mean_leverage(s, i);
        errors[i] = (c->b[i] - hn_dot(a, w, c->d)) / (1 - leverage) / sqrt(c->weight[i]);
    }
}

/* With G = (AA' + alpha I)^-1: residuals alpha G b, leverages 1 - alpha G_ii. column (n,) is scratch. */
static void errors_dual(ridge_system *s, double alpha, double *column, double *errors)
{
    const hn_linear_centred *c = &s->centred;
    memcpy(s->solution, c->b, c->n * sizeof *c->b);
    hn_cholesky_solve(s->matrix.factor, c->n, s->solution);
    for (size_t i = 0; i < c->n; i++) {
        memset(column, 0, c->n * sizeof *column);
        column[i] = 1;
        hn_cholesky_forward(s->matrix.factor, c->n, column);
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
        if (hn_cancelled(context->cancel))
            return hn_fail(err, HONE_CANCELLED, "model ridge: cancelled after %zu of %zu alphas", k,
                           n_alphas);
        factorise(&s.matrix, alphas[k]);
        if (s.dual)
            errors_dual(&s, alphas[k], row, errors + k * design->n);
        else
            errors_primal(&s, w, row, errors + k * design->n);
    }
    return HONE_OK;
}

/* Errors become predictions. */
static hone_status leave_one_out(const void *config, const hn_design *rows, const hn_fit_context *context,
                                 double *out, hone_error *err)
{
    const ridge_config *c = config;
    bool regular = c->alpha > 0 && rows->n >= 2;
    for (size_t i = 0; regular && rows->weight && i < rows->n; i++)
        regular = rows->weight[i] > 0;
    if (!regular)
        return hn_fail(err, HONE_UNSUPPORTED,
                       "model ridge: leave-one-out in closed form needs alpha and every weight above 0");
    hone_status status = hn_ridge_leave_one_out(rows, c->fit_intercept, &c->alpha, 1, context, out, err);
    for (size_t i = 0; !status && i < rows->n; i++)
        out[i] = rows->y[i] - out[i];
    return status;
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
    .capabilities = HN_MODEL_IMPORTANCE | HN_MODEL_WEIGHTS | HN_MODEL_SOURCE,
    .options = {options, sizeof options / sizeof *options, sizeof(ridge_config)},
    .default_space = "alpha: {float: [1e-4, 1e4], log: true}\n",
    .simpler = "larger alpha",
    .fit = fit,
    .destroy = hn_linear_destroy,
    .covers = covers,
    .derive = derive,
    .bytes = hn_linear_bytes,
    .leave_one_out = leave_one_out,
    .predict = hn_linear_predict,
    .importance = hn_linear_importance,
    .save = hn_linear_save,
    .load = load,
    .graph = hn_linear_graph,
};
