/* The ranking and Pareto ranks against naive references; memory and time of a large history. */
#include <stdio.h>
#include <stdlib.h>

#include "base/os_system.h"
#include "fixture.h"

/* One random finished trial; many ties on purpose. */
static void put_random(hn_history *h, hn_random *random, int64_t number)
{
    double value = (double)hn_random_below(random, 7);
    double constraint = hn_random_below(random, 4) == 0 ? (double)hn_random_below(random, 3) : -1;
    hn_trial_report report = {(int64_t)hn_random_below(random, 3), (double)hn_random_below(random, 3)};
    if (hn_random_below(random, 5) == 0) {
        report.value = NAN;
    }
    static const hone_trial_state states[] = {HONE_COMPLETE, HONE_PRUNED, HONE_FAILED};
    hone_trial_state state = states[hn_random_below(random, 3)];
    hn_trial_record record = fixture_record(number, state, state == HONE_COMPLETE ? &value : NULL);
    record.n_constraints = 1, record.constraints = &constraint;
    if (hn_random_below(random, 3) > 0) {
        record.n_reports = 1, record.reports = &report;
    }
    fixture_put(h, &record);
}

static const hn_history *compared; /* of the comparison below */

static double loss_of_report(double value)
{
    return isnan(value) ? INFINITY : hn_history_direction(compared, 0) == HONE_MAXIMIZE ? -value : value;
}

/* The definition in history.h, literally. */
static int naive_compare(const void *left, const void *right)
{
    int64_t trials[2] = {*(const int64_t *)left, *(const int64_t *)right};
    double keys[2][4];
    for (int i = 0; i < 2; i++) {
        const hn_trial_report *reports;
        size_t n = hn_history_reports(compared, trials[i], &reports);
        double violation = hn_history_violation(compared, trials[i]);
        bool complete = hn_history_state(compared, trials[i]) == HONE_COMPLETE;
        keys[i][0] = violation > 0 ? 3 : complete ? 0 : n > 0 ? 1 : 2;
        keys[i][1] = violation > 0 ? violation
                     : complete    ? hn_history_loss(compared, trials[i], 0)
                     : n > 0       ? -(double)reports[n - 1].step
                                   : 0;
        keys[i][2] = keys[i][0] == 1 ? loss_of_report(reports[n - 1].value) : 0;
        keys[i][3] = (double)trials[i];
    }
    for (int k = 0; k < 4; k++) {
        if (keys[0][k] != keys[1][k]) {
            return keys[0][k] < keys[1][k] ? -1 : 1;
        }
    }
    return 0;
}

START_TEST(ranks_as_defined)
{
    enum { N = 3000 };
    static int64_t expected[N], best[N];
    hn_history *h = fixture_history(_i == 0 ? HONE_MINIMIZE : HONE_MAXIMIZE);
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    size_t n = 0;
    for (int64_t i = 0; i < N; i++) {
        put_random(h, &random, i);
        if (hn_history_state(h, i) != HONE_FAILED) {
            expected[n++] = i;
        }
    }
    compared = h;
    qsort(expected, n, sizeof *expected, naive_compare);
    ck_assert_uint_eq(hn_history_ranked_count(h), n);
    for (size_t r = 0; r < n; r++) {
        ck_assert_int_eq(hn_history_ranked(h, r), expected[r]);
        ck_assert(r == 0 || hn_history_is_better(h, expected[r - 1], expected[r]));
        ck_assert(r == 0 || !hn_history_is_better(h, expected[r], expected[r - 1]));
    }
    for (int64_t i = 0; i < N; i++) {
        if (hn_history_state(h, i) == HONE_FAILED) {
            ck_assert(hn_history_is_better(h, expected[n - 1], i) &&
                      !hn_history_is_better(h, i, expected[n - 1]));
        }
    }
    ck_assert_uint_eq(hn_history_best(h, 25, best), 25);
    ck_assert_mem_eq(best, expected, 25 * sizeof *best);

    hn_view view = {h, 2000};
    size_t visible = 0;
    for (size_t r = 0; r < n; r++) {
        if (expected[r] < 2000) {
            expected[visible++] = expected[r];
        }
    }
    ck_assert_uint_eq(hn_view_ranked_count(view), visible);
    ck_assert_uint_eq(hn_view_best(view, N, best), visible);
    ck_assert_mem_eq(best, expected, visible * sizeof *best);
    hn_history_destroy(h);
}
END_TEST

