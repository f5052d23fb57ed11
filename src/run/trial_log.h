/* run/trial_log.h: a trial's log.txt: its output as it came, up to a limit, and the last lines of it for
 * messages. A file that cannot be written costs the log, not the trial. One thread at a time. */
#ifndef HN_RUN_TRIAL_LOG_H
#define HN_RUN_TRIAL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { HN_LOG_TAIL = 1024 };

typedef struct hn_trial_log {
    int file; /* descriptor, -1 = none */
    uint64_t size, limit;
    char tails[2][HN_LOG_TAIL]; /* the end of what came on descriptors 1 and 2 */
    size_t tail_sizes[2];
} hn_trial_log;

/* Appends to folder/log.txt; the line "--- attempt 2: title" begins this run's part. limit 0 = 16 MiB. */
void hn_trial_log_open(hn_trial_log *log, const char *folder, int attempt, const char *title, uint64_t limit);
void hn_trial_log_write(hn_trial_log *log, int fd, const char *bytes, size_t size);
/* The last line of standard error that is not blank, else of standard output, cut to out; "" when there is
 * none. Control characters become blanks. */
const char *hn_trial_log_last_line(const hn_trial_log *log, char *out, size_t size);
void hn_trial_log_close(hn_trial_log *log);

#endif
