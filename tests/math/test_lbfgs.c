/* Minimising functions whose minimum is known. */
#include <math.h>

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

Suite *suite_lbfgs(void)
{
    Suite *suite = suite_create("lbfgs");
    TCase *minima = tcase_create("minima");
    tcase_add_test(minima, finds_the_minimum);
    tcase_add_test(minima, stops_at_the_iterations_given_lower_than_it_began);
    tcase_add_test(minima, stops_when_cancelled);
    suite_add_tcase(suite, minima);
    return suite;
}
