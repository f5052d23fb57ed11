/* What a trial's process left behind: looking through /proc. */
#include "run/stragglers.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"

static const char variable[] = "HONE_RUN_ID=";

enum { MAX_ENVIRONMENT = 1 << 20, PATH_SIZE = 300 };

/* --- known children --- */

/* Guards the list, and keeps a child that is being spawned from being taken for an adopted one. */
static pthread_mutex_t known_lock = PTHREAD_MUTEX_INITIALIZER;
static struct known_child {
    int64_t pid;
    bool trial;
} * known;
static size_t n_known, known_capacity;

void hn_known_child_begin(void)
{
    pthread_mutex_lock(&known_lock);
}

void hn_known_child_end(int64_t pid, bool trial)
{
    if (pid > 0 && !HN_GROW(known, n_known, known_capacity)) {
        known[n_known++] = (struct known_child){pid, trial};
    }
    pthread_mutex_unlock(&known_lock);
}

void hn_known_child_forget(int64_t pid)
{
    pthread_mutex_lock(&known_lock);
    for (size_t i = 0; i < n_known; i++) {
        if (known[i].pid == pid) {
            known[i] = known[--n_known];
            break;
        }
    }
    if (!n_known) {
        hn_free(known);
        known = NULL;
        known_capacity = 0;
    }
    pthread_mutex_unlock(&known_lock);
}

static bool is_known(int64_t pid)
{
    for (size_t i = 0; i < n_known; i++) {
        if (known[i].pid == pid) {
            return true;
        }
    }
    return false;
}

static bool a_trial_lives(void)
{
    for (size_t i = 0; i < n_known; i++) {
        if (known[i].trial) {
            return true;
        }
    }
    return false;
}

/* --- looking at a process --- */

/* Appends a file of /proc; false when it cannot be read (another user's, or gone). */
static bool read_file(const char *path, hn_buffer *out)
{
    char piece[8192];
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    hn_buffer_clear(out);
    if (fd < 0) {
        return false;
    }
    while (out->size < MAX_ENVIRONMENT && (n = read(fd, piece, sizeof piece)) > 0) {
        hn_buffer_append(out, piece, (size_t)n);
    }
    close(fd);
    return n >= 0 && !hn_buffer_failed(out);
}

/* UNSURE: it shows no environment at all, as a process does for a moment while it becomes another program. */
typedef enum bearing { BEARS_NONE, BEARS_OTHER, BEARS_MARKER, BEARS_UNSURE, BEARS_UNKNOWN } bearing;

/* Kernel threads and the dead have no program. */
static bool has_program(int64_t pid)
{
    char path[PATH_SIZE], target[1];
    snprintf(path, sizeof path, "/proc/%lld/exe", (long long)pid);
    return readlink(path, target, sizeof target) > 0;
}

/* Whose a process is by its environment. */
static bearing bears(int64_t pid, const char *marker, bool prefix, hn_buffer *scratch)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "/proc/%lld/environ", (long long)pid);
    if (!read_file(path, scratch)) {
        return BEARS_UNKNOWN;
    }
    if (!scratch->size) {
        return has_program(pid) ? BEARS_UNSURE : BEARS_UNKNOWN;
    }
    size_t length = strlen(marker);
    const char *end = hn_buffer_string(scratch) + scratch->size;
    for (const char *at = hn_buffer_string(scratch); at < end; at += strlen(at) + 1) {
        if (!strncmp(at, variable, sizeof variable - 1)) {
            const char *value = at + sizeof variable - 1;
            bool same = prefix ? !strncmp(value, marker, length) : !strcmp(value, marker);
            return same ? BEARS_MARKER : BEARS_OTHER;
        }
    }
    return BEARS_NONE;
}

/* --- everybody --- */

/* One look at all that there are. */
typedef struct look {
    const char *marker;
    bool prefix;
    int64_t own_start;
    size_t ended, unsure;
    hn_buffer scratch;
} look;

/* When a process began, in ticks since the machine did; -1 when that cannot be read. */
static int64_t start_of(int64_t pid, hn_buffer *scratch)
{
    enum { FIELDS_AFTER_NAME = 20 }; /* proc(5): starttime is field 22, the name, in parentheses, field 2 */
    char path[PATH_SIZE];
    int64_t start = -1;
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    const char *at = read_file(path, scratch) ? strrchr(hn_buffer_string(scratch), ')') : NULL;
    for (int i = 0; at && i < FIELDS_AFTER_NAME; i++) {
        at = strchr(at + 1, ' ');
    }
    return at && hn_parse_int(at + 1, strcspn(at + 1, " "), &start) ? start : -1;
}

