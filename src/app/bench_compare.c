#include "app/bench_compare.h"

#include <math.h>
#include <stdlib.h>

#include "math/signed_rank.h"

/* gaps: scratch (problems,) */
static hn_bench_comparison compare(const hn_bench_measures *m, size_t budget, double *gaps)
{
    hn_bench_comparison c = {.ours = m->traces[0],
                             .theirs = m->traces[1],
                             .trials = m->budgets[budget],
                             .n_problems = m->n_problems,
                             .fewest_seeds = SIZE_MAX,
                             .our_score = m->scores[budget],
                             .their_score = m->scores[m->n_budgets + budget],
                             .bound = NAN,
                             .p = NAN,
                             .corrected = NAN};
    for (size_t p = 0; p < m->n_problems; p++) {
        size_t seeds = m->first[p + 1] - m->first[p];
        c.fewest_seeds = seeds < c.fewest_seeds ? seeds : c.fewest_seeds;
        c.most_seeds = seeds > c.most_seeds ? seeds : c.most_seeds;
        gaps[p] = hn_bench_problem_regret(m, 1, p, c.trials) - hn_bench_problem_regret(m, 0, p, c.trials);
        c.n_lower += gaps[p] > 0;
    }
    c.difference = c.our_score.regret - c.their_score.regret;
    hn_bench_bound(m, 0, 1, c.trials, &c.bound);
    if (c.n_problems > 1)
        c.p = hn_signed_rank_tail(gaps, c.n_problems);
    return c;
}

static int by_p(const void *a, const void *b)
{
    double x = (*(hn_bench_comparison *const *)a)->p, y = (*(hn_bench_comparison *const *)b)->p;
    return (x > y) - (x < y);
}

/* Step down: the i-th smallest p times the number of those from it on, never below the one before. */
static hone_status correct(hn_bench_comparison *comparisons, size_t n, hn_arena *arena, hone_error *err)
{
    hn_bench_comparison **order = HN_ARENA_NEW(arena, hn_bench_comparison *, n + 1);
    size_t tested = 0;
    if (!order)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++)
        if (!isnan(comparisons[i].p))
            order[tested++] = &comparisons[i];
    qsort(order, tested, sizeof *order, by_p);
    double largest = 0;
    for (size_t i = 0; i < tested; i++) {
        largest = fmax(largest, fmin(1, (double)(tested - i) * order[i]->p));
        order[i]->corrected = largest;
    }
    return HONE_OK;
}

/* Appends a comparison for each budget that both reach. */
static hone_status compare_pair(const hn_bench_trace *const pair[2], const size_t *budgets, size_t n_budgets,
                                hn_arena *arena, hn_bench_comparison *out, size_t *n, hone_error *err)
{
    hn_bench_measures measures = {0};
    size_t shortest = hn_bench_shortest(pair, 2);
    while (n_budgets > 0 && budgets[n_budgets - 1] > shortest)
        n_budgets--;
    if (n_budgets == 0)
        return HONE_OK;
    hone_status status = hn_bench_measure(pair, 2, budgets, n_budgets, &measures, err);
    double *gaps = HN_ARENA_NEW(arena, double, measures.n_problems + 1);
    if (!status && !gaps)
        status = hn_out_of_memory(err);
    for (size_t b = 0; !status && b < n_budgets; b++)
        out[(*n)++] = compare(&measures, b, gaps);
    hn_bench_measures_release(&measures);
    return status;
}

hone_status hn_bench_compare(const hn_bench_trace *const *traces, size_t n_ours, size_t n_traces,
                             const size_t *budgets, size_t n_budgets, hn_arena *arena,
                             hn_bench_comparison **comparisons, size_t *n, hone_error *err)
{
    size_t most = n_ours * (n_traces - n_ours) * n_budgets;
    *n = 0;
    *comparisons = HN_ARENA_NEW(arena, hn_bench_comparison, most + 1);
    if (!*comparisons)
        return hn_out_of_memory(err);
    hone_status status = HONE_OK;
    for (size_t a = 0; a < n_ours; a++)
        for (size_t b = n_ours; !status && b < n_traces; b++) {
            const hn_bench_trace *const pair[2] = {traces[a], traces[b]};
            status = compare_pair(pair, budgets, n_budgets, arena, *comparisons, n, err);
        }
    return status ? status : correct(*comparisons, *n, arena, err);
}
