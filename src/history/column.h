/* history/column.h: one parameter's values over all trials, with the distribution each was drawn from.
 * Distributions are interned, so that a cell costs 12 bytes: the value and a 32-bit number, where 0 says
 * that the trial lacks the parameter. */
#ifndef HN_HISTORY_COLUMN_H
#define HN_HISTORY_COLUMN_H

#include "base/arena.h"
#include "space/distribution.h"

typedef struct hn_column {
    double *values; /* (rows,) raw; 0 where absent */
    uint32_t *ids;  /* (rows,) 1 + index into distributions; 0 = absent */
    const hn_distribution **distributions;
    size_t n_distributions, capacity;
    uint32_t *slots; /* hash table of ids, 0 = empty; a power of two of them */
    size_t n_slots;
    uint32_t latest;    /* id in the highest row that has the parameter, 0 = none yet */
    int64_t latest_row; /* that row */
} hn_column;

void hn_column_release(hn_column *column);
/* Room for so many rows; 0 on success, -1 when memory is out. The rows between the old and the new capacity
 * are not set. */
int hn_column_reserve(hn_column *column, size_t rows);
void hn_column_clear_cell(hn_column *column, size_t row);
void hn_column_set_cell(hn_column *column, size_t row, double value, uint32_t id);
/* The id of a distribution, copied into arena when it is new. O(1), choices compared. */
hone_status hn_column_intern(hn_column *column, hn_arena *arena, const hn_distribution *distribution,
                             uint32_t *id, hone_error *err);
/* NULL for id 0. */
const hn_distribution *hn_column_distribution(const hn_column *column, uint32_t id);

#endif
