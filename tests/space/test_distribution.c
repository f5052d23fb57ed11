#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "space/distribution.h"
#include "support.h"

static const hn_position nowhere = {0};

static hn_distribution make_float(double low, double high, double step, bool log)
{
    hn_distribution made;
    hone_error err;
    ck_assert_msg(hn_distribution_float("x", low, high, step, log, nowhere, &made, NULL, &err) == HONE_OK,
                  "%s", err.message);
    return made;
}

static hn_distribution make_integer(int64_t low, int64_t high, int64_t step, bool log)
{
    hn_distribution made;
    hone_error err;
    ck_assert_msg(hn_distribution_integer("x", low, high, step, log, nowhere, &made, NULL, &err) == HONE_OK,
                  "%s", err.message);
    return made;
}

static const hone_value depths[] = {
    {HONE_INT, {.integer = 10}}, {HONE_NULL, {0}}, {HONE_FLOAT, {.real = 2.5}}, {HONE_INT, {.integer = 5}}};
static const hone_value mixed[] = {{HONE_STRING, {.string = "adam"}},
                                   {HONE_INT, {.integer = 1}},
                                   {HONE_BOOL, {.boolean = true}},
                                   {HONE_NULL, {0}}};

/* --- grids --- */

START_TEST(steps_are_decimal)
{
    hn_distribution tenths = make_float(0, 1, 0.1, false);
    static const double expected[] = {0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};
    ck_assert_double_eq(hn_distribution_count(&tenths), 11);
    for (int i = 0; i <= 10; i++)
        ck_assert_double_eq(hn_distribution_nth(&tenths, i), expected[i]);
    hn_distribution shifted = make_float(-0.35, 0.25, 0.05, false);
    ck_assert_double_eq(hn_distribution_nth(&shifted, 7), 0);
    ck_assert_double_eq(hn_distribution_nth(&shifted, 10), 0.15);
    hn_distribution narrow = make_float(0.2, 0.3, 0.1, false); /* 0.3 - 0.2 < 0.1 in binary */
    ck_assert_double_eq(hn_distribution_count(&narrow), 2);
    ck_assert_double_eq(hn_distribution_nth(&narrow, 1), 0.3);
}
END_TEST

START_TEST(a_step_that_misses_high_clips_it)
{
    hn_distribution made;
    bool clipped = false;
    ck_assert_int_eq(hn_distribution_float("x", 0, 1, 0.3, false, nowhere, &made, &clipped, NULL), HONE_OK);
    ck_assert(clipped);
    ck_assert_double_eq(made.high, 0.9);
    ck_assert_int_eq(hn_distribution_float("x", 0, 0.3, 0.1, false, nowhere, &made, &clipped, NULL), HONE_OK);
    ck_assert(!clipped);
    ck_assert_double_eq(made.high, 0.3);
    ck_assert_int_eq(hn_distribution_integer("x", 0, 10, 3, false, nowhere, &made, &clipped, NULL), HONE_OK);
    ck_assert(clipped);
    ck_assert_double_eq(made.high, 9);
}
END_TEST

START_TEST(a_grid_without_a_decimal_ends_at_its_bounds)
{
    hn_distribution thirds = make_float(1.0 / 3, 1.0 / 3 + 7 * sqrt(2), sqrt(2), false);
    double count = hn_distribution_count(&thirds);
    ck_assert_double_eq(hn_distribution_nth(&thirds, 0), thirds.low);
    ck_assert_double_eq(hn_distribution_nth(&thirds, count - 1), thirds.high);
}
END_TEST

START_TEST(ordinals_rank_null_last)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_distribution made;
    ck_assert_int_eq(hn_distribution_categorical(&arena, "depth", depths, 4, false, nowhere, &made, NULL),
                     HONE_OK);
    ck_assert(made.ordinal);
    static const uint32_t rank[] = {2, 3, 0, 1};
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(made.rank[i], rank[i]);
        ck_assert_double_eq(hn_distribution_nth(&made, rank[i]), i);
        ck_assert_double_eq(hn_distribution_encode(&made, i), (rank[i] + 0.5) / 4);
    }
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", mixed, 4, false, nowhere, &made, NULL),
                     HONE_OK);
    ck_assert(!made.ordinal);
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", depths, 1, false, nowhere, &made, NULL),
                     HONE_OK);
    ck_assert(!made.ordinal);
    hn_arena_release(&arena);
}
END_TEST

/* --- the unit interval --- */

