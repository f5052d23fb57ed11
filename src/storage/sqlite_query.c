#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "storage/sqlite.h"

static hone_status fail_locked(hn_sqlite *sqlite, const char *doing, hone_error *err)
{
    char seconds[HN_NUMBER_SIZE];
    hn_format_short(seconds, sqlite->timeout_seconds, 3);
    return hn_fail(
        err, HONE_BUSY,
        "'%s' is locked (%s): another process held it for more than %s s; wait for that process, or "
        "give a longer ?timeout=",
        sqlite->path, doing, seconds);
}

static hone_status fail_io(hn_sqlite *sqlite, const char *doing, hone_error *err)
{
    int number = sqlite3_system_errno(sqlite->db);
    if (number)
        return hn_fail(err, HONE_IO, "%s: '%s': %s", doing, sqlite->path, strerror(number));
    return hn_fail(err, HONE_IO, "%s: '%s' cannot be read or written; is its disk healthy?", doing,
                   sqlite->path);
}

static hone_status fail_as(hn_sqlite *sqlite, int code, const char *doing, hone_error *err)
{
    const char *path = sqlite->path;
    switch (code & 0xff) {
    case SQLITE_NOMEM: return hn_out_of_memory(err);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fail_locked(sqlite, doing, err);
    case SQLITE_FULL:
        return hn_fail(
            err, HONE_STORAGE,
            "%s: the disk is full, '%s' cannot grow; what it held is unharmed: free some space and run again",
            doing, path);
    case SQLITE_READONLY:
        return hn_fail(err, HONE_STORAGE,
                       "%s: '%s' is read-only; make the file and its folder writable, or copy it", doing,
                       path);
    case SQLITE_NOTADB:
        return hn_fail(err, HONE_STORAGE,
                       "'%s' is not an SQLite database; give another path, nothing was changed", path);
    case SQLITE_CORRUPT:
        return hn_fail(
            err, HONE_STORAGE,
            "%s: '%s' is damaged or truncated; restore a copy, or salvage it with: sqlite3 '%s' .recover",
            doing, path, path);
    case SQLITE_CANTOPEN: return hn_fail(err, HONE_IO, "%s: '%s' cannot be opened", doing, path);
    case SQLITE_IOERR: return fail_io(sqlite, doing, err);
    case SQLITE_CONSTRAINT:
        return hn_fail(err, HONE_INVALID, "%s: '%s' refuses it: %s", doing, path, sqlite3_errmsg(sqlite->db));
    default: return hn_fail(err, HONE_STORAGE, "%s: '%s': %s", doing, path, sqlite3_errmsg(sqlite->db));
    }
}

hone_status hn_sqlite_fail(hn_sqlite *sqlite, const char *doing, hone_error *err)
{
    int code = sqlite3_extended_errcode(sqlite->db);
    hone_status status = fail_as(sqlite, code, doing, err);
    if (err)
        err->detail = code;
    return status;
}

/* What a statement was for, in an error. */
static const char *purpose(hn_sql sql)
{
    if (sql >= HN_SQL_SCAN_STUDY)
        return "reading trials";
    if (sql >= HN_SQL_TRIAL_INSERT)
        return "writing a trial";
    return sql >= HN_SQL_STUDY_INSERT ? "a study" : "a transaction";
}

static int bind(sqlite3_stmt *statement, int at, char kind, va_list *values)
{
    switch (kind) {
    case 'i': return sqlite3_bind_int64(statement, at, va_arg(*values, int64_t));
    case 't': return sqlite3_bind_text(statement, at, va_arg(*values, const char *), -1, SQLITE_STATIC);
    default: {
        double value = va_arg(*values, double);
        return isfinite(value) ? sqlite3_bind_double(statement, at, value) : sqlite3_bind_null(statement, at);
    }
    }
}

static hone_status query(hn_sqlite *sqlite, sqlite3_stmt **statement, hone_error *err, hn_sql sql,
                         const char *format, va_list *values)
{
    sqlite3_stmt **cached = &sqlite->statements[sql];
    int code = SQLITE_OK;
    if (!*cached)
        code = sqlite3_prepare_v3(sqlite->db, hn_sql_texts[sql], -1, SQLITE_PREPARE_PERSISTENT, cached, NULL);
    for (int i = 0; code == SQLITE_OK && format[i]; i++)
        code = bind(*cached, i + 1, format[i], values);
    if (code != SQLITE_OK)
        return hn_sqlite_fail(sqlite, purpose(sql), err);
    *statement = *cached;
    return HONE_OK;
}

hone_status hn_sqlite_query(hn_sqlite *sqlite, sqlite3_stmt **statement, hone_error *err, hn_sql sql,
                            const char *format, ...)
{
    va_list values;
    va_start(values, format);
    hone_status status = query(sqlite, statement, err, sql, format, &values);
    va_end(values);
    return status;
}

hone_status hn_sqlite_next(hn_sqlite *sqlite, sqlite3_stmt *statement, bool *row, hone_error *err)
{
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    if (*row)
        return HONE_OK;
    hone_status status = code == SQLITE_DONE ? HONE_OK : hn_sqlite_fail(sqlite, "reading", err);
    hn_sqlite_done(statement);
    return status;
}

void hn_sqlite_done(sqlite3_stmt *statement)
{
    if (statement) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
}

