/* Reading a study: records of trials, the best ones, lists of studies. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "study/study.h"

/* --- one trial as a record --- */

/* A public record and the arena that holds what it points to. */
typedef struct owned_info {
    hone_trial_info info; /* first, so that one pointer serves both */
    hn_arena arena;
    const int64_t *paused; /* keys of the trials that are, while it is filled */
    size_t n_paused;
    int64_t ladder[HN_MOST_LADDER]; /* steps at which trials pause, alike */
    size_t n_ladder;
} owned_info;

/* In the study's scratch memory. */
static hone_status look_at_schedule(hone_study *study, owned_info *owned, hone_error *err)
{
    owned->n_ladder = hn_pruner_ladder(study->pruner, owned->ladder);
    int64_t *ids = NULL;
    hn_arena_reset(&study->scratch);
    hone_status status =
        study->ops->trials_paused(study->storage, study->row, &study->scratch, &ids, &owned->n_paused, err);
    owned->paused = ids;
    return status;
}

void hone_trial_info_free(hone_trial_info *info)
{
    if (info) {
        owned_info *owned = (owned_info *)info;
        hn_arena arena = owned->arena;
        hn_arena_release(&arena);
        hn_free(owned);
    }
}

static hone_status copy_params(hn_arena *arena, const hn_trial_record *record, hone_trial_info *info,
                               hone_error *err)
{
    hone_named_value *params = HN_ARENA_NEW(arena, hone_named_value, record->n_params);
    if (!params) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < record->n_params; i++) {
        const hn_trial_param *from = &record->params[i];
        params[i].name = hn_arena_strdup(arena, from->name);
        params[i].value = hn_distribution_to_value(from->distribution, from->value);
        if (params[i].value.type == HONE_STRING) {
            params[i].value.as.string = hn_arena_strdup(arena, params[i].value.as.string);
        }
        if (!params[i].name || (params[i].value.type == HONE_STRING && !params[i].value.as.string)) {
            return hn_out_of_memory(err);
        }
    }
    info->params = params;
    info->n_params = record->n_params;
    return HONE_OK;
}

static hone_status copy_numbers(hn_arena *arena, const hn_trial_record *record, hone_trial_info *info,
                                hone_error *err)
{
    double *values = HN_ARENA_NEW(arena, double, record->n_values);
    double *constraints = HN_ARENA_NEW(arena, double, record->n_constraints);
    double *reports = HN_ARENA_NEW(arena, double, record->n_reports);
    int64_t *steps = HN_ARENA_NEW(arena, int64_t, record->n_reports);
    if (!values || !constraints || !reports || !steps) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < record->n_values; i++) {
        values[i] = record->values[i];
    }
    for (size_t i = 0; i < record->n_constraints; i++) {
        constraints[i] = record->constraints[i];
    }
    for (size_t i = 0; i < record->n_reports; i++) {
        steps[i] = record->reports[i].step;
        reports[i] = record->reports[i].value;
    }
    info->values = values;
    info->n_values = record->n_values;
    info->constraints = constraints;
    info->n_constraints = record->n_constraints;
    info->reports = reports;
    info->steps = steps;
    info->n_reports = record->n_reports;
    return HONE_OK;
}

static const char *read_message(hn_arena *arena, const char *json)
{
    hn_node *node = NULL;
    if (hn_json_parse(arena, "hone:message", json, strlen(json), &node, NULL) || node->kind != HN_STRING) {
        return NULL;
    }
    return node->as.string;
}

