/* Some parameters held at given values while another sampler varies the rest. */
#include <string.h>

#include "sampler/sampler.h"

typedef struct fixed_config {
    const hn_node *values;  /* a map name -> value */
    const hn_node *sampler; /* a spec; NULL = auto */
} fixed_config;

typedef struct fixed_state {
    const fixed_config *config;
    hn_sampler *inner;
} fixed_state;

static hone_status init(void *state, const void *config, hone_error *err)
{
    fixed_state *s = state;
    s->config = config;
    const hn_node *values = s->config->values;
    if (values == NULL || values->kind != HN_MAP || values->count == 0) {
        return hn_fail(
            err, HONE_INVALID,
            "sampler fixed: values is a mapping from parameters to the values they are held at, as in "
            "{fixed: {values: {lr: 0.1}, sampler: random}}");
    }
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec = {.name = "auto"};
    hone_status status = HONE_OK;
    if (s->config->sampler != NULL) {
        status = hn_spec_from_node(&arena, s->config->sampler, "sampler", &spec, err);
    }
    if (status == HONE_OK) {
        status = hn_sampler_create(&spec, &s->inner, err);
    }
    hn_arena_release(&arena);
    return status == HONE_OK ? HONE_OK : hn_fail_within(err, status, "sampler fixed");
}

static void release(void *state)
{
    hn_sampler_destroy(((fixed_state *)state)->inner);
}

/* The raw value of an entry for its parameter. */
static hone_status read_value(const hn_map_entry *entry, const hn_distribution *distribution, double *raw,
                              hone_error *err)
{
    if (entry->value->kind == HN_LIST || entry->value->kind == HN_MAP) {
        return hn_fail_at(err, HONE_INVALID, entry->value->at, "sampler fixed: %s needs one value",
                          entry->key);
    }
    hone_status status =
        hn_distribution_from_value(entry->key, distribution, hn_value_from_node(entry->value), raw, err);
    return status == HONE_OK ? HONE_OK : hn_fail_within(err, status, "sampler fixed");
}

/* The given values as a point with active flags; those fixed for this ask take precedence. */
static hone_status gather(const fixed_state *s, const hn_space *space, const hn_point *asked, hn_point *point,
                          hone_error *err)
{
    for (size_t k = 0; k < s->config->values->count; k++) {
        const hn_map_entry *entry = &s->config->values->as.entries[k];
        size_t i;
        hone_status status = hn_space_require(space, entry->key, &i, err);
        if (status != HONE_OK) {
            return hn_fail_within(err, status, "sampler fixed");
        }
        status = read_value(entry, &space->parameters[i].distribution, &point->values[i], err);
        if (status != HONE_OK) {
            return status;
        }
        point->active[i] = true;
    }
    for (size_t i = 0; asked != NULL && i < space->count; i++) {
        if (asked->active[i]) {
            point->values[i] = asked->values[i];
            point->active[i] = true;
        }
    }
    return HONE_OK;
}

/* The inner sampler must be able to serve what is left: held numbers are constants, so that a grid may hold a
 * continuous one. */
static hone_status check(void *state, const hn_space *space, hone_error *err)
{
    const fixed_state *s = state;
    hn_arena arena = HN_ARENA_INIT;
    hn_point point = hn_point_new(&arena, space->count);
    hn_parameter *parameters = HN_ARENA_NEW(&arena, hn_parameter, space->count);
    hone_status status = HONE_OK;
    if (point.values == NULL || parameters == NULL) {
        status = hn_out_of_memory(err);
        goto done;
    }
    status = gather(s, space, NULL, &point, err);
    if (status != HONE_OK) {
        goto done;
    }
    memcpy(parameters, space->parameters, space->count * sizeof *parameters);
    for (size_t i = 0; i < space->count; i++) {
        hn_distribution *distribution = &parameters[i].distribution;
        if (point.active[i] && distribution->kind != HN_CATEGORICAL) {
            distribution->low = distribution->high = point.values[i];
        }
    }
    hn_space rest = *space;
    rest.parameters = parameters;
    status = hn_sampler_check(s->inner, &rest, err);
done:
    hn_arena_release(&arena);
    return status;
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    const fixed_state *s = state;
    hn_point fixed = hn_point_new(ask->scratch, ask->space->count);
    hone_status status =
        fixed.values == NULL ? hn_out_of_memory(err) : gather(s, ask->space, ask->fixed, &fixed, err);
    if (status != HONE_OK) {
        return status;
    }
    hn_ask inner = *ask;
    inner.fixed = &fixed;
    return hn_sampler_propose(s->inner, &inner, NULL, n, points, count, err);
}

static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    const fixed_state *s = state;
    const hn_parameter *p = &ask->space->parameters[parameter];
    const hn_node *values = s->config->values;
    for (size_t k = 0; k < values->count; k++) {
        if (strcmp(values->as.entries[k].key, p->name) == 0) {
            return read_value(&values->as.entries[k], &p->distribution, value, err);
        }
    }
    return hn_sampler_propose_one(s->inner, ask, parameter, partial, value, err);
}

static const hn_option options[] = {
    {.name = "values",
     .type = HN_OPTION_NODE,
     .offset = offsetof(fixed_config, values),
     .help = "the values held, by parameter"},
    {.name = "sampler",
     .type = HN_OPTION_NODE,
     .offset = offsetof(fixed_config, sampler),
     .help = "the sampler, with its options, that proposes the other parameters; auto when not given"},
};

const hn_sampler_type hn_sampler_fixed = {
    .name = "fixed",
    .help = "holds some parameters at given values while another sampler varies the rest",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_CONDITIONAL |
                    HN_SAMPLER_MULTI_OBJECTIVE | HN_SAMPLER_EXHAUSTS,
    .options = {options, sizeof options / sizeof *options, sizeof(fixed_config)},
    .state_size = sizeof(fixed_state),
    .init = init,
    .release = release,
    .check = check,
    .propose = propose,
    .propose_one = propose_one,
};
