/* A sampler in use: what all algorithms share, written once (see sampler.h). */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "sampler/draw.h"
#include "sampler/earlier.h"
#include "sampler/refusal.h"
#include "sampler/sampler.h"

struct hn_sampler {
    const hn_sampler_type *type;
    hn_arena arena; /* config and a copy of its options */
    void *config, *state;
    int64_t n_startup; /* of samplers with HN_SAMPLER_STARTUP, else 0 */
    bool initialised, allow_repeats;
    hn_seen seen;
};

/* --- life --- */

static hone_status configure(hn_sampler *sampler, const hn_node *options, hone_error *err)
{
    const hn_sampler_type *type = sampler->type;
    hn_node *copy = options == NULL ? NULL : hn_node_copy(&sampler->arena, options);
    const char *what = hn_arena_printf(&sampler->arena, "sampler %s", type->name);
    sampler->config = hn_arena_alloc(&sampler->arena, 1, type->options.config_size);
    sampler->state = hn_arena_alloc(&sampler->arena, 1, type->state_size);
    if ((options != NULL && copy == NULL) || what == NULL || sampler->config == NULL ||
        sampler->state == NULL) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_options_apply(&sampler->arena, &type->options, what, copy, sampler->config, err);
    if (status != HONE_OK) {
        return status;
    }
    if (type->capabilities & HN_SAMPLER_STARTUP) {
        const hn_option *option = hn_option_find(&type->options, "n_startup");
        if (option == NULL || option->type != HN_OPTION_INT) {
            return hn_fail(err, HONE_INTERNAL, "sampler %s has no integer option n_startup", type->name);
        }
        memcpy(&sampler->n_startup, (const char *)sampler->config + option->offset,
               sizeof sampler->n_startup);
    }
    status = type->init == NULL ? HONE_OK : type->init(sampler->state, sampler->config, err);
    sampler->initialised = status == HONE_OK;
    return status;
}

hone_status hn_sampler_create_from(const hn_sampler_type *type, const hn_node *options, hn_sampler **sampler,
                                   hone_error *err)
{
    hn_sampler *made = hn_calloc(1, sizeof *made);
    if (made == NULL) {
        return hn_out_of_memory(err);
    }
    made->type = type;
    hone_status status = configure(made, options, err);
    if (status != HONE_OK) {
        hn_sampler_destroy(made);
        return status;
    }
    *sampler = made;
    return HONE_OK;
}

static hone_status unknown_sampler(const hn_spec *spec, hone_error *err)
{
    enum { MAX_NAMES = 64 };
    if (strcmp(spec->name, "dehb") == 0) {
        return hn_fail_at(err, HONE_INVALID, spec->at,
                          "there is no sampler 'dehb': the method of that name is sampler: de with pruner: "
                          "hyperband");
    }
    const char *names[MAX_NAMES];
    size_t n = 0;
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; hn_sampler_at(i) != NULL && n < MAX_NAMES; i++) {
        names[n++] = hn_sampler_at(i)->name;
        hn_buffer_printf(&list, "%s%s", i == 0 ? "" : ", ", hn_sampler_at(i)->name);
    }
    const char *nearest = hn_nearest_name(spec->name, names, n);
    hone_status status =
        hn_fail_at(err, HONE_INVALID, spec->at, "there is no sampler '%s'%s%s%s; there are %s", spec->name,
                   nearest == NULL ? "" : " (did you mean '", nearest == NULL ? "" : nearest,
                   nearest == NULL ? "" : "'?)", hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}

hone_status hn_sampler_create(const hn_spec *spec, hn_sampler **sampler, hone_error *err)
{
    const hn_sampler_type *type = hn_sampler_find(spec->name);
    if (type == NULL) {
        return unknown_sampler(spec, err);
    }
    return hn_sampler_create_from(type, spec->options, sampler, err);
}

void hn_sampler_destroy(hn_sampler *sampler)
{
    if (sampler == NULL) {
        return;
    }
    if (sampler->initialised && sampler->type->release != NULL) {
        sampler->type->release(sampler->state);
    }
    hn_seen_release(&sampler->seen);
    hn_arena_release(&sampler->arena);
    hn_free(sampler);
}

const hn_sampler_type *hn_sampler_type_of(const hn_sampler *sampler)
{
    return sampler->type;
}

void hn_sampler_allow_repeats(hn_sampler *sampler, bool allowed)
{
    sampler->allow_repeats = allowed;
}

