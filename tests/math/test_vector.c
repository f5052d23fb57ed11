#include <float.h>
#include <math.h>
#include <string.h>

#include "math/random.h"
#include "math/vector.h"
#include "support.h"

enum { N = 4099 };

static void same_special(double actual, double expected, double x)
{
    if (isnan(expected))
        ck_assert_msg(isnan(actual), "f(%a) is %a, expected NaN", x, actual);
    else
        ck_assert_msg(hn_test_ulps(actual, expected) <= 4, "f(%a) is %a, expected %a", x, actual, expected);
}

START_TEST(within_4_ulp_of_libm)
{
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    static double x[N], out[N];
    for (int i = 0; i < N; i++)
        x[i] = (hn_random_uniform(&random) - 0.5) * (i % 2 ? 1420.0 : 4.0);
    hn_vector_exp(x, N, out);
    for (int i = 0; i < N; i++)
        same_special(out[i], exp(x[i]), x[i]);
    for (int i = 0; i < N; i++)
        x[i] = exp(x[i]);
    hn_vector_log(x, N, out);
    for (int i = 0; i < N; i++)
        same_special(out[i], log(x[i]), x[i]);
}
END_TEST

START_TEST(special_values_as_libm)
{
    static const double special[] = {-INFINITY, INFINITY,     NAN,      -NAN,    0.0,      -0.0,
                                     DBL_MIN,   DBL_TRUE_MIN, -DBL_MIN, DBL_MAX, -DBL_MAX, 0x1p-1060,
                                     709.7,     710.0,        -708.5,   -744.0,  -745.2,   -1e300,
                                     1.0,       -1.0,         1e-320,   1e-17,   -1e-17};
    enum { COUNT = sizeof special / sizeof *special };
    double exps[COUNT], logs[COUNT], alone;
    hn_vector_exp(special, COUNT, exps);
    hn_vector_log(special, COUNT, logs);
    for (int i = 0; i < COUNT; i++) {
        double x = special[i];
        same_special(exps[i], exp(x), x);
        same_special(logs[i], log(x), x);
        if (!isnormal(exp(x)) && !isnan(x))
            ck_assert(exps[i] == exp(x));
        hn_vector_exp(&x, 1, &alone);
        ck_assert_msg(alone == exps[i] || isnan(alone), "exp(%a) depends on its place", x);
    }
}
END_TEST

START_TEST(every_length_and_in_place)
{
    double x[40], out[40];
    for (int i = 0; i < 40; i++)
        x[i] = 0.37 * i - 5.0;
    for (size_t n = 0; n <= 33; n++) {
        memset(out, 0, sizeof out);
        memcpy(out, x, n * sizeof *x);
        hn_vector_exp(out, n, out);
        for (size_t i = 0; i < n; i++)
            ck_assert(hn_test_ulps(out[i], exp(x[i])) <= 4);
        for (size_t i = n; i < 40; i++)
            ck_assert(out[i] == 0.0);
    }
}
END_TEST

START_TEST(reductions)
{
    hn_random random = hn_random_stream(2, 0, HN_PURPOSE_TEST);
    static double x[N];
    for (size_t n = 1; n < N; n = n * 3 + 1) {
        long double sum = 0.0L, exps = 0.0L;
        double max = -INFINITY;
        for (size_t i = 0; i < n; i++) {
            x[i] = 900.0 + 300.0 * hn_random_normal(&random);
            sum += x[i];
            exps += expl(x[i]);
            max = fmax(max, x[i]);
        }
        ck_assert(hn_vector_max(x, n) == max);
        hn_assert_relative(hn_vector_sum(x, n), (double)sum, 1e-14);
        hn_assert_relative(hn_vector_log_sum_exp(x, n), (double)logl(exps), 1e-14);
    }
}
END_TEST

START_TEST(log_sum_exp_at_the_edges)
{
    double none[] = {-INFINITY, -INFINITY}, one[] = {-INFINITY, -1000.0, -INFINITY}, all[] = {3.0, INFINITY};
    ck_assert(hn_vector_log_sum_exp(none, 0) == -INFINITY);
    ck_assert(hn_vector_log_sum_exp(none, 2) == -INFINITY);
    ck_assert(hn_vector_log_sum_exp(one, 3) == -1000.0);
    ck_assert(hn_vector_log_sum_exp(all, 2) == INFINITY);
    ck_assert(hn_vector_max(none, 0) == -INFINITY);
    ck_assert(hn_vector_sum(none, 0) == 0.0);
}
END_TEST

Suite *suite_vector(void)
{
    Suite *suite = suite_create("vector");
    TCase *functions = tcase_create("functions");
    tcase_add_test(functions, within_4_ulp_of_libm);
    tcase_add_test(functions, special_values_as_libm);
    tcase_add_test(functions, every_length_and_in_place);
    suite_add_tcase(suite, functions);
    TCase *sums = tcase_create("reductions");
    tcase_add_test(sums, reductions);
    tcase_add_test(sums, log_sum_exp_at_the_edges);
    suite_add_tcase(suite, sums);
    return suite;
}
