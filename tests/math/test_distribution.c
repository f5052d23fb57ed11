#include <math.h>

#include "math/distribution.h"
#include "support.h"

START_TEST(sums_and_differences_of_logs)
{
    hn_assert_relative(hn_log_add(log(3.0), log(4.0)), log(7.0), 1e-15);
    hn_assert_relative(hn_log_add(-2000.0, -2000.0), -2000.0 + log(2.0), 1e-15);
    hn_assert_relative(hn_log_subtract(log(7.0), log(3.0)), log(4.0), 1e-15);
    hn_assert_relative(hn_log_subtract(0.0, -1e-12), log(1e-12), 1e-12);
    ck_assert(hn_log_add(-INFINITY, -INFINITY) == -INFINITY);
    ck_assert(hn_log_add(-INFINITY, 5.0) == 5.0);
    ck_assert(hn_log_subtract(5.0, -INFINITY) == 5.0);
    ck_assert(hn_log_subtract(5.0, 5.0) == -INFINITY);
    ck_assert(hn_log_subtract(-INFINITY, -INFINITY) == -INFINITY);
}
END_TEST

START_TEST(normal_at_the_ends)
{
    ck_assert(hn_normal_quantile(0.0) == -INFINITY);
    ck_assert(hn_normal_quantile(1.0) == INFINITY);
    ck_assert(hn_normal_quantile(0.5) == 0.0);
    ck_assert(hn_normal_log_cdf(-INFINITY) == -INFINITY);
    ck_assert(hn_normal_log_cdf(INFINITY) == 0.0);
    ck_assert(hn_normal_log_mass(-INFINITY, INFINITY) == 0.0);
    ck_assert(hn_normal_log_mass(2.0, 2.0) == -INFINITY);
}
END_TEST

static const double intervals[][2] = {
    {-1.0, 2.0},        {30.0, 31.0},      {-INFINITY, 0.5},  {-INFINITY, -50.0}, {0.0, 1.0},
    {1.0, 1.0 + 1e-15}, {1e6, 1e6 + 1e-9}, {-1e-300, 1e-300}, {-60.0, 60.0},      {1e100, 1e101},
    {-1e200, -1.0},     {-1e-9, 0.0},      {0.0, INFINITY},   {-38.0, -37.0},     {-INFINITY, INFINITY},
};

START_TEST(quantiles_rise_and_stay_inside)
{
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        double a = intervals[i][0], b = intervals[i][1], last = a;
        ck_assert(hn_truncated_normal_quantile(0.0, a, b) == a);
        ck_assert(hn_truncated_normal_quantile(1.0, a, b) == b);
        for (int k = 1; k < 1000; k++) {
            double x = hn_truncated_normal_quantile(k / 1000.0, a, b);
            ck_assert_msg(x >= last - 1e-13 * fabs(last) && x >= a && x <= b,
                          "quantile %d/1000 of [%g, %g] is %.17g after %.17g", k, a, b, x, last);
            last = x;
        }
    }
}
END_TEST

START_TEST(the_density_is_finite_inside_and_zero_outside)
{
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        double a = intervals[i][0], b = intervals[i][1];
        double x = hn_truncated_normal_quantile(0.5, a, b);
        ck_assert_msg(isfinite(hn_truncated_normal_log_pdf(x, a, b)), "log pdf of %g in [%g, %g]", x, a, b);
        if (isfinite(a))
            ck_assert(hn_truncated_normal_log_pdf(nextafter(a, -INFINITY), a, b) == -INFINITY);
        if (isfinite(b))
            ck_assert(hn_truncated_normal_log_pdf(nextafter(b, INFINITY), a, b) == -INFINITY);
    }
}
END_TEST

Suite *suite_distribution(void)
{
    Suite *suite = suite_create("distribution");
    TCase *edges = tcase_create("edges");
    tcase_add_test(edges, sums_and_differences_of_logs);
    tcase_add_test(edges, normal_at_the_ends);
    tcase_add_test(edges, quantiles_rise_and_stay_inside);
    tcase_add_test(edges, the_density_is_finite_inside_and_zero_outside);
    suite_add_tcase(suite, edges);
    return suite;
}
