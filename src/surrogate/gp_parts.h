/* surrogate/gp_parts.h: what the files of the Gaussian process share and nobody else needs. */
#ifndef HN_SURROGATE_GP_PARTS_H
#define HN_SURROGATE_GP_PARTS_H

#include "surrogate/gp.h"

/* --- shape: the axes and where their hyperparameters stand in the vector --- */

enum { HN_GP_ABSENT = -1 }; /* a place of a hyperparameter that the model does not have */

typedef struct hn_gp_shape {
    const hn_gp_axis *axes;
    size_t d, n_numbers, n_parameters;
    hn_gp_options options;
    /* places in the vector of hyperparameters, or HN_GP_ABSENT */
    int amplitude, noise, linear, first_order;
    int *relevance;     /* (d,) log w; all the same when shared */
    int *warp;          /* (d,) log of the first exponent; the second's follows */
    int *rho;           /* (d,) logit */
    double *rho_centre; /* (d,) of its prior, logit: axes lacked by the same points share one half */
} hn_gp_shape;

/* Hyperparameters as they stand in the kernel. */
typedef struct hn_gp_hyper {
    double amplitude, noise, linear, first_order;
    double *relevance, *rho, *warp_a, *warp_b; /* (d,) */
    double *rate; /* (d,) of the axis's own correlation by the distance; 0 where columns have no powers */
} hn_gp_hyper;

hone_status hn_gp_shape_make(hn_arena *arena, const hn_gp_axis *axes, size_t d, const hn_gp_options *options,
                             hn_gp_shape *shape, hone_error *err);
hone_status hn_gp_hyper_make(hn_arena *arena, size_t d, hn_gp_hyper *hyper, hone_error *err);
/* fixed_noise: the variance in the model's units when it is not learned. False when a value is out of
 * range. */
bool hn_gp_hyper_set(const hn_gp_shape *shape, const double *parameters, double fixed_noise,
                     hn_gp_hyper *hyper);
/* Where a search for the maximum begins. */
void hn_gp_default_parameters(const hn_gp_shape *shape, double *parameters);
/* Sets rho_centre from which parameters the points of columns (d, n) lack. */
void hn_gp_shape_see(hn_gp_shape *shape, const double *columns, size_t n);

/* log p(parameters) up to a constant; adds its gradient. */
double hn_gp_log_prior(const hn_gp_shape *shape, const double *parameters, double *gradient);
/* The least variance of learned noise. */
double hn_gp_least_noise(const hn_gp_shape *shape);

/* --- places: points as the kernel sees them --- */

/* The place of one value: rounded to the lattice, or warped. */
double hn_gp_place(const hn_gp_shape *shape, const hn_gp_hyper *hyper, size_t axis, double x);
/* Its derivatives: by x; by the logarithms of the two exponents. */
double hn_gp_place_slope(const hn_gp_hyper *hyper, size_t axis, double x);
void hn_gp_place_by_warp(const hn_gp_hyper *hyper, size_t axis, double x, double *by_a, double *by_b);

/* --- rows of the kernel: one point against n others --- */

/* Scratch, (n,) each. */
typedef struct hn_gp_row {
    double *main, *slope; /* the product kernel and its derivative by r^2, without the amplitude */
    double *factor;       /* one axis's factor, and its derivatives by log w, place and logit of rho: */
    double *by_relevance, *by_place, *by_rho;
    double *work;
} hn_gp_row;

hone_status hn_gp_row_make(hn_arena *arena, size_t n, hn_gp_row *row, hone_error *err);

/* Columns (3 d, stride) are the places (d, stride) and, behind them, for axes with a rate, the powers
 * exp(rate (place - 1/2)) and exp(-rate (place - 1/2)). This fills in those of points begin to end; a rate
 * that gives powers too large to be of use becomes 0. */
void hn_gp_set_powers(const hn_gp_shape *shape, hn_gp_hyper *hyper, double *columns, size_t stride,
                      size_t begin, size_t end);
double hn_gp_rate(const hn_gp_shape *shape, const hn_gp_hyper *hyper, size_t axis);

