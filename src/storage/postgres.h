/* storage/postgres.h: what the files of the PostgreSQL storage share: the handle, its statements, round
 * trips, errors.
 *
 * postgres_sql.c    every statement's text
 * postgres_wire.c   values as PostgreSQL's binary format has them
 * postgres_query.c  prepare once, queue, one round trip for all that is queued; lost connections; errors
 * postgres_error.c  the server's errors in words
 * postgres_open.c   URLs, connecting, settings
 * postgres_schema.c tables, versions, migrations
 * postgres_study.c  studies          postgres_list.c  finding and listing them
 * postgres_trial.c  creating and updating trials
 * postgres_lease.c  leases, heartbeats, pauses        postgres_scan.c  reading trials
 * postgres_check.c  health           postgres.c       the table of functions
 */
#ifndef HN_STORAGE_POSTGRES_H
#define HN_STORAGE_POSTGRES_H

#include <stdarg.h>

#include <libpq-fe.h>

#include "storage/facts.h"
#include "storage/record.h"
#include "storage/vocabulary.h"

extern const hn_storage_type hn_storage_postgres;

/* Statements with one text. */
typedef enum hn_pg_sql {
    HN_PG_BEGIN_SNAPSHOT,
    HN_PG_COMMIT,
    HN_PG_NOTIFY,
    HN_PG_NOTIFY_OF,
    HN_PG_COMMIT_LATER,
    HN_PG_FLUSH,
    HN_PG_FLUSH_ALL,

    HN_PG_STUDY_LOCK,
    HN_PG_STUDY_CREATE,
    HN_PG_STUDY_ADOPT,
    HN_PG_STUDY_KEY,
    HN_PG_STUDY_BY_NAME,
    HN_PG_STUDY_DIRECTIONS,
    HN_PG_STUDY_ATTRIBUTES,
    HN_PG_STUDY_NAMES,
    HN_PG_STUDY_SUMMARIES,
    HN_PG_STUDY_USER_ATTRIBUTE_SET,
    HN_PG_STUDY_SYSTEM_ATTRIBUTE_SET,
    HN_PG_STUDY_USER_ATTRIBUTE_GET,
    HN_PG_STUDY_SYSTEM_ATTRIBUTE_GET,
    HN_PG_STUDY_DEFINE,

    HN_PG_TRIAL_LOCK,
    HN_PG_TRIAL_KEY,
    HN_PG_TRIAL_BY_NUMBER,
    HN_PG_TRIALS_REQUESTED,
    HN_PG_TRIAL_LEASE,
    HN_PG_TRIAL_HEARTBEAT,
    HN_PG_TRIAL_PAUSE,
    HN_PG_TRIAL_RESUME,
    HN_PG_BEATING_TRIALS,
    HN_PG_PAUSED_TRIALS,

    HN_PG_SCAN,
    HN_PG_SCAN_ONE,
    HN_PG_FIXED_COUNT
} hn_pg_sql;

/* Statements that write a trial's rows: one per head and set of parts, so that a trial of parameters alone
 * costs nothing for reports. */
typedef enum hn_pg_head {
    HN_PG_CREATE,
    HN_PG_CLAIM,
    HN_PG_REPORT, /* an update of a trial that goes on */
    HN_PG_END,
    HN_PG_HEADS
} hn_pg_head;

enum {
    HN_PG_PARAMS = 1,
    HN_PG_VALUES = 2,
    HN_PG_REPORTS = 4,
    HN_PG_SYSTEM = 8,
    HN_PG_USER = 16,
    HN_PG_CHOICES = 32, /* of HN_PG_CREATE, instead of HN_PG_PARAMS: parameters for each of several numbers */
    HN_PG_PARTS = 64,
    HN_PG_STATEMENTS = HN_PG_FIXED_COUNT + HN_PG_HEADS * HN_PG_PARTS,
};

/* The statement of a head with these parts. */
int hn_pg_statement(hn_pg_head head, unsigned parts);
/* Its text, appended. */
void hn_pg_write_text(hn_buffer *out, int statement);
/* What it is for, in an error: "writing a trial". */
const char *hn_pg_purpose(int statement);

