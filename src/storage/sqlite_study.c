#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "storage/sqlite.h"

/* --- which study an id means --- */

static const hn_known_study *find_known(const hn_sqlite *sqlite, int64_t study)
{
    for (size_t i = 0; i < sqlite->n_known; i++) {
        if (sqlite->known[i].id == study)
            return &sqlite->known[i];
    }
    return NULL;
}

static hone_status remember(hn_sqlite *sqlite, int64_t study, const char *uuid, hone_error *err)
{
    hn_known_study *known = (hn_known_study *)find_known(sqlite, study);
    if (!known) {
        if (HN_GROW(sqlite->known, sqlite->n_known, sqlite->known_capacity))
            return hn_out_of_memory(err);
        known = &sqlite->known[sqlite->n_known++];
        known->id = study;
    }
    snprintf(known->uuid, sizeof known->uuid, "%s", uuid);
    return HONE_OK;
}

static hone_status set_system(hn_sqlite *sqlite, int64_t study, const char *key, const char *json,
                              hone_error *err)
{
    return hn_sqlite_run(sqlite, err, HN_SQL_STUDY_SYSTEM_ATTRIBUTE_SET, "itt", study, key, json);
}

/* Gives the study a UUID and its row among ours. */
static hone_status adopt_study(hn_sqlite *sqlite, int64_t study, const char *given_uuid,
                               const char *definition, int64_t *own_id, hone_error *err)
{
    char uuid[HN_UUID_SIZE], json[HN_UUID_SIZE + 2];
    hone_status status = HONE_OK;
    if (given_uuid && given_uuid[0])
        snprintf(uuid, sizeof uuid, "%s", given_uuid);
    else
        status = hn_make_uuid(uuid, err);
    if (status)
        return status;
    snprintf(json, sizeof json, "\"%s\"", uuid);
    status = set_system(sqlite, study, HN_KEY_UUID, json, err);
    if (!status)
        status = hn_sqlite_run(sqlite, err, HN_SQL_HONE_STUDY_INSERT, "tt", uuid, definition);
    if (!status)
        *own_id = sqlite3_last_insert_rowid(sqlite->db);
    return status;
}

/* Optuna's copy_study copies our UUID too: the younger of two that share it needs its own. */
static hone_status is_copy(hn_sqlite *sqlite, int64_t study, bool *copy, hone_error *err)
{
    sqlite3_stmt *query = NULL;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_STUDY_OLDER_TWIN, "i", study);
    if (!status)
        status = hn_sqlite_next(sqlite, query, copy, err);
    hn_sqlite_done(query);
    return status;
}

hone_status hn_sqlite_study_key(hn_sqlite *sqlite, int64_t study, bool adopt, hn_study_key *key,
                                hone_error *err)
{
    sqlite3_stmt *query = NULL;
    hn_study_key found = {0};
    char uuid[HN_UUID_SIZE];
    bool row, copy = false;
    const hn_known_study *known = find_known(sqlite, study);
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_STUDY_KEY, "i", study);
    if (!status)
        status = hn_sqlite_next(sqlite, query, &row, err);
    if (status)
        return status;
    if (!row)
        return hn_no_such_study_id(study, err);
    snprintf(uuid, sizeof uuid, "%s", hn_sqlite_text(query, 0));
    found.own_id = sqlite3_column_int64(query, 1);
    found.n_objectives = (size_t)sqlite3_column_int64(query, 2);
    found.next_number = sqlite3_column_type(query, 3) == SQLITE_NULL ? 0 : sqlite3_column_int64(query, 3) + 1;
    hn_sqlite_done(query);

    if (known && strcmp(known->uuid, uuid) != 0)
        return hn_no_such_study_id(study, err);
    if (!known && found.own_id)
        status = is_copy(sqlite, study, &copy, err);
    if (copy)
        found.own_id = 0;
    if (!status && !found.own_id && adopt)
        status = adopt_study(sqlite, study, copy ? NULL : uuid, NULL, &found.own_id, err);
    else if (!status && !known && found.own_id)
        status = remember(sqlite, study, uuid, err);
    if (!status)
        *key = found;
    return status;
}

/* --- creating --- */

static hone_status find_id(hn_sqlite *sqlite, const char *name, int64_t *study, bool *found, hone_error *err)
{
    sqlite3_stmt *query = NULL;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_STUDY_BY_NAME, "t", name);
    if (!status)
        status = hn_sqlite_next(sqlite, query, found, err);
    if (!status && *found)
        *study = sqlite3_column_int64(query, 0);
    hn_sqlite_done(query);
    return status;
}

static hone_status set_attribute(hn_sqlite *sqlite, int64_t study, const hn_attribute *attribute,
                                 hone_error *err)
{
    hn_sql sql = attribute->system ? HN_SQL_STUDY_SYSTEM_ATTRIBUTE_SET : HN_SQL_STUDY_USER_ATTRIBUTE_SET;
    return hn_sqlite_run(sqlite, err, sql, "itt", study, attribute->key, attribute->json);
}

