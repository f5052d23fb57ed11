#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "math/random.h"
#include "space/space.h"
#include "support.h"

static const char study_space[] =
    "lr:        {float: [1e-5, 1e-1], log: true, prior: {guess: 1e-3, width: 10}}\n"
    "units_2:   {int: [32, 512], step: 32, when: layers > 1}\n"
    "layers:    {int: [1, 5]}\n"
    "momentum:  {float: [0, 0.9], step: 0.3, when: 'optimizer == sgd and not nesterov'}\n"
    "nesterov:  {choice: [true, false], when: optimizer == sgd}\n"
    "optimizer: {choice: [adam, sgd, rmsprop]}\n"
    "batch:     {int: [16, 256], factor: 2}\n"
    "depth:     {ordinal: [5, 10, null]}\n"
    "fixed:     3\n"
    "name:      relu\n"
    "eta:       0.5\n"
    "width:     {int: [1, 1000], log: true, prior: {mean: 30, width: 2}}\n";
static const char study_forbidden[] =
    "[optimizer == sgd and lr < 1e-4, 'depth > 10 and batch in [128, 256]']";

static hn_space *read_space(hn_arena *arena, const char *text, const char *forbidden)
{
    hn_space *space = NULL;
    hone_error err = {0};
    ck_assert_msg(hn_space_from_text(arena, text, forbidden, &space, &err) == HONE_OK, "%s", err.message);
    return space;
}

static size_t find(const hn_space *space, const char *name)
{
    size_t index = SIZE_MAX;
    ck_assert_int_eq(hn_space_require(space, name, &index, NULL), HONE_OK);
    return index;
}

static void draw(const hn_space *space, hn_random *random, double *units, hn_point *point)
{
    for (size_t i = 0; i < space->count; i++)
        units[i] = hn_random_uniform(random);
    hn_space_decode(space, units, point);
}

/* --- reading --- */

START_TEST(a_study_files_space_is_read)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_space *space = read_space(&arena, study_space, study_forbidden);
    static const char *const order[] = {"lr",    "layers", "units_2", "optimizer", "nesterov", "momentum",
                                        "batch", "depth",  "fixed",   "name",      "eta",      "width"};
    static const char *const declared[] = {"lr",    "units_2", "layers", "momentum", "nesterov", "optimizer",
                                           "batch", "depth",   "fixed",  "name",     "eta",      "width"};
    ck_assert_uint_eq(space->count, 12);
    ck_assert(space->conditional);
    ck_assert_uint_eq(space->n_forbidden, 2);
    for (size_t k = 0; k < 12; k++) {
        const hn_parameter *shown = &space->parameters[space->by_display[k]];
        ck_assert_str_eq(space->parameters[k].name, order[k]);
        ck_assert_str_eq(shown->name, declared[k]);
        ck_assert_uint_eq(shown->display, k);
        ck_assert_uint_eq(find(space, order[k]), k);
    }
    const hn_distribution *batch = &space->parameters[find(space, "batch")].distribution;
    ck_assert(batch->ordinal && batch->n_choices == 5 && batch->choices[4].as.integer == 256);
    ck_assert(space->parameters[find(space, "depth")].distribution.ordinal);
    ck_assert(hn_distribution_is_constant(&space->parameters[find(space, "name")].distribution));
    ck_assert_uint_eq(hn_space_find(space, "nothing"), SIZE_MAX);
    ck_assert(isinf(hn_space_count(space)));
    hone_error err;
    size_t index;
    ck_assert_int_eq(hn_space_require(space, "layer", &index, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "did you mean 'layers'?");
    hn_arena_release(&arena);
}
END_TEST

static void check_same(const hn_space *a, const hn_space *b)
{
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_uint_eq(a->n_forbidden, b->n_forbidden);
    for (size_t i = 0; i < a->count; i++) {
        const hn_parameter *x = &a->parameters[i], *y = &b->parameters[i];
        ck_assert_str_eq(x->name, y->name);
        ck_assert(hn_distribution_equal(&x->distribution, &y->distribution));
        ck_assert(x->display == y->display && a->by_display[i] == b->by_display[i]);
        ck_assert(x->prior.kind == y->prior.kind && x->prior.mean == y->prior.mean &&
                  x->prior.width == y->prior.width);
        ck_assert((x->when == NULL) == (y->when == NULL));
        if (x->when != NULL)
            ck_assert_str_eq(hn_condition_text(x->when), hn_condition_text(y->when));
    }
    for (size_t i = 0; i < a->n_forbidden; i++)
        ck_assert_str_eq(hn_condition_text(a->forbidden[i]), hn_condition_text(b->forbidden[i]));
}

