/* One connection: bytes in, requests judged and handed on, answers out, one request at a time. What a client
 * sends ahead waits (pipelining), and is not read from the socket when it is much.
 */
#include "http/connection.h"

#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "http/answer.h"

static void pump(hn_http_exchange *x);
static void read_on(hn_http_exchange *x);

static int64_t from_now(const hn_http_exchange *x, int64_t ms)
{
    return (int64_t)uv_now(&x->server->loop) + ms;
}

/* --- the end --- */

static void on_closed(uv_handle_t *handle)
{
    hn_http_exchange *x = handle->data;
    x->closed = true;
    if (!x->handling) {
        hn_server_forget(x);
    }
}

void hn_connection_close(hn_http_exchange *x)
{
    if (x->state != HN_CLOSING) {
        x->state = HN_CLOSING;
        x->deadline = 0;
        uv_close((uv_handle_t *)&x->tcp, on_closed);
        if (x->streams) {
            x->streams = false;
            x->server->config.stream_ended(x->server->config.user, x);
        }
    }
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    hn_http_exchange *x = request->data;
    if (status || x->ended) {
        hn_connection_close(x);
    }
}

/* Closing at once would reset the connection when bytes are still coming, and the client might lose the
 * answer. */
static void linger(hn_http_exchange *x)
{
    x->state = HN_LINGERING;
    x->deadline = from_now(x, HN_LINGER_MS);
    x->shutdown.data = x;
    hn_buffer_release(&x->in);
    if (x->paused) {
        read_on(x);
    }
    if (uv_shutdown(&x->shutdown, (uv_stream_t *)&x->tcp, on_shutdown)) {
        hn_connection_close(x);
    }
}

/* --- answers --- */

static void finish_write(hn_http_exchange *x)
{
    hn_buffer_clear(&x->out);
    if (x->out.capacity > HN_READ_SIZE) {
        hn_buffer_release(&x->out);
    }
    if (x->last) {
        linger(x);
        return;
    }
    hn_http_reader_next(&x->reader);
    x->judged = false;
    x->state = HN_READING;
    x->deadline = from_now(x, x->server->config.idle_ms);
    pump(x);
}

static void on_written(uv_write_t *request, int status)
{
    hn_http_exchange *x = request->data;
    if (x->state == HN_CLOSING) {
        return;
    }
    if (status) {
        hn_connection_close(x);
    } else {
        finish_write(x);
    }
}

static void send_out(hn_http_exchange *x)
{
    if (hn_buffer_failed(&x->out) || x->out.size > INT_MAX) {
        hn_connection_close(x);
        return;
    }
    x->state = HN_WRITING;
    x->deadline = from_now(x, x->server->config.request_ms);
    uv_buf_t all = uv_buf_init(x->out.data, (unsigned)x->out.size);
    int written = uv_try_write((uv_stream_t *)&x->tcp, &all, 1);
    if (written == (int)x->out.size) {
        finish_write(x);
        return;
    }
    size_t done = written > 0 ? (size_t)written : 0;
    uv_buf_t rest = uv_buf_init(x->out.data + done, (unsigned)(x->out.size - done));
    x->write.data = x;
    if (uv_write(&x->write, (uv_stream_t *)&x->tcp, &rest, 1, on_written)) {
        hn_connection_close(x);
    }
}

static void answer(hn_http_exchange *x, hn_http_answer *given)
{
    const hn_http_request *request = &x->reader.request;
    bool whole = x->reader.stage == HN_HTTP_WHOLE;
    x->last |= !whole || !request->keep_alive || x->server->draining || (x->ended && !x->in.size);
    bool with_body = !x->reader.head_done || strcmp(request->method, "HEAD") != 0;
    hn_http_write_answer(&x->out, given, x->server->config.fields, !x->last, with_body);
    hn_buffer_release(&given->body);
    send_out(x);
}

static void refuse(hn_http_exchange *x, int code, const char *why)
{
    hn_http_answer refusal = {.code = code};
    hn_http_failure_body(&refusal.body, hn_http_refusal_status(code), why);
    answer(x, &refusal);
}

void hn_connection_deliver(hn_http_exchange *x)
{
    x->handling = false;
    if (x->state == HN_CLOSING) {
        hn_buffer_release(&x->answer.body);
        if (x->closed) {
            hn_server_forget(x);
        }
        return;
    }
    answer(x, &x->answer);
}

/* --- requests --- */

static bool needs_token(const hn_http_config *config, const char *path)
{
    return config->tokens->count &&
           (!config->guarded || !strncmp(path, config->guarded, strlen(config->guarded)));
}

/* False when the request was refused. */
static bool judge(hn_http_exchange *x)
{
    const hn_http_config *config = &x->server->config;
    const char *const *field = x->reader.request.field;
    bool limited = !config->spares_loopback || !hn_address_is_loopback(x->client);
    int code = 0;
    const char *why = NULL;
    if (limited && !hn_rate_take(&x->server->rate, x->client, hn_monotonic_ns())) {
        code = 429;
        why = "too many requests a second from this address (--rate)";
    } else if (!hn_host_is_ours(field[HN_HTTP_HOST], config->hosts, config->n_hosts)) {
        code = 421;
        why = "the header field Host names another server than this one (--allow-host adds a name)";
    } else if (field[HN_HTTP_ORIGIN] && !hn_origin_is_ours(field[HN_HTTP_ORIGIN], field[HN_HTTP_HOST])) {
        code = 403;
        why = "a page of another origin may not ask here";
    } else if (needs_token(config, x->reader.request.path) &&
               !hn_tokens_accept(config->tokens, field[HN_HTTP_AUTHORIZATION])) {
        code = 401;
        why = "a token is needed: the header field Authorization: Bearer TOKEN";
    }
    x->judged = true;
    if (code) {
        refuse(x, code, why);
    }
    return !code;
}