static hone_status insert_study(hn_sqlite *sqlite, const hn_study_row *row, int64_t *study, hone_error *err)
{
    int64_t id, own_id;
    hone_status status = hn_sqlite_run(sqlite, err, HN_SQL_STUDY_INSERT, "t", row->name);
    id = sqlite3_last_insert_rowid(sqlite->db);
    for (size_t i = 0; i < row->n_objectives && !status; i++)
        status = hn_sqlite_run(sqlite, err, HN_SQL_DIRECTION_INSERT, "tii",
                               hn_direction_text(row->directions[i]), id, (int64_t)i);
    if (!status && row->metric_names) {
        hn_buffer_clear(&sqlite->text);
        hn_write_strings(&sqlite->text, row->metric_names, row->n_objectives);
        status = hn_buffer_failed(&sqlite->text)
                     ? hn_out_of_memory(err)
                     : set_system(sqlite, id, HN_KEY_METRIC_NAMES, hn_buffer_string(&sqlite->text), err);
    }
    for (size_t i = 0; i < row->n_attributes && !status; i++)
        status = set_attribute(sqlite, id, &row->attributes[i], err);
    if (!status)
        status = adopt_study(sqlite, id, row->uuid, row->definition, &own_id, err);
    if (!status)
        *study = id;
    return status;
}

hone_status hn_sqlite_study_create(hn_storage *storage, const hn_study_row *row, int64_t *study,
                                   bool *created, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    int64_t id = 0;
    bool found = false;
    hone_status status = hn_study_row_check(row, err);
    if (!status)
        status = hn_sqlite_begin(sqlite, HN_TRANSACTION_TOLD, err);
    if (status)
        return status;
    status = find_id(sqlite, row->name, &id, &found, err);
    if (!status && !found)
        status = insert_study(sqlite, row, &id, err);
    /* Also learns the UUID; a stale one of a study that had this id before is dropped. */
    for (size_t i = 0; i < sqlite->n_known && !status; i++) {
        if (sqlite->known[i].id == id)
            sqlite->known[i] = sqlite->known[--sqlite->n_known];
    }
    if (!status)
        status = hn_sqlite_study_key(sqlite, id, true, &key, err);
    status = hn_sqlite_end(sqlite, status, err);
    if (!status) {
        *study = id;
        *created = !found;
    } else {
        sqlite->n_known = 0;
    }
    return status;
}

/* --- finding --- */

static hone_status copy_text(hn_arena *arena, const char *text, const char **copy, hone_error *err)
{
    *copy = hn_arena_strdup(arena, text);
    return *copy ? HONE_OK : hn_out_of_memory(err);
}

static hone_status read_names(hn_sqlite *sqlite, hn_arena *arena, const char ***out, size_t *count,
                              hone_error *err)
{
    sqlite3_stmt *query = NULL;
    const char **found = NULL;
    size_t n = 0, capacity = 0;
    bool row;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_STUDY_NAMES, "");
    while (!status && !(status = hn_sqlite_next(sqlite, query, &row, err)) && row) {
        if (HN_GROW(found, n, capacity))
            status = hn_out_of_memory(err);
        if (!status)
            status = copy_text(arena, hn_sqlite_text(query, 0), &found[n], err);
        n++;
    }
    hn_sqlite_done(query);
    const char **copy = status ? NULL : HN_ARENA_NEW(arena, const char *, n);
    if (!status && !copy)
        status = hn_out_of_memory(err);
    if (!status) {
        if (n)
            memcpy(copy, found, n * sizeof *copy);
        *out = copy;
        *count = n;
    }
    hn_free(found);
    return status;
}

static hone_status not_found(hn_sqlite *sqlite, const char *name, hn_arena *arena, hone_error *err)
{
    const char **names;
    size_t n;
    hone_status status = read_names(sqlite, arena, &names, &n, err);
    return status ? status : hn_no_such_study(name, names, n, err);
}

static hone_status read_directions(hn_sqlite *sqlite, hn_arena *arena, hn_study_row *out, hone_error *err)
{
    sqlite3_stmt *query = NULL;
    hone_direction directions[HN_STORAGE_MAX_OBJECTIVES];
    size_t n = 0;
    bool row;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_STUDY_DIRECTIONS, "i", out->id);
    while (!status && !(status = hn_sqlite_next(sqlite, query, &row, err)) && row) {
        if (n < HN_STORAGE_MAX_OBJECTIVES)
            directions[n] = hn_direction_from_text(hn_sqlite_text(query, 0));
        n++;
    }
    hn_sqlite_done(query);
    if (!status && n > HN_STORAGE_MAX_OBJECTIVES)
        status = hn_fail(err, HONE_LIMIT, "study '%s' has %zu objectives; at most %d are supported",
                         out->name, n, HN_STORAGE_MAX_OBJECTIVES);
    if (status)
        return status;
    hone_direction *copy = HN_ARENA_NEW(arena, hone_direction, n);
    if (!copy)
        return hn_out_of_memory(err);
    memcpy(copy, directions, n * sizeof *copy);
    out->directions = copy;
    out->n_objectives = n;
    return HONE_OK;
}

