#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/option.h"
#include "base/os_system.h"
#include "storage/postgres.h"
#include "storage/url.h"

typedef struct settings {
    int durability;
    double timeout_seconds, poll_seconds;
} settings;

enum { DURABILITY_FULL, DURABILITY_NORMAL };

static const char *const durabilities[] = {"full", "normal", NULL};
static const hn_option options[] = {
    {"durability", HN_OPTION_CHOICE, "full", 0, 0, durabilities, offsetof(settings, durability),
     "full: what was asked and told survives a crash of the server; normal: all but the last half second"},
    {"timeout", HN_OPTION_DURATION, "60s", 0, 86400, NULL, offsetof(settings, timeout_seconds),
     "how long to go on trying when the server restarts or cannot be reached"},
    {"poll", HN_OPTION_DURATION, "2s", 0, 86400, NULL, offsetof(settings, poll_seconds),
     "how often to look for what Optuna wrote, which does not notify as hone does; 0: never"},
};
static const hn_option_table option_table = {options, sizeof options / sizeof *options, sizeof(settings)};

/* --- the URL --- */

static bool is_known(const PQconninfoOption *known, const char *key)
{
    for (; known->keyword; known++) {
        if (strcmp(known->keyword, key) == 0)
            return true;
    }
    return strcmp(key, "ssl") == 0; /* JDBC's, which libpq takes as well */
}

/* Each option is one of ours, which go to *own, or one of libpq's, which go to its URL. */
static hone_status split_option(hn_arena *arena, const hn_storage_url *url, const char *pair, size_t size,
                                const PQconninfoOption *known, hn_buffer *conninfo, hn_node *own,
                                hone_error *err)
{
    size_t key_size = strcspn(pair, "=");
    const char *key = hn_arena_strndup(arena, pair, key_size < size ? key_size : size);
    if (!key)
        return hn_out_of_memory(err);
    if (hn_option_find(&option_table, key))
        return hn_map_set(arena, own, key, hn_map_get(url->options, key)) ? HONE_OK : hn_out_of_memory(err);
    if (!is_known(known, key))
        return hn_fail(
            err, HONE_INVALID,
            "storage '%s': no option '%s'; there are durability, timeout, poll, and those of libpq "
            "(host, sslmode, connect_timeout ...)",
            url->shown, key);
    hn_buffer_char(conninfo, strchr(hn_buffer_string(conninfo), '?') ? '&' : '?');
    hn_buffer_append(conninfo, pair, size);
    return HONE_OK;
}

/* A URL for libpq, without our own options. */
static hone_status split_options(hn_arena *arena, const hn_storage_url *url, hn_buffer *conninfo,
                                 hn_node **own, hone_error *err)
{
    PQconninfoOption *known = PQconndefaults();
    const char *at = strchr(url->text, '?');
    hone_status status = HONE_OK;
    hn_buffer_printf(conninfo, "%s%s", url->scheme, url->location);
    *own = hn_node_map(arena);
    if (!*own || !known)
        status = hn_out_of_memory(err);
    while (!status && at && *at) {
        size_t size = strcspn(++at, "&");
        if (size)
            status = split_option(arena, url, at, size, known, conninfo, *own, err);
        at += size;
    }
    PQconninfoFree(known);
    if (!status && hn_buffer_failed(conninfo))
        status = hn_out_of_memory(err);
    return status;
}

/* The password is remembered in its plain spelling, to keep it out of the server's messages. */
static hone_status check_conninfo(hn_postgres *pg, hone_error *err)
{
    /* Its words repeat the URL, with the password. */
    hone_status status = HONE_OK;
    PQconninfoOption *parsed = PQconninfoParse(pg->conninfo, NULL);
    if (!parsed)
        return hn_fail(err, HONE_INVALID,
                       "storage '%s' cannot be read; write postgresql://user@host:port/database, or "
                       "postgresql:///database?host=/folder/of/the/socket",
                       pg->shown);
    for (const PQconninfoOption *option = parsed; option->keyword; option++) {
        if (strcmp(option->keyword, "password") == 0 && option->val && option->val[0]) {
            pg->password = hn_strdup(option->val);
            status = pg->password ? HONE_OK : hn_out_of_memory(err);
        }
    }
    PQconninfoFree(parsed);
    return status;
}

/* --- connecting --- */

/* jit: our statements touch few rows, but are long. A transaction of ours that a dead process left open would
 * hold its locks until the kernel notices; the server is told to end it. */
static hone_status begin_session(hn_postgres *pg, hone_error *err)
{
    hone_status status = hn_pg_execute(pg,
                                       "SET client_min_messages = warning; SET jit = off;"
                                       "SET idle_in_transaction_session_timeout = '60s';"
                                       "SET DateStyle = ISO; LISTEN hone",
                                       "connecting", err);
    if (!status && !pg->durable)
        status = hn_pg_execute(pg, "SET synchronous_commit = off", "connecting", err);
    return status;
}

/* A peer that is gone without a word (a cut cable, a machine switched off) is noticed within 30 s. What the
 * URL says comes later and so counts. */
static const char *const keys[] = {"fallback_application_name",
                                   "connect_timeout",
                                   "keepalives_idle",
                                   "keepalives_interval",
                                   "keepalives_count",
                                   "tcp_user_timeout",
                                   "dbname",
                                   "client_encoding",
                                   NULL};