static void end_bearer(look *at, int64_t pid)
{
    bearing whose = bears(pid, at->marker, at->prefix, &at->scratch);
    at->unsure += whose == BEARS_UNSURE && start_of(pid, &at->scratch) >= at->own_start;
    if (whose == BEARS_MARKER) {
        at->ended += !kill((pid_t)pid, SIGKILL);
    }
}

static bool end_bearers(look *at)
{
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        int64_t pid;
        if (hn_parse_int(entry->d_name, strlen(entry->d_name), &pid) && pid > 1 && pid != getpid()) {
            end_bearer(at, pid);
        }
    }
    if (folder) {
        closedir(folder);
    }
    return true;
}

/* Looks until nothing is found; those that were unsure are looked at for a while, no longer: a program may
 * well have an empty environment. The while is what a loaded machine takes to read a program.
 * *listed is false when the look could not be had. */
static size_t look_until_none(look *at, bool (*once)(look *at), double seconds, bool *listed)
{
    static const double patience = 0.5;
    size_t ended = 0;
    double now = hn_monotonic_seconds(), until = now + seconds, sure_by = now + patience;
    at->own_start = start_of(getpid(), &at->scratch);
    for (;; now = hn_monotonic_seconds()) {
        at->ended = at->unsure = 0;
        *listed = once(at);
        ended += at->ended;
        bool again = *listed && (at->ended || (at->unsure && now < sure_by));
        if (!again || now >= until) {
            break;
        }
        hn_sleep_ms(at->ended ? 1 : 5);
    }
    hn_buffer_release(&at->scratch);
    return ended;
}

size_t hn_stragglers_end(const char *marker, bool prefix, double seconds)
{
    look at = {.marker = marker, .prefix = prefix};
    bool listed;
    return look_until_none(&at, end_bearers, seconds, &listed);
}

/* --- our own children --- */

/* Calls visit for each child of this process; false when this kernel does not list them. */
static bool each_child(void (*visit)(void *user, int64_t pid), void *user)
{
    bool listed = false;
    hn_buffer text = HN_BUFFER_INIT;
    DIR *threads = opendir("/proc/self/task");
    for (struct dirent *entry; threads && (entry = readdir(threads));) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "/proc/self/task/%s/children", entry->d_name);
        if (entry->d_name[0] == '.' || !read_file(path, &text)) {
            continue;
        }
        listed = true;
        const char *at = hn_buffer_string(&text);
        for (size_t length; (length = strcspn(at, " ")) > 0; at += length + (at[length] == ' ')) {
            int64_t pid;
            if (hn_parse_int(at, length, &pid)) {
                visit(user, pid);
            }
        }
    }
    if (threads) {
        closedir(threads);
    }
    hn_buffer_release(&text);
    return listed;
}

static void end_adopted(void *user, int64_t pid)
{
    look *at = user;
    if (is_known(pid) || waitpid((pid_t)pid, NULL, WNOHANG) == (pid_t)pid) {
        return;
    }
    bearing whose = bears(pid, at->marker, false, &at->scratch);
    bool nameless = whose == BEARS_NONE || whose == BEARS_UNSURE;
    /* One that shows nothing may be dying: its children become ours only when it is gone. */
    at->unsure += whose == BEARS_UNSURE || whose == BEARS_UNKNOWN;
    if (whose == BEARS_MARKER || (nameless && !a_trial_lives())) {
        at->ended += !kill((pid_t)pid, SIGKILL);
    }
}

static bool end_all_adopted(look *at)
{
    pthread_mutex_lock(&known_lock);
    bool listed = each_child(end_adopted, at);
    pthread_mutex_unlock(&known_lock);
    return listed;
}

size_t hn_adopted_end(const char *marker, double seconds)
{
    look at = {.marker = marker};
    bool listed;
    size_t ended = look_until_none(&at, end_all_adopted, seconds, &listed);
    return listed ? ended : hn_stragglers_end(marker, false, seconds);
}