/* x (d,): places; columns (3 d, stride). Fills row->main and row->slope for the first n. */
void hn_gp_main_row(const hn_gp_shape *shape, const hn_gp_hyper *hyper, const double *x,
                    const double *columns, size_t stride, size_t n, hn_gp_row *row);
/* One axis's factor (of an axis that no point lacks: its own kernel) and its derivatives. */
void hn_gp_factor_row(const hn_gp_shape *shape, const hn_gp_hyper *hyper, size_t axis, double x,
                      const double *column, size_t stride, size_t n, hn_gp_row *row);
/* The whole covariance, without noise; out (n,). */
void hn_gp_covariance_row(const hn_gp_shape *shape, const hn_gp_hyper *hyper, const double *x,
                          const double *columns, size_t stride, size_t n, hn_gp_row *row, double *out);
/* That of a point with itself. */
double hn_gp_variance(const hn_gp_shape *shape, const hn_gp_hyper *hyper, const double *x);
/* The share of the linear kernel of one axis, 0 where it has none. */
double hn_gp_centred(const hn_gp_shape *shape, size_t axis, double x);

/* --- evidence: the posterior of the hyperparameters --- */

typedef struct hn_gp_evidence {
    const hn_gp_shape *shape;
    size_t n;
    const double *raw;         /* (d, n) points by columns, not warped */
    const double *y;           /* (n,) of the model */
    const double *known_noise; /* (n,) in the model's units, or NULL */
    double fixed_noise;
    double *columns;        /* (3 d, n) places and powers under the hyperparameters looked at */
    double *points;         /* (n, d) the places by rows */
    double *factor;         /* (n, n) L in the lower triangle */
    double *inverse;        /* (n, n) L^-1, 0 above the diagonal */
    double *precision;      /* (n, n) K^-1 */
    double *solved;         /* (n,) L^-1 y */
    double *alpha;          /* (n,) K^-1 y */
    double *place_gradient; /* (d, n) of the log likelihood */
    double *pairs;          /* (4, n) scratch */
    double jitter;          /* added to the diagonal so that it could be factored */
    double log_likelihood;
    hn_gp_hyper hyper;
    hn_gp_row row;
} hn_gp_evidence;

/* The arrays of an evidence whose shape and data are set. */
hone_status hn_gp_evidence_make(hn_arena *arena, hn_gp_evidence *evidence, hone_error *err);
/* Sets everything but precision and place_gradient. False when the hyperparameters are out of range. O(n^3).
 */
bool hn_gp_evidence_at(hn_gp_evidence *evidence, const double *parameters);
/* Less the log posterior density at parameters, and its gradient (n_parameters,): hn_lbfgs_problem's value.
 */
double hn_gp_evidence_loss(void *evidence, const double *parameters, double *gradient);

/* draws (n_draws, n_parameters) around the maximum. The likelihood counts `weight` times, which is how often
 * the observations of the evidence are in those that are meant: its curvature grows with their number. */
hone_status hn_gp_laplace(hn_gp_evidence *evidence, double weight, hn_arena *scratch, const double *maximum,
                          double *draws, hone_error *err);

/* --- models --- */

typedef struct hn_gp_model {
    double *parameters;
    hn_gp_hyper hyper;
    double jitter, log_likelihood;
    double *columns;        /* (3 d, capacity) places and powers */
    double *panels;         /* L^-1, for hn_times_panels */
    double *solved, *alpha; /* (capacity,) of the told ones */
} hn_gp_model;

struct hn_gp {
    hn_arena *arena;
    hn_gp_shape shape;
    hn_gp_target *target;
    size_t n_told, n, capacity; /* n: with the pending ones */
    double *y;                  /* (capacity,) */
    double *known_noise;        /* (capacity,) in the model's units; 0 = none */
    size_t n_models;
    hn_gp_model *models;
    hn_gp_row row;  /* (capacity,) each */
    double *block;  /* (HN_GP_BLOCK, capacity) covariances of a block of points */
    double *solved; /* (HN_GP_BLOCK, capacity) L^-1 times them */
    double *place;  /* (d,) */
};

enum { HN_GP_BLOCK = 64 };

/* Makes room for n observations, more than there is. */
hone_status hn_gp_reserve(hn_gp *gp, size_t n, hone_error *err);

#endif
