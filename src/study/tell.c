/* Telling and reporting: what comes back from a trial. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "study/study.h"

/* Reports are gathered for this long before they are written: two commits a trial is the aim. */
static const int64_t flush_interval_ns = 100000000;

/* --- tell --- */

static hone_status keep_message(hone_trial *trial, const char *message, hone_error *err)
{
    enum { MAX_MESSAGE = 600 }; /* escaped, it stays below the 2045 bytes an attribute may have */
    hn_buffer json = HN_BUFFER_INIT;
    size_t length = strlen(message);
    hn_json_write_string(&json, message, length < MAX_MESSAGE ? length : MAX_MESSAGE, HN_JSON_PYTHON);
    hone_status status = hn_buffer_failed(&json) ? hn_out_of_memory(err)
                                                 : hn_trial_add_attribute(trial, "hone:message",
                                                                          hn_buffer_string(&json), true, err);
    hn_buffer_release(&json);
    return status;
}

/* Values that cannot be told turn the trial into a failed one with a reason: the trial itself is never
 * lost. */
static bool values_are_usable(hone_trial *trial, hone_error *why)
{
    size_t expected = trial->study->definition->n_objectives;
    if (trial->n_values != expected) {
        hn_fail(why, HONE_INVALID, "it was told %zu values; the study has %zu objective%s", trial->n_values,
                expected, expected == 1 ? "" : "s");
        return false;
    }
    for (size_t i = 0; i < expected; i++) {
        if (isnan(trial->values[i])) {
            hn_fail(why, HONE_OBJECTIVE, "its value for '%s' is nan", trial->study->definition->metrics[i]);
            return false;
        }
    }
    return true;
}

static hone_status end_locked(hone_study *study, hone_trial *trial, hone_trial_state state, hone_error *err)
{
    hone_error why = trial->misuse;
    if (!why.status && state == HONE_COMPLETE) {
        values_are_usable(trial, &why);
    }
    if (why.status) {
        state = HONE_FAILED;
        hone_status status = keep_message(trial, why.message, err);
        if (status) {
            return status;
        }
    }
    if (state == HONE_PRUNED && trial->verdict == HN_PAUSE) {
        return hn_trial_pause(study, trial, err);
    }
    return hn_trial_finish(study, trial, state, err);
}

hone_status hone_study_tell(hone_study *study, hone_trial *trial, hone_trial_state state,
                            const double *values, size_t n_values, hone_error *err)
{
    if (state != HONE_COMPLETE && state != HONE_PRUNED && state != HONE_FAILED) {
        return hn_fail(err, HONE_INVALID, "a trial is told complete, pruned or failed, not %s",
                       hone_trial_state_name(state));
    }
    if (trial->told) {
        return hn_fail(err, HONE_CONFLICT, "trial %lld was told already; a finished trial never changes",
                       (long long)trial->number);
    }
    size_t expected = study->definition->n_objectives;
    if (state == HONE_COMPLETE && (values || n_values)) {
        if (n_values != expected || !values) {
            return hn_fail(err, HONE_INVALID, "trial %lld was told %zu values; the study has %zu objective%s",
                           (long long)trial->number, n_values, expected, expected == 1 ? "" : "s");
        }
        memcpy(trial->values, values, n_values * sizeof *values);
        trial->n_values = n_values;
    }
    hn_study_lock(study);
    hone_status status = end_locked(study, trial, state, err);
    hn_study_unlock(study);
    return status;
}

hone_status hone_trial_fail(hone_trial *trial, const char *message)
{
    hone_error why = {.status = HONE_OBJECTIVE};
    hn_fail(&why, HONE_OBJECTIVE, "%s", message);
    hn_trial_misuse(trial, &why);
    return HONE_OBJECTIVE;
}

/* --- report --- */

/* Keeps reports ascending by step; a step told again replaces its value, also in the storage. */
static hone_status put_report(hone_trial *trial, int64_t step, double value)
{
    size_t at = trial->n_reports;
    while (at > 0 && trial->reports[at - 1].step > step) {
        at--;
    }
    if (at > 0 && trial->reports[at - 1].step == step) {
        trial->reports[at - 1].value = value;
        at--;
    } else {
        if (HN_GROW(trial->reports, trial->n_reports, trial->reports_capacity)) {
            return HONE_OUT_OF_MEMORY;
        }
        memmove(trial->reports + at + 1, trial->reports + at,
                (trial->n_reports - at) * sizeof *trial->reports);
        trial->reports[at] = (hn_trial_report){step, value};
        trial->n_reports++;
    }
    if (at < trial->reports_stored) {
        trial->reports_stored = at;
    }
    return HONE_OK;
}

