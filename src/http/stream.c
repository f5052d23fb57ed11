/* Answers without an end (server-sent events): pieces are written as they come; what does not fit into the
 * socket waits, up to a limit. */
#include <string.h>

#include "http/answer.h"
#include "http/connection.h"

enum { MOST_WAITING = 1 << 20 };

static void flush(hn_http_exchange *x);

static void on_written(uv_write_t *request, int status)
{
    hn_http_exchange *x = request->data;
    x->writing = false;
    if (x->state != HN_STREAMING) {
        return;
    }
    if (status) {
        hn_connection_close(x);
        return;
    }
    hn_buffer written = x->out;
    x->out = x->later;
    x->later = written;
    hn_buffer_clear(&x->later);
    flush(x);
}

/* Writes `out`, now or as the client takes it. */
static void flush(hn_http_exchange *x)
{
    x->deadline = 0;
    uv_buf_t all = uv_buf_init(x->out.data, (unsigned)x->out.size);
    int written = x->out.size ? uv_try_write((uv_stream_t *)&x->tcp, &all, 1) : 0;
    size_t done = written > 0 ? (size_t)written : 0;
    if (done == x->out.size) {
        hn_buffer_clear(&x->out);
        return;
    }
    uv_buf_t rest = uv_buf_init(x->out.data + done, (unsigned)(x->out.size - done));
    x->write.data = x;
    x->writing = true;
    x->deadline = (int64_t)uv_now(&x->server->loop) + x->server->config.request_ms;
    if (uv_write(&x->write, (uv_stream_t *)&x->tcp, &rest, 1, on_written)) {
        hn_connection_close(x);
    }
}

void hn_http_begin_stream(hn_http_exchange *x, const char *type)
{
    x->handling = false;
    x->streams = true;
    x->state = HN_STREAMING;
    x->last = true;
    hn_http_write_stream_head(&x->out, type, x->server->config.fields);
    if (hn_buffer_failed(&x->out) || x->ended || x->server->draining) {
        hn_connection_close(x);
    } else {
        flush(x);
    }
}

void hn_http_stream_write(hn_http_exchange *x, const char *bytes, size_t size)
{
    hn_buffer *to = x->writing ? &x->later : &x->out;
    hn_buffer_append(to, bytes, size);
    if (hn_buffer_failed(to) || to->size > MOST_WAITING) {
        hn_connection_close(x);
    } else if (!x->writing) {
        flush(x);
    }
}