static void check_round_trip(const hn_distribution *d)
{
    size_t count = (size_t)hn_distribution_count(d);
    double last = -1;
    for (size_t i = 0; i < count; i++) {
        double value = hn_distribution_nth(d, (double)i), unit = hn_distribution_encode(d, value);
        ck_assert(hn_distribution_contains(d, value));
        ck_assert_double_gt(unit, last);
        ck_assert(unit > 0 && unit < 1);
        ck_assert_msg(hn_distribution_decode(d, unit) == value, "value %.17g comes back as %.17g", value,
                      hn_distribution_decode(d, unit));
        last = unit;
    }
}

START_TEST(every_discrete_value_survives_the_unit_interval)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_distribution made[] = {
        make_float(0, 1, 0.1, false),        make_float(-3, 7, 0.7, false),
        make_float(1e-7, 5e-5, 1e-7, false), make_float(0.1, 9.7, 1.0 / 3, false),
        make_integer(-5, 5, 1, false),       make_integer(32, 512, 32, false),
        make_integer(1, 3000, 1, true),      make_integer(7, 9, 1, true),
        make_integer(5, 5, 1, false),        make_float(2, 2, 0.5, false),
        make_float(2.5, 2.5, 0, true),
    };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        check_round_trip(&made[i]);
    hn_distribution choices;
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", depths, 4, false, nowhere, &choices, NULL),
                     HONE_OK);
    check_round_trip(&choices);
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", mixed, 4, false, nowhere, &choices, NULL),
                     HONE_OK);
    check_round_trip(&choices);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(huge_integers_survive_the_unit_interval)
{
    hn_distribution wide = make_integer(-((int64_t)1 << 48), (int64_t)1 << 48, 1, false);
    hn_distribution logarithmic = make_integer(1, (int64_t)1 << 40, 1, true);
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    for (int k = 0; k < 20000; k++) {
        double value = (double)hn_random_below(&random, (uint64_t)1 << 49) - 0x1p48;
        ck_assert_double_eq(hn_distribution_decode(&wide, hn_distribution_encode(&wide, value)), value);
        value = floor(exp2(40 * hn_random_uniform(&random)));
        ck_assert_double_eq(hn_distribution_decode(&logarithmic, hn_distribution_encode(&logarithmic, value)),
                            value);
    }
    hn_distribution widest = make_integer(-((int64_t)1 << 53), (int64_t)1 << 53, 1, false);
    ck_assert(hn_distribution_contains(&widest, 0x1p53));
    ck_assert(hn_distribution_contains(&widest, hn_distribution_decode(&widest, 0.3)));
    ck_assert(hn_distribution_contains(&widest, hn_distribution_nth(&widest, 1e300)));
}
END_TEST

START_TEST(decoding_is_contained_and_monotone)
{
    hn_distribution made[] = {
        make_float(-1, 3, 0, false),         make_float(1e-300, 1e300, 0, true),
        make_float(-8e307, 8e307, 0, false), make_float(0.1, 0.7, 0.2, false),
        make_integer(1, 1000, 1, true),      make_integer(-7, 100, 5, false),
        make_float(1e-5, 1e-1, 0, true),
    };
    static const double wild[] = {NAN, -INFINITY, INFINITY, -1, 2, 0, 1, -0.0, 1e-320};
    hn_random random = hn_random_stream(2, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        for (size_t k = 0; k < sizeof wild / sizeof *wild; k++)
            ck_assert(hn_distribution_contains(&made[i], hn_distribution_decode(&made[i], wild[k])));
        ck_assert_double_eq(hn_distribution_decode(&made[i], 0), made[i].low);
        ck_assert_double_eq(hn_distribution_decode(&made[i], 1), made[i].high);
        for (int k = 0; k < 2000; k++) {
            double u = hn_random_uniform(&random), v = hn_random_uniform(&random);
            double lower = hn_distribution_decode(&made[i], fmin(u, v)),
                   upper = hn_distribution_decode(&made[i], fmax(u, v));
            ck_assert(hn_distribution_contains(&made[i], lower) && lower <= upper);
            ck_assert(hn_distribution_encode(&made[i], lower) <= hn_distribution_encode(&made[i], upper));
        }
    }
    ck_assert_double_eq(hn_distribution_encode(&made[0], 9), 1); /* a value of wider bounds is clamped */
    hn_assert_absolute(hn_distribution_encode(&made[6], 1e-3), 0.5, 1e-12);
    hn_assert_relative(hn_distribution_decode(&made[6], 0.25), 1e-4, 1e-12);
}
END_TEST

/* --- errors --- */