/* Bytes that fit at once into a socket nobody writes to. */
static void say_continue(hn_http_exchange *x)
{
    static char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    uv_buf_t all = uv_buf_init(text, sizeof text - 1);
    if (uv_try_write((uv_stream_t *)&x->tcp, &all, 1) != (int)sizeof text - 1) {
        hn_connection_close(x);
    }
}

static void take(hn_http_exchange *x)
{
    hn_http_reader *reader = &x->reader;
    if (hn_http_reader_idle(reader)) {
        x->deadline = from_now(x, x->server->config.request_ms);
    }
    size_t used = hn_http_read(reader, x->in.data, x->in.size);
    hn_buffer_consume(&x->in, used);
    if (reader->stage == HN_HTTP_REFUSED) {
        refuse(x, reader->code, reader->why);
        return;
    }
    if (reader->head_done && !x->judged) {
        if (!judge(x)) {
            return;
        }
        if (reader->request.expects_continue && reader->stage != HN_HTTP_WHOLE && !x->in.size) {
            say_continue(x);
        }
    }
    if (reader->stage == HN_HTTP_WHOLE) {
        x->state = HN_HANDLING;
        x->deadline = 0;
        x->handling = true;
        x->server->config.handle(x->server->config.user, x);
    }
}

/* --- bytes --- */

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *room)
{
    (void)size;
    const hn_http_exchange *x = handle->data;
    *room = uv_buf_init(x->server->read_buffer, HN_READ_SIZE);
}

static void on_bytes(uv_stream_t *stream, ssize_t size, const uv_buf_t *bytes)
{
    hn_http_exchange *x = stream->data;
    if (size == 0 || x->state == HN_CLOSING) {
        return;
    }
    if (size == UV_EOF && (x->handling || x->state == HN_WRITING)) {
        x->ended = true; /* it may still want its answers */
        uv_read_stop(stream);
        return;
    }
    if (size < 0) {
        hn_connection_close(x);
        return;
    }
    if (x->state == HN_LINGERING) {
        return;
    }
    hn_buffer_append(&x->in, bytes->base, (size_t)size);
    if (hn_buffer_failed(&x->in)) {
        hn_connection_close(x);
        return;
    }
    if (x->in.size >= HN_READ_SIZE && x->state != HN_READING) {
        x->paused = uv_read_stop(stream) == 0;
    }
    pump(x);
}

static void read_on(hn_http_exchange *x)
{
    x->paused = false;
    if (uv_read_start((uv_stream_t *)&x->tcp, on_room, on_bytes)) {
        hn_connection_close(x);
    }
}

/* Reads requests as far as they have come and are answered. */
static void pump(hn_http_exchange *x)
{
    if (x->pumping) {
        return;
    }
    x->pumping = true;
    while (x->state == HN_READING && x->in.size) {
        take(x);
    }
    if (x->paused && x->state == HN_READING) {
        read_on(x);
    }
    x->pumping = false;
    if (x->ended && x->state == HN_READING) {
        hn_connection_close(x);
    }
}

/* --- the beginning, and the server's events --- */

static void learn_address(hn_http_exchange *x)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    if (uv_tcp_getpeername(&x->tcp, (struct sockaddr *)&address, &size) ||
        uv_ip_name((struct sockaddr *)&address, x->client, sizeof x->client)) {
        x->client[0] = '\0';
    }
}

void hn_connection_open(hn_http_server *server)
{
    hn_http_exchange *x = hn_calloc(1, sizeof *x);
    if (!x) {
        server->unaccepted = true;
        return;
    }
    server->unaccepted = false;
    x->server = server;
    x->tcp.data = x;
    x->next = server->first;
    if (x->next) {
        x->next->previous = x;
    }
    server->first = x;
    server->n_connections++;
    hn_http_reader_init(&x->reader, &server->config.limits);
    uv_tcp_init(&server->loop, &x->tcp);
    if (uv_accept((uv_stream_t *)&server->listener, (uv_stream_t *)&x->tcp) ||
        server->n_connections > server->config.connections + HN_REFUSED_AT_ONCE ||
        uv_read_start((uv_stream_t *)&x->tcp, on_room, on_bytes)) {
        hn_connection_close(x);
        return;
    }
    uv_tcp_nodelay(&x->tcp, 1);
    learn_address(x);
    x->deadline = from_now(x, server->config.idle_ms);
    if (server->n_connections > server->config.connections) {
        refuse(x, 503, "there are too many connections (--max-connections)");
    }
}

void hn_connection_expire(hn_http_exchange *x)
{
    if (x->state == HN_READING && !hn_http_reader_idle(&x->reader)) {
        refuse(x, 408, "the request did not come in time (--request-timeout)");
    } else {
        hn_connection_close(x);
    }
}

void hn_connection_drain(hn_http_exchange *x)
{
    if (x->state == HN_READING && hn_http_reader_idle(&x->reader)) {
        x->deadline = from_now(x, HN_LAST_CALL_MS);
    } else if (x->state == HN_STREAMING) {
        x->deadline = from_now(x, 0); /* closed by the next sweep: the list of connections is being walked */
    }
}
