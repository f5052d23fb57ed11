/* The Parzen estimator against its definition (naive.c) and against Optuna's. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "math/distribution.h"
#include "naive.h"
#include "support.h"
#include "surrogate/internal.h"

static const hn_parzen_rule plain = {.prior_weight = 1, .floor_kernels = 100, .smoothing = 1};

static hn_space *space_of(hn_arena *arena, const char *text)
{
    hn_space *space;
    hone_error err = {0};
    ck_assert_msg(hn_space_from_text(arena, text, NULL, &space, &err) == HONE_OK, "%s", err.message);
    return space;
}

static hn_parzen_axis *axes_of(hn_arena *arena, const hn_space *space)
{
    hn_parzen_axis *axes = HN_ARENA_NEW(arena, hn_parzen_axis, space->count);
    for (size_t a = 0; a < space->count; a++)
        axes[a] = hn_parzen_axis_of(&space->parameters[a]);
    return axes;
}

static double random_value(const hn_distribution *distribution, hn_random *random)
{
    return hn_distribution_decode(distribution, hn_random_uniform(random));
}

static hn_parzen *fit(hn_arena *arena, const hn_parzen_rule *rule, const hn_parzen_axis *axes, size_t d,
                      const double *values, const double *weights, size_t n)
{
    hn_parzen *parzen = NULL;
    ck_assert_int_eq(hn_parzen_fit(arena, rule, axes, d, values, weights, n, &parzen, NULL), HONE_OK);
    return parzen;
}

/* --- bandwidths --- */

START_TEST(bandwidths_equal_those_by_sorting)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    double place[300], sigma[300], expected[300];
    for (size_t round = 0; round < 300; round++) {
        size_t n = 1 + hn_random_below(&random, 300);
        bool ties = round % 2 == 1;
        for (size_t i = 0; i < n; i++) {
            double u = hn_random_uniform(&random);
            place[i] = ties ? floor(u * 40) / 39.0 : u * u;
            place[i] = place[i] > 1 ? 1 : place[i];
        }
        double floor_width = round % 3 == 0 ? 0.3 : 1 / fmin(100, (double)n + 2);
        ck_assert_int_eq(hn_parzen_bandwidths(&arena, place, n, floor_width, sigma, NULL), HONE_OK);
        naive_bandwidths(place, n, floor_width, expected);
        for (size_t i = 0; i < n; i++)
            ck_assert_msg(sigma[i] == expected[i], "round %zu, place %zu of %zu", round, i, n);
        hn_arena_reset(&arena);
    }
    hn_arena_release(&arena);
}
END_TEST

/* --- densities --- */

static const char mixed[] =
    "{a: {float: [-1, 4]}, b: {float: [1e-5, 10], log: true}, c: {int: [0, 30]}, "
    "d: {choice: [x, y, z]}, e: {ordinal: [5, 10, 40, null]}, f: {float: [0, 1], step: 0.1}, "
    "g: {int: [1, 200], log: true}, h: {float: [0, 1], prior: {mean: 0.2, width: 0.1}}}";

/* missing: how often of ten a point lacks a parameter. */
static void compare_with_naive(const hn_parzen_rule *rule, size_t n, unsigned missing, uint64_t stream)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_space *space = space_of(&arena, mixed);
    hn_parzen_axis *axes = axes_of(&arena, space);
    size_t d = space->count, m = 9;
    hn_random random = hn_random_stream(2, stream, HN_PURPOSE_TEST);
    double *values = HN_ARENA_NEW(&arena, double, d *n + 1), *weights = HN_ARENA_NEW(&arena, double, n + 1);
    double *points = HN_ARENA_NEW(&arena, double, m *d), *density = HN_ARENA_NEW(&arena, double, m);
    for (size_t a = 0; a < d; a++)
        for (size_t i = 0; i < n + m; i++) {
            double value = random_value(axes[a].distribution, &random);
            value = hn_random_below(&random, 10) < missing ? NAN : value;
            *(i < n ? &values[a * n + i] : &points[(i - n) * d + a]) = value;
        }
    for (size_t i = 0; i < n; i++)
        weights[i] = 0.1 + hn_random_uniform(&random);
    hn_parzen *parzen = fit(&arena, rule, axes, d, values, weights, n);
    ck_assert_int_eq(hn_parzen_log_density(parzen, &arena, points, m, density, NULL), HONE_OK);
    for (size_t j = 0; j < m; j++) {
        double expected = naive_log_density(rule, axes, d, values, weights, n, points + j * d);
        hn_assert_close(density[j], expected, 1e-9, 1e-9);
    }
    hn_arena_release(&arena);
}

