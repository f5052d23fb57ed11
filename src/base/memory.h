/* base/memory.h: the only door to the heap. Sizes are checked before they are multiplied; tests can make
 * the k-th allocation fail. Thread-safe. */
#ifndef HN_BASE_MEMORY_H
#define HN_BASE_MEMORY_H

#include <stddef.h>

/* count * size bytes, zeroed; NULL on overflow or exhaustion. A zero size gives a unique non-NULL pointer. */
void *hn_calloc(size_t count, size_t size);
/* Not zeroed. */
void *hn_malloc(size_t size);
void *hn_realloc_array(void *old, size_t count, size_t size);
void hn_free(void *pointer);
char *hn_strdup(const char *text);
char *hn_strndup(const char *text, size_t size);
/* 64-byte aligned, not zeroed; free with hn_free. */
void *hn_aligned_array(size_t count, size_t size);

/* Makes room for one more element in a growable array: (T *items, size_t count, size_t capacity). 0 on
 * success, -1 when memory is out (the array is then unchanged). Doubles, so that appending is amortised
 * O(1). */
#define HN_GROW(items, count, capacity) hn_grow((void **)&(items), (count), &(capacity), sizeof *(items))
int hn_grow(void **items, size_t count, size_t *capacity, size_t size);

/* Hands memory that was freed back to the system; for after something large. */
void hn_memory_trim(void);

/* Fault injection (tests): the k-th allocation from now (0 = the next) fails, and all after it if sticky; k <
 * 0 turns it off. Returns how many allocations were made since the last call. */
long hn_memory_fail_at(long k, int sticky);

#endif
