/* app/bench_search.h: a sampler's searches of the benchmark's problems, as a trace. */
#ifndef HN_APP_BENCH_SEARCH_H
#define HN_APP_BENCH_SEARCH_H

#include "app/bench_partial.h"
#include "app/bench_trace.h"
#include "base/thread_pool.h"
#include "problem/problem.h"

typedef struct hn_bench_plan {
    const hn_problem *const *problems; /* (n_problems,) */
    size_t n_problems;
    uint64_t first_seed;
    size_t n_seeds;
    size_t trials;        /* of each search; of learning curves full runs' worth of epochs */
    size_t running;       /* trials that are always asked and not yet told, as with running + 1 workers */
    size_t batch;         /* trials that are asked together and told together; 0 = 1 */
    bool by_run;          /* one parameter is asked for after the other */
    hn_thread_pool *pool; /* threads over searches; may be NULL */
} hn_bench_plan;

/* The sampler sees what a study would show it: a declared space and a history that grows by one finished
 * trial at a time; one seed is searched on all problems before the next. sampler: as after `sampler:` in a
 * study file, or SAMPLER+PRUNER. Of a search by epochs value i is the lowest loss reported in the i-th full
 * run's worth of epochs. Fills the trace's rows and times of asks; its header stays. partial (may be NULL):
 * has the rows that need no search, and takes the others as soon as they are there. */
hone_status hn_bench_search(const hn_bench_plan *plan, const char *sampler, const hn_bench_partial *partial,
                            hn_bench_trace *trace, hone_error *err);

#endif
