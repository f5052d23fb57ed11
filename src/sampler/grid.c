/* Exhaustive search over lists of values. */
#include "sampler/grid_plan.h"

typedef struct grid_config {
    const hn_node *grids;
    bool shuffle;
} grid_config;

/* A map, or a list of at least one map. */
static bool is_grids(const hn_node *node)
{
    if (node->kind != HN_LIST) {
        return node->kind == HN_MAP;
    }
    bool maps = node->count > 0;
    for (size_t i = 0; maps && i < node->count; i++) {
        maps = node->as.items[i]->kind == HN_MAP;
    }
    return maps;
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    const grid_config *c = config;
    hn_grid_plan *plan = state;
    if (c->grids != NULL && !is_grids(c->grids)) {
        return hn_fail_at(
            err, HONE_INVALID, c->grids->at,
            "sampler grid: grids is a mapping from parameters to lists of values, or a list of such mappings");
    }
    plan->grids = c->grids;
    plan->shuffle = c->shuffle;
    return HONE_OK;
}

static void release(void *state)
{
    hn_grid_plan_release(state);
}

static hone_status check(void *state, const hn_space *space, hone_error *err)
{
    const hn_grid_plan *plan = state;
    hn_grid_plan trial = {.grids = plan->grids}; /* not the plan itself: this space may be gone soon */
    hone_status status = hn_grid_plan_make(&trial, space, 0, NULL, err);
    hn_grid_plan_release(&trial);
    return status == HONE_OK ? HONE_OK : hn_fail_within(err, status, "sampler grid");
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    hone_status status = hn_grid_plan_propose(state, ask, n, points, count, err);
    return status == HONE_OK ? HONE_OK : hn_fail_within(err, status, "sampler grid");
}

/* Without a declared space nothing says which values a trial will ask for, nor when all have been seen. */
static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    (void)state, (void)partial, (void)value;
    return hn_fail(
        err, HONE_UNSUPPORTED,
        "sampler grid: parameter %s is not declared: grid needs a space; brute_force enumerates without one",
        ask->space->parameters[parameter].name);
}

static const hn_option options[] = {
    {.name = "grids",
     .type = HN_OPTION_NODE,
     .offset = offsetof(grid_config, grids),
     .help =
         "lists of values by parameter, or a list of such mappings; a finite parameter left out takes every value"},
    {.name = "shuffle",
     .type = HN_OPTION_BOOL,
     .default_text = "true",
     .offset = offsetof(grid_config, shuffle),
     .help = "in random order, for early answers; false: names sorted, the last one changing fastest"},
};

const hn_sampler_type hn_sampler_grid = {
    .name = "grid",
    .help = "every combination of listed values once, then the study ends",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_CONDITIONAL | HN_SAMPLER_MULTI_OBJECTIVE |
                    HN_SAMPLER_EXHAUSTS | HN_SAMPLER_FINITE_ONLY,
    .options = {options, sizeof options / sizeof *options, sizeof(grid_config)},
    .state_size = sizeof(hn_grid_plan),
    .init = init,
    .release = release,
    .check = check,
    .propose = propose,
    .propose_one = propose_one,
};
