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
    /* Called by the loop; answers with hn_http_answer now or later. Must not block. */
    void (*handle)(void *user, hn_http_exchange *exchange);
    /* The server was stopped twice: what takes long should give up. */
    void (*interrupt)(void *user);
    void *user;
} hn_http_config;

typedef struct hn_http_answer {
    int code;
    hn_buffer body;    /* JSON; its memory is taken over */
    const char *allow; /* static: methods, for 405; NULL = none */
    bool replayed;     /* the answer was given before */
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
/* The body that says what went wrong. */
void hn_http_failure_body(hn_buffer *body, hone_status status, const char *message);

#endif
