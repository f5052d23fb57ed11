/* Minimising functions whose minimum is known. */
#include <math.h>
#include <string.h>

#include "math/lbfgs.h"
#include "support.h"

enum { N = 20 };

static hone_error error;

/* Rosenbrock's valley in pairs: 0 at ones. */
static double rosenbrock(void *context, const double *x, double *gradient)
{
    (void)context;
    double value = 0;
    for (size_t i = 0; i < N; i += 2) {
        double bend = x[i + 1] - x[i] * x[i], gap = 1 - x[i];
        value += 100 * bend * bend + gap * gap;
        gradient[i] = -400 * bend * x[i] - 2 * gap;
        gradient[i + 1] = 200 * bend;
    }
    return value;
}

/* Condition number 1e4; infinite beyond a wall that a careless first step would cross. */
static double walled_bowl(void *context, const double *x, double *gradient)
{
    (void)context;
    double value = 0;
    for (size_t i = 0; i < N; i++) {
        double scale = pow(10, 4.0 * (double)i / (N - 1)), gap = x[i] - 1;
        if (x[i] > 1.5)
            value = INFINITY;
        value += 0.5 * scale * gap * gap;
        gradient[i] = scale * gap;
    }
    return value;
}

static hn_lbfgs_result minimise(double (*value)(void *, const double *, double *), size_t iterations,
                                double *x)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_lbfgs_result result = {0};
    hn_lbfgs_problem problem = {
        .n = N, .value = value, .gradient_tolerance = 1e-9, .max_iterations = iterations};
    for (size_t i = 0; i < N; i++)
        x[i] = i % 2 ? 1 : -1.2;
    ck_assert_int_eq(hn_lbfgs_minimize(&problem, &scratch, x, &result, &error), HONE_OK);
    hn_arena_release(&scratch);
    return result;
}

START_TEST(finds_the_minimum)
{
    double (*const functions[])(void *, const double *, double *) = {rosenbrock, walled_bowl};
    for (size_t f = 0; f < 2; f++) {
        double x[N];
        hn_lbfgs_result result = minimise(functions[f], 1000, x);
        for (size_t i = 0; i < N; i++)
            hn_assert_absolute(x[i], 1, 1e-7);
        ck_assert(result.gradient_size <= 1e-9 && result.iterations < 500);
        ck_assert(result.evaluations < 3 * result.iterations);
    }
}
END_TEST

START_TEST(stops_at_the_iterations_given_lower_than_it_began)
{
    double x[N], gradient[N];
    hn_lbfgs_result result = minimise(rosenbrock, 5, x);
    ck_assert_uint_eq(result.iterations, 5);
    ck_assert(rosenbrock(NULL, x, gradient) == result.value);
    ck_assert(result.value < 10 * 24.2);
}
END_TEST

START_TEST(stops_when_cancelled)
{
    hn_arena scratch = HN_ARENA_INIT;
    volatile int cancel = 1;
    double x[N] = {0};
    hn_lbfgs_problem problem = {.n = N, .value = rosenbrock, .max_iterations = 100, .cancel = &cancel};
    ck_assert_int_eq(hn_lbfgs_minimize(&problem, &scratch, x, NULL, &error), HONE_CANCELLED);
    hn_arena_release(&scratch);
}
END_TEST

/* --- in a box: problems of Hock & Schittkowski 1981, by their numbers there --- */

/* HS 2: Rosenbrock's valley with x2 >= 1.5; with x2 >= -1.5 it is HS 1. */
static double hs2(void *context, const double *x, double *gradient)
{
    (void)context;
    double bend = x[1] - x[0] * x[0], gap = 1 - x[0];
    gradient[0] = -400 * bend * x[0] - 2 * gap;
    gradient[1] = 200 * bend;
    return 100 * bend * bend + gap * gap;
}

static double hs3(void *context, const double *x, double *gradient)
{
    (void)context;
    double gap = x[1] - x[0];
    gradient[0] = -2e-5 * gap;
    gradient[1] = 1 + 2e-5 * gap;
    return x[1] + 1e-5 * gap * gap;
}

static double hs4(void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = (x[0] + 1) * (x[0] + 1);
    gradient[1] = 1;
    return pow(x[0] + 1, 3) / 3 + x[1];
}

