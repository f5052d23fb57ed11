#include "http/answer.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/node.h"

static const char *reason(int code)
{
    switch (code) {
    case 200: return "OK";
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

void hn_http_write_answer(hn_buffer *out, const hn_http_answer *answer, bool keep_alive, bool with_body)
{
    hn_buffer_printf(out, "HTTP/1.1 %d %s\r\n", answer->code, reason(answer->code));
    write_date(out);
    hn_buffer_printf(out,
                     "Content-Type: application/json\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
                     "X-Content-Type-Options: nosniff\r\n",
                     answer->body.size);
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
    if (with_body) {
        hn_buffer_append(out, answer->body.data, answer->body.size);
    }
}

void hn_http_failure_body(hn_buffer *body, hone_status status, const char *message)
{
    hn_buffer_printf(body,
                     "{\"ok\":false,\"error\":{\"status\":\"%s\",\"message\":", hone_status_name(status));
    hn_json_write_string(body, message, strlen(message), HN_JSON_STRICT);
    hn_buffer_text(body, "}}");
}
