/* What all samplers share: forbidden points, repeats, fixed values, start-up, one parameter at a time. */
#include "fixture.h"

START_TEST(forbidden_points_are_redrawn)
{
    fixture f = fixture_make("{a: {float: [0, 1]}, b: {float: [0, 1]}}", "[a + b > 0.2]", "random");
    for (int i = 0; i < 100; i++) {
        hn_point point;
        ck_assert(fixture_step(&f, &point));
        ck_assert_double_le(fixture_value(&f, &point, "a") + fixture_value(&f, &point, "b"), 0.2);
    }
    fixture_release(&f);
}
END_TEST

START_TEST(the_last_allowed_point_is_found)
{
    fixture f =
        fixture_make("{a: {int: [1, 200]}, b: {int: [1, 200]}}", "[not (a == 77 and b == 123)]", "random");
    hn_point point;
    ck_assert(fixture_step(&f, &point));
    ck_assert_double_eq(fixture_value(&f, &point, "a"), 77);
    ck_assert_double_eq(fixture_value(&f, &point, "b"), 123);
    ck_assert(fixture_step(&f, &point)); /* a repeat, as no other is left */
    fixture_release(&f);
}
END_TEST

START_TEST(nothing_allowed_names_the_condition)
{
    static const char *const spaces[] = {"{a: {float: [0, 1]}}", "{a: {int: [0, 1]}}"};
    fixture f = fixture_make(spaces[_i], "[a >= 0]", "random");
    hn_ask ask = fixture_ask(&f);
    hn_point point = hn_point_new(&f.arena, 1);
    size_t count;
    hone_error err = {0};
    ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, 1, &point, &count, &err), HONE_CONFLICT);
    hn_assert_contains(err.message, "forbidden by 'a >= 0'");
    fixture_release(&f);
}
END_TEST

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

START_TEST(finite_spaces_are_walked_without_repeats)
{
    fixture f = fixture_make("{a: {int: [0, 9]}, b: {choice: [x, y, z]}, c: {int: [0, 1], when: b == z}}",
                             NULL, "random");
    double codes[50];
    size_t n_points = 10 * 4, batch = 8;
    for (size_t done = 0; done < n_points; done += batch) {
        size_t count;
        hn_point *points = fixture_propose(&f, NULL, batch, &count);
        ck_assert_uint_eq(count, batch);
        for (size_t k = 0; k < batch; k++) {
            double c = fixture_value(&f, &points[k], "c");
            codes[done + k] = 100 * fixture_value(&f, &points[k], "a") +
                              10 * fixture_value(&f, &points[k], "b") + (isnan(c) ? 5 : c);
            fixture_put(&f, &points[k], HONE_RUNNING, 0);
        }
    }
    qsort(codes, n_points, sizeof *codes, compare_doubles);
    for (size_t i = 1; i < n_points; i++) {
        ck_assert_double_gt(codes[i], codes[i - 1]);
    }
    hn_point point;
    ck_assert(fixture_step(&f, &point)); /* random goes on when all has been seen */
    fixture_release(&f);
}
END_TEST

START_TEST(repeats_are_a_choice)
{
    fixture f = fixture_make("{a: {int: [0, 3]}}", NULL, "random");
    hn_sampler_allow_repeats(f.sampler, true);
    double seen[4] = {0};
    for (int i = 0; i < 4; i++) {
        hn_point point;
        ck_assert(fixture_step(&f, &point));
        seen[(int)point.values[0]]++;
    }
    ck_assert(seen[0] != 1 || seen[1] != 1 || seen[2] != 1 || seen[3] != 1); /* seed 7 repeats one */
    fixture_release(&f);
}
END_TEST