hone_status hn_sampler_check(hn_sampler *sampler, const hn_space *space, hone_error *err)
{
    return sampler->type->check == NULL ? HONE_OK : sampler->type->check(sampler->state, space, err);
}

/* --- whole points --- */

static bool is_starting(const hn_sampler *sampler, const hn_ask *ask)
{
    int64_t n_startup = hn_startup_length(sampler->n_startup, ask->earlier);
    return hn_ask_known_count(ask) < (size_t)n_startup;
}

/* One parameter after the other, from a sampler that has only propose_one. */
static hone_status propose_in_order(hn_sampler *sampler, const hn_ask *ask, hn_point *point, hone_error *err)
{
    const hn_space *space = ask->space;
    memset(point->values, 0, space->count * sizeof *point->values);
    memset(point->active, 0, space->count * sizeof *point->active);
    for (size_t i = 0; i < space->count; i++) {
        const hn_distribution *distribution = &space->parameters[i].distribution;
        if (!hn_space_is_active(space, i, point)) {
            continue;
        }
        if (ask->fixed != NULL && ask->fixed->active[i]) {
            point->values[i] = ask->fixed->values[i];
        } else if (hn_distribution_is_constant(distribution)) {
            point->values[i] = hn_distribution_nth(distribution, 0);
        } else {
            double value;
            hone_status status = sampler->type->propose_one(sampler->state, ask, i, point, &value, err);
            if (status != HONE_OK) {
                return status;
            }
            point->values[i] = value;
        }
        point->active[i] = true;
    }
    return HONE_OK;
}

/* Puts fixed values in, settles activity, and draws what has become active without the sampler knowing. */
static hone_status complete(const hn_sampler *sampler, const hn_ask *ask, int64_t number, hn_point *point,
                            hone_error *err)
{
    const hn_space *space = ask->space;
    bool knows_activity = (sampler->type->capabilities & HN_SAMPLER_CONDITIONAL) != 0;
    for (size_t i = 0; i < space->count; i++) {
        const hn_parameter *parameter = &space->parameters[i];
        bool proposed = !knows_activity || point->active[i];
        point->active[i] = hn_space_is_active(space, i, point);
        if (!point->active[i]) {
            point->values[i] = 0;
        } else if (ask->fixed != NULL && ask->fixed->active[i]) {
            point->values[i] = ask->fixed->values[i];
        } else if (!proposed) {
            point->values[i] = hn_draw_value(parameter, ask->seed, number, HN_PURPOSE_FALLBACK);
        } else if (!hn_distribution_contains(&parameter->distribution, point->values[i])) {
            char text[HN_NUMBER_SIZE];
            hn_format_double(text, point->values[i]);
            return hn_fail(err, HONE_INTERNAL,
                           "sampler %s proposed %s for %s, which is not one of its values",
                           sampler->type->name, text, parameter->name);
        }
    }
    return HONE_OK;
}

/* The start-up's points: those that were good in earlier studies while there are any, then random ones. */
static hone_status propose_start(const hn_ask *ask, size_t n, hn_point *points, hone_error *err)
{
    const hn_space *space = ask->space;
    hn_point known = hn_point_new(ask->scratch, space->count);
    if (known.values == NULL) {
        return hn_out_of_memory(err);
    }
    for (size_t k = 0; k < n; k++) {
        int64_t number = ask->number + (int64_t)k;
        bool has = ask->earlier != NULL && hn_earlier_start(ask->earlier, space, (size_t)number, &known);
        for (size_t i = 0; has && ask->fixed != NULL && i < space->count; i++) {
            if (ask->fixed->active[i]) {
                known.active[i] = true;
                known.values[i] = ask->fixed->values[i];
            }
        }
        hn_draw_point(space, has ? &known : ask->fixed, ask->seed, number, HN_PURPOSE_STARTUP, &points[k]);
    }
    return HONE_OK;
}

/* n points from the algorithm itself, completed. ask->fixed is set. */
static hone_status propose_raw(hn_sampler *sampler, const hn_ask *ask, size_t n, hn_point *points,
                               size_t *count, hone_error *err)
{
    hone_status status = HONE_OK;
    *count = n;
    if (is_starting(sampler, ask)) {
        return propose_start(ask, n, points, err);
    }
    if (sampler->type->propose != NULL) {
        status = sampler->type->propose(sampler->state, ask, n, points, count, err);
    } else {
        for (size_t k = 0; k < n && status == HONE_OK; k++) {
            hn_ask one = *ask;
            one.number += (int64_t)k;
            status = propose_in_order(sampler, &one, &points[k], err);
        }
    }
    for (size_t k = 0; k < *count && status == HONE_OK; k++) {
        status = complete(sampler, ask, ask->number + (int64_t)k, &points[k], err);
    }
    return status;
}

