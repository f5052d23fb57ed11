/* Targets' maps: order, inverses, slopes and moments. Compared with scikit-learn in tests/oracle. */
#include "surrogate/gp_target.h"

#include <math.h>

#include "math/random.h"
#include "math/statistics.h"
#include "support.h"

enum { N = 50 };

static hn_arena arena;

static void teardown(void)
{
    hn_arena_release(&arena);
}

static hn_gp_target *make(hn_gp_transform transform, const double *y, size_t n)
{
    hn_gp_target *target = NULL;
    ck_assert_int_eq(hn_gp_target_make(&arena, transform, y, n, &target, NULL), HONE_OK);
    return target;
}

/* Positive with a long tail; of both signs; with ties. */
static void fill(int kind, double *y)
{
    hn_random random = hn_random_stream(1, (uint64_t)kind, HN_PURPOSE_TEST);
    for (int i = 0; i < N; i++) {
        double z = hn_random_normal(&random);
        y[i] = kind == 0 ? exp(2 * z) : kind == 1 ? 1000 * z - 200 : floor(3 * z);
    }
}

static const hn_gp_transform transforms[] = {HN_GP_TRANSFORM_GIVEN, HN_GP_TRANSFORM_NONE,
                                             HN_GP_TRANSFORM_POWER, HN_GP_TRANSFORM_RANK};
enum { KINDS = 3, CASES = 4 * KINDS };

START_TEST(order_and_inverse)
{
    double y[N], bent[N];
    fill(_i % KINDS, y);
    hn_gp_target *target = make(transforms[_i / KINDS], y, N);
    hn_sort_doubles(y, N);
    double span = y[N - 1] - y[0], highest = hn_gp_target_of(target, y[N - 1]);
    for (int i = 0; i < N; i++) {
        bent[i] = hn_gp_target_of(target, y[i]);
        ck_assert_msg(i == 0 || (y[i] == y[i - 1] ? bent[i] == bent[i - 1] : bent[i] >= bent[i - 1]),
                      "order of %d", i);
        if (bent[i] < highest)
            hn_assert_close(hn_gp_target_raw(target, bent[i]), y[i], 1e-9, 1e-9 * span);
    }
    if (transforms[_i / KINDS] != HN_GP_TRANSFORM_GIVEN) {
        hn_assert_absolute(hn_mean(bent, N), 0, 1e-9);
        hn_assert_relative(hn_standard_deviation(bent, N, 0), 1, 1e-9);
    }
    /* better and worse than all seen */
    double better = hn_gp_target_of(target, y[0] - span);
    ck_assert(isfinite(better) && better < bent[0]);
    hn_assert_close(hn_gp_target_raw(target, better), y[0] - span, 1e-9, 1e-9);
    ck_assert_double_ge(hn_gp_target_of(target, y[N - 1] + span), highest);
    ck_assert(isfinite(hn_gp_target_raw(target, 1e6)) && isfinite(hn_gp_target_raw(target, -1e6)));
}
END_TEST

START_TEST(slopes_equal_finite_differences)
{
    double y[N];
    fill(_i % KINDS, y);
    hn_gp_target *target = make(transforms[_i / KINDS], y, N);
    hn_sort_doubles(y, N);
    for (int i = -1; i + 1 < N; i++) {
        double at = i < 0 ? y[0] - 3 : y[i] + 0.37 * (y[i + 1] - y[i]), step = 1e-6 * (fabs(at) + 0.01);
        if (i >= 0 && y[i] == y[i + 1])
            continue; /* a knot */
        double slope = (hn_gp_target_of(target, at + step) - hn_gp_target_of(target, at - step)) / (2 * step);
        hn_assert_close(hn_gp_target_slope(target, at), slope, 1e-5, 1e-7);
    }
}
END_TEST

START_TEST(moments)
{
    double y[N], mean, variance;
    fill(0, y);
    hn_gp_target *target = make(HN_GP_TRANSFORM_NONE, y, N); /* a line: exact */
    double deviation = hn_standard_deviation(y, N, 0);
    hn_gp_target_moments(target, 0.7, 0.04, &mean, &variance);
    hn_assert_relative(mean, hn_mean(y, N) + 0.7 * deviation, 1e-12);
    hn_assert_relative(variance, 0.04 * deviation * deviation, 1e-9);
    /* bent: by the trapezoidal rule */
    target = make(HN_GP_TRANSFORM_POWER, y, N);
    double sum = 0, squares = 0, step = 1e-3;
    for (double z = -7; z <= 7; z += step) {
        double weight = exp(-z * z / 2) / sqrt(2 * M_PI) * step;
        double raw = hn_gp_target_raw(target, -0.2 + 0.3 * z);
        sum += weight * raw;
        squares += weight * raw * raw;
    }
    hn_gp_target_moments(target, -0.2, 0.09, &mean, &variance);
    hn_assert_relative(mean, sum, 1e-6);
    hn_assert_relative(variance, squares - sum * sum, 1e-4);
    hn_gp_target_moments(target, -0.2, 0.09, &sum, NULL);
    ck_assert(sum == mean);
}
END_TEST

START_TEST(tail_is_cut)
{
    double y[N];
    fill(1, y);
    y[3] = 1e12;
    y[4] = 2e12;
    hn_gp_target *target = make(HN_GP_TRANSFORM_POWER, y, N);
    ck_assert(hn_gp_target_of(target, y[3]) == hn_gp_target_of(target, y[4]));
    ck_assert(hn_gp_target_slope(target, y[3]) == 0);
    ck_assert_double_lt(hn_gp_target_of(target, y[4]), 6);
    ck_assert_double_lt(hn_gp_target_raw(target, 100), 1e5);
}
END_TEST

START_TEST(equal_and_extreme_targets)
{
    const double equal[] = {4, 4, 4}, extreme[] = {-1e308, 1e308, 0, 5e-324}, zeros[] = {0, 0, 0, 0, 0, 1};
    for (size_t k = 0; k < 4; k++) {
        hn_gp_target *target = make(transforms[k], equal, 3);
        ck_assert(hn_gp_target_of(target, 4) == (k ? 0 : 4));
        ck_assert(hn_gp_target_of(target, 5) > hn_gp_target_of(target, 4));
        if (k == 0)
            continue;
        target = make(transforms[k], extreme, 4);
        for (size_t i = 0; i < 4; i++)
            ck_assert(fabs(hn_gp_target_of(target, extreme[i])) < 3);
        target = make(transforms[k], zeros, 6);
        ck_assert_double_lt(hn_gp_target_of(target, 0), hn_gp_target_of(target, 1));
    }
}
END_TEST

Suite *suite_gp_target(void)
{
    Suite *suite = suite_create("gp_target");
    TCase *maps = tcase_create("maps");
    tcase_add_checked_fixture(maps, NULL, teardown);
    tcase_add_loop_test(maps, order_and_inverse, 0, CASES);
    tcase_add_loop_test(maps, slopes_equal_finite_differences, 0, CASES);
    tcase_add_test(maps, moments);
    tcase_add_test(maps, tail_is_cut);
    tcase_add_test(maps, equal_and_extreme_targets);
    suite_add_tcase(suite, maps);
    return suite;
}
