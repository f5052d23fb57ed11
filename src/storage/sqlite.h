/* storage/sqlite.h: what the files of the SQLite storage share: the handle, its cached statements,
 * transactions, errors.
 *
 * sqlite_sql.c     every statement's text
 * sqlite_query.c   prepare once, bind, step, begin, end; errors in words
 * sqlite_schema.c  tables, versions, migrations
 * sqlite_open.c    opening a file and everything that may be wrong with it
 * sqlite_study.c   studies          sqlite_trial.c  creating and updating trials
 * sqlite_lease.c   leases, heartbeats, pauses       sqlite_scan.c   reading trials
 * sqlite_bulk.c    reading whole tables
 * sqlite_check.c   health           sqlite.c        the table of functions
 */
#ifndef HN_STORAGE_SQLITE_H
#define HN_STORAGE_SQLITE_H

#include <sqlite3.h>

#include "storage/facts.h"
#include "storage/record.h"
#include "storage/vocabulary.h"

extern const hn_storage_type hn_storage_sqlite;

typedef enum hn_sql {
    HN_SQL_BEGIN_READ,
    HN_SQL_BEGIN_WRITE,
    HN_SQL_COMMIT,
    HN_SQL_ROLLBACK,
    HN_SQL_DATA_VERSION,

    HN_SQL_STUDY_INSERT,
    HN_SQL_STUDY_BY_NAME,
    HN_SQL_STUDY_NAMES,
    HN_SQL_STUDY_SUMMARIES,
    HN_SQL_STUDY_KEY,
    HN_SQL_STUDY_DIRECTIONS,
    HN_SQL_STUDY_ATTRIBUTES,
    HN_SQL_STUDY_OLDER_TWIN,
    HN_SQL_DIRECTION_INSERT,
    HN_SQL_STUDY_USER_ATTRIBUTE_SET,
    HN_SQL_STUDY_SYSTEM_ATTRIBUTE_SET,
    HN_SQL_STUDY_USER_ATTRIBUTE_GET,
    HN_SQL_STUDY_SYSTEM_ATTRIBUTE_GET,
    HN_SQL_HONE_STUDY_INSERT,
    HN_SQL_HONE_STUDY_DEFINE,

    HN_SQL_TRIAL_INSERT,
    HN_SQL_TRIAL_KEY,
    HN_SQL_TRIAL_BY_NUMBER,
    HN_SQL_TRIAL_START,
    HN_SQL_TRIAL_END,
    HN_SQL_PARAM_INSERT,
    HN_SQL_VALUE_INSERT,
    HN_SQL_REPORT_SET,
    HN_SQL_TRIAL_USER_ATTRIBUTE_SET,
    HN_SQL_TRIAL_SYSTEM_ATTRIBUTE_SET,
    HN_SQL_LEASE_SET,
    HN_SQL_LEASE_END,
    HN_SQL_PAUSE_SET,
    HN_SQL_PAUSED_TRIALS,
    HN_SQL_HEARTBEAT_SET,
    HN_SQL_HEARTBEAT_DELETE,
    HN_SQL_BEATING_TRIALS,

    HN_SQL_SCAN_STUDY,
    HN_SQL_SCAN_TRIAL,
    HN_SQL_SCAN_PARAMS,
    HN_SQL_SCAN_VALUES,
    HN_SQL_SCAN_REPORTS,
    HN_SQL_SCAN_USER_ATTRIBUTES,
    HN_SQL_SCAN_SYSTEM_ATTRIBUTES,
    HN_SQL_BULK_ROWS,
    HN_SQL_BULK_TRIALS,
    HN_SQL_BULK_PARAMS,
    HN_SQL_BULK_VALUES,
    HN_SQL_BULK_REPORTS,
    HN_SQL_COUNT
} hn_sql;

extern const char *const hn_sql_texts[HN_SQL_COUNT];

/* Which study of this file a study_id meant when this handle learned it: SQLite gives the id of a deleted
 * study again. */
typedef struct hn_known_study {
    int64_t id;
    char uuid[HN_UUID_SIZE];
} hn_known_study;

typedef struct hn_sqlite {
    struct hn_storage_base base;
    sqlite3 *db;
    sqlite3_stmt *statements[HN_SQL_COUNT]; /* prepared at first use */
    char *path;
    double timeout_seconds;
    int64_t waits_until_ns; /* for a lock that another has */
    bool durable;           /* ?durability=full */
    bool syncs;             /* it is: the log is synced by us, once the lock is given up */
    size_t writes;          /* transactions that were not for reading */
    bool defers, unsynced;  /* between defer and settle; something was told since, and not synced */
    bool gathers; /* between begin and end of the storage: the calls' own transactions are part of it */
    hn_vocabulary vocabulary;
    hn_record_builder record;
    hn_arena scratch; /* of one call */
    hn_buffer text;
    struct hn_bulk_collector *collector; /* while a table is read as a whole */
    hn_known_study *known;
    size_t n_known, known_capacity;
} hn_sqlite;