static double hs5(void *context, const double *x, double *gradient)
{
    (void)context;
    double wave = cos(x[0] + x[1]), gap = x[0] - x[1];
    gradient[0] = wave + 2 * gap - 1.5;
    gradient[1] = wave - 2 * gap + 2.5;
    return sin(x[0] + x[1]) + gap * gap - 1.5 * x[0] + 2.5 * x[1] + 1;
}

static double hs38(void *context, const double *x, double *gradient)
{
    (void)context;
    double a = x[1] - x[0] * x[0], b = 1 - x[0], c = x[3] - x[2] * x[2], d = 1 - x[2];
    double e = x[1] - 1, f = x[3] - 1;
    gradient[0] = -400 * x[0] * a - 2 * b;
    gradient[1] = 200 * a + 20.2 * e + 19.8 * f;
    gradient[2] = -360 * x[2] * c - 2 * d;
    gradient[3] = 180 * c + 20.2 * f + 19.8 * e;
    return 100 * a * a + b * b + 90 * c * c + d * d + 10.1 * (e * e + f * f) + 19.8 * e * f;
}

static double hs45(void *context, const double *x, double *gradient)
{
    (void)context;
    for (size_t i = 0; i < 5; i++) {
        gradient[i] = -1.0 / 120;
        for (size_t j = 0; j < 5; j++)
            gradient[i] *= j == i ? 1 : x[j];
    }
    return 2 + gradient[0] * x[0];
}

static double hs110(void *context, const double *x, double *gradient)
{
    (void)context;
    double value = 0, product = 1;
    for (size_t i = 0; i < 10; i++)
        product *= pow(x[i], 0.2);
    for (size_t i = 0; i < 10; i++) {
        double a = log(x[i] - 2), b = log(10 - x[i]);
        value += a * a + b * b;
        gradient[i] = 2 * a / (x[i] - 2) - 2 * b / (10 - x[i]) - 0.2 * product / x[i];
    }
    return value - product;
}

#define REPEAT5(x) x, x, x, x, x

static const struct {
    double (*function)(void *, const double *, double *);
    size_t n;
    double start[10], low[10], high[10], best[10], value;
} boxes[] = {
    {hs2, 2, {-2, 1}, {-INFINITY, -1.5}, {INFINITY, INFINITY}, {1, 1}, 0},
    {hs2, 2, {2, 1}, {-INFINITY, 1.5}, {INFINITY, INFINITY}, {1.224370749, 1.5}, 0.0504261879},
    {hs3, 2, {10, 1}, {-INFINITY, 0}, {INFINITY, INFINITY}, {0, 0}, 0},
    {hs4, 2, {1.125, 0.125}, {1, 0}, {INFINITY, INFINITY}, {1, 0}, 8.0 / 3},
    {hs5, 2, {0, 0}, {-1.5, -3}, {4, 3}, {-0.5471975512, -1.5471975512}, -1.913222954982},
    {hs38, 4, {-3, -1, -3, -1}, {-10, -10, -10, -10}, {10, 10, 10, 10}, {1, 1, 1, 1}, 0},
    {hs45, 5, {2, 2, 2, 2, 2}, {0}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}, 1},
    {hs110,
     10,
     {REPEAT5(9), REPEAT5(9)},
     {REPEAT5(2.001), REPEAT5(2.001)},
     {REPEAT5(9.999), REPEAT5(9.999)},
     {REPEAT5(9.35026583), REPEAT5(9.35026583)},
     -45.77846971},
};

START_TEST(finds_the_minimum_in_a_box)
{
    for (size_t b = 0; b < sizeof boxes / sizeof *boxes; b++) {
        hn_arena scratch = HN_ARENA_INIT;
        hn_lbfgs_result result;
        hn_lbfgs_problem problem = {.n = boxes[b].n,
                                    .value = boxes[b].function,
                                    .gradient_tolerance = 1e-8,
                                    .max_iterations = 200,
                                    .low = boxes[b].low,
                                    .high = boxes[b].high};
        double x[10];
        memcpy(x, boxes[b].start, sizeof x);
        ck_assert_int_eq(hn_lbfgs_minimize(&problem, &scratch, x, &result, &error), HONE_OK);
        hn_assert_absolute(result.value, boxes[b].value, 2e-8);
        for (size_t i = 0; i < boxes[b].n; i++)
            hn_assert_absolute(x[i], boxes[b].best[i], 2e-5);
        ck_assert_uint_lt(result.evaluations, 150);
        hn_arena_release(&scratch);
    }
}
END_TEST

enum { LARGE = 60 };

