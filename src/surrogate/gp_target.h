/* surrogate/gp_target.h: what a Gaussian process is fitted to: the objective's values (smaller is better),
 * brought nearer to a normal distribution and standardised. Monotone: the order of values is kept. Immutable
 * once made; thread-safe. */
#ifndef HN_SURROGATE_GP_TARGET_H
#define HN_SURROGATE_GP_TARGET_H

#include "base/arena.h"
#include "base/error.h"

typedef enum hn_gp_transform {
    HN_GP_TRANSFORM_NONE,  /* standardise only */
    HN_GP_TRANSFORM_POWER, /* cut the bad tail at median + 3 IQR, then Box-Cox if all are positive, else
                              Yeo-Johnson (Cowen-Rivers et al. 2022, HEBO) */
    HN_GP_TRANSFORM_RANK,  /* half-normal scores of the ranks above the median, then a logarithm that spreads
                              the good end (Song et al. 2024, Vizier's default) */
    HN_GP_TRANSFORM_GIVEN, /* none: the targets are those of the model already */
} hn_gp_transform;

/* A map from raw targets to those of the model. */
typedef struct hn_gp_target hn_gp_target;

/* y (n,): finite raw targets, n > 0. When all are equal every value becomes its difference from them. O(n).
 */
hone_status hn_gp_target_make(hn_arena *arena, hn_gp_transform transform, const double *y, size_t n,
                              hn_gp_target **target, hone_error *err);
/* The model's target of a raw one, also of one not seen yet; finite. */
double hn_gp_target_of(const hn_gp_target *target, double y);
/* d hn_gp_target_of / dy, for variances of noise given in raw units: 0 where the tail is cut. */
double hn_gp_target_slope(const hn_gp_target *target, double y);
/* The raw target of a model's one: the inverse, and where there is none the nearest raw value that has one.
 */
double hn_gp_target_raw(const hn_gp_target *target, double z);
/* Moments in raw units of a value that is normal in the model's, by Gauss-Hermite quadrature. variance may be
 * NULL. */
void hn_gp_target_moments(const hn_gp_target *target, double mean, double variance, double *raw_mean,
                          double *raw_variance);

#endif