/* --- sqlite_query.c --- */

/* Turns the connection's last error into a status and a message that says what to do; `doing` is "reading
 * trials". */
hone_status hn_sqlite_fail(hn_sqlite *sqlite, const char *doing, hone_error *err);
/* Binds to a cached statement. format has one letter per value: i int64_t, d double (NaN and infinities
 * become NULL), t text (NULL becomes NULL, borrowed until the statement is done). */
hone_status hn_sqlite_query(hn_sqlite *sqlite, sqlite3_stmt **statement, hone_error *err, hn_sql sql,
                            const char *format, ...);
/* Steps a query; *row false at its end, where it is done by itself. */
hone_status hn_sqlite_next(hn_sqlite *sqlite, sqlite3_stmt *statement, bool *row, hone_error *err);
/* Ends a query; accepts NULL. */
void hn_sqlite_done(sqlite3_stmt *statement);
/* hn_sqlite_query, run to its end. */
hone_status hn_sqlite_run(hn_sqlite *sqlite, hone_error *err, hn_sql sql, const char *format, ...);
/* Statements without values, used once: not cached. */
hone_status hn_sqlite_execute(hn_sqlite *sqlite, const char *sql, const char *doing, hone_error *err);
hone_status hn_sqlite_integer(hn_sqlite *sqlite, const char *sql, int64_t *value, hone_error *err);

/* What a transaction is for, which tells what its commit must survive. */
typedef enum hn_transaction {
    HN_TRANSACTION_READ,
    HN_TRANSACTION_RUNNING, /* starts or keeps alive a trial: killed processes */
    HN_TRANSACTION_TOLD,    /* everything else: power cuts, also with all commits before it */
} hn_transaction;

/* defer and settle of the storage. */
void hn_sqlite_defer(hn_storage *storage);
hone_status hn_sqlite_settle(hn_storage *storage, hone_error *err);
/* begin and end of the storage. */
hone_status hn_sqlite_gather(hn_storage *storage, hone_error *err);
hone_status hn_sqlite_commit(hn_storage *storage, hone_status status, hone_error *err);

hone_status hn_sqlite_begin(hn_sqlite *sqlite, hn_transaction purpose, hone_error *err);
/* Commits when status is HONE_OK, otherwise rolls back; returns status or the commit's. */
hone_status hn_sqlite_end(hn_sqlite *sqlite, hone_status status, hone_error *err);

/* A column's text, "" for NULL; valid until the next step. */
const char *hn_sqlite_text(sqlite3_stmt *statement, int column);
/* A column's datetime, 0 for NULL or what is no datetime. */
int64_t hn_sqlite_datetime(sqlite3_stmt *statement, int column);
/* The ids of a query's first column, in arena. */
hone_status hn_sqlite_collect_ids(hn_sqlite *sqlite, sqlite3_stmt *statement, hn_arena *arena, int64_t **ids,
                                  size_t *count, hone_error *err);

/* --- sqlite_schema.c --- */

/* Makes missing tables (create), checks both schema versions, migrates ours, sweeps orphans. */
hone_status hn_sqlite_prepare_schema(hn_sqlite *sqlite, bool create, bool writable, hone_error *err);

/* --- sqlite_open.c --- */

hone_status hn_sqlite_open(const char *url, bool create, hn_storage **storage, hone_error *err);
void hn_sqlite_close(hn_storage *storage);

/* --- sqlite_study.c --- */

/* A study as trials need it, read inside the transaction that uses it. */
typedef struct hn_study_key {
    int64_t own_id; /* key in hone_studies */
    size_t n_objectives;
    int64_t next_number;
} hn_study_key;

/* HONE_NOT_FOUND when the study is gone, also when its id has a new owner. adopt: a study that only Optuna
 * has seen gets its UUID, which needs a write transaction; otherwise its own_id is 0. */
hone_status hn_sqlite_study_key(hn_sqlite *sqlite, int64_t study, bool adopt, hn_study_key *key,
                                hone_error *err);

hone_status hn_sqlite_study_create(hn_storage *storage, const hn_study_row *row, int64_t *study,
                                   bool *created, hone_error *err);
hone_status hn_sqlite_study_find(hn_storage *storage, const char *name, hn_arena *arena, hn_study_row *row,
                                 hone_error *err);
hone_status hn_sqlite_study_names(hn_storage *storage, hn_arena *arena, const char ***names, size_t *count,
                                  hone_error *err);
hone_status hn_sqlite_study_list(hn_storage *storage, hn_arena *arena, hn_study_summary **rows, size_t *count,
                                 hone_error *err);
