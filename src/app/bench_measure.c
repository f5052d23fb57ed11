#include "app/bench_measure.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "math/statistics.h"

/* --- common searches --- */

static hone_status check_row(const hn_bench_trace *trace, const hn_bench_row *row, const hn_bench_row *key,
                             size_t longest, hone_error *err)
{
    if (!hn_bench_same_scale(row, key))
        return hn_fail(
            err, HONE_INVALID,
            "%s %s: the optimum or median of %s, seed %lld is another: the problem changed since; make the "
            "trace anew",
            trace->sampler, trace->version, key->problem, (long long)key->seed);
    if (row->n < longest)
        return hn_fail(err, HONE_INVALID,
                       "%s %s: %s, seed %lld has %zu trials, not %zu; ask for fewer (--budgets)",
                       trace->sampler, trace->version, key->problem, (long long)key->seed, row->n, longest);
    return HONE_OK;
}

static bool is_everywhere(const hn_bench_trace *const *traces, size_t n_traces, const hn_bench_row *key)
{
    for (size_t t = 0; t < n_traces; t++)
        if (!hn_bench_trace_find(traces[t], key->problem, key->seed))
            return false;
    return true;
}

size_t hn_bench_shortest(const hn_bench_trace *const *traces, size_t n_traces)
{
    size_t shortest = SIZE_MAX;
    for (size_t r = 0; r < traces[0]->n_rows; r++) {
        const hn_bench_row *key = &traces[0]->rows[r];
        for (size_t t = 0; is_everywhere(traces, n_traces, key) && t < n_traces; t++) {
            const hn_bench_row *row = hn_bench_trace_find(traces[t], key->problem, key->seed);
            shortest = row->n < shortest ? row->n : shortest;
        }
    }
    return shortest == SIZE_MAX ? 0 : shortest;
}

/* Fills keys with the searches that every trace has. */
static hone_status find_keys(hn_bench_measures *m, hone_error *err)
{
    const hn_bench_trace *first = m->traces[0];
    hn_bench_row *keys = HN_ARENA_NEW(&m->arena, hn_bench_row, first->n_rows + 1);
    if (!keys)
        return hn_out_of_memory(err);
    for (size_t r = 0; r < first->n_rows; r++) {
        const hn_bench_row *key = &first->rows[r];
        if (!is_everywhere(m->traces, m->n_traces, key))
            continue;
        keys[m->n_searches++] = *key;
        for (size_t t = 0; t < m->n_traces; t++) {
            const hn_bench_row *row = hn_bench_trace_find(m->traces[t], key->problem, key->seed);
            hone_status status = check_row(m->traces[t], row, key, m->longest, err);
            if (status)
                return status;
        }
    }
    m->keys = keys;
    return m->n_searches ? HONE_OK
                         : hn_fail(err, HONE_INVALID, "the traces have no problem and seed in common");
}

static hone_status group_by_problem(hn_bench_measures *m, hone_error *err)
{
    m->problems = HN_ARENA_NEW(&m->arena, const char *, m->n_searches);
    m->first = HN_ARENA_NEW(&m->arena, size_t, m->n_searches + 1);
    if (!m->problems || !m->first)
        return hn_out_of_memory(err);
    for (size_t k = 0; k < m->n_searches; k++)
        if (k == 0 || strcmp(m->keys[k].problem, m->keys[k - 1].problem)) {
            m->first[m->n_problems] = k;
            m->problems[m->n_problems++] = m->keys[k].problem;
        }
    m->first[m->n_problems] = m->n_searches;
    return HONE_OK;
}

/* --- regrets --- */

static float *regrets_of(const hn_bench_measures *m, size_t t, size_t k)
{
    return m->regrets + (t * m->n_searches + k) * m->longest;
}

static void fill_regrets(const hn_bench_row *row, size_t n, float *out)
{
    double best = INFINITY;
    for (size_t i = 0; i < n; i++) {
        best = fmin(best, row->values[i]); /* passes over NaN */
        out[i] = (float)fmin(fmax((best - row->optimum) / (row->median - row->optimum), 0), 1);
    }
}

double hn_bench_problem_regret(const hn_bench_measures *m, size_t t, size_t p, size_t trials)
{
    double sum = 0;
    for (size_t k = m->first[p]; k < m->first[p + 1]; k++)
        sum += (double)regrets_of(m, t, k)[trials - 1];
    return sum / (double)(m->first[p + 1] - m->first[p]);
}

