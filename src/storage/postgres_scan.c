/* Reading trials: one row per trial with arrays of what belongs to it, found by index, some thousand trials a
 * round trip, all in one snapshot. */
#include <string.h>

#include "storage/postgres.h"

/* Columns of the statements HN_PG_SCAN and HN_PG_SCAN_ONE. */
enum {
    ID,
    NUMBER,
    STATE,
    START,
    COMPLETE,
    PARAM_NAMES,
    PARAM_VALUES,
    DISTRIBUTIONS,
    VALUES,
    STEPS,
    REPORTS,
    USER_KEYS,
    USER_JSONS,
    SYSTEM_KEYS,
    SYSTEM_JSONS,
};

enum { CHUNK = 2000 }; /* trials a round trip */

/* --- a row into the record --- */

/* The next element as text, which ends with a NUL at *offset of the buffer. */
static void take_text(hn_buffer *out, hn_pg_array *array, size_t *offset, size_t *size)
{
    const unsigned char *bytes = hn_pg_next(array, size);
    *offset = out->size;
    hn_buffer_append(out, bytes ? (const char *)bytes : "", *size);
    hn_buffer_char(out, '\0');
}

static hone_status add_params(hn_postgres *pg, const PGresult *rows, int row, hone_error *err)
{
    hn_pg_array names = hn_pg_array_of(rows, row, PARAM_NAMES),
                numbers = hn_pg_array_of(rows, row, PARAM_VALUES),
                distributions = hn_pg_array_of(rows, row, DISTRIBUTIONS);
    hone_status status = HONE_OK;
    for (size_t i = 0; i < names.count && !status; i++) {
        size_t name, name_size, json, json_size, column = 0;
        hn_buffer_clear(&pg->text);
        take_text(&pg->text, &names, &name, &name_size);
        take_text(&pg->text, &distributions, &json, &json_size);
        if (hn_buffer_failed(&pg->text))
            return hn_out_of_memory(err);
        status = hn_vocabulary_parse(&pg->vocabulary, pg->text.data + name, pg->text.data + json, json_size,
                                     &column, err);
        if (status)
            return status == HONE_OUT_OF_MEMORY ? status
                                                : hn_fail_within(err, status, "'%s', trial %lld", pg->shown,
                                                                 (long long)pg->record.record.number);
        const hn_vocabulary_column *known = &pg->vocabulary.columns[column];
        status = hn_record_param(&pg->record, (int64_t)i, known->name, known->distribution,
                                 hn_pg_next_double(&numbers), err);
    }
    return status;
}

static hone_status add_numbers(hn_postgres *pg, const PGresult *rows, int row, hone_error *err)
{
    hn_pg_array values = hn_pg_array_of(rows, row, VALUES), steps = hn_pg_array_of(rows, row, STEPS),
                reports = hn_pg_array_of(rows, row, REPORTS);
    hone_status status = HONE_OK;
    for (size_t i = 0; i < values.count && !status; i++)
        status = hn_record_value(&pg->record, hn_pg_next_double(&values), err);
    for (size_t i = 0; i < reports.count && !status; i++) {
        int64_t step = hn_pg_next_int(&steps);
        status = hn_record_report(&pg->record, step, hn_pg_next_double(&reports), err);
    }
    return status;
}

static hone_status add_attributes(hn_postgres *pg, const PGresult *rows, int row, bool system,
                                  hone_error *err)
{
    hn_pg_array keys = hn_pg_array_of(rows, row, system ? SYSTEM_KEYS : USER_KEYS),
                jsons = hn_pg_array_of(rows, row, system ? SYSTEM_JSONS : USER_JSONS);
    hone_status status = HONE_OK;
    for (size_t i = 0; i < keys.count && !status; i++) {
        size_t key, json, size;
        hn_buffer_clear(&pg->text);
        take_text(&pg->text, &keys, &key, &size);
        take_text(&pg->text, &jsons, &json, &size);
        status = hn_buffer_failed(&pg->text) ? hn_out_of_memory(err)
                                             : hn_record_attribute(&pg->record, pg->text.data + key,
                                                                   pg->text.data + json, system, err);
    }
    return status;
}

