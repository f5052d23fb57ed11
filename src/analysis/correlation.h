/* analysis/correlation.h: how columns of numbers go together, pair by pair over the rows that have both. */
#ifndef HN_ANALYSIS_CORRELATION_H
#define HN_ANALYSIS_CORRELATION_H

#include "base/arena.h"
#include "base/error.h"

/* columns: (k, n), not finite where there is none. Each output is a symmetric matrix (k, k): Pearson's
 * coefficient, Spearman's (the same of ranks, ties having their mean rank), NaN where a column does not vary
 * over the rows of the pair or there are fewer than two; rows: how many there are. O(k^2 n log n). */
hone_status hn_correlate(const double *columns, size_t k, size_t n, hn_arena *scratch, double *pearson,
                         double *spearman, size_t *rows, hone_error *err);

#endif
