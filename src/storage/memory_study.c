#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "storage/memory.h"

void hn_memory_free_attributes(hn_attribute *attributes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hn_free((char *)attributes[i].key);
        hn_free((char *)attributes[i].json);
    }
    hn_free(attributes);
}

hone_status hn_memory_set_attribute(hn_attribute **attributes, size_t *n, const hn_attribute *attribute,
                                    hone_error *err)
{
    size_t at = 0;
    hn_attribute *grown;
    char *key = NULL, *json = hn_strdup(attribute->json);
    while (at < *n && !((*attributes)[at].system == attribute->system &&
                        strcmp((*attributes)[at].key, attribute->key) == 0))
        at++;
    if (!json)
        goto out_of_memory;
    if (at < *n) {
        hn_free((char *)(*attributes)[at].json);
        (*attributes)[at].json = json;
        return HONE_OK;
    }
    key = hn_strdup(attribute->key);
    grown = key ? hn_realloc_array(*attributes, *n + 1, sizeof *grown) : NULL;
    if (!grown)
        goto out_of_memory;
    grown[(*n)++] = (hn_attribute){.key = key, .json = json, .system = attribute->system};
    *attributes = grown;
    return HONE_OK;
out_of_memory:
    hn_free(key);
    hn_free(json);
    return hn_out_of_memory(err);
}

void hn_memory_free_study(hn_memory_study *study)
{
    if (!study)
        return;
    for (size_t i = 0; study->metric_names && i < study->n_objectives; i++)
        hn_free(study->metric_names[i]);
    hn_free(study->metric_names);
    hn_memory_free_attributes(study->attributes, study->n_attributes);
    hn_free(study->name);
    hn_free(study->definition);
    hn_free(study);
}

static hn_memory_study *find(const hn_memory *memory, const char *name, int64_t *id)
{
    for (size_t i = 0; i < memory->n_studies; i++) {
        hn_memory_study *study = memory->studies[i];
        if (!study->deleted && strcmp(study->name, name) == 0) {
            *id = (int64_t)i + 1;
            return study;
        }
    }
    return NULL;
}

static hone_status copy_names(hn_memory_study *study, const char *const *names, hone_error *err)
{
    study->metric_names = hn_calloc(study->n_objectives, sizeof *study->metric_names);
    for (size_t i = 0; study->metric_names && i < study->n_objectives; i++) {
        study->metric_names[i] = hn_strdup(names[i]);
        if (!study->metric_names[i])
            return hn_out_of_memory(err);
    }
    return study->metric_names ? HONE_OK : hn_out_of_memory(err);
}

static hone_status make_study(const hn_study_row *row, hn_memory_study **out, hone_error *err)
{
    hone_status status = HONE_OK;
    hn_memory_study *study = hn_calloc(1, sizeof *study);
    if (!study)
        return hn_out_of_memory(err);
    study->n_objectives = row->n_objectives;
    memcpy(study->directions, row->directions, row->n_objectives * sizeof *row->directions);
    study->name = hn_strdup(row->name);
    study->definition = row->definition ? hn_strdup(row->definition) : NULL;
    if (!study->name || (row->definition && !study->definition))
        status = hn_out_of_memory(err);
    if (!status && row->metric_names)
        status = copy_names(study, row->metric_names, err);
    for (size_t i = 0; i < row->n_attributes && !status; i++)
        status = hn_memory_set_attribute(&study->attributes, &study->n_attributes, &row->attributes[i], err);
    if (row->uuid[0])
        memcpy(study->uuid, row->uuid, sizeof study->uuid);
    else if (!status)
        status = hn_make_uuid(study->uuid, err);
    if (status)
        hn_memory_free_study(study);
    else
        *out = study;
    return status;
}

