/* surrogate/gp.h: exact Gaussian process regression on a mixed, conditional space: one kernel for
 * continuous, lattice (integer, step, ordinal) and categorical parameters, hyperparameters by maximum a
 * posteriori with analytic gradients, and a few more models drawn around that maximum (Laplace), so that an
 * acquisition can be averaged over what is not known of them.
 *
 *   k(x, x') = a m(r) exp(-sum_c w_c [x_c != x'_c]) prod_j f_j  (+ a1 / d sum_j f_j) (+ a2 linear),
 *   r^2 = sum_j w_j (x_j - x'_j)^2, m = Matern 5/2, 3/2 or squared exponential.
 *
 * A parameter that a point may lack is not in r or the sum: it has the factor f = 1 when both points lack it,
 * rho when one does, rho^2 + (1 - rho^2) k_j(x_j, x'_j) when neither does. Positive definite: the covariance
 * of rho B + sqrt(1 - rho^2) G(x_j) for points that have it and B for those that do not, with B and G
 * independent of variance 1.
 *
 * Points are rows of d doubles: the place on the unit interval (hn_distribution_encode) of numbers and
 * ordinals, the index of a choice, NaN for a parameter the point lacks. Targets are minimised; those of the
 * model (standardised and transformed, gp_target.h) are what all means and variances are in, but where "raw"
 * is said. Everything lives in the arena given to the fit. One thread at a time for each hn_gp, which
 * owns the scratch memory of its predictions.
 *
 * Sources: Rasmussen & Williams 2006 (2.25, 2.26, 5.8, 5.9); Snoek et al. 2014 (input warping); the README
 * for priors and constants. */
#ifndef HN_SURROGATE_GP_H
#define HN_SURROGATE_GP_H

#include "base/arena.h"
#include "math/random.h"
#include "space/space.h"
#include "surrogate/gp_target.h"

/* --- what is modelled --- */

typedef enum hn_gp_axis_kind { HN_GP_CONTINUOUS, HN_GP_LATTICE, HN_GP_CATEGORICAL } hn_gp_axis_kind;

/* One parameter. */
typedef struct hn_gp_axis {
    hn_gp_axis_kind kind;
    bool conditional; /* a point may lack it: its value is then NaN */
    /* Lattice: places are rounded to those of its values, inside the kernel. Borrowed as long as the hn_gp.
     */
    const hn_distribution *distribution;
} hn_gp_axis;

hn_gp_axis hn_gp_axis_of(const hn_parameter *parameter);

typedef enum hn_gp_kernel { HN_GP_MATERN52, HN_GP_MATERN32, HN_GP_RBF } hn_gp_kernel;

/* What is believed of the hyperparameters before any trial; the constants are in gp_prior.c. */
typedef enum hn_gp_prior {
    HN_GP_PRIOR_OPTUNA,    /* w kept off 0 and infinity, amplitude Gamma(2, 1), noise Gamma(1.1, 30) */
    HN_GP_PRIOR_DIMENSION, /* length scales grow with sqrt(d), amplitude 1 (Hvarfner et al. 2024, BoTorch) */
    HN_GP_PRIOR_VIZIER,    /* wide log-normals (Song et al. 2024) */
} hn_gp_prior;

typedef struct hn_gp_options {
    hn_gp_kernel kernel;
    bool linear;      /* adds a linear kernel over the numbers, with an amplitude of its own */
    bool first_order; /* adds the mean of the parameters' own kernels, with an amplitude of its own */
    bool shared;      /* one relevance w for all parameters instead of one for each */
    bool warp;        /* continuous parameters through the distribution function of a Kumaraswamy law */
    hn_gp_prior prior;
    hn_gp_transform transform;
    bool noise_fixed;      /* the variance of the noise is `noise` instead of learned */
    double noise;          /* raw units; counts only when noise_fixed */
    size_t n_draws;        /* models beside the one at the maximum; 0 = none */
    hn_random random;      /* where the draws come from */
    size_t max_iterations; /* of the search for the maximum */
    double tolerance;      /* it stops when an iteration gains less than this in log posterior per trial */
    bool second_start;     /* with a warm start: searches from the default values too, and keeps the better */
    const volatile int *cancel; /* polled; may be NULL */
} hn_gp_options;

#define HN_GP_OPTIONS_INIT                                                                                   \
    {                                                                                                        \
        .kernel = HN_GP_MATERN52, .prior = HN_GP_PRIOR_OPTUNA, .transform = HN_GP_TRANSFORM_POWER,           \
        .max_iterations = 100, .tolerance = 1e-5                                                             \
    }

