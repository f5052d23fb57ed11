/* Numbers as text. Expected texts are those of Python's repr. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "support.h"

static bool parse(const char *text, double *value)
{
    return hn_parse_double(text, strlen(text), false, value);
}

START_TEST(the_locale_of_these_tests_has_a_comma)
{
    if (setlocale(LC_ALL, "") == NULL || localeconv()->decimal_point[0] != ',')
        HN_SKIP("no locale with a decimal comma");
    double value = 0;
    char text[HN_NUMBER_SIZE];
    ck_assert(parse("1.5", &value) && value == 1.5);
    ck_assert(parse("1.2345678901234568e-300", &value) && value == 1.2345678901234568e-300);
    ck_assert(!parse("1,5", &value));
    hn_format_double(text, 1.2345678901234568e-300);
    ck_assert_str_eq(text, "1.2345678901234568e-300");
    hn_format_short(text, 0.99053, 4);
    ck_assert_str_eq(text, "0.9905");
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(decimals_are_read)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0},
        {"-3", -3},
        {"1e-5", 1e-5},
        {".5", 0.5},
        {"+2.", 2},
        {"1E+5", 1e5},
        {"0.1", 0.1},
        {"9007199254740993", 9007199254740992.0},
        {"1e400", HUGE_VAL},
        {"1e-400", 0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"123456789012345678901234567890", 1.2345678901234568e29},
        {"0.000000000000000000000000000001", 1e-30},
        {"179769313486231580793728971405301e276", 1.7976931348623157e308},
        {"1e99999999999999999999", HUGE_VAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double value = -1;
        ck_assert_msg(parse(cases[i].text, &value), "%s is refused", cases[i].text);
        ck_assert_msg(value == cases[i].value, "%s reads as %a", cases[i].text, value);
    }
    double value = 1;
    ck_assert(parse("-0", &value) && value == 0 && signbit(value));
}
END_TEST

START_TEST(other_text_is_no_number)
{
    static const char *const texts[] = {"",    " 1",  "1 ",  "1,5", "1e",    "e5",  ".",   "-",     "+-1",
                                        "0x1", "nan", "inf", "1_0", "1.2.3", "1e+", "--1", "1e5.0", "1d5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double value = 42;
        ck_assert_msg(!parse(texts[i], &value), "'%s' is read", texts[i]);
        ck_assert(value == 42);
    }
}
END_TEST

START_TEST(special_values_are_read_when_allowed)
{
    double value = 0;
    ck_assert(hn_parse_double("NaN", 3, true, &value) && isnan(value));
    ck_assert(hn_parse_double("-Infinity", 9, true, &value) && value == -HUGE_VAL);
    ck_assert(hn_parse_double("+inf", 4, true, &value) && value == HUGE_VAL);
    ck_assert(!hn_parse_double("infinit", 7, true, &value));
}
END_TEST

START_TEST(integers_are_read_within_int64)
{
    int64_t value = 0;
    ck_assert(hn_parse_int("9223372036854775807", 19, &value) && value == INT64_MAX);
    ck_assert(hn_parse_int("-9223372036854775808", 20, &value) && value == INT64_MIN);
    ck_assert(!hn_parse_int("9223372036854775808", 19, &value));
    ck_assert(!hn_parse_int("-9223372036854775809", 20, &value));
    ck_assert(hn_parse_int("+007", 4, &value) && value == 7);
    ck_assert(!hn_parse_int("", 0, &value) && !hn_parse_int("-", 1, &value) &&
              !hn_parse_int("1.0", 3, &value));
}
END_TEST

START_TEST(doubles_are_written_shortest)
{
    static const struct {
        double value;
        const char *plain, *python;
    } cases[] = {
        {3, "3", "3.0"},
        {-0.0, "-0", "-0.0"},
        {0.1, "0.1", "0.1"},
        {1e-5, "1e-05", "1e-05"},
        {0.0001, "0.0001", "0.0001"},
        {0.1 + 0.2, "0.30000000000000004", "0.30000000000000004"},
        {1e15, "1000000000000000", "1000000000000000.0"},
        {9007199254740993.0, "9007199254740992", "9007199254740992.0"},
        {1e16, "1e+16", "1e+16"},
        {1e23, "1e+23", "1e+23"},
        {5e-324, "5e-324", "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308", "2.2250738585072014e-308"},
        {7.120236347223045e-307, "7.120236347223045e-307", "7.120236347223045e-307"}, /* 2^-1017 */
        {123456.789, "123456.789", "123456.789"},
        {-12.5, "-12.5", "-12.5"},
        {1.5e300, "1.5e+300", "1.5e+300"},
        {HUGE_VAL, "inf", "Infinity"},
        {-HUGE_VAL, "-inf", "-Infinity"},
        {NAN, "nan", "NaN"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[HN_NUMBER_SIZE];
        ck_assert_uint_eq(hn_format_double(text, cases[i].value), strlen(cases[i].plain));
        ck_assert_str_eq(text, cases[i].plain);
        hn_format_python_double(text, cases[i].value);
        ck_assert_str_eq(text, cases[i].python);
    }
}
END_TEST

