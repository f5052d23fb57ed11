#include <math.h>

#include "math/random.h"
#include "support.h"

/* Random123's published known answers for philox4x32-10 (its kat_vectors). */
START_TEST(known_answers)
{
    static const struct {
        uint64_t counter, stream;
        uint32_t key[2], block[4];
    } known[] = {
        {0, 0, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {UINT64_MAX, UINT64_MAX, {0xffffffff, 0xffffffff}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {UINT64_C(0x85a308d3243f6a88),
         UINT64_C(0x0370734413198a2e),
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        hn_random random = {.counter = known[i].counter, .stream = known[i].stream, .used = 4};
        random.key[0] = known[i].key[0];
        random.key[1] = known[i].key[1];
        for (int word = 0; word < 4; word++)
            ck_assert_uint_eq(hn_random_u32(&random), known[i].block[word]);
    }
}
END_TEST

START_TEST(streams_differ_by_each_part_of_the_key)
{
    hn_random streams[] = {
        hn_random_stream(1, 2, HN_PURPOSE_TEST), hn_random_stream(1, 2, HN_PURPOSE_PROPOSE),
        hn_random_stream(1, 3, HN_PURPOSE_TEST), hn_random_stream(UINT64_C(1) << 32 | 1, 2, HN_PURPOSE_TEST)};
    hn_random again = hn_random_stream(1, 2, HN_PURPOSE_TEST);
    uint64_t first[4];
    for (int i = 0; i < 4; i++) {
        first[i] = hn_random_u64(&streams[i]);
        for (int j = 0; j < i; j++)
            ck_assert_uint_ne(first[i], first[j]);
    }
    ck_assert_uint_eq(hn_random_u64(&again), first[0]);
}
END_TEST

/* False-alarm rate of each comparison below: about 1e-6 (5 standard errors), once, as the seed is fixed. */
START_TEST(moments)
{
    enum { DRAWS = 100000 };
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    double sum = 0.0, squares = 0.0, normal_sum = 0.0, normal_squares = 0.0;
    for (int i = 0; i < DRAWS; i++) {
        double u = hn_random_uniform(&random), z = hn_random_normal(&random);
        ck_assert(u >= 0.0 && u < 1.0 && isfinite(z));
        sum += u;
        squares += (u - 0.5) * (u - 0.5);
        normal_sum += z;
        normal_squares += z * z;
    }
    double se = 5.0 / sqrt(DRAWS);
    hn_assert_absolute(sum / DRAWS, 0.5, se * sqrt(1.0 / 12.0));
    hn_assert_absolute(squares / DRAWS, 1.0 / 12.0, se * sqrt(1.0 / 180.0));
    hn_assert_absolute(normal_sum / DRAWS, 0.0, se);
    hn_assert_absolute(normal_squares / DRAWS, 1.0, se * sqrt(2.0));
}
END_TEST

/* Chi-square over the 6 orders of 3 items and over below(7): 5 and 6 degrees of freedom, false alarms below
 * 1e-6. */
START_TEST(orders_and_integers_are_uniform)
{
    enum { DRAWS = 60000 };
    hn_random random = hn_random_stream(4, 0, HN_PURPOSE_TEST);
    double orders[9] = {0}, numbers[7] = {0}, chi_orders = 0.0, chi_numbers = 0.0;
    for (int i = 0; i < DRAWS; i++) {
        size_t items[3] = {0, 1, 2};
        hn_random_shuffle(&random, items, 3);
        ck_assert(items[0] != items[1] && items[1] != items[2] && items[0] != items[2]);
        orders[items[0] * 3 + items[1]]++;
        numbers[hn_random_below(&random, 7)]++;
    }
    for (int i = 0; i < 9; i++)
        if (i % 4 != 0)
            chi_orders += pow(orders[i] - DRAWS / 6.0, 2) / (DRAWS / 6.0);
    for (int i = 0; i < 7; i++)
        chi_numbers += pow(numbers[i] - DRAWS / 7.0, 2) / (DRAWS / 7.0);
    ck_assert_double_lt(chi_orders, 35.9);
    ck_assert_double_lt(chi_numbers, 38.3);
}
END_TEST

START_TEST(below_has_no_bias_for_huge_ranges)
{
    /* Taking the remainder instead would put half of the draws below 2^62. False alarms below 1e-6. */
    hn_random random = hn_random_stream(5, 0, HN_PURPOSE_TEST);
    uint64_t n = UINT64_C(3) << 62, low = 0;
    for (int i = 0; i < 10000; i++) {
        uint64_t draw = hn_random_below(&random, n);
        ck_assert(draw < n);
        low += draw < UINT64_C(1) << 62;
    }
    hn_assert_absolute((double)low, 10000 / 3.0, 5.0 * sqrt(10000 * 2.0 / 9.0));
    ck_assert_uint_eq(hn_random_below(&random, 1), 0);
}
END_TEST

Suite *suite_random(void)
{
    Suite *suite = suite_create("random");
    TCase *streams = tcase_create("streams");
    tcase_add_test(streams, known_answers);
    tcase_add_test(streams, streams_differ_by_each_part_of_the_key);
    suite_add_tcase(suite, streams);
    TCase *draws = tcase_create("draws");
    tcase_add_test(draws, moments);
    tcase_add_test(draws, orders_and_integers_are_uniform);
    tcase_add_test(draws, below_has_no_bias_for_huge_ranges);
    suite_add_tcase(suite, draws);
    return suite;
}
