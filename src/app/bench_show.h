/* app/bench_show.h: the benchmark's problems and measures for people and machines. */
#ifndef HN_APP_BENCH_SHOW_H
#define HN_APP_BENCH_SHOW_H

#include "app/bench_compare.h"
#include "hone/app.h"
#include "problem/problem.h"

/* measures: of what all traces have. families: of the i-th problem of the measures, NULL where it is not
 * known. */
typedef struct hn_bench_report {
    const hn_bench_measures *measures;
    const char *const *families; /* (n_problems,) */
    size_t n_comparisons;
    const hn_bench_comparison *comparisons; /* (n_comparisons,) */
} hn_bench_report;

hone_status hn_bench_show(const hn_bench_report *report, hone_format format, const hone_sink *sink,
                          hone_error *err);
hone_status hn_bench_show_problems(const hn_problem *const *problems, size_t n, hone_format format,
                                   const hone_sink *sink, hone_error *err);

#endif
