/* The stages of a request: its head, then a body of known length or in chunks (RFC 9112, sections 6 and 7).
 */
#include "http/reader.h"

#include <string.h>

#include "http/head.h"

enum { MAX_SIZE_DIGITS = 8, MAX_EXTENSION = 256 };

void hn_http_reader_init(hn_http_reader *reader, const hn_http_limits *limits)
{
    *reader = (hn_http_reader){.limits = *limits};
}

void hn_http_reader_next(hn_http_reader *reader)
{
    hn_buffer head = reader->head, body = reader->body;
    hn_buffer_clear(&head);
    if (body.capacity > 1 << 16) { /* one large request does not hold its memory for good */
        hn_buffer_release(&body);
    }
    hn_buffer_clear(&body);
    *reader = (hn_http_reader){.limits = reader->limits, .head = head, .body = body};
}

bool hn_http_reader_idle(const hn_http_reader *reader)
{
    return reader->stage == HN_HTTP_HEAD && !reader->head.size;
}

void hn_http_reader_release(hn_http_reader *reader)
{
    hn_buffer_release(&reader->head);
    hn_buffer_release(&reader->body);
}

static void refuse(hn_http_reader *reader, int code, const char *why)
{
    reader->stage = HN_HTTP_REFUSED;
    reader->code = code;
    reader->why = why;
}

static void finish(hn_http_reader *reader)
{
    if (hn_buffer_failed(&reader->body)) {
        refuse(reader, 503, "memory is out");
        return;
    }
    reader->request.body = hn_buffer_string(&reader->body);
    reader->request.body_size = reader->body.size;
    reader->stage = HN_HTTP_WHOLE;
}

/* --- the head --- */

static void end_head(hn_http_reader *reader)
{
    hn_http_framing framing;
    const char *why = NULL;
    int code = hn_http_parse_head(reader->head.data, reader->head.size, &reader->request, &framing, &why);
    if (!code && framing.length > reader->limits.body) {
        code = 413;
        why = "the body is too large";
    }
    if (code) {
        refuse(reader, code, why);
        return;
    }
    reader->head_done = true;
    reader->left = framing.length;
    reader->stage = framing.chunked ? HN_HTTP_CHUNK_SIZE : HN_HTTP_BODY;
    if (!framing.chunked && !framing.length) {
        finish(reader);
    }
}

/* Seen at once, and not when nothing more comes: another protocol, lines that end with LF alone. */
static bool is_no_head(const hn_buffer *head, size_t from, size_t to)
{
    char first = head->data[0];
    if (first < 'A' || first > 'Z') {
        return true;
    }
    for (const char *at = head->data + from, *end = head->data + to; at < end; at++) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (!at) {
            return false;
        }
        if (at[-1] != '\r') { /* the first byte is a letter */
            return true;
        }
    }
    return false;
}

static size_t read_head(hn_http_reader *reader, const char *bytes, size_t size)
{
    hn_buffer *head = &reader->head;
    size_t before = head->size, room = reader->limits.head - before;
    hn_buffer_append(head, bytes, size < room ? size : room);
    if (hn_buffer_failed(head)) {
        refuse(reader, 503, "memory is out");
        return size;
    }
    size_t from = before > 3 ? before - 3 : 0;
    const char *end = memmem(head->data + from, head->size - from, "\r\n\r\n", 4);
    if (is_no_head(head, before, end ? (size_t)(end - head->data) : head->size)) {
        refuse(reader, 400, "this is no HTTP request: METHOD /path HTTP/1.1, lines that end with CR LF");
        return size;
    }
    if (end) {
        head->size = (size_t)(end - head->data) + 4;
        head->data[head->size] = '\0';
        size_t used = head->size - before;
        end_head(reader);
        return used;
    }
    if (head->size == reader->limits.head) {
        refuse(reader, 431, "the header fields are too large");
        return size;
    }
    return size;
}

/* --- the body --- */