/* --- postgres_wire.c --- */

enum { HN_PG_MAX_VALUES = 24 };

/* The values of one execution. */
typedef struct hn_pg_values {
    size_t count;
    Oid types[HN_PG_MAX_VALUES];
    size_t offsets[HN_PG_MAX_VALUES]; /* into bytes; SIZE_MAX: NULL */
    int sizes[HN_PG_MAX_VALUES];
    hn_buffer bytes;
} hn_pg_values;

/* i int64_t, b int, d double (NaN and infinities become NULL), t text (NULL becomes NULL), u wall time in
 * microseconds (0 becomes NULL); arrays, each a size_t and a pointer: I int64_t, D double, T text. A pointer
 * that is NULL makes the array NULL. */
void hn_pg_encode(hn_pg_values *values, const char *format, va_list given);

bool hn_pg_is_null(const PGresult *result, int row, int column);
int64_t hn_pg_int(const PGresult *result, int row, int column);
double hn_pg_double(const PGresult *result, int row, int column);
/* "" for NULL; lives as long as the result. */
const char *hn_pg_text(const PGresult *result, int row, int column);
/* 0 for NULL. */
int64_t hn_pg_time(const PGresult *result, int row, int column);

/* Walks over an array of one dimension; an absent or NULL one is empty. */
typedef struct hn_pg_array {
    const unsigned char *at, *end;
    size_t count; /* elements */
} hn_pg_array;

hn_pg_array hn_pg_array_of(const PGresult *result, int row, int column);
/* The next element: bytes and their number; NULL for SQL's NULL and past the end. */
const unsigned char *hn_pg_next(hn_pg_array *array, size_t *size);
int64_t hn_pg_next_int(hn_pg_array *array);
double hn_pg_next_double(hn_pg_array *array); /* NaN for NULL */

/* --- the handle --- */

/* A study as trials need it. PostgreSQL gives no id twice, so that what was learnt stays true until the study
 * is deleted. */
typedef struct hn_pg_study {
    int64_t id;
    size_t n_objectives;
    bool ours; /* it has a UUID and a row among ours */
} hn_pg_study;

typedef struct hn_postgres {
    struct hn_storage_base base;
    PGconn *conn;
    char *conninfo, *shown; /* shown: the URL without its password, for messages */
    char *password;         /* what must not be shown; NULL: none */
    double timeout_seconds, poll_seconds;
    bool durable;
    bool prepared[HN_PG_STATEMENTS];
    char refusal[6];       /* the SQLSTATE of the connection that was refused last; "" = none was given */
    bool lost;             /* the last round trip failed because of the connection, or may be tried again */
    bool gathers;          /* between begin and end of the storage: nothing may be tried again by itself */
    bool defers, unsynced; /* between defer and settle; a transaction did not wait for the disk since then */
    bool cut;              /* the connection was lost since then: what did not wait may not be there */
    int64_t
        crowd; /* trials that others made, when last seen, between a guess of the next number and its use */

    /* What is queued, in order: a statement, ~statement for its preparation, HN_PG_STATEMENTS for a sync. */
    int *queue;
    size_t n_queued, queue_capacity;
    hone_status queue_status;
    PGresult **results; /* of the executions of the last round trip, in order */
    size_t n_results, results_capacity;
    hn_pg_values values;

    char session[17]; /* with the number of a call: a request that no other has */
    uint64_t calls;

    int64_t changes;      /* what change_counter tells: */
    int64_t orders;       /* the same without results of trials */
    int64_t next_poll_ns; /* when it changes without a notification, for those who do not notify */
    hn_pg_study *studies;
    size_t n_studies, studies_capacity;

    hn_vocabulary vocabulary;
    hn_record_builder record;
    hn_arena scratch; /* of one call */
    hn_buffer text;
} hn_postgres;

/* --- postgres_query.c --- */

