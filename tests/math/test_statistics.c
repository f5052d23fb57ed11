#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "math/statistics.h"
#include "support.h"

enum { MOST = 5000 };

static const size_t lengths[] = {0, 1, 2, 3, 47, 48, 49, 100, 512, 513, MOST};
enum { N_LENGTHS = sizeof lengths / sizeof *lengths };

/* Mixed magnitudes and signs, infinities and zeros of both signs, many ties when `kind` is 1, one value when
 * 2, already ascending when 3. */
static void fill(double *x, size_t n, int kind)
{
    hn_random random = hn_random_stream(n, (uint64_t)kind, HN_PURPOSE_TEST);
    static const double special[] = {INFINITY, -INFINITY, 0.0, -0.0, 5e-324, -5e-324};
    for (size_t i = 0; i < n; i++) {
        double z = hn_random_normal(&random);
        x[i] = kind == 0   ? z * exp(20.0 * hn_random_normal(&random))
               : kind == 1 ? floor(z)
               : kind == 2 ? 4.5
                           : (double)i;
        if (kind == 0 && i % 50 == 7)
            x[i] = special[hn_random_below(&random, 6)];
    }
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    if (a == b)
        return signbit(b) - signbit(a) > 0 ? 1 : signbit(b) == signbit(a) ? 0 : -1;
    return a < b ? -1 : 1;
}

static void check_orders(void)
{
    static double x[MOST], sorted[MOST];
    static size_t order[MOST];
    for (int kind = 0; kind < 4; kind++)
        for (size_t l = 0; l < N_LENGTHS; l++) {
            size_t n = lengths[l];
            fill(x, n, kind);
            hn_argsort(x, n, order);
            for (size_t i = 1; i < n; i++)
                ck_assert(x[order[i - 1]] < x[order[i]] ||
                          (x[order[i - 1]] == x[order[i]] && order[i - 1] < order[i]));
            memcpy(sorted, x, sizeof x);
            hn_sort_doubles(x, n);
            qsort(sorted, n, sizeof *x, compare_doubles);
            for (size_t i = 0; i < n; i++)
                ck_assert(x[i] == sorted[i] && !signbit(x[i]) == !signbit(sorted[i]));
        }
}

START_TEST(sorts)
{
    check_orders();
}
END_TEST

START_TEST(sorts_without_scratch_memory)
{
    hn_memory_fail_at(0, 1);
    check_orders();
    ck_assert_int_gt(hn_memory_fail_at(-1, 0), 0);
}
END_TEST

START_TEST(quantiles_are_those_of_the_sorted_array)
{
    static double x[MOST], sorted[MOST];
    static const double fractions[] = {0.0, 0.1, 0.25, 0.5, 0.9, 0.999, 1.0};
    for (int kind = 0; kind < 4; kind++)
        for (size_t l = 1; l < N_LENGTHS; l++)
            for (size_t f = 0; f < 7; f++) {
                size_t n = lengths[l];
                fill(x, n, kind);
                memcpy(sorted, x, sizeof x);
                hn_sort_doubles(sorted, n);
                double at = fractions[f] * (double)(n - 1), low = sorted[(size_t)at];
                double rest = at - floor(at), high = rest > 0.0 ? sorted[(size_t)at + 1] : low;
                double expected = low == high ? low : low * (1.0 - rest) + high * rest;
                hn_assert_close(hn_quantile(x, n, fractions[f]), expected, 1e-12, 1e-300);
            }
}
END_TEST

START_TEST(moments)
{
    double x[] = {1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0}, even[] = {4.0, 1.0, 3.0, 2.0};
    ck_assert(hn_mean(x, 4) == 1e9 + 10.0);
    hn_assert_relative(hn_standard_deviation(x, 4, 1), sqrt(30.0), 1e-15);
    hn_assert_relative(hn_standard_deviation(x, 4, 0), sqrt(22.5), 1e-15);
    ck_assert(isnan(hn_standard_deviation(x, 1, 1)));
    ck_assert(hn_standard_deviation(x, 1, 0) == 0.0);
    ck_assert(hn_median(even, 4) == 2.5);
    ck_assert(hn_median(even, 1) == even[0]);
}
END_TEST

START_TEST(student_tails)
{
    /* scipy.stats.t.sf, scipy 1.10.1 */
    static const struct {
        double t;
        size_t degrees;
        double tail;
    } known[] = {
        {0.5, 1, 0.3524163823495668},     {2.6186146828319083, 2, 0.06005865493594013},
        {1.7, 3, 0.09384532077670496},    {-2.2, 4, 0.9536736649101827},
        {12.0, 5, 3.544746258580764e-05}, {0, 7, 0.5},
        {3.3, 9, 0.004614954159273507},   {1.1, 100, 0.13698656307294813},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        hn_assert_relative(hn_student_tail(known[i].t, known[i].degrees), known[i].tail, 1e-10);
    }
    ck_assert(hn_student_tail(INFINITY, 3) < 1e-15);
}
END_TEST

Suite *suite_statistics(void)
{
    Suite *suite = suite_create("statistics");
    TCase *sorting = tcase_create("sorting");
    tcase_add_test(sorting, sorts);
    tcase_add_test(sorting, sorts_without_scratch_memory);
    suite_add_tcase(suite, sorting);
    TCase *values = tcase_create("values");
    tcase_add_test(values, quantiles_are_those_of_the_sorted_array);
    tcase_add_test(values, moments);
    tcase_add_test(values, student_tails);
    suite_add_tcase(suite, values);
    return suite;
}
