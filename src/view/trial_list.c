#include "view/trial_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "space/condition.h"
#include "view/trial_fields.h"

/* --- copying --- */

typedef struct reading {
    hn_trial_list *list;
    unsigned states; /* bit s: state s is wanted */
    bool bare;       /* only what can be filtered and sorted by */
    bool failed;
} reading;

static const void *copy(hn_arena *arena, const void *from, size_t count, size_t size)
{
    void *to = hn_arena_alloc(arena, count, size);
    if (to && count) {
        memcpy(to, from, count * size);
    }
    return to;
}

static bool copy_params(hn_trial_list *list, hone_trial_info *trial)
{
    hone_named_value *params =
        (hone_named_value *)copy(&list->arena, trial->params, trial->n_params, sizeof *params);
    for (size_t i = 0; params && i < trial->n_params; i++) {
        size_t name = hn_text_map_intern(&list->params, params[i].name);
        if (name == HN_TEXT_MAP_NONE) {
            return false;
        }
        params[i].name = list->params.keys[name];
        if (params[i].value.type == HONE_STRING) {
            params[i].value.as.string = hn_arena_strdup(&list->arena, params[i].value.as.string);
            if (!params[i].value.as.string) {
                return false;
            }
        }
    }
    trial->params = params;
    return params != NULL;
}

static bool copy_attributes(hn_arena *arena, hone_trial_info *trial)
{
    const char **keys = HN_ARENA_NEW(arena, const char *, trial->n_attributes);
    const char **json = HN_ARENA_NEW(arena, const char *, trial->n_attributes);
    for (size_t i = 0; keys && json && i < trial->n_attributes; i++) {
        keys[i] = hn_arena_strdup(arena, trial->attribute_keys[i]);
        json[i] = hn_arena_strdup(arena, trial->attribute_json[i]);
        if (!keys[i] || !json[i]) {
            return false;
        }
    }
    trial->attribute_keys = keys;
    trial->attribute_json = json;
    return keys && json;
}

static void strip(hone_trial_info *trial)
{
    trial->n_reports = trial->n_constraints = trial->n_attributes = 0;
    trial->message = trial->worker = NULL;
}

static bool copy_trial(hn_trial_list *list, hone_trial_info *trial)
{
    hn_arena *arena = &list->arena;
    const char *message = trial->message, *worker = trial->worker;
    trial->values = copy(arena, trial->values, trial->n_values, sizeof *trial->values);
    trial->steps = copy(arena, trial->steps, trial->n_reports, sizeof *trial->steps);
    trial->reports = copy(arena, trial->reports, trial->n_reports, sizeof *trial->reports);
    trial->constraints = copy(arena, trial->constraints, trial->n_constraints, sizeof *trial->constraints);
    trial->message = message ? hn_arena_strdup(arena, message) : NULL;
    trial->worker = worker ? hn_arena_strdup(arena, worker) : NULL;
    return trial->values && trial->steps && trial->reports && trial->constraints &&
           (!message || trial->message) && (!worker || trial->worker) && copy_params(list, trial) &&
           copy_attributes(arena, trial);
}

static bool take(void *user, const hone_trial_info *info)
{
    reading *read = user;
    hn_trial_list *list = read->list;
    if (!(read->states & 1u << info->state)) {
        return true;
    }
    hone_trial_info trial = *info;
    if (read->bare) {
        strip(&trial);
    }
    if (HN_GROW(list->trials, list->count, list->capacity) || !copy_trial(list, &trial)) {
        read->failed = true;
        return false;
    }
    list->trials[list->count++] = trial;
    return true;
}

/* --- what the study is --- */

static hone_status read_objectives(hone_study *study, hn_trial_list *list, hone_error *err)
{
    size_t n = hone_study_objective_count(study);
    list->metrics = HN_ARENA_NEW(&list->arena, const char *, n);
    hone_direction *directions = HN_ARENA_NEW(&list->arena, hone_direction, n);
    if (!list->metrics || !directions) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        const char *name;
        directions[i] = hone_study_objective(study, i, &name);
        list->metrics[i] = hn_arena_strdup(&list->arena, name);
        if (!list->metrics[i]) {
            return hn_out_of_memory(err);
        }
    }
    list->directions = directions;
    list->n_objectives = n;
    return HONE_OK;
}

