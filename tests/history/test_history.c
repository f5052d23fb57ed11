/* Rows, columns, states, order of finishing. */
#include "fixture.h"

START_TEST(gives_back_what_was_put)
{
    hn_history *h = fixture_history(HONE_MAXIMIZE);
    hn_distribution x = fixture_float(0, 1), y = fixture_float(-5, 5);
    hn_trial_param params[] = {{"x", &x, 0.25}, {"y", &y, -3}};
    hn_trial_report reports[] = {{1, 0.5}, {4, NAN}};
    double value = 7, constraints[] = {-1, 2, 0.5};
    hn_trial_record record = fixture_record(0, HONE_COMPLETE, &value);
    record.n_params = 2, record.params = params;
    record.n_reports = 2, record.reports = reports;
    record.n_constraints = 3, record.constraints = constraints;
    record.noise = 0.1;
    fixture_put(h, &record);

    hn_arena arena = HN_ARENA_INIT;
    hn_trial_record r;
    ck_assert_int_eq(hn_history_record(h, 0, &arena, &r, NULL), HONE_OK);
    ck_assert_int_eq(r.id, 1000);
    ck_assert_int_eq(r.state, HONE_COMPLETE);
    ck_assert_uint_eq(r.n_params, 2);
    ck_assert_str_eq(r.params[1].name, "y");
    ck_assert_double_eq(r.params[1].value, -3);
    ck_assert(hn_distribution_equal(r.params[1].distribution, &y));
    ck_assert_uint_eq(r.n_values, 1);
    ck_assert_double_eq(r.values[0], 7);
    ck_assert_uint_eq(r.n_reports, 2);
    ck_assert_int_eq(r.reports[1].step, 4);
    ck_assert(isnan(r.reports[1].value));
    ck_assert_uint_eq(r.n_constraints, 3);
    ck_assert_double_eq(r.noise, 0.1);
    ck_assert_double_eq(hn_history_value(h, 0, 0), 7);
    ck_assert_double_eq(hn_history_loss(h, 0, 0), -7);
    ck_assert_double_eq(hn_history_violation(h, 0), 2.5);
    hn_arena_release(&arena);
    hn_history_destroy(h);
}
END_TEST

START_TEST(absent_parameters_are_absent)
{
    hn_history *h = fixture_history(HONE_MINIMIZE);
    hn_distribution wide = fixture_float(0, 10), narrow = fixture_float(0, 1);
    hn_trial_param first = {"x", &wide, 0}, second = {"y", &narrow, 0.5}, third = {"x", &narrow, 1};
    hn_trial_param *params[] = {&first, &second, &third};
    for (int i = 0; i < 3; i++) {
        hn_trial_record record = fixture_record(i, HONE_RUNNING, NULL);
        record.n_params = 1, record.params = params[i];
        fixture_put(h, &record);
    }
    size_t x = hn_history_find_column(h, "x"), y = hn_history_find_column(h, "y");
    ck_assert_uint_eq(hn_history_column_count(h), 2);
    ck_assert_uint_eq(hn_history_find_column(h, "z"), SIZE_MAX);
    ck_assert(hn_history_has(h, 0, x) && !hn_history_has(h, 0, y));
    ck_assert(!hn_history_has(h, 1, x) && hn_history_has(h, 1, y));
    ck_assert_ptr_null(hn_history_distribution(h, 1, x));
    ck_assert(hn_distribution_equal(hn_history_distribution(h, 0, x), &wide));
    ck_assert(hn_distribution_equal(hn_history_latest_distribution(h, x), &narrow));
    ck_assert_double_eq(hn_history_column(h, x)[2], 1);
    hn_history_destroy(h);
}
END_TEST

START_TEST(equal_distributions_are_kept_once)
{
    hn_history *h = fixture_history(HONE_MINIMIZE);
    for (int i = 0; i < 3000; i++) {
        hn_distribution d = fixture_float(0, 1 + i % 1000);
        hn_trial_param param = {"x", &d, 0.5};
        hn_trial_record record = fixture_record(i, HONE_RUNNING, NULL);
        record.n_params = 1, record.params = &param;
        fixture_put(h, &record);
    }
    for (int i = 0; i < 1000; i++) {
        const hn_distribution *d = hn_history_distribution(h, i, 0);
        ck_assert_double_eq(d->high, 1 + i);
        ck_assert_ptr_eq(d, hn_history_distribution(h, i + 2000, 0));
    }
    hn_history_destroy(h);
}
END_TEST

