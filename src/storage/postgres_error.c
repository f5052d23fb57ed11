#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "storage/postgres.h"

/* The text without its last line end and without the password, wherever libpq put it. In scratch. */
static const char *clean(hn_postgres *pg, const char *text)
{
    hn_buffer *out = &pg->text;
    size_t secret = pg->password ? strlen(pg->password) : 0;
    hn_buffer_clear(out);
    while (*text) {
        if (secret && strncmp(text, pg->password, secret) == 0) {
            hn_buffer_text(out, "***");
            text += secret;
        } else if (*text == '\n') {
            hn_buffer_text(out, text[1] ? "; " : "");
            text++;
        } else {
            hn_buffer_char(out, *text++);
        }
    }
    return hn_buffer_string(out);
}

/* SQLSTATE (PostgreSQL's manual, appendix A) begins with one of these classes or is one of these codes. */
static bool is_one_of(const char *code, const char *const *list)
{
    for (; *list; list++) {
        if (strncmp(code, *list, strlen(*list)) == 0)
            return true;
    }
    return false;
}

/* A restart, an overload or another's transaction was in the way: the same may succeed a little later. */
static const char *const passing[] = {"08", "40", "57P01", "57P02", "57P03", "53300", NULL};
/* The values were refused, not the connection. */
static const char *const refused[] = {"22", "23", NULL};

static hone_status fail_lost(hn_postgres *pg, const char *doing, const char *message, hone_error *err)
{
    char seconds[HN_NUMBER_SIZE];
    hn_format_short(seconds, pg->timeout_seconds, 3);
    pg->lost = true;
    return hn_fail(err, HONE_IO,
                   "%s: '%s' does not answer (%s); is the server up? ?timeout= (now %s s) says how long a "
                   "study that is open goes on trying",
                   doing, pg->shown, message, seconds);
}

/* No connection, or none any more. */
static hone_status fail_connection(hn_postgres *pg, const char *doing, hone_error *err)
{
    const char *message = clean(pg, pg->conn ? PQerrorMessage(pg->conn) : "not connected");
    if (!pg->refusal[0] || is_one_of(pg->refusal, passing))
        return fail_lost(pg, doing, message, err);
    if (strcmp(pg->refusal, "3D000") == 0)
        return hn_fail(err, HONE_NOT_FOUND, "'%s': there is no such database; make it with createdb (%s)",
                       pg->shown, message);
    return hn_fail(err, HONE_STORAGE,
                   "'%s' refuses to let us in: %s; a password goes into the URL, PGPASSWORD or ~/.pgpass",
                   pg->shown, message);
}

hone_status hn_pg_fail(hn_postgres *pg, const PGresult *result, const char *doing, hone_error *err)
{
    const char *code = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    if (!code || !pg->conn)
        return fail_connection(pg, doing, err);
    const char *message = clean(pg, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    if (is_one_of(code, passing) || PQstatus(pg->conn) == CONNECTION_BAD)
        return fail_lost(pg, doing, message, err);
    if (is_one_of(code, refused))
        return hn_fail(err, HONE_INVALID, "%s: '%s' refuses it: %s", doing, pg->shown, message);
    if (strcmp(code, "53100") == 0)
        return hn_fail(
            err, HONE_STORAGE,
            "%s: the disk of '%s' is full; what it held is unharmed: free some space and run again", doing,
            pg->shown);
    if (strcmp(code, "42501") == 0)
        return hn_fail(err, HONE_STORAGE,
                       "%s: '%s': %s; let the user have it, or log in as the tables' owner", doing, pg->shown,
                       message);
    if (strcmp(code, "25006") == 0)
        return hn_fail(err, HONE_STORAGE, "%s: '%s' is read-only (a standby?); name the primary server",
                       doing, pg->shown);
    return hn_fail(err, HONE_STORAGE, "%s: '%s': %s (SQLSTATE %s)", doing, pg->shown, message, code);
}
