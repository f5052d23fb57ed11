#include "app/bench_compare.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "math/signed_rank.h"

/* gaps: scratch (problems,) */
static hn_bench_comparison compare(const hn_bench_measures *m, double *gaps)
{
    hn_bench_comparison c = {.trials = m->longest,
                             .n_problems = m->n_problems,
                             .fewest_seeds = SIZE_MAX,
                             .our_score = m->scores[0],
                             .their_score = m->scores[1],
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

/* The searches of at least so many trials; false when there is no memory. */
static bool keep_reaching(const hn_bench_trace *trace, size_t trials, hn_arena *arena, hn_bench_trace *out)
{
    *out = *trace;
    out->rows = HN_ARENA_NEW(arena, hn_bench_row, trace->n_rows + 1);
    out->n_rows = 0;
    for (size_t r = 0; out->rows && r < trace->n_rows; r++)
        if (trace->rows[r].n >= trials)
            out->rows[out->n_rows++] = trace->rows[r];
    return out->rows != NULL;
}

/* Appends a comparison where both have a search that reaches the budget. */
static hone_status compare_pair(const hn_bench_trace *ours, const hn_bench_trace *theirs, size_t budget,
                                hn_bench_comparison *out, size_t *n, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_bench_measures measures = {0};
    hn_bench_trace kept[2];
    const hn_bench_trace *const pair[2] = {&kept[0], &kept[1]};
    bool made =
        keep_reaching(ours, budget, &arena, &kept[0]) && keep_reaching(theirs, budget, &arena, &kept[1]);
    hone_status status = made ? HONE_OK : hn_out_of_memory(err);
    if (!status && hn_bench_shortest(pair, 2) > 0) {
        status = hn_bench_measure(pair, 2, &budget, 1, &measures, err);
        double *gaps = HN_ARENA_NEW(&arena, double, measures.n_problems + 1);
        if (!status && !gaps)
            status = hn_out_of_memory(err);
        if (!status) {
            out[*n] = compare(&measures, gaps);
            out[*n].ours = ours;
            out[(*n)++].theirs = theirs;
        }
    }
    hn_bench_measures_release(&measures);
    hn_arena_release(&arena);
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
        for (size_t b = n_ours; b < n_traces; b++)
            for (size_t k = 0; !status && k < n_budgets; k++)
                status = compare_pair(traces[a], traces[b], budgets[k], *comparisons, n, err);
    return status ? status : correct(*comparisons, *n, arena, err);
}
