/* Listening, deadlines, answers from other threads, the end. */
#include <signal.h> /* lint: allow os: the mask that os_pipe_signal.h keeps */
#include <string.h>

#include "base/memory.h"
#include "base/os_pipe_signal.h"
#include "base/os_system.h"
#include "http/connection.h"

enum { BACKLOG = 1024, OTHER_FILES = 256 };

/* --- connections --- */

static void end_if_drained(hn_http_server *server)
{
    if (server->draining && !server->first) {
        uv_stop(&server->loop);
    }
}

void hn_server_forget(hn_http_exchange *x)
{
    hn_http_server *server = x->server;
    if (x->next) {
        x->next->previous = x->previous;
    }
    if (x->previous) {
        x->previous->next = x->next;
    } else {
        server->first = x->next;
    }
    server->n_connections--;
    hn_http_reader_release(&x->reader);
    hn_buffer_release(&x->in);
    hn_buffer_release(&x->out);
    hn_buffer_release(&x->later);
    hn_free(x);
    end_if_drained(server);
}

static void on_connection(uv_stream_t *listener, int status)
{
    if (!status) {
        hn_connection_open(listener->data);
    }
}

static void on_sweep(uv_timer_t *timer)
{
    hn_http_server *server = timer->data;
    int64_t now = (int64_t)uv_now(&server->loop);
    if (server->unaccepted) {
        hn_connection_open(server);
    }
    for (hn_http_exchange *x = server->first, *next; x; x = next) {
        next = x->next;
        if (x->deadline && x->deadline <= now) {
            hn_connection_expire(x);
        }
    }
}

/* --- other threads --- */

const hn_http_request *hn_http_exchange_request(const hn_http_exchange *x)
{
    return &x->reader.request;
}

void hn_http_answer_exchange(hn_http_exchange *x, hn_http_answer *answer)
{
    hn_http_server *server = x->server;
    uv_thread_t self = uv_thread_self();
    x->answer = *answer;
    if (uv_thread_equal(&self, &server->thread)) {
        hn_connection_deliver(x);
        return;
    }
    pthread_mutex_lock(&server->lock);
    x->next_answered = server->answered;
    server->answered = x;
    pthread_mutex_unlock(&server->lock);
    uv_async_send(&server->wake);
}

static void begin_drain(hn_http_server *server)
{
    server->draining = true;
    uv_close((uv_handle_t *)&server->listener, NULL);
    for (hn_http_exchange *x = server->first; x; x = x->next) {
        hn_connection_drain(x);
    }
    end_if_drained(server);
}

static void on_wake(uv_async_t *wake)
{
    hn_http_server *server = wake->data;
    pthread_mutex_lock(&server->lock);
    hn_http_exchange *x = server->answered;
    server->answered = NULL;
    pthread_mutex_unlock(&server->lock);
    while (x) {
        hn_http_exchange *next = x->next_answered;
        hn_connection_deliver(x);
        x = next;
    }
    if (atomic_exchange(&server->woken, 0)) {
        server->config.woken(server->config.user);
    }
    int stops = atomic_load(&server->stops);
    if (stops && !server->draining) {
        begin_drain(server);
    }
    if (stops > 1 && !server->interrupted) {
        server->interrupted = true;
        server->config.interrupt(server->config.user);
        for (x = server->first; x; x = x->next) {
            hn_connection_close(x);
        }
    }
}

void hn_http_server_wake(hn_http_server *server)
{
    atomic_store(&server->woken, 1);
    uv_async_send(&server->wake);
}

int hn_http_server_stop(hn_http_server *server)
{
    int before = atomic_fetch_add(&server->stops, 1);
    uv_async_send(&server->wake);
    return before;
}

/* --- the server --- */

static hone_status uv_failure(hone_error *err, int code, const char *what)
{
    return hn_fail(err, HONE_IO, "%s: %s", what, uv_strerror(code));
}

static hone_status listen_at(hn_http_server *server, hone_error *err)
{
    const hn_http_config *config = &server->config;
    struct sockaddr_storage address;
    int size = sizeof address;
    if (uv_ip4_addr(config->address, config->port, (struct sockaddr_in *)&address) &&
        uv_ip6_addr(config->address, config->port, (struct sockaddr_in6 *)&address)) {
        return hn_fail(err, HONE_INVALID, "'%s' is no numeric address such as 127.0.0.1 or ::1",
                       config->address);
    }
    int code = uv_tcp_bind(&server->listener, (struct sockaddr *)&address, 0);
    code = code ? code : uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    code = code ? code : uv_tcp_getsockname(&server->listener, (struct sockaddr *)&address, &size);
    if (code) {
        return hn_fail(err, HONE_IO, "cannot listen at %s, port %d: %s", config->address, config->port,
                       uv_strerror(code));
    }
    server->port = address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
                                                 : ntohs(((struct sockaddr_in *)&address)->sin_port);
    return HONE_OK;
}

hone_status hn_http_server_create(const hn_http_config *config, hn_http_server **server, hone_error *err)
{
    hn_http_server *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    made->config = *config;
    made->rate.per_second = config->rate;
    int code = uv_loop_init(&made->loop);
    if (code) {
        hn_free(made);
        return uv_failure(err, code, "cannot make an event loop");
    }
    pthread_mutex_init(&made->lock, NULL);
    made->thread = uv_thread_self();
    made->listener.data = made->wake.data = made->sweep.data = made;
    uv_timer_init(&made->loop, &made->sweep);
    uv_tcp_init(&made->loop, &made->listener);
    code = uv_async_init(&made->loop, &made->wake, on_wake);
    hn_allow_open_files(config->connections + HN_REFUSED_AT_ONCE + OTHER_FILES);
    hone_status status = code ? uv_failure(err, code, "cannot make an event loop") : listen_at(made, err);
    if (status) {
        hn_http_server_destroy(made);
        return status;
    }
    *server = made;
    return HONE_OK;
}

int hn_http_server_port(const hn_http_server *server)
{
    return server->port;
}

hone_status hn_http_server_run(hn_http_server *server, hone_error *err)
{
    sigset_t before;
    server->thread = uv_thread_self();
    int code = uv_timer_start(&server->sweep, on_sweep, HN_SWEEP_MS, HN_SWEEP_MS);
    if (code) {
        return uv_failure(err, code, "cannot serve");
    }
    hn_pipe_signal_block(&before);
    uv_run(&server->loop, UV_RUN_DEFAULT);
    hn_pipe_signal_restore(&before);
    return HONE_OK;
}

static void close_handle(uv_handle_t *handle, void *user)
{
    (void)user;
    if (!uv_is_closing(handle)) {
        uv_close(handle, NULL);
    }
}

void hn_http_server_destroy(hn_http_server *server)
{
    if (!server) {
        return;
    }
    uv_walk(&server->loop, close_handle, NULL);
    uv_run(&server->loop, UV_RUN_DEFAULT);
    uv_loop_close(&server->loop);
    pthread_mutex_destroy(&server->lock);
    hn_free(server);
}
