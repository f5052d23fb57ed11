/* Parameters that the user gives: trials made elsewhere, queued ones, and ones asked with some values fixed.
 */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "study/study.h"

/* --- as a trial's parameters --- */

static hone_status params_of_space(hone_study *study, hone_trial *trial, const hone_named_value *params,
                                   size_t n, hone_error *err)
{
    const hn_space *space = study->definition->space;
    hn_point point = hn_point_new(&study->scratch, space->count);
    if (!point.values) {
        return hn_out_of_memory(err);
    }
    bool *given = HN_ARENA_NEW(&study->scratch, bool, space->count);
    if (!given) {
        return hn_out_of_memory(err);
    }
    for (size_t k = 0; k < n; k++) {
        size_t i;
        hone_status status = hn_space_require(space, params[k].name, &i, err);
        if (!status && given[i]) {
            status = hn_fail(err, HONE_INVALID, "parameter '%s' is given twice", params[k].name);
        }
        if (!status) {
            status = hn_distribution_from_value(params[k].name, &space->parameters[i].distribution,
                                                params[k].value, &point.values[i], err);
        }
        if (status) {
            return status;
        }
        given[i] = true;
    }
    for (size_t i = 0; i < space->count; i++) {
        bool active = hn_space_is_active(space, i, &point);
        point.active[i] = active && given[i];
        if (given[i] && !active) {
            return hn_fail(err, HONE_INVALID, "parameter '%s' is inactive here: it needs %s",
                           space->parameters[i].name, hn_condition_text(space->parameters[i].when));
        }
    }
    for (size_t k = 0; k < space->count; k++) {
        size_t i = space->by_display[k];
        if (point.active[i]) {
            hone_status status = hn_trial_add_param(trial, space->parameters[i].name,
                                                    &space->parameters[i].distribution, point.values[i], err);
            if (status) {
                return status;
            }
        }
    }
    return HONE_OK;
}

static hn_distribution constant_distribution(hone_value value, hone_status *status, hone_error *err)
{
    hn_distribution distribution = {0};
    hn_position nowhere = {0};
    if (value.type == HONE_FLOAT) {
        *status = hn_distribution_float("value", value.as.real, value.as.real, 0, false, nowhere,
                                        &distribution, NULL, err);
    } else {
        *status = hn_distribution_integer("value", value.as.integer, value.as.integer, 1, false, nowhere,
                                          &distribution, NULL, err);
    }
    return distribution;
}

/* Without a declared space a value's distribution is the one its name had in earlier trials, else the single
 * value. */
static hone_status params_by_run(hone_study *study, hone_trial *trial, const hone_named_value *params,
                                 size_t n, hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t k = 0; k < n && !status; k++) {
        size_t column = hn_history_find_column(study->history, params[k].name);
        hn_distribution distribution;
        double raw = 0;
        if (column != SIZE_MAX) {
            distribution = *hn_history_latest_distribution(study->history, column);
        } else if (params[k].value.type == HONE_FLOAT || params[k].value.type == HONE_INT) {
            distribution = constant_distribution(params[k].value, &status, err);
        } else {
            hn_position nowhere = {0};
            status = hn_distribution_categorical(&trial->arena, params[k].name, &params[k].value, 1, false,
                                                 nowhere, &distribution, err);
        }
        if (!status) {
            status = hn_distribution_from_value(params[k].name, &distribution, params[k].value, &raw, err);
        }
        if (!status) {
            status = hn_trial_add_param(trial, params[k].name, &distribution, raw, err);
        }
    }
    return status;
}

static hone_status set_params(hone_study *study, hone_trial *trial, const hone_named_value *params, size_t n,
                              hone_error *err)
{
    hone_status status = hn_study_load(study, err);
    hn_arena_reset(&study->scratch);
    if (status) {
        return status;
    }
    return study->definition->space ? params_of_space(study, trial, params, n, err)
                                    : params_by_run(study, trial, params, n, err);
}