START_TEST(a_written_space_is_read_the_same)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_space *space = read_space(&arena, study_space, study_forbidden), *again = NULL;
    hn_buffer text = HN_BUFFER_INIT;
    hn_node *forbidden = hn_space_forbidden_to_node(&arena, space), *root = NULL;
    ck_assert_int_eq(hn_space_from_node(&arena, hn_space_to_node(&arena, space), forbidden, &again, NULL),
                     HONE_OK);
    check_same(space, again);
    hn_json_write(&text, hn_space_to_node(&arena, space), HN_JSON_STRICT);
    ck_assert_int_eq(hn_json_parse(&arena, "space", text.data, text.size, &root, NULL), HONE_OK);
    ck_assert_int_eq(hn_space_from_node(&arena, root, forbidden, &again, NULL), HONE_OK);
    check_same(space, again);
    hn_buffer_release(&text);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(distributions_make_a_space)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_distribution made[2];
    hn_space *space = NULL;
    hone_error err;
    static const char *const two[] = {"b", "a"}, *const same[] = {"a", "a"};
    for (int i = 0; i < 2; i++)
        hn_distribution_integer("x", 0, 2 + i, 1, false, (hn_position){0}, &made[i], NULL, NULL);
    ck_assert_int_eq(hn_space_from_distributions(&arena, two, made, 2, &space, NULL), HONE_OK);
    ck_assert_uint_eq(hn_space_find(space, "b"), 0);
    ck_assert(!space->conditional);
    ck_assert_double_eq(hn_space_count(space), 12);
    ck_assert_int_eq(hn_space_from_distributions(&arena, same, made, 2, &space, &err), HONE_INVALID);
    hn_assert_contains(err.message, "'a' stands twice");
    ck_assert_int_eq(hn_space_from_distributions(&arena, two, made, 0, &space, NULL), HONE_OK);
    ck_assert_double_eq(hn_space_count(space), 1);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(bad_spaces_are_explained)
{
    static const struct {
        const char *text, *forbidden, *part;
    } cases[] = {
        {"[1]", NULL, "space must be a map of parameters"},
        {"x: {float: [2, 1]}", NULL, "1:12: x: low 2 is above high 1"},
        {"x: {float: [0, 1], log: true}", NULL, "x: log needs a low above 0, found 0"},
        {"x: {float: [0, 1], step: 2}", NULL, "x: step 2 is larger than the range 0 .. 1"},
        {"x: {float: [0, 1], step: 0}", NULL, "x: step must be a number above 0, found 0"},
        {"x: {float: [0]}", NULL, "x: float must be a list of two numbers, [low, high]"},
        {"x: {float: 3}", NULL, "x: float must be a list of two numbers, [low, high], found 3"},
        {"x: {float: [a, 1]}", NULL, "x: a bound of float must be a number, found 'a'"},
        {"x: {int: [0, 1.5]}", NULL, "x: a bound of int must be an integer, found 1.5"},
        {"x: {int: [1, 5], log: 1}", NULL, "x: log must be true or false, found 1"},
        {"x: {choice: []}", NULL, "x: the list of choices is empty"},
        {"x: {choice: [a, a]}", NULL, "x: the choice a stands twice"},
        {"x: {choice: [[1]]}", NULL, "x: a choice must be a text"},
        {"x: {ordinal: [a, b]}", NULL, "x: an ordinal takes numbers and null only"},
        {"x: [1, 2]", NULL, "x: a list of values is written {choice: [...]}"},
        {"x: {flaot: [0, 1]}", NULL, "unknown key 'flaot' (did you mean 'float'?)"},
        {"x: {float: [0, 1], factor: 2}", NULL, "unknown key 'factor'"},
        {"x: {choice: [a], log: true}", NULL, "unknown key 'log'"},
        {"x: {log: true}", NULL, "x: one of float, int, choice and ordinal is needed"},
        {"x: {float: [0, 1], int: [0, 1]}", NULL, "x: float and int exclude each other"},
        {"x: {int: [1, 9], factor: 1}", NULL, "x: factor must be an integer of at least 2, found 1"},
        {"x: {int: [0, 9], factor: 2}", NULL, "x: factor needs a low of at least 1"},
        {"x: {int: [4, 7], factor: 2}", NULL, "x: factor 2 is larger than the range 4 .. 7"},
        {"x: {int: [4, 16], factor: 2, log: true}", NULL, "x: factor excludes step and log"},
        {"x: {float: [0, 1], prior: 3}", NULL, "x: prior must be a map"},
        {"x: {float: [0, 1], prior: {mean: 0.5}}", NULL, "x: prior needs mean and width"},
        {"x: {float: [0, 1], prior: {mean: 2, width: 1}}", NULL,
         "x: mean must be within the bounds, found 2"},
        {"x: {float: [0, 1], prior: {mean: 1, width: 0}}", NULL, "x: width must be above 0, found 0"},
        {"x: {float: [1, 2], log: true, prior: {guess: 1, width: 1}}", NULL, "a factor above 1"},
        {"x: {choice: [a, b], prior: {mean: 1, width: 1}}", NULL, "unknown key 'prior'"},
        {"x: {int: [1, 8], factor: 2, prior: {mean: 1, width: 1}}", NULL, "x: a prior needs float or int"},
        {"x: {int: [1, 2], when: 3}", NULL, "x: when must be a condition such as layers > 1, found 3"},
        {"y: 1\nx: {int: [1, 2], when: y > > 1}", NULL, "2:28: condition 'y > > 1': a value is needed"},
        {"y: 1\nx: {int: [1, 2], when: \"y > > 1\"}", NULL, "2:29: condition 'y > > 1': a value is needed"},
        {"yy: 1\nx: {int: [1, 2], when: yyy > 1}", NULL, "'yyy' is no parameter (did you mean 'yy'?)"},
        {"x: {int: [1, 2], when: x > 1}", NULL, "in a circle: x -> x"},
        {"d: {int: [1, 2], when: a > 1}\na: {int: [1, 2], when: b > 1}\nb: {int: [1, 2], when: c > 1}\n"
         "c: {int: [1, 2], when: a > 1}",
         NULL, "in a circle: a -> b -> c -> a"},
        {"x: 1\nx: 2", NULL, "x"},
        {"'': 1", NULL, "a parameter has an empty name"},
        {"x: 1", "{a: 1}", "forbidden must be a list of conditions"},
        {"x: 1", "[3]", "forbidden holds conditions"},
        {"x: 1", "[y > 1]", "'y' is no parameter"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_space *space = NULL;
        hone_error err;
        ck_assert_msg(hn_space_from_text(&arena, cases[i].text, cases[i].forbidden, &space, &err) != HONE_OK,
                      "%s", cases[i].text);
        hn_assert_contains(err.message, cases[i].part);
        ck_assert_ptr_null(space);
        hn_arena_release(&arena);
    }
}
END_TEST

static void keep_message(void *user, hn_log_level level, const char *message)
{
    ck_assert_int_eq(level, HN_LOG_WARNING);
    hn_buffer_printf(user, "%s\n", message);
}

START_TEST(a_clipped_high_is_logged)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer log = HN_BUFFER_INIT;
    hn_log_set(keep_message, &log, HN_LOG_WARNING);
    read_space(&arena,
               "a: {float: [0, 1], step: 0.3}\nb: {int: [10, 50], factor: 2}\nc: {int: [0, 9], step: 3}",
               NULL);
    hn_log_set(NULL, NULL, HN_LOG_WARNING);
    ck_assert_str_eq(hn_buffer_string(&log),
                     "a: step does not reach high 1: it is now float 0 .. 0.9 step 0.3\n"
                     "b: factor does not reach high 50: it is now one of 10, 20, 40\n");
    hn_buffer_release(&log);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(what_may_change_within_a_study)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_error err;
    hn_space *before = read_space(&arena, "a: {float: [0, 1]}\nb: {choice: [x, y]}\nc: 1", NULL);
    hn_space *wider =
        read_space(&arena, "b: {choice: [x, y]}\na: {float: [0, 9], step: 1}\nd: {int: [0, 1]}", NULL);
    hn_space *typed = read_space(&arena, "a: {int: [0, 1]}", NULL);
    hn_space *chosen = read_space(&arena, "b: {choice: [x, z]}", NULL);
    ck_assert_int_eq(hn_space_check_change(before, wider, &err), HONE_OK);
    ck_assert_int_eq(hn_space_check_change(before, typed, &err), HONE_EXISTS);
    hn_assert_contains(err.message, "a was float 0 .. 1 and is now int 0 .. 1");
    ck_assert_int_eq(hn_space_check_change(before, chosen, &err), HONE_EXISTS);
    hn_assert_contains(err.message, "b was one of x, y and is now one of x, z");
    hn_arena_release(&arena);
}
END_TEST