static void fill_values(const hn_postgres *pg, const char *values[9])
{
    const char *const given[] = {"hone", "10", "15", "5", "3", "30000", pg->conninfo, "UTF8", NULL};
    memcpy(values, given, sizeof given);
}

/* The five digits and letters, a digit first, of "FATAL:  28P01: ..." in any language. */
static void find_code(const char *message, char code[6])
{
    enum { CODE = 5 };
    code[0] = '\0';
    for (const char *at = strchr(message, ':'); at && !code[0]; at = strchr(at + 1, ':')) {
        const char *word = at + 1 + strspn(at + 1, " ");
        if (strspn(word, "0123456789") > 0 && strspn(word, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == CODE &&
            word[CODE] == ':')
            snprintf(code, CODE + 1, "%s", word);
    }
}

/* libpq keeps the SQLSTATE of a refused connection to itself, and its words are in any language: with
 * verbose messages, which can be had when a connection is made step by step, the code stands in them. */
static void diagnose(hn_postgres *pg)
{
    enum { STEPS = 5000 };
    const char *values[9];
    fill_values(pg, values);
    PGconn *conn = PQconnectStartParams(keys, values, 1);
    if (!conn)
        return;
    PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    for (int i = 0; i < STEPS && state != PGRES_POLLING_FAILED && state != PGRES_POLLING_OK; i++) {
        state = PQconnectPoll(conn);
        hn_sleep_ms(1);
    }
    find_code(PQerrorMessage(conn), pg->refusal);
    PQfinish(conn);
}

hone_status hn_pg_connect(hn_postgres *pg, hone_error *err)
{
    PQfinish(pg->conn);
    memset(pg->prepared, 0, sizeof pg->prepared);
    pg->lost = false;
    const char *values[9];
    fill_values(pg, values);
    pg->conn = PQconnectdbParams(keys, values, 1);
    if (!pg->conn)
        return hn_out_of_memory(err);
    pg->refusal[0] = '\0';
    if (PQstatus(pg->conn) != CONNECTION_OK) {
        diagnose(pg);
        return hn_pg_fail(pg, NULL, "connecting", err);
    }
    hone_status status = begin_session(pg, err);
    if (!status && !PQenterPipelineMode(pg->conn))
        status = hn_pg_fail(pg, NULL, "connecting", err);
    pg->changes++; /* notifications may have been missed */
    pg->orders++;
    return status;
}

/* A server that starts, or has no connection free, says so and is waited for; one that says nothing is not.
 */
static hone_status connect_first(hn_postgres *pg, bool create, hone_error *err)
{
    hn_pg_attempts attempts = {0};
    hone_status status = hn_pg_connect(pg, err);
    if (status && !pg->refusal[0])
        return status;
    do {
        if (!status)
            status = hn_pg_prepare_schema(pg, create, err);
    } while (hn_pg_again(pg, &attempts, status, err) && !(status = HONE_OK));
    return status;
}

static hone_status make_handle(const hn_storage_url *url, const char *conninfo, const settings *set,
                               hn_postgres **out, hone_error *err)
{
    hn_postgres *pg = hn_calloc(1, sizeof *pg);
    if (!pg)
        return hn_out_of_memory(err);
    pg->base.type = &hn_storage_postgres;
    *out = pg;
    pg->conninfo = hn_strdup(conninfo);
    pg->shown = hn_strndup(url->shown, strcspn(url->shown, "?"));
    pg->durable = set->durability == DURABILITY_FULL;
    pg->timeout_seconds = set->timeout_seconds;
    pg->poll_seconds = set->poll_seconds;
    pg->next_poll_ns = hn_monotonic_ns() + (int64_t)(pg->poll_seconds * 1e9);
    if (!pg->conninfo || !pg->shown)
        return hn_out_of_memory(err);
    hone_status status = hn_random_hex(pg->session, (sizeof pg->session - 1) / 2, err);
    return status ? status : check_conninfo(pg, err);
}

hone_status hn_pg_open(const char *text, bool create, hn_storage **storage, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer conninfo = HN_BUFFER_INIT;
    hn_storage_url url;
    hn_node *own;
    settings set;
    hn_postgres *pg = NULL;
    hone_status status = hn_storage_url_parse(&arena, text, &url, err);
    if (!status)
        status = split_options(&arena, &url, &conninfo, &own, err);
    if (!status)
        status = hn_options_apply(&arena, &option_table, "storage postgresql", own, &set, err);
    if (!status)
        status = make_handle(&url, hn_buffer_string(&conninfo), &set, &pg, err);
    if (!status)
        status = connect_first(pg, create, err);
    if (!status) {
        *storage = (hn_storage *)pg;
        pg = NULL;
    }
    hn_pg_close((hn_storage *)pg);
    hn_buffer_release(&conninfo);
    hn_arena_release(&arena);
    return status;
}

void hn_pg_close(hn_storage *storage)
{
    hn_postgres *pg = (hn_postgres *)storage;
    if (!pg)
        return;
    hn_pg_start(pg);
    PQfinish(pg->conn);
    hn_vocabulary_release(&pg->vocabulary);
    hn_record_release(&pg->record);
    hn_arena_release(&pg->scratch);
    hn_buffer_release(&pg->text);
    hn_buffer_release(&pg->values.bytes);
    hn_free(pg->queue);
    hn_free((void *)pg->results);
    hn_free(pg->studies);
    hn_free(pg->password);
    hn_free(pg->conninfo);
    hn_free(pg->shown);
    hn_free(pg);
}
