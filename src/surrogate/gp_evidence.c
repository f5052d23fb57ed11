/* surrogate/gp_evidence.c: the posterior of the hyperparameters and its gradient: the log marginal likelihood
 * (Rasmussen & Williams 2006, 5.8, 5.9) plus their prior.
 *
 * With G = alpha alpha' - K^-1, d log p / d theta = sum_ij G_ij dK_ij / 2: one pass over the pairs i' < i,
 * which count twice, and the diagonal. */
#include <math.h>
#include <string.h>

#include "math/cholesky.h"
#include "math/linalg.h"
#include "math/vector.h"
#include "math/wide.h"
#include "surrogate/gp_parts.h"

static const double log_two_pi = 1.8378770664093453;

/* --- the covariance and its factor --- */

static void set_places(hn_gp_evidence *e)
{
    size_t n = e->n, d = e->shape->d;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < n; i++) {
            double x = e->raw[j * n + i];
            double place = e->shape->warp[j] == HN_GP_ABSENT ? x : hn_gp_place(e->shape, &e->hyper, j, x);
            e->columns[j * n + i] = e->points[i * d + j] = place;
        }
    hn_gp_set_powers(e->shape, &e->hyper, e->columns, n, 0, n);
}

static void set_covariance(hn_gp_evidence *e)
{
    size_t n = e->n, d = e->shape->d;
    for (size_t i = 0; i < n; i++) {
        const double *point = e->points + i * d;
        double known = e->known_noise ? e->known_noise[i] : 0;
        hn_gp_covariance_row(e->shape, &e->hyper, point, e->columns, n, i, &e->row, e->factor + i * n);
        e->factor[i * n + i] =
            hn_gp_variance(e->shape, &e->hyper, point) + e->hyper.noise + known + e->jitter;
    }
}

/* Adds to the diagonal, ten times more each time, until the covariance is positive definite. */
static bool factorise(hn_gp_evidence *e)
{
    double scale = e->hyper.amplitude + e->hyper.linear + e->hyper.first_order, share = 1e-10;
    e->jitter = 0;
    for (int tries = 0; tries <= 10; tries++, share *= 10) {
        set_covariance(e);
        if (hn_cholesky_inverse(e->factor, e->inverse, e->n, e->n))
            return true;
        e->jitter = share * scale;
    }
    return false;
}

bool hn_gp_evidence_at(hn_gp_evidence *e, const double *parameters)
{
    size_t n = e->n;
    if (!hn_gp_hyper_set(e->shape, parameters, e->fixed_noise, &e->hyper))
        return false;
    set_places(e);
    if (!factorise(e))
        return false;
    double half_determinant = 0;
    memset(e->alpha, 0, n * sizeof *e->alpha);
    for (size_t i = 0; i < n; i++) {
        half_determinant += log(e->factor[i * n + i]);
        e->solved[i] = hn_dot(e->inverse + i * n, e->y, i + 1);
        hn_add_scaled(e->solved[i], e->inverse + i * n, i + 1, e->alpha);
    }
    e->log_likelihood =
        -0.5 * hn_dot(e->solved, e->solved, n) - half_determinant - 0.5 * (double)n * log_two_pi;
    return isfinite(e->log_likelihood);
}

/* --- the gradient --- */

/* One row of pairs on its way: the point i against those before it. */
typedef struct pair_row {
    hn_gp_evidence *evidence;
    size_t i;
    double *gradient;
    double *weight;  /* (i,) G */
    double *product; /* (i,) G a main */
    double *slope;   /* (i,) G a d main / d r^2 */
    double *share;   /* (i,) scratch */
} pair_row;

WIDE static void gp_pair_weights(double factor, const double *alpha, const double *precision, size_t n,
                                 double *restrict weight)
{
    for (size_t i = 0; i < n; i++)
        weight[i] = factor * alpha[i] - precision[i];
}

WIDE static void gp_pair_products(double amplitude, const double *weight, const double *main,
                                  const double *slope, size_t n, double *restrict product,
                                  double *restrict by_square)
{
    for (size_t i = 0; i < n; i++) {
        product[i] = amplitude * (weight[i] * main[i]);
        by_square[i] = amplitude * (weight[i] * slope[i]);
    }
}

WIDE static void gp_squares(double x, const double *column, size_t n, double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (x - column[i]) * (x - column[i]);
}