/* --- points --- */

START_TEST(inactive_parameters_are_absent)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_space *space = read_space(&arena, study_space, NULL);
    size_t layers = find(space, "layers"), units = find(space, "units_2"),
           optimizer = find(space, "optimizer");
    size_t nesterov = find(space, "nesterov"), momentum = find(space, "momentum");
    hn_random random = hn_random_stream(4, 0, HN_PURPOSE_TEST);
    hn_point point = hn_point_new(&arena, space->count), again = hn_point_new(&arena, space->count);
    double u[12], back[12];
    int with_momentum = 0;
    for (int k = 0; k < 2000; k++) {
        draw(space, &random, u, &point);
        ck_assert(point.active[layers] && point.active[units] == (point.values[layers] > 1));
        ck_assert(point.active[nesterov] == (point.values[optimizer] == 1));
        ck_assert(point.active[momentum] == (point.active[nesterov] && point.values[nesterov] == 1));
        ck_assert(hn_space_contains(space, &point));
        with_momentum += point.active[momentum];
        hn_space_encode(space, &point, back);
        hn_space_decode(space, back, &again);
        for (size_t i = 0; i < space->count; i++) {
            ck_assert(again.active[i] == point.active[i]);
            ck_assert(point.active[i] || (point.values[i] == 0 && back[i] == 0.5));
            hn_assert_close(again.values[i], point.values[i], 1e-12, 0);
        }
        hn_point_copy(space, &point, &again);
        again.values[layers] = 1;
        hn_space_settle(space, &again);
        ck_assert(!again.active[units] && again.values[units] == 0);
        again.active[units] = true;
        ck_assert(!hn_space_contains(space, &again));
    }
    ck_assert_int_gt(with_momentum, 200);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(forbidden_points_are_not_contained)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_space *space = read_space(&arena, study_space, study_forbidden);
    size_t lr = find(space, "lr"), optimizer = find(space, "optimizer");
    hn_random random = hn_random_stream(5, 0, HN_PURPOSE_TEST);
    hn_point point = hn_point_new(&arena, space->count);
    double u[12];
    int forbidden = 0;
    for (int k = 0; k < 2000; k++) {
        draw(space, &random, u, &point);
        if (point.values[optimizer] == 1 && point.values[lr] < 1e-4)
            ck_assert(hn_space_is_forbidden(space, &point));
        forbidden += hn_space_is_forbidden(space, &point);
        ck_assert(hn_space_contains(space, &point) == !hn_space_is_forbidden(space, &point));
    }
    ck_assert_int_gt(forbidden, 100);
    hn_arena_release(&arena);
}
END_TEST

