#include "history/ranking.h"

#include <string.h>

#include "base/memory.h"

/* 6 KB a chunk: moving half of one costs less than the cache misses of finding it. */
enum { CHUNK_SIZE = 256 };

struct hn_ranking_chunk {
    size_t count;
    hn_merit merits[CHUNK_SIZE]; /* ascending */
};

bool hn_merit_before(const hn_merit *a, const hn_merit *b)
{
    if (a->class != b->class) {
        return a->class < b->class;
    }
    if (a->major != b->major) {
        return a->major < b->major;
    }
    if (a->minor != b->minor) {
        return a->minor < b->minor;
    }
    return a->number < b->number;
}

void hn_ranking_release(hn_ranking *ranking)
{
    for (size_t i = 0; i < ranking->n_chunks; i++) {
        hn_free(ranking->chunks[i]);
    }
    hn_free(ranking->chunks);
    hn_free(ranking->tree);
}

/* tree[i] sums the counts of the (i & -i) chunks that end with chunk i - 1. */
static void rebuild_tree(hn_ranking *ranking)
{
    size_t n = ranking->n_chunks;
    for (size_t i = 1; i <= n; i++) {
        ranking->tree[i] = ranking->chunks[i - 1]->count;
    }
    for (size_t i = 1; i <= n; i++) {
        size_t parent = i + (i & (~i + 1));
        if (parent <= n) {
            ranking->tree[parent] += ranking->tree[i];
        }
    }
}

/* Puts an empty chunk at directory position `at`; the caller fills it and rebuilds the tree. */
static hn_ranking_chunk *add_chunk(hn_ranking *ranking, size_t at)
{
    if (HN_GROW(ranking->chunks, ranking->n_chunks, ranking->capacity) != 0) {
        return NULL;
    }
    size_t *tree = hn_realloc_array(ranking->tree, ranking->capacity + 1, sizeof *tree);
    if (tree == NULL) {
        return NULL;
    }
    ranking->tree = tree;
    hn_ranking_chunk *chunk = hn_malloc(sizeof *chunk);
    if (chunk == NULL) {
        return NULL;
    }
    chunk->count = 0;
    memmove(ranking->chunks + at + 1, ranking->chunks + at,
            (ranking->n_chunks - at) * sizeof *ranking->chunks);
    ranking->chunks[at] = chunk;
    ranking->n_chunks++;
    return chunk;
}

/* The first chunk whose last entry is not before the merit, or the last chunk. */
static size_t find_chunk(const hn_ranking *ranking, const hn_merit *merit)
{
    size_t low = 0, high = ranking->n_chunks - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const hn_ranking_chunk *chunk = ranking->chunks[middle];
        if (hn_merit_before(&chunk->merits[chunk->count - 1], merit)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static size_t find_offset(const hn_ranking_chunk *chunk, const hn_merit *merit)
{
    size_t low = 0, high = chunk->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (hn_merit_before(&chunk->merits[middle], merit)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Moves the upper half of a full chunk into a new one behind it. A full last chunk that is appended to stays
 * whole instead, so that trials arriving in order leave full chunks. */
static int split(hn_ranking *ranking, size_t at, bool appending)
{
    hn_ranking_chunk *upper = add_chunk(ranking, at + 1);
    if (upper == NULL) {
        return -1;
    }
    hn_ranking_chunk *lower = ranking->chunks[at];
    size_t kept = appending ? CHUNK_SIZE : CHUNK_SIZE / 2;
    upper->count = CHUNK_SIZE - kept;
    memcpy(upper->merits, lower->merits + kept, upper->count * sizeof *upper->merits);
    lower->count = kept;
    return 0;
}

int hn_ranking_insert(hn_ranking *ranking, hn_merit merit)
{
    bool stale = false; /* the tree does not describe the chunks any more */
    if (ranking->n_chunks == 0) {
        if (add_chunk(ranking, 0) == NULL) {
            return -1;
        }
        stale = true;
    }
    size_t at = ranking->count == 0 ? 0 : find_chunk(ranking, &merit);
    size_t offset = find_offset(ranking->chunks[at], &merit);
    if (ranking->chunks[at]->count == CHUNK_SIZE) {
        bool appending = at + 1 == ranking->n_chunks && offset == CHUNK_SIZE;
        if (split(ranking, at, appending) != 0) {
            return -1;
        }
        stale = true;
        if (offset > CHUNK_SIZE / 2) {
            offset -= ranking->chunks[at]->count;
            at++;
        }
    }
    hn_ranking_chunk *chunk = ranking->chunks[at];
    memmove(chunk->merits + offset + 1, chunk->merits + offset,
            (chunk->count - offset) * sizeof *chunk->merits);
    chunk->merits[offset] = merit;
    chunk->count++;
    ranking->count++;
    if (stale) {
        rebuild_tree(ranking);
    } else {
        for (size_t i = at + 1; i <= ranking->n_chunks; i += i & (~i + 1)) {
            ranking->tree[i]++;
        }
    }
    return 0;
}

int64_t hn_ranking_at(const hn_ranking *ranking, size_t r)
{
    size_t chunk = 0, bit = 1;
    while (2 * bit <= ranking->n_chunks) {
        bit *= 2;
    }
    for (; bit > 0; bit /= 2) {
        if (chunk + bit <= ranking->n_chunks && ranking->tree[chunk + bit] <= r) {
            chunk += bit;
            r -= ranking->tree[chunk];
        }
    }
    return ranking->chunks[chunk]->merits[r].number;
}

int hn_ranking_next(const hn_ranking *ranking, hn_ranking_cursor *cursor, int64_t *number)
{
    if (cursor->chunk == ranking->n_chunks) {
        return 0;
    }
    const hn_ranking_chunk *chunk = ranking->chunks[cursor->chunk];
    *number = chunk->merits[cursor->offset++].number;
    if (cursor->offset == chunk->count) {
        cursor->chunk++;
        cursor->offset = 0;
    }
    return 1;
}
