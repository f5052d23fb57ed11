/* http/server.h: an HTTP/1.1 server: one event loop (libuv) that reads requests, judges who asks, hands them
 * to a function, and writes the answers. It knows nothing of what is asked; the protocol (and whatever else
 * hone serves) is a handler.
 *
 * Limits hold for sizes, times, connections and rates; a client that breaks one gets an answer that says so,
 * as far as HTTP lets it, in the protocol's form: {"ok":false,"error":{"status":...,"message":...}}.
 */
#ifndef HN_HTTP_SERVER_H
#define HN_HTTP_SERVER_H

#include "base/error.h"
#include "http/reader.h"
#include "http/tokens.h"

typedef struct hn_http_server hn_http_server;
/* One request and the connection it came on. */
typedef struct hn_http_exchange hn_http_exchange;

/* Borrowed for the server's life. */
typedef struct hn_http_config {
    const char *address; /* numeric, IPv4 or IPv6 */
    int port;            /* 0 = any that is free */
    hn_http_limits limits;
    size_t connections;       /* at once */
    double rate;              /* requests a second of one address; 0 = no limit */
    bool spares_loopback;     /* the rate does not hold for clients on this machine */
    int64_t request_ms;       /* from a request's first byte to its last; the same for its answer */
    int64_t idle_ms;          /* between requests */
    const char *const *hosts; /* names that the header field Host may have, besides our own */
    size_t n_hosts;
    const hn_tokens *tokens; /* count 0: everyone may ask */
    const char *guarded;     /* a token is needed only for paths that begin so; NULL = for all */
    const char *fields;      /* header lines of every answer, each with its CR LF; NULL = none */
    /* Called by the loop; answers with hn_http_answer now or later. Must not block. */
    void (*handle)(void *user, hn_http_exchange *exchange);
    /* The server was stopped twice: what takes long should give up. */
    void (*interrupt)(void *user);
    /* hn_http_server_wake was called, perhaps several times; NULL: it never is. */
    void (*woken)(void *user);
    /* A stream that the handler began is over: its exchange must not be used any more. */
    void (*stream_ended)(void *user, hn_http_exchange *exchange);
    void *user;
} hn_http_config;

enum { HN_HTTP_TAG_SIZE = 48 };

typedef struct hn_http_answer {
    int code;
    hn_buffer body;             /* its memory is taken over; ignored for 304 */
    const char *type;           /* static; NULL = application/json */
    const char *encoding;       /* static, of the body: "gzip"; NULL = none */
    char tag[HN_HTTP_TAG_SIZE]; /* its ETag: kept by clients, who ask whether it still holds; "" = never kept
                                 */
    bool immutable;             /* kept without asking: what this address gives never changes */
    const char *allow;          /* static: methods, for 405; NULL = none */
    bool replayed;              /* the answer was given before */
} hn_http_answer;

/* Listens. HONE_INVALID for an address that is none, HONE_IO when it cannot be had. */
hone_status hn_http_server_create(const hn_http_config *config, hn_http_server **server, hone_error *err);
int hn_http_server_port(const hn_http_server *server);
/* Serves until it is stopped and every request in hand is answered. */
hone_status hn_http_server_run(hn_http_server *server, hone_error *err);
/* From any thread or a signal handler. The first time: no more connections and requests, those in hand are
 * answered; the second time their clients are left. Returns how often it was called before. */
int hn_http_server_stop(hn_http_server *server);
/* After it ran. Accepts NULL. */
void hn_http_server_destroy(hn_http_server *server);

/* Until it is answered. */
const hn_http_request *hn_http_exchange_request(const hn_http_exchange *exchange);
/* Once for each exchange, from any thread. */
void hn_http_answer_exchange(hn_http_exchange *exchange, hn_http_answer *answer);
/* Has the client this version already? Then the answer is 304. */
bool hn_http_client_has(const hn_http_request *request, const char *tag);
/* In the loop's thread: config.woken. From any thread. */
void hn_http_server_wake(hn_http_server *server);

/* Instead of an answer, in the loop's thread only: an answer of this type (static) whose pieces come as long
 * as both sides last. It is over when config.stream_ended says so, which each of these calls may bring about.
 */
void hn_http_begin_stream(hn_http_exchange *exchange, const char *type);
/* The bytes are copied. A client that takes nothing for too long, or falls too far behind, is left. */
void hn_http_stream_write(hn_http_exchange *exchange, const char *bytes, size_t size);

/* The HTTP status of a failed request. */
int hn_http_code(hone_status status);
/* Answers with what went wrong. allow: as in the answer. */
void hn_http_fail(hn_http_exchange *exchange, int code, const char *allow, const hone_error *err);
/* The body that says what went wrong. */
void hn_http_failure_body(hn_buffer *body, hone_status status, const char *message);

#endif