/* A convex quadratic of condition about 1e4 whose free minimum is far outside the box in many coordinates. */
static double large_bowl(void *context, const double *x, double *gradient)
{
    (void)context;
    double value = 0, sum = 0;
    for (size_t i = 0; i < LARGE; i++)
        sum += x[i];
    for (size_t i = 0; i < LARGE; i++) {
        double scale = pow(10, 4.0 * (double)(i * 7 % LARGE) / (LARGE - 1)),
               target = 3 * sin(1.0 + (double)i);
        gradient[i] = scale * (x[i] - target) + 2 * sum;
        value += scale * (x[i] - target) * (x[i] - target) / 2;
    }
    return value + sum * sum;
}

/* The conditions of Karush, Kuhn and Tucker, which are enough for a convex function. */
START_TEST(meets_the_optimality_conditions_with_many_bounds)
{
    hn_arena scratch = HN_ARENA_INIT;
    double low[LARGE], high[LARGE], x[LARGE], gradient[LARGE];
    size_t at_bound = 0;
    hn_lbfgs_result result;
    for (size_t i = 0; i < LARGE; i++) {
        low[i] = i % 3 == 0 ? -INFINITY : -1;
        high[i] = i % 3 == 1 ? INFINITY : 0.5;
        x[i] = 100; /* outside */
    }
    hn_lbfgs_problem problem = {.n = LARGE,
                                .value = large_bowl,
                                .gradient_tolerance = 1e-7,
                                .max_iterations = 2000,
                                .low = low,
                                .high = high};
    ck_assert_int_eq(hn_lbfgs_minimize(&problem, &scratch, x, &result, &error), HONE_OK);
    hn_assert_relative(result.value, 52369.25587882295, 1e-13); /* SciPy 1.10.1's L-BFGS-B */
    large_bowl(NULL, x, gradient);
    for (size_t i = 0; i < LARGE; i++) {
        ck_assert(x[i] >= low[i] && x[i] <= high[i]);
        at_bound += x[i] == low[i] || x[i] == high[i];
        ck_assert(x[i] == low[i]    ? gradient[i] > -1e-3
                  : x[i] == high[i] ? gradient[i] < 1e-3
                                    : fabs(gradient[i]) < 1e-3);
    }
    ck_assert(at_bound > LARGE / 4 && at_bound < LARGE);
    hn_arena_release(&scratch);
}
END_TEST

/* Many searches at once give what each gives alone. */
START_TEST(values_may_be_brought_by_the_caller)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_lbfgs_problem problem = {
        .n = N, .value = rosenbrock, .gradient_tolerance = 1e-9, .max_iterations = 400};
    hn_lbfgs *searches[2];
    double x[2][N], gradient[N];
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < N; i++)
            x[k][i] = i % 2 ? (double)k : -1.2;
        ck_assert_int_eq(hn_lbfgs_begin(&problem, &scratch, x[k], &searches[k], &error), HONE_OK);
    }
    for (bool any = true; any;) {
        any = false;
        for (size_t k = 0; k < 2; k++) {
            const double *wanted = hn_lbfgs_wanted(searches[k]);
            any = any || wanted;
            if (wanted)
                hn_lbfgs_tell(searches[k], rosenbrock(NULL, wanted, gradient), gradient);
        }
    }
    for (size_t k = 0; k < 2; k++) {
        hn_lbfgs_result together, alone;
        const double *best = hn_lbfgs_best(searches[k], &together);
        ck_assert_int_eq(hn_lbfgs_minimize(&problem, &scratch, x[k], &alone, &error), HONE_OK);
        ck_assert_uint_eq(together.evaluations, alone.evaluations);
        ck_assert(memcmp(best, x[k], sizeof x[k]) == 0);
    }
    hn_arena_release(&scratch);
}
END_TEST

Suite *suite_lbfgs(void)
{
    Suite *suite = suite_create("lbfgs");
    TCase *minima = tcase_create("minima");
    tcase_add_test(minima, finds_the_minimum);
    tcase_add_test(minima, stops_at_the_iterations_given_lower_than_it_began);
    tcase_add_test(minima, stops_when_cancelled);
    suite_add_tcase(suite, minima);
    TCase *bounded = tcase_create("bounded");
    tcase_add_test(bounded, finds_the_minimum_in_a_box);
    tcase_add_test(bounded, meets_the_optimality_conditions_with_many_bounds);
    tcase_add_test(bounded, values_may_be_brought_by_the_caller);
    suite_add_tcase(suite, bounded);
    return suite;
}
