/* sampler/cma.h: the normal distribution N(mean, sigma^2 C) of the covariance matrix adaptation evolution
 * strategy, and how it learns from a generation of points. Knows nothing of parameters or trials.
 *
 * Sources: Hansen, The CMA evolution strategy: a tutorial (2016, arXiv 1604.00772), equations 38 to 58; Ros &
 * Hansen 2008 for the diagonal variant; Hansen 2011 for points that the distribution did not draw; Nomura,
 * Akimoto & Ono 2023 for learning rates that follow the noise. One thread at a time. */
#ifndef HN_SAMPLER_CMA_H
#define HN_SAMPLER_CMA_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

/* What n and the number of points in a generation decide. */
typedef struct hn_cma_rule {
    size_t n, lambda, mu;
    bool diagonal;   /* only variances are learned: O(n) instead of O(n^2) a point */
    double *weights; /* (lambda,) of the best first; mu positive ones of sum 1, then none that is positive */
    double mu_eff;   /* variance-effective number of the positive ones */
    double c_sigma, d_sigma, c_c, c_1, c_mu;
    double chi;       /* E |N(0, I)| */
    double eigen_gap; /* generations from one decomposition to the next */
} hn_cma_rule;

/* n >= 1, lambda >= 2. active: poor points take variance away. */
hone_status hn_cma_rule_make(hn_arena *arena, size_t n, size_t lambda, bool diagonal, bool active,
                             hn_cma_rule *rule, hone_error *err);
/* 4 + floor(3 ln n). */
size_t hn_cma_default_lambda(size_t n);

/* Learning rates of mean and covariance that keep the signal-to-noise ratio of their steps. */
typedef struct hn_cma_rates {
    double mean_rate, covariance_rate; /* the factors eta on the steps */
    double *mean_step;       /* (n,) moving mean of the steps, in the distribution's own coordinates */
    double *covariance_step; /* (n, n) or (n,) */
    double mean_square, covariance_square; /* moving means of their squared lengths */
    double *old_mean, *old_c;              /* of the generation before */
    double old_sigma;
    double *work; /* (3 n^2 + n,) */
} hn_cma_rates;

typedef struct hn_cma {
    hn_cma_rule rule;
    double sigma;
    double *mean;              /* (n,) */
    double *c;                 /* (n, n), or (n,) when diagonal */
    double *axes;              /* (n, n) eigenvectors of c as rows; NULL when diagonal */
    double *lengths;           /* (n,) roots of the eigenvalues; of c when diagonal */
    double *p_sigma, *p_c;     /* (n,) evolution paths */
    size_t generation;         /* how many were learned from */
    double decomposed_at;      /* the generation of axes and lengths */
    hn_cma_rates *rates;       /* NULL: they stay 1 */
    double *white;             /* (lambda, n) scratch */
    double *used;              /* (lambda,) scratch: weights */
    double *step, *eigen_work; /* (n,), (2 n,) scratch */
    double *product;           /* (n, n) scratch; NULL when diagonal */
} hn_cma;

/* mean (n,) and variances (n,), the diagonal of the first C, are copied; covariance (n, n), when it is not
 * NULL, counts instead of the variances. Everything lives in the arena; the rule must, too. */
hone_status hn_cma_begin(hn_arena *arena, const hn_cma_rule *rule, const double *mean, double sigma,
                         const double *variances, const double *covariance, bool adapt_rates, hn_cma *cma,
                         hone_error *err);

/* y (n,) = C^(1/2) z, one draw for a standard normal z (n,), which is spoilt. O(n^2). */
void hn_cma_shape(const double *axes, const double *lengths, size_t n, double *z, double *y);

/* Shortens a step y (n,) that is longer than draws are: |C^(-1/2) y| <= sqrt(n) + 2 n / (n + 2). */
void hn_cma_clip(const hn_cma *cma, double *y);

/* Learns from steps y (lambda, n), y = (x - mean) / sigma, best first. Those from n_good on pull nowhere:
 * their positive weights count as 0. Nothing happens when n_good is 0. O(lambda n^2), and O(n^3) every
 * eigen_gap. */
void hn_cma_learn(hn_cma *cma, const double *y, size_t n_good);

/* The largest and smallest standard deviation of an axis, without sigma. */
void hn_cma_extremes(const hn_cma *cma, double *smallest, double *largest);
double hn_cma_variance(const hn_cma *cma, size_t i); /* C_ii */

/* cma_rates.c */
hone_status hn_cma_rates_make(hn_arena *arena, const hn_cma_rule *rule, hn_cma_rates **rates,
                              hone_error *err);
void hn_cma_rates_before(hn_cma *cma); /* remembers what hn_cma_rates_after compares with */
void hn_cma_rates_after(hn_cma *cma);  /* shortens the step made since, and decomposes C */
/* axes and lengths of C as it is now. */
void hn_cma_decompose(hn_cma *cma);

#endif
