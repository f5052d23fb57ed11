/* Finding and listing studies. */
#include <stdio.h>
#include <string.h>

#include "storage/postgres.h"

static hone_status copy_text(hn_arena *arena, const char *text, const char **copy, hone_error *err)
{
    *copy = hn_arena_strdup(arena, text);
    return *copy ? HONE_OK : hn_out_of_memory(err);
}

/* The rows of a statement without arguments, in results[0]. */
static hone_status ask_for_all(hn_postgres *pg, hn_pg_sql statement, hone_error *err)
{
    hn_pg_attempts attempts = {0};
    hone_status status = HONE_OK;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, statement, "");
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    return status;
}

/* --- names --- */

hone_status hn_pg_study_names(hn_storage *storage, hn_arena *arena, const char ***out, size_t *count,
                              hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hone_status status = ask_for_all(pg, HN_PG_STUDY_NAMES, err);
    if (status)
        return status;
    int n = PQntuples(pg->results[0]);
    const char **names = HN_ARENA_NEW(arena, const char *, (size_t)n);
    status = names ? HONE_OK : hn_out_of_memory(err);
    for (int i = 0; i < n && !status; i++)
        status = copy_text(arena, hn_pg_text(pg->results[0], i, 0), &names[i], err);
    if (!status) {
        *out = names;
        *count = (size_t)n;
    }
    return status;
}

/* --- finding --- */

static hone_status read_directions(const PGresult *rows, hn_arena *arena, hn_study_row *out, hone_error *err)
{
    size_t n = (size_t)PQntuples(rows);
    if (n > HN_STORAGE_MAX_OBJECTIVES)
        return hn_fail(err, HONE_LIMIT, "study '%s' has %zu objectives; at most %d are supported", out->name,
                       n, HN_STORAGE_MAX_OBJECTIVES);
    hone_direction *directions = HN_ARENA_NEW(arena, hone_direction, n);
    if (!directions)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        directions[i] = hn_direction_from_text(hn_pg_text(rows, (int)i, 0));
    out->directions = directions;
    out->n_objectives = n;
    return HONE_OK;
}

static hone_status read_attributes(const PGresult *rows, hn_arena *arena, hn_study_row *out, hone_error *err)
{
    int n = PQntuples(rows);
    hn_attribute *attributes = HN_ARENA_NEW(arena, hn_attribute, (size_t)n);
    hone_status status = attributes ? HONE_OK : hn_out_of_memory(err);
    out->attributes = attributes;
    for (int i = 0; i < n && !status; i++) {
        hn_attribute attribute = {.system = hn_pg_int(rows, i, 2) != 0};
        const char *key = hn_pg_text(rows, i, 0), *json = hn_pg_text(rows, i, 1);
        if (attribute.system && strcmp(key, HN_KEY_METRIC_NAMES) == 0)
            status = hn_read_metric_names(arena, json, out, err);
        if (attribute.system && (strcmp(key, HN_KEY_METRIC_NAMES) == 0 || strcmp(key, HN_KEY_UUID) == 0))
            continue;
        if (!status)
            status = copy_text(arena, key, &attribute.key, err);
        if (!status)
            status = copy_text(arena, json, &attribute.json, err);
        if (!status)
            attributes[out->n_attributes++] = attribute;
    }
    return status;
}

static hone_status not_found(hn_postgres *pg, const char *name, hn_arena *arena, hone_error *err)
{
    const char **names;
    size_t n;
    hone_status status = hn_pg_study_names((hn_storage *)pg, arena, &names, &n, err);
    return status ? status : hn_no_such_study(name, names, n, err);
}

hone_status hn_pg_study_find(hn_storage *storage, const char *name, hn_arena *arena, hn_study_row *row,
                             hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hn_study_row study = {0};
    hone_status status = HONE_OK;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_BEGIN_SNAPSHOT, "");
        hn_pg_add(pg, HN_PG_STUDY_BY_NAME, "t", name);
        hn_pg_add(pg, HN_PG_STUDY_DIRECTIONS, "t", name);
        hn_pg_add(pg, HN_PG_STUDY_ATTRIBUTES, "t", name);
        hn_pg_add(pg, HN_PG_COMMIT, "");
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (status)
        return status;
    const PGresult *found = pg->results[1];
    if (PQntuples(found) == 0)
        return not_found(pg, name, arena, err);
    study.id = hn_pg_int(found, 0, 0);
    snprintf(study.uuid, sizeof study.uuid, "%s", hn_pg_text(found, 0, 1));
    status = copy_text(arena, name, &study.name, err);
    if (!status && !hn_pg_is_null(found, 0, 2))
        status = copy_text(arena, hn_pg_text(found, 0, 2), &study.definition, err);
    if (!status)
        status = read_directions(pg->results[2], arena, &study, err);
    if (!status)
        status = read_attributes(pg->results[3], arena, &study, err);
    if (!status)
        *row = study;
    return status;
}

/* --- listing --- */

static hone_status read_summary(const PGresult *rows, int i, hn_arena *arena, hn_study_summary *out,
                                hone_error *err)
{
    hn_pg_array directions = hn_pg_array_of(rows, i, 6);
    out->id = hn_pg_int(rows, i, 0);
    out->trials = hn_pg_int(rows, i, 2);
    out->complete = hn_pg_int(rows, i, 3);
    out->first_start_us = hn_pg_time(rows, i, 4);
    hone_status status = copy_text(arena, hn_pg_text(rows, i, 1), &out->name, err);
    if (!status && directions.count > HN_STORAGE_MAX_OBJECTIVES)
        status = hn_fail(err, HONE_LIMIT, "study '%s' has %zu objectives; at most %d are supported",
                         out->name, directions.count, HN_STORAGE_MAX_OBJECTIVES);
    for (size_t k = 0; k < directions.count && !status; k++) {
        size_t size;
        const unsigned char *text = hn_pg_next(&directions, &size);
        bool maximize = text && size == strlen("MAXIMIZE") && memcmp(text, "MAXIMIZE", size) == 0;
        out->directions[k] = maximize ? HONE_MAXIMIZE : HONE_MINIMIZE;
    }
    out->n_objectives = directions.count;
    out->has_best = directions.count == 1 && !hn_pg_is_null(rows, i, 7);
    out->best = out->has_best ? hn_pg_double(rows, i, 5) : 0;
    return status;
}

hone_status hn_pg_study_list(hn_storage *storage, hn_arena *arena, hn_study_summary **rows, size_t *count,
                             hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hone_status status = ask_for_all(pg, HN_PG_STUDY_SUMMARIES, err);
    if (status)
        return status;
    int n = PQntuples(pg->results[0]);
    hn_study_summary *found = HN_ARENA_NEW(arena, hn_study_summary, (size_t)n);
    status = found ? HONE_OK : hn_out_of_memory(err);
    for (int i = 0; i < n && !status; i++)
        status = read_summary(pg->results[0], i, arena, &found[i], err);
    if (!status) {
        *rows = found;
        *count = (size_t)n;
    }
    return status;
}
