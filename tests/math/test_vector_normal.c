#include <math.h>

#include "math/distribution.h"
#include "math/random.h"
#include "math/vector_normal.h"
#include "support.h"

enum { N = 1027 };

static void compare(const double *a, const double *b, size_t n)
{
    static double out[N];
    hn_vector_normal_log_mass(a, b, n, out);
    for (size_t i = 0; i < n; i++) {
        double expected = hn_normal_log_mass(a[i], b[i]);
        ck_assert_msg(fabs(out[i] - expected) <= 1e-10 + 1e-15 * fabs(expected), "[%a, %a]: %.17g, not %.17g",
                      a[i], b[i], out[i], expected);
    }
}

START_TEST(every_place_and_width)
{
    static double a[N], b[N];
    for (double width = 1e-9; width < 300; width *= 1.3) {
        for (int i = 0; i < N; i++) {
            a[i] = -90 + i * (180.0 / N);
            b[i] = a[i] + width;
        }
        compare(a, b, N);
    }
}
END_TEST

START_TEST(both_ways_at_the_limit_of_the_expansion)
{
    static double a[N], b[N];
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < N; i++) {
            double middle = 40 * hn_random_uniform(&random), sign = i % 2 ? 1 : -1;
            double width = (0.1 + 1e-6 * (hn_random_uniform(&random) - 0.5)) / (1 + middle);
            a[i] = sign * middle - 0.5 * width;
            b[i] = sign * middle + 0.5 * width;
        }
        compare(a, b, N);
    }
}
END_TEST

START_TEST(far_tails_and_whole_lines)
{
    const double a[] = {-1e8, -50, 0, 1e8, -1e8 - 1, 1000, -1e8, -3000, -1e-8, 1e37},
                 b[] = {1e8, 50, 1e8, 1e8 + 1, -1e8, 1001, -1e7, -2999.5, 1e-8, 2e37};
    double out[10];
    compare(a, b, 9);
    hn_vector_normal_log_mass(a, b, 10, out);
    ck_assert(out[9] < -1e73 && !isnan(out[9]));
}
END_TEST

START_TEST(a_result_depends_on_its_element_alone)
{
    double a[70], b[70], together[70], alone;
    for (int i = 0; i < 70; i++) {
        a[i] = -12 + 0.35 * i;
        b[i] = a[i] + (i % 3 == 0 ? 1e-3 : 0.7);
    }
    for (size_t n = 0; n <= 70; n++) {
        for (size_t i = 0; i < 70; i++)
            together[i] = 1;
        hn_vector_normal_log_mass(a, b, n, together);
        for (size_t i = 0; i < 70; i++) {
            hn_vector_normal_log_mass(&a[i], &b[i], 1, &alone);
            ck_assert(together[i] == (i < n ? alone : 1));
        }
    }
    hn_vector_normal_log_mass(a, b, 70, b);
    for (size_t i = 0; i < 70; i++)
        ck_assert(b[i] == together[i]);
}
END_TEST

Suite *suite_vector_normal(void)
{
    Suite *suite = suite_create("vector_normal");
    TCase *masses = tcase_create("masses");
    tcase_add_test(masses, every_place_and_width);
    tcase_add_test(masses, both_ways_at_the_limit_of_the_expansion);
    tcase_add_test(masses, far_tails_and_whole_lines);
    tcase_add_test(masses, a_result_depends_on_its_element_alone);
    suite_add_tcase(suite, masses);
    return suite;
}