START_TEST(fixed_values_are_kept)
{
    fixture f = fixture_make("{b: {choice: [x, y]}, c: {float: [0, 1], when: b == y}, d: {float: [0, 1]}}",
                             NULL, _i == 0 ? "random" : "sobol");
    hn_point fixed = hn_point_new(&f.arena, 3);
    size_t b = hn_space_find(f.space, "b"), d = hn_space_find(f.space, "d");
    fixed.values[b] = 1, fixed.active[b] = true;
    fixed.values[d] = 7, fixed.active[d] = true; /* outside the bounds: kept as it is */
    for (int i = 0; i < 20; i++) {
        size_t count;
        hn_point *points = fixture_propose(&f, &fixed, 1, &count);
        ck_assert_uint_eq(count, 1);
        ck_assert_double_eq(fixture_value(&f, points, "b"), 1);
        ck_assert_double_eq(fixture_value(&f, points, "d"), 7);
        ck_assert(fixture_value(&f, points, "c") >= 0);
        fixture_put(&f, points, HONE_COMPLETE, 0);
    }
    fixture_release(&f);
}
END_TEST

/* Adding a parameter leaves the draws of the others alone, and define-by-run draws what a declared space
 * draws. */
START_TEST(draws_belong_to_names)
{
    fixture f = fixture_make("{a: {float: [0, 1]}, c: {float: [1e-5, 1], log: true}}", NULL, "random");
    fixture g = fixture_make("{b: {int: [0, 5]}, c: {float: [1e-5, 1], log: true}, a: {float: [0, 1]}}", NULL,
                             "random");
    for (int i = 0; i < 10; i++) {
        hn_point p, q;
        hn_ask ask = fixture_ask(&f);
        hn_point none = hn_point_new(&f.arena, 2);
        double value;
        ck_assert_int_eq(
            hn_sampler_propose_one(f.sampler, &ask, hn_space_find(f.space, "c"), &none, &value, NULL),
            HONE_OK);
        ck_assert(fixture_step(&f, &p) && fixture_step(&g, &q));
        ck_assert_double_eq(fixture_value(&f, &p, "a"), fixture_value(&g, &q, "a"));
        ck_assert_double_eq(fixture_value(&f, &p, "c"), fixture_value(&g, &q, "c"));
        ck_assert_double_eq(fixture_value(&f, &p, "c"), value);
    }
    fixture_release(&f);
    fixture_release(&g);
}
END_TEST

START_TEST(a_prior_gathers_the_draws)
{
    fixture f = fixture_make("{a: {float: [0, 100], prior: {mean: 20, width: 5}}}", NULL, "random");
    double sum = 0, squares = 0;
    for (int i = 0; i < 400; i++) {
        hn_point point;
        ck_assert(fixture_step(&f, &point));
        sum += point.values[0];
        squares += (point.values[0] - 20) * (point.values[0] - 20);
    }
    ck_assert_double_lt(fabs(sum / 400 - 20),
                        1); /* 4 standard errors: false alarm 6e-5, and the seed is fixed */
    ck_assert_double_lt(fabs(sqrt(squares / 400) - 5), 0.75);
    fixture_release(&f);
}
END_TEST

START_TEST(unknown_samplers_are_named)
{
    hn_spec spec = {.name = "sobel"};
    hn_sampler *sampler;
    hone_error err = {0};
    ck_assert_int_eq(hn_sampler_create(&spec, &sampler, &err), HONE_INVALID);
    hn_assert_contains(err.message, "there is no sampler 'sobel' (did you mean 'sobol'?); there are auto, ");
}
END_TEST

Suite *suite_wrapper(void)
{
    Suite *suite = suite_create("wrapper");
    TCase *shared = tcase_create("shared");
    tcase_add_test(shared, forbidden_points_are_redrawn);
    tcase_add_test(shared, the_last_allowed_point_is_found);
    tcase_add_loop_test(shared, nothing_allowed_names_the_condition, 0, 2);
    tcase_add_test(shared, finite_spaces_are_walked_without_repeats);
    tcase_add_test(shared, repeats_are_a_choice);
    tcase_add_loop_test(shared, fixed_values_are_kept, 0, 2);
    tcase_add_test(shared, draws_belong_to_names);
    tcase_add_test(shared, a_prior_gathers_the_draws);
    tcase_add_test(shared, unknown_samplers_are_named);
    suite_add_tcase(suite, shared);
    return suite;
}
