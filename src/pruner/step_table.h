/* pruner/step_table.h: what the completed trials reported at a step, in order. A cache that follows the
 * history: a step's column takes in a trial once, when it is asked for, at O(log reports + log n) comparisons
 * and a move of O(n) doubles; many at once are sorted. */
#ifndef HN_PRUNER_STEP_TABLE_H
#define HN_PRUNER_STEP_TABLE_H

#include "pruner/finished.h"

typedef struct hn_step_column {
    int64_t step;
    hn_finished finished;
    double *losses; /* ascending; without NaN */
    size_t count, capacity;
    size_t n_reported; /* NaN included */
} hn_step_column;

typedef struct hn_step_table {
    hn_step_column *columns; /* ascending step */
    size_t n_columns, capacity;
} hn_step_table;

void hn_step_table_release(hn_step_table *table);
/* Quantile q in [0, 1] of the losses that completed trials reported at a step, interpolated as NumPy does;
 * NaN when fewer than n_min of them reported there, or NaN only. */
hone_status hn_step_table_quantile(hn_step_table *table, const hn_history *history, int64_t step,
                                   size_t n_min, double q, double *quantile, hone_error *err);

#endif
