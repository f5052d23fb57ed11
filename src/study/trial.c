/* A trial's handle: what it holds, and the plain calls on it. */
#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "study/study.h"

hone_trial *hn_trial_new(hone_study *study)
{
    hone_trial *trial = hn_calloc(1, sizeof *trial);
    if (trial) {
        trial->study = study;
        trial->number = trial->parent = -1;
    }
    return trial;
}

/* What was gathered is written; a trial that nobody told stays RUNNING. */
static void leave_live_list(hone_trial *trial)
{
    hone_error err;
    hn_study_lock(trial->study);
    if (trial->number >= 0 && !trial->told && trial->lease[0] && hn_trial_flush(trial->study, trial, &err)) {
        hn_log(HN_LOG_ERROR, "trial %lld: %s", (long long)trial->number, err.message);
    }
    for (hone_trial **at = &trial->study->live; *at; at = &(*at)->next_live) {
        if (*at == trial) {
            *at = trial->next_live;
            break;
        }
    }
    hn_study_unlock(trial->study);
}

void hone_trial_free(hone_trial *trial)
{
    if (!trial) {
        return;
    }
    leave_live_list(trial);
    hn_free(trial->params);
    hn_free(trial->reports);
    hn_free(trial->attributes);
    hn_free(trial->constraints);
    hn_arena_release(&trial->arena);
    hn_free(trial);
}

size_t hn_trial_find(const hone_trial *trial, const char *name)
{
    for (size_t i = 0; i < trial->n_params; i++) {
        if (!strcmp(trial->params[i].name, name)) {
            return i;
        }
    }
    return SIZE_MAX;
}

hone_status hn_trial_add_param(hone_trial *trial, const char *name, const hn_distribution *distribution,
                               double value, hone_error *err)
{
    hn_distribution *copy = HN_ARENA_NEW(&trial->arena, hn_distribution, 1);
    const char *own_name = hn_arena_strdup(&trial->arena, name);
    if (!copy || !own_name || HN_GROW(trial->params, trial->n_params, trial->params_capacity)) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_distribution_copy(&trial->arena, distribution, copy);
    if (status) {
        return hn_out_of_memory(err);
    }
    trial->params[trial->n_params++] =
        (hn_trial_param){.name = own_name, .distribution = copy, .value = value};
    return HONE_OK;
}

hone_status hn_trial_add_attribute(hone_trial *trial, const char *key, const char *json, bool system,
                                   hone_error *err)
{
    hn_attribute attribute = {hn_arena_strdup(&trial->arena, key), hn_arena_strdup(&trial->arena, json),
                              system};
    if (!attribute.key || !attribute.json) {
        return hn_out_of_memory(err);
    }
    for (size_t i = trial->attributes_stored; i < trial->n_attributes; i++) {
        if (trial->attributes[i].system == system && !strcmp(trial->attributes[i].key, key)) {
            trial->attributes[i] = attribute;
            return HONE_OK;
        }
    }
    if (HN_GROW(trial->attributes, trial->n_attributes, trial->attributes_capacity)) {
        return hn_out_of_memory(err);
    }
    trial->attributes[trial->n_attributes++] = attribute;
    return HONE_OK;
}

double hn_trial_seconds(const hone_trial *trial, int64_t now_us)
{
    bool ran = trial->run_us && now_us > trial->run_us;
    return trial->seconds + (ran ? (double)(now_us - trial->run_us) * 1e-6 : 0);
}

/* What HN_KEY_RAN says of the runs before. */
static void read_runs(hone_trial *trial, const char *json)
{
    hn_node *map = NULL;
    if (!hn_json_parse(&trial->arena, HN_KEY_RAN, json, strlen(json), &map, NULL)) {
        hn_node_int(hn_map_get(map, "runs"), &trial->runs);
        hn_node_double(hn_map_get(map, "seconds"), &trial->seconds);
    }
}

static void read_system_attribute(hone_trial *trial, const hn_attribute *attribute)
{
    const char *json = attribute->json;
    int64_t value;
    if (!strcmp(attribute->key, HN_KEY_RAN)) {
        read_runs(trial, json);
    } else if (!strcmp(attribute->key, HN_KEY_RESTARTS) && hn_parse_int(json, strlen(json), &value)) {
        trial->restarts = value;
    } else if (!strcmp(attribute->key, HN_KEY_PARENT) && hn_parse_int(json, strlen(json), &value)) {
        trial->parent = value;
    } else if (!strcmp(attribute->key, HN_KEY_PARENT_STEP) && hn_parse_int(json, strlen(json), &value)) {
        trial->parent_step = value;
    }
}

hn_trial_record hn_trial_as_record(const hone_trial *trial, hone_trial_state state, int64_t complete_us)
{
    return (hn_trial_record){
        .id = trial->id,
        .number = trial->number,
        .state = state,
        .start_us = trial->start_us,
        .complete_us = complete_us,
        .n_params = trial->n_params,
        .params = trial->params,
        .n_values = state == HONE_COMPLETE ? trial->n_values : 0,
        .values = trial->values,
        .n_reports = trial->n_reports,
        .reports = trial->reports,
        .n_constraints = trial->n_constraints,
        .constraints = trial->constraints,
        .n_attributes = trial->n_attributes,
        .attributes = trial->attributes,
        .noise = NAN,
        .runs = trial->runs && trial->run_us && state != HONE_RUNNING ? trial->runs + 1 : trial->runs,
        .seconds = trial->runs ? hn_trial_seconds(trial, complete_us) : 0,
    };
}