/* The warp is the quantile of the density: the mean of exp(log density) over uniform cells is one, and the
 * mass that falls below a value agrees. */
static void check_prior(const char *text, double below, double mass)
{
    hn_arena arena = HN_ARENA_INIT;
    const hn_parameter *parameter = &read_space(&arena, text, NULL)->parameters[0];
    enum { CELLS = 20000 };
    double total = 0, share = 0;
    for (int k = 0; k < CELLS; k++) {
        double unit = (k + 0.5) / CELLS;
        total +=
            exp(hn_prior_log_density(parameter, hn_distribution_decode(&parameter->distribution, unit))) /
            CELLS;
        share += hn_distribution_decode(&parameter->distribution, hn_prior_warp(parameter, unit)) < below;
    }
    hn_assert_absolute(total, 1, 1e-3);
    hn_assert_absolute(share / CELLS, mass, 1e-3);
    hn_arena_release(&arena);
}

START_TEST(priors_shape_draws)
{
    check_prior("x: {float: [0, 1]}", 0.25, 0.25);
    check_prior("x: {float: [-10, 10], prior: {mean: 2, width: 1}}", 3, 0.841345); /* one deviation above */
    check_prior("x: {float: [2, 10], prior: {guess: 2, width: 1}}", 3, 0.682689);  /* half of it cut off */
    check_prior("x: {float: [1e-6, 1], log: true, prior: {mean: 1e-3, width: 3}}", 1e-3, 0.5);
    check_prior("x: {int: [0, 100], prior: {mean: 50, width: 5}}", 50,
                0.460172); /* up to 49.5: -0.1 deviations */
    check_prior("x: {int: [1, 1000], log: true, prior: {mean: 30, width: 2}}", 30, 0.490354); /* up to 29.5 */
    check_prior("x: {float: [0, 1], step: 0.25, prior: {mean: 0.5, width: 0.25}}", 0.5, 0.306239);
}
END_TEST

