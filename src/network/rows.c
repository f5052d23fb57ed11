#include "network/rows.h"

#include <string.h>

#include "network/wide.h"

enum { LANES = 16, RUN = 4096 };

WIDE void hn_rows_fill(const float *row, size_t n, size_t width, float *out)
{
    for (size_t i = 0; i < n; i++, out += width) {
        for (size_t k = 0; k < width; k++) {
            out[k] = row[k];
        }
    }
}

WIDE void hn_rows_sum(const float *x, size_t n, size_t width, float *out)
{
    memset(out, 0, width * sizeof *out);
    for (size_t i = 0; i < n; i++, x += width) {
        for (size_t k = 0; k < width; k++) {
            out[k] += x[k];
        }
    }
}

WIDE double hn_floats_sum(const float *x, size_t n)
{
    double sum = 0;
    for (size_t at = 0; at < n;) {
        size_t end = at + RUN < n ? at + RUN : n;
        float sums[LANES] = {0};
        for (; at + LANES <= end; at += LANES) {
            for (size_t k = 0; k < LANES; k++) {
                sums[k] += x[at + k];
            }
        }
        for (; at < end; at++) {
            sums[0] += x[at];
        }
        for (size_t k = 0; k < LANES; k++) {
            sum += sums[k];
        }
    }
    return sum;
}

WIDE double hn_floats_square_sum(const float *x, size_t n)
{
    double sum = 0;
    for (size_t at = 0; at < n;) {
        size_t end = at + RUN < n ? at + RUN : n;
        float sums[LANES] = {0};
        for (; at + LANES <= end; at += LANES) {
            for (size_t k = 0; k < LANES; k++) {
                sums[k] += x[at + k] * x[at + k];
            }
        }
        for (; at < end; at++) {
            sums[0] += x[at] * x[at];
        }
        for (size_t k = 0; k < LANES; k++) {
            sum += sums[k];
        }
    }
    return sum;
}
