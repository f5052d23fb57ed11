/* One child process on the loop. Its life:
 *
 *   started ──exit──▶ exited ──▶ its group killed, stragglers ended off the loop ──▶ swept ──▶ pipes at their
 * end ──▶ ended
 *
 * `ended` is called when exited, swept and both outputs are at their end. A pipe that someone unreachable
 * still holds is given up DRAIN_MS after the sweep. Plain pipes, not the socket pairs libuv would make:
 * opening /dev/stderr works on them.
 */
#include "run/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "run/stragglers.h"

enum {
    READ_SIZE = 64 * 1024,
    DRAIN_MS = 1000,
    DEFAULT_GRACE_MS = 5000,
    MARKER_SIZE = 96,
    MAX_SHIM_WORDS = 16
};

static const double sweep_seconds = 2;

struct hn_child {
    uv_loop_t *loop;
    uv_process_t process;
    uv_pipe_t input, outputs[2]; /* outputs[0] is its descriptor 1 */
    uv_timer_t timer;
    uv_work_t sweep;
    int handles; /* that are not closed yet */
    bool has_input, stopping, exited, swept, sweeping, told, destroyed, timer_closed;
    bool at_end[2];
    bool adopts;
    char marker[MARKER_SIZE];
    uint64_t grace_ms;
    int64_t pid, status;
    int signal;
    hn_child_callbacks callbacks;
    void *user;
    char buffer[READ_SIZE];
};

typedef struct write_request {
    uv_write_t request;
    char bytes[];
} write_request;

/* --- the end --- */

static void free_when_done(hn_child *child)
{
    if (child->destroyed && !child->handles && !child->sweeping) {
        hn_free(child);
    }
}

static void handle_closed(uv_handle_t *handle)
{
    hn_child *child = handle->data;
    child->handles--;
    free_when_done(child);
}

static void close_handle(void *handle)
{
    if (!uv_is_closing(handle)) {
        uv_close(handle, handle_closed);
    }
}

static void close_input(hn_child *child)
{
    if (child->has_input) {
        child->has_input = false;
        close_handle(&child->input);
    }
}

static void tell_when_ended(hn_child *child)
{
    if (!child->exited || !child->swept || !child->at_end[0] || !child->at_end[1] || child->told) {
        return;
    }
    child->told = true;
    close_handle(&child->timer);
    if (!child->destroyed && child->callbacks.ended) {
        child->callbacks.ended(child->user, child->status, child->signal);
    }
}

static void output_ended(hn_child *child, int i)
{
    if (!child->at_end[i]) {
        child->at_end[i] = true;
        close_handle(&child->outputs[i]);
        tell_when_ended(child);
    }
}

/* What is in the pipe already: 0 of standard output, 1 of standard error. */
static void drain(hn_child *child, int i)
{
    enum { PIECE = 4096, PIECES = 256 }; /* one that never stops writing must not hold the loop */
    char piece[PIECE];
    uv_os_fd_t fd;
    ssize_t n = 1;
    if (child->at_end[i] || uv_fileno((uv_handle_t *)&child->outputs[i], &fd)) {
        return;
    }
    for (int k = 0; k < PIECES && (n = read(fd, piece, sizeof piece)) > 0; k++) { /* it does not block */
        child->callbacks.output(child->user, i + 1, piece, (size_t)n);
    }
}

/* On a machine so loaded that the time was over before the loop came to read, what was written is there. */
static void give_up_draining(uv_timer_t *timer)
{
    hn_child *child = timer->data;
    for (int i = 0; i < 2 && !child->destroyed && child->callbacks.output; i++) {
        drain(child, i);
    }
    output_ended(child, 0);
    output_ended(child, 1);
}

static void sweep(uv_work_t *work)
{
    hn_child *child = work->data;
    if (!child->marker[0]) {
        return;
    }
    if (child->adopts) {
        hn_adopted_end(child->marker, sweep_seconds);
    } else {
        hn_stragglers_end(child->marker, false, sweep_seconds);
    }
}

static void swept(uv_work_t *work, int status)
{
    hn_child *child = work->data;
    (void)status;
    child->sweeping = false;
    child->swept = true;
    if (!child->told) {
        uv_timer_start(&child->timer, give_up_draining, DRAIN_MS, 0);
    }
    tell_when_ended(child);
    free_when_done(child);
}

static void process_exited(uv_process_t *process, int64_t status, int signal)
{
    hn_child *child = process->data;
    child->exited = true;
    child->status = status;
    child->signal = signal;
    hn_known_child_forget(child->pid);
    kill(-(pid_t)child->pid, SIGKILL); /* the rest of its group; without one, nobody */
    uv_timer_stop(&child->timer);
    close_handle(&child->process);
    close_input(child);
    child->sweeping = !uv_queue_work(child->loop, &child->sweep, sweep, swept);
    if (!child->sweeping) {
        swept(&child->sweep, 0);
    }
}

