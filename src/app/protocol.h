/* app/protocol.h: the JSON-lines protocol. A request is one JSON object with "op"; its answer is one JSON
 * object. The functions here know nothing of the transport, stdio or HTTP. Any number of threads may perform
 * requests of one session; those for one study wait for each other.
 *
 * To add an operation: a function of hn_operation in one of the protocol_*.c files, its declaration below,
 * and its line with its keys in the table of protocol.c; docs/protocol.md describes it.
 */
#ifndef HN_APP_PROTOCOL_H
#define HN_APP_PROTOCOL_H

#include <pthread.h>

#include "base/node.h"
#include "hone/app.h"

/* A study that the session has opened, and the trials that were asked of it here. */
typedef struct hn_open_study {
    /* Guarded by the session's lock; the texts never change. */
    char *storage, *name;
    char *created_as; /* the request that created it, as JSON; NULL = it was there */
    int users;        /* requests that hold it or wait for it: the last one frees what is closed */

    pthread_mutex_t lock; /* of the request that holds it; guards all that follows */
    bool closed;          /* the session does not know it any more, what follows is gone */
    hone_study *study;
    hone_budget budget;  /* what its creation said; asking ends there */
    char *cost_metric;   /* of it */
    hone_trial **trials; /* ascending by number */
    size_t n_trials, capacity;
} hn_open_study;

struct hone_protocol {
    char *storage;           /* of requests that name none */
    bool remote;             /* who asks has no business with the files of this machine */
    pthread_mutex_t opening; /* held while a study is opened, so that none is opened twice; taken first */
    pthread_mutex_t lock;    /* guards `open`; nothing else is taken while it is held */
    hn_open_study **open;
    size_t n_open, open_capacity;

    /* Of the stream: */
    hn_arena arena; /* of the request in hand */
    hn_buffer line; /* the piece of a line that has come so far */
    hn_buffer answer;
    bool skipping; /* the rest of a line that was too long */
};

typedef struct hn_request {
    hone_protocol *protocol;
    hn_arena *arena;
    const hn_node *root;   /* a map */
    hn_node *answer;       /* a map beginning with "ok" */
    hn_open_study *held;   /* let go when the operation has ended; NULL = none */
    bool defers, deferred; /* an ask or a tell may wait for the disk; it does */
    hone_error *err;
} hn_request;

typedef hone_status (*hn_operation)(hn_request *request);

/* Appends the answer, without a newline, to a request that has been parsed into the arena. Always answers,
 * unless memory is out; returns what the operation did. */
hone_status hn_protocol_perform(hone_protocol *protocol, hn_arena *arena, const hn_node *root,
                                hn_buffer *out);
/* The same for an "ask" or a "tell"; *deferred: its answer is true only when hn_protocol_settle has said so.
 */
hone_status hn_protocol_perform_deferred(hone_protocol *protocol, hn_arena *arena, const hn_node *root,
                                         bool *deferred, hn_buffer *out);
/* Brings to the disk what was asked and told of the study that the request names. The caller performs no
 * other request for it in between. */
hone_status hn_protocol_settle(hone_protocol *protocol, const hn_node *root, hone_error *err);
/* Parses and performs one, in the session's own arena; the answer ends with a newline. One thread at a time.
 */
void hn_protocol_handle(hone_protocol *protocol, const char *request, size_t size, hn_buffer *out);
/* Is there an operation of that name? */
bool hn_protocol_knows(const char *op);
/* The answer to a request that failed; id NULL: it had none. */
void hn_answer_failure(hn_arena *arena, const hone_error *err, const hn_node *id, hn_buffer *out);

/* --- protocol_request.c: reading a request, writing an answer --- */

/* *text stays as it is when the key is absent or null, unless it is required. */
hone_status hn_request_text(const hn_request *request, const char *key, bool required, const char **text);
hone_status hn_request_int(const hn_request *request, const char *key, bool required, int64_t *value);
/* "storage", as hn_request_text; HONE_DENIED when the session is remote and it is neither its own nor memory.
 */
