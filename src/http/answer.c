#include "http/answer.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/node.h"

static const char *reason(int code)
{
    switch (code) {
    case 200: return "OK";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Internal Server Error";
    }
}

hone_status hn_http_refusal_status(int code)
{
    switch (code) {
    case 401:
    case 403:
    case 421: return HONE_DENIED;
    case 408:
    case 413:
    case 429:
    case 431: return HONE_LIMIT;
    case 501:
    case 505: return HONE_UNSUPPORTED;
    case 503: return HONE_BUSY;
    default: return HONE_PARSE;
    }
}

/* "Sun, 22 Nov 2026 08:19:10 GMT"; strftime would ask the locale. */
static void write_date(hn_buffer *out)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = time(NULL);
    struct tm t;
    if (gmtime_r(&now, &t)) {
        hn_buffer_printf(out, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
                         days + (ptrdiff_t)3 * t.tm_wday, t.tm_mday, months + (ptrdiff_t)3 * t.tm_mon,
                         t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    }
}

static void write_start(hn_buffer *out, int code, const char *fields)
{
    hn_buffer_printf(out, "HTTP/1.1 %d %s\r\n", code, reason(code));
    write_date(out);
    hn_buffer_text(out, "X-Content-Type-Options: nosniff\r\n");
    hn_buffer_text(out, fields ? fields : "");
}

/* What the body is, and who may keep it for how long. */
static void write_content(hn_buffer *out, const hn_http_answer *answer)
{
    if (answer->code != 304) {
        hn_buffer_printf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n",
                         answer->type ? answer->type : "application/json", answer->body.size);
        if (answer->encoding) {
            hn_buffer_printf(out, "Content-Encoding: %s\r\n", answer->encoding);
        }
    }
    const char *keep = answer->immutable ? "max-age=31536000, immutable"
                       : answer->tag[0]  ? "no-cache"
                                         : "no-store";
    hn_buffer_printf(out, "Cache-Control: %s\r\n", keep);
    if (answer->tag[0]) {
        hn_buffer_printf(out, "ETag: \"%s\"\r\n", answer->tag);
    }
}

void hn_http_write_stream_head(hn_buffer *out, const char *type, const char *fields)
{
    write_start(out, 200, fields);
    hn_buffer_printf(out, "Content-Type: %s\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n", type);
}

void hn_http_write_answer(hn_buffer *out, const hn_http_answer *answer, const char *fields, bool keep_alive,
                          bool with_body)
{
    write_start(out, answer->code, fields);
    write_content(out, answer);
    if (answer->code == 401) {
        hn_buffer_text(out, "WWW-Authenticate: Bearer\r\n");
    }
    if (answer->allow) {
        hn_buffer_printf(out, "Allow: %s\r\n", answer->allow);
    }
    if (answer->code == 429 || answer->code == 503) {
        hn_buffer_text(out, "Retry-After: 1\r\n");
    }
    if (answer->replayed) {
        hn_buffer_text(out, "Idempotent-Replayed: true\r\n");
    }
    hn_buffer_text(out, keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
    if (with_body && answer->code != 304) {
        hn_buffer_append(out, answer->body.data, answer->body.size);
    }
}

bool hn_http_client_has(const hn_http_request *request, const char *tag)
{
    const char *list = request->field[HN_HTTP_IF_NONE_MATCH];
    size_t size = strlen(tag);
    while (list && *list) {
        list += strspn(list, " \t,");
        list += strncmp(list, "W/", 2) == 0 ? 2 : 0;
        size_t item = strcspn(list, ",");
        if (item >= size + 2 && list[0] == '"' && list[size + 1] == '"' && !strncmp(list + 1, tag, size)) {
            return true;
        }
        list += item;
    }
    return false;
}

void hn_http_failure_body(hn_buffer *body, hone_status status, const char *message)
{
    hn_buffer_printf(body,
                     "{\"ok\":false,\"error\":{\"status\":\"%s\",\"message\":", hone_status_name(status));
    hn_json_write_string(body, message, strlen(message), HN_JSON_STRICT);
    hn_buffer_text(body, "}}");
}

int hn_http_code(hone_status status)
{
    switch (status) {
    case HONE_OK: return 200;
    case HONE_INVALID:
    case HONE_PARSE: return 400;
    case HONE_DENIED: return 403;
    case HONE_NOT_FOUND: return 404;
    case HONE_EXISTS:
    case HONE_CONFLICT: return 409;
    case HONE_LIMIT: return 413;
    case HONE_UNSUPPORTED: return 501;
    case HONE_OUT_OF_MEMORY:
    case HONE_CANCELLED:
    case HONE_BUSY: return 503;
    case HONE_IO:
    case HONE_STORAGE:
    case HONE_OBJECTIVE:
    case HONE_INTERNAL: break;
    }
    return 500;
}

void hn_http_fail(hn_http_exchange *exchange, int code, const char *allow, const hone_error *err)
{
    hn_http_answer answer = {.code = code, .allow = allow};
    hn_http_failure_body(&answer.body, err->status, err->message);
    hn_http_answer_exchange(exchange, &answer);
}
