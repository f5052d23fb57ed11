/* base/os_process.h: a program run to its end, its output taken: short helpers such as a metric of the
 * user's. Trials are run by run/, on an event loop. Thread-safe.
 */
#ifndef HN_BASE_OS_PROCESS_H
#define HN_BASE_OS_PROCESS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

/* How the program finds its input beside standard input: a file it can read from the beginning. */
#define HN_PROCESS_INPUT_FILE "/dev/fd/3"

typedef struct hn_process {
    const char *const *argv; /* ends with NULL; argv[0] is searched in PATH */
    const char *const *env;  /* "NAME=value" texts added to our environment, ends with NULL; NULL: none */
    const void *input;       /* what it reads on standard input and from HN_PROCESS_INPUT_FILE */
    size_t input_size;
    double seconds; /* then it and its group are killed */
    size_t limit;   /* bytes of output that are kept; of errors the last so many */
} hn_process;

typedef struct hn_process_end {
    bool timed_out;
    int status; /* it exited with this */
    int signal; /* it was ended by this signal; 0: it was not */
} hn_process_end;

/* Runs it in a process group of its own and waits. output and errors get what it wrote to descriptors 1 and
 * 2; nothing of it reaches ours. Errors: HONE_NOT_FOUND or HONE_IO when it cannot be started. */
hone_status hn_process_run(const hn_process *process, hn_buffer *output, hn_buffer *errors,
                           hn_process_end *end, hone_error *err);

#endif
