/* The worker's side: a line in, a trial run, lines out. */
#include "run/worker_loop.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"

enum { MAX_LINE = 64 << 20, READ_SIZE = 64 * 1024 };

typedef struct line_reader {
    int fd;
    hn_buffer text;
    size_t used; /* bytes of the line given last, with its end */
} line_reader;

struct hn_worker_channel {
    int fd;
    line_reader *reader;
    int64_t trial;       /* the one that runs */
    bool stopped;        /* it need not go on */
    bool broken;         /* nobody reads any more */
    int64_t progress_ns; /* of the last line of progress */
    hn_arena arena;      /* of the answer being made */
    hn_node *metrics, *notes;
};

/* --- writing --- */

/* node is freed with the arena; NULL: memory was out, which costs the line. */
static void send_line(hn_worker_channel *channel, const hn_node *node)
{
    hn_buffer line = HN_BUFFER_INIT;
    if (node) {
        hn_json_write(&line, node, HN_JSON_STRICT);
        hn_buffer_char(&line, '\n');
    }
    size_t at = 0, size = hn_buffer_failed(&line) ? 0 : line.size;
    while (at < size && !channel->broken) {
        ssize_t n = write(channel->fd, line.data + at, size - at);
        at += n > 0 ? (size_t)n : 0;
        channel->broken = n < 0 && errno != EINTR;
    }
    hn_buffer_release(&line);
}

void hn_worker_report(hn_worker_channel *channel, int64_t step, const char *metric, double value)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_node *report = hn_node_map(&scratch);
    if (step >= 0) {
        report = hn_map_set(&scratch, report, "step", hn_node_integer(&scratch, step));
    }
    report = hn_map_set(&scratch, report, "metric", hn_node_string(&scratch, metric));
    report = hn_map_set(&scratch, report, "value", hn_node_real(&scratch, value));
    send_line(channel, hn_map_set(&scratch, hn_node_map(&scratch), "report", report));
    hn_arena_release(&scratch);
}

bool hn_worker_progress_due(hn_worker_channel *channel)
{
    enum { INTERVAL_NS = 200 * 1000 * 1000 };
    int64_t now = hn_monotonic_ns();
    bool due = !channel->progress_ns || now - channel->progress_ns >= INTERVAL_NS;
    channel->progress_ns = due ? now : channel->progress_ns;
    return due;
}

void hn_worker_progress(hn_worker_channel *channel, const hn_node *facts)
{
    hn_arena scratch = HN_ARENA_INIT;
    send_line(channel,
              hn_map_set(&scratch, hn_node_map(&scratch), "progress", hn_node_copy(&scratch, facts)));
    hn_arena_release(&scratch);
}

void hn_worker_retrained(hn_worker_channel *channel, const char *why)
{
    hn_arena scratch = HN_ARENA_INIT;
    send_line(channel,
              hn_map_set(&scratch, hn_node_map(&scratch), "retrained", hn_node_string(&scratch, why)));
    hn_arena_release(&scratch);
}

void hn_worker_metric(hn_worker_channel *channel, const char *metric, double value)
{
    channel->metrics =
        hn_map_set(&channel->arena, channel->metrics, metric, hn_node_real(&channel->arena, value));
}

void hn_worker_note(hn_worker_channel *channel, const char *key, const hn_node *value)
{
    channel->notes = hn_map_set(&channel->arena, channel->notes, key, hn_node_copy(&channel->arena, value));
}

static void send_done(hn_worker_channel *channel)
{
    hn_arena *arena = &channel->arena;
    hn_node *done = hn_map_set(arena, hn_node_map(arena), "metrics", channel->metrics);
    done = hn_map_set(arena, done, "notes", channel->notes);
    send_line(channel, hn_map_set(arena, hn_node_map(arena), "done", done));
}

static void send_failed(hn_worker_channel *channel, const char *message)
{
    hn_arena *arena = &channel->arena;
    send_line(channel, hn_map_set(arena, hn_node_map(arena), "failed", hn_node_string(arena, message)));
}

/* --- reading --- */

/* The line that is there already, without its end; NULL when it is not whole yet. */
static const char *whole_line(line_reader *reader, size_t *size)
{
    hn_buffer_consume(&reader->text, reader->used);
    reader->used = 0;
    const char *text = hn_buffer_string(&reader->text), *end = memchr(text, '\n', reader->text.size);
    *size = end ? (size_t)(end - text) : 0;
    return end ? text : NULL;
}

/* *end: nothing more will come. */
static hone_status read_more(line_reader *reader, bool *end, hone_error *err)
{
    char piece[READ_SIZE];
    ssize_t n = read(reader->fd, piece, sizeof piece);
    *end = !n;
    if (n < 0 && errno != EINTR) {
        return hn_fail_errno(err, HONE_IO, "the worker cannot read its trials");
    }
    hn_buffer_append(&reader->text, piece, n > 0 ? (size_t)n : 0);
    if (hn_buffer_failed(&reader->text)) {
        return hn_out_of_memory(err);
    }
    return reader->text.size > MAX_LINE
               ? hn_fail(err, HONE_LIMIT, "a line to the worker has more than %d bytes", MAX_LINE)
               : HONE_OK;
}

/* The next line without its end; *line is NULL at the end of input. */
static hone_status next_line(line_reader *reader, const char **line, size_t *size, hone_error *err)
{
    hone_status status = HONE_OK;
    bool end = false;
    *line = whole_line(reader, size);
    while (!*line && !end && !status) {
        status = read_more(reader, &end, err);
        *line = status ? NULL : whole_line(reader, size);
    }
    reader->used = *line ? *size + 1 : 0;
    return status;
}

