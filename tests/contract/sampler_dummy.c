#include "sampler_dummy.h"

#include <math.h>

/* Whole points, and not even settled: every parameter at the middle of its range, shifted by the trial
 * number. */
static hone_status whole_propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                                 hone_error *err)
{
    (void)state, (void)err;
    for (size_t k = 0; k < n; k++) {
        double shift = (double)(ask->number + (int64_t)k) / 1000;
        for (size_t i = 0; i < ask->space->count; i++) {
            points[k].values[i] =
                hn_distribution_decode(&ask->space->parameters[i].distribution, fmod(0.5 + shift, 1));
        }
    }
    *count = n;
    return HONE_OK;
}

const hn_sampler_type sampler_dummy_whole = {
    .name = "dummy_whole",
    .help = "whole points only",
    .capabilities = HN_SAMPLER_WHOLE,
    .propose = whole_propose,
};

/* One parameter at a time: lower in the range the more of the trial's parameters stand already. */
static hone_status single_propose(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                                  double *value, hone_error *err)
{
    (void)state, (void)err;
    size_t given = 0;
    for (size_t i = 0; i < ask->space->count; i++) {
        given += partial->active[i];
    }
    *value =
        hn_distribution_decode(&ask->space->parameters[parameter].distribution, 1.0 / (double)(given + 1));
    return HONE_OK;
}

const hn_sampler_type sampler_dummy_single = {
    .name = "dummy_single",
    .help = "one parameter at a time only",
    .capabilities = HN_SAMPLER_SINGLE,
    .propose_one = single_propose,
};

/* Batches and pending trials, after a random start: the first parameter as far as possible from the trials
 * seen, the pending ones and the others of the batch included. */
typedef struct spread_config {
    int64_t n_startup;
    double width;
} spread_config;

typedef struct spread_state {
    const spread_config *config;
    int proposals; /* a cache that nothing depends on */
} spread_state;

static hone_status spread_init(void *state, const void *config, hone_error *err)
{
    (void)err;
    ((spread_state *)state)->config = config;
    return HONE_OK;
}

static double nearest_distance(const hn_ask *ask, const hn_point *batch, size_t n_batch, double unit)
{
    const hn_parameter *first = &ask->space->parameters[0];
    size_t column = hn_history_find_column(ask->view.history, first->name);
    double nearest = 1;
    for (int64_t row = 0; row < ask->number && column != SIZE_MAX; row++) {
        if (hn_history_has(ask->view.history, row, column)) {
            double other =
                hn_distribution_encode(&first->distribution, hn_history_cell(ask->view.history, row, column));
            nearest = fmin(nearest, fabs(unit - other));
        }
    }
    for (size_t k = 0; k < n_batch; k++) {
        nearest =
            fmin(nearest, fabs(unit - hn_distribution_encode(&first->distribution, batch[k].values[0])));
    }
    return nearest;
}

static hone_status spread_propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                                  hone_error *err)
{
    (void)err;
    spread_state *s = state;
    s->proposals++;
    whole_propose(NULL, ask, n, points, count, err);
    for (size_t k = 0; k < n; k++) {
        double best = 0, distance = -1;
        for (double unit = s->config->width / 2; unit < 1; unit += s->config->width) {
            double d = nearest_distance(ask, points, k, unit);
            if (d > distance) {
                best = unit;
                distance = d;
            }
        }
        points[k].values[0] = hn_distribution_decode(&ask->space->parameters[0].distribution, best);
    }
    return HONE_OK;
}

static const hn_option spread_options[] = {
    {.name = "n_startup",
     .type = HN_OPTION_INT,
     .default_text = "3",
     .low = 0,
     .high = 100,
     .offset = offsetof(spread_config, n_startup),
     .help = "random trials first"},
    {.name = "width",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.01",
     .low = 0.001,
     .high = 1,
     .offset = offsetof(spread_config, width),
     .help = "of the cells tried"},
};

const hn_sampler_type sampler_dummy_spread = {
    .name = "dummy_spread",
    .help = "batches and pending trials",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_STARTUP,
    .options = {spread_options, 2, sizeof(spread_config)},
    .state_size = sizeof(spread_state),
    .init = spread_init,
    .propose = spread_propose,
};