static size_t read_data(hn_http_reader *reader, const char *bytes, size_t size)
{
    size_t part = size < reader->left ? size : (size_t)reader->left;
    hn_buffer_append(&reader->body, bytes, part);
    reader->left -= part;
    if (!reader->left && reader->stage == HN_HTTP_BODY) {
        finish(reader);
    } else if (!reader->left) {
        reader->stage = HN_HTTP_CHUNK_CR;
    }
    return part;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void read_size(hn_http_reader *reader, char c)
{
    int digit = hex_digit(c);
    if (digit >= 0 && reader->digits < MAX_SIZE_DIGITS) {
        reader->left = reader->left * 16 + (uint64_t)digit;
        reader->digits++;
    } else if (reader->digits && c == '\r') {
        reader->stage = HN_HTTP_CHUNK_SIZE_LF;
    } else if (reader->digits && c == ';') {
        reader->stage = HN_HTTP_CHUNK_EXTENSION;
        reader->digits = 0;
    } else {
        refuse(reader, 400, "a chunk must begin with its size in hexadecimal digits");
    }
}

static void read_extension(hn_http_reader *reader, char c)
{
    if (c == '\r') {
        reader->stage = HN_HTTP_CHUNK_SIZE_LF;
    } else if ((unsigned char)c < 0x20 || ++reader->digits > MAX_EXTENSION) {
        refuse(reader, 400, "the extension of a chunk is too long or holds a control character");
    }
}

static void end_size(hn_http_reader *reader)
{
    reader->digits = 0;
    if (reader->body.size + reader->left > reader->limits.body) {
        refuse(reader, 413, "the body is too large");
    } else {
        reader->stage = reader->left ? HN_HTTP_CHUNK_DATA : HN_HTTP_TRAILER;
    }
}

/* Trailer fields are passed over. */
static void read_trailer(hn_http_reader *reader, char c)
{
    reader->line++;
    if (++reader->trailer > reader->limits.head) {
        refuse(reader, 431, "the trailer fields are too large");
    } else if (c == '\r') {
        reader->stage = HN_HTTP_TRAILER_LF;
    } else if ((unsigned char)c < 0x20 && c != '\t') {
        refuse(reader, 400, "a trailer field holds a control character");
    }
}

static void end_trailer_line(hn_http_reader *reader)
{
    if (reader->line == 1) { /* nothing but its CR */
        finish(reader);
    } else {
        reader->line = 0;
        reader->stage = HN_HTTP_TRAILER;
    }
}

/* The second of a pair that nothing may come in place of. */
static void expect(hn_http_reader *reader, char c, char wanted)
{
    if (c != wanted) {
        refuse(reader, 400, "the lines of a chunked body must end with CR LF, its chunks be as long as said");
        return;
    }
    switch (reader->stage) {
    case HN_HTTP_CHUNK_SIZE_LF: end_size(reader); break;
    case HN_HTTP_CHUNK_CR: reader->stage = HN_HTTP_CHUNK_LF; break;
    case HN_HTTP_CHUNK_LF: reader->stage = HN_HTTP_CHUNK_SIZE; break;
    default: end_trailer_line(reader); break;
    }
}

static void read_byte(hn_http_reader *reader, char c)
{
    switch (reader->stage) {
    case HN_HTTP_CHUNK_SIZE: read_size(reader, c); break;
    case HN_HTTP_CHUNK_EXTENSION: read_extension(reader, c); break;
    case HN_HTTP_TRAILER: read_trailer(reader, c); break;
    case HN_HTTP_CHUNK_CR: expect(reader, c, '\r'); break;
    default: expect(reader, c, '\n'); break;
    }
}

size_t hn_http_read(hn_http_reader *reader, const char *bytes, size_t size)
{
    if (reader->stage == HN_HTTP_HEAD) {
        return size ? read_head(reader, bytes, size) : 0;
    }
    size_t used = 0;
    while (used < size && reader->stage != HN_HTTP_WHOLE && reader->stage != HN_HTTP_REFUSED) {
        if (reader->stage == HN_HTTP_BODY || reader->stage == HN_HTTP_CHUNK_DATA) {
            used += read_data(reader, bytes + used, size - used);
        } else {
            read_byte(reader, bytes[used++]);
        }
    }
    return used;
}
