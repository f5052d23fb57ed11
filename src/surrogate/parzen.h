/* surrogate/parzen.h: the Parzen estimator: a mixture of products of one-dimensional kernels, one product per
 * observed point and one for the prior. Truncated normals on the unit interval for continuous parameters,
 * their mass over the value's cell for integers, steps and ordinals, a smoothed indicator for categories. A
 * parameter that a point lacks (inactive) has the prior's kernel there, so that one mixture describes a
 * conditional space.
 *
 * Sources: Bergstra et al. 2011 (the estimator); Watanabe 2023, arXiv 2304.11127 (its variants); Optuna 5
 * (the bandwidths: compared with it in tests/oracle/). Immutable once fitted; read by any number of threads.
 */
#ifndef HN_SURROGATE_PARZEN_H
#define HN_SURROGATE_PARZEN_H

#include "base/arena.h"
#include "math/random.h"
#include "space/space.h"

/* One parameter of the mixture. */
typedef struct hn_parzen_axis {
    const hn_distribution *distribution;
    double prior_mean, prior_sigma; /* of the prior's kernel, on the unit interval */
} hn_parzen_axis;

typedef struct hn_parzen_rule {
    double prior_weight;  /* of the prior's kernel, where an observation of full weight has 1 */
    double floor_kernels; /* the smallest bandwidth is range / min(floor_kernels, kernels + 1), */
    double floor_cells;   /* and, of steps, integers and ordinals, this many cells of range / values */
    double smoothing;     /* of a choice in a kernel: smoothing prior_weight / kernels, its own 1 more */
} hn_parzen_rule;

typedef struct hn_parzen {
    size_t n_axes, n_kernels;         /* the last kernel is the prior's */
    size_t stride;                    /* n_kernels rounded up to a multiple of 8: the length of a row below */
    struct hn_parzen_column *columns; /* (n_axes,) */
    double *log_weight;               /* (stride,) log w_k */
    double *log_scale;                /* (stride,) log w_k less the log normalisers of all axes */
    double *cumulative;               /* (n_kernels,) running sum of the weights; the last is 1 */
    double spread;                    /* 1; a value is drawn with a bandwidth so many times the kernel's */
} hn_parzen;

/* The axis of a parameter: prior kernel at the middle with the range as its width, or as the user
 * believes. */
hn_parzen_axis hn_parzen_axis_of(const hn_parameter *parameter);

/* values: (n_axes, n) raw values, one row per axis, NaN where the point lacks the parameter; values outside
 * the bounds count as the bound. weights: (n,) >= 0. Without points the prior is all there is, whatever its
 * weight. Everything lives in the arena. O(n_axes n). */
hone_status hn_parzen_fit(hn_arena *arena, const hn_parzen_rule *rule, const hn_parzen_axis *axes,
                          size_t n_axes, const double *values, const double *weights, size_t n,
                          hn_parzen **result, hone_error *err);

/* From now on kernels are drawn as they are distributed given the values that a point (n_axes,) has: each
 * weight times the kernel's density there. NaN = not known. Densities stay those of the whole mixture.
 * O(n_axes n_kernels). */
hone_status hn_parzen_condition(hn_parzen *parzen, hn_arena *scratch, const double *point, hone_error *err);
/* A kernel drawn by its weight. */
size_t hn_parzen_draw_kernel(const hn_parzen *parzen, hn_random *random);
/* A raw value of one axis drawn from a kernel. */
double hn_parzen_draw_value(const hn_parzen *parzen, size_t kernel, size_t axis, hn_random *random);

/* log of the mixture at m points, raw values (m, n_axes) row-major, NaN = the point lacks the parameter (a
 * factor of 1). Densities with respect to the unit interval for continuous parameters, probabilities for the
 * others. -inf is possible only without a prior. O(m n_axes n_kernels), one exp per point and kernel. */
hone_status hn_parzen_log_density(const hn_parzen *parzen, hn_arena *scratch, const double *points, size_t m,
                                  double *log_density, hone_error *err);

#endif
