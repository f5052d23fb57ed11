/* surrogate/gp_predict.c: the posterior at many points, in blocks: covariances with the observations, then
 * one product with L^-1. */
#include <math.h>
#include <string.h>

#include "math/linalg.h"
#include "math/wide.h"
#include "surrogate/gp_parts.h"

/* Variances are differences: below this share of the prior's there is only rounding. */
static const double least_share = 1e-12;

static void set_place(hn_gp *gp, const hn_gp_model *model, const double *x)
{
    for (size_t j = 0; j < gp->shape.d; j++)
        gp->place[j] = hn_gp_place(&gp->shape, &model->hyper, j, x[j]);
}

static double variance_of(const hn_gp *gp, const hn_gp_model *model, const double *solved)
{
    double prior = hn_gp_variance(&gp->shape, &model->hyper, gp->place);
    return fmax(prior - hn_dot(solved, solved, gp->n), least_share * prior);
}

void hn_gp_predict(hn_gp *gp, size_t which, const double *x, size_t m, double *mean, double *variance)
{
    hn_gp_model *model = gp->models + which;
    size_t n = gp->n, c = gp->capacity, d = gp->shape.d;
    for (size_t begin = 0; begin < m; begin += HN_GP_BLOCK) {
        size_t rows = m - begin < HN_GP_BLOCK ? m - begin : HN_GP_BLOCK;
        for (size_t i = 0; i < rows; i++) {
            double *k = gp->block + i * c;
            set_place(gp, model, x + (begin + i) * d);
            hn_gp_covariance_row(&gp->shape, &model->hyper, gp->place, model->columns, c, n, &gp->row, k);
            mean[begin + i] = hn_dot(k, model->alpha, gp->n_told);
        }
        if (variance == NULL)
            continue;
        hn_times_panels(gp->block, rows, c, model->panels, n, gp->solved);
        for (size_t i = 0; i < rows; i++) {
            set_place(gp, model, x + (begin + i) * d);
            variance[begin + i] = variance_of(gp, model, gp->solved + i * c);
        }
    }
}

/* --- derivatives --- */

/* Half the derivatives of a row's correlations by the place of a number in r, but for the weight. */
WIDE static void gp_slopes(double x, const double *column, const double *slope, size_t n,
                           double *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (x - column[i]) * slope[i];
}

WIDE static void gp_rescale(double amplitude, double first_order, const double *main, const double *factor,
                            size_t n, double *restrict by_place)
{
    for (size_t i = 0; i < n; i++)
        by_place[i] *= (main ? amplitude * main[i] / factor[i] : 0) + first_order;
}

/* The derivatives of a row of covariances by the place of axis j, into row->by_place; row->main and slope are
 * those of the row. */
static void derive_row(hn_gp *gp, const hn_gp_model *model, size_t j)
{
    const hn_gp_shape *shape = &gp->shape;
    const hn_gp_hyper *hyper = &model->hyper;
    hn_gp_row *row = &gp->row;
    const double *column = model->columns + j * gp->capacity;
    size_t n = gp->n;
    bool conditional = shape->axes[j].conditional;
    if (conditional || shape->first_order != HN_GP_ABSENT) {
        hn_gp_factor_row(shape, hyper, j, gp->place[j], column, gp->capacity, n, row);
        gp_rescale(hyper->amplitude, hyper->first_order / (double)shape->d, conditional ? row->main : NULL,
                   row->factor, n, row->by_place);
    } else {
        memset(row->by_place, 0, n * sizeof *row->by_place);
    }
    if (!conditional) {
        gp_slopes(gp->place[j], column, row->slope, n, row->work);
        hn_add_scaled(2 * hyper->relevance[j] * hyper->amplitude, row->work, n, row->by_place);
    }
    double share = hyper->linear / (double)shape->n_numbers;
    for (size_t i = 0; i < n && shape->linear != HN_GP_ABSENT; i++)
        row->by_place[i] += share * hn_gp_centred(shape, j, column[i]);
}

/* x (d,): one point, at gp->place; weights (n,) K^-1 k. */
static void derive_point(hn_gp *gp, const hn_gp_model *model, const double *x, const double *weights,
                         double *mean_gradient, double *variance_gradient)
{
    const hn_gp_shape *shape = &gp->shape;
    hn_gp_main_row(shape, &model->hyper, gp->place, model->columns, gp->capacity, gp->n, &gp->row);
    for (size_t j = 0; j < shape->d; j++) {
        mean_gradient[j] = variance_gradient[j] = 0;
        if (shape->axes[j].kind != HN_GP_CONTINUOUS || isnan(x[j]))
            continue;
        derive_row(gp, model, j);
        double slope = hn_gp_place_slope(&model->hyper, j, x[j]), prior = 0;
        if (shape->linear != HN_GP_ABSENT)
            prior =
                2 * model->hyper.linear / (double)shape->n_numbers * hn_gp_centred(shape, j, gp->place[j]);
        mean_gradient[j] = slope * hn_dot(gp->row.by_place, model->alpha, gp->n_told);
        variance_gradient[j] = slope * (prior - 2 * hn_dot(gp->row.by_place, weights, gp->n));
    }
}

void hn_gp_predict_gradient(hn_gp *gp, size_t which, const double *x, size_t m, double *mean,
                            double *variance, double *mean_gradient, double *variance_gradient)
{
    hn_gp_model *model = gp->models + which;
    size_t n = gp->n, c = gp->capacity, d = gp->shape.d;
    for (size_t begin = 0; begin < m; begin += HN_GP_BLOCK) {
        size_t rows = m - begin < HN_GP_BLOCK ? m - begin : HN_GP_BLOCK;
        hn_gp_predict(gp, which, x + begin * d, rows, mean + begin, variance + begin);
        hn_panels_times(model->panels, n, gp->solved, rows, c, gp->block);
        for (size_t i = 0; i < rows; i++) {
            const double *point = x + (begin + i) * d;
            for (size_t k = 0; k < n; k++)
                gp->solved[k] = gp->block[k * rows + i];
            set_place(gp, model, point);
            derive_point(gp, model, point, gp->solved, mean_gradient + (begin + i) * d,
                         variance_gradient + (begin + i) * d);
        }
    }
}
