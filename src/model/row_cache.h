/* model/row_cache.h: rows of a matrix too large to hold, made when they are asked for; the least recently
 * used ones make room. One thread at a time.
 */
#ifndef HN_MODEL_ROW_CACHE_H
#define HN_MODEL_ROW_CACHE_H

#include "base/arena.h"

typedef struct hn_row_cache hn_row_cache;

/* Writes row i (n,) of the matrix. */
typedef void (*hn_row_maker)(void *user, size_t i, double *row);

/* For an (n, n) matrix: keeps as many rows as fit into `bytes`, at least 2, at most n. In scratch; NULL when
 * memory is out. */
hn_row_cache *hn_row_cache_new(size_t n, size_t bytes, hn_row_maker make, void *user, hn_arena *scratch);
/* Row i (n,): valid until two other rows have been asked for. */
const double *hn_row_cache_row(void *cache, size_t i);

#endif
