/* app/dashboard.h: what the files of the dashboard's server share. The loop parses requests; the threads of a
 * queue answer them; a watcher looks for changes of the storage and tells those who listen.
 *
 * To add a resource: a function of hn_board_operation, its declaration below and its line in the table of
 * dashboard.c; docs/verbs/dashboard.md lists them.
 */
#ifndef HN_APP_DASHBOARD_H
#define HN_APP_DASHBOARD_H

#include <pthread.h>

#include "app/http_settings.h"
#include "app/study_queue.h"
#include "base/node.h"
#include "storage/storage.h"
#include "view/figure.h"

enum { HN_BOARD_SEGMENTS = 5, HN_BOARD_LOG = 4096 };

/* Trial `number` was other than before when the study came to this revision. */
typedef struct hn_board_change {
    int64_t revision, number;
} hn_board_change;

/* Which trials a query meets, in order, at one revision. */
typedef struct hn_board_order {
    char *query;
    int64_t revision;
    int64_t *numbers;
    size_t count;
} hn_board_order;

/* A study that was looked at. */
typedef struct hn_board_study {
    /* Guarded by the dashboard's lock: */
    char *name; /* never changes */
    int users;
    int64_t used; /* the higher the later */

    pthread_mutex_t lock; /* guards what follows */
    hone_study *study;
    int64_t revision; /* grows with every change that was seen */
    int64_t counter;  /* of the storage, then */
    int64_t known;    /* trials, then */
    int64_t *open;    /* (n_open,) those of them that were not finished, ascending */
    size_t n_open;
    hn_board_change log[HN_BOARD_LOG]; /* a ring */
    int64_t n_logged;                  /* in all */
    hn_board_order order;
} hn_board_study;

/* A study (name "": the list of them) whose changes somebody listens to. Guarded by the dashboard's lock. */
typedef struct hn_board_watch {
    hn_study_job job; /* first */
    struct hone_dashboard *board;
    struct hn_board_watch *next;
    char *name;
    int listeners;
    bool queued;    /* its job waits or runs */
    bool changed;   /* the storage did since the job began */
    hn_buffer news; /* the last event, whole */
    int64_t told;   /* how many events there were */
} hn_board_watch;

/* A client that listens. The loop's thread only. */
typedef struct hn_board_stream {
    hn_http_exchange *exchange;
    hn_board_watch *watch;
    int64_t told; /* of the watch's events */
} hn_board_stream;

struct hone_dashboard {
    hn_http_settings settings;
    bool edit;
    char *storage; /* as it was given */
    char *shown;   /* without passwords */
    int64_t boot;  /* tells this server's revisions from those of an earlier one */
    hn_study_queue *queue;
    hn_http_server *server;
    pthread_mutex_t lock; /* guards `studies`, `watches` and `ping`; taken last, but for the queue's own */
    hn_board_study **studies;
    size_t n_studies, studies_capacity;
    int64_t uses;
    pthread_mutex_t large; /* held while all trials of a study are in memory; taken after a study's lock */
    hn_board_watch *watches;
    hn_board_stream *streams; /* the loop's thread only */
    size_t n_streams, streams_capacity;
    hn_storage *watched; /* the watcher's */
    pthread_t watcher;
    bool watching, stopping; /* stopping: under the lock */
    pthread_cond_t stop;
    bool ping; /* listeners get a sign of life */
};

/* One request on its way. */
typedef struct hn_board_request {
    hone_dashboard *board;
    hn_arena *arena;
    const hn_http_request *http;
    const char *segments[HN_BOARD_SEGMENTS]; /* of the path after /api/, decoded; NULL past the end */
    const char *study;                       /* the one in the path, or NULL */
    hn_board_study *held;                    /* that study; its lock is held */
    const hn_node *body;                     /* of POST: a map */
    hn_node *answer;                         /* a map; what it gets is sent */
    bool large;                              /* it took much memory, which goes back to the system */
    const char *type;                        /* static: `text` is sent instead; NULL = the answer is */
    hn_buffer text;
    hone_error *err;
} hn_board_request;

