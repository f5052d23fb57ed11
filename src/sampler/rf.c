/* sampler/rf.c: sequential model-based optimisation with a random forest (Hutter, Hoos & Leyton-Brown 2011;
 * the recipe is that of SMAC3, Lindauer et al. 2022): the forest is fitted to the logarithm of the scaled
 * losses, the point of the largest expected improvement is proposed. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "math/hash.h"
#include "sampler/companions.h"
#include "sampler/draw.h"
#include "sampler/rf_search.h"

typedef enum rf_transform { TRANSFORM_LOG, TRANSFORM_NONE } rf_transform;

static const char *const acquisitions[] = {"ei", "pi", "lcb", NULL};
static const hn_acquisition_kind kinds[] = {HN_ACQUISITION_LOG_EI, HN_ACQUISITION_LOG_PI, HN_ACQUISITION_LCB};

typedef struct rf_config {
    int64_t n_startup, n_trees, min_split, min_leaf, max_depth, n_candidates, n_starts, max_steps, max_trials;
    double features, random_share, xi, kappa;
    int acquisition, transform; /* of acquisitions, of transforms */
    bool bootstrap, pending;
} rf_config;

typedef struct rf_state {
    const rf_config *config;
    hn_seen seen; /* of finite spaces */
} rf_state;

/* --- the model --- */

static hone_status fit(const rf_config *config, const hn_ask *ask, const hn_rf_data *data, size_t n,
                       size_t width, uint64_t seed, hn_ensemble *ensemble, hone_error *err)
{
    const hn_ensemble_plan plan = {.n_trees = (size_t)config->n_trees,
                                   .min_split = (size_t)config->min_split,
                                   .min_leaf = (size_t)config->min_leaf,
                                   .max_depth = config->max_depth > 0 ? (size_t)config->max_depth : SIZE_MAX,
                                   .feature_share = config->features,
                                   .bootstrap = config->bootstrap,
                                   .seed = seed,
                                   .cancel = ask->cancel};
    hn_ensemble_release(ensemble);
    return hn_ensemble_fit(data->x, data->y, n, width, &plan, ensemble, err);
}

/* Gives rows from .. data->n + data->n_pending - 1 the targets that the model expects (Ginsbourger et al.
 * 2010: the kriging believer), and fits it to them, too. */
static hone_status believe(const rf_config *config, const hn_ask *ask, const hn_rf_data *data, size_t width,
                           uint64_t seed, hn_ensemble *ensemble, hone_error *err)
{
    size_t m = data->n_pending;
    uint32_t *at = hn_arena_scratch(ask->scratch, m, sizeof *at);
    double *variance = hn_arena_scratch(ask->scratch, m, sizeof *variance);
    if (at == NULL || variance == NULL)
        return hn_out_of_memory(err);
    hn_ensemble_predict(ensemble, data->x + data->n * width, m, at, data->y + data->n, variance);
    return fit(config, ask, data, data->n + m, width, seed, ensemble, err);
}

/* Scales the targets; returns the lowest one. */
static double prepare_targets(const rf_config *config, hn_rf_data *data, double *scratch)
{
    double lowest = INFINITY;
    if (config->transform == TRANSFORM_LOG)
        hn_rf_log_scale(data->y, data->n, scratch);
    for (size_t r = 0; r < data->n; r++)
        lowest = fmin(lowest, data->y[r]);
    return lowest;
}

/* --- proposing --- */

typedef struct proposal {
    rf_state *state;
    const hn_ask *ask; /* for this one point */
    hn_rf_encoding encoding;
    const hn_point *earlier; /* points of the same ask: as good as running */
    size_t n_earlier;
    hn_seen *seen; /* NULL: points may repeat */
} proposal;