static hone_status copy_attributes(hn_arena *arena, const hn_trial_record *record, hone_trial_info *info,
                                   hone_error *err)
{
    const char **keys = HN_ARENA_NEW(arena, const char *, record->n_attributes);
    const char **json = HN_ARENA_NEW(arena, const char *, record->n_attributes);
    if (!keys || !json) {
        return hn_out_of_memory(err);
    }
    size_t n = 0;
    for (size_t i = 0; i < record->n_attributes; i++) {
        const hn_attribute *attribute = &record->attributes[i];
        if (attribute->system) {
            if (!strcmp(attribute->key, "hone:message")) {
                info->message = read_message(arena, attribute->json);
            } else if (!strcmp(attribute->key, HN_KEY_WORKER)) {
                info->worker = hn_arena_strdup(arena, attribute->json);
            } else if (!strcmp(attribute->key, HN_KEY_PARENT)) {
                hn_parse_int(attribute->json, strlen(attribute->json), &info->parent);
            } else if (!strcmp(attribute->key, HN_KEY_PARENT_STEP)) {
                hn_parse_int(attribute->json, strlen(attribute->json), &info->parent_step);
            }
            continue;
        }
        keys[n] = hn_arena_strdup(arena, attribute->key);
        json[n] = hn_arena_strdup(arena, attribute->json);
        if (!keys[n] || !json[n]) {
            return hn_out_of_memory(err);
        }
        n++;
    }
    info->attribute_keys = keys;
    info->attribute_json = json;
    info->n_attributes = n;
    return HONE_OK;
}

static hone_status copy_info(void *user, const hn_trial_record *record, hone_error *err)
{
    owned_info *owned = user;
    hone_trial_info *info = &owned->info;
    info->number = record->number;
    info->parent = -1;
    info->state = record->state;
    info->start_us = record->start_us;
    info->complete_us = record->complete_us;
    info->runs = record->runs;
    int64_t last = record->n_reports ? record->reports[record->n_reports - 1].step : -1;
    while ((size_t)info->rung < owned->n_ladder && owned->ladder[info->rung] <= last) {
        info->rung++;
    }
    bool timed = record->start_us && record->complete_us > record->start_us;
    info->seconds = record->seconds > 0 ? record->seconds
                    : timed             ? (double)(record->complete_us - record->start_us) * 1e-6
                                        : 0;
    for (size_t i = 0; i < owned->n_paused; i++) {
        info->paused = info->paused || owned->paused[i] == record->id;
    }
    hone_status status = copy_params(&owned->arena, record, info, err);
    if (!status) {
        status = copy_numbers(&owned->arena, record, info, err);
    }
    if (!status) {
        status = copy_attributes(&owned->arena, record, info, err);
    }
    return status;
}

/* What has been read already knows the key; the storage has to search. */
static hone_status find_trial(hone_study *study, int64_t number, int64_t *id, hone_error *err)
{
    const hn_history *history = study->history;
    bool known = study->loaded && number >= 0 && number < (int64_t)hn_history_count(history);
    if (known && !hn_history_is_gap(history, number)) {
        *id = hn_history_id(history, number);
        return HONE_OK;
    }
    return study->ops->trial_find(study->storage, study->row, number, id, err);
}

hone_status hone_study_trial(hone_study *study, int64_t number, hone_trial_info **info, hone_error *err)
{
    owned_info *owned = hn_calloc(1, sizeof *owned);
    if (!owned) {
        return hn_out_of_memory(err);
    }
    int64_t id = 0;
    hn_study_lock(study);
    hone_status status = find_trial(study, number, &id, err);
    if (!status) {
        status = look_at_schedule(study, owned, err);
    }
    if (!status) {
        status = study->ops->trial_read(study->storage, id, copy_info, owned, err);
    }
    hn_study_unlock(study);
    if (status) {
        hone_trial_info_free(&owned->info);
        return status;
    }
    *info = &owned->info;
    return HONE_OK;
}

/* --- many trials --- */

typedef struct visiting {
    bool (*visit)(void *user, const hone_trial_info *info);
    void *user;
    owned_info scratch;
    bool stopped;
} visiting;

static hone_status visit_record(void *user, const hn_trial_record *record, hone_error *err)
{
    visiting *each = user;
    if (each->stopped) {
        return HONE_OK;
    }
    hn_arena arena = each->scratch.arena;
    hn_arena_reset(&arena);
    each->scratch.info = (hone_trial_info){0};
    each->scratch.arena = arena;
    hone_status status = copy_info(&each->scratch, record, err);
    if (!status) {
        each->stopped = !each->visit(each->user, &each->scratch.info);
    }
    return status;
}

