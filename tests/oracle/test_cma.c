/* The distributions of CMA-ES after the same points as those of the package cmaes. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "named_values.h"
#include "sampler/cma.h"
#include "sampler/cma_choice.h"
#include "sampler/cma_margin.h"
#include "sampler/cma_warm.h"
#include "support.h"

static const double *values_of(const char *name, const char *part, size_t *n)
{
    char key[64];
    snprintf(key, sizeof key, "%s.%s", name, part);
    return named_values_all(key, n);
}

static void compare(const char *name, const char *part, const double *actual, size_t n)
{
    size_t count;
    const double *expected = values_of(name, part, &count);
    ck_assert_uint_eq(count, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(hn_test_close(actual[i], expected[i], 1e-8, 1e-10), "%s.%s[%zu]: %.17g is not %.17g",
                      name, part, i, actual[i], expected[i]);
}

static void follow(const char *name, size_t lambda, bool adapt_rates)
{
    hn_arena arena = HN_ARENA_INIT;
    size_t n, n_points;
    const double *start = values_of(name, "start", &n), *points = values_of(name, "points", &n_points);
    double ones[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    hn_cma_rule rule;
    hn_cma cma;
    ck_assert_int_eq(hn_cma_rule_make(&arena, n, lambda, false, true, &rule, NULL), HONE_OK);
    ck_assert_int_eq(hn_cma_begin(&arena, &rule, start, 0.7, ones, NULL, adapt_rates, &cma, NULL), HONE_OK);
    double *steps = HN_ARENA_NEW(&arena, double, lambda *n);
    for (size_t begin = 0; begin < n_points; begin += lambda * n) {
        for (size_t k = 0; k < lambda * n; k++)
            steps[k] = (points[begin + k] - cma.mean[k % n]) / cma.sigma;
        hn_cma_learn(&cma, steps, lambda);
    }
    compare(name, "mean", cma.mean, n);
    compare(name, "sigma", &cma.sigma, 1);
    compare(name, "c", cma.c, n * n);
    compare(name, "p_sigma", cma.p_sigma, n);
    compare(name, "p_c", cma.p_c, n);
    hn_arena_release(&arena);
}

START_TEST(the_normal_distribution)
{
    named_values_open("cma_values.txt");
    follow("small", 7, false);
    follow("large", 20, false);
    follow("adapted", 8, true);
    named_values_close();
}
END_TEST

/* The lattice 0 .. 4, whose cells end at the halves. */
START_TEST(the_margin)
{
    named_values_open("cma_values.txt");
    size_t n;
    const double *rows = named_values_all("margin.rows", &n);
    for (size_t k = 0; k < n; k += 5) {
        double mean = rows[k], cell = fmin(fmax(floor(mean + 0.5), 0), 4);
        hn_cma_coordinate c = {mean, rows[k + 1]};
        hn_cma_margin(cell == 0 ? -INFINITY : cell - 0.5, cell == 4 ? INFINITY : cell + 0.5, rows[k + 2],
                      0.05, &c);
        hn_assert_close(c.mean, rows[k + 3], 1e-9, 1e-9);
        hn_assert_close(c.scale, rows[k + 4], 1e-9, 1e-9);
    }
    named_values_close();
}
END_TEST

START_TEST(the_choices)
{
    enum { N = 3, MU = 4 };
    static const size_t sizes[N] = {2, 3, 5};
    named_values_open("cma_values.txt");
    hn_arena arena = HN_ARENA_INIT;
    hn_cma_choices choices;
    size_t n, n_expected, chosen[MU * N];
    const double *all = named_values_all("choices.chosen", &n);
    const double *weights = named_values_get("choices.weights", MU);
    ck_assert_int_eq(hn_cma_choices_begin(&arena, sizes, N, &choices, NULL), HONE_OK);
    for (size_t begin = 0; begin < n; begin += (size_t)MU * N) {
        for (size_t k = 0; k < MU * N; k++)
            chosen[k] = (size_t)all[begin + k];
        hn_cma_choices_learn(&choices, chosen, weights, MU);
    }
    const double *expected = named_values_all("choices.probability", &n_expected);
    ck_assert_uint_eq(n_expected, 10);
    for (size_t k = 0; k < n_expected; k++)
        hn_assert_absolute(choices.probability[k], expected[k], 1e-9);
    ck_assert_double_gt(choices.probability[1], 0.7);
    hn_arena_release(&arena);
    named_values_close();
}
END_TEST

START_TEST(the_warm_start)
{
    enum { M = 6, N = 3 };
    double places[M * N], fallback[N] = {0}, mean[N], covariance[N * N];
    named_values_open("cma_values.txt");
    memcpy(places, named_values_get("warm.points", M * N), sizeof places);
    hn_cma_warm_fit(places, M, N, fallback, mean, covariance);
    compare("warm", "mean", mean, N);
    compare("warm", "covariance", covariance, N * N);
    named_values_close();
}
END_TEST

Suite *suite_cma(void)
{
    Suite *suite = suite_create("cma");
    TCase *all = tcase_create("cma");
    tcase_add_test(all, the_normal_distribution);
    tcase_add_test(all, the_margin);
    tcase_add_test(all, the_choices);
    tcase_add_test(all, the_warm_start);
    suite_add_tcase(suite, all);
    return suite;
}
