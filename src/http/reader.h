/* http/reader.h: HTTP/1.1 requests out of a stream of bytes, whatever pieces it comes in. It knows no socket
 * and no clock. Strict: what two readers could understand differently is refused (RFC 9112, section 11.2).
 * One thread at a time.
 */
#ifndef HN_HTTP_READER_H
#define HN_HTTP_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

typedef struct hn_http_limits {
    size_t head; /* bytes of the request line with all header fields; as many of trailer fields */
    size_t body; /* bytes, without what chunks need */
} hn_http_limits;

/* The header fields that mean something here; each may be there once. */
typedef enum hn_http_field {
    HN_HTTP_HOST,
    HN_HTTP_ORIGIN,
    HN_HTTP_AUTHORIZATION,
    HN_HTTP_CONTENT_TYPE,
    HN_HTTP_CONTENT_LENGTH,
    HN_HTTP_TRANSFER_ENCODING,
    HN_HTTP_CONNECTION,
    HN_HTTP_EXPECT,
    HN_HTTP_IDEMPOTENCY_KEY,
    HN_HTTP_IF_NONE_MATCH,
    HN_HTTP_FIELDS,
} hn_http_field;

/* Its texts live until the reader goes on to the next one. */
typedef struct hn_http_request {
    const char *method, *path;
    const char *query;                 /* after the "?", NULL = none */
    const char *field[HN_HTTP_FIELDS]; /* NULL = absent */
    bool keep_alive, expects_continue; /* the client wants it so */
    const char *body;                  /* NUL-terminated */
    size_t body_size;
} hn_http_request;

typedef enum hn_http_stage {
    HN_HTTP_HEAD, /* first of a message */
    HN_HTTP_BODY,
    HN_HTTP_CHUNK_SIZE,
    HN_HTTP_CHUNK_EXTENSION,
    HN_HTTP_CHUNK_SIZE_LF,
    HN_HTTP_CHUNK_DATA,
    HN_HTTP_CHUNK_CR,
    HN_HTTP_CHUNK_LF,
    HN_HTTP_TRAILER,
    HN_HTTP_TRAILER_LF,
    HN_HTTP_WHOLE,   /* `request` is ready */
    HN_HTTP_REFUSED, /* code and why: nothing more can be read */
} hn_http_stage;

typedef struct hn_http_reader {
    hn_http_limits limits;
    hn_http_stage stage;
    bool head_done; /* all of `request` but its body is ready */
    hn_buffer head, body;
    uint64_t left;        /* bytes of the body or the chunk still to come */
    size_t digits;        /* of the chunk's size; bytes of its extension */
    size_t line, trailer; /* bytes of the trailer's line, of all of it */
    hn_http_request request;
    int code; /* HTTP status of a refusal */
    const char *why;
} hn_http_reader;

/* The limits are kept. */
void hn_http_reader_init(hn_http_reader *reader, const hn_http_limits *limits);
/* Takes in bytes up to the end of one request; the rest is of the next. Returns how many it took: all, unless
 * the stage is now WHOLE or REFUSED. Stops once more when the head is done, so that it can be judged before
 * the body comes. */
size_t hn_http_read(hn_http_reader *reader, const char *bytes, size_t size);
/* After WHOLE: on to the next request. */
void hn_http_reader_next(hn_http_reader *reader);
/* No byte of the request has come yet. */
bool hn_http_reader_idle(const hn_http_reader *reader);
void hn_http_reader_release(hn_http_reader *reader);

#endif
