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

/* --- known children --------------------------------------------------------------------------- */

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

/* --- looking at a process --------------------------------------------------------------------- */

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

typedef enum bearing { BEARS_NONE, BEARS_OTHER, BEARS_MARKER, BEARS_UNKNOWN } bearing;

/* Whose a process is by its environment. */
static bearing bears(int64_t pid, const char *marker, bool prefix, hn_buffer *scratch)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "/proc/%lld/environ", (long long)pid);
    if (!read_file(path, scratch)) {
        return BEARS_UNKNOWN;
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

/* --- everybody -------------------------------------------------------------------------------- */

static size_t end_bearers_once(const char *marker, bool prefix, hn_buffer *scratch)
{
    size_t ended = 0;
    DIR *folder = opendir("/proc");
    if (!folder) {
        return 0;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        int64_t pid;
        if (hn_parse_int(entry->d_name, strlen(entry->d_name), &pid) && pid > 1 && pid != getpid() &&
            bears(pid, marker, prefix, scratch) == BEARS_MARKER) {
            ended += !kill((pid_t)pid, SIGKILL);
        }
    }
    closedir(folder);
    return ended;
}

size_t hn_stragglers_end(const char *marker, bool prefix, double seconds)
{
    size_t ended = 0, found = 1;
    hn_buffer scratch = HN_BUFFER_INIT;
    for (double until = hn_monotonic_seconds() + seconds; found && hn_monotonic_seconds() < until;) {
        found = end_bearers_once(marker, prefix, &scratch);
        ended += found;
        if (found) {
            hn_sleep_ms(1);
        }
    }
    hn_buffer_release(&scratch);
    return ended;
}

/* --- our own children ------------------------------------------------------------------------- */

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

typedef struct adoption {
    const char *marker;
    size_t ended; /* in this round */
    hn_buffer scratch;
} adoption;

static void end_adopted(void *user, int64_t pid)
{
    adoption *round = user;
    if (is_known(pid) || waitpid((pid_t)pid, NULL, WNOHANG) == (pid_t)pid) {
        return;
    }
    bearing whose = bears(pid, round->marker, false, &round->scratch);
    if (whose == BEARS_MARKER || (whose == BEARS_NONE && !a_trial_lives())) {
        round->ended += !kill((pid_t)pid, SIGKILL);
    }
}

size_t hn_adopted_end(const char *marker, double seconds)
{
    size_t ended = 0;
    bool listed = true;
    adoption round = {.marker = marker, .ended = 1};
    for (double until = hn_monotonic_seconds() + seconds;
         listed && round.ended && hn_monotonic_seconds() < until;) {
        round.ended = 0;
        pthread_mutex_lock(&known_lock);
        listed = each_child(end_adopted, &round);
        pthread_mutex_unlock(&known_lock);
        ended += round.ended;
        if (round.ended) {
            hn_sleep_ms(1);
        }
    }
    hn_buffer_release(&round.scratch);
    return listed ? ended : hn_stragglers_end(marker, false, seconds);
}
