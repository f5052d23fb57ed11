/* sampler/gp.h: what the files of the sampler `gp` share: its options, in the order of its table. */
#ifndef HN_SAMPLER_GP_H
#define HN_SAMPLER_GP_H

#include "sampler/sampler.h"

typedef enum hn_gp_acquisition {
    HN_GP_LOG_EI,
    HN_GP_EI,
    HN_GP_PI,
    HN_GP_LCB,
    HN_GP_EI_PER_SECOND,
    HN_GP_THOMPSON,
    HN_GP_HEDGE,
    HN_GP_ENSEMBLE,
} hn_gp_acquisition;

typedef enum hn_gp_initial { HN_GP_SOBOL, HN_GP_LHS, HN_GP_RANDOM } hn_gp_initial;

typedef enum hn_gp_switch { HN_GP_AUTO, HN_GP_ON, HN_GP_OFF } hn_gp_switch;

typedef struct hn_gp_config {
    /* the model */
    int kernel, first_order, prior, transform;
    bool linear, ard, warp;
    double noise;
    int64_t draws, max_points, refit_every;
    /* the criterion */
    int acquisition;
    double xi, kappa;
    bool pending;
    /* where it begins */
    int initial;
    bool centre;
    int64_t n_startup;
    const hn_node *points;
    /* where it looks */
    int64_t n_candidates, n_starts;
    int trust_region;
} hn_gp_config;

enum { HN_GP_OPTION_COUNT = 22 };

extern const hn_option hn_gp_options_list[HN_GP_OPTION_COUNT];

#endif