/* {"stop":number} */
static bool is_stop(const char *text, size_t size, int64_t *number)
{
    static const char begin[] = "{\"stop\":";
    hn_arena scratch = HN_ARENA_INIT;
    hn_node *line = NULL;
    bool stop = size >= sizeof begin && !memcmp(text, begin, sizeof begin - 1) &&
                !hn_json_parse(&scratch, "worker", text, size, &line, NULL) &&
                hn_node_int(hn_map_get(line, "stop"), number);
    hn_arena_release(&scratch);
    return stop;
}

bool hn_worker_stopped(hn_worker_channel *channel)
{
    line_reader *reader = channel->reader;
    struct pollfd input = {.fd = reader->fd, .events = POLLIN};
    bool end = false;
    while (!channel->stopped && !end) {
        size_t size;
        int64_t number = -1;
        const char *line = whole_line(reader, &size);
        if (line && !is_stop(line, size, &number)) {
            break; /* for later */
        }
        if (line) {
            channel->stopped = number == channel->trial;
            reader->used = size + 1;
        } else if (poll(&input, 1, 0) <= 0 || read_more(reader, &end, NULL)) {
            break;
        }
    }
    return channel->stopped;
}

static int64_t integer_of(const hn_node *line, const char *key)
{
    int64_t value = 0;
    const hn_node *node = hn_map_get(line, key);
    return node && hn_node_int(node, &value) ? value : 0;
}

static hone_status read_trial(const hn_node *line, hn_worker_trial *trial, hone_error *err)
{
    const hn_node *cloned = hn_map_get(line, "cloned");
    const hn_node *params = hn_map_get(line, "params"), *folder = hn_map_get(line, "folder");
    if (!hn_map_get(line, "trial") || !params || params->kind != HN_MAP) {
        return hn_fail(err, HONE_PARSE, "the worker was sent a line that is neither init nor a trial");
    }
    *trial = (hn_worker_trial){
        .number = integer_of(line, "trial"),
        .attempt = (int)integer_of(line, "attempt"),
        .seed = (uint64_t)integer_of(line, "seed"),
        .budget = integer_of(line, "budget"),
        .resume_step = integer_of(line, "resume_step"),
        .cloned = cloned && cloned->kind == HN_BOOL && cloned->as.boolean,
        .folder = folder && folder->kind == HN_STRING ? folder->as.string : ".",
        .params = params,
    };
    return HONE_OK;
}

/* Answers one request: trial, or (NULL) an errand. */
static void answer(const hn_worker_callbacks *callbacks, const hn_worker_trial *trial, const hn_node *errand,
                   const hone_error *unusable, hn_worker_channel *channel)
{
    hone_error why = *unusable;
    hone_status status = why.status;
    hn_arena_reset(&channel->arena);
    channel->trial = trial ? trial->number : -1;
    channel->stopped = false;
    channel->metrics = hn_node_map(&channel->arena);
    channel->notes = hn_node_map(&channel->arena);
    if (!status) {
        status = trial ? callbacks->run(callbacks->user, trial, channel, &why)
                       : callbacks->serve(callbacks->user, errand, channel, &why);
    }
    if (!status && (!channel->metrics || !channel->notes)) {
        status = hn_out_of_memory(&why);
    }
    if (status) {
        send_failed(channel, why.status ? why.message : hone_status_meaning(status));
    } else {
        send_done(channel);
    }
}

hone_status hn_worker_loop(int fd_in, int fd_out, const hn_worker_callbacks *callbacks, hone_error *err)
{
    line_reader reader = {.fd = fd_in};
    hn_worker_channel channel = {.fd = fd_out, .reader = &reader};
    hn_arena config = HN_ARENA_INIT, scratch = HN_ARENA_INIT;
    hone_error unusable = {0};
    const char *text;
    size_t size;
    hone_status status;
    while (!(status = next_line(&reader, &text, &size, err)) && text) {
        hn_node *line;
        hn_worker_trial trial;
        int64_t stopped;
        if (is_stop(text, size, &stopped)) {
            continue; /* its trial had ended before it came */
        }
        bool first = size >= 8 && !memcmp(text, "{\"init\":", 8);
        hn_arena_reset(&scratch);
        status = hn_json_parse(first ? &config : &scratch, "worker", text, size, &line, err);
        if (!status && first) {
            hone_status bad = callbacks->init
                                  ? callbacks->init(callbacks->user, hn_map_get(line, "init"), &unusable)
                                  : HONE_OK;
            if (bad && !unusable.status) {
                hn_fail(&unusable, bad, "the worker cannot begin: %s", hone_status_meaning(bad));
            }
        } else if (!status && callbacks->serve && hn_map_get(line, "errand")) {
            answer(callbacks, NULL, hn_map_get(line, "errand"), &unusable, &channel);
        } else if (!status) {
            status = read_trial(line, &trial, err);
            if (!status) {
                answer(callbacks, &trial, NULL, &unusable, &channel);
            }
        }
        if (!status && channel.broken) {
            status = hn_fail(err, HONE_IO, "nobody reads the worker's answers any more");
        }
        if (status) {
            break;
        }
    }
    hn_buffer_release(&reader.text);
    hn_arena_release(&channel.arena);
    hn_arena_release(&scratch);
    hn_arena_release(&config);
    return status;
}
