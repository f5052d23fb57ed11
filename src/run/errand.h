/* run/errand.h: one request to a worker process (run/worker.h) outside any study, such as fitting the best
 * model again: a crash, a hang or too much memory is an error message. */
#ifndef HN_RUN_ERRAND_H
#define HN_RUN_ERRAND_H

#include "base/node.h"
#include "run/worker.h"

/* Everything is borrowed for the call. */
typedef struct hn_errand {
    const hn_worker_config *worker;
    const char *name;       /* for messages: "fitting the best model again" */
    const hn_node *request; /* what the worker's `serve` is given (run/worker_loop.h) */
    double seconds;         /* after which it is killed; 0 = no limit */
    bool (*cancelled)(
        void *user); /* asked about ten times a second, on this thread: true kills it; may be NULL */
    void (*progressed)(void *user, const hn_node *facts); /* on this thread; may be NULL */
    void *user;
} hn_errand;

/* Blocks until the worker has answered. *answer: the value of its `done`, {metrics: {...}, notes: {...}},
 * which lives as long as the arena. Errors: HONE_OBJECTIVE says how the worker failed or died, with the last
 * line it wrote; HONE_CANCELLED. */
hone_status hn_errand_run(const hn_errand *errand, hn_arena *arena, const hn_node **answer, hone_error *err);

#endif