hone_status hone_study_each(hone_study *study, bool (*visit)(void *user, const hone_trial_info *info),
                            void *user, hone_error *err)
{
    visiting each = {.visit = visit, .user = user};
    hn_study_lock(study);
    hone_status status = look_at_schedule(study, &each.scratch, err);
    if (!status) {
        status = study->ops->scan(study->storage, study->row, 0, NULL, 0, visit_record, &each, err);
    }
    hn_study_unlock(study);
    hn_arena_release(&each.scratch.arena);
    return status;
}

/* --- counts and the best --- */

static bool load_locked(hone_study *study)
{
    hn_study_lock(study);
    return !hn_study_sync(study, NULL);
}

int64_t hone_study_trial_count(hone_study *study)
{
    int64_t count = load_locked(study) ? (int64_t)hn_history_count(study->history) : 0;
    hn_study_unlock(study);
    return count;
}

int64_t hone_study_state_count(hone_study *study, hone_trial_state state)
{
    int64_t count = load_locked(study) ? (int64_t)hn_history_state_count(study->history, state) : 0;
    hn_study_unlock(study);
    return count;
}

static size_t best_of_one(const hn_history *history, size_t n, int64_t *out)
{
    size_t found = hn_history_best(history, n, out), kept = 0;
    for (size_t i = 0; i < found; i++) {
        if (hn_history_state(history, out[i]) == HONE_COMPLETE &&
            !(hn_history_violation(history, out[i]) > 0)) {
            out[kept++] = out[i];
        }
    }
    return kept;
}

static hone_status pareto_front(const hn_history *history, int64_t *out, size_t *count, hone_error *err)
{
    size_t n, kept = 0;
    const int64_t *finished = hn_history_finished(history, &n);
    uint32_t *ranks = hn_calloc(n ? n : 1, sizeof *ranks);
    if (!ranks) {
        return hn_out_of_memory(err);
    }
    size_t complete = 0;
    for (size_t i = 0; i < n; i++) {
        if (hn_history_state(history, finished[i]) == HONE_COMPLETE &&
            !(hn_history_violation(history, finished[i]) > 0)) {
            out[complete++] = finished[i];
        }
    }
    hone_status status = hn_history_pareto_ranks(history, out, complete, ranks, err);
    for (size_t i = 0; i < complete && !status; i++) {
        if (!ranks[i]) {
            out[kept++] = out[i];
        }
    }
    hn_free(ranks);
    if (!status) {
        *count = kept;
    }
    return status;
}

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

hone_status hone_study_best(hone_study *study, size_t n, int64_t **numbers, size_t *count, hone_error *err)
{
    hn_study_lock(study);
    int64_t *out = NULL;
    size_t found = 0;
    hone_status status = hn_study_sync(study, err);
    if (!status) {
        bool several = study->definition->n_objectives > 1;
        size_t rows = hn_history_count(study->history);
        size_t room = several || n > rows ? rows : n;
        out = hn_calloc(room ? room : 1, sizeof *out);
        if (!out) {
            status = hn_out_of_memory(err);
        } else if (several) {
            status = pareto_front(study->history, out, &found, err);
            qsort(out, found, sizeof *out, ascending);
        } else {
            found = best_of_one(study->history, room, out);
        }
    }
    hn_study_unlock(study);
    if (status) {
        hn_free(out);
        return status;
    }
    *numbers = out;
    *count = found;
    return HONE_OK;
}

/* --- attributes and lists --- */

hone_status hone_study_set_attribute(hone_study *study, const char *key, const char *json, hone_error *err)
{
    hn_attribute attribute = {key, json, false};
    hn_arena scratch = HN_ARENA_INIT;
    hn_node *node = NULL;
    hone_status status = hn_json_parse(&scratch, key, json, strlen(json), &node, err);
    hn_arena_release(&scratch);
    if (status) {
        return status;
    }
    hn_study_lock(study);
    status = study->ops->study_set_attribute(study->storage, study->row, &attribute, err);
    hn_study_unlock(study);
    return status;
}

