/* Learning curves, made and recorded. */
#include <math.h>
#include <string.h>

#include "problem/problem.h"
#include "support.h"

static bool is_curve(const hn_problem *problem)
{
    return strcmp(hn_problem_family(problem), "curves") == 0;
}

/* The optimum is met, no point reports less, and the value of a point is its lowest report. */
START_TEST(nothing_is_below_the_optimum)
{
    int n = 0;
    for (int p = 0; p < hn_problem_count(); p++) {
        const hn_problem *problem = hn_problem_at(p);
        ck_assert_int_eq(is_curve(problem), hn_problem_epochs(problem) > 1);
        if (!is_curve(problem))
            continue;
        hn_problem_instance *instance = hn_problem_instance_create(problem, 3);
        double point[HN_PROBLEM_MAX_PARAMETERS], losses[HN_PROBLEM_MAX_EPOCHS];
        double optimum = hn_problem_optimum(instance);
        hn_problem_optimum_point(instance, point);
        ck_assert_double_eq(hn_problem_evaluate(instance, point), optimum);
        for (uint64_t k = 0; k < 200; k++) {
            double least = NAN;
            hn_problem_random_point(instance, k, point);
            int epochs = hn_problem_curve(instance, point, losses);
            ck_assert_int_eq(epochs, hn_problem_epochs(problem));
            for (int e = 0; e < epochs; e++) {
                ck_assert(!(losses[e] < optimum));
                least = fmin(least, losses[e]);
            }
            double value = hn_problem_evaluate(instance, point);
            ck_assert(value == least || (isnan(value) && isnan(least)));
        }
        ck_assert_double_gt(hn_problem_median(instance), optimum);
        hn_problem_instance_destroy(instance);
        n++;
    }
    ck_assert_int_ge(n, 3);
}
END_TEST

/* What stopping early has to cope with: orders that change, noise, losses that break down or rise again. */
START_TEST(made_curves_are_hard)
{
    static const char *const names[] = {"curve_crossing", "curve_noisy", "curve_diverging"};
    int crossed[3] = {0}, bumps[3] = {0}, broken[3] = {0}, rising[3] = {0};
    for (int i = 0; i < 15; i++) {
        int p = i % 3;
        const hn_problem *problem = hn_problem_find(names[p]);
        hn_problem_instance *instance = hn_problem_instance_create(problem, (uint64_t)i);
        int last = hn_problem_epochs(problem) - 1, early = last / 9;
        double before[HN_PROBLEM_MAX_EPOCHS], losses[HN_PROBLEM_MAX_EPOCHS], point[HN_PROBLEM_MAX_PARAMETERS];
        hn_problem_optimum_point(instance, point);
        hn_problem_curve(instance, point, before);
        for (uint64_t k = 0; k < 40; k++) {
            hn_problem_random_point(instance, k, point);
            hn_problem_curve(instance, point, losses);
            crossed[p] += (losses[early] < before[early]) != (losses[last] < before[last]);
            bumps[p] += losses[last - 1] < losses[last];
            broken[p] += isnan(losses[last]) && !isnan(losses[0]);
            rising[p] += losses[last] > losses[last / 2] + 0.01;
            memcpy(before, losses, sizeof before);
        }
        hn_problem_instance_destroy(instance);
    }
    ck_assert_int_gt(crossed[0], 10);
    ck_assert_int_gt(bumps[1], 40);
    ck_assert_int_gt(broken[2], 20);
    ck_assert_int_lt(broken[2], 150);
    ck_assert_int_eq(broken[0], 0);
    ck_assert_int_gt(rising[2], 10);
}
END_TEST

/* The same instance, point and epoch always give the same noise; another seed does not. */
START_TEST(curves_repeat)
{
    const hn_problem *problem = hn_problem_find("curve_noisy");
    hn_problem_instance *a = hn_problem_instance_create(problem, 1),
                        *b = hn_problem_instance_create(problem, 1),
                        *c = hn_problem_instance_create(problem, 2);
    double point[HN_PROBLEM_MAX_PARAMETERS], of_a[HN_PROBLEM_MAX_EPOCHS], of_b[HN_PROBLEM_MAX_EPOCHS],
        of_c[HN_PROBLEM_MAX_EPOCHS];
    hn_problem_random_point(a, 5, point);
    int epochs = hn_problem_curve(a, point, of_a);
    hn_problem_curve(b, point, of_b);
    hn_problem_curve(c, point, of_c);
    for (int e = 0; e < epochs; e++)
        ck_assert_double_eq(of_a[e], of_b[e]);
    ck_assert_double_ne(of_a[epochs - 1], of_c[epochs - 1]);
    point[0] = 1e9;
    hn_problem_curve(a, point, of_a);
    ck_assert(isnan(of_a[0]) && isnan(hn_problem_evaluate(a, point)));
    hn_problem_instance_destroy(a);
    hn_problem_instance_destroy(b);
    hn_problem_instance_destroy(c);
}
END_TEST

Suite *suite_curves(void)
{
    Suite *suite = suite_create("curves");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, nothing_is_below_the_optimum);
    tcase_add_test(all, made_curves_are_hard);
    tcase_add_test(all, curves_repeat);
    suite_add_tcase(suite, all);
    return suite;
}