double hn_bench_mean_regret(const hn_bench_measures *m, size_t t, size_t trials)
{
    double sum = 0;
    for (size_t p = 0; p < m->n_problems; p++)
        sum += hn_bench_problem_regret(m, t, p, trials);
    return sum / (double)m->n_problems;
}

static double rank_of(const hn_bench_measures *m, size_t t, size_t k, size_t trials)
{
    double own = (double)regrets_of(m, t, k)[trials - 1], rank = 1;
    for (size_t other = 0; other < m->n_traces; other++) {
        double value = (double)regrets_of(m, other, k)[trials - 1];
        rank += value < own ? 1 : value == own && other != t ? 0.5 : 0;
    }
    return rank;
}

static hn_bench_score score(const hn_bench_measures *m, size_t t, size_t trials)
{
    hn_bench_score sum = {.regret = hn_bench_mean_regret(m, t, trials)};
    for (size_t p = 0; p < m->n_problems; p++) {
        double share = 1 / (double)((m->first[p + 1] - m->first[p]) * m->n_problems);
        for (size_t k = m->first[p]; k < m->first[p + 1]; k++) {
            sum.log_regret += share * log10(fmax((double)regrets_of(m, t, k)[trials - 1], 1e-4));
            sum.rank += share * rank_of(m, t, k, trials);
        }
    }
    return sum;
}

hone_status hn_bench_measure(const hn_bench_trace *const *traces, size_t n_traces, const size_t *budgets,
                             size_t n_budgets, hn_bench_measures *m, hone_error *err)
{
    *m = (hn_bench_measures){
        .n_traces = n_traces, .traces = traces, .n_budgets = n_budgets, .longest = budgets[n_budgets - 1]};
    size_t *own_budgets = HN_ARENA_NEW(&m->arena, size_t, n_budgets);
    hone_status status = own_budgets ? find_keys(m, err) : hn_out_of_memory(err);
    if (!status)
        status = group_by_problem(m, err);
    if (status)
        return status;
    memcpy(own_budgets, budgets, n_budgets * sizeof *budgets);
    m->budgets = own_budgets;
    m->regrets = HN_ARENA_NEW(&m->arena, float, n_traces * m->n_searches * m->longest);
    m->scores = HN_ARENA_NEW(&m->arena, hn_bench_score, n_traces * n_budgets);
    if (!m->regrets || !m->scores)
        return hn_out_of_memory(err);
    for (size_t t = 0; t < n_traces; t++)
        for (size_t k = 0; k < m->n_searches; k++)
            fill_regrets(hn_bench_trace_find(traces[t], m->keys[k].problem, m->keys[k].seed), m->longest,
                         regrets_of(m, t, k));
    for (size_t t = 0; t < n_traces; t++)
        for (size_t b = 0; b < n_budgets; b++)
            m->scores[t * n_budgets + b] = score(m, t, budgets[b]);
    return HONE_OK;
}

void hn_bench_measures_release(hn_bench_measures *measures)
{
    hn_arena_release(&measures->arena);
    *measures = (hn_bench_measures){0};
}

/* --- a bound of a difference --- */

/* x with P(T <= x) = 0.95. */
static double t_quantile(size_t degrees)
{
    double low = 0, high = 1000;
    for (int step = 0; step < 60; step++) {
        double middle = (low + high) / 2;
        if (hn_student_tail(middle, degrees) > 0.05)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The mean difference over the searches of one seed; NaN when this is not the first key of its seed or the
 * seed lacks a problem. */
static double seed_difference(const hn_bench_measures *m, size_t a, size_t b, size_t key, size_t trials)
{
    double sum = 0;
    size_t n = 0;
    for (size_t k = 0; k < m->n_searches; k++) {
        if (m->keys[k].seed != m->keys[key].seed)
            continue;
        if (k < key)
            return NAN;
        sum += (double)regrets_of(m, a, k)[trials - 1] - (double)regrets_of(m, b, k)[trials - 1];
        n++;
    }
    return n == m->n_problems ? sum / (double)n : NAN;
}

bool hn_bench_bound(const hn_bench_measures *m, size_t a, size_t b, size_t trials, double *bound)
{
    double sum = 0, squares = 0;
    size_t n = 0;
    for (size_t k = 0; k < m->n_searches; k++) {
        double gap = seed_difference(m, a, b, k, trials);
        if (isnan(gap))
            continue;
        double off = gap - (n ? sum / (double)n : 0);
        sum += gap;
        n++;
        squares += off * (gap - sum / (double)n); /* Welford 1962 */
    }
    if (n < 2)
        return false;
    *bound = sum / (double)n + t_quantile(n - 1) * sqrt(squares / (double)(n - 1) / (double)n);
    return true;
}