START_TEST(doubles_survive_the_round_trip)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    uint64_t state = 1;
    for (int i = 0; i < 100000; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t bits = state ^ state >> 31;
        double value, again = 0;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        if (i % 2 == 0)
            value = (double)(bits >> 40) / 1000;
        char text[HN_NUMBER_SIZE];
        size_t size = hn_format_double(text, value);
        ck_assert_uint_lt(size, HN_NUMBER_SIZE);
        ck_assert_msg(hn_parse_double(text, size, false, &again) && again == value, "%a as %s", value, text);
        ck_assert(strtod_l(text, NULL, plain) == value);
    }
    freelocale(plain);
}
END_TEST

static uint64_t random_bits(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state ^ *state >> 29;
}

static void check_rounding(const char *text, locale_t plain)
{
    double value = 0, expected = strtod_l(text, NULL, plain);
    ck_assert_msg(parse(text, &value), "%s is refused", text);
    ck_assert_msg(memcmp(&value, &expected, sizeof value) == 0, "%s reads as %a, not %a", text, value,
                  expected);
}

/* Against the C library: digits and exponents at random, and numbers that lie just between two doubles, next
 * to them. */
START_TEST(decimals_are_rounded_correctly)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    uint64_t state = 7;
    char text[96];
    for (int i = 0; i < 200000; i++) {
        uint64_t whole = random_bits(&state) >> random_bits(&state) % 64, places = random_bits(&state);
        int exponent = (int)(random_bits(&state) >> 40) % 340 - (int)(random_bits(&state) >> 40) % 340;
        int width = (int)(random_bits(&state) >> 40) % 20;
        snprintf(text, sizeof text, "%s%llu.%0*llue%d", i % 3 ? "" : "-", (unsigned long long)whole, width,
                 (unsigned long long)(places >> places % 64), i % 2 ? exponent : exponent / 10);
        check_rounding(text, plain);
        snprintf(text, sizeof text, "0.%0*llu", width, (unsigned long long)whole);
        check_rounding(text, plain);
    }
    for (int i = 0; i < 100000; i++) {
        uint64_t odd = (random_bits(&state) >> 12 | UINT64_C(1) << 52) * 2 + 1;
        int shift = i % 10;
        uint64_t between = odd << shift;
        int places = 0;
        for (; i % 2 && places < 4 && between < UINT64_MAX / 5; places++) /* halves of five times as much */
            between *= 5;
        for (int off = -1; off <= 1; off++) {
            snprintf(text, sizeof text, "%llue-%d", (unsigned long long)(between + (uint64_t)off), places);
            check_rounding(text, plain);
        }
    }
    freelocale(plain);
}
END_TEST