static hone_status visit_row(hn_postgres *pg, const PGresult *rows, int row, hn_trial_visitor visit,
                             void *user, hone_error *err)
{
    hn_trial_record *record = &pg->record.record;
    hn_record_begin(&pg->record, hn_pg_int(rows, row, ID), hn_pg_int(rows, row, NUMBER));
    if (!hn_state_from_text(hn_pg_text(rows, row, STATE), &record->state))
        return hn_fail(err, HONE_STORAGE, "'%s': trial %lld has the unknown state '%s'", pg->shown,
                       (long long)record->number, hn_pg_text(rows, row, STATE));
    record->start_us = hn_pg_time(rows, row, START);
    record->complete_us = hn_pg_time(rows, row, COMPLETE);
    hone_status status = add_params(pg, rows, row, err);
    if (!status)
        status = add_numbers(pg, rows, row, err);
    if (!status)
        status = add_attributes(pg, rows, row, false, err);
    if (!status)
        status = add_attributes(pg, rows, row, true, err);
    return status ? status : visit(user, hn_record_finish(&pg->record), err);
}

/* --- scans --- */

/* A scan, part by part. */
typedef struct scan {
    int64_t study, after; /* the last id visited */
    const int64_t *again;
    size_t n_again;
    bool begun; /* its transaction */
    bool sync;  /* of what is new: one part, most often, whose transaction ends with it */
} scan;

/* The next part; a snapshot is begun with the first and, when the connection was lost, anew: what was visited
 * is not visited again. A sync that takes more than one part sees each as it is then, later trials later. */
static hone_status fetch(hn_postgres *pg, scan *at, const PGresult **rows, hone_error *err)
{
    hn_pg_attempts attempts = {0};
    hone_status status = HONE_OK;
    do {
        at->begun = at->begun && attempts.count == 0;
        hn_pg_start(pg);
        if (!at->begun)
            hn_pg_add(pg, HN_PG_BEGIN_SNAPSHOT, "");
        hn_pg_add(pg, HN_PG_STUDY_KEY, "i", at->study);
        hn_pg_add(pg, HN_PG_SCAN, "iiIi", at->study, at->after, at->n_again, at->again, (int64_t)CHUNK);
        if (at->sync)
            hn_pg_add(pg, HN_PG_COMMIT, "");
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (status)
        return status;
    size_t key = at->begun ? 0 : 1;
    at->begun = !at->sync;
    if (PQntuples(pg->results[key]) == 0)
        return hn_no_such_study_id(at->study, err);
    *rows = pg->results[key + 1];
    return HONE_OK;
}

/* Ends the transaction without waiting longer than for its answer; a lost connection ends it too. */
static void end_snapshot(hn_postgres *pg, const scan *at)
{
    if (!at->begun)
        return;
    hn_pg_start(pg);
    hn_pg_add(pg, HN_PG_COMMIT, "");
    hn_pg_run(pg, NULL);
}

hone_status hn_pg_scan(hn_storage *storage, int64_t study, int64_t after_id, const int64_t *again,
                       size_t n_again, hn_trial_visitor visit, void *user, hone_error *err)
{
    static const int64_t none = 0;
    hn_postgres *pg = (hn_postgres *)storage;
    scan at = {.study = study,
               .after = after_id,
               .again = n_again ? again : &none,
               .n_again = n_again,
               .sync = after_id > 0};
    hone_status status = HONE_OK;
    bool more = true;
    do {
        const PGresult *rows = NULL;
        status = fetch(pg, &at, &rows, err);
        int n = status ? 0 : PQntuples(rows);
        for (int row = 0; row < n && !status; row++)
            status = visit_row(pg, rows, row, visit, user, err);
        if (!status && n && hn_pg_int(rows, n - 1, ID) > at.after)
            at.after = hn_pg_int(rows, n - 1, ID);
        more = n >= CHUNK;
        at.n_again = 0;
    } while (!status && more);
    end_snapshot(pg, &at);
    return status;
}

hone_status hn_pg_trial_read(hn_storage *storage, int64_t trial, hn_trial_visitor visit, void *user,
                             hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hn_pg_attempts attempts = {0};
    hone_status status = HONE_OK;
    do {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_SCAN_ONE, "i", trial);
        status = hn_pg_run(pg, err);
    } while (hn_pg_again(pg, &attempts, status, err));
    if (status)
        return status;
    if (PQntuples(pg->results[0]) == 0)
        return hn_no_such_trial(trial, err);
    return visit_row(pg, pg->results[0], 0, visit, user, err);
}
