/* Making and changing studies. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "storage/postgres.h"

/* --- what is known of a study --- */

static hn_pg_study *find_known(hn_postgres *pg, int64_t study)
{
    for (size_t i = 0; i < pg->n_studies; i++) {
        if (pg->studies[i].id == study)
            return &pg->studies[i];
    }
    return NULL;
}

void hn_pg_forget(hn_postgres *pg, int64_t study)
{
    hn_pg_study *known = find_known(pg, study);
    if (known)
        *known = pg->studies[--pg->n_studies];
}

static hone_status remember(hn_postgres *pg, const hn_pg_study *study, hone_error *err)
{
    hn_pg_study *known = find_known(pg, study->id);
    if (!known) {
        if (HN_GROW(pg->studies, pg->n_studies, pg->studies_capacity))
            return hn_out_of_memory(err);
        known = &pg->studies[pg->n_studies++];
    }
    *known = *study;
    return HONE_OK;
}

/* One round trip: the study as it is, after it has its UUID when adopt. */
static hone_status learn(hn_postgres *pg, int64_t study, bool adopt, hn_pg_study *out, hone_error *err)
{
    char uuid[HN_UUID_SIZE];
    hn_pg_attempts attempts = {0};
    hone_status status = hn_make_uuid(uuid, err);
    if (status)
        return status;
    do {
        hn_pg_start(pg);
        if (adopt) {
            hn_pg_add(pg, HN_PG_STUDY_LOCK, "i", study);
            hn_pg_add(pg, HN_PG_STUDY_ADOPT, "it", study, uuid);
        }
        hn_pg_add(pg, HN_PG_STUDY_KEY, "i", study);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (status)
        return status;
    const PGresult *key = pg->results[adopt ? 2 : 0];
    if (PQntuples(key) == 0)
        return hn_no_such_study_id(study, err);
    *out = (hn_pg_study){
        .id = study, .n_objectives = (size_t)hn_pg_int(key, 0, 0), .ours = hn_pg_int(key, 0, 1) != 0};
    return HONE_OK;
}

hone_status hn_pg_study_known(hn_postgres *pg, int64_t study, bool adopt, hn_pg_study *out, hone_error *err)
{
    const hn_pg_study *known = find_known(pg, study);
    hn_pg_study found = {0};
    if (known && (known->ours || !adopt)) {
        *out = *known;
        return HONE_OK;
    }
    hone_status status = learn(pg, study, false, &found, err);
    if (!status && !found.ours && adopt)
        status = learn(pg, study, true, &found, err);
    if (!status)
        status = remember(pg, &found, err);
    if (!status)
        *out = found;
    return status;
}

/* --- creating --- */

/* Attributes of one kind as two arrays. */
typedef struct attribute_list {
    size_t n;
    const char **keys, **jsons;
} attribute_list;

static hone_status make_list(hn_arena *arena, size_t most, attribute_list *list, hone_error *err)
{
    list->n = 0;
    list->keys = HN_ARENA_NEW(arena, const char *, most);
    list->jsons = HN_ARENA_NEW(arena, const char *, most);
    return list->keys && list->jsons ? HONE_OK : hn_out_of_memory(err);
}

static void append(attribute_list *list, const char *key, const char *json)
{
    list->keys[list->n] = key;
    list->jsons[list->n++] = json;
}

static hone_status list_attributes(hn_arena *arena, const hn_study_row *row, const char *uuid,
                                   attribute_list *system, attribute_list *user, hone_error *err)
{
    hn_buffer names = HN_BUFFER_INIT;
    const char *uuid_json = hn_arena_printf(arena, "\"%s\"", uuid), *names_json = NULL;
    hone_status status = make_list(arena, row->n_attributes + 2, system, err);
    if (!status)
        status = make_list(arena, row->n_attributes, user, err);
    if (!status && row->metric_names) {
        hn_write_strings(&names, row->metric_names, row->n_objectives);
        names_json = hn_buffer_failed(&names) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&names));
        if (!names_json)
            status = hn_out_of_memory(err);
        else
            append(system, HN_KEY_METRIC_NAMES, names_json);
    }
    hn_buffer_release(&names);
    if (!status && !uuid_json)
        status = hn_out_of_memory(err);
    if (status)
        return status;
    for (size_t i = 0; i < row->n_attributes; i++)
        append(row->attributes[i].system ? system : user, row->attributes[i].key, row->attributes[i].json);
    append(system, HN_KEY_UUID, uuid_json);
    return HONE_OK;
}

/* Two statements: to make the study unless its name is taken, and to see whose it is. */
static hone_status insert_study(hn_postgres *pg, const hn_study_row *row, const char *uuid, hn_arena *arena,
                                hone_error *err)
{
    attribute_list system = {0}, user = {0};
    hn_pg_attempts attempts = {0};
    const char **directions = HN_ARENA_NEW(arena, const char *, row->n_objectives);
    hone_status status =
        directions ? list_attributes(arena, row, uuid, &system, &user, err) : hn_out_of_memory(err);
    if (status)
        return status;
    for (size_t i = 0; i < row->n_objectives; i++)
        directions[i] = hn_direction_text(row->directions[i]);
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_STUDY_CREATE, "tTTTTTtt", row->name, row->n_objectives, directions, system.n,
                  system.keys, system.n, system.jsons, user.n, user.keys, user.n, user.jsons, uuid,
                  row->definition);
        hn_pg_add(pg, HN_PG_STUDY_BY_NAME, "t", row->name);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    return status;
}

