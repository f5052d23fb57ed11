/* A line of jobs for each key that has any, and the lines that wait for a thread. All under one lock, which
 * is not held while a job runs. */
#include "app/study_queue.h"

#include <pthread.h>
#include <signal.h> /* lint: allow os: pthread_sigmask, so that the host's handlers never run on our threads */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text_map.h"

enum { N_CHAINS = 1024, MOST_SETTLED = 128 };

static const int64_t turn_ns = 5000000; /* after which no further job of the line is begun */

typedef struct line {
    struct line *in_chain, *next_ready;
    char *key;
    size_t chain;
    hn_study_job *first, *last; /* that no thread has taken yet */
    bool busy;                  /* it has a thread, or waits for one */
} line;

struct hn_study_queue {
    pthread_mutex_t lock;
    pthread_cond_t work;
    line *chains[N_CHAINS];
    line *ready, *last_ready; /* wait for a thread */
    bool stopping;
    size_t n_threads;
    pthread_t *threads;
};

/* --- lines, under the lock --- */

static line *line_of(hn_study_queue *queue, const char *key)
{
    size_t chain = hn_hash_bytes(key, strlen(key), 0) % N_CHAINS;
    line *found = queue->chains[chain];
    while (found && strcmp(found->key, key) != 0) {
        found = found->in_chain;
    }
    if (found) {
        return found;
    }
    line *made = hn_calloc(1, sizeof *made);
    char *copy = made ? hn_strdup(key) : NULL;
    if (!copy) {
        hn_free(made);
        return NULL;
    }
    *made = (line){.in_chain = queue->chains[chain], .key = copy, .chain = chain};
    queue->chains[chain] = made;
    return made;
}

static void forget_line(hn_study_queue *queue, line *empty)
{
    line **at = &queue->chains[empty->chain];
    while (*at != empty) {
        at = &(*at)->in_chain;
    }
    *at = empty->in_chain;
    hn_free(empty->key);
    hn_free(empty);
}

static void make_ready(hn_study_queue *queue, line *l)
{
    l->next_ready = NULL;
    if (queue->ready) {
        queue->last_ready->next_ready = l;
    } else {
        queue->ready = l;
    }
    queue->last_ready = l;
    pthread_cond_signal(&queue->work);
}

bool hn_study_queue_add(hn_study_queue *queue, hn_study_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&queue->lock);
    line *l = line_of(queue, job->key);
    if (l && l->first) {
        l->last->next = job;
    } else if (l) {
        l->first = job;
    }
    if (l) {
        l->last = job;
    }
    if (l && !l->busy) {
        l->busy = true;
        make_ready(queue, l);
    }
    pthread_mutex_unlock(&queue->lock);
    return l != NULL;
}

/* --- threads --- */

/* Takes such jobs that are settled together out of the line, in their order; NULL when there is none. */
static hn_study_job *take_settled(line *l, bool early)
{
    hn_study_job *first = NULL, **end = &first, **at = &l->first;
    l->last = NULL;
    for (int n = 0; *at;) {
        hn_study_job *job = *at;
        if (job->settle && job->early == early && n < MOST_SETTLED) {
            *at = job->next;
            *end = job;
            end = &job->next;
            n++;
        } else {
            l->last = job;
            at = &job->next;
        }
    }
    *end = NULL;
    return first;
}

/* Whoever has run waits for one that thinks for long, but not for those after it. */
static void run_settled(hn_study_job *first)
{
    while (first) {
        int64_t end = hn_monotonic_ns() + turn_ns;
        hn_study_job *last = first;
        last->run(last);
        while (last->next && hn_monotonic_ns() < end) {
            last = last->next;
            last->run(last);
        }
        hn_study_job *rest = last->next;
        last->next = NULL;
        first->settle(first);
        first = rest;
    }
}

/* What is settled together, and other jobs of the line for a while. A job may free itself. */
static void take_turn(hn_study_queue *queue, line *l)
{
    int64_t end = hn_monotonic_ns() + turn_ns;
    for (int kind = 0; kind < 2; kind++) {
        hn_study_job *settled = take_settled(l, kind == 0);
        pthread_mutex_unlock(&queue->lock);
        run_settled(settled);
        pthread_mutex_lock(&queue->lock);
    }
    for (bool first = true; l->first && !l->first->settle && (first || hn_monotonic_ns() < end);
         first = false) {
        hn_study_job *job = l->first;
        l->first = job->next;
        pthread_mutex_unlock(&queue->lock);
        job->run(job);
        pthread_mutex_lock(&queue->lock);
    }
}

static void *serve_lines(void *user)
{
    hn_study_queue *queue = user;
    pthread_mutex_lock(&queue->lock);
    for (;;) {
        while (!queue->ready && !queue->stopping) {
            pthread_cond_wait(&queue->work, &queue->lock);
        }
        line *l = queue->ready;
        if (!l) {
            break;
        }
        queue->ready = l->next_ready;
        take_turn(queue, l);
        if (l->first) {
            make_ready(queue, l);
        } else {
            forget_line(queue, l);
        }
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

/* --- the queue --- */

hone_status hn_study_queue_create(size_t threads, hn_study_queue **queue, hone_error *err)
{
    hn_study_queue *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->work, NULL);
    made->threads = hn_calloc(threads, sizeof *made->threads);
    hone_status status = made->threads ? HONE_OK : hn_out_of_memory(err);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; !status && made->n_threads < threads; made->n_threads++) {
        if (pthread_create(&made->threads[made->n_threads], NULL, serve_lines, made)) {
            status = hn_fail(err, HONE_IO, "cannot start %zu threads", threads);
            break;
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status) {
        hn_study_queue_destroy(made);
        return status;
    }
    *queue = made;
    return HONE_OK;
}

void hn_study_queue_destroy(hn_study_queue *queue)
{
    if (!queue) {
        return;
    }
    pthread_mutex_lock(&queue->lock);
    queue->stopping = true;
    pthread_cond_broadcast(&queue->work);
    pthread_mutex_unlock(&queue->lock);
    for (size_t i = 0; i < queue->n_threads; i++) {
        pthread_join(queue->threads[i], NULL);
    }
    pthread_cond_destroy(&queue->work);
    pthread_mutex_destroy(&queue->lock);
    hn_free(queue->threads);
    hn_free(queue);
}