WIDE static void gp_mismatches(double x, const double *column, size_t n, double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = column[i] == x ? 0 : 1;
}

WIDE static void gp_pulls(double weight, double x, const double *column, const double *slope, size_t n,
                          double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = 2 * weight * (x - column[i]) * slope[i];
}

/* share = product / factor + first_order weight: what one axis's factor is multiplied by. */
WIDE static void gp_factor_shares(bool in_product, double first_order, const double *product,
                                  const double *weight, const double *factor, size_t n,
                                  double *restrict share)
{
    for (size_t i = 0; i < n; i++)
        share[i] = (in_product ? product[i] / factor[i] : 0) + first_order * weight[i];
}

WIDE static void gp_times(const double *a, size_t n, double *restrict b)
{
    for (size_t i = 0; i < n; i++)
        b[i] *= a[i];
}

/* pull (i,): the derivative by the place of point i of what each pair adds; by the other's it is the
 * negative. */
static void add_pulls(const pair_row *p, size_t axis, const double *pull)
{
    double *gradient = p->evidence->place_gradient + axis * p->evidence->n;
    gradient[p->i] += hn_vector_sum(pull, p->i);
    hn_add_scaled(-1, pull, p->i, gradient);
}

/* An axis that is in r or in the sum of mismatches. */
static void add_shared_axis(const pair_row *p, size_t j)
{
    hn_gp_evidence *e = p->evidence;
    const double *column = e->columns + j * e->n;
    double x = column[p->i], w = e->hyper.relevance[j], *work = e->row.work;
    double *gradient = p->gradient + e->shape->relevance[j];
    if (e->shape->axes[j].kind == HN_GP_CATEGORICAL) {
        gp_mismatches(x, column, p->i, work);
        *gradient -= w * hn_dot(work, p->product, p->i);
        return;
    }
    gp_squares(x, column, p->i, work);
    *gradient += w * hn_dot(work, p->slope, p->i);
    if (e->shape->warp[j] != HN_GP_ABSENT) {
        gp_pulls(w, x, column, p->slope, p->i, work);
        add_pulls(p, j, work);
    }
}

/* The factor of a conditional axis in the product, and of any in the first-order kernel. */
static void add_factor(const pair_row *p, size_t j)
{
    hn_gp_evidence *e = p->evidence;
    const hn_gp_shape *shape = e->shape;
    double first_order = e->hyper.first_order / (double)shape->d;
    hn_gp_factor_row(shape, &e->hyper, j, e->columns[j * e->n + p->i], e->columns + j * e->n, e->n, p->i,
                     &e->row);
    gp_factor_shares(shape->axes[j].conditional, first_order, p->product, p->weight, e->row.factor, p->i,
                     p->share);
    p->gradient[shape->relevance[j]] += hn_dot(p->share, e->row.by_relevance, p->i);
    if (shape->rho[j] != HN_GP_ABSENT)
        p->gradient[shape->rho[j]] += hn_dot(p->share, e->row.by_rho, p->i);
    if (shape->warp[j] != HN_GP_ABSENT) {
        gp_times(p->share, p->i, e->row.by_place);
        add_pulls(p, j, e->row.by_place);
    }
    if (shape->first_order != HN_GP_ABSENT)
        p->gradient[shape->first_order] += first_order * hn_dot(p->weight, e->row.factor, p->i);
}

/* The linear kernel, the diagonal with it. diagonal: G_ii / 2. */
static void add_linear(const pair_row *p, double diagonal)
{
    hn_gp_evidence *e = p->evidence;
    double share = e->hyper.linear / (double)e->shape->n_numbers, sum = 0;
    for (size_t j = 0; j < e->shape->d; j++) {
        const double *column = e->columns + j * e->n;
        double x = hn_gp_centred(e->shape, j, column[p->i]), pull = 2 * diagonal * x;
        double *place = e->place_gradient + j * e->n;
        for (size_t k = 0; k < p->i; k++) {
            double other = hn_gp_centred(e->shape, j, column[k]);
            pull += p->weight[k] * other;
            place[k] += share * p->weight[k] * x;
        }
        sum += x * (pull - diagonal * x);
        place[p->i] += share * pull;
    }
    p->gradient[e->shape->linear] += share * sum;
}

