/* Statements are prepared when they are first used, in the same round trip as that use. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/os_system.h"
#include "storage/postgres.h"

enum { BINARY = 1, SYNC = HN_PG_STATEMENTS };

/* --- queueing --- */

static void drop_results(hn_postgres *pg)
{
    for (size_t i = 0; i < pg->n_results; i++)
        PQclear(pg->results[i]);
    pg->n_results = 0;
}

void hn_pg_start(hn_postgres *pg)
{
    drop_results(pg);
    hn_arena_reset(&pg->scratch);
    pg->n_queued = 0;
    pg->queue_status = HONE_OK;
    pg->lost = false;
}

/* Notes what was sent; sent is what libpq answered. */
static void note(hn_postgres *pg, int what, int sent)
{
    if (pg->queue_status)
        return;
    if (!sent)
        pg->queue_status = HONE_IO;
    else if (HN_GROW(pg->queue, pg->n_queued, pg->queue_capacity))
        pg->queue_status = HONE_OUT_OF_MEMORY;
    else
        pg->queue[pg->n_queued++] = what;
}

static void format_name(char name[16], int statement)
{
    snprintf(name, 16, "hone%d", statement);
}

/* Prepared already by an execution that is queued. */
static bool is_queued(const hn_postgres *pg, int what)
{
    for (size_t i = 0; i < pg->n_queued; i++) {
        if (pg->queue[i] == what)
            return true;
    }
    return false;
}

static void prepare(hn_postgres *pg, int statement)
{
    char name[16];
    if (pg->prepared[statement] || is_queued(pg, ~statement))
        return;
    format_name(name, statement);
    hn_buffer_clear(&pg->text);
    hn_pg_write_text(&pg->text, statement);
    if (hn_buffer_failed(&pg->text))
        pg->queue_status = HONE_OUT_OF_MEMORY;
    else
        note(pg, ~statement,
             PQsendPrepare(pg->conn, name, hn_buffer_string(&pg->text), (int)pg->values.count,
                           pg->values.types));
}

void hn_pg_add(hn_postgres *pg, int statement, const char *format, ...)
{
    static const int binary[HN_PG_MAX_VALUES] = {
        BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY,
        BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY, BINARY};
    const char *pointers[HN_PG_MAX_VALUES];
    char name[16];
    hn_pg_values *values = &pg->values;
    va_list arguments;
    va_start(arguments, format);
    hn_pg_encode(values, format, arguments);
    va_end(arguments);
    if (hn_buffer_failed(&values->bytes))
        pg->queue_status = HONE_OUT_OF_MEMORY;
    if (!pg->queue_status)
        prepare(pg, statement);
    if (pg->queue_status)
        return;
    for (size_t i = 0; i < values->count; i++)
        pointers[i] = values->offsets[i] == SIZE_MAX ? NULL : values->bytes.data + values->offsets[i];
    format_name(name, statement);
    note(pg, statement,
         PQsendQueryPrepared(pg->conn, name, (int)values->count, pointers, values->sizes, binary, BINARY));
}

void hn_pg_sync(hn_postgres *pg)
{
    if (!pg->queue_status)
        note(pg, SYNC, PQpipelineSync(pg->conn));
}

/* --- the round trip --- */

static hone_status keep(hn_postgres *pg, PGresult *result, hone_error *err)
{
    if (HN_GROW(pg->results, pg->n_results, pg->results_capacity)) {
        PQclear(result);
        return hn_out_of_memory(err);
    }
    pg->results[pg->n_results++] = result;
    return HONE_OK;
}

/* The answer to one thing queued. After an error the rest up to the sync is answered with "aborted", which
 * says nothing new. */
static hone_status take(hn_postgres *pg, int what, hone_status status, hone_error *err)
{
    PGresult *result = PQgetResult(pg->conn);
    ExecStatusType kind = PQresultStatus(result);
    if (what == SYNC) {
        if (!status && kind != PGRES_PIPELINE_SYNC)
            status = hn_pg_fail(pg, result, "a transaction", err);
        PQclear(result);
        return status;
    }
    int statement = what < 0 ? ~what : what;
    bool good = kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK;
    if (result)
        PQclear(PQgetResult(pg->conn)); /* the NULL that ends a statement's answers */
    if (!good && !status)
        status = hn_pg_fail(pg, result, hn_pg_purpose(statement), err);
    if (what < 0 && good)
        pg->prepared[statement] = true;
    if (what < 0 || !good || status) {
        PQclear(result);
        return status;
    }
    return keep(pg, result, err);
}

hone_status hn_pg_run(hn_postgres *pg, hone_error *err)
{
    hn_pg_sync(pg);
    hone_status status = HONE_OK;
    if (pg->queue_status == HONE_OUT_OF_MEMORY)
        status = hn_out_of_memory(err);
    else if (pg->queue_status || PQflush(pg->conn) < 0)
        status = hn_pg_fail(pg, NULL, "sending", err);
    for (size_t i = 0; i < pg->n_queued && !pg->lost; i++)
        status = take(pg, pg->queue[i], status, err);
    pg->n_queued = 0;
    /* What was sent without its sync cannot be taken back, what was not read neither. */
    if (pg->queue_status || pg->lost) {
        PQfinish(pg->conn);
        pg->conn = NULL;
    }
    if (status && pg->conn && PQtransactionStatus(pg->conn) == PQTRANS_INERROR)
        hn_pg_execute(pg, "ROLLBACK", "a transaction", NULL);
    return status;
}

