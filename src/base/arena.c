/* arena.c: a list of blocks, newest first; only the newest has free room. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_BLOCK = 1024, LARGEST_BLOCK = 1 << 20, ALIGNMENT = 64 };

struct hn_arena_block {
    _Alignas(ALIGNMENT) hn_arena_block *next;
    size_t size; /* of data */
    _Alignas(ALIGNMENT) unsigned char data[];
};

static hn_arena_block *new_block(size_t size)
{
    if (size > PTRDIFF_MAX - sizeof(hn_arena_block))
        return NULL;
    hn_arena_block *block = hn_aligned_array(1, sizeof(hn_arena_block) + size);
    if (block != NULL)
        block->size = size;
    return block;
}

/* Memory that the newest block has no room for. A request that would fill most of a new block gets one of its
 * own behind the newest, whose remaining room stays in use. */
static void *allocate_in_new_block(hn_arena *arena, size_t bytes)
{
    size_t next_size = FIRST_BLOCK;
    if (arena->blocks != NULL)
        next_size = arena->blocks->size < LARGEST_BLOCK ? arena->blocks->size * 2 : LARGEST_BLOCK;
    bool apart = arena->blocks != NULL && bytes > next_size / 2;
    hn_arena_block *block = new_block(apart || bytes > next_size ? bytes : next_size);
    if (block == NULL)
        return NULL;
    if (apart) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
        arena->used = bytes;
    }
    return block->data;
}

static void *allocate(hn_arena *arena, size_t count, size_t size, size_t alignment)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX)
        return NULL;
    size_t start = (arena->used + alignment - 1) / alignment * alignment;
    if (arena->blocks != NULL && start <= arena->blocks->size && bytes <= arena->blocks->size - start) {
        arena->used = start + bytes;
        return arena->blocks->data + start;
    }
    return allocate_in_new_block(arena, bytes);
}

void *hn_arena_alloc(hn_arena *arena, size_t count, size_t size)
{
    void *memory = allocate(arena, count, size, 16);
    if (memory != NULL)
        memset(memory, 0, count * size);
    return memory;
}

void *hn_arena_scratch(hn_arena *arena, size_t count, size_t size)
{
    return allocate(arena, count, size, ALIGNMENT);
}

char *hn_arena_strdup(hn_arena *arena, const char *text)
{
    return hn_arena_strndup(arena, text, strlen(text));
}

char *hn_arena_strndup(hn_arena *arena, const char *text, size_t size)
{
    size = strnlen(text, size);
    char *copy = allocate(arena, size + 1, 1, 1);
    if (copy != NULL) {
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    return copy;
}

char *hn_arena_printf(hn_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    char *text = size < 0 ? NULL : allocate(arena, (size_t)size + 1, 1, 1);
    if (text != NULL)
        vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

void hn_arena_reset(hn_arena *arena)
{
    hn_arena_block *largest = arena->blocks;
    for (hn_arena_block *block = arena->blocks; block != NULL; block = block->next)
        if (block->size > largest->size)
            largest = block;
    for (hn_arena_block *block = arena->blocks, *next; block != NULL; block = next) {
        next = block->next;
        if (block != largest)
            hn_free(block);
    }
    if (largest != NULL)
        largest->next = NULL;
    arena->blocks = largest;
    arena->used = 0;
}

void hn_arena_release(hn_arena *arena)
{
    hn_arena_reset(arena);
    hn_free(arena->blocks);
    *arena = (hn_arena)HN_ARENA_INIT;
}