START_TEST(a_running_trial_grows_and_finishes)
{
    hn_history *h = fixture_history(HONE_MINIMIZE);
    hn_distribution d = fixture_float(0, 1);
    hn_trial_param a = {"a", &d, 0.1}, b = {"b", &d, 0.2};
    hn_trial_record record = fixture_record(0, HONE_RUNNING, NULL);
    fixture_put(h, &record);
    ck_assert_int_eq(hn_history_add_param(h, 0, &a, NULL), HONE_OK);
    ck_assert_int_eq(hn_history_add_param(h, 0, &b, NULL), HONE_OK);
    ck_assert_int_eq(hn_history_add_report(h, 0, 3, 0.5, NULL), HONE_OK);
    ck_assert_int_eq(hn_history_add_report(h, 0, 1, 0.7, NULL), HONE_OK);
    ck_assert_int_eq(hn_history_add_report(h, 0, 3, 0.4, NULL), HONE_OK);
    const hn_trial_report *reports;
    ck_assert_uint_eq(hn_history_reports(h, 0, &reports), 2);
    ck_assert_int_eq(reports[0].step, 1);
    ck_assert_double_eq(reports[1].value, 0.4);
    ck_assert_double_eq(hn_history_cell(h, 0, hn_history_find_column(h, "b")), 0.2);

    double value = 1;
    record = fixture_record(0, HONE_COMPLETE, &value);
    record.n_params = 1, record.params = &a;
    fixture_put(h, &record);
    ck_assert(!hn_history_has(h, 0, hn_history_find_column(h, "b")));
    ck_assert_uint_eq(hn_history_reports(h, 0, &reports), 0);

    hone_error err = {0};
    ck_assert_int_eq(hn_history_put(h, &record, &err), HONE_CONFLICT);
    hn_assert_contains(err.message, "trial 0 is complete");
    ck_assert_int_eq(hn_history_add_report(h, 0, 5, 1, &err), HONE_CONFLICT);
    ck_assert_int_eq(hn_history_add_param(h, 8, &a, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "no trial 8");
    hn_history_destroy(h);
}
END_TEST

START_TEST(lists_follow_the_states)
{
    hn_history *h = fixture_history(HONE_MINIMIZE);
    double value = 1;
    hn_trial_record late = fixture_record(5, HONE_RUNNING, NULL);
    fixture_put(h, &late);
    ck_assert_uint_eq(hn_history_count(h), 6);
    ck_assert(hn_history_is_gap(h, 2) && !hn_history_is_gap(h, 5));
    ck_assert_uint_eq(hn_history_state_count(h, HONE_WAITING), 0);
    for (int i = 4; i >= 0; i--) {
        hn_trial_record record = fixture_record(i, i % 2 ? HONE_WAITING : HONE_RUNNING, NULL);
        fixture_put(h, &record);
    }
    size_t n;
    const int64_t *running = hn_history_running(h, &n);
    ck_assert_uint_eq(n, 4);
    const int64_t expected[] = {0, 2, 4, 5};
    ck_assert_mem_eq(running, expected, sizeof expected);
    const int64_t *waiting = hn_history_waiting(h, &n);
    ck_assert_uint_eq(n, 2);
    ck_assert_int_eq(waiting[0], 1);
    hn_trial_record done = fixture_record(2, HONE_FAILED, NULL);
    fixture_put(h, &done);
    done = fixture_record(1, HONE_COMPLETE, &value);
    fixture_put(h, &done);
    hn_history_running(h, &n);
    ck_assert_uint_eq(n, 3);
    ck_assert_uint_eq(hn_history_state_count(h, HONE_FAILED), 1);
    ck_assert_uint_eq(hn_history_ranked_count(h), 1);
    hn_history_destroy(h);
}
END_TEST

/* A history read from storage by number must equal one that grew in the order of finishing. */
START_TEST(finished_order_does_not_depend_on_arrival)
{
    hn_history *h = fixture_history(HONE_MINIMIZE);
    double value = 1;
    const int64_t finished_at[] = {50, 10, 40, 10, 30};
    for (int i = 0; i < 5; i++) {
        hn_trial_record record = fixture_record(i, HONE_COMPLETE, &value);
        record.complete_us = finished_at[i];
        fixture_put(h, &record);
    }
    size_t n;
    const int64_t expected[] = {1, 3, 4, 2, 0}, *finished = hn_history_finished(h, &n);
    ck_assert_uint_eq(n, 5);
    ck_assert_mem_eq(finished, expected, sizeof expected);
    hn_history_destroy(h);
}
END_TEST

START_TEST(refuses_what_does_not_fit)
{
    hn_history *h;
    hone_direction directions[2] = {HONE_MINIMIZE, HONE_MINIMIZE};
    hone_error err = {0};
    ck_assert_int_eq(hn_history_create(directions, 0, &h, &err), HONE_INVALID);
    ck_assert_int_eq(hn_history_create(directions, 2, &h, NULL), HONE_OK);
    double value = 1;
    hn_trial_record record = fixture_record(3, HONE_COMPLETE, &value);
    ck_assert_int_eq(hn_history_put(h, &record, &err), HONE_INVALID);
    hn_assert_contains(err.message, "trial 3 has 1 values, but the study has 2 objectives");
    record = fixture_record(-1, HONE_RUNNING, NULL);
    ck_assert_int_eq(hn_history_put(h, &record, &err), HONE_LIMIT);
    record.number = (int64_t)1 << 40;
    ck_assert_int_eq(hn_history_put(h, &record, &err), HONE_LIMIT);
    ck_assert_uint_eq(hn_history_count(h), 0);
    hn_history_destroy(h);
}
END_TEST

/* Every allocation of a put fails once: the history is as before, and the put succeeds when repeated. */
START_TEST(a_put_without_memory_changes_nothing)
{
    hn_distribution d = fixture_float(0, 1);
    hn_trial_param params[] = {{"a", &d, 0.1}, {"b", &d, 0.2}};
    hn_trial_report report = {1, 2};
    double value = 1;
    bool failed = true;
    for (long k = 0; failed; k++) {
        hn_history *h = fixture_history(HONE_MINIMIZE);
        hn_trial_record record = fixture_record(0, HONE_COMPLETE, &value);
        record.n_params = 2, record.params = params;
        record.n_reports = 1, record.reports = &report;
        hn_memory_fail_at(k, 0);
        hone_status status = hn_history_put(h, &record, NULL);
        hn_memory_fail_at(-1, 0);
        failed = status != HONE_OK;
        if (failed) {
            ck_assert_int_eq(status, HONE_OUT_OF_MEMORY);
            ck_assert_uint_eq(hn_history_count(h), 0);
            ck_assert_uint_eq(hn_history_ranked_count(h), 0);
            fixture_put(h, &record);
        }
        ck_assert_uint_eq(hn_history_ranked_count(h), 1);
        ck_assert_double_eq(hn_history_cell(h, 0, hn_history_find_column(h, "b")), 0.2);
        hn_history_destroy(h);
        ck_assert_int_lt(k, 100);
    }
}
END_TEST

Suite *suite_history(void)
{
    Suite *suite = suite_create("history");
    TCase *rows = tcase_create("rows");
    tcase_add_test(rows, gives_back_what_was_put);
    tcase_add_test(rows, absent_parameters_are_absent);
    tcase_add_test(rows, equal_distributions_are_kept_once);
    tcase_add_test(rows, a_running_trial_grows_and_finishes);
    tcase_add_test(rows, lists_follow_the_states);
    tcase_add_test(rows, finished_order_does_not_depend_on_arrival);
    tcase_add_test(rows, refuses_what_does_not_fit);
    tcase_add_test(rows, a_put_without_memory_changes_nothing);
    suite_add_tcase(suite, rows);
    return suite;
}
