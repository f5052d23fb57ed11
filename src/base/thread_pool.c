/* thread_pool.c: threads that wait for a run, then draw indices from one counter until it is used up.
 *
 * Invariants, all under `mutex`:
 *   1. generation counts the runs begun; a thread takes part in each run exactly once.
 *   2. n_active is the number of threads that have not yet left the current run; the run ends when it is 0.
 *   3. task, user and n do not change while n_active > 0.
 */
#include "base/thread_pool.h"

#include <pthread.h>
#include <signal.h> /* lint: allow os: pthread_sigmask, so that the host's handlers never run on our threads */
#include <stdatomic.h>
#include <stdbool.h>

#include "base/memory.h"

typedef struct pool_thread {
    hn_thread_pool *pool;
    size_t worker; /* 1 .. threads-1; the caller is 0 */
    pthread_t thread;
} pool_thread;

struct hn_thread_pool {
    size_t threads; /* with the caller */
    size_t started;
    pool_thread *workers;      /* [started] */
    pthread_mutex_t run_mutex; /* held by the caller of a run: one run at a time */
    pthread_mutex_t mutex;
    pthread_cond_t begin, end;
    unsigned long generation;
    size_t n_active;
    bool stopping;
    hn_task task;
    void *user;
    size_t n;
    atomic_size_t next;
};

/* The pool whose task this thread is running, and as which worker. */
static _Thread_local const hn_thread_pool *current_pool;
static _Thread_local size_t current_worker;

static void run_inline(size_t n, hn_task task, void *user, size_t worker)
{
    for (size_t i = 0; i < n; i++)
        task(user, i, worker);
}

static void draw_tasks(hn_thread_pool *pool, size_t worker)
{
    current_pool = pool;
    current_worker = worker;
    size_t i;
    while ((i = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed)) < pool->n)
        pool->task(pool->user, i, worker);
    current_pool = NULL;
}

static void *thread_main(void *argument)
{
    pool_thread *self = argument;
    hn_thread_pool *pool = self->pool;
    unsigned long seen = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (pool->generation == seen && !pool->stopping)
            pthread_cond_wait(&pool->begin, &pool->mutex);
        if (pool->stopping)
            break;
        seen = pool->generation;
        pthread_mutex_unlock(&pool->mutex);
        draw_tasks(pool, self->worker);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->n_active == 0)
            pthread_cond_signal(&pool->end);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* The threads take no signals: those belong to the host's own threads. */
static int start_threads(hn_thread_pool *pool)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = 0;
    while (code == 0 && pool->started + 1 < pool->threads) {
        pool_thread *worker = &pool->workers[pool->started];
        *worker = (pool_thread){.pool = pool, .worker = pool->started + 1};
        code = pthread_create(&worker->thread, NULL, thread_main, worker);
        if (code == 0)
            pool->started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

hone_status hn_thread_pool_create(size_t threads, hn_thread_pool **pool, hone_error *err)
{
    if (threads < 1)
        return hn_fail(err, HONE_INVALID, "a thread pool needs at least 1 thread, found 0");
    hn_thread_pool *made = hn_calloc(1, sizeof *made);
    pool_thread *workers = hn_calloc(threads - 1, sizeof *workers);
    if (made == NULL || workers == NULL) {
        hn_free(workers);
        hn_free(made);
        return hn_out_of_memory(err);
    }
    made->threads = threads;
    made->workers = workers;
    pthread_mutex_init(&made->run_mutex, NULL);
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->begin, NULL);
    pthread_cond_init(&made->end, NULL);
    int code = start_threads(made);
    if (code != 0) {
        hone_status status =
            hn_fail(err, HONE_IO, "cannot start thread %zu of %zu", made->started + 2, threads);
        if (err != NULL)
            err->detail = code;
        hn_thread_pool_destroy(made);
        return status;
    }
    *pool = made;
    return HONE_OK;
}

void hn_thread_pool_destroy(hn_thread_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->begin);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->end);
    pthread_cond_destroy(&pool->begin);
    pthread_mutex_destroy(&pool->mutex);
    pthread_mutex_destroy(&pool->run_mutex);
    hn_free(pool->workers);
    hn_free(pool);
}

size_t hn_thread_pool_size(const hn_thread_pool *pool)
{
    return pool == NULL ? 1 : pool->threads;
}

void hn_thread_pool_run(hn_thread_pool *pool, size_t n, hn_task task, void *user)
{
    if (pool == NULL || current_pool != NULL) {
        run_inline(n, task, user, pool != NULL && pool == current_pool ? current_worker : 0);
        return;
    }
    pthread_mutex_lock(&pool->run_mutex);
    if (n <= 1 || pool->threads == 1) {
        current_pool = pool;
        current_worker = 0;
        run_inline(n, task, user, 0);
        current_pool = NULL;
    } else {
        pthread_mutex_lock(&pool->mutex);
        pool->task = task;
        pool->user = user;
        pool->n = n;
        atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
        pool->n_active = pool->started;
        pool->generation++;
        pthread_cond_broadcast(&pool->begin);
        pthread_mutex_unlock(&pool->mutex);
        draw_tasks(pool, 0);
        pthread_mutex_lock(&pool->mutex);
        while (pool->n_active > 0)
            pthread_cond_wait(&pool->end, &pool->mutex);
        pthread_mutex_unlock(&pool->mutex);
    }
    pthread_mutex_unlock(&pool->run_mutex);
}
