#include "sampler/gp_design.h"

#include <math.h>

#include "math/sequence.h"
#include "sampler/draw.h"
#include "sampler/earlier.h"

enum { EARLIER_FIRST = 5 }; /* points of earlier studies tried; how many was measured with TPE (README.md) */

size_t hn_gp_design_given(const hn_gp_config *config)
{
    return config->points ? config->points->count : 0;
}

/* Value of entry k of a given point; *index its parameter. */
static hone_status read_entry(const hn_node *map, size_t k, const hn_space *space, size_t *index,
                              double *value, hone_error *err)
{
    const hn_map_entry *entry = &map->as.entries[k];
    hone_status status = hn_space_require(space, entry->key, index, err);
    if (status)
        return status;
    return hn_distribution_from_value(entry->key, &space->parameters[*index].distribution,
                                      hn_value_from_node(entry->value), value, err);
}

hone_status hn_gp_design_check(const hn_gp_config *config, const hn_space *space, hone_error *err)
{
    if (config->points && config->points->kind != HN_LIST)
        return hn_fail_at(err, HONE_INVALID, config->points->at,
                          "sampler gp: points is a list of points, as in [{lr: 0.1, depth: 3}]");
    for (size_t i = 0; i < hn_gp_design_given(config); i++) {
        const hn_node *map = config->points->as.items[i];
        if (map->kind != HN_MAP)
            return hn_fail_at(err, HONE_INVALID, map->at,
                              "sampler gp: point %zu is not a mapping from parameters to values", i + 1);
        for (size_t k = 0; k < map->count; k++) {
            size_t index;
            double value;
            hone_status status = read_entry(map, k, space, &index, &value, err);
            if (status)
                return status;
        }
    }
    return HONE_OK;
}

/* Good points of earlier studies are worth a trial each before a model is made. */
bool hn_gp_design_lasts(const hn_gp_config *config, const hn_ask *ask)
{
    int64_t wanted = config->n_startup;
    if (ask->earlier && wanted < EARLIER_FIRST)
        wanted = EARLIER_FIRST;
    return ask->number < (int64_t)hn_gp_design_given(config) || hn_ask_known_count(ask) < (size_t)wanted;
}

/* --- points that fill the space --- */

/* One of n strata of a parameter for each of n trials (McKay, Beckman & Conover 1979), anew after n. */
static double stratified(const hn_parameter *parameter, uint64_t seed, int64_t index, int64_t n)
{
    hn_random order = hn_draw_stream(seed, parameter->name, index / n, HN_PURPOSE_SHUFFLE);
    hn_random within = hn_draw_stream(seed, parameter->name, index, HN_PURPOSE_STARTUP);
    /* The place of index in a permutation: a Fisher-Yates shuffle of which one path is followed. */
    int64_t at = index % n;
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t other = (int64_t)hn_random_below(&order, (uint64_t)i + 1);
        at = at == i ? other : at == other ? i : at;
    }
    return ((double)at + hn_random_uniform(&within)) / (double)n;
}

static double unit_of(const hn_gp_config *config, const hn_ask *ask, const hn_parameter *parameter,
                      int64_t index)
{
    int64_t n = config->n_startup > 1 ? config->n_startup : 1;
    hn_random random = hn_draw_stream(ask->seed, parameter->name, index, HN_PURPOSE_STARTUP);
    switch ((hn_gp_initial)config->initial) {
    case HN_GP_LHS: return stratified(parameter, ask->seed, index, n);
    case HN_GP_SOBOL:
        if (parameter->display < HN_SOBOL_MAX_DIMENSIONS)
            return hn_sobol((uint64_t)index, (unsigned)parameter->display, true, ask->seed);
        return hn_random_uniform(&random);
    default: return hn_random_uniform(&random);
    }
}

/* What a user would try first: the middle of what is believed, the first of the choices. */
static double central(const hn_parameter *parameter)
{
    const hn_distribution *distribution = &parameter->distribution;
    if (distribution->kind == HN_CATEGORICAL && !distribution->ordinal)
        return 0;
    return hn_distribution_decode(distribution, hn_prior_warp(parameter, 0.5));
}

/* How many trials come before the middle of the space. */
static int64_t n_before(const hn_gp_config *config, const hn_ask *ask, hn_point *known)
{
    size_t n = 0;
    while (ask->earlier && n < EARLIER_FIRST && hn_earlier_start(ask->earlier, ask->space, n, known))
        n++;
    return (int64_t)(hn_gp_design_given(config) + n);
}

/* index: behind those that are known; negative for what one of them leaves open. */
static double fill(const hn_gp_config *config, const hn_ask *ask, const hn_parameter *parameter,
                   int64_t index, int64_t number)
{
    if (config->centre && index == 0)
        return central(parameter);
    if (index < 0)
        return hn_draw_value(parameter, ask->seed, number, HN_PURPOSE_STARTUP);
    double unit = unit_of(config, ask, parameter, index - config->centre);
    return hn_distribution_decode(&parameter->distribution, hn_prior_warp(parameter, unit));
}

double hn_gp_design_value(const hn_gp_config *config, const hn_ask *ask, const hn_parameter *parameter,
                          int64_t number)
{
    return fill(config, ask, parameter, number, number);
}

/* What is known of trial `number` beforehand, as active values; the ask's own go first. */
static hone_status read_known(const hn_gp_config *config, const hn_ask *ask, int64_t number, hn_point *known,
                              hone_error *err)
{
    const hn_space *space = ask->space;
    int64_t given = (int64_t)hn_gp_design_given(config);
    bool earlier = ask->earlier && number >= given && number < given + EARLIER_FIRST &&
                   hn_earlier_start(ask->earlier, space, (size_t)(number - given), known);
    for (size_t i = 0; !earlier && i < space->count; i++)
        known->active[i] = false;
    const hn_node *map = number < given ? config->points->as.items[number] : NULL;
    for (size_t k = 0; map && k < map->count; k++) {
        size_t index;
        double value;
        hone_status status = read_entry(map, k, space, &index, &value, err);
        if (status)
            return status;
        known->values[index] = value;
        known->active[index] = true;
    }
    for (size_t i = 0; ask->fixed && i < space->count; i++)
        if (ask->fixed->active[i]) {
            known->values[i] = ask->fixed->values[i];
            known->active[i] = true;
        }
    return HONE_OK;
}

hone_status hn_gp_design_point(const hn_gp_config *config, const hn_ask *ask, int64_t number, hn_point *point,
                               hone_error *err)
{
    const hn_space *space = ask->space;
    hn_point known = hn_point_new(ask->scratch, space->count);
    if (!known.values)
        return hn_out_of_memory(err);
    int64_t index = number - n_before(config, ask, &known);
    hone_status status = read_known(config, ask, number, &known, err);
    for (size_t i = 0; i < space->count && !status; i++) {
        point->active[i] = hn_space_is_active(space, i, point);
        point->values[i] = !point->active[i] ? 0
                           : known.active[i] ? known.values[i]
                                             : fill(config, ask, &space->parameters[i], index, number);
    }
    return status;
}