static hone_status propose_by_model(const proposal *p, hn_random *random, hn_point *point, bool *found,
                                    hone_error *err)
{
    const rf_config *config = p->state->config;
    size_t width = p->encoding.width;
    uint64_t seed = hn_hash64(p->ask->seed, (uint64_t)p->ask->number);
    hn_ensemble ensemble = {0};
    hn_rf_data data;
    hone_status status = hn_rf_collect(p->ask, &p->encoding, (size_t)config->max_trials, config->pending,
                                       p->n_earlier, &data, err);
    if (status != HONE_OK || data.n == 0)
        return status;
    for (size_t k = 0; k < p->n_earlier && config->pending; k++)
        hn_rf_encode(&p->encoding, &p->earlier[k], data.x + (data.n + data.n_pending++) * width);
    double *scratch = hn_arena_scratch(p->ask->scratch, data.n, sizeof *scratch);
    if (scratch == NULL)
        return hn_out_of_memory(err);
    double lowest = prepare_targets(config, &data, scratch);
    status = fit(config, p->ask, &data, data.n, width, seed, &ensemble, err);
    if (status == HONE_OK && data.n_pending > 0)
        status = believe(config, p->ask, &data, width, seed, &ensemble, err);
    const hn_rf_search search = {.ask = p->ask,
                                 .encoding = &p->encoding,
                                 .ensemble = &ensemble,
                                 .acquisition = {kinds[config->acquisition], config->xi, config->kappa},
                                 .best = lowest,
                                 .n_candidates = (size_t)config->n_candidates,
                                 .n_starts = (size_t)config->n_starts,
                                 .max_steps = (size_t)config->max_steps,
                                 .seen = p->seen,
                                 .earlier = p->earlier,
                                 .n_earlier = p->n_earlier};
    if (status == HONE_OK)
        status = hn_rf_maximise(&search, random, point, found, err);
    hn_ensemble_release(&ensemble);
    return status;
}

static hone_status propose_point(const proposal *p, hn_point *point, hone_error *err)
{
    const hn_ask *ask = p->ask;
    hn_random random = hn_random_stream(ask->seed, (uint64_t)ask->number, HN_PURPOSE_PROPOSE);
    bool at_random = hn_random_uniform(&random) < p->state->config->random_share, found = false;
    hone_status status = HONE_OK;
    if (!at_random && p->encoding.width > 0)
        status = propose_by_model(p, &random, point, &found, err);
    if (status == HONE_OK && !found)
        hn_draw_point(ask->space, ask->fixed, ask->seed, ask->number, HN_PURPOSE_FALLBACK, point);
    return status;
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    rf_state *s = state;
    proposal p = {.state = s, .earlier = points};
    hone_status status = hn_rf_encoding_make(ask->scratch, ask->space, &p.encoding, err);
    if (status == HONE_OK && isfinite(hn_space_count(ask->space))) {
        status = hn_seen_update(&s->seen, ask->space, ask->view.history, err);
        p.seen = &s->seen;
    }
    for (size_t k = 0; k < n && status == HONE_OK; k++) {
        hn_ask one = *ask;
        one.number += (int64_t)k;
        p.ask = &one;
        p.n_earlier = k;
        status = propose_point(&p, &points[k], err);
    }
    if (status == HONE_OK)
        *count = n;
    return status;
}

/* --- define-by-run --- */

/* A whole point is proposed that agrees with what the trial has, and one value of it is kept. */
static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    hn_space *space = NULL;
    hone_status status =
        hn_companion_space(ask, &ask->space->parameters[parameter], false, partial, NULL, 0, &space, err);
    if (status != HONE_OK)
        return status;
    hn_ask whole = *ask;
    hn_point point = hn_point_new(ask->scratch, space->count),
             fixed = hn_point_new(ask->scratch, space->count);
    if (point.values == NULL || fixed.values == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < ask->space->count; i++)
        if (i != parameter && partial->active[i]) {
            size_t at = hn_space_find(space, ask->space->parameters[i].name);
            fixed.active[at] = true;
            fixed.values[at] = partial->values[i];
        }
    whole.space = space;
    whole.fixed = &fixed;
    proposal p = {.state = state, .ask = &whole};
    status = hn_rf_encoding_make(ask->scratch, space, &p.encoding, err);
    if (status == HONE_OK)
        status = propose_point(&p, &point, err);
    if (status == HONE_OK)
        *value = point.values[hn_space_find(space, ask->space->parameters[parameter].name)];
    return status;
}

