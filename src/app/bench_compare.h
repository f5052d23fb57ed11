/* app/bench_compare.h: one trace beside another on the searches that both have, so that a peer with fewer
 * seeds, problems or trials limits only its own comparison.
 */
#ifndef HN_APP_BENCH_COMPARE_H
#define HN_APP_BENCH_COMPARE_H

#include "app/bench_measure.h"

/* After so many trials; regrets and their logarithms as in hn_bench_score. */
typedef struct hn_bench_comparison {
    const hn_bench_trace *ours, *theirs; /* borrowed */
    size_t trials, n_problems, fewest_seeds, most_seeds;
    hn_bench_score our_score, their_score; /* ranks among the two */
    size_t n_lower;                        /* problems on which our mean regret is the lower one */
    double difference; /* of the mean regrets, ours less theirs: the mean over the problems */
    double bound; /* of the mean difference over the seeds that have all problems, the one-sided 95 % upper
                     one by Student's t; NaN with fewer than two such seeds */
    double
        p; /* Wilcoxon's signed-rank test over the problems' mean regrets, one-sided: small = ours is lower */
    double corrected; /* by Holm (1979), for the number of comparisons; NaN, as p, with one problem */
} hn_bench_comparison;

/* Each of the first n_ours traces with each later one, for each budget on the searches of both that reach it,
 * if there are any. comparisons: (n,) in the arena. HONE_INVALID as hn_bench_measure. */
hone_status hn_bench_compare(const hn_bench_trace *const *traces, size_t n_ours, size_t n_traces,
                             const size_t *budgets, size_t n_budgets, hn_arena *arena,
                             hn_bench_comparison **comparisons, size_t *n, hone_error *err);

#endif
