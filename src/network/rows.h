/* network/rows.h: sums over arrays of floats that layers share. Thread-safe. */
#ifndef HN_NETWORK_ROWS_H
#define HN_NETWORK_ROWS_H

#include <stddef.h>

/* Every row of out (n, width) becomes a copy of row (width,). */
void hn_rows_fill(const float *row, size_t n, size_t width, float *out);
/* out (width,) = sum of the rows of x (n, width). */
void hn_rows_sum(const float *x, size_t n, size_t width, float *out);
/* Sum of x (n,), and of its squares, in sixteen interleaved partial sums over short runs. */
double hn_floats_sum(const float *x, size_t n);
double hn_floats_square_sum(const float *x, size_t n);

#endif