/* --- input and output --- */

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    hn_child *child = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(child->buffer, READ_SIZE);
}

static void output_came(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    hn_child *child = stream->data;
    int i = stream == (uv_stream_t *)&child->outputs[1];
    if (size < 0) {
        output_ended(child, i);
    } else if (size > 0 && !child->destroyed && child->callbacks.output) {
        child->callbacks.output(child->user, i + 1, buffer->base, (size_t)size);
    }
}

void hn_child_drain_errors(hn_child *child)
{
    drain(child, 1);
}

static void written(uv_write_t *request, int status)
{
    (void)status; /* a child that closed its input is noticed by its end or its silence */
    hn_free(request);
}

hone_status hn_child_write(hn_child *child, const char *bytes, size_t size, hone_error *err)
{
    if (!child->has_input) {
        return HONE_OK;
    }
    write_request *write = hn_malloc(sizeof *write + size);
    if (!write) {
        return hn_out_of_memory(err);
    }
    memcpy(write->bytes, bytes, size);
    uv_buf_t buffer = uv_buf_init(write->bytes, (unsigned)size);
    if (uv_write(&write->request, (uv_stream_t *)&child->input, &buffer, 1, written)) {
        hn_free(write);
    }
    return HONE_OK;
}

hone_status hn_child_write_line(hn_child *child, const hn_node *line, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    if (line) {
        hn_json_write(&text, line, HN_JSON_STRICT);
        hn_buffer_char(&text, '\n');
    }
    hone_status status = !line || hn_buffer_failed(&text) ? hn_out_of_memory(err)
                                                          : hn_child_write(child, text.data, text.size, err);
    hn_buffer_release(&text);
    return status;
}

/* --- starting --- */

/* The words of the shim, then the program's. */
static hone_status make_argv(const hn_child_spec *spec, hn_arena *arena, char ***argv, hone_error *err)
{
    size_t n = 0, words = 0;
    while (spec->argv[words]) {
        words++;
    }
    const char *const *shim = spec->policy->shim;
    char **made = HN_ARENA_NEW(arena, char *, words + MAX_SHIM_WORDS + 4);
    if (!made) {
        return hn_out_of_memory(err);
    }
    if (spec->memory_limit_bytes && !shim) {
        return hn_fail(err, HONE_UNSUPPORTED, "a memory limit needs the program hone to start the trials");
    }
    for (size_t i = 0; shim && shim[i] && i < MAX_SHIM_WORDS; i++) {
        made[n++] = (char *)shim[i];
    }
    if (shim) {
        made[n++] = hn_arena_printf(arena, "--parent=%lld", (long long)getpid());
        if (spec->memory_limit_bytes) {
            made[n++] = hn_arena_printf(arena, "--memory=%llu", (unsigned long long)spec->memory_limit_bytes);
        }
        made[n++] = (char *)"--";
    }
    for (size_t i = 0; i < n; i++) {
        if (!made[i]) {
            return hn_out_of_memory(err);
        }
    }
    memcpy(made + n, spec->argv, (words + 1) * sizeof *made);
    *argv = made;
    return HONE_OK;
}

/* Ends of the child's pipes: [0] its descriptor 0, read by it, [1] and [2] written by it; -1 = none. */
typedef struct pipe_ends {
    int ours[3], its[3];
} pipe_ends;

static void close_ends(int ends[3])
{
    for (int i = 0; i < 3; i++) {
        if (ends[i] >= 0) {
            close(ends[i]);
            ends[i] = -1;
        }
    }
}

static int open_pipes(bool input, pipe_ends *ends)
{
    *ends = (pipe_ends){{-1, -1, -1}, {-1, -1, -1}};
    for (int i = input ? 0 : 1; i < 3; i++) {
        uv_file pair[2];
        int code = uv_pipe(pair, i ? UV_NONBLOCK_PIPE : 0, i ? 0 : UV_NONBLOCK_PIPE);
        if (code) {
            close_ends(ends->ours);
            close_ends(ends->its);
            return code;
        }
        ends->ours[i] = i ? pair[0] : pair[1];
        ends->its[i] = i ? pair[1] : pair[0];
    }
    return 0;
}

