/* sampler/gp_criterion.h: what a trial at a place is worth to a search, from all its models: an acquisition
 * averaged over the models of the objective, times the probability that the trial is feasible, less what its
 * time costs, times the user's prior (Hvarfner et al. 2022, piBO). */
#ifndef HN_SAMPLER_GP_CRITERION_H
#define HN_SAMPLER_GP_CRITERION_H

#include "sampler/gp_study.h"
#include "surrogate/acquisition.h"

enum { HN_GP_BATCH = 64 };

typedef struct hn_gp_criterion {
    hn_gp_study *study;
    hn_acquisition acquisition;
    bool per_second;
    double prior_power;
    size_t n_models;                           /* of the objective, averaged over: the first ones */
    double *mean, *variance;                   /* (n_models, BATCH) */
    double *mean_gradient, *variance_gradient; /* (n_models, BATCH, d) */
    double *factor, *factor_gradient; /* (BATCH,), (BATCH, d): logarithm of what multiplies the acquisition */
    hn_utility *terms;                /* (n_models,) */
    double *means, *variances;        /* (n_models,) of one place */
} hn_gp_criterion;

/* By the study's configuration and what it knows; kind says which acquisition. Memory from the arena. */
hone_status hn_gp_criterion_make(hn_arena *arena, hn_gp_study *study, hn_acquisition_kind kind,
                                 hn_gp_criterion *criterion, hone_error *err);
/* value (m,) at rows (m, d). As many products as there are models: O(m n^2) each. */
void hn_gp_criterion_at(hn_gp_criterion *criterion, const double *rows, size_t m, double *value);
/* The same with gradient (m, d) by the coordinates of continuous parameters, 0 for all others. */
void hn_gp_criterion_gradient(hn_gp_criterion *criterion, const double *rows, size_t m, double *value,
                              double *gradient);

#endif