START_TEST(densities_equal_the_definition)
{
    const size_t counts[] = {0, 1, 2, 7, 8, 63, 150};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        compare_with_naive(&plain, counts[i], 0, i);
}
END_TEST

START_TEST(densities_with_absent_parameters_equal_the_definition)
{
    const hn_parzen_rule rule = {
        .prior_weight = 2.5, .floor_kernels = 30, .floor_cells = 1.5, .smoothing = 2};
    compare_with_naive(&rule, 40, 4, 0);
    compare_with_naive(&rule, 40, 10, 1);
    compare_with_naive(&rule, 1, 5, 2);
}
END_TEST

START_TEST(masses_of_a_lattice_sum_to_one)
{
    static const char *const spaces[] = {"{a: {int: [1, 300], log: true}}",
                                         "{a: {float: [0, 1], step: 0.01}}",
                                         "{a: {int: [-3, 8]}}",
                                         "{a: {ordinal: [1, 2, 4, 8, null]}}",
                                         "{a: {choice: [p, q, r]}}",
                                         "{a: {int: [0, 50], prior: {mean: 45, width: 5}}}"};
    for (size_t s = 0; s < sizeof spaces / sizeof *spaces; s++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_space *space = space_of(&arena, spaces[s]);
        hn_parzen_axis *axes = axes_of(&arena, space);
        hn_random random = hn_random_stream(3, s, HN_PURPOSE_TEST);
        double seen[20], weights[20], sum = 0;
        for (size_t i = 0; i < 20; i++) {
            seen[i] = random_value(axes->distribution, &random);
            weights[i] = 1;
        }
        hn_parzen *parzen = fit(&arena, &plain, axes, 1, seen, weights, 20);
        for (size_t i = 0; i < (size_t)hn_distribution_count(axes->distribution); i++) {
            double value = hn_distribution_nth(axes->distribution, (double)i), density;
            ck_assert_int_eq(hn_parzen_log_density(parzen, &arena, &value, 1, &density, NULL), HONE_OK);
            sum += exp(density);
        }
        hn_assert_absolute(sum, 1, 1e-9);
        hn_arena_release(&arena);
    }
}
END_TEST

START_TEST(far_values_have_finite_densities)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_parzen_axis *axes = axes_of(&arena, space_of(&arena, "{a: {float: [0, 1]}, b: {int: [0, 1000000]}}"));
    double values[400], weights[200], density[2];
    for (size_t i = 0; i < 200; i++) {
        values[i] = 0;
        values[200 + i] = 0;
        weights[i] = 1;
    }
    const double points[] = {1, 1e6, 0, 0};
    hn_parzen *parzen = fit(&arena, &plain, axes, 2, values, weights, 200);
    ck_assert_int_eq(hn_parzen_log_density(parzen, &arena, points, 2, density, NULL), HONE_OK);
    ck_assert(isfinite(density[0]) && isfinite(density[1]));
    ck_assert(density[0] < density[1]);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(values_outside_the_bounds_count_as_the_bound)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_parzen_axis *axes =
        axes_of(&arena, space_of(&arena, "{a: {float: [0, 1]}, b: {int: [1, 8], log: true}}"));
    const double outside[] = {-3, 7, 0.5, 100, 3, -1}, clamped[] = {0, 1, 0.5, 8, 3, 1},
                 weights[] = {1, 1, 1};
    const double point[] = {0.25, 4};
    double a, b;
    hn_parzen *first = fit(&arena, &plain, axes, 2, outside, weights, 3);
    hn_parzen *second = fit(&arena, &plain, axes, 2, clamped, weights, 3);
    ck_assert_int_eq(hn_parzen_log_density(first, &arena, point, 1, &a, NULL), HONE_OK);
    ck_assert_int_eq(hn_parzen_log_density(second, &arena, point, 1, &b, NULL), HONE_OK);
    ck_assert(a == b);
    hn_arena_release(&arena);
}
END_TEST