hone_status hn_memory_study_create(hn_storage *storage, const hn_study_row *row, int64_t *id, bool *created,
                                   hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    hn_memory_study *study = NULL;
    hone_status status = hn_study_row_check(row, err);
    if (status)
        return status;
    if (find(memory, row->name, id)) {
        *created = false;
        return HONE_OK;
    }
    if (HN_GROW(memory->studies, memory->n_studies, memory->studies_capacity))
        return hn_out_of_memory(err);
    status = make_study(row, &study, err);
    if (status)
        return status;
    memory->studies[memory->n_studies++] = study;
    *id = (int64_t)memory->n_studies;
    *created = true;
    return HONE_OK;
}

static hone_status not_found(const hn_memory *memory, const char *name, hn_arena *arena, hone_error *err)
{
    size_t n = 0;
    const char **names = HN_ARENA_NEW(arena, const char *, memory->n_studies);
    if (!names)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < memory->n_studies; i++) {
        if (!memory->studies[i]->deleted)
            names[n++] = memory->studies[i]->name;
    }
    return hn_no_such_study(name, names, n, err);
}

/* A copy of the study in arena; the first failed allocation shows in the last check. */
static hone_status copy_row(const hn_memory_study *study, int64_t id, hn_arena *arena, hn_study_row *out,
                            hone_error *err)
{
    bool failed = false;
    hone_direction *directions = HN_ARENA_NEW(arena, hone_direction, study->n_objectives);
    const char **names = HN_ARENA_NEW(arena, const char *, study->n_objectives);
    hn_attribute *attributes = HN_ARENA_NEW(arena, hn_attribute, study->n_attributes);
    hn_study_row row = {
        .id = id,
        .name = hn_arena_strdup(arena, study->name),
        .n_objectives = study->n_objectives,
        .directions = directions,
        .metric_names = study->metric_names ? names : NULL,
        .definition = study->definition ? hn_arena_strdup(arena, study->definition) : NULL,
        .n_attributes = study->n_attributes,
        .attributes = attributes,
    };
    if (!directions || !names || !attributes || !row.name || (study->definition && !row.definition))
        return hn_out_of_memory(err);
    memcpy(row.uuid, study->uuid, sizeof row.uuid);
    memcpy(directions, study->directions, study->n_objectives * sizeof *directions);
    for (size_t i = 0; study->metric_names && i < study->n_objectives; i++) {
        names[i] = hn_arena_strdup(arena, study->metric_names[i]);
        failed |= !names[i];
    }
    for (size_t i = 0; i < study->n_attributes; i++) {
        attributes[i] = (hn_attribute){
            .key = hn_arena_strdup(arena, study->attributes[i].key),
            .json = hn_arena_strdup(arena, study->attributes[i].json),
            .system = study->attributes[i].system,
        };
        failed |= !attributes[i].key || !attributes[i].json;
    }
    if (failed)
        return hn_out_of_memory(err);
    *out = row;
    return HONE_OK;
}

hone_status hn_memory_study_find(hn_storage *storage, const char *name, hn_arena *arena, hn_study_row *row,
                                 hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    int64_t id;
    const hn_memory_study *study = find(memory, name, &id);
    return study ? copy_row(study, id, arena, row, err) : not_found(memory, name, arena, err);
}

/* One trial's part of its study's summary. */
static void summarise(const hn_memory_study *study, const hn_memory_trial *trial, hn_study_summary *summary)
{
    summary->trials++;
    if (trial->start_us && (!summary->first_start_us || trial->start_us < summary->first_start_us))
        summary->first_start_us = trial->start_us;
    if (trial->state != HONE_COMPLETE)
        return;
    summary->complete++;
    if (study->n_objectives != 1)
        return;
    double value = trial->numbers[0];
    bool better = study->directions[0] == HONE_MAXIMIZE ? value > summary->best : value < summary->best;
    if (!summary->has_best || better)
        summary->best = value;
    summary->has_best = true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

hone_status hn_memory_study_names(hn_storage *storage, hn_arena *arena, const char ***names, size_t *count,
                                  hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    const char **found = HN_ARENA_NEW(arena, const char *, memory->n_studies);
    size_t n = 0;
    if (!found)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < memory->n_studies; i++) {
        if (memory->studies[i]->deleted)
            continue;
        found[n] = hn_arena_strdup(arena, memory->studies[i]->name);
        if (!found[n++])
            return hn_out_of_memory(err);
    }
    qsort(found, n, sizeof *found, by_text);
    *names = found;
    *count = n;
    return HONE_OK;
}

