/* run/child.h: one child process on the event loop: in a session of its own, its output read, ended gently
 * and then by force, and whatever it leaves behind found and ended. Used by the objective types; all calls
 * on the loop's thread. */
#ifndef HN_RUN_CHILD_H
#define HN_RUN_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/node.h"

/* What only the owner of the process may decide. */
typedef struct hn_child_policy {
    /* Program and first arguments that reach hn_exec_shim (run/exec_shim.h), such as {"/proc/self/exe",
     * "__exec", NULL}; NULL = none: then children outlive a killed hone and memory limits are refused. */
    const char *const *shim;
    /* hone may adopt orphans (PR_SET_CHILD_SUBREAPER): they are found faster, and also when they wiped their
     * environment. */
    bool subreaper;
} hn_child_policy;

typedef struct hn_child hn_child;

typedef struct hn_child_callbacks {
    /* Output of descriptor 1 or 2, in pieces as they come. */
    void (*output)(void *user, int fd, const char *bytes, size_t size);
    /* Once, after the process and all it left behind ended and its output was read. signal 0 = it exited with
     * status. The child may be destroyed inside. */
    void (*ended)(void *user, int64_t status, int signal);
} hn_child_callbacks;

typedef struct hn_child_spec {
    const char *const *argv; /* ends with NULL */
    const char *const *env;  /* ends with NULL; holds HONE_RUN_ID=marker */
    const char *cwd;         /* NULL = the current folder */
    const char *marker;      /* value of HONE_RUN_ID: who bears it is ended with the child */
    bool input;              /* it has a pipe as standard input (hn_child_write); otherwise /dev/null */
    int inherit_fd;          /* becomes its descriptor 3; -1 = none */
    double grace_seconds;
    uint64_t memory_limit_bytes; /* 0 = none */
    const hn_child_policy *policy;
} hn_child_spec;

/* Starts it. HONE_NOT_FOUND or HONE_IO name the program and why. Everything in spec is borrowed for the
 * call. */
hone_status hn_child_start(uv_loop_t *loop, const hn_child_spec *spec, const hn_child_callbacks *callbacks,
                           void *user, hn_child **child, hone_error *err);
/* SIGTERM to its group, SIGKILL after the grace time; a second call changes nothing. */
void hn_child_stop(hn_child *child);
/* SIGKILL at once. */
void hn_child_kill(hn_child *child);
/* Queues bytes for its standard input; a child that does not read them is no error here: it ends or is
 * stopped. */
hone_status hn_child_write(hn_child *child, const char *bytes, size_t size, hone_error *err);
/* The same for a node as a line of JSON; NULL, which building it gave, is HONE_OUT_OF_MEMORY. */
hone_status hn_child_write_line(hn_child *child, const hn_node *line, hone_error *err);
int64_t hn_child_pid(const hn_child *child);
/* Gives to `output` what it wrote to standard error up to now: the two descriptors are read in no particular
 * order. */
void hn_child_drain_errors(hn_child *child);
/* Frees an ended child; one that runs is killed, freed when it ended, and calls nothing back any more. */
void hn_child_destroy(hn_child *child);

/* Before the first child of a run: takes up orphans if the policy says so. */
void hn_child_policy_apply(const hn_child_policy *policy);
/* Where exec would find the program, with the PATH of env (ends with NULL; NULL = ours); HONE_NOT_FOUND says
 * what was searched. */
hone_status hn_program_find(hn_arena *arena, const char *program, const char *cwd, const char *const *env,
                            const char **path, hone_error *err);

#endif