hone_status hn_trial_from_record(hone_trial *trial, const hn_trial_record *record, hone_error *err)
{
    trial->id = record->id;
    trial->number = record->number;
    trial->state = record->state;
    trial->start_us = record->start_us;
    for (size_t i = 0; i < record->n_params; i++) {
        const hn_trial_param *param = &record->params[i];
        hone_status status = hn_trial_add_param(trial, param->name, param->distribution, param->value, err);
        if (status) {
            return status;
        }
    }
    for (size_t i = 0; i < record->n_reports; i++) {
        if (HN_GROW(trial->reports, trial->n_reports, trial->reports_capacity)) {
            return hn_out_of_memory(err);
        }
        trial->reports[trial->n_reports++] = record->reports[i];
    }
    for (size_t i = 0; i < record->n_attributes; i++) {
        const hn_attribute *attribute = &record->attributes[i];
        if (attribute->system) {
            read_system_attribute(trial, attribute);
        }
        hone_status status =
            hn_trial_add_attribute(trial, attribute->key, attribute->json, attribute->system, err);
        if (status) {
            return status;
        }
    }
    trial->params_stored = trial->n_params;
    trial->reports_stored = trial->n_reports;
    trial->attributes_stored = trial->n_attributes;
    return hone_trial_set_constraints(trial, record->constraints, record->n_constraints);
}

hone_status hn_trial_take_in(void *trial, const hn_trial_record *record, hone_error *err)
{
    return hn_trial_from_record(trial, record, err);
}

void hn_trial_misuse(hone_trial *trial, const hone_error *err)
{
    if (!trial->misuse.status) {
        trial->misuse = *err;
    }
}

/* --- public --- */

int64_t hone_trial_number(const hone_trial *trial)
{
    return trial->number;
}

const char *hone_trial_lease(const hone_trial *trial)
{
    return trial->lease;
}

int64_t hone_trial_budget(const hone_trial *trial)
{
    return trial->budget;
}

int64_t hone_trial_parent(const hone_trial *trial)
{
    return trial->parent;
}

int64_t hone_trial_resume_step(const hone_trial *trial)
{
    return trial->resume_step;
}

hone_status hone_trial_status(const hone_trial *trial, hone_error *err)
{
    if (trial->misuse.status && err) {
        *err = trial->misuse;
    }
    return trial->misuse.status;
}

bool hone_trial_param(const hone_trial *trial, size_t i, hone_named_value *param)
{
    if (i >= trial->n_params) {
        return false;
    }
    const hn_trial_param *at = &trial->params[i];
    *param = (hone_named_value){at->name, hn_distribution_to_value(at->distribution, at->value)};
    return true;
}

hone_status hone_trial_get(const hone_trial *trial, const char *name, hone_value *value, hone_error *err)
{
    size_t i = hn_trial_find(trial, name);
    if (i == SIZE_MAX) {
        return hn_fail(err, HONE_NOT_FOUND,
                       "trial %lld has no parameter '%s': it is inactive or not in the space",
                       (long long)trial->number, name);
    }
    *value = hn_distribution_to_value(trial->params[i].distribution, trial->params[i].value);
    return HONE_OK;
}

hone_status hone_trial_prune(hone_trial *trial)
{
    trial->pruned = true;
    return HONE_OK;
}

bool hone_trial_should_prune(hone_trial *trial)
{
    return trial->verdict != HN_CONTINUE;
}

hone_status hone_trial_set_value(hone_trial *trial, double value)
{
    return hone_trial_set_values(trial, &value, 1);
}

hone_status hone_trial_set_values(hone_trial *trial, const double *values, size_t n_values)
{
    size_t expected = trial->study->definition->n_objectives;
    if (n_values != expected) {
        hone_error err;
        hn_fail(&err, HONE_INVALID, "trial %lld was given %zu values; the study has %zu objective%s",
                (long long)trial->number, n_values, expected, expected == 1 ? "" : "s");
        hn_trial_misuse(trial, &err);
        return err.status;
    }
    memcpy(trial->values, values, n_values * sizeof *values);
    trial->n_values = n_values;
    return HONE_OK;
}

hone_status hone_trial_set_constraints(hone_trial *trial, const double *constraints, size_t n)
{
    double *copy = NULL;
    if (n) {
        copy = hn_calloc(n, sizeof *copy);
        if (!copy) {
            return HONE_OUT_OF_MEMORY;
        }
        memcpy(copy, constraints, n * sizeof *copy);
    }
    hn_free(trial->constraints);
    trial->constraints = copy;
    trial->n_constraints = n;
    return HONE_OK;
}

hone_status hone_trial_set_attribute(hone_trial *trial, const char *key, const char *json)
{
    enum { MAX_JSON = 2045 }; /* the column of Optuna's MySQL tables; kept so that studies stay portable */
    hone_error err = {0};
    hn_arena scratch = HN_ARENA_INIT;
    hn_node *node = NULL;
    hone_status status = hn_json_parse(&scratch, key, json, strlen(json), &node, &err);
    if (!status && strlen(json) > MAX_JSON) {
        status = hn_fail(&err, HONE_LIMIT, "attribute '%s' has %zu bytes; at most %d are kept", key,
                         strlen(json), MAX_JSON);
    }
    if (!status) {
        status = hn_trial_add_attribute(trial, key, json, false, &err);
    }
    hn_arena_release(&scratch);
    if (status) {
        hn_trial_misuse(trial, &err);
    }
    return status;
}