hone_status hn_memory_study_list(hn_storage *storage, hn_arena *arena, hn_study_summary **rows, size_t *count,
                                 hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    hn_study_summary *found = HN_ARENA_NEW(arena, hn_study_summary, memory->n_studies);
    size_t *place = HN_ARENA_NEW(arena, size_t, memory->n_studies); /* of a study in found */
    size_t n = 0;
    if (!found || !place)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < memory->n_studies; i++) {
        const hn_memory_study *study = memory->studies[i];
        if (study->deleted)
            continue;
        place[i] = n;
        found[n].id = (int64_t)i + 1;
        found[n].name = hn_arena_strdup(arena, study->name);
        found[n].n_objectives = study->n_objectives;
        memcpy(found[n].directions, study->directions, sizeof found[n].directions);
        if (!found[n++].name)
            return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < memory->n_trials; i++) {
        const hn_memory_trial *trial = memory->trials[i];
        if (trial)
            summarise(memory->studies[trial->study], trial, &found[place[trial->study]]);
    }
    *rows = found;
    *count = n;
    return HONE_OK;
}

hone_status hn_memory_study_delete(hn_storage *storage, int64_t id, hone_error *err)
{
    hn_memory *memory = (hn_memory *)storage;
    hn_memory_study *study = NULL;
    hone_status status = hn_memory_study_at(memory, id, &study, err);
    if (status)
        return status;
    study->deleted = true;
    for (size_t i = 0; i < memory->n_trials; i++) {
        if (memory->trials[i] && memory->trials[i]->study == (uint32_t)(id - 1)) {
            hn_memory_free_trial(memory->trials[i]);
            memory->trials[i] = NULL;
        }
    }
    return HONE_OK;
}

hone_status hn_memory_study_set_definition(hn_storage *storage, int64_t id, const char *definition,
                                           hone_error *err)
{
    hn_memory_study *study = NULL;
    hone_status status = hn_memory_study_at((hn_memory *)storage, id, &study, err);
    if (status)
        return status;
    char *copy = definition ? hn_strdup(definition) : NULL;
    if (definition && !copy)
        return hn_out_of_memory(err);
    hn_free(study->definition);
    study->definition = copy;
    return HONE_OK;
}

hone_status hn_memory_study_set_attribute(hn_storage *storage, int64_t id, const hn_attribute *attribute,
                                          hone_error *err)
{
    hn_memory_study *study = NULL;
    hone_status status = hn_memory_study_at((hn_memory *)storage, id, &study, err);
    return status ? status
                  : hn_memory_set_attribute(&study->attributes, &study->n_attributes, attribute, err);
}

hone_status hn_memory_study_attribute(hn_storage *storage, int64_t id, const char *key, bool system,
                                      hn_arena *arena, const char **json, hone_error *err)
{
    hn_memory_study *study = NULL;
    hone_status status = hn_memory_study_at((hn_memory *)storage, id, &study, err);
    if (status)
        return status;
    const char *found = NULL;
    for (size_t i = 0; i < study->n_attributes && !found; i++) {
        const hn_attribute *attribute = &study->attributes[i];
        if (attribute->system == system && strcmp(attribute->key, key) == 0) {
            found = hn_arena_strdup(arena, attribute->json);
            if (!found)
                return hn_out_of_memory(err);
        }
    }
    *json = found;
    return HONE_OK;
}
