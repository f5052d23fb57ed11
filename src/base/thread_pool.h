/* base/thread_pool.h: a fixed set of threads that run index ranges. Internally synchronised; a run from
 * inside a task runs inline. */
#ifndef HN_BASE_THREAD_POOL_H
#define HN_BASE_THREAD_POOL_H

#include <stddef.h>

#include "base/error.h"

typedef struct hn_thread_pool hn_thread_pool;
/* index: 0 .. n-1 each once; worker: 0 .. threads-1, for per-thread scratch. */
typedef void (*hn_task)(void *user, size_t index, size_t worker);

/* threads counts the caller: 1 starts none. */
hone_status hn_thread_pool_create(size_t threads, hn_thread_pool **pool, hone_error *err);
void hn_thread_pool_destroy(hn_thread_pool *pool);
size_t hn_thread_pool_size(const hn_thread_pool *pool);
/* Runs all n tasks, the caller taking part; returns when all are done. pool NULL runs them in the caller. */
void hn_thread_pool_run(hn_thread_pool *pool, size_t n, hn_task task, void *user);

#endif