static int spawn(hn_child *child, const hn_child_spec *spec, char **argv, const pipe_ends *ends)
{
    uv_stdio_container_t stdio[4];
    for (int i = 0; i < 3; i++) {
        stdio[i].flags = ends->its[i] < 0 ? UV_IGNORE : UV_INHERIT_FD;
        stdio[i].data.fd = ends->its[i];
    }
    stdio[3].flags = UV_INHERIT_FD;
    stdio[3].data.fd = spec->inherit_fd;
    uv_process_options_t options = {
        .exit_cb = process_exited,
        .file = argv[0],
        .args = argv,
        .env = (char **)spec->env,
        .cwd = spec->cwd,
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = spec->inherit_fd < 0 ? 3 : 4,
        .stdio = stdio,
    };
    hn_known_child_begin();
    int code = uv_spawn(child->loop, &child->process, &options);
    hn_known_child_end(code ? 0 : child->process.pid, spec->marker != NULL);
    child->handles++;
    child->process.data = child;
    return code;
}

/* The handles own our ends from here on. */
static void read_outputs(hn_child *child, pipe_ends *ends)
{
    for (int i = 0; i < 2; i++) {
        uv_pipe_init(child->loop, &child->outputs[i], 0);
        child->outputs[i].data = child;
        child->handles++;
        uv_pipe_open(&child->outputs[i], ends->ours[i + 1]);
        uv_read_start((uv_stream_t *)&child->outputs[i], give_buffer, output_came);
    }
    if (ends->ours[0] >= 0) {
        uv_pipe_init(child->loop, &child->input, 0);
        child->input.data = child;
        child->handles++;
        child->has_input = true;
        uv_pipe_open(&child->input, ends->ours[0]);
    }
}

static hn_child *new_child(uv_loop_t *loop, const hn_child_spec *spec, const hn_child_callbacks *callbacks,
                           void *user)
{
    hn_child *child = hn_calloc(1, sizeof *child);
    if (!child) {
        return NULL;
    }
    child->loop = loop;
    child->callbacks = *callbacks;
    child->user = user;
    child->adopts = spec->policy->subreaper;
    child->grace_ms = spec->grace_seconds > 0 ? (uint64_t)(spec->grace_seconds * 1000) : DEFAULT_GRACE_MS;
    child->sweep.data = child;
    if (spec->marker) {
        snprintf(child->marker, sizeof child->marker, "%s", spec->marker);
    }
    uv_timer_init(loop, &child->timer);
    child->timer.data = child;
    child->handles = 1;
    return child;
}

hone_status hn_child_start(uv_loop_t *loop, const hn_child_spec *spec, const hn_child_callbacks *callbacks,
                           void *user, hn_child **made, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    char **argv = NULL;
    const char *path = NULL;
    pipe_ends ends;
    hn_child *child = NULL;
    hone_status status = hn_program_find(&scratch, spec->argv[0], spec->cwd, spec->env, &path, err);
    if (!status) {
        status = make_argv(spec, &scratch, &argv, err);
    }
    if (status) {
        goto done;
    }
    child = new_child(loop, spec, callbacks, user);
    if (!child) {
        status = hn_out_of_memory(err);
        goto done;
    }
    int code = open_pipes(spec->input, &ends);
    if (!code) {
        code = spawn(child, spec, argv, &ends);
        close_ends(ends.its);
    }
    if (code) {
        close_ends(ends.ours);
        status = hn_fail(err, HONE_IO, "cannot start '%s': %s", spec->argv[0], uv_strerror(code));
        child->destroyed = true;
        if (child->handles == 2) {
            close_handle(&child->process);
        }
        close_handle(&child->timer);
        goto done;
    }
    child->pid = child->process.pid;
    read_outputs(child, &ends);
    *made = child;
done:
    hn_arena_release(&scratch);
    return status;
}

/* --- stopping --- */

static void grace_is_over(uv_timer_t *timer)
{
    hn_child_kill(timer->data);
}

void hn_child_stop(hn_child *child)
{
    if (child->exited || child->stopping) {
        return;
    }
    child->stopping = true;
    kill(-(pid_t)child->pid, SIGTERM);
    kill(-(pid_t)child->pid, SIGCONT); /* one that was stopped would not hear it */
    uv_timer_start(&child->timer, grace_is_over, child->grace_ms, 0);
}

void hn_child_kill(hn_child *child)
{
    if (!child->exited) {
        child->stopping = true;
        kill(-(pid_t)child->pid, SIGKILL);
    }
}

int64_t hn_child_pid(const hn_child *child)
{
    return child->pid;
}

void hn_child_destroy(hn_child *child)
{
    if (!child) {
        return;
    }
    child->destroyed = true;
    hn_child_kill(child);
    close_input(child);
    if (child->told) {
        free_when_done(child);
    }
}

void hn_child_policy_apply(const hn_child_policy *policy)
{
    if (policy->subreaper) {
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    }
}
