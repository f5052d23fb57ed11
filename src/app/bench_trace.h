/* app/bench_trace.h: trace files: what one sampler found on each problem and seed (the format is in
 * bench/README.md).
 */
#ifndef HN_APP_BENCH_TRACE_H
#define HN_APP_BENCH_TRACE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

/* One study. */
typedef struct hn_bench_row {
    const char *problem;
    int64_t seed;
    double optimum, median;
    size_t n;
    double *values; /* (n,) as evaluated, lower is better; NaN: a trial without a value */
} hn_bench_row;

typedef struct hn_bench_trace {
    hn_arena arena; /* of everything below */
    const char *sampler, *version, *command;
    size_t n_rows;
    hn_bench_row *rows; /* (n_rows,) by problem, then seed */
    size_t n_asks;
    double *ask_seconds; /* (n_asks,) ascending; NULL: not known */
} hn_bench_trace;

/* Sorts the rows; HONE_INVALID for two of one problem and seed. */
hone_status hn_bench_trace_finish(hn_bench_trace *trace, hone_error *err);
/* NULL when there is none. O(log rows). */
const hn_bench_row *hn_bench_trace_find(const hn_bench_trace *trace, const char *problem, int64_t seed);
/* Adds the rows of another trace of the same sampler and version, whose arena has to stay; of a search that
 * is in both the longer row. */
hone_status hn_bench_trace_join(hn_bench_trace *trace, const hn_bench_trace *other, hone_error *err);
/* Of the problem that has the fewest, and of the one that has the most. 0 without a row. */
void hn_bench_trace_count_seeds(const hn_bench_trace *trace, size_t *fewest, size_t *most);
/* Are optimum and median the same up to the digits of a file? Otherwise the problem changed in between. */
bool hn_bench_same_scale(const hn_bench_row *a, const hn_bench_row *b);
/* As lines of a file: everything before the rows, and one row. */
void hn_bench_trace_print_header(hn_buffer *out, const hn_bench_trace *trace);
void hn_bench_trace_print_row(hn_buffer *out, const hn_bench_row *row);
/* HONE_PARSE names the line. Release the trace in any case. */
hone_status hn_bench_trace_read(const char *path, hn_bench_trace *trace, hone_error *err);
/* The whole file or none, compressed when its name ends in .gz; six significant digits. */
hone_status hn_bench_trace_write(const hn_bench_trace *trace, const char *path, hone_error *err);
void hn_bench_trace_release(hn_bench_trace *trace);

#endif
