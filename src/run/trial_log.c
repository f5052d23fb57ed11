/* A trial's log. Written at once, so that it can be followed; the page cache takes it. */
#include "run/trial_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static const uint64_t default_limit = 16 << 20;

static void append(hn_trial_log *log, const char *bytes, size_t size)
{
    while (size && log->file >= 0) {
        ssize_t n = write(log->file, bytes, size);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            hn_log(HN_LOG_WARNING,
                   "the log of a trial cannot be written: %s; its output is lost from here on",
                   strerror(errno));
            hn_trial_log_close(log);
            return;
        }
        bytes += n;
        size -= (size_t)n;
        log->size += (uint64_t)n;
    }
}

void hn_trial_log_open(hn_trial_log *log, const char *folder, int attempt, const char *title, uint64_t limit)
{
    char path[4096], line[1024];
    *log = (hn_trial_log){.file = -1, .limit = limit ? limit : default_limit};
    int n = snprintf(path, sizeof path, "%s/log.txt", folder);
    if (n > 0 && n < (int)sizeof path) {
        log->file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    }
    if (log->file < 0) {
        hn_log(HN_LOG_WARNING, "the log %s cannot be opened: %s", path, strerror(errno));
        return;
    }
    n = snprintf(line, sizeof line, "--- attempt %d: %s", attempt, title);
    append(log, line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
    append(log, "\n", 1);
    log->size = 0;
}

static void keep_tail(hn_trial_log *log, int i, const char *bytes, size_t size)
{
    if (size >= HN_LOG_TAIL) {
        memcpy(log->tails[i], bytes + size - HN_LOG_TAIL, HN_LOG_TAIL);
        log->tail_sizes[i] = HN_LOG_TAIL;
        return;
    }
    size_t old = log->tail_sizes[i], kept = old + size > HN_LOG_TAIL ? HN_LOG_TAIL - size : old;
    memmove(log->tails[i], log->tails[i] + old - kept, kept);
    memcpy(log->tails[i] + kept, bytes, size);
    log->tail_sizes[i] = kept + size;
}

void hn_trial_log_write(hn_trial_log *log, int fd, const char *bytes, size_t size)
{
    keep_tail(log, fd == 2, bytes, size);
    uint64_t room = log->limit > log->size ? log->limit - log->size : 0;
    if (size <= room) {
        append(log, bytes, size);
    } else if (log->file >= 0) {
        char note[128];
        append(log, bytes, (size_t)room);
        int n = snprintf(note, sizeof note,
                         "\n--- the log ends here: the output is above its limit of %llu bytes\n",
                         (unsigned long long)log->limit);
        append(log, note, (size_t)n);
        hn_trial_log_close(log);
    }
}

static bool is_printable(char c)
{
    return (unsigned char)c > ' ' && c != 0x7f;
}

/* The last line of a text with something to see in it. */
static size_t last_line(const char *text, size_t size, char *out, size_t room)
{
    while (size && !is_printable(text[size - 1])) {
        size--;
    }
    size_t begin = size;
    while (begin && text[begin - 1] != '\n' && text[begin - 1] != '\r') {
        begin--;
    }
    while (begin < size && !is_printable(text[begin])) {
        begin++;
    }
    size_t n = size - begin < room - 1 ? size - begin : room - 1;
    for (size_t i = 0; i < n; i++) {
        out[i] = is_printable(text[begin + i]) ? text[begin + i] : ' ';
    }
    out[n] = '\0';
    return n;
}

const char *hn_trial_log_last_line(const hn_trial_log *log, char *out, size_t size)
{
    if (!last_line(log->tails[1], log->tail_sizes[1], out, size)) {
        last_line(log->tails[0], log->tail_sizes[0], out, size);
    }
    return out;
}

void hn_trial_log_close(hn_trial_log *log)
{
    if (log->file >= 0) {
        close(log->file);
        log->file = -1;
    }
}