static bool dominates(const hn_history *h, int64_t a, int64_t b)
{
    double violation_a = hn_history_violation(h, a), violation_b = hn_history_violation(h, b);
    if (violation_a > 0 || violation_b > 0) {
        return violation_a < violation_b;
    }
    bool better = false;
    for (size_t i = 0; i < hn_history_objective_count(h); i++) {
        if (hn_history_loss(h, a, i) > hn_history_loss(h, b, i)) {
            return false;
        }
        better |= hn_history_loss(h, a, i) < hn_history_loss(h, b, i);
    }
    return better;
}

/* Peels one front after the other. */
static void naive_ranks(const hn_history *h, size_t n, uint32_t *ranks)
{
    for (size_t i = 0; i < n; i++) {
        ranks[i] = UINT32_MAX;
    }
    size_t left = n;
    for (uint32_t rank = 0; left > 0; rank++) {
        for (size_t i = 0; i < n; i++) {
            bool front = ranks[i] >= rank;
            for (size_t j = 0; j < n && front; j++) {
                front = ranks[j] < rank || !dominates(h, (int64_t)j, (int64_t)i);
            }
            if (front) {
                ranks[i] = rank;
                left--;
            }
        }
    }
}

START_TEST(pareto_ranks_agree_with_peeling)
{
    enum { N = 150 };
    size_t m = (size_t)_i;
    hone_direction directions[] = {HONE_MINIMIZE, HONE_MAXIMIZE, HONE_MINIMIZE, HONE_MINIMIZE};
    hn_history *h;
    ck_assert_int_eq(hn_history_create(directions, m, &h, NULL), HONE_OK);
    hn_random random = hn_random_stream(2, m, HN_PURPOSE_TEST);
    int64_t numbers[N];
    uint32_t ranks[N], expected[N];
    for (int64_t i = 0; i < N; i++) {
        double values[4], constraint = (double)hn_random_below(&random, 12) - 8;
        for (size_t j = 0; j < m; j++) {
            values[j] = (double)hn_random_below(&random, 12);
        }
        hn_trial_record record = fixture_record(i, HONE_COMPLETE, values);
        record.n_values = m;
        record.n_constraints = 1, record.constraints = &constraint;
        fixture_put(h, &record);
        numbers[i] = i;
    }
    ck_assert_int_eq(hn_history_pareto_ranks(h, numbers, N, ranks, NULL), HONE_OK);
    naive_ranks(h, N, expected);
    ck_assert_mem_eq(ranks, expected, sizeof ranks);
    hn_history_destroy(h);
}
END_TEST

/* 250 bytes for each trial of ten parameters, and a put's time does not grow with the trials before it. */
START_TEST(many_trials_take_little)
{
    const int64_t n = hn_test_tier() == HN_TEST_LONG ? 1000000 : 100000;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    hn_distribution d = fixture_float(0, 1);
    hn_trial_param params[10];
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    uint64_t before = hn_memory_resident_bytes();
    double started = hn_test_processor_seconds();
    hn_history *h = fixture_history(HONE_MINIMIZE);
    for (int64_t i = 0; i < n; i++) {
        for (size_t j = 0; j < 10; j++) {
            params[j] = (hn_trial_param){names[j], &d, hn_random_uniform(&random)};
        }
        double value = hn_random_uniform(&random);
        hn_trial_record record = fixture_record(i, HONE_COMPLETE, &value);
        record.n_params = 10, record.params = params;
        fixture_put(h, &record);
    }
    double microseconds = (hn_test_processor_seconds() - started) * 1e6 / (double)n;
    double bytes = ((double)hn_memory_resident_bytes() - (double)before) / (double)n;
    printf("history: %lld trials, %.0f bytes and %.2f us each\n", (long long)n, bytes, microseconds);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)bytes; /* a sanitizer's own memory is not hone's */
#else
    ck_assert_double_lt(bytes, 250);
#endif
    ck_assert_double_lt(microseconds, 500); /* about 1 when optimised; many thousands if each looked at all */
    hn_history_destroy(h);
}
END_TEST

Suite *suite_ranking(void)
{
    Suite *suite = suite_create("ranking");
    TCase *order = tcase_create("order");
    tcase_add_loop_test(order, ranks_as_defined, 0, 2);
    tcase_add_loop_test(order, pareto_ranks_agree_with_peeling, 1, 5);
    suite_add_tcase(suite, order);
    TCase *size = tcase_create("size");
    tcase_add_test(size, many_trials_take_little);
    suite_add_tcase(suite, size);
    return suite;
}