static hone_status read_space(hone_study *study, hn_trial_list *list, hone_error *err)
{
    char *json = NULL;
    hn_node *root = NULL;
    hn_space *space = NULL;
    hone_status status = hone_study_describe(study, &json, err);
    if (!status) {
        status = hn_json_parse(&list->arena, "definition", json, strlen(json), &root, err);
    }
    hone_free(json);
    const hn_node *declared = status ? NULL : hn_map_get(root, "space");
    if (declared) {
        status = hn_space_from_node(&list->arena, declared, NULL, &space, err);
    }
    for (size_t k = 0; space && k < space->count && !status; k++) {
        const char *name = space->parameters[space->by_display[k]].name;
        status =
            hn_text_map_intern(&list->params, name) == HN_TEXT_MAP_NONE ? hn_out_of_memory(err) : HONE_OK;
    }
    list->space = space;
    return status;
}

static hone_status read_states(const char *text, unsigned *states, hone_error *err)
{
    *states = text ? 0 : ~0u;
    while (text) {
        const char *comma = strchr(text, ',');
        size_t size = comma ? (size_t)(comma - text) : strlen(text), found = SIZE_MAX;
        for (size_t s = HONE_RUNNING; s <= HONE_WAITING; s++) {
            const char *name = hone_trial_state_name((hone_trial_state)s);
            if (strlen(name) == size && !memcmp(name, text, size)) {
                found = s;
            }
        }
        if (found == SIZE_MAX) {
            return hn_fail(err, HONE_INVALID,
                           "state '%.*s': there are running, complete, pruned, failed, waiting",
                           size > 60 ? 60 : (int)size, text);
        }
        *states |= 1u << found;
        text = comma ? comma + 1 : NULL;
    }
    return HONE_OK;
}

/* --- filter --- */

static void mark(void *user, size_t parameter)
{
    ((bool *)user)[parameter] = true;
}

static hone_status filter(hn_trial_list *list, const hn_fields *fields, const char *text, hone_error *err)
{
    hn_condition *condition = NULL;
    const char **names = HN_ARENA_NEW(&list->arena, const char *, fields->count);
    const hn_distribution **distributions =
        HN_ARENA_NEW(&list->arena, const hn_distribution *, fields->count);
    double *values = HN_ARENA_NEW(&list->arena, double, fields->count);
    bool *active = HN_ARENA_NEW(&list->arena, bool, fields->count);
    bool *used = HN_ARENA_NEW(&list->arena, bool, fields->count);
    if (!names || !distributions || !values || !active || !used) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < fields->count; i++) {
        names[i] = fields->items[i].name;
        distributions[i] = &fields->items[i].distribution;
    }
    hone_status status =
        hn_condition_parse(&list->arena, text, (hn_position){.source = "filter"}, &condition, err);
    if (!status) {
        status = hn_condition_bind(condition, names, distributions, fields->count, err);
    }
    if (status) {
        return status;
    }
    hn_condition_references(condition, mark, used);
    size_t kept = 0;
    for (size_t t = 0; t < list->count; t++) {
        for (size_t i = 0; i < fields->count; i++) {
            active[i] = used[i] && hn_field_get(&fields->items[i], &list->trials[t], &values[i]);
        }
        if (hn_condition_holds(condition, values, active)) {
            list->trials[kept++] = list->trials[t];
        }
    }
    list->count = kept;
    return HONE_OK;
}

/* --- sort --- */

typedef struct sort_item {
    double key;
    int group; /* 0; 1: the value of a trial that was ended early, which has no rank; 2: without the key */
    hone_trial_info trial;
} sort_item;

