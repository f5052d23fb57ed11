#include "model/row_cache.h"

#include <stdint.h>

/* Slots are a ring in the order of their last use. */
typedef struct slot {
    size_t row; /* SIZE_MAX: none yet */
    size_t newer, older;
} slot;

struct hn_row_cache {
    size_t n, newest;
    hn_row_maker make;
    void *user;
    size_t *slot_of; /* (n,): SIZE_MAX, not held */
    slot *slots;
    double *values; /* (slots, n) */
};

static void link_slots(hn_row_cache *cache, size_t slots)
{
    for (size_t i = 0; i < slots; i++)
        cache->slots[i] = (slot){.row = SIZE_MAX, .newer = (i + slots - 1) % slots, .older = (i + 1) % slots};
    for (size_t i = 0; i < cache->n; i++)
        cache->slot_of[i] = SIZE_MAX;
}

hn_row_cache *hn_row_cache_new(size_t n, size_t bytes, hn_row_maker make, void *user, hn_arena *scratch)
{
    size_t slots = bytes / sizeof(double) / (n ? n : 1);
    slots = slots < 2 ? 2 : slots > n && n > 2 ? n : slots;
    hn_row_cache *cache = HN_ARENA_NEW(scratch, hn_row_cache, 1);
    if (!cache)
        return NULL;
    *cache = (hn_row_cache){.n = n, .make = make, .user = user};
    cache->slot_of = hn_arena_scratch(scratch, n, sizeof *cache->slot_of);
    cache->slots = hn_arena_scratch(scratch, slots, sizeof *cache->slots);
    cache->values = hn_arena_scratch(scratch, n * slots, sizeof *cache->values);
    if (!cache->slot_of || !cache->slots || !cache->values)
        return NULL;
    link_slots(cache, slots);
    return cache;
}

/* The slot becomes the newest of the ring. */
static void touch(hn_row_cache *cache, size_t at)
{
    slot *slots = cache->slots;
    size_t oldest = slots[cache->newest].newer;
    if (at == cache->newest)
        return;
    if (at != oldest) { /* out of its place, in between the oldest and the newest */
        slots[slots[at].newer].older = slots[at].older;
        slots[slots[at].older].newer = slots[at].newer;
        slots[at].newer = oldest;
        slots[at].older = cache->newest;
        slots[oldest].older = at;
        slots[cache->newest].newer = at;
    }
    cache->newest = at;
}

const double *hn_row_cache_row(void *user, size_t i)
{
    hn_row_cache *cache = user;
    size_t at = cache->slot_of[i];
    if (at == SIZE_MAX) {
        at = cache->slots[cache->newest].newer;
        if (cache->slots[at].row != SIZE_MAX)
            cache->slot_of[cache->slots[at].row] = SIZE_MAX;
        cache->slots[at].row = i;
        cache->slot_of[i] = at;
        cache->make(cache->user, i, cache->values + at * cache->n);
    }
    touch(cache, at);
    return cache->values + at * cache->n;
}
