/* Reading trials: one cursor per table, all ordered by trial_id, merged. No query per trial. A cursor goes
 * over an index or, when most of the file is wanted, over a table that was read as a whole. */
#include <stdlib.h>

#include "storage/sqlite.h"

typedef enum table { PARAMS, VALUES, REPORTS, USER_ATTRIBUTES, SYSTEM_ATTRIBUTES, N_TABLES } table;

static const hn_sql table_queries[N_TABLES] = {
    [PARAMS] = HN_SQL_SCAN_PARAMS,
    [VALUES] = HN_SQL_SCAN_VALUES,
    [REPORTS] = HN_SQL_SCAN_REPORTS,
    [USER_ATTRIBUTES] = HN_SQL_SCAN_USER_ATTRIBUTES,
    [SYSTEM_ATTRIBUTES] = HN_SQL_SCAN_SYSTEM_ATTRIBUTES,
};

/* More rows are not read as a whole: 32 bytes each. */
enum { MAX_BULK_ROWS = 2000000 };

/* Which trials are read. */
typedef struct range {
    int64_t low, high;
    bool bulk; /* they are most of the file */
} range;

typedef struct cursor {
    sqlite3_stmt *query; /* NULL when closed or bulk */
    hn_bulk bulk;
    size_t next;   /* row of bulk */
    int64_t trial; /* of its row; INT64_MAX past the end */
} cursor;

static hone_status advance(hn_sqlite *sqlite, cursor *at, hone_error *err)
{
    bool row;
    if (!at->query) {
        at->trial = at->next < at->bulk.count ? at->bulk.rows[at->next].trial : INT64_MAX;
        at->next++;
        return HONE_OK;
    }
    hone_status status = hn_sqlite_next(sqlite, at->query, &row, err);
    if (!status)
        at->trial = row ? sqlite3_column_int64(at->query, 0) : INT64_MAX;
    return status;
}

static hone_status open_cursors(hn_sqlite *sqlite, cursor cursors[N_TABLES], const range *ids,
                                hone_error *err)
{
    hone_status status = HONE_OK;
    for (int i = 0; i < N_TABLES && !status; i++) {
        if (ids->bulk && i < HN_BULK_TABLES)
            status = hn_sqlite_bulk_read(sqlite, (hn_bulk_table)i, &cursors[i].bulk, err);
        else
            status =
                hn_sqlite_query(sqlite, &cursors[i].query, err, table_queries[i], "ii", ids->low, ids->high);
        if (!status)
            status = advance(sqlite, &cursors[i], err);
    }
    return status;
}

static void close_cursors(cursor cursors[N_TABLES])
{
    for (int i = 0; i < N_TABLES; i++) {
        hn_sqlite_done(cursors[i].query);
        hn_sqlite_bulk_release(&cursors[i].bulk);
    }
}

static hone_status add_param(hn_sqlite *sqlite, sqlite3_stmt *row, hone_error *err)
{
    size_t column;
    const char *name = hn_sqlite_text(row, 2), *json = hn_sqlite_text(row, 4);
    size_t size = (size_t)sqlite3_column_bytes(row, 4);
    hone_status status = hn_vocabulary_parse(&sqlite->vocabulary, name, json, size, &column, err);
    if (status)
        return status == HONE_OUT_OF_MEMORY ? status
                                            : hn_fail_within(err, status, "'%s', trial %lld", sqlite->path,
                                                             (long long)sqlite->record.record.number);
    const hn_vocabulary_column *known = &sqlite->vocabulary.columns[column];
    return hn_record_param(&sqlite->record, sqlite3_column_int64(row, 1), known->name, known->distribution,
                           sqlite3_column_double(row, 3), err);
}

/* The current row of a table that was read as a whole into the record. */
static hone_status add_bulk_row(hn_sqlite *sqlite, table which, const hn_bulk_row *row, hone_error *err)
{
    hn_record_builder *record = &sqlite->record;
    if (which == VALUES)
        return hn_record_value(record, row->value, err);
    if (which == REPORTS)
        return hn_record_report(record, row->order, row->value, err);
    const hn_vocabulary_column *known = &sqlite->vocabulary.columns[row->column];
    return hn_record_param(record, row->order, known->name, known->distribution, row->value, err);
}

/* The current row of a table into the record. */
static hone_status add_row(hn_sqlite *sqlite, table which, sqlite3_stmt *row, hone_error *err)
{
    hn_record_builder *record = &sqlite->record;
    switch (which) {
    case PARAMS: return add_param(sqlite, row, err);
    case VALUES:
        return hn_record_value(
            record, hn_value_from_kind(hn_sqlite_text(row, 2), sqlite3_column_double(row, 1)), err);
    case REPORTS:
        return hn_record_report(record, sqlite3_column_int64(row, 1),
                                hn_value_from_kind(hn_sqlite_text(row, 3), sqlite3_column_double(row, 2)),
                                err);
    default:
        return hn_record_attribute(record, hn_sqlite_text(row, 1), hn_sqlite_text(row, 2),
                                   which == SYSTEM_ATTRIBUTES, err);
    }
}

static hone_status begin_record(hn_sqlite *sqlite, sqlite3_stmt *trial, hone_error *err)
{
    hn_trial_record *record = &sqlite->record.record;
    hn_record_begin(&sqlite->record, sqlite3_column_int64(trial, 0), sqlite3_column_int64(trial, 1));
    if (!hn_state_from_text(hn_sqlite_text(trial, 2), &record->state))
        return hn_fail(err, HONE_STORAGE, "'%s': trial %lld has the unknown state '%s'", sqlite->path,
                       (long long)record->number, hn_sqlite_text(trial, 2));
    record->start_us = hn_sqlite_datetime(trial, 3);
    record->complete_us = hn_sqlite_datetime(trial, 4);
    return HONE_OK;
}