/* --- the sampler --- */

static hone_status init(void *state, const void *config, hone_error *err)
{
    (void)err;
    ((rf_state *)state)->config = config;
    return HONE_OK;
}

static void release(void *state)
{
    hn_seen_release(&((rf_state *)state)->seen);
}

#define FIELD(member) offsetof(rf_config, member)

static const char *const transforms[] = {"log", "none", NULL};

static const hn_option options[] = {
    {"n_startup", HN_OPTION_INT, "10", 1, 1e6, NULL, FIELD(n_startup),
     "trials drawn at random before the first forest"},
    {"n_trees", HN_OPTION_INT, "10", 1, 1e4, NULL, FIELD(n_trees), "trees of the forest"},
    {"features", HN_OPTION_DOUBLE, "0.5", 0.001, 1, NULL, FIELD(features),
     "share of the columns looked at for each cut"},
    {"min_split", HN_OPTION_INT, "2", 2, 1e6, NULL, FIELD(min_split), "smaller nodes are not cut"},
    {"min_leaf", HN_OPTION_INT, "1", 1, 1e6, NULL, FIELD(min_leaf), "trials that each side of a cut keeps"},
    {"max_depth", HN_OPTION_INT, "0", 0, 1e6, NULL, FIELD(max_depth),
     "cuts above one another; 0: any number"},
    {"bootstrap", HN_OPTION_BOOL, "false", 0, 0, NULL, FIELD(bootstrap),
     "grow each tree on trials drawn with replacement"},
    {"transform", HN_OPTION_CHOICE, "log", 0, 0, transforms, FIELD(transform),
     "of the values before the fit: the logarithm of the scaled ones, or none"},
    {"acquisition", HN_OPTION_CHOICE, "ei", 0, 0, acquisitions, FIELD(acquisition),
     "expected improvement, its probability, or the lower confidence bound"},
    {"xi", HN_OPTION_DOUBLE, "0", 0, 1e6, NULL, FIELD(xi),
     "improvement that counts for ei and pi, in units of the transformed value"},
    {"kappa", HN_OPTION_DOUBLE, "2", 0, 1e6, NULL, FIELD(kappa),
     "standard deviations that lcb takes off the mean"},
    {"random_share", HN_OPTION_DOUBLE, "0", 0, 1, NULL, FIELD(random_share),
     "share of the trials drawn at random instead of from the forest"},
    {"n_candidates", HN_OPTION_INT, "1000", 1, 1e6, NULL, FIELD(n_candidates),
     "random points looked at; a finite space of no more points is looked at whole"},
    {"n_starts", HN_OPTION_INT, "10", 0, 1e4, NULL, FIELD(n_starts),
     "local searches from the best trials, and as many from the best random points"},
    {"max_steps", HN_OPTION_INT, "20", 1, 1e4, NULL, FIELD(max_steps), "of a local search"},
    {"max_trials", HN_OPTION_INT, "1000", 10, 1e6, NULL, FIELD(max_trials),
     "most trials the forest learns from: the best half and the newest others"},
    {"pending", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(pending),
     "take running trials for what the forest expects of them, so that workers spread"},
};

const hn_sampler_type hn_sampler_rf = {
    .name = "rf",
    .help = "random forest: proposes what it expects to improve most, as SMAC does",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_CONDITIONAL | HN_SAMPLER_STARTUP,
    .options = {options, sizeof options / sizeof *options, sizeof(rf_config)},
    .state_size = sizeof(rf_state),
    .init = init,
    .release = release,
    .propose = propose,
    .propose_one = propose_one,
};
