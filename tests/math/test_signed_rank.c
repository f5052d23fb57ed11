/* The signed-rank test against all 2^n signs, and SciPy's numbers. */
#include <math.h>

#include "math/random.h"
#include "math/signed_rank.h"
#include "support.h"

enum { MOST = 64, MOST_ENUMERATED = 13 };

/* Twice the rank of |d[i]| among all, by counting. */
static int twice_rank(const double *d, size_t n, size_t i)
{
    int below = 0, equal = 0;
    for (size_t k = 0; k < n; k++) {
        below += fabs(d[k]) < fabs(d[i]);
        equal += fabs(d[k]) == fabs(d[i]);
    }
    return 2 * below + 1 + equal;
}

/* The share of the 2^n choices of signs whose sum of positive ranks is at least the observed one. */
static double enumerate(const double *d, size_t n)
{
    int ranks[MOST_ENUMERATED], observed = 0, at_least = 0;
    for (size_t i = 0; i < n; i++) {
        ranks[i] = twice_rank(d, n, i);
        observed += d[i] > 0 ? ranks[i] : 0;
    }
    for (unsigned signs = 0; signs < 1U << n; signs++) {
        int sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += d[i] != 0 && (signs >> i & 1) ? ranks[i] : 0;
        }
        at_least += sum >= observed;
    }
    return (double)at_least / (double)(1U << n);
}

START_TEST(equals_enumeration)
{
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    for (int round = 0; round < 400; round++) {
        double d[MOST_ENUMERATED];
        size_t n = 1 + (size_t)round % MOST_ENUMERATED;
        for (size_t i = 0; i < n; i++) {
            double z = hn_random_normal(&random) + (round % 3) * 0.5;
            d[i] = round % 2 ? floor(3 * z) : z; /* ties and zeros, or none */
        }
        double expected = enumerate(d, n);
        hn_assert_absolute(hn_signed_rank_tail(d, n), expected, 1e-14);
    }
}
END_TEST

/* scipy.stats.wilcoxon(d, alternative="greater", zero_method="zsplit").pvalue of SciPy 1.17.1. */
START_TEST(equals_scipy)
{
    double d[MOST];
    for (int i = 0; i < 20; i++) {
        d[i] = i * 7919 % 11 - 4;
    }
    hn_assert_relative(hn_signed_rank_tail(d, 20), 0.04087019954266128, 1e-12);
    for (int i = 0; i < 60; i++) {
        d[i] = i * 7919 % 211 - 90;
    }
    hn_assert_relative(hn_signed_rank_tail(d, 60), 0.11942691369482278, 1e-12);
    for (size_t n = 50; n <= 51; n++) {
        for (int i = 0; i < (int)n; i++) {
            d[i] = (i + 1) * (i * 7919 % 5 > 1 ? 1 : -1);
        }
        hn_assert_relative(hn_signed_rank_tail(d, n), n == 50 ? 0.11115743807664646 : 0.16951246877622522,
                           1e-12);
    }
}
END_TEST

START_TEST(nothing_but_zeros)
{
    double d[14] = {0};
    hn_assert_absolute(hn_signed_rank_tail(d, 13), 1, 0);
    hn_assert_absolute(hn_signed_rank_tail(d, 14), 0.5, 1e-15);
}
END_TEST

Suite *suite_signed_rank(void)
{
    Suite *suite = suite_create("signed rank");
    TCase *all = tcase_create("tail");
    tcase_add_test(all, equals_enumeration);
    tcase_add_test(all, equals_scipy);
    tcase_add_test(all, nothing_but_zeros);
    suite_add_tcase(suite, all);
    return suite;
}