hone_status hone_study_add(hone_study *study, const hone_named_value *params, size_t n_params,
                           hone_trial_state state, const double *values, size_t n_values, int64_t *number,
                           hone_error *err)
{
    hone_error why = {0};
    hone_trial *trial = hn_trial_new(study);
    if (!trial) {
        return hn_out_of_memory(err);
    }
    hn_study_lock(study);
    hone_status status = set_params(study, trial, params, n_params, err);
    if (!status && state == HONE_COMPLETE) {
        trial->n_values = n_values;
        memcpy(trial->values, values,
               (n_values < HN_MAX_OBJECTIVES ? n_values : HN_MAX_OBJECTIVES) * sizeof *values);
        if (!hn_trial_values_are_usable(trial, &why)) {
            status = hn_fail(err, HONE_INVALID, "the trial cannot be added: %s", why.message);
        }
    } else if (!status && state != HONE_PRUNED && state != HONE_FAILED) {
        status = hn_fail(err, HONE_INVALID, "only finished trials are added; %s is not",
                         hone_trial_state_name(state));
    }
    if (!status) {
        int64_t now = hn_wall_us();
        hn_new_trial row = {.state = state,
                            .start_us = now,
                            .complete_us = now,
                            .n_params = trial->n_params,
                            .params = trial->params,
                            .n_values = trial->n_values,
                            .values = trial->values};
        status = hn_trial_import(study, &row, number, err);
    }
    hn_study_unlock(study);
    hone_trial_free(trial);
    return status;
}

static hn_node *params_to_node(hn_arena *arena, const hone_named_value *params, size_t n)
{
    hn_node *map = hn_node_map(arena);
    for (size_t i = 0; i < n; i++) {
        map = hn_map_set(arena, map, params[i].name, hn_value_to_node(arena, params[i].value));
    }
    return map;
}

/* The values given, checked, as a map in arena. */
static hone_status check_fixed(hone_study *study, const hone_named_value *params, size_t n_params,
                               hn_arena *arena, hn_node **fixed, hone_error *err)
{
    hone_trial *checked = hn_trial_new(study);
    if (!checked) {
        return hn_out_of_memory(err);
    }
    hn_study_lock(study);
    hone_status status = set_params(study, checked, params, n_params, err);
    hn_study_unlock(study);
    *fixed = status ? NULL : params_to_node(arena, params, n_params);
    hone_trial_free(checked);
    return !status && !*fixed ? hn_out_of_memory(err) : status;
}

hone_status hone_study_enqueue(hone_study *study, const hone_named_value *params, size_t n_params,
                               int64_t *number, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *fixed = NULL;
    int64_t assigned = 0;
    hone_status status = check_fixed(study, params, n_params, &arena, &fixed, err);
    const char *json = status ? NULL : hn_node_json(&arena, fixed, HN_JSON_PYTHON);
    if (!status && !json) {
        status = hn_out_of_memory(err);
    }
    if (!status) {
        hn_study_lock(study);
        status = hn_trial_queue(study, json, &assigned, err);
        hn_study_unlock(study);
    }
    hn_arena_release(&arena);
    if (!status && number) {
        *number = assigned;
    }
    return status;
}

hone_status hone_study_ask_given(hone_study *study, const hone_named_value *params, size_t n_params,
                                 hone_outcome *outcome, hone_trial **trial, int64_t *wait_ms,
                                 const char **reason, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *fixed = NULL;
    hone_status status = hn_study_schedules(study)
                             ? hn_fail(err, HONE_UNSUPPORTED,
                                       "pruner %s decides which trial runs next; queue one with these values",
                                       hn_pruner_type_of(study->pruner)->name)
                             : check_fixed(study, params, n_params, &arena, &fixed, err);
    if (!status) {
        status = hn_study_ask_new(study, fixed, outcome, trial, wait_ms, reason, err);
    }
    hn_arena_release(&arena);
    return status;
}
