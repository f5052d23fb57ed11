/* sampler/cmaes.c: the covariance matrix adaptation evolution strategy (Hansen & Ostermeier 2001) over a
 * mixed space. What a generation is and what becomes of trials of other origin is said in cma_search.h. */
#include <math.h>

#include "sampler/cma_search.h"
#include "sampler/common.h"
#include "sampler/feed.h"

typedef struct cmaes_state {
    const hn_cma_config *config;
    hn_arena arena; /* of the space */
    hn_cma_space space;
    hn_cma_search search;
    hn_feed feed;
    hn_common common; /* define-by-run */
} cmaes_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    cmaes_state *s = state;
    s->config = config;
    const hn_node *x0 = s->config->x0;
    if (x0 != NULL && x0->kind != HN_MAP)
        return hn_fail_at(err, HONE_INVALID, x0->at,
                          "sampler cmaes: x0 is a mapping from parameters to values, as in {x0: {lr: 0.01}}");
    return HONE_OK;
}

static void release(void *state)
{
    cmaes_state *s = state;
    hn_cma_search_release(&s->search);
    hn_feed_release(&s->feed);
    hn_common_release(&s->common);
    hn_arena_release(&s->arena);
}

/* --- where to begin --- */

/* start gets the values of x0; those of parameters that the space does not have are an error when strict. */
static hone_status read_x0(const hn_node *x0, const hn_space *space, bool strict, hn_point *start,
                           hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t k = 0; x0 != NULL && k < x0->count && status == HONE_OK; k++) {
        const hn_map_entry *entry = &x0->as.entries[k];
        size_t i = hn_space_find(space, entry->key);
        if (i == SIZE_MAX && !strict)
            continue;
        status = hn_space_require(space, entry->key, &i, err);
        if (status == HONE_OK)
            status = hn_distribution_from_value(entry->key, &space->parameters[i].distribution,
                                                hn_value_from_node(entry->value), &start->values[i], err);
        if (status == HONE_OK)
            start->active[i] = true;
    }
    return status == HONE_OK ? HONE_OK : hn_fail_within(err, status, "sampler cmaes: x0");
}

static hone_status check(void *state, const hn_space *space, hone_error *err)
{
    const cmaes_state *s = state;
    hn_arena arena = HN_ARENA_INIT;
    hn_point start = hn_point_new(&arena, space->count);
    hone_status status =
        start.values == NULL ? hn_out_of_memory(err) : read_x0(s->config->x0, space, true, &start, err);
    hn_arena_release(&arena);
    return status;
}

/* --- following the history --- */

static hone_status begin(cmaes_state *s, const hn_space *space, const hn_earlier *earlier, uint64_t seed,
                         hone_error *err)
{
    hone_status status = HONE_OK;
    if (!hn_cma_space_is_of(&s->space, space)) {
        s->space = (hn_cma_space){0};
        hn_arena_reset(&s->arena);
        hn_point start = hn_point_new(&s->arena, space->count);
        status =
            start.values == NULL ? hn_out_of_memory(err) : read_x0(s->config->x0, space, false, &start, err);
        if (status == HONE_OK)
            status = hn_cma_space_make(&s->arena, space, &start, s->config->sigma0, &s->space, err);
    }
    return status == HONE_OK ? hn_cma_search_begin(&s->search, s->config, &s->space, earlier, seed, err)
                             : status;
}

/* Brings the search up to the view: what finished since is taken, or all of it again when the space changed
 * or something finished before what was taken. */
static hone_status follow(cmaes_state *s, const hn_space *space, const hn_earlier *earlier, const hn_ask *ask,
                          hone_error *err)
{
    hn_view view = ask->view;
    hone_status status = HONE_OK;
    int64_t number = 0;
    bool same = hn_cma_space_is_of(&s->space, space) && s->search.seed == ask->study_seed &&
                s->search.earlier == earlier;
    if (!same || !hn_feed_continues(&s->feed, view)) {
        hn_feed_restart(&s->feed, view);
        status = begin(s, space, earlier, ask->study_seed, err);
    }
    while (status == HONE_OK && number >= 0) {
        status = hn_feed_next(&s->feed, view, &number, err);
        if (status == HONE_OK && number >= 0)
            status = hn_cma_search_take(&s->search, view.history, number, err);
    }
    if (status != HONE_OK)
        s->space = (hn_cma_space){0}; /* half of a generation: begin again next time */
    return status;
}