hone_status hn_sqlite_run(hn_sqlite *sqlite, hone_error *err, hn_sql sql, const char *format, ...)
{
    sqlite3_stmt *statement = NULL;
    va_list values;
    va_start(values, format);
    hone_status status = query(sqlite, &statement, err, sql, format, &values);
    va_end(values);
    if (status)
        return status;
    int code;
    do {
        code = sqlite3_step(statement);
    } while (code == SQLITE_ROW);
    if (code != SQLITE_DONE)
        status = hn_sqlite_fail(sqlite, purpose(sql), err);
    hn_sqlite_done(statement);
    return status;
}

hone_status hn_sqlite_execute(hn_sqlite *sqlite, const char *sql, const char *doing, hone_error *err)
{
    int code = sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? HONE_OK : hn_sqlite_fail(sqlite, doing, err);
}

hone_status hn_sqlite_integer(hn_sqlite *sqlite, const char *sql, int64_t *value, hone_error *err)
{
    sqlite3_stmt *statement = NULL;
    hone_status status = HONE_OK;
    int code = sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    else if (code == SQLITE_DONE)
        *value = 0;
    else
        status = hn_sqlite_fail(sqlite, "reading", err);
    sqlite3_finalize(statement);
    return status;
}

/* The log is synced as a whole. What another handle has moved from it into the file was synced there. */
static hone_status sync_log(hn_sqlite *sqlite, hone_error *err)
{
    sqlite3_file *log = NULL;
    int code = sqlite3_file_control(sqlite->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, (void *)&log);
    if (code == SQLITE_OK)
        code = log && log->pMethods ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) : SQLITE_IOERR_FSYNC;
    sqlite->unsynced = false;
    if (code == SQLITE_OK)
        return HONE_OK;
    return hn_fail(err, HONE_IO, "'%s': what was written could not be brought to the disk", sqlite->path);
}

hone_status hn_sqlite_begin(hn_sqlite *sqlite, hn_transaction purpose, hone_error *err)
{
    hn_arena_reset(&sqlite->scratch);
    if (sqlite->gathers)
        return HONE_OK;
    if (purpose == HN_TRANSACTION_READ)
        return hn_sqlite_run(sqlite, err, HN_SQL_BEGIN_READ, "");
    sqlite->writes++;
    sqlite->unsynced = sqlite->unsynced || (sqlite->syncs && purpose == HN_TRANSACTION_TOLD);
    return hn_sqlite_run(sqlite, err, HN_SQL_BEGIN_WRITE, "");
}

hone_status hn_sqlite_end(hn_sqlite *sqlite, hone_status status, hone_error *err)
{
    if (sqlite->gathers)
        return status;
    if (status == HONE_OK)
        status = hn_sqlite_run(sqlite, err, HN_SQL_COMMIT, "");
    /* SQLite has rolled back by itself after some errors. */
    if (!sqlite3_get_autocommit(sqlite->db))
        hn_sqlite_run(sqlite, NULL, HN_SQL_ROLLBACK, "");
    /* Without the lock, which nobody keeps while it waits for the disk. */
    return !status && sqlite->unsynced && !sqlite->defers ? sync_log(sqlite, err) : status;
}

void hn_sqlite_defer(hn_storage *storage)
{
    ((hn_sqlite *)storage)->defers = true;
}

hone_status hn_sqlite_settle(hn_storage *storage, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    sqlite->defers = false;
    return sqlite->unsynced ? sync_log(sqlite, err) : HONE_OK;
}

hone_status hn_sqlite_gather(hn_storage *storage, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    hone_status status = hn_sqlite_begin(sqlite, HN_TRANSACTION_TOLD, err);
    sqlite->gathers = !status;
    return status;
}

hone_status hn_sqlite_commit(hn_storage *storage, hone_status status, hone_error *err)
{
    hn_sqlite *sqlite = (hn_sqlite *)storage;
    sqlite->gathers = false;
    status = hn_sqlite_end(sqlite, status, err);
    if (status)
        sqlite->n_known = 0; /* of studies that are gone again */
    return status;
}

const char *hn_sqlite_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

int64_t hn_sqlite_datetime(sqlite3_stmt *statement, int column)
{
    const char *text = hn_sqlite_text(statement, column);
    int64_t wall_us;
    return hn_parse_datetime(text, (size_t)sqlite3_column_bytes(statement, column), &wall_us) ? wall_us : 0;
}

hone_status hn_sqlite_collect_ids(hn_sqlite *sqlite, sqlite3_stmt *statement, hn_arena *arena, int64_t **ids,
                                  size_t *count, hone_error *err)
{
    hn_buffer found = HN_BUFFER_INIT;
    hone_status status;
    bool row;
    while (!(status = hn_sqlite_next(sqlite, statement, &row, err)) && row) {
        int64_t id = sqlite3_column_int64(statement, 0);
        hn_buffer_append(&found, &id, sizeof id);
    }
    size_t n = found.size / sizeof **ids;
    int64_t *copy = status ? NULL : HN_ARENA_NEW(arena, int64_t, n);
    if (!status && (hn_buffer_failed(&found) || !copy))
        status = hn_out_of_memory(err);
    if (!status) {
        if (n)
            memcpy(copy, found.data, found.size);
        *ids = copy;
        *count = n;
    }
    hn_buffer_release(&found);
    return status;
}
