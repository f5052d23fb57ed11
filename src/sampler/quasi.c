/* Quasi-random search: point `trial number` of a low-discrepancy sequence, one dimension for each
 * parameter in the order of declaration, or, define-by-run, of first appearance. Choices get an interval
 * each. */
#include "math/sequence.h"
#include "sampler/draw.h"
#include "sampler/sampler.h"

typedef struct quasi_config {
    bool scramble;
} quasi_config;

typedef double (*sequence)(uint64_t index, unsigned dimension, bool scramble, uint64_t seed);

typedef struct quasi_state {
    bool scramble;
} quasi_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    (void)err;
    ((quasi_state *)state)->scramble = ((const quasi_config *)config)->scramble;
    return HONE_OK;
}

/* Parameters beyond the sequence's dimensions are drawn at random. */
static double value_at(const quasi_state *state, sequence coordinate, size_t n_dimensions, const hn_ask *ask,
                       const hn_parameter *parameter, size_t dimension, int64_t number)
{
    if (dimension >= n_dimensions) {
        return hn_draw_value(parameter, ask->seed, number, HN_PURPOSE_FALLBACK);
    }
    double unit = coordinate((uint64_t)number, (unsigned)dimension, state->scramble, ask->seed);
    return hn_distribution_decode(&parameter->distribution, hn_prior_warp(parameter, unit));
}

static hone_status propose(const quasi_state *state, sequence coordinate, size_t n_dimensions,
                           const hn_ask *ask, size_t n, hn_point *points, size_t *count)
{
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < ask->space->count; i++) {
            const hn_parameter *parameter = &ask->space->parameters[i];
            points[k].values[i] = value_at(state, coordinate, n_dimensions, ask, parameter,
                                           parameter->display, ask->number + (int64_t)k);
        }
    }
    *count = n;
    return HONE_OK;
}

/* The parameter's column in the history, or the one it will get: behind the trial's earlier parameters that
 * are new, too. */
static size_t column_of(const hn_ask *ask, size_t index, const hn_point *partial)
{
    const hn_history *history = ask->view.history;
    size_t column = hn_history_find_column(history, ask->space->parameters[index].name);
    if (column != SIZE_MAX) {
        return column;
    }
    column = hn_history_column_count(history);
    for (size_t i = 0; i < ask->space->count; i++) {
        bool earlier = i != index && partial->active[i];
        column += earlier && hn_history_find_column(history, ask->space->parameters[i].name) == SIZE_MAX;
    }
    return column;
}

static hone_status sobol_propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                                 hone_error *err)
{
    (void)err;
    return propose(state, hn_sobol, HN_SOBOL_MAX_DIMENSIONS, ask, n, points, count);
}

static hone_status sobol_propose_one(void *state, const hn_ask *ask, size_t parameter,
                                     const hn_point *partial, double *value, hone_error *err)
{
    (void)err;
    *value = value_at(state, hn_sobol, HN_SOBOL_MAX_DIMENSIONS, ask, &ask->space->parameters[parameter],
                      column_of(ask, parameter, partial), ask->number);
    return HONE_OK;
}

static hone_status halton_propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                                  hone_error *err)
{
    (void)err;
    return propose(state, hn_halton, HN_HALTON_MAX_DIMENSIONS, ask, n, points, count);
}

static hone_status halton_propose_one(void *state, const hn_ask *ask, size_t parameter,
                                      const hn_point *partial, double *value, hone_error *err)
{
    (void)err;
    *value = value_at(state, hn_halton, HN_HALTON_MAX_DIMENSIONS, ask, &ask->space->parameters[parameter],
                      column_of(ask, parameter, partial), ask->number);
    return HONE_OK;
}

static const hn_option options[] = {
    {.name = "scramble",
     .type = HN_OPTION_BOOL,
     .default_text = "true",
     .offset = offsetof(quasi_config, scramble),
     .help = "randomise the sequence by the seed; without it every seed gives the same points"},
};

enum { QUASI_CAPABILITIES = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_MULTI_OBJECTIVE };

const hn_sampler_type hn_sampler_sobol = {
    .name = "sobol",
    .help = "the Sobol sequence: fills the space more evenly than random points",
    .capabilities = QUASI_CAPABILITIES,
    .options = {options, 1, sizeof(quasi_config)},
    .state_size = sizeof(quasi_state),
    .init = init,
    .propose = sobol_propose,
    .propose_one = sobol_propose_one,
};

const hn_sampler_type hn_sampler_halton = {
    .name = "halton",
    .help = "the Halton sequence: as sobol, for any number of trials equally even",
    .capabilities = QUASI_CAPABILITIES,
    .options = {options, 1, sizeof(quasi_config)},
    .state_size = sizeof(quasi_state),
    .init = init,
    .propose = halton_propose,
    .propose_one = halton_propose_one,
};
