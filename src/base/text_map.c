/* text_map.c: open addressing with linear probing over FNV-1a hashes, at most half full. */
#include "base/text_map.h"

#include <string.h>

#include "base/memory.h"

uint64_t hn_hash_bytes(const void *bytes, size_t size, uint64_t seed)
{
    const unsigned char *byte = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ seed;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* The slot that holds key, or the empty one where it belongs. n_slots is not 0. */
static size_t probe(const hn_text_map *map, const char *key)
{
    size_t mask = map->n_slots - 1;
    size_t slot = (size_t)hn_hash_bytes(key, strlen(key), 0) & mask;
    while (map->slots[slot] != 0 && strcmp(map->keys[map->slots[slot] - 1], key) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

size_t hn_text_map_find(const hn_text_map *map, const char *key)
{
    if (map->n_slots == 0)
        return HN_TEXT_MAP_NONE;
    uint32_t found = map->slots[probe(map, key)];
    return found == 0 ? HN_TEXT_MAP_NONE : found - 1;
}

static int rehash(hn_text_map *map, size_t n_slots)
{
    uint32_t *slots = hn_calloc(n_slots, sizeof *slots);
    if (slots == NULL)
        return -1;
    hn_free(map->slots);
    map->slots = slots;
    map->n_slots = n_slots;
    for (size_t i = 0; i < map->count; i++)
        slots[probe(map, map->keys[i])] = (uint32_t)(i + 1);
    return 0;
}

size_t hn_text_map_intern(hn_text_map *map, const char *key)
{
    size_t found = hn_text_map_find(map, key);
    if (found != HN_TEXT_MAP_NONE)
        return found;
    if (map->count >= UINT32_MAX - 1 || HN_GROW(map->keys, map->count, map->capacity) != 0)
        return HN_TEXT_MAP_NONE;
    if ((map->count + 1) * 2 > map->n_slots && rehash(map, map->n_slots == 0 ? 16 : map->n_slots * 2) != 0)
        return HN_TEXT_MAP_NONE;
    char *copy = hn_strdup(key);
    if (copy == NULL)
        return HN_TEXT_MAP_NONE;
    map->slots[probe(map, key)] = (uint32_t)(map->count + 1);
    map->keys[map->count] = copy;
    return map->count++;
}

void hn_text_map_release(hn_text_map *map)
{
    for (size_t i = 0; i < map->count; i++)
        hn_free(map->keys[i]);
    hn_free(map->keys);
    hn_free(map->slots);
    *map = (hn_text_map)HN_TEXT_MAP_INIT;
}
