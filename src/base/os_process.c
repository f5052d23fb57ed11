/* os_process.c: posix_spawn(3), with pipes for what the program writes and a sealed memory file for what it
 * reads, so that neither side waits for the other. */
#include "base/os_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/os_file.h"

extern char **environ;

enum { READ_SIZE = 16 * 1024, WAIT_MS = 10, INPUT_FD = 3 };

typedef struct run {
    const hn_process *process;
    int input;
    int pipes[2][2]; /* of its descriptors 1 and 2: [..][0] is ours */
    pid_t pid;
    double deadline;
    hn_buffer *texts[2];
} run;

static void close_descriptor(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static hone_status open_ends(run *r, hone_error *err)
{
    const hn_piece input = {r->process->input, r->process->input_size};
    hone_status status = hn_shared_memory_create("hone-input", &input, 1, &r->input, err);
    for (int i = 0; !status && i < 2; i++)
        if (pipe2(r->pipes[i], O_CLOEXEC) != 0)
            status = hn_fail_errno(err, HONE_IO, "cannot make a pipe for '%s'", r->process->argv[0]);
    return status;
}

/* Our environment with the program's additions; the texts are borrowed. NULL when memory is out. */
static char **make_environment(const char *const *more)
{
    size_t n = 0, m = 0;
    while (environ[n])
        n++;
    while (more && more[m])
        m++;
    char **env = hn_calloc(n + m + 1, sizeof *env);
    for (size_t i = 0; env && i < m; i++)
        env[i] = (char *)more[i]; /* first: getenv finds the first */
    for (size_t i = 0; env && i < n; i++)
        env[m + i] = environ[i];
    return env;
}

/* Descriptors 0 and 3 are the input, 1 and 2 our pipes; no other is left. Signals are as at login. */
static int describe(const run *r, posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes)
{
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGINT);
    sigaddset(&usual, SIGTERM);
    int wrong = posix_spawn_file_actions_adddup2(actions, r->input, STDIN_FILENO);
    wrong = wrong ? wrong : posix_spawn_file_actions_adddup2(actions, r->pipes[0][1], STDOUT_FILENO);
    wrong = wrong ? wrong : posix_spawn_file_actions_adddup2(actions, r->pipes[1][1], STDERR_FILENO);
    wrong = wrong ? wrong : posix_spawn_file_actions_adddup2(actions, STDIN_FILENO, INPUT_FD);
    wrong = wrong ? wrong : posix_spawn_file_actions_addclosefrom_np(actions, INPUT_FD + 1);
    wrong = wrong ? wrong : posix_spawnattr_setsigmask(attributes, &none);
    wrong = wrong ? wrong : posix_spawnattr_setsigdefault(attributes, &usual);
    return wrong ? wrong
                 : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                            POSIX_SPAWN_SETSIGDEF);
}

static hone_status start(run *r, hone_error *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char **env = make_environment(r->process->env);
    if (!env)
        return hn_out_of_memory(err);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    int wrong = describe(r, &actions, &attributes);
    if (!wrong)
        wrong = posix_spawnp(&r->pid, r->process->argv[0], &actions, &attributes,
                             (char *const *)r->process->argv, env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    hn_free(env);
    errno = wrong;
    return wrong ? hn_fail_errno(err, wrong == ENOENT ? HONE_NOT_FOUND : HONE_IO, "cannot start '%s'",
                                 r->process->argv[0])
                 : HONE_OK;
}

static int left_ms(const run *r)
{
    double left = (r->deadline - hn_monotonic_seconds()) * 1000;
    return left > 0 ? left < 3600e3 ? (int)left + 1 : (int)3600e3 : 0;
}

/* Takes what is there of one pipe: the first bytes of output, the last of errors. Closed at its end. */
static void take(run *r, int i)
{
    char piece[READ_SIZE];
    hn_buffer *text = r->texts[i];
    ssize_t n = read(r->pipes[i][0], piece, sizeof piece);
    size_t limit = r->process->limit;
    if (n <= 0) {
        if (n == 0 || errno != EINTR)
            close_descriptor(&r->pipes[i][0]);
        return;
    }
    size_t room = text->size < limit ? limit - text->size : 0, size = (size_t)n;
    hn_buffer_append(text, piece, i == 0 && size > room ? room : size);
    if (i == 1 && text->size > limit)
        hn_buffer_consume(text, text->size - limit);
}

/* Has it ended? It stays to be waited for, so that its group keeps its number. */
static bool has_ended(const run *r)
{
    siginfo_t info = {0};
    int result = waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    return result < 0 ? errno != EINTR : info.si_pid == r->pid;
}

/* Until both pipes end, the deadline, or nothing more comes of a program that ended while something it left
 * behind holds them. */
static void read_all(run *r)
{
    while (r->pipes[0][0] >= 0 || r->pipes[1][0] >= 0) {
        struct pollfd ends[2] = {{.fd = r->pipes[0][0], .events = POLLIN},
                                 {.fd = r->pipes[1][0], .events = POLLIN}};
        int left = left_ms(r), ready = poll(ends, 2, left < WAIT_MS ? left : WAIT_MS);
        if ((ready == 0 && (left == 0 || has_ended(r))) || (ready < 0 && errno != EINTR))
            break;
        for (int i = 0; ready > 0 && i < 2; i++)
            if (ends[i].revents)
                take(r, i);
    }
}

/* Waits until the deadline; then, and when it has left something behind, kills the group. */
static void wait_for(run *r, hn_process_end *end)
{
    int state = 0;
    bool ended;
    while (!(ended = has_ended(r)) && left_ms(r) > 0)
        poll(NULL, 0, WAIT_MS);
    end->timed_out = !ended;
    kill(-r->pid, SIGKILL);
    while (waitpid(r->pid, &state, 0) < 0 && errno == EINTR) {
    }
    end->status = WIFEXITED(state) ? WEXITSTATUS(state) : 0;
    end->signal = WIFSIGNALED(state) ? WTERMSIG(state) : 0;
}

hone_status hn_process_run(const hn_process *process, hn_buffer *output, hn_buffer *errors,
                           hn_process_end *end, hone_error *err)
{
    run r = {.process = process,
             .input = -1,
             .pipes = {{-1, -1}, {-1, -1}},
             .deadline = hn_monotonic_seconds() + process->seconds,
             .texts = {output, errors}};
    *end = (hn_process_end){0};
    hone_status status = open_ends(&r, err);
    if (!status)
        status = start(&r, err);
    for (int i = 0; i < 2; i++)
        close_descriptor(&r.pipes[i][1]);
    close_descriptor(&r.input);
    if (!status) {
        read_all(&r);
        wait_for(&r, end);
    }
    for (int i = 0; i < 2; i++)
        close_descriptor(&r.pipes[i][0]);
    if (!status && (hn_buffer_failed(output) || hn_buffer_failed(errors)))
        status = hn_out_of_memory(err);
    return status;
}
