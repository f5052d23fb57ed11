/* The sticky suggest calls: with a declared space they return what was fixed when the trial was asked,
 * otherwise the sampler proposes on the spot (define-by-run). */
#include <math.h>
#include <string.h>

#include "study/study.h"

/* The trial's parameters so far plus the new one, as a space without conditions. */
static hone_status partial_space(hone_trial *trial, const char *name, const hn_distribution *distribution,
                                 hn_arena *arena, hn_space **space, hn_point *point, hone_error *err)
{
    size_t n = trial->n_params + 1;
    const char **names = HN_ARENA_NEW(arena, const char *, n);
    hn_distribution *distributions = HN_ARENA_NEW(arena, hn_distribution, n);
    *point = hn_point_new(arena, n);
    if (!names || !distributions || !point->values) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < trial->n_params; i++) {
        names[i] = trial->params[i].name;
        distributions[i] = *trial->params[i].distribution;
        point->values[i] = trial->params[i].value;
        point->active[i] = true;
    }
    names[n - 1] = name;
    distributions[n - 1] = *distribution;
    return hn_space_from_distributions(arena, names, distributions, n, space, err);
}

/* *found says whether the trial was queued with a usable value for this name. */
static void take_fixed(const hone_trial *trial, const char *name, const hn_distribution *distribution,
                       double *value, bool *found)
{
    const hn_node *node = hn_map_get(trial->fixed, name);
    *found = node && !hn_distribution_from_value(name, distribution, hn_value_from_node(node), value, NULL) &&
             hn_distribution_contains(distribution, *value);
}

static hone_status check_against_history(const hone_study *study, const char *name,
                                         const hn_distribution *distribution, hone_error *err)
{
    size_t column = hn_history_find_column(study->history, name);
    if (column == SIZE_MAX) {
        return HONE_OK;
    }
    const hn_distribution *before = hn_history_latest_distribution(study->history, column);
    if (hn_distribution_compatible(before, distribution)) {
        return HONE_OK;
    }
    hn_buffer was = HN_BUFFER_INIT, now = HN_BUFFER_INIT;
    hn_distribution_describe(&was, before);
    hn_distribution_describe(&now, distribution);
    hone_status status =
        hn_fail(err, HONE_INVALID,
                "parameter '%s' was %s in earlier trials and is now %s: a parameter's type and choices "
                "stay the same in a study",
                name, hn_buffer_string(&was), hn_buffer_string(&now));
    hn_buffer_release(&was);
    hn_buffer_release(&now);
    return status;
}

static hone_status propose_one(hone_trial *trial, const char *name, const hn_distribution *distribution,
                               double *value, hone_error *err)
{
    hone_study *study = trial->study;
    hn_arena *scratch = &study->scratch;
    hn_arena_reset(scratch);
    hn_space *space = NULL;
    hn_point point;
    hone_status status = hn_study_load(study, err);
    if (!status) {
        status = check_against_history(study, name, distribution, err);
    }
    if (status) {
        return status;
    }
    bool fixed;
    take_fixed(trial, name, distribution, value, &fixed);
    if (!fixed) {
        status = partial_space(trial, name, distribution, scratch, &space, &point, err);
        if (status) {
            return status;
        }
        size_t parameter = hn_space_find(space, name);
        hn_ask ask;
        status = hn_study_make_ask(study, space, trial->number, trial->budget, &ask, err);
        if (!status) {
            status = hn_sampler_propose_one(study->sampler, &ask, parameter, &point, value, err);
        }
    }
    if (!status) {
        status = hn_trial_add_param(trial, name, distribution, *value, err);
    }
    if (!status) {
        status =
            hn_history_add_param(study->history, trial->number, &trial->params[trial->n_params - 1], err);
    }
    return status;
}

/* A name suggested before, or fixed by the declared space. */
static hone_status recall(const hone_trial *trial, const char *name, const hn_distribution *distribution,
                          size_t at, double *value, hone_error *err)
{
    const hn_trial_param *param = &trial->params[at];
    const hn_distribution *is = param->distribution;
    bool same = is->kind == distribution->kind &&
                (is->kind != HN_CATEGORICAL || hn_distribution_compatible(is, distribution));
    if (!same || !hn_distribution_contains(distribution, param->value)) {
        hn_buffer was = HN_BUFFER_INIT, now = HN_BUFFER_INIT;
        hn_distribution_describe(&was, is);
        hn_distribution_describe(&now, distribution);
        hone_status status =
            hn_fail(err, HONE_INVALID, "parameter '%s' of trial %lld is %s; it was suggested as %s", name,
                    (long long)trial->number, hn_buffer_string(&was), hn_buffer_string(&now));
        hn_buffer_release(&was);
        hn_buffer_release(&now);
        return status;
    }
    *value = param->value;
    return HONE_OK;
}

