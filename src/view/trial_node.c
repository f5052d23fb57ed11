#include "view/trial_node.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "space/distribution.h"

double hn_trial_duration(const hone_trial_info *info)
{
    bool over = info->start_us && info->complete_us;
    return info->seconds > 0 ? info->seconds : over ? 0 : NAN;
}

const char *hn_trial_state_word(const hone_trial_info *info)
{
    return info->paused ? "paused" : hone_trial_state_name(info->state);
}

int64_t hn_trial_steps(const hone_trial_info *info)
{
    return info->n_reports ? info->steps[info->n_reports - 1] : -1;
}

hn_node *hn_time_node(hn_arena *arena, int64_t wall_us)
{
    char text[HN_DATETIME_SIZE];
    if (!wall_us) {
        return hn_node_null(arena);
    }
    hn_format_datetime(text, wall_us);
    return hn_node_string(arena, text);
}

static hn_node *numbers(hn_arena *arena, const double *values, size_t n)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < n; i++) {
        list = hn_list_append(arena, list, hn_node_real(arena, values[i]));
    }
    return list;
}

hn_node *hn_params_node(hn_arena *arena, const hone_named_value *params, size_t n)
{
    hn_node *map = hn_node_map(arena);
    for (size_t i = 0; i < n; i++) {
        map = hn_map_append(arena, map, params[i].name, hn_value_to_node(arena, params[i].value));
    }
    return map;
}

static hn_node *reports_node(hn_arena *arena, const hone_trial_info *info)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < info->n_reports; i++) {
        hn_node *pair = hn_list_append(arena, hn_node_list(arena), hn_node_integer(arena, info->steps[i]));
        list =
            hn_list_append(arena, list, hn_list_append(arena, pair, hn_node_real(arena, info->reports[i])));
    }
    return list;
}

/* Attributes that are no JSON (another tool's) are shown as text. */
static hn_node *attributes_node(hn_arena *arena, const hone_trial_info *info)
{
    hn_node *map = hn_node_map(arena);
    for (size_t i = 0; i < info->n_attributes; i++) {
        const char *json = info->attribute_json[i];
        hn_node *value = NULL;
        if (hn_json_parse(arena, info->attribute_keys[i], json, strlen(json), &value, NULL)) {
            value = hn_node_string(arena, json);
        }
        map = hn_map_append(arena, map, info->attribute_keys[i], value);
    }
    return map;
}

hn_node *hn_trial_best_node(hn_arena *arena, const hone_trial_info *info)
{
    hn_node *node = hn_node_map(arena);
    node = hn_map_append(arena, node, "trial", hn_node_integer(arena, info->number));
    node = hn_map_append(arena, node, "values", numbers(arena, info->values, info->n_values));
    return hn_map_append(arena, node, "params", hn_params_node(arena, info->params, info->n_params));
}

hn_node *hn_trial_node(hn_arena *arena, const hone_trial_info *info)
{
    hn_node *node = hn_trial_best_node(arena, info);
    node = hn_map_append(arena, node, "state", hn_node_string(arena, hone_trial_state_name(info->state)));
    if (info->n_reports) {
        node = hn_map_append(arena, node, "reports", reports_node(arena, info));
    }
    if (info->parent >= 0) {
        node = hn_map_append(arena, node, "parent", hn_node_integer(arena, info->parent));
        node = hn_map_append(arena, node, "parent_step", hn_node_integer(arena, info->parent_step));
    }
    if (info->paused) {
        node = hn_map_append(arena, node, "paused", hn_node_bool(arena, true));
    }
    if (info->runs) {
        node = hn_map_append(arena, node, "runs", hn_node_integer(arena, info->runs));
    }
    if (info->rung) {
        node = hn_map_append(arena, node, "rung", hn_node_integer(arena, info->rung));
    }
    if (info->n_constraints) {
        node =
            hn_map_append(arena, node, "constraints", numbers(arena, info->constraints, info->n_constraints));
    }
    if (info->n_attributes) {
        node = hn_map_append(arena, node, "attrs", attributes_node(arena, info));
    }
    if (info->start_us) {
        node = hn_map_append(arena, node, "start", hn_time_node(arena, info->start_us));
    }
    if (info->complete_us) {
        node = hn_map_append(arena, node, "complete", hn_time_node(arena, info->complete_us));
    }
    if (!isnan(hn_trial_duration(info))) {
        node = hn_map_append(arena, node, "duration", hn_node_real(arena, hn_trial_duration(info)));
    }
    hn_node *worker = NULL;
    if (info->worker && !hn_json_parse(arena, "worker", info->worker, strlen(info->worker), &worker, NULL)) {
        node = hn_map_append(arena, node, "worker", worker);
    }
    if (info->message) {
        node = hn_map_append(arena, node, "message", hn_node_string(arena, info->message));
    }
    return node;
}

hn_node *hn_asked_node(hn_arena *arena, const hone_trial *trial)
{
    hn_node *params = hn_node_map(arena), *node = hn_node_map(arena);
    hone_named_value param;
    for (size_t i = 0; hone_trial_param(trial, i, &param); i++) {
        params = hn_map_append(arena, params, param.name, hn_value_to_node(arena, param.value));
    }
    node = hn_map_append(arena, node, "trial", hn_node_integer(arena, hone_trial_number(trial)));
    node = hn_map_append(arena, node, "lease", hn_node_string(arena, hone_trial_lease(trial)));
    node = hn_map_append(arena, node, "params", params);
    if (hone_trial_budget(trial)) {
        node = hn_map_append(arena, node, "budget", hn_node_integer(arena, hone_trial_budget(trial)));
    }
    if (hone_trial_parent(trial) >= 0) {
        node = hn_map_append(arena, node, "parent", hn_node_integer(arena, hone_trial_parent(trial)));
    }
    if (hone_trial_resume_step(trial)) {
        node =
            hn_map_append(arena, node, "resume_step", hn_node_integer(arena, hone_trial_resume_step(trial)));
    }
    return node;
}

hn_node *hn_study_info_node(hn_arena *arena, const hone_study_info *info)
{
    hn_node *directions = hn_node_list(arena);
    for (size_t i = 0; i < info->n_objectives; i++) {
        const char *word = info->directions[i] == HONE_MAXIMIZE ? "maximize" : "minimize";
        directions = hn_list_append(arena, directions, hn_node_string(arena, word));
    }
    hn_node *node = hn_map_append(arena, hn_node_map(arena), "study", hn_node_string(arena, info->name));
    node = hn_map_append(arena, node, "directions", directions);
    node = hn_map_append(arena, node, "trials", hn_node_integer(arena, info->trials));
    node = hn_map_append(arena, node, "complete", hn_node_integer(arena, info->complete));
    if (info->has_best) {
        node = hn_map_append(arena, node, "best", hn_node_real(arena, info->best));
    }
    return node;
}

double hn_trial_measured(const hone_trial_info *info, const char *before, const char *metric,
                         const char *after)
{
    size_t begin = strlen(before), size = strlen(metric);
    double value = NAN;
    for (size_t i = 0; i < info->n_attributes; i++) {
        const char *key = info->attribute_keys[i], *json = info->attribute_json[i];
        if (!strncmp(key, before, begin) && !strncmp(key + begin, metric, size) &&
            !strcmp(key + begin + size, after) && !hn_parse_double(json, strlen(json), false, &value)) {
            return NAN;
        }
    }
    return value;
}