hone_status hn_sqlite_study_delete(hn_storage *storage, int64_t study, hone_error *err);
hone_status hn_sqlite_study_set_definition(hn_storage *storage, int64_t study, const char *definition,
                                           hone_error *err);
hone_status hn_sqlite_study_set_attribute(hn_storage *storage, int64_t study, const hn_attribute *attribute,
                                          hone_error *err);
hone_status hn_sqlite_study_attribute(hn_storage *storage, int64_t study, const char *key, bool system,
                                      hn_arena *arena, const char **json, hone_error *err);

/* --- sqlite_trial.c --- */

/* A trial as an update needs it. */
typedef struct hn_trial_key {
    int64_t own_id, number; /* own_id, of the study, 0: only Optuna has seen the study */
    int64_t study;
    hone_trial_state state;
    size_t n_objectives;
    char lease[HN_LEASE_SIZE]; /* "" = none */
    bool ended_by_holder, paused;
} hn_trial_key;

/* HONE_NOT_FOUND when there is none. Inside a transaction. */
hone_status hn_sqlite_trial_key(hn_sqlite *sqlite, int64_t trial, hn_trial_key *key, hone_error *err);
hone_status hn_sqlite_trial_create(hn_storage *storage, int64_t study, size_t n, const hn_new_trial *trials,
                                   int64_t expected_number, int64_t *ids, int64_t *numbers, hone_error *err);
hone_status hn_sqlite_trial_make(hn_storage *storage, int64_t study, hn_new_trial *trial, int64_t expected,
                                 hn_trial_maker make, void *user, int64_t *id, int64_t *number,
                                 hone_error *err);
hone_status hn_sqlite_trial_find(hn_storage *storage, int64_t study, int64_t number, int64_t *id,
                                 hone_error *err);
hone_status hn_sqlite_trial_claim(hn_storage *storage, int64_t trial, const char *lease, int64_t start_us,
                                  bool beats, size_t n_params, const hn_trial_param *params, bool *claimed,
                                  hone_error *err);
hone_status hn_sqlite_trial_update(hn_storage *storage, int64_t trial, const char *lease,
                                   const hn_trial_update *update, hone_trial_state *state, bool *lease_lost,
                                   hone_error *err);

/* --- sqlite_lease.c --- */

/* Writes the lease of a trial; inside a write transaction. */
hone_status hn_sqlite_lease_set(hn_sqlite *sqlite, int64_t trial, const hn_trial_key *key, const char *lease,
                                hone_error *err);
hone_status hn_sqlite_trial_lease(hn_storage *storage, int64_t trial, const char *held, const char *new_lease,
                                  char *lease_now, hone_error *err);
hone_status hn_sqlite_trial_heartbeat(hn_storage *storage, int64_t trial, int64_t now_us, hone_error *err);
hone_status hn_sqlite_trials_beating(hn_storage *storage, int64_t study, hn_arena *arena, hn_beat **beats,
                                     size_t *count, hone_error *err);
hone_status hn_sqlite_trial_pause(hn_storage *storage, int64_t trial, const char *held, int64_t step,
                                  hone_error *err);
hone_status hn_sqlite_trial_resume(hn_storage *storage, int64_t trial, const char *lease, int64_t now_us,
                                   hone_error *err);
hone_status hn_sqlite_trials_paused(hn_storage *storage, int64_t study, hn_arena *arena, int64_t **ids,
                                    size_t *count, hone_error *err);

/* --- sqlite_bulk.c --- */

typedef enum hn_bulk_table { HN_BULK_PARAMS, HN_BULK_VALUES, HN_BULK_REPORTS, HN_BULK_TABLES } hn_bulk_table;

typedef struct hn_bulk_row {
    int64_t trial, order; /* order in the trial: of reading a parameter; objective; step */
    double value;
    uint32_t column; /* of a parameter, in the vocabulary */
} hn_bulk_row;

typedef struct hn_bulk {
    hn_bulk_row *rows; /* by trial, then order */
    size_t count, capacity;
} hn_bulk;

/* Once per connection. */
hone_status hn_sqlite_bulk_prepare(hn_sqlite *sqlite, hone_error *err);
/* All rows of a table, of all studies. On failure too, release what was read. */
hone_status hn_sqlite_bulk_read(hn_sqlite *sqlite, hn_bulk_table table, hn_bulk *bulk, hone_error *err);
void hn_sqlite_bulk_release(hn_bulk *bulk);

/* --- sqlite_scan.c, sqlite_check.c --- */

hone_status hn_sqlite_scan(hn_storage *storage, int64_t study, int64_t after_id, const int64_t *again,
                           size_t n_again, hn_trial_visitor visit, void *user, hone_error *err);
hone_status hn_sqlite_trial_read(hn_storage *storage, int64_t trial, hn_trial_visitor visit, void *user,
                                 hone_error *err);
hone_status hn_sqlite_check(hn_storage *storage, hn_buffer *report, hone_error *err);

#endif