/* All rows of the cursors that are of a trial. Rows of lower ids belong to other studies. */
static hone_status add_rows(hn_sqlite *sqlite, cursor cursors[N_TABLES], int64_t id, hone_error *err)
{
    hone_status status = HONE_OK;
    for (int i = 0; i < N_TABLES; i++) {
        cursor *at = &cursors[i];
        while (!status && at->trial <= id) {
            if (at->trial == id)
                status = at->query ? add_row(sqlite, (table)i, at->query, err)
                                   : add_bulk_row(sqlite, (table)i, &at->bulk.rows[at->next - 1], err);
            if (!status)
                status = advance(sqlite, at, err);
        }
    }
    return status;
}

/* Visits the trials of a query, which gives ids within the range ascending. */
static hone_status merge(hn_sqlite *sqlite, sqlite3_stmt *trials, const range *ids, hn_trial_visitor visit,
                         void *user, hone_error *err)
{
    cursor cursors[N_TABLES] = {{0}};
    bool row = false;
    hone_status status = hn_sqlite_next(sqlite, trials, &row, err);
    if (!status && row)
        status = open_cursors(sqlite, cursors, ids, err);
    while (!status && row) {
        status = begin_record(sqlite, trials, err);
        if (!status)
            status = add_rows(sqlite, cursors, sqlite3_column_int64(trials, 0), err);
        if (!status)
            status = visit(user, hn_record_finish(&sqlite->record), err);
        if (!status)
            status = hn_sqlite_next(sqlite, trials, &row, err);
    }
    close_cursors(cursors);
    hn_sqlite_done(trials);
    return status;
}

/* study 0: whichever it belongs to. *found may be NULL. */
static hone_status visit_one(hn_sqlite *sqlite, int64_t study, int64_t trial, bool *found,
                             hn_trial_visitor visit, void *user, hone_error *err)
{
    sqlite3_stmt *query = NULL;
    bool row = false;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_SCAN_TRIAL, "i", trial);
    if (!status)
        status = hn_sqlite_next(sqlite, query, &row, err);
    bool wanted = !status && row && (study == 0 || sqlite3_column_int64(query, 5) == study);
    if (wanted) {
        sqlite3_reset(query);
        status = merge(sqlite, query, &(range){.low = trial, .high = trial}, visit, user, err);
    }
    hn_sqlite_done(query);
    if (found)
        *found = wanted;
    return status;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The trials seen before, ascending, each once. */
static hone_status visit_again(hn_sqlite *sqlite, int64_t study, int64_t after_id, const int64_t *again,
                               size_t n, hn_trial_visitor visit, void *user, hone_error *err)
{
    hone_status status = HONE_OK;
    int64_t *sorted = HN_ARENA_NEW(&sqlite->scratch, int64_t, n);
    if (!sorted)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        sorted[i] = again[i];
    if (n)
        qsort(sorted, n, sizeof *sorted, compare_ids);
    for (size_t i = 0; i < n && sorted[i] <= after_id && !status; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1])
            status = visit_one(sqlite, study, sorted[i], NULL, visit, user, err);
    }
    return status;
}

/* Whether the trials after after_id are most of the file, which is not too large to be read as a whole. Row
 * ids count at least the rows. */
static hone_status choose_bulk(hn_sqlite *sqlite, const hn_study_key *key, int64_t after_id, bool *bulk,
                               hone_error *err)
{
    sqlite3_stmt *query = NULL;
    bool row = false;
    hone_status status = hn_sqlite_query(sqlite, &query, err, HN_SQL_BULK_ROWS, "");
    if (!status)
        status = hn_sqlite_next(sqlite, query, &row, err);
    if (!status && row)
        *bulk = after_id <= 0 && key->next_number >= sqlite3_column_int64(query, 0) / 2 &&
                sqlite3_column_int64(query, 1) <= MAX_BULK_ROWS;
    hn_sqlite_done(query);
    return status;
}

hone_status hn_sqlite_scan(hn_storage *storage, int64_t study, int64_t after_id, const int64_t *again,
                           size_t n_again, hn_trial_visitor visit, void *user, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hn_study_key key = {0};
    range ids = {.low = after_id + 1, .high = INT64_MAX};
    sqlite3_stmt *trials = NULL;
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_READ, err);
    if (status)
        return status;
    status = hn_sqlite_study_key(sqlite, study, false, &key, err);
    if (!status)
        status = visit_again(sqlite, study, after_id, again, n_again, visit, user, err);
    if (!status)
        status = choose_bulk(sqlite, &key, after_id, &ids.bulk, err);
    if (!status)
        status = hn_sqlite_query(sqlite, &trials, err, ids.bulk ? HN_SQL_BULK_TRIALS : HN_SQL_SCAN_STUDY,
                                 "ii", study, after_id);
    if (!status)
        status = merge(sqlite, trials, &ids, visit, user, err);
    return hn_sqlite_end(sqlite, status, err);
}

hone_status hn_sqlite_trial_read(hn_storage *storage, int64_t trial, hn_trial_visitor visit, void *user,
                                 hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    bool found = false;
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_READ, err);
    if (status)
        return status;
    status = visit_one(sqlite, 0, trial, &found, visit, user, err);
    if (!status && !found)
        status = hn_no_such_trial(trial, err);
    return hn_sqlite_end(sqlite, status, err);
}
