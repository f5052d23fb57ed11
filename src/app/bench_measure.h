/* app/bench_measure.h: what traces say about samplers: the normalised regret (best so far - optimum) /
 * (median - optimum), clipped to [0, 1], on the searches that all of them have.
 */
#ifndef HN_APP_BENCH_MEASURE_H
#define HN_APP_BENCH_MEASURE_H

#include <stdbool.h>

#include "app/bench_trace.h"

/* Means over the problems of the means over the seeds of each. */
typedef struct hn_bench_score {
    double regret;
    double log_regret; /* log10, of regrets below 1e-4 that of 1e-4 */
    double rank;       /* among the traces, 1 the best; equal ones share */
} hn_bench_score;

typedef struct hn_bench_measures {
    hn_arena arena; /* of everything below */
    size_t n_traces;
    const hn_bench_trace *const *traces; /* (n_traces,) borrowed */
    size_t n_searches;
    const hn_bench_row *keys; /* (n_searches,) of the first trace, by problem, then seed */
    size_t n_problems;
    const char **problems;     /* (n_problems,) in the order of the keys */
    size_t *first;             /* (n_problems + 1,): keys of problem p are first[p] .. first[p + 1] - 1 */
    size_t n_budgets, longest; /* the largest budget */
    const size_t *budgets;     /* (n_budgets,) ascending: numbers of trials */
    float *regrets;            /* (n_traces, n_searches, longest): after each trial */
    hn_bench_score *scores;    /* (n_traces, n_budgets) */
} hn_bench_measures;

/* budgets: (n_budgets,) ascending, copied. HONE_INVALID when the traces have no search in common, when the
 * optimum or median of a problem differs (it changed between them), or when a search is shorter than a
 * budget. Release in any case. O(values + searches * budgets * traces^2). */
hone_status hn_bench_measure(const hn_bench_trace *const *traces, size_t n_traces, const size_t *budgets,
                             size_t n_budgets, hn_bench_measures *measures, hone_error *err);
void hn_bench_measures_release(hn_bench_measures *measures);

/* How many trials every search has that all of the traces have; 0 when there is none. */
size_t hn_bench_shortest(const hn_bench_trace *const *traces, size_t n_traces);

/* The mean regret of trace t over the seeds of problem p after so many trials. */
double hn_bench_problem_regret(const hn_bench_measures *m, size_t t, size_t p, size_t trials);
/* Its mean over the problems. */
double hn_bench_mean_regret(const hn_bench_measures *m, size_t t, size_t trials);

/* Trace a less trace b after so many trials: for each seed that has all problems the mean difference over
 * these, of them the mean, of it the one-sided 95 % upper bound by Student's t. False, and nothing written,
 * with fewer than two such seeds. */
bool hn_bench_bound(const hn_bench_measures *m, size_t a, size_t b, size_t trials, double *bound);

#endif