/* --- draws --- */

/* A chi-squared test over the values of a lattice: 29 degrees of freedom, 80 is exceeded once in a million
 * times. */
static void check_draws(const char *text, size_t n_values)
{
    enum { DRAWS = 30000 };
    hn_arena arena = HN_ARENA_INIT, scratch = HN_ARENA_INIT;
    hn_parzen_axis *axes = axes_of(&arena, space_of(&arena, text));
    hn_random random = hn_random_stream(4, n_values, HN_PURPOSE_TEST);
    double seen[6], weights[] = {1, 1, 2, 0.5, 1, 1}, chi = 0;
    size_t counts[30] = {0};
    for (size_t i = 0; i < 6; i++)
        seen[i] = random_value(axes->distribution, &random);
    hn_parzen *parzen = fit(&arena, &plain, axes, 1, seen, weights, 6);
    for (size_t i = 0; i < DRAWS; i++) {
        double value = hn_parzen_draw_value(parzen, hn_parzen_draw_kernel(parzen, &random), 0, &random);
        ck_assert(hn_distribution_contains(axes->distribution, value));
        size_t k = 0;
        while (hn_distribution_nth(axes->distribution, (double)k) != value)
            k++;
        counts[k]++;
    }
    for (size_t k = 0; k < n_values; k++) {
        double value = hn_distribution_nth(axes->distribution, (double)k), density;
        ck_assert_int_eq(hn_parzen_log_density(parzen, &scratch, &value, 1, &density, NULL), HONE_OK);
        double expected = DRAWS * exp(density), gap = (double)counts[k] - expected;
        chi += gap * gap / expected;
    }
    ck_assert_msg(chi < 80, "%s: %g", text, chi);
    hn_arena_release(&arena);
    hn_arena_release(&scratch);
}

START_TEST(draws_follow_the_density)
{
    check_draws("{a: {int: [1, 30], log: true}}", 30);
    check_draws("{a: {int: [0, 29]}}", 30);
    check_draws("{a: {float: [0, 2.9], step: 0.1}}", 30);
    check_draws("{a: {choice: [a, b, c, d, e]}}", 5);
    check_draws("{a: {ordinal: [1, 2, 3, 50, null]}}", 5);
    check_draws("{a: {int: [0, 29], prior: {mean: 27, width: 10}}}", 30);
}
END_TEST

/* --- Optuna --- */

typedef struct reader {
    char *text, *next; /* next: the rest of the current line */
} reader;

static bool next_line(reader *r, char **rest)
{
    char *line = *rest;
    if (line == NULL || *line == '\0')
        return false;
    char *end = strchr(line, '\n');
    *rest = end == NULL ? NULL : end + 1;
    if (end != NULL)
        *end = '\0';
    r->next = line;
    return true;
}

static const char *word(reader *r)
{
    char *start = r->next + strspn(r->next, " "), *end = start + strcspn(start, " ");
    r->next = *end == '\0' ? end : end + 1;
    *end = '\0';
    return start;
}

static double number(reader *r)
{
    const char *text = word(r);
    double value = NAN;
    ck_assert_msg(hn_parse_double(text, strlen(text), true, &value), "'%s' is no number", text);
    return value;
}

static hn_distribution read_axis(reader *r, hn_arena *arena)
{
    const hn_position at = {0};
    hn_distribution axis;
    ck_assert_str_eq(word(r), "axis");
    const char *kind = word(r);
    double low = number(r);
    hone_status status;
    if (strcmp(kind, "choice") == 0) {
        static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
        hone_value choices[6];
        for (size_t i = 0; i < 6; i++)
            choices[i] = (hone_value){.type = HONE_STRING, .as.string = names[i]};
        status = hn_distribution_categorical(arena, "x", choices, (size_t)low, false, at, &axis, NULL);
    } else if (strcmp(kind, "int") == 0) {
        double high = number(r), step = number(r);
        bool log_scale = number(r) != 0;
        status = hn_distribution_integer("x", (int64_t)low, (int64_t)high, (int64_t)step, log_scale, at,
                                         &axis, NULL, NULL);
    } else {
        bool stepped = strcmp(kind, "step") == 0;
        double high = number(r), last = number(r);
        status = hn_distribution_float("x", low, high, stepped ? last : 0, !stepped && last != 0, at, &axis,
                                       NULL, NULL);
    }
    ck_assert_int_eq(status, HONE_OK);
    return axis;
}