hone_status hn_pg_study_create(hn_storage *storage, const hn_study_row *row, int64_t *study, bool *created,
                               hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_arena arena = HN_ARENA_INIT;
    hn_pg_study known = {0};
    char uuid[HN_UUID_SIZE];
    int64_t id = 0;
    bool made = false;
    hone_status status = hn_study_row_check(row, err);
    if (!status && row->uuid[0])
        snprintf(uuid, sizeof uuid, "%s", row->uuid);
    else if (!status)
        status = hn_make_uuid(uuid, err);
    if (!status)
        status = insert_study(pg, row, uuid, &arena, err);
    if (!status && PQntuples(pg->results[1]) == 0)
        status = hn_fail(err, HONE_CONFLICT, "study '%s' was deleted while it was made", row->name);
    if (!status) {
        id = hn_pg_int(pg->results[1], 0, 0);
        /* The UUID tells of an attempt whose answer was lost. */
        made = PQntuples(pg->results[0]) > 0 ||
               (!row->uuid[0] && strcmp(hn_pg_text(pg->results[1], 0, 3), uuid) == 0);
        status = hn_pg_study_known(pg, id, true, &known, err);
    }
    if (!status) {
        *study = id;
        *created = made;
    }
    hn_arena_release(&arena);
    return status;
}

/* --- changing --- */

hone_status hn_pg_study_delete(hn_storage *storage, int64_t study, hone_error *err)
{
#define OF_TRIALS " WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = %1$lld);"
#define OF_STUDY  " WHERE study_id = %1$lld;"
    static const char script[] =
        "BEGIN;SELECT 1 FROM studies WHERE study_id = %1$lld FOR UPDATE;"
        "DELETE FROM trial_params" OF_TRIALS "DELETE FROM trial_values" OF_TRIALS
        "DELETE FROM trial_intermediate_values" OF_TRIALS "DELETE FROM trial_heartbeats" OF_TRIALS
        "DELETE FROM trial_user_attributes" OF_TRIALS "DELETE FROM trial_system_attributes" OF_TRIALS
        "DELETE FROM hone_trials" OF_STUDY "DELETE FROM trials" OF_STUDY
        "DELETE FROM study_directions" OF_STUDY "DELETE FROM study_user_attributes" OF_STUDY
        "DELETE FROM study_system_attributes" OF_STUDY "DELETE FROM hone_studies" OF_STUDY
        "DELETE FROM studies" OF_STUDY "SELECT pg_notify('hone', '%1$lld');COMMIT";
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hn_pg_study known = {0};
    hn_pg_forget(pg, study);
    hone_status status = hn_pg_study_known(pg, study, false, &known, err);
    hn_pg_forget(pg, study);
    if (status)
        return status;
    do {
        hn_pg_start(pg);
        const char *text = hn_arena_printf(&pg->scratch, script, (long long)study);
        status = text ? hn_pg_execute(pg, text, "deleting a study", err) : hn_out_of_memory(err);
    } while (hn_pg_again(pg, &attempts, status, err));
    return status;
}

hone_status hn_pg_study_set_definition(hn_storage *storage, int64_t study, const char *definition,
                                       hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hn_pg_study known = {0};
    hone_status status = hn_pg_study_known(pg, study, true, &known, err);
    if (status)
        return status;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_STUDY_DEFINE, "it", study, definition);
        hn_pg_notify(pg, study);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    return status;
}

hone_status hn_pg_study_set_attribute(hn_storage *storage, int64_t study, const hn_attribute *attribute,
                                      hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hn_pg_study known = {0};
    int sql = attribute->system ? HN_PG_STUDY_SYSTEM_ATTRIBUTE_SET : HN_PG_STUDY_USER_ATTRIBUTE_SET;
    hone_status status = hn_pg_study_known(pg, study, false, &known, err);
    if (status)
        return status;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, sql, "itt", study, attribute->key, attribute->json);
        hn_pg_notify(pg, study);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    return status;
}

hone_status hn_pg_study_attribute(hn_storage *storage, int64_t study, const char *key, bool system,
                                  hn_arena *arena, const char **json, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    int sql = system ? HN_PG_STUDY_SYSTEM_ATTRIBUTE_GET : HN_PG_STUDY_USER_ATTRIBUTE_GET;
    hone_status status = HONE_OK;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, sql, "it", study, key);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (status)
        return status;
    const char *copy = NULL;
    if (PQntuples(pg->results[0])) {
        copy = hn_arena_strdup(arena, hn_pg_text(pg->results[0], 0, 0));
        if (!copy)
            return hn_out_of_memory(err);
    }
    *json = copy;
    return HONE_OK;
}
