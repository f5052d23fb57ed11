/* app/study_queue.h: jobs of many studies on a few threads. Jobs of one key run one after the other, in the
 * order they came, but those that are settled together overtake others; keys take turns. A study that thinks
 * for long holds up its own jobs and one thread, not the other studies.
 */
#ifndef HN_APP_STUDY_QUEUE_H
#define HN_APP_STUDY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct hn_study_queue hn_study_queue;

/* Part of what is to be done. Zero-initialised. */
typedef struct hn_study_job {
    struct hn_study_job *next;
    const char *key;
    void (*run)(struct hn_study_job *job);
    /* NULL, or: run leaves the job for this, which gets jobs of the key that have it and were waiting, after
     * each has run: as many as ran in a short time. Those that are `early` first. */
    void (*settle)(struct hn_study_job *first);
    bool early;
} hn_study_job;

hone_status hn_study_queue_create(size_t threads, hn_study_queue **queue, hone_error *err);
/* The job and its key stay until it runs. False when memory is out. */
bool hn_study_queue_add(hn_study_queue *queue, hn_study_job *job);
/* After what is queued has run. Accepts NULL. */
void hn_study_queue_destroy(hn_study_queue *queue);

#endif