static void refuse_float(double low, double high, double step, bool log, const char *part)
{
    hn_distribution made;
    hone_error err;
    ck_assert_int_eq(hn_distribution_float("lr", low, high, step, log, nowhere, &made, NULL, &err),
                     HONE_INVALID);
    hn_assert_contains(err.message, "lr");
    hn_assert_contains(err.message, part);
}

static void refuse_integer(int64_t low, int64_t high, int64_t step, bool log, const char *part)
{
    hn_distribution made;
    hone_error err;
    ck_assert_int_eq(hn_distribution_integer("n", low, high, step, log, nowhere, &made, NULL, &err),
                     HONE_INVALID);
    hn_assert_contains(err.message, part);
}

START_TEST(bad_bounds_are_refused)
{
    refuse_float(2, 1, 0, false, "low 2 is above high 1");
    refuse_float(0, 1, 0, true, "low above 0, found 0");
    refuse_float(0, 1, 1.5, false, "step 1.5 is larger than the range 0 .. 1");
    refuse_float(0, 1, -0.1, false, "step must be above 0, found -0.1");
    refuse_float(0, 1, NAN, false, "step must be above 0, found nan");
    refuse_float(1, 2, 0.5, true, "exclude each other");
    refuse_float(0, INFINITY, 0, false, "finite");
    refuse_float(NAN, 1, 0, false, "finite");
    refuse_float(-1e308, 1e308, 0, false, "distance must be finite");
    refuse_float(0, 1, 1e-300, false, "too small");
    refuse_integer(3, 2, 1, false, "low 3 is above high 2");
    refuse_integer(0, 2, 1, true, "at least 1, found 0");
    refuse_integer(0, 2, 0, false, "step must be at least 1");
    refuse_integer(0, 2, 3, false, "larger than the range");
    refuse_integer(1, 9, 2, true, "exclude each other");
    refuse_integer(0, INT64_MAX, 1, false, "2^53");
    refuse_integer(INT64_MIN, 0, 1, false, "2^53");
}
END_TEST

START_TEST(bad_choices_are_refused)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_distribution made;
    hone_error err;
    const hone_value twice[] = {
        {HONE_INT, {.integer = 1}}, {HONE_STRING, {.string = "1"}}, {HONE_FLOAT, {.real = 1}}};
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", twice, 3, false, nowhere, &made, &err),
                     HONE_INVALID);
    hn_assert_contains(err.message, "x: the choice 1 stands twice (at 1 and 3)");
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", twice, 0, false, nowhere, &made, &err),
                     HONE_INVALID);
    hn_assert_contains(err.message, "empty");
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", mixed, 4, true, nowhere, &made, &err),
                     HONE_INVALID);
    hn_assert_contains(err.message, "numbers and null only");
    hn_arena_release(&arena);
}
END_TEST

/* --- values --- */

START_TEST(values_are_matched_by_type)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_distribution made;
    double raw = -1;
    hone_error err;
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", mixed, 4, false, nowhere, &made, NULL),
                     HONE_OK);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(hn_distribution_from_value("x", &made, mixed[i], &raw, NULL), HONE_OK);
        ck_assert_double_eq(raw, i);
        ck_assert(hn_value_equal(hn_distribution_to_value(&made, i), mixed[i]));
    }
    hone_value one = {.type = HONE_FLOAT, .as.real = 1};
    ck_assert_int_eq(hn_distribution_from_value("x", &made, one, &raw, NULL), HONE_OK);
    ck_assert_double_eq(raw, 1);
    one = (hone_value){.type = HONE_STRING, .as.string = "1"};
    ck_assert_int_eq(hn_distribution_from_value("x", &made, one, &raw, &err), HONE_INVALID);
    hn_assert_contains(err.message, "x: the text 1 is not allowed; it is one of adam, 1, true, null");
    hn_arena_release(&arena);
}
END_TEST

