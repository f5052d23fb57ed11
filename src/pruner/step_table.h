/* pruner/step_table.h: what the completed trials reported at each step, in order: a quantile takes O(log
 * steps). A cache that follows the history; a completed trial is taken in once, at O(log n) comparisons
 * and a move of O(n) doubles a report. */
#ifndef HN_PRUNER_STEP_TABLE_H
#define HN_PRUNER_STEP_TABLE_H

#include "history/history.h"

typedef struct hn_step_column {
    int64_t step;
    double *losses; /* ascending; without NaN */
    size_t count, capacity;
    size_t n_reported; /* NaN included */
} hn_step_column;

typedef struct hn_step_table {
    const hn_history *history;
    bool *taken; /* (rows,) trial is in the table */
    size_t rows, n_taken;
    hn_step_column *columns; /* ascending step */
    size_t n_columns, capacity;
} hn_step_table;

void hn_step_table_release(hn_step_table *table);
/* Takes in the trials completed since. */
hone_status hn_step_table_update(hn_step_table *table, const hn_history *history, hone_error *err);
/* Quantile q in [0, 1] of the losses at a step, interpolated as NumPy does; NaN when fewer than n_min trials
 * reported there, or NaN only. */
double hn_step_table_quantile(const hn_step_table *table, int64_t step, size_t n_min, double q);

#endif
