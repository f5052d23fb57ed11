/* sampler/gp_options.c: the options of the sampler `gp`. */
#include <stddef.h>

#include "sampler/gp.h"

#define FIELD(member) offsetof(hn_gp_config, member)

static const char *const kernels[] = {"matern52", "matern32", "rbf", NULL};
static const char *const priors[] = {"optuna", "dimension", "vizier", NULL};
static const char *const transforms[] = {"none", "power", "rank", NULL};
static const char *const switches[] = {"auto", "on", "off", NULL};
static const char *const designs[] = {"sobol", "lhs", "random", NULL};
static const char *const acquisitions[] = {"log_ei",   "ei",    "pi",       "lcb", "ei_per_second",
                                           "thompson", "hedge", "ensemble", NULL};

const hn_option hn_gp_options_list[HN_GP_OPTION_COUNT] = {
    {"acquisition", HN_OPTION_CHOICE, "log_ei", 0, 0, acquisitions, FIELD(acquisition),
     "what makes a point worth a trial: expected improvement (by its logarithm, plain, or per second of a "
     "trial), probability of improvement, lower confidence bound, a draw from the posterior (thompson), a "
     "choice among three by their success (hedge) or among all that none of three beats (ensemble)"},
    {"xi", HN_OPTION_DOUBLE, "0", 0, 1e6, NULL, FIELD(xi),
     "least improvement that counts, for ei and pi, in standard deviations of the values"},
    {"kappa", HN_OPTION_DOUBLE, "1.96", 0, 1e6, NULL, FIELD(kappa),
     "how many standard deviations below its mean a point is thought to be, for lcb"},
    {"kernel", HN_OPTION_CHOICE, "matern52", 0, 0, kernels, FIELD(kernel),
     "how smooth the objective is thought to be"},
    {"linear", HN_OPTION_BOOL, "false", 0, 0, NULL, FIELD(linear), "adds a linear trend"},
    {"first_order", HN_OPTION_CHOICE, "auto", 0, 0, switches, FIELD(first_order),
     "adds effects of each parameter by itself; auto: with 3 to 20 parameters, up to 150 trials, and when all "
     "are choices"},
    {"ard", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(ard),
     "a length scale for each parameter, else one for all"},
    {"warp", HN_OPTION_BOOL, "false", 0, 0, NULL, FIELD(warp),
     "bends each continuous parameter's scale (Kumaraswamy) to fit"},
    {"transform", HN_OPTION_CHOICE, "power", 0, 0, transforms, FIELD(transform),
     "what is done to the values beside standardising: Box-Cox or Yeo-Johnson, or by rank"},
    {"prior", HN_OPTION_CHOICE, "optuna", 0, 0, priors, FIELD(prior),
     "what is believed of length scales and noise at first"},
    {"noise", HN_OPTION_DOUBLE, NULL, 0, 1e300, NULL, FIELD(noise),
     "variance of a value when the same point is tried again; unset: learned. Variances told with trials are "
     "added"},
    {"draws", HN_OPTION_INT, "6", 0, 64, NULL, FIELD(draws),
     "models drawn around the likeliest one, which are averaged over"},
    {"refit_every", HN_OPTION_INT, "0", 0, 1000, NULL, FIELD(refit_every),
     "trials between two searches for hyperparameters; 0: each up to 40, then rarer"},
    {"max_points", HN_OPTION_INT, "400", 10, 5000, NULL, FIELD(max_points),
     "most trials in a model: the best half, those nearest to the best, some at random"},
    {"initial", HN_OPTION_CHOICE, "sobol", 0, 0, designs, FIELD(initial),
     "the trials before the first model: quasi-random, Latin hypercube, random"},
    {"n_startup", HN_OPTION_INT, "4", 1, 1e6, NULL, FIELD(n_startup), "how many of them"},
    {"centre", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(centre),
     "the first is the middle of the space (of the priors where there are any, first choices)"},
    {"points", HN_OPTION_NODE, NULL, 0, 0, NULL, FIELD(points),
     "points to be tried before all others, as in [{lr: 0.1, depth: 3}]; what they leave out is drawn"},
    {"pending", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(pending),
     "running trials lower what is to be learnt around them, so that workers spread"},
    {"trust_region", HN_OPTION_CHOICE, "auto", 0, 0, switches, FIELD(trust_region),
     "looks around the best trial only, farther after successes; auto: with more than 20 parameters"},
    {"n_candidates", HN_OPTION_INT, "2048", 16, 1e6, NULL, FIELD(n_candidates),
     "quasi-random points that the search for the best one begins with"},
    {"n_starts", HN_OPTION_INT, "10", 1, 1000, NULL, FIELD(n_starts), "of which so many are improved"},
};