/* --- size and robustness --- */

static void chain(hn_buffer *text, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        hn_buffer_printf(text, "p%d: {int: [1, 5]", i);
        if (i > 0)
            hn_buffer_printf(text, ", when: p%d > 1", i - 1);
        hn_buffer_text(text, "}\n");
    }
}

START_TEST(ten_thousand_parameters_are_quick)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer text = HN_BUFFER_INIT;
    hn_node *root = NULL;
    hn_space *space = NULL;
    hone_error err;
    chain(&text, 10000);
    ck_assert_int_eq(hn_yaml_parse(&arena, "space", text.data, text.size, &root, NULL), HONE_OK);
    double begin = hn_test_processor_seconds();
    ck_assert_int_eq(hn_space_from_node(&arena, root, NULL, &space, NULL), HONE_OK);
    double seconds = hn_test_processor_seconds() - begin;
    ck_assert_msg(seconds < 10, "%d ms", (int)(seconds * 1e3)); /* about 10 ms */
    for (size_t i = 0; i < space->count; i++)
        ck_assert_uint_eq(space->parameters[i].display, 9999 - i);
    hn_buffer_clear(&text);
    chain(&text, 10001);
    ck_assert_int_eq(hn_space_from_text(&arena, text.data, NULL, &space, &err), HONE_LIMIT);
    hn_assert_contains(err.message, "at most 10000 parameters, found 10001");
    hn_buffer_release(&text);
    hn_arena_release(&arena);
}
END_TEST

/* Bytes of a good space changed, dropped or doubled. */
START_TEST(damaged_text_is_survived)
{
    hn_random random = hn_random_stream(6, 0, HN_PURPOSE_TEST);
    int good = 0;
    for (int k = 0; k < 3000; k++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_space *space = NULL;
        char text[sizeof study_space];
        memcpy(text, study_space, sizeof text);
        for (uint64_t n = 1 + hn_random_below(&random, 4); n-- > 0;) {
            size_t at = hn_random_below(&random, sizeof text - 2);
            switch (hn_random_below(&random, 3)) {
            case 0: text[at] = (char)(1 + hn_random_below(&random, 255)); break;
            case 1: memmove(text + at, text + at + 1, strlen(text + at)); break;
            default: text[at] = text[hn_random_below(&random, strlen(text))]; break;
            }
        }
        if (hn_space_from_text(&arena, text, NULL, &space, NULL) == HONE_OK) {
            hn_space *again = NULL;
            ck_assert_int_eq(hn_space_from_node(&arena, hn_space_to_node(&arena, space), NULL, &again, NULL),
                             HONE_OK);
            check_same(space, again);
            good++;
        }
        hn_arena_release(&arena);
    }
    ck_assert_int_gt(good, 100);
}
END_TEST

START_TEST(a_failed_allocation_is_reported)
{
    hone_status status = HONE_OUT_OF_MEMORY;
    long k = 0;
    for (; status == HONE_OUT_OF_MEMORY; k++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_space *space = NULL;
        hn_memory_fail_at(k, 0);
        status = hn_space_from_text(&arena, study_space, study_forbidden, &space, NULL);
        hn_memory_fail_at(-1, 0);
        ck_assert((status == HONE_OK) == (space != NULL));
        hn_arena_release(&arena);
        ck_assert_int_lt(k, 10000);
    }
    ck_assert_int_eq(status, HONE_OK);
    ck_assert_int_gt(k, 10);
}
END_TEST

Suite *suite_space(void)
{
    Suite *suite = suite_create("space");
    TCase *reading = tcase_create("reading"), *points = tcase_create("points"), *size = tcase_create("size");
    tcase_add_test(reading, a_study_files_space_is_read);
    tcase_add_test(reading, a_written_space_is_read_the_same);
    tcase_add_test(reading, distributions_make_a_space);
    tcase_add_test(reading, bad_spaces_are_explained);
    tcase_add_test(reading, a_clipped_high_is_logged);
    tcase_add_test(reading, what_may_change_within_a_study);
    tcase_add_test(points, inactive_parameters_are_absent);
    tcase_add_test(points, forbidden_points_are_not_contained);
    tcase_add_test(points, priors_shape_draws);
    tcase_add_test(size, ten_thousand_parameters_are_quick);
    tcase_add_test(size, damaged_text_is_survived);
    tcase_add_test(size, a_failed_allocation_is_reported);
    suite_add_tcase(suite, reading);
    suite_add_tcase(suite, points);
    suite_add_tcase(suite, size);
    return suite;
}