/* --- proposing --- */

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    cmaes_state *s = state;
    hone_status status = follow(s, ask->space, ask->earlier, ask, err);
    for (size_t k = 0; k < n && status == HONE_OK; k++)
        hn_cma_search_draw(&s->search, ask->seed, ask->number + (int64_t)k, &points[k]);
    if (status == HONE_OK)
        *count = n;
    return status;
}

static hone_status propose_common(void *state, const hn_ask *whole, hn_point *point, hone_error *err)
{
    cmaes_state *s = state;
    hone_status status = follow(s, whole->space, NULL, whole, err);
    if (status == HONE_OK)
        hn_cma_search_draw(&s->search, whole->seed, whole->number, point);
    return status;
}

/* The parameters that all trials have are searched together; the others are drawn at random. */
static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    (void)partial;
    return hn_common_propose_one(&((cmaes_state *)state)->common, ask, parameter, propose_common, state,
                                 value, err);
}

#define FIELD(member) offsetof(hn_cma_config, member)

static const char *const covariances[] = {"auto", "full", "diagonal", NULL};
static const char *const restarts[] = {"none", "ipop", "bipop", NULL};
static const char *const bounds[] = {"resample", "repair", "penalty", NULL};

static const hn_option options[] = {
    {"x0", HN_OPTION_NODE, NULL, 0, 0, NULL, FIELD(x0),
     "where to begin, as in {lr: 0.01}; parameters left out: their prior's mean, or the middle"},
    {"sigma0", HN_OPTION_DOUBLE, "0.16666666666666666", 1e-6, 10, NULL, FIELD(sigma0),
     "first standard deviation, as a share of each range; a prior's width when that is smaller"},
    {"popsize", HN_OPTION_INT, NULL, 2, 1e6, NULL, FIELD(popsize),
     "trials in a generation; unset: 4 + 3 ln(parameters)"},
    {"covariance", HN_OPTION_CHOICE, "auto", 0, 0, covariances, FIELD(covariance),
     "full, or diagonal: the separable variant, for many parameters; auto: full up to 200 of them"},
    {"active", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(active),
     "learn from the poor half of a generation, too, where not to look"},
    {"restart", HN_OPTION_CHOICE, "ipop", 0, 0, restarts, FIELD(restart),
     "once converged begin anew: ipop with larger generations, bipop with small ones between"},
    {"restart_factor", HN_OPTION_INT, "2", 1, 100, NULL, FIELD(restart_factor),
     "how much larger the generations of a restart are"},
    {"bounds", HN_OPTION_CHOICE, "resample", 0, 0, bounds, FIELD(bounds),
     "a point outside is drawn again, moved to the bound (repair), or moved and counted as worse (penalty)"},
    {"max_resampling", HN_OPTION_INT, "100", 0, 1e6, NULL, FIELD(max_resampling),
     "how often it is drawn again before it is moved"},
    {"margin", HN_OPTION_DOUBLE, NULL, 0, 0.49, NULL, FIELD(margin),
     "least probability of another value of a discrete parameter; unset: 1 / (parameters popsize); 0: none"},
    {"lr_adapt", HN_OPTION_BOOL, "false", 0, 0, NULL, FIELD(lr_adapt),
     "learning rates that follow the noise: slower, for noisy or very rugged objectives"},
    {"n_startup", HN_OPTION_INT, "0", 0, 1e6, NULL, FIELD(n_startup),
     "trials drawn at random at the beginning"},
    {"warm_start", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(warm_start),
     "begin where the best tenth of the start-up is; without it the start-up is part of the generations"},
    {"tolx", HN_OPTION_DOUBLE, "1e-11", 0, 1, NULL, FIELD(tolx),
     "a run is over when its steps are shorter than this share of sigma0"},
    {"tolfun", HN_OPTION_DOUBLE, "1e-11", 0, 1e300, NULL, FIELD(tolfun),
     "a run is over when values differed no more than this for many generations"},
};

const hn_sampler_type hn_sampler_cmaes = {
    .name = "cmaes",
    .help = "CMA-ES: a normal distribution that learns scale and shape; for 100s of trials and more",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_STARTUP,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_cma_config)},
    .state_size = sizeof(cmaes_state),
    .init = init,
    .release = release,
    .check = check,
    .propose = propose,
    .propose_one = propose_one,
};