static hone_status judge(hone_study *study, hone_trial *trial, int64_t step, double value, hone_error *err)
{
    hone_status status = hn_study_load(study, err);
    if (!status) {
        status = hn_history_add_report(study->history, trial->number, step, value, err);
    }
    const hn_pruner_type *pruner = hn_pruner_type_of(study->pruner);
    bool due = hn_monotonic_ns() - trial->flushed_ns > flush_interval_ns;
    if (!status && due) {
        status = hn_trial_flush(study, trial, err);
        if (!status && pruner->uses_reports && study->ops->shared) {
            status = hn_study_sync(study, err);
        }
    }
    if (!status && trial->verdict == HN_CONTINUE) {
        hn_prune_context context = hn_study_prune_context(study);
        context.budget = trial->budget;
        status = hn_pruner_judge(study->pruner, &context, trial->number, step, &trial->verdict, err);
    }
    return status;
}

bool hone_trial_report(hone_trial *trial, int64_t step, double value)
{
    hone_study *study = trial->study;
    hone_error err = {0};
    if (trial->misuse.status) {
        return true;
    }
    if (step < 0) {
        hn_fail(&err, HONE_INVALID, "trial %lld reported step %lld; steps are 0 or more",
                (long long)trial->number, (long long)step);
        hn_trial_misuse(trial, &err);
        return true;
    }
    hn_study_lock(study);
    hone_status status = put_report(trial, step, value);
    if (status) {
        hn_out_of_memory(&err);
    } else {
        status = judge(study, trial, step, value, &err);
    }
    hn_study_unlock(study);
    if (status) {
        hn_trial_misuse(trial, &err);
        return true;
    }
    return trial->verdict != HN_CONTINUE;
}

/* --- trials made elsewhere, queued trials, the end --- */

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
        if (!values_are_usable(trial, &why)) {
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

hone_status hone_study_enqueue(hone_study *study, const hone_named_value *params, size_t n_params,
                               int64_t *number, hone_error *err)
{
    hone_trial *checked = hn_trial_new(study);
    if (!checked) {
        return hn_out_of_memory(err);
    }
    hn_buffer json = HN_BUFFER_INIT;
    int64_t assigned = 0;
    hn_study_lock(study);
    hone_status status = set_params(study, checked, params, n_params, err);
    hn_node *fixed = status ? NULL : params_to_node(&study->scratch, params, n_params);
    if (!status && fixed) {
        hn_json_write(&json, fixed, HN_JSON_PYTHON);
    }
    if (!status && (!fixed || hn_buffer_failed(&json))) {
        status = hn_out_of_memory(err);
    }
    if (!status) {
        status = hn_trial_queue(study, hn_buffer_string(&json), &assigned, err);
    }
    hn_study_unlock(study);
    hn_buffer_release(&json);
    hone_trial_free(checked);
    if (!status && number) {
        *number = assigned;
    }
    return status;
}

static hone_status write_stop(hone_study *study, const char *json, hone_error *err)
{
    hn_attribute attribute = {"hone:stopped", json, true};
    hn_study_lock(study);
    hone_status status = study->ops->study_set_attribute(study->storage, study->row, &attribute, err);
    if (!status) {
        study->change_counter = -1; /* the next sync reads it back */
    }
    pthread_cond_broadcast(&study->changed);
    hn_study_unlock(study);
    return status;
}

hone_status hone_study_stop(hone_study *study, const char *reason, hone_error *err)
{
    hn_buffer json = HN_BUFFER_INIT;
    const char *why = reason ? reason : "stopped";
    hn_json_write_string(&json, why, strlen(why), HN_JSON_PYTHON);
    hone_status status =
        hn_buffer_failed(&json) ? hn_out_of_memory(err) : write_stop(study, hn_buffer_string(&json), err);
    hn_buffer_release(&json);
    return status;
}

hone_status hone_study_resume(hone_study *study, hone_error *err)
{
    return write_stop(study, "null", err);
}