static void add_row(const pair_row *p)
{
    hn_gp_evidence *e = p->evidence;
    const hn_gp_shape *shape = e->shape;
    const hn_gp_hyper *hyper = &e->hyper;
    size_t i = p->i, n = e->n;
    double diagonal = 0.5 * (e->alpha[i] * e->alpha[i] - e->precision[i * n + i]);
    gp_pair_weights(e->alpha[i], e->alpha, e->precision + i * n, i, p->weight);
    hn_gp_main_row(shape, hyper, e->points + i * shape->d, e->columns, n, i, &e->row);
    gp_pair_products(hyper->amplitude, p->weight, e->row.main, e->row.slope, i, p->product, p->slope);
    for (size_t j = 0; j < shape->d; j++) {
        if (!shape->axes[j].conditional)
            add_shared_axis(p, j);
        if (shape->axes[j].conditional || shape->first_order != HN_GP_ABSENT)
            add_factor(p, j);
    }
    if (shape->amplitude != HN_GP_ABSENT)
        p->gradient[shape->amplitude] += hn_vector_sum(p->product, i) + diagonal * hyper->amplitude;
    if (shape->first_order != HN_GP_ABSENT)
        p->gradient[shape->first_order] += diagonal * hyper->first_order;
    if (shape->linear != HN_GP_ABSENT)
        add_linear(p, diagonal);
    if (shape->noise != HN_GP_ABSENT)
        p->gradient[shape->noise] += diagonal * (hyper->noise - hn_gp_least_noise(shape));
}

/* From derivatives by the places to those by the exponents that warp them. */
static void add_warp(const hn_gp_evidence *e, double *gradient)
{
    for (size_t j = 0; j < e->shape->d; j++)
        for (size_t i = 0; i < e->n && e->shape->warp[j] != HN_GP_ABSENT; i++) {
            double x = e->raw[j * e->n + i], by_a, by_b;
            if (isnan(x))
                continue;
            hn_gp_place_by_warp(&e->hyper, j, x, &by_a, &by_b);
            gradient[e->shape->warp[j]] += e->place_gradient[j * e->n + i] * by_a;
            gradient[e->shape->warp[j] + 1] += e->place_gradient[j * e->n + i] * by_b;
        }
}

double hn_gp_evidence_loss(void *context, const double *parameters, double *gradient)
{
    hn_gp_evidence *e = context;
    size_t n = e->n, count = e->shape->n_parameters;
    if (!hn_gp_evidence_at(e, parameters))
        return INFINITY;
    hn_lower_gram(e->inverse, n, n, e->precision);
    memset(gradient, 0, count * sizeof *gradient);
    memset(e->place_gradient, 0, n * e->shape->d * sizeof *gradient);
    pair_row row = {.evidence = e, .gradient = gradient, .weight = e->pairs};
    row.product = row.weight + n;
    row.slope = row.product + n;
    row.share = row.slope + n;
    for (row.i = 0; row.i < n; row.i++)
        add_row(&row);
    add_warp(e, gradient);
    double density = e->log_likelihood + hn_gp_log_prior(e->shape, parameters, gradient);
    for (size_t p = 0; p < count; p++)
        gradient[p] = -gradient[p];
    return -density;
}

hone_status hn_gp_evidence_make(hn_arena *arena, hn_gp_evidence *e, hone_error *err)
{
    size_t n = e->n, d = e->shape->d;
    double **squares[] = {&e->factor, &e->inverse, &e->precision};
    double **columns[] = {&e->columns, &e->points, &e->place_gradient};
    for (size_t i = 0; i < 3; i++) {
        *squares[i] = hn_arena_scratch(arena, n, n * sizeof(double));
        *columns[i] = hn_arena_scratch(arena, n, (i ? d : 3 * d) * sizeof(double));
        if (!*squares[i] || !*columns[i])
            return hn_out_of_memory(err);
    }
    e->solved = hn_arena_scratch(arena, n, sizeof(double));
    e->alpha = hn_arena_scratch(arena, n, sizeof(double));
    e->pairs = hn_arena_scratch(arena, n, 4 * sizeof(double));
    if (!e->solved || !e->alpha || !e->pairs)
        return hn_out_of_memory(err);
    hone_status status = hn_gp_hyper_make(arena, d, &e->hyper, err);
    return status ? status : hn_gp_row_make(arena, n, &e->row, err);
}