static hone_status read_attributes(hn_sqlite *sqlite, hn_arena *arena, hn_study_row *out, hone_error *err)
{
    sqlite3_stmt *query = NULL;
    hn_attribute *attributes = NULL;
    size_t n = 0, capacity = 0;
    bool row;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_STUDY_ATTRIBUTES, "i", out->id);
    while (!status && !(status = hn_sqlite_next(sqlite, query, &row, err)) && row) {
        hn_attribute attribute = {.system = sqlite3_column_int(query, 2) != 0};
        const char *key = hn_sqlite_text(query, 0), *json = hn_sqlite_text(query, 1);
        if (attribute.system && strcmp(key, HN_KEY_METRIC_NAMES) == 0)
            status = hn_read_metric_names(arena, json, out, err);
        if (attribute.system && (strcmp(key, HN_KEY_METRIC_NAMES) == 0 || strcmp(key, HN_KEY_UUID) == 0))
            continue;
        if (HN_GROW(attributes, n, capacity))
            status = hn_out_of_memory(err);
        if (!status)
            status = copy_text(arena, key, &attribute.key, err);
        if (!status)
            status = copy_text(arena, json, &attribute.json, err);
        if (!status)
            attributes[n++] = attribute;
    }
    hn_sqlite_done(query);
    if (!status) {
        hn_attribute *copy = HN_ARENA_NEW(arena, hn_attribute, n);
        if (!copy)
            status = hn_out_of_memory(err);
        else if (n)
            memcpy(copy, attributes, n * sizeof *copy);
        out->attributes = copy;
        out->n_attributes = n;
    }
    hn_free(attributes);
    return status;
}

static hone_status read_study(hn_sqlite *sqlite, const char *name, hn_arena *arena, hn_study_row *out,
                              hone_error *err)
{
    sqlite3_stmt *query = NULL;
    hn_study_row study = {0};
    bool row;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_STUDY_BY_NAME, "t", name);
    if (!status)
        status = hn_sqlite_next(sqlite, query, &row, err);
    if (status)
        return status;
    if (!row)
        return not_found(sqlite, name, arena, err);
    study.id = sqlite3_column_int64(query, 0);
    snprintf(study.uuid, sizeof study.uuid, "%s", hn_sqlite_text(query, 1));
    status = copy_text(arena, name, &study.name, err);
    if (!status && sqlite3_column_type(query, 2) != SQLITE_NULL)
        status = copy_text(arena, hn_sqlite_text(query, 2), &study.definition, err);
    hn_sqlite_done(query);
    if (!status)
        status = read_directions(sqlite, arena, &study, err);
    if (!status)
        status = read_attributes(sqlite, arena, &study, err);
    if (!status && study.uuid[0])
        status = remember(sqlite, study.id, study.uuid, err);
    if (!status)
        *out = study;
    return status;
}

hone_status hn_sqlite_study_find(hn_storage *storage, const char *name, hn_arena *arena, hn_study_row *row,
                                 hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_READ, err);
    return status ? status : hn_sqlite_end(sqlite, read_study(sqlite, name, arena, row, err), err);
}

/* --- listing --- */

static hone_status read_summary(hn_sqlite *sqlite, sqlite3_stmt *query, hn_arena *arena,
                                hn_study_summary *out, hone_error *err)
{
    hn_study_row directions = {.id = sqlite3_column_int64(query, 0)};
    hn_study_summary summary = {
        .id = directions.id,
        .trials = sqlite3_column_int64(query, 2),
        .complete = sqlite3_column_int64(query, 3),
        .first_start_us = hn_sqlite_datetime(query, 4),
    };
    hone_status status = copy_text(arena, hn_sqlite_text(query, 1), &summary.name, err);
    directions.name = summary.name;
    if (!status)
        status = read_directions(sqlite, arena, &directions, err);
    if (status)
        return status;
    summary.n_objectives = directions.n_objectives;
    memcpy(summary.directions, directions.directions, summary.n_objectives * sizeof *summary.directions);
    if (summary.n_objectives == 1 && sqlite3_column_type(query, 6) != SQLITE_NULL) {
        summary.has_best = true;
        summary.best = hn_value_from_kind(hn_sqlite_text(query, 6), sqlite3_column_double(query, 5));
    }
    *out = summary;
    return HONE_OK;
}