START_TEST(short_numbers_are_for_people)
{
    char text[HN_NUMBER_SIZE];
    static const struct {
        double value;
        int digits;
        const char *text;
    } cases[] = {{0.99053, 4, "0.9905"}, {1.2e-5, 3, "1.2e-05"},   {3, 4, "3"},       {0, 4, "0"},
                 {-0.0, 4, "0"},         {123456, 4, "1.235e+05"}, {9.9996, 4, "10"}, {HUGE_VAL, 4, "inf"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hn_format_short(text, cases[i].value, cases[i].digits);
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(durations_are_read)
{
    static const struct {
        const char *text;
        double seconds;
    } cases[] = {{"10m", 600}, {"90s", 90}, {"1h30m", 5400}, {"250ms", 0.25},           {"2d", 172800},
                 {"45", 45},   {"0", 0},    {"1.5h", 5400},  {"1d2h3m4s5ms", 93784.005}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double seconds = -1;
        ck_assert_msg(hn_parse_duration(cases[i].text, strlen(cases[i].text), &seconds), "%s", cases[i].text);
        hn_assert_relative(seconds, cases[i].seconds, 1e-15);
    }
    static const char *const refused[] = {"",       "-1", "m",     "10x", "1m1h", "1m1m",
                                          "1h 30m", "10", "1e400", "5M",  "1m5"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        double seconds = -1;
        bool read = hn_parse_duration(refused[i], strlen(refused[i]), &seconds);
        ck_assert_msg(read == (strcmp(refused[i], "10") == 0), "%s", refused[i]);
    }
}
END_TEST

START_TEST(sizes_are_read)
{
    uint64_t bytes = 0;
    ck_assert(hn_parse_bytes("512M", 4, &bytes) && bytes == UINT64_C(536870912));
    ck_assert(hn_parse_bytes("4G", 2, &bytes) && bytes == UINT64_C(4294967296));
    ck_assert(hn_parse_bytes("1.5GiB", 6, &bytes) && bytes == UINT64_C(1610612736));
    ck_assert(hn_parse_bytes("1000", 4, &bytes) && bytes == 1000);
    ck_assert(hn_parse_bytes("2kB", 3, &bytes) && bytes == 2048);
    static const char *const refused[] = {"", "M", "-1", "1X", "1Mi", "1iB", "1MBB", "1e99T", "99999999999T"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        ck_assert_msg(!hn_parse_bytes(refused[i], strlen(refused[i]), &bytes), "%s", refused[i]);
}
END_TEST

START_TEST(durations_are_written)
{
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {{0.21, "0.21 s"}, {0, "0 s"},          {0.005, "5 ms"},     {3.14, "3.1 s"},
                 {42.4, "42 s"},   {59.7, "1 min"},     {200, "3 min 20 s"}, {7500, "2 h 5 min"},
                 {7200, "2 h"},    {100000, "1 d 3 h"}, {-1, "?"},           {NAN, "?"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[HN_NUMBER_SIZE];
        ck_assert_uint_eq(hn_format_duration(text, cases[i].seconds), strlen(cases[i].text));
        ck_assert_str_eq(text, cases[i].text);
    }
}
END_TEST

START_TEST(steps_are_judged_in_decimal)
{
    ck_assert(hn_step_divides(0, 0.3, 0.1));
    ck_assert(hn_step_divides(-0.1, 1.1, 0.3));
    ck_assert(hn_step_divides(1e-5, 0.1, 1e-5));
    ck_assert(hn_step_divides(0, 1e18, 1));
    ck_assert(hn_step_divides(5, 5, 2));
    ck_assert(!hn_step_divides(0, 1, 0.3));
    ck_assert(!hn_step_divides(0, 0.30000000000000004, 0.1));
    ck_assert(!hn_step_divides(0, 1, 0));
    ck_assert(!hn_step_divides(0, HUGE_VAL, 1));
    ck_assert(hn_step_divides(0, 0x1p200, 0x1p-100));
}
END_TEST

START_TEST(decimals_are_fixed_for_columns_of_numbers)
{
    static const struct {
        double value;
        int decimals;
        const char *text;
    } cases[] = {
        {0.4, 2, "0.40"},          {-0.004, 2, "0.00"}, {-1.25, 1, "-1.3"},          {12, 0, "12"},
        {0.0496, 3, "0.050"},      {-7, 3, "-7.000"},   {123456.789, 1, "123456.8"}, {2.5e9, 2, "2.5e+09"},
        {1e-12, 9, "0.000000000"}, {NAN, 2, "nan"},     {-INFINITY, 2, "-inf"}};
    char text[HN_NUMBER_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = hn_format_fixed(text, cases[i].value, cases[i].decimals);
        ck_assert_str_eq(text, cases[i].text);
        ck_assert_uint_eq(size, strlen(text));
    }
    ck_assert_int_eq(hn_decimals_for(0.05), 2);
    ck_assert_int_eq(hn_decimals_for(0.1), 1);
    ck_assert_int_eq(hn_decimals_for(0.001), 3);
    ck_assert_int_eq(hn_decimals_for(10), 0);
    ck_assert_int_eq(hn_decimals_for(1), 0);
    ck_assert_int_eq(hn_decimals_for(1e-30), 9);
    ck_assert_int_eq(hn_decimals_for(0), 0);
    ck_assert_int_eq(hn_decimals_for(NAN), 0);
}
END_TEST

Suite *suite_number(void)
{
    Suite *suite = suite_create("number");
    TCase *numbers = tcase_create("numbers");
    tcase_add_test(numbers, the_locale_of_these_tests_has_a_comma);
    tcase_add_test(numbers, decimals_are_read);
    tcase_add_test(numbers, other_text_is_no_number);
    tcase_add_test(numbers, special_values_are_read_when_allowed);
    tcase_add_test(numbers, integers_are_read_within_int64);
    tcase_add_test(numbers, doubles_are_written_shortest);
    tcase_add_test(numbers, doubles_survive_the_round_trip);
    tcase_add_test(numbers, decimals_are_rounded_correctly);
    tcase_add_test(numbers, short_numbers_are_for_people);
    tcase_add_test(numbers, durations_are_read);
    tcase_add_test(numbers, sizes_are_read);
    tcase_add_test(numbers, durations_are_written);
    tcase_add_test(numbers, steps_are_judged_in_decimal);
    tcase_add_test(numbers, decimals_are_fixed_for_columns_of_numbers);
    suite_add_tcase(suite, numbers);
    return suite;
}