static hone_status not_in_space(const hone_trial *trial, const char *name, hone_error *err)
{
    const hn_space *space = trial->study->definition->space;
    size_t i;
    hone_status status = hn_space_require(space, name, &i, err);
    if (status) {
        return status;
    }
    const hn_condition *when = space->parameters[i].when;
    return hn_fail(err, HONE_INVALID, "parameter '%s' is inactive in trial %lld: it needs %s", name,
                   (long long)trial->number, when ? hn_condition_text(when) : "a newer trial");
}

static double suggest(hone_trial *trial, const char *name, const hn_distribution *distribution,
                      double fallback)
{
    hone_error err = {0};
    double value = fallback;
    size_t at = hn_trial_find(trial, name);
    hone_status status;
    if (trial->misuse.status) {
        return fallback;
    }
    if (at != SIZE_MAX) {
        status = recall(trial, name, distribution, at, &value, &err);
    } else if (trial->study->definition->space) {
        status = not_in_space(trial, name, &err);
    } else {
        hn_study_lock(trial->study);
        status = propose_one(trial, name, distribution, &value, &err);
        hn_study_unlock(trial->study);
    }
    if (status) {
        hn_trial_misuse(trial, &err);
        return fallback;
    }
    return value;
}

double hone_trial_suggest_float(hone_trial *trial, const char *name, double low, double high, int flags)
{
    hn_distribution distribution;
    hone_error err;
    if (hn_distribution_float(name, low, high, 0, flags & HONE_LOG, (hn_position){0}, &distribution, NULL,
                              &err)) {
        hn_trial_misuse(trial, &err);
        return low;
    }
    return suggest(trial, name, &distribution, low);
}

double hone_trial_suggest_float_step(hone_trial *trial, const char *name, double low, double high,
                                     double step)
{
    hn_distribution distribution;
    hone_error err;
    if (hn_distribution_float(name, low, high, step, false, (hn_position){0}, &distribution, NULL, &err)) {
        hn_trial_misuse(trial, &err);
        return low;
    }
    return suggest(trial, name, &distribution, low);
}

static int64_t suggest_integer(hone_trial *trial, const char *name, int64_t low, int64_t high, int64_t step,
                               bool log)
{
    hn_distribution distribution;
    hone_error err;
    if (hn_distribution_integer(name, low, high, step, log, (hn_position){0}, &distribution, NULL, &err)) {
        hn_trial_misuse(trial, &err);
        return low;
    }
    return (int64_t)suggest(trial, name, &distribution, (double)low);
}

int64_t hone_trial_suggest_int(hone_trial *trial, const char *name, int64_t low, int64_t high, int64_t step)
{
    return suggest_integer(trial, name, low, high, step, false);
}

int64_t hone_trial_suggest_int_log(hone_trial *trial, const char *name, int64_t low, int64_t high)
{
    return suggest_integer(trial, name, low, high, 1, true);
}

size_t hone_trial_suggest_index(hone_trial *trial, const char *name, const hone_value *choices,
                                size_t n_choices)
{
    hn_distribution distribution;
    hone_error err;
    hn_arena arena = HN_ARENA_INIT;
    size_t index = 0;
    if (hn_distribution_categorical(&arena, name, choices, n_choices, false, (hn_position){0}, &distribution,
                                    &err)) {
        hn_trial_misuse(trial, &err);
    } else {
        index = (size_t)suggest(trial, name, &distribution, 0);
    }
    hn_arena_release(&arena);
    return index;
}

const char *hone_trial_suggest_categorical(hone_trial *trial, const char *name, const char *const *choices,
                                           size_t n_choices)
{
    enum { ON_STACK = 64 };
    hone_value some[ON_STACK] = {{0}};
    hn_arena arena = HN_ARENA_INIT;
    hone_value *values = n_choices <= ON_STACK ? some : HN_ARENA_NEW(&arena, hone_value, n_choices);
    const char *chosen = n_choices ? choices[0] : "";
    if (!values) {
        hone_error err;
        hn_out_of_memory(&err);
        hn_trial_misuse(trial, &err);
    } else {
        for (size_t i = 0; i < n_choices; i++) {
            values[i] = (hone_value){.type = HONE_STRING, .as.string = choices[i]};
        }
        size_t index = hone_trial_suggest_index(trial, name, values, n_choices);
        chosen = n_choices ? choices[index] : "";
    }
    hn_arena_release(&arena);
    return chosen;
}
