/* memory.c: the heap behind a counter that can be told to fail. */
#include "base/memory.h"

#include <malloc.h> /* lint: allow os: malloc_trim */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_long n_allocations; /* since the last hn_memory_fail_at */
static atomic_long fail_at = -1;  /* the index of the allocation to fail, counted from 0 */
static atomic_bool fail_all_after;

static bool denied(void)
{
    long index = atomic_fetch_add_explicit(&n_allocations, 1, memory_order_relaxed);
    long target = atomic_load_explicit(&fail_at, memory_order_relaxed);
    if (target < 0 || index < target)
        return false;
    return index == target || atomic_load_explicit(&fail_all_after, memory_order_relaxed);
}

long hn_memory_fail_at(long k, int sticky)
{
    atomic_store(&fail_at, -1);
    atomic_store(&fail_all_after, sticky != 0);
    long made = atomic_exchange(&n_allocations, 0);
    atomic_store(&fail_at, k < 0 ? -1 : k);
    return made;
}

/* count * size into *bytes (at least 1); false when that overflows. */
static bool multiply(size_t count, size_t size, size_t *bytes)
{
    if (__builtin_mul_overflow(count, size, bytes) || *bytes > PTRDIFF_MAX)
        return false;
    if (*bytes == 0)
        *bytes = 1;
    return true;
}

void *hn_calloc(size_t count, size_t size)
{
    size_t bytes;
    return multiply(count, size, &bytes) && !denied() ? calloc(1, bytes) : NULL;
}

void *hn_malloc(size_t size)
{
    size_t bytes;
    return multiply(1, size, &bytes) && !denied() ? malloc(bytes) : NULL;
}

void *hn_realloc_array(void *old, size_t count, size_t size)
{
    size_t bytes;
    return multiply(count, size, &bytes) && !denied() ? realloc(old, bytes) : NULL;
}

void hn_free(void *pointer)
{
    free(pointer);
}

char *hn_strdup(const char *text)
{
    return hn_strndup(text, strlen(text));
}

char *hn_strndup(const char *text, size_t size)
{
    size = strnlen(text, size);
    char *copy = hn_malloc(size + 1);
    if (copy != NULL) {
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    return copy;
}

void *hn_aligned_array(size_t count, size_t size)
{
    size_t bytes;
    if (!multiply(count, size, &bytes) || bytes > PTRDIFF_MAX - 63 || denied())
        return NULL;
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

int hn_grow(void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return 0;
    size_t wanted = *capacity < 8 ? 8 : *capacity * 2;
    if (wanted <= count)
        wanted = count + 1;
    void *grown = hn_realloc_array(*items, wanted, size);
    if (grown == NULL)
        return -1;
    *items = grown;
    *capacity = wanted;
    return 0;
}

void hn_memory_trim(void)
{
    malloc_trim(0);
}