/* Forgets what is queued and the last results. Every round trip begins with it. */
void hn_pg_start(hn_postgres *pg);
/* Queues an execution; format as in hn_pg_encode. Failing is remembered until hn_pg_run. */
void hn_pg_add(hn_postgres *pg, int statement, const char *format, ...);
/* Ends a transaction; what follows is another one in the same round trip. */
void hn_pg_sync(hn_postgres *pg);
/* Sends what is queued and waits for all answers: pg->results[i] is the one of the i-th hn_pg_add. Without
 * HN_PG_BEGIN_SNAPSHOT the statements up to a sync are one transaction. */
hone_status hn_pg_run(hn_postgres *pg, hone_error *err);
/* Simple statements without values, at once. */
hone_status hn_pg_execute(hn_postgres *pg, const char *script, const char *doing, hone_error *err);
/* The same with one integer as the answer; 0 when there is no row. */
hone_status hn_pg_integer(hn_postgres *pg, const char *sql, int64_t *value, hone_error *err);

/* Round trips that are repeated when the connection was lost:
 *
 *     hn_pg_attempts attempts = {0};
 *     do {
 *         hn_pg_start(pg);
 *         ...
 *         status = hn_pg_run(pg, err);
 *     } while (hn_pg_again(pg, &attempts, status, err));
 *
 * The commit of an attempt that was lost may have happened: what must not happen twice carries a request. */
typedef struct hn_pg_attempts {
    unsigned count; /* attempts that were lost */
    int64_t give_up_ns;
} hn_pg_attempts;

/* Waits, connects again and answers true; false when there is nothing to repeat or the time is over, with the
 * error of the last attempt. */
bool hn_pg_again(hn_postgres *pg, hn_pg_attempts *attempts, hone_status status, hone_error *err);

/* defer and settle of the storage. */
bool hn_pg_defers(const hn_postgres *pg);
void hn_pg_defer(hn_storage *storage);
hone_status hn_pg_settle(hn_storage *storage, hone_error *err);

/* begin and end of the storage. */
hone_status hn_pg_gather(hn_storage *storage, hone_error *err);
hone_status hn_pg_commit(hn_storage *storage, hone_status status, hone_error *err);

/* Follows the study's id in a notification of a result. */
#define HN_PG_RESULT " result"

enum { HN_PG_REQUEST_SIZE = 40 };
void hn_pg_request(hn_postgres *pg, char request[HN_PG_REQUEST_SIZE]);
/* Queues a transaction that tells the other handles that something of the study changed. */
void hn_pg_notify(hn_postgres *pg, int64_t study);
/* The same by a trial of the study; result: it reported or ended, and no more changed. */
void hn_pg_notify_of(hn_postgres *pg, int64_t trial, bool result);

/* --- postgres_error.c --- */

/* The failed result, or with NULL the connection's trouble, as a status and words; sets pg->lost. */
hone_status hn_pg_fail(hn_postgres *pg, const PGresult *result, const char *doing, hone_error *err);

/* --- postgres_open.c, postgres_schema.c --- */

hone_status hn_pg_open(const char *url, bool create, hn_storage **storage, hone_error *err);
void hn_pg_close(hn_storage *storage);
/* Connects, again after a lost connection, with this session's settings. */
hone_status hn_pg_connect(hn_postgres *pg, hone_error *err);
/* Makes missing tables (create), checks both schema versions, migrates ours, sweeps orphans. */
hone_status hn_pg_prepare_schema(hn_postgres *pg, bool create, hone_error *err);

/* --- postgres_study.c, postgres_list.c --- */

/* HONE_NOT_FOUND when the study is gone. adopt: one that only Optuna has seen gets its UUID. */
hone_status hn_pg_study_known(hn_postgres *pg, int64_t study, bool adopt, hn_pg_study *known,
                              hone_error *err);
/* A study that was deleted is not known any more. */
void hn_pg_forget(hn_postgres *pg, int64_t study);

hone_status hn_pg_study_create(hn_storage *storage, const hn_study_row *row, int64_t *study, bool *created,
                               hone_error *err);