START_TEST(texts_are_read_by_type)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_distribution made, rate = make_float(1e-5, 1e-1, 0, true), layers = make_integer(1, 9, 2, false);
    double raw = -1;
    hone_error err;
    static const char *const texts[] = {"adam", "1", "true", "null"};
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", mixed, 4, false, nowhere, &made, NULL),
                     HONE_OK);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(hn_distribution_from_text("x", &made, texts[i], &raw, NULL), HONE_OK);
        ck_assert_double_eq(raw, i);
    }
    ck_assert_int_eq(hn_distribution_from_text("x", &made, "1.0", &raw, NULL), HONE_OK);
    ck_assert_double_eq(raw, 1);
    ck_assert_int_eq(hn_distribution_from_text("x", &made, "sgd", &raw, &err), HONE_INVALID);
    ck_assert_int_eq(hn_distribution_from_text("lr", &rate, "1e-3", &raw, NULL), HONE_OK);
    ck_assert_double_eq(raw, 1e-3);
    ck_assert_int_eq(hn_distribution_from_text("lr", &rate, "0,5", &raw, &err), HONE_INVALID);
    hn_assert_contains(err.message, "lr: 0,5 is not allowed; it is float 1e-05 .. 0.1 log");
    ck_assert_int_eq(hn_distribution_from_text("n", &layers, "3", &raw, NULL), HONE_OK);
    ck_assert_int_eq(hn_distribution_from_text("n", &layers, "4", &raw, &err), HONE_INVALID);
    hn_assert_contains(err.message, "int 1 .. 9 step 2");
    ck_assert_int_eq(hn_distribution_from_text("n", &layers, "2.5", &raw, NULL), HONE_INVALID);
    ck_assert_int_eq(hn_distribution_from_text("n", &layers, "", &raw, NULL), HONE_INVALID);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(a_stepped_value_is_put_on_its_grid)
{
    hn_distribution made = make_float(0, 1, 0.1, false);
    hone_value value = {.type = HONE_FLOAT, .as.real = 3 * 0.1}; /* 0.30000000000000004 */
    double raw = 0;
    ck_assert_int_eq(hn_distribution_from_value("x", &made, value, &raw, NULL), HONE_OK);
    ck_assert_double_eq(raw, 0.3);
    value.as.real = 0.31;
    ck_assert_int_eq(hn_distribution_from_value("x", &made, value, &raw, NULL), HONE_INVALID);
    ck_assert(!hn_distribution_contains(&made, 1.1));
    ck_assert(!hn_distribution_contains(&made, NAN));
}
END_TEST

START_TEST(copies_and_comparisons)
{
    hn_arena arena = HN_ARENA_INIT, other = HN_ARENA_INIT;
    hn_distribution made, copy, rate = make_float(0, 1, 0, false), wider = make_float(0, 2, 0, false);
    ck_assert_int_eq(hn_distribution_categorical(&arena, "x", depths, 4, false, nowhere, &made, NULL),
                     HONE_OK);
    ck_assert_int_eq(hn_distribution_copy(&other, &made, &copy), HONE_OK);
    ck_assert(hn_distribution_equal(&made, &copy));
    hn_arena_release(&arena);
    check_round_trip(&copy);
    ck_assert(!hn_distribution_equal(&rate, &wider) && hn_distribution_compatible(&rate, &wider));
    ck_assert(!hn_distribution_compatible(&rate, &copy));
    hn_distribution logarithmic = make_float(0.5, 1, 0, true);
    ck_assert(!hn_distribution_compatible(&rate, &logarithmic));
    hn_arena_release(&other);
}
END_TEST

START_TEST(a_failed_allocation_is_reported)
{
    hone_status status = HONE_OUT_OF_MEMORY;
    for (long k = 0; status == HONE_OUT_OF_MEMORY; k++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_distribution made;
        hn_memory_fail_at(k, 0);
        status = hn_distribution_categorical(&arena, "x", depths, 4, true, nowhere, &made, NULL);
        hn_memory_fail_at(-1, 0);
        hn_arena_release(&arena);
        ck_assert_int_lt(k, 100);
    }
    ck_assert_int_eq(status, HONE_OK);
}
END_TEST

Suite *suite_distribution(void)
{
    Suite *suite = suite_create("distribution");
    TCase *grid = tcase_create("grid"), *unit = tcase_create("unit"), *value = tcase_create("value");
    tcase_add_test(grid, steps_are_decimal);
    tcase_add_test(grid, a_step_that_misses_high_clips_it);
    tcase_add_test(grid, a_grid_without_a_decimal_ends_at_its_bounds);
    tcase_add_test(grid, ordinals_rank_null_last);
    tcase_add_test(grid, bad_bounds_are_refused);
    tcase_add_test(grid, bad_choices_are_refused);
    tcase_add_test(unit, every_discrete_value_survives_the_unit_interval);
    tcase_add_test(unit, huge_integers_survive_the_unit_interval);
    tcase_add_test(unit, decoding_is_contained_and_monotone);
    tcase_add_test(value, values_are_matched_by_type);
    tcase_add_test(value, texts_are_read_by_type);
    tcase_add_test(value, a_stepped_value_is_put_on_its_grid);
    tcase_add_test(value, copies_and_comparisons);
    tcase_add_test(value, a_failed_allocation_is_reported);
    suite_add_tcase(suite, grid);
    suite_add_tcase(suite, unit);
    suite_add_tcase(suite, value);
    return suite;
}
