/* history/ranking.h: trials in the order of their merit, kept while they arrive: sorted chunks of bounded
 * size under a Fenwick tree (Fenwick 1994) of their counts. Entries are never removed, because finished
 * trials never change. */
#ifndef HN_HISTORY_RANKING_H
#define HN_HISTORY_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Classes of merit, best first. */
typedef enum hn_merit_class {
    HN_MERIT_COMPLETE,   /* major: loss */
    HN_MERIT_REPORTED,   /* pruned with a report; major: -last step, minor: loss of the last report */
    HN_MERIT_PRUNED,     /* pruned without a report */
    HN_MERIT_INFEASIBLE, /* major: total violation */
} hn_merit_class;

/* Compared field by field in the order class, major, minor, number; no NaN. */
typedef struct hn_merit {
    double major, minor;
    uint32_t class;
    uint32_t number;
} hn_merit;

bool hn_merit_before(const hn_merit *a, const hn_merit *b);

typedef struct hn_ranking_chunk hn_ranking_chunk;

typedef struct hn_ranking {
    hn_ranking_chunk **chunks; /* none is empty */
    size_t n_chunks, capacity;
    size_t *tree; /* Fenwick tree, tree[1 .. n_chunks]; room for capacity + 1 */
    size_t count;
} hn_ranking;

void hn_ranking_release(hn_ranking *ranking);
/* 0, or -1 when memory is out (the ranking is then unchanged). Amortised O(chunk size + log n). */
int hn_ranking_insert(hn_ranking *ranking, hn_merit merit);
/* The number at rank r < count. O(log n). */
int64_t hn_ranking_at(const hn_ranking *ranking, size_t r);

/* Walks from the best: start with {0, 0}; false at the end. */
typedef struct hn_ranking_cursor {
    size_t chunk, offset;
} hn_ranking_cursor;
int hn_ranking_next(const hn_ranking *ranking, hn_ranking_cursor *cursor, int64_t *number);

#endif