hone_status hn_pg_study_find(hn_storage *storage, const char *name, hn_arena *arena, hn_study_row *row,
                             hone_error *err);
hone_status hn_pg_study_names(hn_storage *storage, hn_arena *arena, const char ***names, size_t *count,
                              hone_error *err);
hone_status hn_pg_study_list(hn_storage *storage, hn_arena *arena, hn_study_summary **rows, size_t *count,
                             hone_error *err);
hone_status hn_pg_study_delete(hn_storage *storage, int64_t study, hone_error *err);
hone_status hn_pg_study_set_definition(hn_storage *storage, int64_t study, const char *definition,
                                       hone_error *err);
hone_status hn_pg_study_set_attribute(hn_storage *storage, int64_t study, const hn_attribute *attribute,
                                      hone_error *err);
hone_status hn_pg_study_attribute(hn_storage *storage, int64_t study, const char *key, bool system,
                                  hn_arena *arena, const char **json, hone_error *err);

/* --- postgres_trial.c --- */

/* A trial as it was before a statement changed it. */
typedef struct hn_pg_trial {
    int64_t study, number;
    hone_trial_state state;
    size_t n_objectives;
    char lease[HN_LEASE_SIZE];
    bool ended, paused;
    bool mine; /* the request that changed it last is this call's: an attempt whose answer was lost */
    bool done; /* the statement changed it */
} hn_pg_trial;

/* Reads the columns that every statement about one trial answers with; HONE_NOT_FOUND when there is no row.
 */
hone_status hn_pg_read_trial(const PGresult *result, int64_t trial, const char *request, hn_pg_trial *out,
                             hone_error *err);

hone_status hn_pg_trial_create(hn_storage *storage, int64_t study, size_t n, const hn_new_trial *trials,
                               int64_t expected_number, int64_t *ids, int64_t *numbers, hone_error *err);
hone_status hn_pg_trial_make(hn_storage *storage, int64_t study, hn_new_trial *trial, int64_t expected,
                             hn_trial_maker make, void *user, int64_t *id, int64_t *number, hone_error *err);
hone_status hn_pg_trial_find(hn_storage *storage, int64_t study, int64_t number, int64_t *id,
                             hone_error *err);
hone_status hn_pg_trial_claim(hn_storage *storage, int64_t trial, const char *lease, int64_t start_us,
                              bool beats, size_t n_params, const hn_trial_param *params, bool *claimed,
                              hone_error *err);
hone_status hn_pg_trial_update(hn_storage *storage, int64_t trial, const char *lease,
                               const hn_trial_update *update, hone_trial_state *state, bool *lease_lost,
                               hone_error *err);

/* --- postgres_lease.c --- */

hone_status hn_pg_trial_lease(hn_storage *storage, int64_t trial, const char *held, const char *new_lease,
                              char *lease_now, hone_error *err);
hone_status hn_pg_trial_heartbeat(hn_storage *storage, int64_t trial, int64_t now_us, hone_error *err);
hone_status hn_pg_trials_beating(hn_storage *storage, int64_t study, hn_arena *arena, hn_beat **beats,
                                 size_t *count, hone_error *err);
hone_status hn_pg_trial_pause(hn_storage *storage, int64_t trial, const char *held, int64_t step,
                              hone_error *err);
hone_status hn_pg_trial_resume(hn_storage *storage, int64_t trial, const char *lease, int64_t now_us,
                               hone_error *err);
hone_status hn_pg_trials_paused(hn_storage *storage, int64_t study, hn_arena *arena, int64_t **ids,
                                size_t *count, hone_error *err);

/* --- postgres_scan.c, postgres_check.c --- */

hone_status hn_pg_scan(hn_storage *storage, int64_t study, int64_t after_id, const int64_t *again,
                       size_t n_again, hn_trial_visitor visit, void *user, hone_error *err);
hone_status hn_pg_trial_read(hn_storage *storage, int64_t trial, hn_trial_visitor visit, void *user,
                             hone_error *err);
hone_status hn_pg_check(hn_storage *storage, hn_buffer *report, hone_error *err);

#endif