/* Reads one case whose first line is in r and compares all of its densities. */
static void check_case(reader *r, char **rest, hn_arena *arena)
{
    const char *name = word(r);
    size_t d = (size_t)number(r), n = (size_t)number(r), m = (size_t)number(r);
    hn_parzen_rule rule = {.prior_weight = number(r), .floor_kernels = 100, .smoothing = 1};
    hn_parzen_axis *axes = HN_ARENA_NEW(arena, hn_parzen_axis, d);
    double *values = HN_ARENA_NEW(arena, double, d *n + 1), *weights = HN_ARENA_NEW(arena, double, n + 1);
    double *point = HN_ARENA_NEW(arena, double, d), log_ranges = 0, density;
    for (size_t a = 0; a < d && next_line(r, rest); a++) {
        hn_parameter parameter = {.distribution = read_axis(r, arena)};
        hn_distribution *kept = HN_ARENA_NEW(arena, hn_distribution, 1);
        double low, high;
        *kept = parameter.distribution;
        axes[a] = hn_parzen_axis_of(&(hn_parameter){.distribution = *kept});
        axes[a].distribution = kept;
        hn_distribution_scale(kept, &low, &high);
        log_ranges += kept->kind == HN_FLOAT && kept->step == 0 ? log(high - low) : 0;
    }
    for (size_t i = 0; i < n && next_line(r, rest); i++) {
        ck_assert_str_eq(word(r), "seen");
        weights[i] = number(r);
        for (size_t a = 0; a < d; a++)
            values[a * n + i] = number(r);
    }
    hn_parzen *parzen = fit(arena, &rule, axes, d, values, weights, n);
    for (size_t j = 0; j < m && next_line(r, rest); j++) {
        ck_assert_str_eq(word(r), "at");
        double expected = number(r) + log_ranges; /* ours is with respect to the unit interval */
        for (size_t a = 0; a < d; a++)
            point[a] = number(r);
        ck_assert_int_eq(hn_parzen_log_density(parzen, arena, point, 1, &density, NULL), HONE_OK);
        ck_assert_msg(hn_test_close(density, expected, 1e-9, 1e-8), "%s, point %zu: %.12g, Optuna %.12g",
                      name, j, density, expected);
    }
}

START_TEST(densities_equal_those_of_optuna)
{
    char *path = hn_test_source("tests/oracle/tpe_values.txt"), *text = hn_test_read(path), *rest = text;
    reader r = {.text = text};
    size_t cases = 0;
    while (next_line(&r, &rest)) {
        hn_arena arena = HN_ARENA_INIT;
        if (*r.next == '#')
            continue;
        ck_assert_str_eq(word(&r), "case");
        check_case(&r, &rest, &arena);
        cases++;
        hn_arena_release(&arena);
    }
    ck_assert_uint_eq(cases, 16);
    free(text);
    free(path);
}
END_TEST

Suite *suite_parzen(void)
{
    Suite *suite = suite_create("parzen");
    TCase *fitting = tcase_create("fit"), *draws = tcase_create("draws"), *oracle = tcase_create("oracle");
    tcase_add_test(fitting, bandwidths_equal_those_by_sorting);
    tcase_add_test(fitting, densities_equal_the_definition);
    tcase_add_test(fitting, densities_with_absent_parameters_equal_the_definition);
    tcase_add_test(fitting, masses_of_a_lattice_sum_to_one);
    tcase_add_test(fitting, far_values_have_finite_densities);
    tcase_add_test(fitting, values_outside_the_bounds_count_as_the_bound);
    tcase_add_test(draws, draws_follow_the_density);
    tcase_add_test(oracle, densities_equal_those_of_optuna);
    suite_add_tcase(suite, fitting);
    suite_add_tcase(suite, draws);
    suite_add_tcase(suite, oracle);
    return suite;
}
