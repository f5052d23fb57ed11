/* One worker, one request, on a loop of its own. */
#include "run/errand.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/os_pipe_signal.h"
#include "run/environment.h"
#include "run/guard.h"

enum { TICK_MS = 50, MAX_LINE = 1 << 20, MARKER_SIZE = HN_RUN_ID_SIZE + 16 };

typedef enum why_killed { NOT_KILLED, TIMED_OUT, CANCELLED, TALKED_NONSENSE } why_killed;

typedef struct messenger {
    const hn_errand *errand;
    uv_loop_t loop;
    uv_timer_t tick;
    hn_child *child;
    hn_guard *guard;
    hn_arena *arena;  /* of the answer */
    hn_buffer line;   /* of its answers, the part that came */
    hn_buffer errors; /* the line of its standard error that it is writing */
    char last_line[256];
    int64_t deadline_ns; /* 0 = none */
    const hn_node *done; /* NULL until it came */
    const char *failed;
    why_killed killed;
    bool ended;
    int64_t status;
    int signal;
} messenger;

/* --- what it says --- */

static void kill_child(messenger *self, why_killed why)
{
    if (!self->killed && self->child) {
        self->killed = why;
        hn_child_kill(self->child);
    }
}

/* False: it is no line of progress. */
static bool read_progress(messenger *self, const char *text, size_t size)
{
    static const char begin[] = "{\"progress\":";
    hn_arena scratch = HN_ARENA_INIT;
    hn_node *line = NULL;
    bool progress = size >= sizeof begin && !memcmp(text, begin, sizeof begin - 1) &&
                    !hn_json_parse(&scratch, "worker", text, size, &line, NULL);
    if (progress && self->errand->progressed) {
        self->errand->progressed(self->errand->user, hn_map_get(line, "progress"));
    }
    hn_arena_release(&scratch);
    return progress;
}

static void read_line(messenger *self, const char *text, size_t size)
{
    hn_node *line = NULL;
    if (read_progress(self, text, size)) {
        return;
    }
    if (!hn_json_parse(self->arena, "worker", text, size, &line, NULL) && line->kind == HN_MAP) {
        const hn_node *failed = hn_map_get(line, "failed");
        self->done = hn_map_get(line, "done");
        self->failed = failed && failed->kind == HN_STRING ? failed->as.string : NULL;
    }
    if (!self->done && !self->failed) {
        kill_child(self, TALKED_NONSENSE);
    }
    uv_stop(&self->loop);
}

static void read_answer(messenger *self, const char *bytes, size_t size)
{
    hn_buffer_append(&self->line, bytes, size);
    const char *text = hn_buffer_string(&self->line);
    size_t at = 0;
    for (const char *end;
         (end = memchr(text + at, '\n', self->line.size - at)) && !self->done && !self->failed;
         at = (size_t)(end - text) + 1) {
        read_line(self, text + at, (size_t)(end - text) - at);
    }
    hn_buffer_consume(&self->line, at);
    if (self->line.size > MAX_LINE || hn_buffer_failed(&self->line)) {
        kill_child(self, TALKED_NONSENSE);
    }
}

/* Keeps the last line that is not empty. */
static void read_errors(messenger *self, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n') {
            hn_buffer_char(&self->errors, bytes[i]);
        } else if (self->errors.size) {
            snprintf(self->last_line, sizeof self->last_line, "%s", hn_buffer_string(&self->errors));
            hn_buffer_clear(&self->errors);
        }
        if (self->errors.size >= sizeof self->last_line) {
            hn_buffer_clear(&self->errors);
        }
    }
}

static void child_output(void *user, int fd, const char *bytes, size_t size)
{
    (fd == 1 ? read_answer : read_errors)(user, bytes, size);
}

static void child_ended(void *user, int64_t status, int signal)
{
    messenger *self = user;
    hn_child_destroy(self->child);
    self->child = NULL;
    self->ended = true;
    self->status = status;
    self->signal = signal;
    uv_stop(&self->loop);
}

static void tick(uv_timer_t *timer)
{
    messenger *self = timer->data;
    const hn_errand *errand = self->errand;
    if (errand->cancelled && errand->cancelled(errand->user)) {
        kill_child(self, CANCELLED);
    } else if (self->deadline_ns && hn_monotonic_ns() >= self->deadline_ns) {
        kill_child(self, TIMED_OUT);
    }
}