hone_status hn_pg_execute(hn_postgres *pg, const char *script, const char *doing, hone_error *err)
{
    bool pipelined = PQpipelineStatus(pg->conn) != PQ_PIPELINE_OFF;
    if (pipelined)
        PQexitPipelineMode(pg->conn);
    PGresult *result = PQexec(pg->conn, script);
    ExecStatusType kind = PQresultStatus(result);
    hone_status status = HONE_OK;
    if (kind != PGRES_COMMAND_OK && kind != PGRES_TUPLES_OK)
        status = hn_pg_fail(pg, result, doing, err);
    PQclear(result);
    if (status && PQtransactionStatus(pg->conn) == PQTRANS_INERROR)
        PQclear(PQexec(pg->conn, "ROLLBACK"));
    if (pipelined)
        PQenterPipelineMode(pg->conn);
    return status;
}

hone_status hn_pg_integer(hn_postgres *pg, const char *sql, int64_t *value, hone_error *err)
{
    PGresult *result = PQexecParams(pg->conn, sql, 0, NULL, NULL, NULL, NULL, BINARY);
    hone_status status = HONE_OK;
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        status = hn_pg_fail(pg, result, "reading", err);
    else
        *value = PQntuples(result) && !hn_pg_is_null(result, 0, 0) ? hn_pg_int(result, 0, 0) : 0;
    PQclear(result);
    return status;
}

/* --- once more --- */

/* A little different for each process, so that all do not come back at once. */
static int64_t pause_ms(unsigned attempt)
{
    enum { FIRST_MS = 20, MOST_MS = 2000, DOUBLINGS = 7 };
    unsigned char random = 0;
    hn_random_bytes(&random, 1, NULL);
    int64_t most = attempt < DOUBLINGS ? (int64_t)FIRST_MS << attempt : MOST_MS;
    return most / 2 + most * random / ((int64_t)2 * UINT8_MAX);
}

static bool wait_and_connect(hn_postgres *pg, hn_pg_attempts *attempts, hone_error *err)
{
    while (hn_monotonic_ns() < attempts->give_up_ns) {
        hn_sleep_ms(pause_ms(attempts->count++));
        hone_status status = hn_pg_connect(pg, err);
        if (!status)
            return true;
        if (!pg->lost)
            return false;
    }
    return false;
}

bool hn_pg_again(hn_postgres *pg, hn_pg_attempts *attempts, hone_status status, hone_error *err)
{
    if (!status || !pg->lost || pg->gathers)
        return false;
    pg->cut = pg->cut || pg->unsynced;
    if (attempts->count == 0) {
        attempts->give_up_ns = hn_monotonic_ns() + (int64_t)(pg->timeout_seconds * 1e9);
        hn_log(HN_LOG_WARNING, "%s: the connection was lost; trying again", pg->shown);
    }
    return wait_and_connect(pg, attempts, err);
}

bool hn_pg_defers(const hn_postgres *pg)
{
    return pg->defers && pg->durable && !pg->gathers;
}

void hn_pg_defer(hn_storage *storage)
{
    hn_postgres *pg = (hn_postgres *)storage;
    pg->cut = pg->cut && pg->defers;
    pg->defers = true;
}

/* The server's log is written in order: what waits for the disk last has all that came before. A server that
 * crashed in between has forgotten some. */
hone_status hn_pg_settle(hn_storage *storage, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hone_status status = HONE_OK;
    pg->defers = false;
    if (!pg->unsynced)
        return HONE_OK;
    pg->unsynced = false;
    if (!pg->cut) {
        hn_pg_start(pg);
        hn_pg_add(pg, HN_PG_FLUSH_ALL, "");
        status = hn_pg_run(pg, err);
    }
    if (pg->cut || (status && pg->lost))
        return hn_fail(err, HONE_IO,
                       "'%s': the connection was lost before all was on the disk; look what is there",
                       pg->shown);
    return status;
}

hone_status hn_pg_gather(hn_storage *storage, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    hone_status status = pg->conn ? HONE_OK : hn_pg_connect(pg, err);
    if (!status)
        status = hn_pg_execute(pg, "BEGIN", "a transaction", err);
    pg->gathers = !status;
    return status;
}

hone_status hn_pg_commit(hn_storage *storage, hone_status status, hone_error *err)
{
    hn_postgres *pg = (hn_postgres *)storage;
    pg->gathers = false;
    if (status && pg->conn && PQtransactionStatus(pg->conn) != PQTRANS_IDLE)
        hn_pg_execute(pg, "ROLLBACK", "a transaction", NULL);
    if (!status)
        status = hn_pg_execute(pg, "COMMIT", "a transaction", err);
    if (status)
        pg->n_studies = 0; /* some may be gone again */
    return status;
}

void hn_pg_request(hn_postgres *pg, char request[HN_PG_REQUEST_SIZE])
{
    snprintf(request, HN_PG_REQUEST_SIZE, "%s-%llx", pg->session, (unsigned long long)++pg->calls);
}

void hn_pg_notify(hn_postgres *pg, int64_t study)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)study);
    hn_pg_sync(pg);
    hn_pg_add(pg, HN_PG_NOTIFY, "t", text);
}

void hn_pg_notify_of(hn_postgres *pg, int64_t trial, bool result)
{
    hn_pg_sync(pg);
    hn_pg_add(pg, HN_PG_NOTIFY_OF, "it", trial, result ? HN_PG_RESULT : "");
}