static int by_key(const void *a, const void *b)
{
    const sort_item *x = a, *y = b;
    if (x->group != y->group) {
        return x->group - y->group;
    }
    if (x->group < 2 && x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    return (x->trial.number > y->trial.number) - (x->trial.number < y->trial.number);
}

/* Ascending; objectives best first, those of trials that ended early after all others; "-" reverses. */
static hone_status sort(hn_trial_list *list, const hn_fields *fields, const char *order, hone_error *err)
{
    bool reversed = order[0] == '-';
    const hn_field *field;
    hone_status status = hn_field_find(fields, order + reversed, &field, err);
    if (status) {
        return status;
    }
    bool largest_first =
        reversed != (field->kind == HN_FIELD_VALUE && list->directions[field->objective] == HONE_MAXIMIZE);
    sort_item *items = hn_calloc(list->count ? list->count : 1, sizeof *items);
    if (!items) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        double key = 0;
        items[i].trial = list->trials[i];
        bool absent = !hn_field_get(field, &list->trials[i], &key) || isnan(key);
        bool unranked = field->kind == HN_FIELD_VALUE && list->trials[i].state != HONE_COMPLETE;
        items[i].group = absent ? 2 : unranked;
        items[i].key = largest_first ? -key : key;
    }
    qsort(items, list->count, sizeof *items, by_key);
    for (size_t i = 0; i < list->count; i++) {
        list->trials[i] = items[i].trial;
    }
    hn_free(items);
    return HONE_OK;
}

/* --- all of it --- */

static void cut(hn_trial_list *list, int64_t offset, int64_t limit)
{
    list->matched = list->count;
    size_t first = (uint64_t)offset < list->count ? (size_t)offset : list->count;
    size_t left = list->count - first;
    list->count = limit && (uint64_t)limit < left ? (size_t)limit : left;
    if (first) {
        memmove(list->trials, list->trials + first, list->count * sizeof *list->trials);
    }
}

static hone_status read_list(hone_study *study, const hone_trial_query *query, bool bare, hn_trial_list *list,
                             hone_error *err)
{
    reading read = {.list = list, .bare = bare};
    hn_fields fields;
    if (query->offset < 0 || query->limit < 0) {
        return hn_fail(err, HONE_INVALID, "offset and limit are 0 or more");
    }
    hone_status status = read_states(query->state, &read.states, err);
    if (!status) {
        status = read_objectives(study, list, err);
    }
    if (!status) {
        status = read_space(study, list, err);
    }
    if (!status) {
        status = hone_study_each(study, take, &read, err);
    }
    if (!status && read.failed) {
        status = hn_out_of_memory(err);
    }
    if (!status && (query->filter || query->sort)) {
        status = hn_fields_make(list, &fields, err);
    }
    if (!status && query->filter) {
        status = filter(list, &fields, query->filter, err);
    }
    if (!status && query->sort) {
        status = sort(list, &fields, query->sort, err);
    }
    return status;
}

hone_status hn_trial_list_read(hone_study *study, const hone_trial_query *query, hn_trial_list *list,
                               hone_error *err)
{
    hn_trial_list read = {0};
    hone_status status = read_list(study, query, false, &read, err);
    if (status) {
        hn_trial_list_release(&read);
        return status;
    }
    cut(&read, query->offset, query->limit);
    *list = read;
    return HONE_OK;
}

hone_status hn_trial_numbers(hone_study *study, const hone_trial_query *query, int64_t **numbers,
                             size_t *count, hone_error *err)
{
    hn_trial_list read = {0};
    hone_status status = read_list(study, query, true, &read, err);
    int64_t *found = status ? NULL : hn_calloc(read.count + 1, sizeof *found);
    if (!status && !found) {
        status = hn_out_of_memory(err);
    }
    for (size_t i = 0; !status && i < read.count; i++) {
        found[i] = read.trials[i].number;
    }
    if (!status) {
        *numbers = found;
        *count = read.count;
    }
    hn_trial_list_release(&read);
    return status;
}

void hn_trial_list_release(hn_trial_list *list)
{
    hn_free(list->trials);
    hn_text_map_release(&list->params);
    hn_arena_release(&list->arena);
}

const hone_value *hn_trial_param_value(const hone_trial_info *trial, const char *name)
{
    for (size_t i = 0; i < trial->n_params; i++) {
        if (trial->params[i].name == name || strcmp(trial->params[i].name, name) == 0) {
            return &trial->params[i].value;
        }
    }
    return NULL;
}
