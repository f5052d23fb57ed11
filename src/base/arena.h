/* base/arena.h: memory that is released all at once: parse trees, per-ask scratch. One thread at a time. */
#ifndef HN_BASE_ARENA_H
#define HN_BASE_ARENA_H

#include <stddef.h>

typedef struct hn_arena_block hn_arena_block;

typedef struct hn_arena {
    hn_arena_block *blocks; /* newest first; kept over a reset */
    size_t used;            /* bytes used in the newest block */
} hn_arena;

#define HN_ARENA_INIT                                                                                        \
    {                                                                                                        \
        0                                                                                                    \
    }

/* 16-byte aligned, zeroed; NULL when memory is out or count * size overflows. O(size). */
void *hn_arena_alloc(hn_arena *arena, size_t count, size_t size);
/* As hn_arena_alloc, not zeroed, 64-byte aligned: for numeric scratch. */
void *hn_arena_scratch(hn_arena *arena, size_t count, size_t size);
char *hn_arena_strdup(hn_arena *arena, const char *text);
char *hn_arena_strndup(hn_arena *arena, const char *text, size_t size);
char *hn_arena_printf(hn_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Forgets everything, keeping the largest block for reuse. */
void hn_arena_reset(hn_arena *arena);
void hn_arena_release(hn_arena *arena);

#define HN_ARENA_NEW(arena, type, count) ((type *)hn_arena_alloc((arena), (count), sizeof(type)))

#endif