/* --- the errand --- */

static hone_status send_request(messenger *self, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_node *line =
        hn_map_set(&scratch, hn_node_map(&scratch), "errand", hn_node_copy(&scratch, self->errand->request));
    hone_status status = hn_child_write_line(self->child, line, err);
    hn_arena_release(&scratch);
    return status;
}

static hone_status start(messenger *self, hone_error *err)
{
    static const hn_child_callbacks callbacks = {child_output, child_ended};
    const hn_worker_config *worker = self->errand->worker;
    char run_id[HN_RUN_ID_SIZE], marker[MARKER_SIZE];
    hone_status status = hn_run_id_new(run_id, err);
    if (status) {
        return status;
    }
    snprintf(marker, sizeof marker, "%s-w0", run_id);
    hn_child_policy_apply(&worker->policy);
    status = hn_guard_start(&self->loop, &worker->policy, run_id, &self->guard, err);
    if (!status) {
        status = hn_worker_start(worker, &self->loop, marker, &callbacks, self, &self->child, err);
    }
    return status ? status : send_request(self, err);
}

/* Why there is no answer. */
static hone_status explain(const messenger *self, hone_error *err)
{
    const hn_errand *errand = self->errand;
    const char *name = errand->name, *separator = *self->last_line ? "; last line: " : "";
    const char *signal = self->signal ? sigabbrev_np(self->signal) : NULL;
    char limit[HN_NUMBER_SIZE];
    hn_format_duration(limit, errand->seconds);
    switch (self->killed) {
    case CANCELLED: return hn_fail(err, HONE_CANCELLED, "%s was interrupted", name);
    case TIMED_OUT:
        return hn_fail(err, HONE_OBJECTIVE, "%s ran longer than %s, the time limit of a trial", name, limit);
    case TALKED_NONSENSE:
        return hn_fail(err, HONE_OBJECTIVE, "%s: its worker answered what is not understood", name);
    default: break;
    }
    if (self->failed) {
        return hn_fail(err, HONE_OBJECTIVE, "%s failed: %s", name, self->failed);
    }
    if (self->signal) {
        return hn_fail(err, HONE_OBJECTIVE, "%s failed: its worker was killed by signal %d (SIG%s)%s%s", name,
                       self->signal, signal ? signal : "?", separator, self->last_line);
    }
    return hn_fail(err, HONE_OBJECTIVE, "%s failed: its worker ended with exit status %lld%s%s", name,
                   (long long)self->status, separator, self->last_line);
}

static hone_status run(messenger *self, hone_error *err)
{
    double seconds = self->errand->seconds;
    uv_timer_init(&self->loop, &self->tick);
    self->tick.data = self;
    self->deadline_ns = seconds > 0 ? hn_monotonic_ns() + (int64_t)(seconds * 1e9) : 0;
    hone_status status = start(self, err);
    if (!status) {
        uv_timer_start(&self->tick, tick, 0, TICK_MS);
        while (!self->done && !self->failed && !self->ended) {
            uv_run(&self->loop, UV_RUN_DEFAULT);
        }
        status = self->done ? HONE_OK : explain(self, err);
    }
    hn_child_destroy(self->child);
    hn_guard_end(self->guard);
    uv_close((uv_handle_t *)&self->tick, NULL);
    uv_run(&self->loop, UV_RUN_DEFAULT);
    return status;
}

hone_status hn_errand_run(const hn_errand *errand, hn_arena *arena, const hn_node **answer, hone_error *err)
{
    messenger self = {.errand = errand, .arena = arena};
    sigset_t before;
    if (uv_loop_init(&self.loop)) {
        return hn_fail(err, HONE_IO, "cannot make an event loop: too many open files?");
    }
    hn_pipe_signal_block(&before);
    hone_status status = run(&self, err);
    hn_pipe_signal_restore(&before);
    uv_loop_close(&self.loop);
    hn_buffer_release(&self.line);
    hn_buffer_release(&self.errors);
    if (!status) {
        *answer = self.done;
    }
    return status;
}
