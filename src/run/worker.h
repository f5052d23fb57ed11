/* run/worker.h: the objective type `worker`: built-in models run in persistent processes, one per slot,
 * re-executed from hone's own program. A fit that crashes, hangs or eats memory costs one trial; its worker
 * is started anew for the next.
 *
 * The lines spoken are in run/worker_loop.h, the other end. What a worker prints on standard error goes to
 * the trial's log.txt.
 */
#ifndef HN_RUN_WORKER_H
#define HN_RUN_WORKER_H

#include "run/child.h"
#include "run/objective.h"

/* Everything is borrowed until the run ends. */
typedef struct hn_worker_config {
    const char *const *argv; /* the worker's program, such as {"/proc/self/exe", "__worker", NULL} */
    const char *const *env;  /* n_env texts "NAME=value", added to hone's own environment */
    size_t n_env;
    int data_fd; /* the shared mapping of the data; the worker finds it as descriptor 3; -1 = none */
    const char *init_json; /* one JSON value without newlines, sent once to each worker; NULL = null */
    uint64_t seed; /* of the study; a trial's "seed" is made of it and the trial's number, below 2^31 */
    double grace_seconds;        /* for a pruned trial to end by itself, before its process goes; 0 = 5 */
    uint64_t log_limit_bytes;    /* of a trial's log; 0 = 16 MiB */
    uint64_t memory_limit_bytes; /* address space of a worker; 0 = none; needs a shim */
    hn_child_policy policy;
} hn_worker_config;

extern const hn_objective_type hn_objective_worker;

/* Starts a worker and sends its init line. marker: its HONE_RUN_ID. *child may be set when this fails, too:
 * it is destroyed in any case. */
hone_status hn_worker_start(const hn_worker_config *config, uv_loop_t *loop, const char *marker,
                            const hn_child_callbacks *callbacks, void *user, hn_child **child,
                            hone_error *err);

#endif
