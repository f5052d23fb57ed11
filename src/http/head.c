/* The request line and the header fields: RFC 9112, sections 3 and 5, without the forms that only proxies
 * need. */
#include "http/head.h"

#include <string.h>
#include <strings.h>

enum { MAX_FIELDS = 100, MAX_LENGTH_DIGITS = 15 };

static int refuse(const char **why, int code, const char *text)
{
    *why = text;
    return code;
}

/* --- characters --- */

static bool is_token(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_visible(unsigned char c)
{
    return c > 0x20 && c < 0x7f;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* --- the request line --- */

static int parse_request_line(char *line, hn_http_request *request, bool *is_1_1, const char **why)
{
    static const char form[] = "the request line must be: METHOD /path HTTP/1.1";
    char *at = line;
    while (is_token((unsigned char)*at)) {
        at++;
    }
    if (at == line || *at != ' ') {
        return refuse(why, 400, form);
    }
    *at++ = '\0';
    char *target = at;
    while (is_visible((unsigned char)*at)) {
        at++;
    }
    if (*target != '/' || *at != ' ') {
        return refuse(why, 400, form);
    }
    *at++ = '\0';
    *is_1_1 = !strcmp(at, "HTTP/1.1");
    if (!*is_1_1 && strcmp(at, "HTTP/1.0") != 0) {
        return strncmp(at, "HTTP/", 5) ? refuse(why, 400, form)
                                       : refuse(why, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    }
    char *query = strchr(target, '?');
    if (query) {
        *query++ = '\0';
    }
    request->method = line;
    request->path = target;
    request->query = query;
    return 0;
}

/* --- one field --- */

static const char *const field_names[HN_HTTP_FIELDS] = {
    [HN_HTTP_HOST] = "host",
    [HN_HTTP_ORIGIN] = "origin",
    [HN_HTTP_AUTHORIZATION] = "authorization",
    [HN_HTTP_CONTENT_TYPE] = "content-type",
    [HN_HTTP_CONTENT_LENGTH] = "content-length",
    [HN_HTTP_TRANSFER_ENCODING] = "transfer-encoding",
    [HN_HTTP_CONNECTION] = "connection",
    [HN_HTTP_EXPECT] = "expect",
    [HN_HTTP_IDEMPOTENCY_KEY] = "idempotency-key",
    [HN_HTTP_IF_NONE_MATCH] = "if-none-match",
};

static int parse_field(char *line, hn_http_request *request, const char **why)
{
    char *colon = line;
    while (is_token((unsigned char)*colon)) {
        colon++;
    }
    if (colon == line || *colon != ':') {
        return refuse(why, 400, "a header field must be: Name: value");
    }
    *colon = '\0';
    char *value = colon + 1, *end = value + strlen(value);
    while (is_blank(*value)) {
        value++;
    }
    while (end > value && is_blank(end[-1])) {
        *--end = '\0';
    }
    for (const char *c = value; *c; c++) {
        if ((unsigned char)*c < 0x20 && *c != '\t') {
            return refuse(why, 400, "a header field holds a control character");
        }
    }
    for (size_t i = 0; i < HN_HTTP_FIELDS; i++) {
        if (strcasecmp(line, field_names[i]) == 0) {
            if (request->field[i]) {
                return refuse(why, 400, "a header field that may be given once is there twice");
            }
            request->field[i] = value;
        }
    }
    return 0;
}

/* --- what the fields mean together --- */

/* Is the word one of the list "a, b, c"? */
static bool lists(const char *list, const char *word)
{
    size_t size = strlen(word);
    while (list && *list) {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, ",");
        size_t used = item;
        while (used && is_blank(list[used - 1])) {
            used--;
        }
        if (used == size && !strncasecmp(list, word, size)) {
            return true;
        }
        list += item;
    }
    return false;
}

static int parse_length(const char *text, uint64_t *length, const char **why)
{
    size_t size = strlen(text);
    *length = 0;
    if (!size || strspn(text, "0123456789") != size) {
        return refuse(why, 400, "Content-Length must be a whole number");
    }
    if (size > MAX_LENGTH_DIGITS) {
        return refuse(why, 413, "the body is too large");
    }
    for (const char *c = text; *c; c++) {
        *length = *length * 10 + (uint64_t)(*c - '0');
    }
    return 0;
}

static int parse_framing(const hn_http_request *request, bool is_1_1, hn_http_framing *framing,
                         const char **why)
{
    const char *length = request->field[HN_HTTP_CONTENT_LENGTH];
    const char *coding = request->field[HN_HTTP_TRANSFER_ENCODING];
    *framing = (hn_http_framing){0};
    if (coding && length) {
        return refuse(why, 400, "Content-Length and Transfer-Encoding contradict each other");
    }
    if (coding && !is_1_1) {
        return refuse(why, 400, "HTTP/1.0 has no Transfer-Encoding");
    }
    if (coding && strcasecmp(coding, "chunked") != 0) {
        return refuse(why, 501, "the only Transfer-Encoding spoken here is chunked");
    }
    framing->chunked = coding != NULL;
    return length ? parse_length(length, &framing->length, why) : 0;
}

static int judge(hn_http_request *request, bool is_1_1, hn_http_framing *framing, const char **why)
{
    const char *connection = request->field[HN_HTTP_CONNECTION], *expect = request->field[HN_HTTP_EXPECT];
    if (!request->field[HN_HTTP_HOST]) {
        return refuse(why, 400, "the header field Host is missing");
    }
    if (expect && strcasecmp(expect, "100-continue") != 0) {
        return refuse(why, 417, "the only Expect known here is 100-continue");
    }
    request->expects_continue = expect && is_1_1;
    request->keep_alive = !lists(connection, "close") && (is_1_1 || lists(connection, "keep-alive"));
    return parse_framing(request, is_1_1, framing, why);
}

int hn_http_parse_head(char *text, size_t size, hn_http_request *request, hn_http_framing *framing,
                       const char **why)
{
    *request = (hn_http_request){0};
    if (memchr(text, '\0', size)) {
        return refuse(why, 400, "a header field holds a control character");
    }
    bool is_1_1 = false;
    int n_lines = 0;
    for (char *line = text; line < text + size - 2; n_lines++) { /* the last two bytes are the empty line */
        char *end = strpbrk(line, "\r\n");
        if (!end || end[0] != '\r' || end[1] != '\n') {
            return refuse(why, 400, "lines must end with CR LF");
        }
        *end = '\0';
        int code =
            n_lines ? parse_field(line, request, why) : parse_request_line(line, request, &is_1_1, why);
        if (code) {
            return code;
        }
        if (n_lines > MAX_FIELDS) {
            return refuse(why, 431, "there are more than 100 header fields");
        }
        line = end + 2;
    }
    return judge(request, is_1_1, framing, why);
}
