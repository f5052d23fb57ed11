/* app/bench_show.h: the benchmark's problems and measures for people and machines. */
#ifndef HN_APP_BENCH_SHOW_H
#define HN_APP_BENCH_SHOW_H

#include "app/bench_measure.h"
#include "hone/app.h"
#include "problem/problem.h"

/* n_searched: so many traces at the front are searches of now, the others are compared with. family_of: of
 * the i-th problem of the measures, NULL where it is not known. */
typedef struct hn_bench_report {
    const hn_bench_measures *measures;
    size_t n_searched;
    const char *const *families; /* (n_problems,) */
} hn_bench_report;

hone_status hn_bench_show(const hn_bench_report *report, hone_format format, const hone_sink *sink,
                          hone_error *err);
hone_status hn_bench_show_problems(const hn_problem *const *problems, size_t n, hone_format format,
                                   const hone_sink *sink, hone_error *err);

#endif