/* --- fitting --- */

typedef struct hn_gp hn_gp;

/* What has been observed. All borrowed for the call. */
typedef struct hn_gp_data {
    const double *x;     /* (n, d) */
    const double *y;     /* (n,) raw targets, finite, or already those of the model when targets_ready */
    const double *noise; /* (n,) known variances of the targets in raw units, or NULL; learned or fixed noise
                            is added to them */
    size_t n;            /* >= 1 */
} hn_gp_data;

/* How many hyperparameters a model of these axes has: they are logarithms, and rho a logit. */
size_t hn_gp_parameter_count(const hn_gp_axis *axes, size_t d, const hn_gp_options *options);

/* start: (parameter_count,) hyperparameters to begin with, such as hn_gp_parameters of an earlier fit with
 * the same axes and options, or NULL. axes: (d,), copied. A covariance that is not positive definite to
 * rounding gets as much noise as it needs. HONE_CANCELLED, HONE_OUT_OF_MEMORY, HONE_INVALID (no trial, a
 * target that is not finite). O(n^3 + n^2 d) for each of some 20 evaluations, and as many as there are
 * hyperparameters when draws are asked for; 3 n^2 doubles of memory meanwhile, n^2 / 2 for each model. */
hone_status hn_gp_fit(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                      const hn_gp_data *data, const double *start, hn_gp **gp, hone_error *err);
/* As hn_gp_fit with the hyperparameters given instead of sought, such as those of a fit to a part of the
 * trials: parameters (n_models, parameter_count), n_models >= 1. O(n^3 + n^2 d) for each model. */
hone_status hn_gp_condition(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                            const hn_gp_data *data, const double *parameters, size_t n_models, hn_gp **gp,
                            hone_error *err);

/* 1 + n_draws; model 0 is the one at the maximum. All weigh the same. */
size_t hn_gp_models(const hn_gp *gp);
/* (parameter_count,) of a model; borrowed as long as the hn_gp. */
const double *hn_gp_parameters(const hn_gp *gp, size_t model);
/* log p(y | X, parameters), of the model's targets. */
double hn_gp_log_likelihood(const hn_gp *gp, size_t model);
/* Variance of learned or fixed noise of a model. */
double hn_gp_noise(const hn_gp *gp, size_t model);
/* sqrt(w_j): one over the length scale of a parameter, for preconditioning and trust regions. */
double hn_gp_relevance(const hn_gp *gp, size_t model, size_t axis);
const hn_gp_target *hn_gp_target_map(const hn_gp *gp);
/* Observations in the model (told ones, not pending ones), and their targets in the model's units (n,). */
size_t hn_gp_count(const hn_gp *gp);
const double *hn_gp_targets(const hn_gp *gp);

/* --- predicting: x (m, d), of the function itself, without noise --- */

/* mean (m,), variance (m,) > 0; variance may be NULL, which is much faster. O(m n d + m n^2). */
void hn_gp_predict(hn_gp *gp, size_t model, const double *x, size_t m, double *mean, double *variance);
/* As above with derivatives (m, d) by the place of each continuous parameter that the point has; 0 for all
 * others. At about three times the cost. */
void hn_gp_predict_gradient(hn_gp *gp, size_t model, const double *x, size_t m, double *mean,
                            double *variance, double *mean_gradient, double *variance_gradient);
/* A function drawn from the posterior at m points at once: draw (m,). HONE_OUT_OF_MEMORY.
 * O(m n^2 + m^2 n + m^3). */
hone_status hn_gp_draw(hn_gp *gp, size_t model, hn_arena *scratch, const double *x, size_t m,
                       hn_random *random, double *draw, hone_error *err);
/* The covariance (m, m) of the posterior at m points, and its mean (m,). O(m n^2 + m^2 n). */
hone_status hn_gp_joint(hn_gp *gp, size_t model, hn_arena *scratch, const double *x, size_t m, double *mean,
                        double *covariance, hone_error *err);

/* --- more observations, with the same hyperparameters and targets' map; O(n^2) each and model --- */

/* A told trial: raw target, known variance of it (raw units, 0 = none known). There must be no pending ones.
 */
hone_status hn_gp_extend(hn_gp *gp, const double *x, double y, double noise, hone_error *err);
/* A trial that still runs: it lowers the variance around it and leaves the mean as it is. */
hone_status hn_gp_add_pending(hn_gp *gp, const double *x, hone_error *err);
/* Forgets all pending ones and the told ones but the first n of them. */
void hn_gp_truncate(hn_gp *gp, size_t n);

#endif
