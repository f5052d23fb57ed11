/* surrogate/gp_laplace.c: hyperparameters drawn from a normal distribution around the maximum of their
 * posterior, with the inverse Hessian as covariance (Laplace's approximation). */
#include <math.h>
#include <string.h>

#include "base/cancel.h"
#include "math/eigen.h"
#include "surrogate/gp_parts.h"

/* A direction that the data say nothing about is not wider than 2 in the logarithm, and no draw is further
 * out than three deviations: beyond, the normal is no approximation. */
static const double least_curvature = 0.25, furthest = 3;

/* The gradient (p,) of the loss at parameters with the likelihood counted `weight` times, and prior (p,)
 * scratch. False when the loss is not finite there. */
static bool weighted_gradient(hn_gp_evidence *e, double weight, const double *parameters, double *gradient,
                              double *prior)
{
    size_t p = e->shape->n_parameters;
    memset(prior, 0, p * sizeof *prior);
    hn_gp_log_prior(e->shape, parameters, prior);
    double loss = hn_gp_evidence_loss(e, parameters, gradient);
    for (size_t j = 0; j < p; j++)
        gradient[j] = weight * gradient[j] + (weight - 1) * prior[j];
    return isfinite(loss);
}

/* hessian (p, p) by forward differences of the gradient, symmetric. */
static hone_status fill_hessian(hn_gp_evidence *e, double weight, hn_arena *scratch, const double *maximum,
                                double *hessian, hone_error *err)
{
    const double step = 1e-3;
    size_t p = e->shape->n_parameters;
    double *at = hn_arena_scratch(scratch, p, sizeof *at);
    double *centre = hn_arena_scratch(scratch, p, sizeof *centre);
    double *prior = hn_arena_scratch(scratch, p, sizeof *prior);
    if (!at || !centre || !prior)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < p; i++)
        at[i] = maximum[i];
    weighted_gradient(e, weight, at, centre, prior);
    for (size_t i = 0; i < p; i++) {
        const volatile int *cancel = e->shape->options.cancel;
        if (hn_cancelled(cancel))
            return hn_fail(err, HONE_CANCELLED, "cancelled while hyperparameters were drawn");
        at[i] = maximum[i] + step;
        bool finite = weighted_gradient(e, weight, at, hessian + i * p, prior);
        for (size_t j = 0; j < p; j++)
            hessian[i * p + j] = finite ? (hessian[i * p + j] - centre[j]) / step : 0;
        at[i] = maximum[i];
    }
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < i; j++)
            hessian[i * p + j] = hessian[j * p + i] = (hessian[i * p + j] + hessian[j * p + i]) / 2;
    return HONE_OK;
}

hone_status hn_gp_laplace(hn_gp_evidence *e, double weight, hn_arena *scratch, const double *maximum,
                          double *draws, hone_error *err)
{
    size_t p = e->shape->n_parameters;
    hn_random random = e->shape->options.random;
    double *hessian = hn_arena_scratch(scratch, p, p * sizeof *hessian);
    double *vectors = hn_arena_scratch(scratch, p, p * sizeof *vectors);
    double *values = hn_arena_scratch(scratch, p, 3 * sizeof *values), *work = values + p;
    if (!hessian || !vectors || !values)
        return hn_out_of_memory(err);
    hone_status status = fill_hessian(e, weight, scratch, maximum, hessian, err);
    if (status)
        return status;
    if (!hn_symmetric_eigen(hessian, p, values, vectors, work)) {
        memset(values, 0, p * sizeof *values);
        memset(vectors, 0, p * p * sizeof *vectors);
    }
    for (size_t k = 0; k < e->shape->options.n_draws; k++) {
        double *draw = draws + k * p;
        for (size_t j = 0; j < p; j++)
            draw[j] = maximum[j];
        for (size_t i = 0; i < p; i++) {
            double z = fmin(fmax(hn_random_normal(&random), -furthest), furthest);
            double width = z / sqrt(fmax(values[i], least_curvature));
            for (size_t j = 0; j < p; j++)
                draw[j] += width * vectors[i * p + j];
        }
    }
    return HONE_OK;
}
