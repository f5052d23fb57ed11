/* app/bench_partial.h: the beginning of a trace whose searches are under way: FILE.partial beside it, with a
 * row as soon as it is finished, so that an interrupted run goes on where it was.
 */
#ifndef HN_APP_BENCH_PARTIAL_H
#define HN_APP_BENCH_PARTIAL_H

#include "app/bench_trace.h"

typedef struct hn_bench_partial {
    hn_arena arena;
    const char *path;     /* NULL: the target is no file, nothing is kept */
    hn_bench_trace found; /* what an interrupted run of the same command has finished */
} hn_bench_partial;

/* header: a trace, of which sampler, version and command are read. HONE_EXISTS when the file is the beginning
 * of another one. Close in any case. */
hone_status hn_bench_partial_open(const char *target, const hn_bench_trace *header, hn_bench_partial *partial,
                                  hone_error *err);
/* Thread-safe: a row goes to the end of the file at once. */
hone_status hn_bench_partial_add(const hn_bench_partial *partial, const hn_bench_row *row, hone_error *err);
/* finished: the trace itself is written, the file is removed. */
void hn_bench_partial_close(hn_bench_partial *partial, bool finished);

#endif