typedef hone_status (*hn_board_operation)(hn_board_request *request);

/* --- dashboard_query.c: what a request says --- */

/* Cuts the path after "/api/" into segments and decodes them. False when it is none or malformed. */
bool hn_board_read_path(hn_arena *arena, const char *path, const char *segments[HN_BOARD_SEGMENTS]);
/* The decoded value of the i-th `key=` of the query, NULL when there is none. */
const char *hn_board_query(const hn_board_request *request, const char *key, size_t i);
/* As a whole number from low to high; *value stays when it is absent. */
hone_status hn_board_query_int(const hn_board_request *request, const char *key, int64_t low, int64_t high,
                               int64_t *value);
/* Segment i as a trial's number. */
hone_status hn_board_trial_number(const hn_board_request *request, size_t i, int64_t *number);
/* Adds to the answer; value NULL (memory is out) is noticed when it is sent. */
void hn_board_set(hn_board_request *request, const char *key, hn_node *value);

/* --- dashboard_study.c: open studies and their revisions --- */

/* Opens it when it is not; it is up to date, and its lock is held. HONE_NOT_FOUND. */
hone_status hn_board_take(hone_dashboard *board, const char *name, hn_board_study **study, hone_error *err);
/* Accepts NULL. */
void hn_board_give(hone_dashboard *board, hn_board_study *study);
/* After a change through the study's own handle, which the storage does not tell it. */
hone_status hn_board_touch(hn_board_study *study, hone_error *err);
void hn_board_close_studies(hone_dashboard *board);
/* Numbers that changed after a revision, ascending and each once, in arena; false when that is not known any
 * more. */
bool hn_board_changes(const hn_board_study *study, int64_t since, hn_arena *arena, int64_t **numbers,
                      size_t *count);
/* {"revision", "total", "counts", "best", "front"}: what changes while a study runs. */
hone_status hn_board_state(hn_arena *arena, hn_board_study *study, hn_node **state, hone_error *err);

/* --- dashboard_events.c --- */

hone_status hn_board_watch_begin(hone_dashboard *board, hone_error *err);
void hn_board_watch_end(hone_dashboard *board);
/* In the loop's thread: */
void hn_board_listen(hone_dashboard *board, hn_http_exchange *exchange, const char *study);
void hn_board_tell(void *board);
void hn_board_stream_ended(void *board, hn_http_exchange *exchange);

/* --- dashboard_pages.c --- */

/* Was the front end built in? */
bool hn_board_has_pages(void);
/* Answers a GET or HEAD of anything outside of /api/. */
void hn_board_page(hn_http_exchange *exchange);

/* --- dashboard_thin.c --- */

/* Points that a screen could not tell apart become one; arrays that change are made in arena. */
hone_status hn_page_thin(hn_page *page, hn_arena *arena, hone_error *err);

/* --- dashboard_note.c: notes as Optuna's dashboard keeps them --- */

/* {"text", "version"}; version 0: there is none. */
hone_status hn_board_note(hn_arena *arena, hone_study *study, hn_node **note, hone_error *err);

/* --- the operations --- */

hone_status hn_board_info(hn_board_request *request);
hone_status hn_board_studies(hn_board_request *request);
hone_status hn_board_summary(hn_board_request *request);
hone_status hn_board_compare(hn_board_request *request);
hone_status hn_board_trials(hn_board_request *request);
hone_status hn_board_trial(hn_board_request *request);
hone_status hn_board_trial_log(hn_board_request *request);
hone_status hn_board_changed(hn_board_request *request);
hone_status hn_board_kinds(hn_board_request *request);
hone_status hn_board_figure(hn_board_request *request);
hone_status hn_board_compared_figure(hn_board_request *request);
hone_status hn_board_set_note(hn_board_request *request);

#endif
