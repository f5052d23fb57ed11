/* Between being spawned and becoming the user's program. Its standard error is the trial's log. */
#include "run/exec_shim.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/number.h"
#include "run/stragglers.h"

enum { CANNOT_RUN = 126, NOT_FOUND = 127 };

static void complain(const char *what, const char *name, const char *why)
{
    char line[1024];
    int n = snprintf(line, sizeof line, "hone: %s%s: %s\n", what, name, why);
    size_t size = n < (int)sizeof line ? (size_t)n : sizeof line - 1;
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written; /* nobody is left to tell */
}

/* "--name=123": true when the argument has that name. */
static bool option(const char *argument, const char *name, int64_t *value)
{
    size_t length = strlen(name);
    return !strncmp(argument, name, length) &&
           hn_parse_int(argument + length, strlen(argument + length), value);
}

/* The signal is asked for first, so that a parent which dies in between is seen by its absence. */
static bool die_with_parent(int64_t parent)
{
    return !prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) && getppid() == (pid_t)parent;
}

static bool limit_memory(int64_t bytes)
{
    struct rlimit limit = {.rlim_cur = (rlim_t)bytes, .rlim_max = (rlim_t)bytes};
    return !setrlimit(RLIMIT_AS, &limit);
}

/* hone's own end is the end of this input: no byte is ever written to it. Signals meant for hone do not count
 * here. */
static int guard(const char *marker)
{
    char byte;
    ssize_t n;
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    do {
        n = read(STDIN_FILENO, &byte, 1);
    } while (n > 0 || (n < 0 && errno == EINTR));
    hn_stragglers_end(marker, true, 10);
    return 0;
}

int hn_exec_shim(int argc, char **argv)
{
    static const char guarding[] = "--guard=";
    int i = 0;
    for (int64_t value; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (!strncmp(argv[i], guarding, sizeof guarding - 1)) {
            return guard(argv[i] + sizeof guarding - 1);
        }
        if (option(argv[i], "--parent=", &value)) {
            if (!die_with_parent(value)) {
                return CANNOT_RUN;
            }
        } else if (option(argv[i], "--memory=", &value)) {
            if (!limit_memory(value)) {
                complain("cannot limit the memory of the trial", "", strerror(errno));
                return CANNOT_RUN;
            }
        } else {
            complain("unknown option ", argv[i], "this subcommand is hone's own");
            return CANNOT_RUN;
        }
    }
    if (i + 1 >= argc) {
        complain("no program to run", "", "this subcommand is hone's own");
        return CANNOT_RUN;
    }
    execvp(argv[i + 1], argv + i + 1);
    int why = errno;
    complain("cannot run ", argv[i + 1], strerror(why));
    return why == ENOENT ? NOT_FOUND : CANNOT_RUN;
}
