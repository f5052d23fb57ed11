/* surrogate/gp_prior.c: what is believed of hyperparameters before any trial. Densities and penalties are
 * those of the sources in the values themselves (no Jacobian of the logarithm), so that the maximum is
 * theirs; a constant factor is left out.
 *
 * Sources: Optuna 5's GPSampler; Hvarfner et al. 2024, arXiv 2402.02229 (BoTorch's defaults); Song et al.
 * 2024, arXiv 2408.11527 (Vizier's, whose centres are for targets within [-1/2, 1/2]: variances are brought
 * to unit variance by the uniform distribution's 1/12). */
#include <math.h>

#include "surrogate/gp_parts.h"

/* A normal density of log(value) with this centre and width, times value^-1 when `density` (in the value). */
static double log_normal(double logarithm, double centre, double width, bool density, double *gradient)
{
    double z = (logarithm - centre) / width;
    *gradient -= z / width + density;
    return -0.5 * z * z - density * logarithm;
}

/* Gamma(shape, rate), of exp(logarithm) + least. */
static double gamma_law(double logarithm, double least, double shape, double rate, double *gradient)
{
    double value = exp(logarithm), x = value + least;
    *gradient += ((shape - 1) / x - rate) * value;
    return (shape - 1) * log(x) - rate * x;
}

/* Per parameter of the space: `logarithm` is log w = -2 log(length scale). */
static double relevance_prior(const hn_gp_shape *shape, double logarithm, double *gradient)
{
    double part = 0, value = exp(logarithm);
    switch (shape->options.prior) {
    case HN_GP_PRIOR_OPTUNA: *gradient += 0.1 / value - 0.1 * value; return -(0.1 / value + 0.1 * value);
    case HN_GP_PRIOR_DIMENSION: {
        double centre = sqrt(2) + 0.5 * log((double)shape->d);
        double density = log_normal(-logarithm / 2, centre, sqrt(3), true, &part);
        *gradient -= part / 2;
        return density;
    }
    case HN_GP_PRIOR_VIZIER: {
        double density = log_normal(-logarithm, log(0.5), sqrt(50), false, &part);
        *gradient -= part;
        return density;
    }
    }
    return 0;
}

static double noise_prior(const hn_gp_shape *shape, double logarithm, double *gradient)
{
    switch (shape->options.prior) {
    case HN_GP_PRIOR_OPTUNA: return gamma_law(logarithm, hn_gp_least_noise(shape), 1.1, 30, gradient);
    case HN_GP_PRIOR_DIMENSION: return log_normal(logarithm, -4, 1, true, gradient);
    case HN_GP_PRIOR_VIZIER: return log_normal(logarithm, log(12 * 0.0039), sqrt(50), false, gradient);
    }
    return 0;
}

static double amplitude_prior(const hn_gp_shape *shape, double logarithm, double *gradient)
{
    return shape->options.prior == HN_GP_PRIOR_VIZIER
               ? log_normal(logarithm, log(12 * 0.039), sqrt(50), false, gradient)
               : gamma_law(logarithm, 0, 2, 1, gradient);
}

/* Exponents near 1 (Snoek et al. 2014 as in BoTorch); rho such that the branches of a condition are half
 * alike; further amplitudes small unless the data speak. */
static const double warp_width = 0.75, rho_width = 1, part_centre = -2, part_width = 1.5;

double hn_gp_least_noise(const hn_gp_shape *shape)
{
    return shape->options.prior == HN_GP_PRIOR_DIMENSION ? 1e-4 : 1e-6;
}

double hn_gp_log_prior(const hn_gp_shape *shape, const double *p, double *g)
{
    double density = 0;
    size_t n_relevances = shape->options.shared ? 1 : shape->d;
    for (size_t j = 0; j < n_relevances; j++)
        density += relevance_prior(shape, p[j], g + j);
    if (shape->amplitude != HN_GP_ABSENT)
        density += amplitude_prior(shape, p[shape->amplitude], g + shape->amplitude);
    if (shape->noise != HN_GP_ABSENT)
        density += noise_prior(shape, p[shape->noise], g + shape->noise);
    const int parts[] = {shape->linear, shape->first_order};
    for (size_t k = 0; k < 2; k++)
        if (parts[k] != HN_GP_ABSENT)
            density += log_normal(p[parts[k]], part_centre, part_width, false, g + parts[k]);
    for (size_t j = 0; j < shape->d; j++) {
        int w = shape->warp[j], r = shape->rho[j];
        for (int k = 0; k < 2 && w != HN_GP_ABSENT; k++)
            density += log_normal(p[w + k], 0, warp_width, false, g + w + k);
        if (r != HN_GP_ABSENT)
            density += log_normal(p[r], shape->rho_centre[j], rho_width, false, g + r);
    }
    return density;
}

void hn_gp_default_parameters(const hn_gp_shape *shape, double *p)
{
    for (size_t i = 0; i < shape->n_parameters; i++)
        p[i] = 0;
    double d = (double)shape->d;
    /* The prior's mode, or two random points at a distance of about 1, where the likelihood is not flat. */
    double relevance =
        shape->options.prior == HN_GP_PRIOR_DIMENSION ? 2 * (3 - sqrt(2)) - log(d) : -log(fmax(1, d / 6));
    for (size_t j = 0; j < shape->d; j++) {
        p[shape->relevance[j]] = relevance;
        if (shape->rho[j] != HN_GP_ABSENT)
            p[shape->rho[j]] = shape->rho_centre[j];
    }
    if (shape->noise != HN_GP_ABSENT)
        p[shape->noise] = -5;
    if (shape->linear != HN_GP_ABSENT)
        p[shape->linear] = part_centre;
    if (shape->first_order != HN_GP_ABSENT)
        p[shape->first_order] = part_centre;
}
