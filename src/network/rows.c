#include "network/rows.h"

#include <stdbool.h>
#include <string.h>

#include "math/wide.h"

/* clang calls what it makes for instruction sets from this file only: the public functions are apart. */
enum { LANES = 16, RUN = 4096 };

WIDE static void fill_rows(const float *row, size_t n, size_t width, float *out)
{
    for (size_t i = 0; i < n; i++, out += width) {
        for (size_t k = 0; k < width; k++) {
            out[k] = row[k];
        }
    }
}

WIDE static void sum_rows(const float *x, size_t n, size_t width, float *out)
{
    memset(out, 0, width * sizeof *out);
    for (size_t i = 0; i < n; i++, x += width) {
        for (size_t k = 0; k < width; k++) {
            out[k] += x[k];
        }
    }
}

static inline __attribute__((always_inline)) double sum_by_lanes(const float *x, size_t n, bool squares)
{
    double sum = 0;
    for (size_t at = 0; at < n;) {
        size_t end = at + RUN < n ? at + RUN : n;
        float sums[LANES] = {0};
        for (; at + LANES <= end; at += LANES) {
            for (size_t k = 0; k < LANES; k++) {
                sums[k] += squares ? x[at + k] * x[at + k] : x[at + k];
            }
        }
        for (; at < end; at++) {
            sums[0] += squares ? x[at] * x[at] : x[at];
        }
        for (size_t k = 0; k < LANES; k++) {
            sum += sums[k];
        }
    }
    return sum;
}

WIDE static double sum_floats(const float *x, size_t n)
{
    return sum_by_lanes(x, n, false);
}

WIDE static double sum_float_squares(const float *x, size_t n)
{
    return sum_by_lanes(x, n, true);
}

/* --- from other files --- */

void hn_rows_fill(const float *row, size_t n, size_t width, float *out)
{
    fill_rows(row, n, width, out);
}

void hn_rows_sum(const float *x, size_t n, size_t width, float *out)
{
    sum_rows(x, n, width, out);
}

double hn_floats_sum(const float *x, size_t n)
{
    return sum_floats(x, n);
}

double hn_floats_square_sum(const float *x, size_t n)
{
    return sum_float_squares(x, n);
}