hone_status hn_request_storage(const hn_request *request, const char **storage);
/* A number, or "nan", "inf", "-inf". */
hone_status hn_request_number(const hn_request *request, const char *key, bool required, double *value);
/* A list of such numbers in the arena; NULL and 0 when absent. */
hone_status hn_request_numbers(const hn_request *request, const char *key, double **values, size_t *n);
/* A map of scalars, in the arena. */
hone_status hn_request_params(const hn_request *request, const char *key, hone_named_value **params,
                              size_t *n);
/* value NULL (memory is out) is noticed when the answer is written. */
void hn_answer_set(hn_request *request, const char *key, hn_node *value);
/* Adds every entry of map to the answer. */
void hn_answer_merge(hn_request *request, const hn_node *map);

/* --- protocol_session.c: studies and trials that are open --- */

/* The study that the request names, opened when it is not; the request holds it from now on. */
hone_status hn_request_study(hn_request *request, hn_open_study **study);
/* One that is open, when others have let go of it; the caller holds it. NULL: there is none. storage NULL:
 * any. */
hn_open_study *hn_protocol_hold(hone_protocol *protocol, const char *storage, const char *name);
/* Accepts NULL. */
void hn_protocol_release(hone_protocol *protocol, hn_open_study *study);
/* What an open study was created as, in the arena; NULL when it is not open or was not created here. */
const char *hn_protocol_definition(hone_protocol *protocol, hn_arena *arena, const char *storage,
                                   const char *name);
/* Takes over an open handle (closes it on failure); the caller holds the study. created_as (copied) may be
 * NULL. With `opening` held. */
hone_status hn_protocol_add(hone_protocol *protocol, const char *storage, hone_study *study,
                            const char *created_as, hn_open_study **added, hone_error *err);
/* Of a study that is held, and still has to be released. */
void hn_protocol_close(hone_protocol *protocol, hn_open_study *study);
/* Asks that think for long give up from now on. Any thread. */
void hn_protocol_interrupt(hone_protocol *protocol);
/* The open studies in memory, in the arena: the caller locks each, looks whether it was closed, and releases
 * it. NULL when memory is out. */
hn_open_study **hn_protocol_memory_studies(hone_protocol *protocol, hn_arena *arena, size_t *n);

/* NULL when the session does not hold it. */
hone_trial *hn_session_trial(const hn_open_study *study, int64_t number);
/* Takes over the handle, in place of an older one of that number. */
hone_status hn_session_keep(hn_open_study *study, hone_trial *trial, hone_error *err);
void hn_session_drop(hn_open_study *study, int64_t number);

/* The running trial of that number, kept by the session from now on. lease NULL: not checked; HONE_CONFLICT
 * when another is in force. */
hone_status hn_session_take(const hn_request *request, hn_open_study *study, int64_t number,
                            const char *lease, hone_trial **trial);

/* --- attributes, in protocol_trial.c --- */

/* The value as it is stored; HONE_LIMIT when key or value are too long. */
hone_status hn_attr_json(const hn_request *request, const char *key, const hn_node *value, hn_buffer *json);
hone_status hn_trial_set_attr(const hn_request *request, hone_trial *trial, const char *key,
                              const hn_node *value);

/* --- the operations --- */

hone_status hn_op_create(hn_request *request);
hone_status hn_op_studies(hn_request *request);
hone_status hn_op_delete(hn_request *request);
hone_status hn_op_stop(hn_request *request);
hone_status hn_op_attr(hn_request *request);
hone_status hn_op_ask(hn_request *request);
hone_status hn_op_report(hn_request *request);
hone_status hn_op_tell(hn_request *request);
hone_status hn_op_heartbeat(hn_request *request);
hone_status hn_op_enqueue(hn_request *request);
hone_status hn_op_best(hn_request *request);
hone_status hn_op_trials(hn_request *request);

#endif