static hone_status list(hn_sqlite *sqlite, hn_arena *arena, hn_study_summary **rows, size_t *count,
                        hone_error *err)
{
    sqlite3_stmt *query = NULL;
    hn_study_summary *found = NULL;
    size_t n = 0, capacity = 0;
    bool row;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_STUDY_SUMMARIES, "");
    while (!status && !(status = hn_sqlite_next(sqlite, query, &row, err)) && row) {
        if (HN_GROW(found, n, capacity))
            status = hn_out_of_memory(err);
        if (!status)
            status = read_summary(sqlite, query, arena, &found[n], err);
        n++;
    }
    hn_sqlite_done(query);
    hn_study_summary *copy = status ? NULL : HN_ARENA_NEW(arena, hn_study_summary, n);
    if (!status && !copy)
        status = hn_out_of_memory(err);
    if (!status) {
        if (n)
            memcpy(copy, found, n * sizeof *copy);
        *rows = copy;
        *count = n;
    }
    hn_free(found);
    return status;
}

hone_status hn_sqlite_study_names(hn_storage *storage, hn_arena *arena, const char ***out, size_t *count,
                                  hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_READ, err);
    return status ? status : hn_sqlite_end(sqlite, read_names(sqlite, arena, out, count, err), err);
}

hone_status hn_sqlite_study_list(hn_storage *storage, hn_arena *arena, hn_study_summary **rows, size_t *count,
                                 hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_READ, err);
    return status ? status : hn_sqlite_end(sqlite, list(sqlite, arena, rows, count, err), err);
}

/* --- changing --- */

hone_status hn_sqlite_study_delete(hn_storage *storage, int64_t study, hone_error *err)
{
#define OF_TRIALS " WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = %1$lld);"
#define OF_STUDY  " WHERE study_id = %1$lld;"
#define OF_OURS   " WHERE hone_study_id = %2$lld;"
    static const char script[] =
        "DELETE FROM trial_params" OF_TRIALS "DELETE FROM trial_values" OF_TRIALS
        "DELETE FROM trial_intermediate_values" OF_TRIALS "DELETE FROM trial_heartbeats" OF_TRIALS
        "DELETE FROM trial_user_attributes" OF_TRIALS "DELETE FROM trial_system_attributes" OF_TRIALS
        "DELETE FROM trials" OF_STUDY "DELETE FROM study_directions" OF_STUDY
        "DELETE FROM study_user_attributes" OF_STUDY "DELETE FROM study_system_attributes" OF_STUDY
        "DELETE FROM studies" OF_STUDY "DELETE FROM hone_trials" OF_OURS "DELETE FROM hone_studies" OF_OURS;
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_TOLD, err);
    if (status)
        return status;
    status = hn_sqlite_study_key(sqlite, study, false, &key, err);
    if (!status) {
        const char *text = hn_arena_printf(&sqlite->scratch, script, (long long)study, (long long)key.own_id);
        status = text ? hn_sqlite_execute(sqlite, text, "deleting a study", err) : hn_out_of_memory(err);
    }
    return hn_sqlite_end(sqlite, status, err);
}

hone_status hn_sqlite_study_set_definition(hn_storage *storage, int64_t study, const char *definition,
                                           hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_TOLD, err);
    if (status)
        return status;
    status = hn_sqlite_study_key(sqlite, study, true, &key, err);
    if (!status)
        status = hn_sqlite_run(sqlite, err, HN_SQL_HONE_STUDY_DEFINE, "it", key.own_id, definition);
    return hn_sqlite_end(sqlite, status, err);
}

hone_status hn_sqlite_study_set_attribute(hn_storage *storage, int64_t study, const hn_attribute *attribute,
                                          hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_TOLD, err);
    if (status)
        return status;
    status = hn_sqlite_study_key(sqlite, study, false, &key, err);
    if (!status)
        status = set_attribute(sqlite, study, attribute, err);
    return hn_sqlite_end(sqlite, status, err);
}

hone_status hn_sqlite_study_attribute(hn_storage *storage, int64_t study, const char *key, bool system,
                                      hn_arena *arena, const char **json, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_sql sql = system ? HN_SQL_STUDY_SYSTEM_ATTRIBUTE_GET : HN_SQL_STUDY_USER_ATTRIBUTE_GET;
    sqlite3_stmt *query = NULL;
    const char *copy = NULL;
    bool row = false;
    hone_status status = hn_sqlite_query(sqlite, &query, err, sql, "it", study, key);
    if (!status)
        status = hn_sqlite_next(sqlite, query, &row, err);
    if (!status && row)
        status = copy_text(arena, hn_sqlite_text(query, 0), &copy, err);
    hn_sqlite_done(query);
    if (!status)
        *json = copy;
    return status;
}