hone_status hone_study_attribute(hone_study *study, const char *key, char **json, hone_error *err)
{
    const char *found = NULL;
    hn_study_lock(study);
    hn_arena_reset(&study->scratch);
    hone_status status =
        study->ops->study_attribute(study->storage, study->row, key, false, &study->scratch, &found, err);
    char *copy = found ? hn_strdup(found) : NULL;
    hn_study_unlock(study);
    if (status) {
        return status;
    }
    if (!found) {
        return hn_fail(err, HONE_NOT_FOUND, "study '%s' has no attribute '%s'", study->name, key);
    }
    if (!copy) {
        return hn_out_of_memory(err);
    }
    *json = copy;
    return HONE_OK;
}

static hone_status copy_summaries(const hn_study_summary *rows, size_t n, hone_study_info **studies,
                                  hone_error *err)
{
    hone_study_info *list = hn_calloc(n ? n : 1, sizeof *list);
    for (size_t i = 0; list && i < n; i++) {
        list[i] = (hone_study_info){.name = hn_strdup(rows[i].name),
                                    .trials = rows[i].trials,
                                    .complete = rows[i].complete,
                                    .created_us = rows[i].first_start_us,
                                    .n_objectives = rows[i].n_objectives,
                                    .has_best = rows[i].has_best,
                                    .best = rows[i].best};
        memcpy(list[i].directions, rows[i].directions, sizeof list[i].directions);
        if (!list[i].name) {
            hone_study_list_free(list, n);
            list = NULL;
        }
    }
    if (!list) {
        return hn_out_of_memory(err);
    }
    *studies = list;
    return HONE_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const hone_study_info *)a)->name, ((const hone_study_info *)b)->name);
}

static hone_status several_studies(const char *url, const char *const *names, size_t n, hone_error *err)
{
    enum { NAMED = 10 };
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; i < n && i < NAMED; i++) {
        hn_buffer_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    hone_status status = hn_fail(err, HONE_NOT_FOUND, "%s holds %zu studies, say which: %s%s", url, n,
                                 hn_buffer_string(&list), n > NAMED ? " ..." : "");
    hn_buffer_release(&list);
    return status;
}

hone_status hone_study_list(const char *url, hone_study_info **studies, size_t *count, hone_error *err)
{
    hn_storage *storage = NULL;
    hn_arena arena = HN_ARENA_INIT;
    hn_study_summary *rows = NULL;
    size_t n = 0;
    hone_status status = hn_storage_open(url, false, &storage, err);
    if (!status) {
        status = hn_storage_of(storage)->study_list(storage, &arena, &rows, &n, err);
    }
    if (!status) {
        status = copy_summaries(rows, n, studies, err);
    }
    if (!status) {
        qsort(*studies, n, sizeof **studies, by_name);
        *count = n;
    }
    hn_storage_close(storage);
    hn_arena_release(&arena);
    return status;
}

hone_status hone_study_only(const char *url, char **name, hone_error *err)
{
    hn_storage *storage = NULL;
    hn_arena arena = HN_ARENA_INIT;
    const char **names = NULL;
    size_t n = 0;
    hone_status status = hn_storage_open(url, false, &storage, err);
    if (!status) {
        status = hn_storage_of(storage)->study_names(storage, &arena, &names, &n, err);
    }
    if (!status && n != 1) {
        status = n ? several_studies(url, names, n, err)
                   : hn_fail(err, HONE_NOT_FOUND, "there is no study in %s", url);
    }
    char *copy = status ? NULL : hn_strdup(names[0]);
    if (!status && !copy) {
        status = hn_out_of_memory(err);
    }
    if (!status) {
        *name = copy;
    }
    hn_storage_close(storage);
    hn_arena_release(&arena);
    return status;
}

void hone_study_list_free(hone_study_info *studies, size_t count)
{
    for (size_t i = 0; studies && i < count; i++) {
        hn_free(studies[i].name);
    }
    hn_free(studies);
}
