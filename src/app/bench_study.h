/* app/bench_study.h: a study without a storage: what one search of the benchmark is made of. */
#ifndef HN_APP_BENCH_STUDY_H
#define HN_APP_BENCH_STUDY_H

#include "app/bench_search.h"
#include "pruner/pruner.h"
#include "sampler/sampler.h"

typedef struct hn_bench_study {
    const hn_bench_plan *plan;
    const hn_problem *problem;
    uint64_t seed;
    hn_problem_instance *instance;
    hn_sampler *sampler;
    hn_pruner *pruner; /* NULL: none was named */
    hn_history *history;
    hn_space *space;
    hn_arena arena, scratch;
    hone_error *err;
} hn_bench_study;

/* search: a sampler, or SAMPLER+PRUNER. A pruner whose max_resource is not given is told the epochs of the
 * problem; a problem without learning curves refuses any. Release in any case. */
hone_status hn_bench_study_make(const hn_bench_plan *plan, const hn_problem *problem, uint64_t seed,
                                const char *search, hn_bench_study *study, hone_error *err);
void hn_bench_study_release(hn_bench_study *study);

/* In the study's scratch. */
hn_ask hn_bench_study_ask(hn_bench_study *study, const hn_space *space, int64_t number);
/* The next n points. HONE_LIMIT when the space is used up. */
hone_status hn_bench_study_propose(hn_bench_study *study, const hn_ask *ask, size_t n, hn_point *points);
/* Puts trial `number`; times are places in the order of things. */
hone_status hn_bench_study_put(hn_bench_study *study, int64_t number, const hn_point *point,
                               hone_trial_state state, double value, const hn_trial_report *reports,
                               size_t n_reports, int64_t complete_us);

#endif
