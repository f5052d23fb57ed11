/* http/connection.h: between server.c and connection.c. The loop's thread only, but for `answered`. */
#ifndef HN_HTTP_CONNECTION_H
#define HN_HTTP_CONNECTION_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "http/guard.h"
#include "http/server.h"

enum {
    HN_READ_SIZE = 1 << 16,
    HN_REFUSED_AT_ONCE = 64, /* connections beyond the limit that are told so */
    HN_SWEEP_MS = 250,       /* how often deadlines are looked at */
    HN_LINGER_MS = 2000,     /* how long a client that was refused may go on sending */
    HN_LAST_CALL_MS = 200,   /* for requests that are on their way when the server is stopped */
};

typedef enum hn_connection_state {
    HN_READING,
    HN_HANDLING,
    HN_WRITING,
    HN_STREAMING, /* pieces of an answer are written as they come (stream.c) */
    HN_LINGERING, /* the last answer is out; what still comes is thrown away, so that it is not reset */
    HN_CLOSING,
} hn_connection_state;

struct hn_http_exchange {
    hn_http_server *server;
    hn_http_exchange *previous, *next; /* all of the server */
    uv_tcp_t tcp;
    uv_write_t write;
    uv_shutdown_t shutdown;
    char client[48]; /* its address */
    hn_connection_state state;
    hn_http_reader reader;
    hn_buffer in;    /* has come, was not read */
    hn_buffer out;   /* is being written */
    hn_buffer later; /* of a stream: comes after */
    bool judged;     /* the head of the request in hand */
    bool handling;   /* the handler owes an answer */
    bool pumping;    /* on the stack */
    bool paused;     /* nothing is read from the socket */
    bool last;       /* this answer ends the connection */
    bool streams;    /* its handler is owed the end of the stream */
    bool writing;    /* of a stream: `out` is on its way */
    bool ended;      /* the client sends no more */
    bool closed;
    int64_t deadline; /* of the loop's clock, ms; 0 = none */
    hn_http_exchange *next_answered;
    hn_http_answer answer;
};

struct hn_http_server {
    hn_http_config config;
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_async_t wake;
    uv_timer_t sweep;
    uv_thread_t thread; /* of the loop while it runs */
    bool draining, interrupted;
    bool unaccepted; /* memory was out when a client came */
    int port;
    hn_http_exchange *first;
    size_t n_connections;
    hn_rate rate;
    char read_buffer[HN_READ_SIZE];
    atomic_int stops, woken;
    pthread_mutex_t lock;
    hn_http_exchange *answered; /* by other threads; under the lock */
};

/* A client is there. */
void hn_connection_open(hn_http_server *server);
/* Its exchange was answered, in the loop's thread. */
void hn_connection_deliver(hn_http_exchange *exchange);
/* Its deadline is over. */
void hn_connection_expire(hn_http_exchange *exchange);
void hn_connection_close(hn_http_exchange *exchange);
/* The server is being stopped. */
void hn_connection_drain(hn_http_exchange *exchange);
/* server.c: a connection is gone. */
void hn_server_forget(hn_http_exchange *exchange);

#endif