/* The sampler's proposals for one trial under other seeds, as hn_refusal_replace wants them. */
typedef struct retry {
    hn_sampler *sampler;
    hn_ask ask;
} retry;

static hone_status propose_again(void *user, uint64_t seed, hn_point *point, bool *given, hone_error *err)
{
    retry *r = user;
    hn_ask ask = r->ask;
    size_t count;
    ask.seed = seed;
    hone_status status = propose_raw(r->sampler, &ask, 1, point, &count, err);
    *given = status == HONE_OK && count == 1;
    return status;
}

/* A sampler that exhausts looks after repeats itself. */
static bool avoids_repeats(const hn_sampler *sampler, const hn_space *space)
{
    return !sampler->allow_repeats && !(sampler->type->capabilities & HN_SAMPLER_EXHAUSTS) &&
           !isinf(hn_space_count(space));
}

bool hn_sampler_is_blind(const hn_sampler *sampler, const hn_space *space)
{
    return sampler->type->capabilities & HN_SAMPLER_BLIND && !avoids_repeats(sampler, space);
}

/* Replaces the points among points[0 .. count-1] that are forbidden or known. */
static hone_status refuse(hn_sampler *sampler, const hn_ask *ask, hn_point *points, size_t count,
                          hone_error *err)
{
    bool avoid = avoids_repeats(sampler, ask->space);
    hone_status status = avoid ? hn_seen_update(&sampler->seen, ask->space, ask->view.history, err) : HONE_OK;
    for (size_t k = 0; k < count && status == HONE_OK; k++) {
        retry r = {sampler, *ask};
        r.ask.number += (int64_t)k;
        hn_refusal refusal = {.ask = &r.ask,
                              .seen = avoid ? &sampler->seen : NULL,
                              .batch = points,
                              .n_batch = k,
                              .propose = propose_again,
                              .user = &r};
        if (hn_refusal_applies(&refusal, &points[k])) {
            status = hn_refusal_replace(&refusal, &points[k], err);
        }
    }
    return status;
}

hone_status hn_sampler_propose(hn_sampler *sampler, const hn_ask *ask, const hn_point *fixed, size_t n,
                               hn_point *points, size_t *count, hone_error *err)
{
    hn_ask inner = *ask;
    size_t proposed = 0;
    if (fixed != NULL) {
        inner.fixed = fixed;
    }
    hone_status status = propose_raw(sampler, &inner, n, points, &proposed, err);
    for (; fixed != NULL && proposed < n && status == HONE_OK; proposed++) {
        int64_t number = ask->number + (int64_t)proposed;
        hn_draw_point(ask->space, fixed, ask->seed, number, HN_PURPOSE_FALLBACK, &points[proposed]);
    }
    if (status == HONE_OK) {
        status = refuse(sampler, &inner, points, proposed, err);
    }
    if (status == HONE_OK) {
        *count = proposed;
    }
    return status;
}

/* --- one parameter --- */

hone_status hn_sampler_propose_one(hn_sampler *sampler, const hn_ask *ask, size_t parameter,
                                   const hn_point *partial, double *value, hone_error *err)
{
    const hn_parameter *p = &ask->space->parameters[parameter];
    if (hn_distribution_is_constant(&p->distribution)) {
        *value = hn_distribution_nth(&p->distribution, 0);
    } else if (is_starting(sampler, ask)) {
        *value = hn_draw_value(p, ask->seed, ask->number, HN_PURPOSE_STARTUP);
    } else if (sampler->type->propose_one != NULL) {
        return sampler->type->propose_one(sampler->state, ask, parameter, partial, value, err);
    } else {
        *value = hn_draw_value(p, ask->seed, ask->number, HN_PURPOSE_FALLBACK);
    }
    return HONE_OK;
}

hone_status hn_sampler_exhausted(hn_sampler *sampler, const hn_ask *ask, bool *answer, hone_error *err)
{
    if (sampler->type->exhausted == NULL) {
        *answer = false;
        return HONE_OK;
    }
    return sampler->type->exhausted(sampler->state, ask, answer, err);
}
