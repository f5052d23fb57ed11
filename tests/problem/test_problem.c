/* The benchmark's problems from the side of C: spaces, points, what is known of the tuning of models.
 * bench/check_problems.py checks optima, shifts and medians of all of them. */
#include <math.h>
#include <string.h>

#include "problem/problem.h"
#include "support.h"

static hn_space *space_of(const hn_problem *problem, hn_arena *arena)
{
    hn_space *space = NULL;
    hone_error err = {0};
    ck_assert_msg(hn_problem_space(problem, arena, &space, &err) == HONE_OK, "%s: %s",
                  hn_problem_name(problem), err.message);
    return space;
}

/* A point of the problem as one of its space. */
static void to_space(const hn_problem *problem, const hn_space *space, const double *values, hn_point *point)
{
    for (int i = 0; i < hn_problem_parameter_count(problem); i++) {
        size_t at = hn_space_find(space, hn_problem_parameter_at(problem, i)->name);
        ck_assert_uint_ne(at, SIZE_MAX);
        point->active[at] = !isnan(values[i]);
        point->values[at] = point->active[at] ? values[i] : 0;
    }
}

START_TEST(random_points_are_points_of_the_space)
{
    for (int p = 0; p < hn_problem_count(); p++) {
        const hn_problem *problem = hn_problem_at(p);
        hn_arena arena = HN_ARENA_INIT;
        hn_space *space = space_of(problem, &arena);
        hn_problem_instance *instance = hn_problem_instance_create(problem, 3);
        hn_point point = hn_point_new(&arena, space->count);
        double values[HN_PROBLEM_MAX_PARAMETERS];
        ck_assert_uint_eq(space->count, (size_t)hn_problem_parameter_count(problem));
        ck_assert_ptr_eq(hn_problem_of(instance), problem);
        ck_assert_ptr_eq(hn_problem_find(hn_problem_name(problem)), problem);
        for (uint64_t k = 0; k < 5; k++) {
            hn_problem_random_point(instance, k, values);
            to_space(problem, space, values, &point);
            ck_assert_msg(hn_space_contains(space, &point), "%s, point %d", hn_problem_name(problem), (int)k);
            double value = hn_problem_value(instance, space, &point);
            double again = hn_problem_evaluate(instance, values);
            bool breaks = hn_problem_epochs(problem) > 1 && isnan(value) && isnan(again); /* at once */
            ck_assert(breaks || (isfinite(value) && value == again));
        }
        hn_problem_instance_destroy(instance);
        hn_arena_release(&arena);
    }
}
END_TEST

static bool is_tuning(const hn_problem *problem)
{
    return strcmp(hn_problem_family(problem), "tuning") == 0;
}

/* What calibrate.py wrote down is what the models still do, and random points are not better. */
START_TEST(tuning_is_as_it_was_measured)
{
    int n = 0;
    for (int p = 0; p < hn_problem_count(); p++) {
        const hn_problem *problem = hn_problem_at(p);
        if (!is_tuning(problem))
            continue;
        hn_problem_instance *instance = hn_problem_instance_create(problem, 0);
        double point[HN_PROBLEM_MAX_PARAMETERS], optimum = hn_problem_optimum(instance), better = 0;
        hn_problem_optimum_point(instance, point);
        ck_assert_msg(fabs(hn_problem_evaluate(instance, point) - optimum) < 1e-3 * fabs(optimum),
                      "%s: %.9g at the best point, %.9g is written down: run bench/calibrate.py",
                      hn_problem_name(problem), hn_problem_evaluate(instance, point), optimum);
        ck_assert_double_gt(hn_problem_median(instance), optimum);
        for (uint64_t k = 0; k < 20; k++) {
            hn_problem_random_point(instance, k, point);
            double value = hn_problem_evaluate(instance, point);
            ck_assert_double_ge(value, optimum - 1e-3 * fabs(optimum));
            better += value < hn_problem_median(instance);
        }
        ck_assert_msg(better >= 3 && better <= 17, "%s: %g of 20 below the median", hn_problem_name(problem),
                      better);
        hn_problem_instance_destroy(instance);
        n++;
    }
    ck_assert_int_ge(n, 10);
}
END_TEST

/* The same in any instance, whatever its seed. */
START_TEST(tuning_repeats)
{
    const hn_problem *problem = hn_problem_find("tune_network");
    hn_problem_instance *a = hn_problem_instance_create(problem, 1),
                        *b = hn_problem_instance_create(problem, 2);
    double point[HN_PROBLEM_MAX_PARAMETERS];
    hn_problem_random_point(a, 7, point);
    double value = hn_problem_evaluate(a, point);
    ck_assert_double_eq(value, hn_problem_evaluate(b, point));
    ck_assert_double_eq(value, hn_problem_evaluate(a, point));
    point[0] = 1e9;
    ck_assert(isnan(hn_problem_evaluate(a, point)));
    hn_problem_instance_destroy(a);
    hn_problem_instance_destroy(b);
}
END_TEST

Suite *suite_problem(void)
{
    Suite *suite = suite_create("problem");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, random_points_are_points_of_the_space);
    tcase_add_test(all, tuning_is_as_it_was_measured);
    tcase_add_test(all, tuning_repeats);
    suite_add_tcase(suite, all);
    return suite;
}
