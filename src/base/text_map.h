/* base/text_map.h: a hash map from text to a dense index 0, 1, 2 ... in order of insertion (an intern
 * table). Keys are copied. One thread at a time; reading from several threads is fine while nobody
 * inserts. */
#ifndef HN_BASE_TEXT_MAP_H
#define HN_BASE_TEXT_MAP_H

#include <stddef.h>
#include <stdint.h>

typedef struct hn_text_map {
    char **keys; /* keys[i] is the key of index i */
    size_t count, capacity;
    uint32_t *slots; /* index + 1, 0 = empty; a power of two of them */
    size_t n_slots;
} hn_text_map;

#define HN_TEXT_MAP_INIT                                                                                     \
    {                                                                                                        \
        0                                                                                                    \
    }
#define HN_TEXT_MAP_NONE SIZE_MAX

/* The index of key, or HN_TEXT_MAP_NONE. O(1). */
size_t hn_text_map_find(const hn_text_map *map, const char *key);
/* The index of key, inserted when new; HN_TEXT_MAP_NONE when memory is out. */
size_t hn_text_map_intern(hn_text_map *map, const char *key);
void hn_text_map_release(hn_text_map *map);

/* FNV-1a, 64 bits: stable across versions and machines. */
uint64_t hn_hash_bytes(const void *bytes, size_t size, uint64_t seed);

#endif
