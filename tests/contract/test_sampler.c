/* The sampler contract: the same suite over every registered sampler and over dummies made outside the
 * registry. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sampler/draw.h"
#include "sampler/sampler.h"
#include "sampler_dummy.h"
#include "support.h"

static const hn_sampler_type *const dummies[] = {&sampler_dummy_whole, &sampler_dummy_single,
                                                 &sampler_dummy_spread};

/* --- the subjects: registry, then dummies --- */

static size_t registered_count(void)
{
    size_t n = 0;
    while (hn_sampler_at(n) != NULL) {
        n++;
    }
    return n;
}

static const hn_sampler_type *subject(size_t i)
{
    size_t n = registered_count();
    return i < n ? hn_sampler_at(i) : dummies[i - n];
}

static size_t subject_count(void)
{
    return registered_count() + sizeof dummies / sizeof *dummies;
}

/* Options without which a sampler cannot be made, or that make it quick: auto has the defaults of gp, and is
 * the default of refine. */
static const hn_node *needed_options(hn_arena *arena, const hn_sampler_type *type)
{
    static const struct {
        const char *sampler, *options;
    } needed[] = {
        {"fixed", "{values: {k: b}, sampler: random}"}, {"refine", "{sampler: tpe}"}, {"gp", "{draws: 1}"}};
    hn_node *options = NULL;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (strcmp(type->name, needed[i].sampler) == 0) {
            const char *text = needed[i].options;
            ck_assert_int_eq(hn_yaml_parse(arena, "test", text, strlen(text), &options, NULL), HONE_OK);
        }
    }
    return options;
}

/* Every space has the parameter k with the choice b. */
static const struct {
    const char *space, *forbidden;
    bool finite;
} spaces[] = {
    {"{x: {float: [-5, 5]}, lr: {float: [1e-5, 1], log: true}, n: {int: [1, 64], log: true}, k: {choice: [a, b, c]}, "
     "s: {float: [0, 1], step: 0.25}, o: {ordinal: [1, 10, null]}}",
     NULL, false},
    {"{k: {choice: [a, b]}, m: {float: [0, 1], when: k == b}, depth: {int: [1, 3]}, "
     "u2: {int: [1, 9], when: depth > 1}, u3: {float: [0, 1], when: u2 > 4}}",
     NULL, false},
    {"{k: {choice: [a, b, c]}, x: {float: [0, 1]}, y: {float: [0, 1]}}", "[x + y > 1, k == a and x > 0.2]",
     false},
    {"{k: {choice: [a, b]}, i: {int: [1, 6]}, j: {int: [0, 4], when: k == b}, one: {int: [3, 3]}}",
     "[i + j > 8]", true},
};

enum { SPACE_COUNT = sizeof spaces / sizeof *spaces };

typedef struct study {
    hn_arena arena, scratch;
    hn_space *space;
    hn_history *history;
    hn_sampler *sampler;
} study;

static hn_sampler *make_sampler(study *s, const hn_sampler_type *type)
{
    hn_sampler *sampler = NULL;
    hone_error err = {0};
    hone_status status = hn_sampler_create_from(type, needed_options(&s->arena, type), &sampler, &err);
    ck_assert_msg(status == HONE_OK, "%s: %s", type->name, err.message);
    return sampler;
}

static study open_study(const hn_sampler_type *type, size_t space)
{
    study s = {0};
    hone_direction direction = HONE_MAXIMIZE;
    hone_error err = {0};
    ck_assert_msg(
        hn_space_from_text(&s.arena, spaces[space].space, spaces[space].forbidden, &s.space, &err) == HONE_OK,
        "%s", err.message);
    ck_assert_int_eq(hn_history_create(&direction, 1, &s.history, NULL), HONE_OK);
    s.sampler = make_sampler(&s, type);
    return s;
}

static void close_study(study *s)
{
    hn_sampler_destroy(s->sampler);
    hn_history_destroy(s->history);
    hn_arena_release(&s->arena);
    hn_arena_release(&s->scratch);
}

/* Samplers that need a finite space say so for the others, and are let off. */
static bool serves(study *s, size_t space)
{
    hone_error err = {0};
    const hn_sampler_type *type = hn_sampler_type_of(s->sampler);
    hone_status status = hn_sampler_check(s->sampler, s->space, &err);
    bool excused = (type->capabilities & HN_SAMPLER_FINITE_ONLY) && !spaces[space].finite;
    ck_assert_msg((status == HONE_OK) == !excused, "%s, space %zu: %s", type->name, space, err.message);
    if (excused) {
        hn_assert_contains(err.message, type->name);
        hn_assert_contains(err.message, "continuous");
    }
    return status == HONE_OK;
}

static hn_point *new_points(study *s, size_t n)
{
    hn_point *points = HN_ARENA_NEW(&s->arena, hn_point, n);
    for (size_t k = 0; k < n; k++) {
        points[k] = hn_point_new(&s->arena, s->space->count);
    }
    return points;
}

static hn_ask next_ask(study *s)
{
    hn_arena_reset(&s->scratch);
    return (hn_ask){.space = s->space,
                    .view = {s->history, INT64_MAX},
                    .number = (int64_t)hn_history_count(s->history),
                    .seed = 42,
                    .study_seed = 42,
                    .scratch = &s->scratch};
}

static hn_point *propose_from(study *s, hn_sampler *sampler, const hn_ask *ask, size_t n, size_t *count)
{
    hn_point *points = new_points(s, n);
    hone_error err = {0};
    hone_status status = hn_sampler_propose(sampler, ask, NULL, n, points, count, &err);
    const hn_sampler_type *type = hn_sampler_type_of(sampler);
    ck_assert_msg(status == HONE_OK, "%s: %s", type->name, err.message);
    ck_assert_msg(*count == n || (type->capabilities & HN_SAMPLER_EXHAUSTS), "%s gave too few", type->name);
    for (size_t k = 0; k < *count; k++) {
        ck_assert_msg(hn_space_contains(s->space, &points[k]), "%s: not settled, or not allowed", type->name);
    }
    return points;
}

/* Puts the point as trial `number`, in a state and with a value that follow from the number and a salt. */
static void put_point(study *s, const hn_point *point, int64_t number, int salt)
{
    static const hone_trial_state states[] = {HONE_COMPLETE, HONE_COMPLETE, HONE_PRUNED,
                                              HONE_COMPLETE, HONE_FAILED,   HONE_RUNNING};
    hn_trial_param params[16];
    size_t n = 0;
    for (size_t i = 0; i < s->space->count; i++) {
        if (point->active[i]) {
            params[n++] = (hn_trial_param){s->space->parameters[i].name,
                                           &s->space->parameters[i].distribution, point->values[i]};
        }
    }
    hone_trial_state state = states[((int)number + salt) % 6];
    double value = sin((double)(number + 1) * (salt + 1)) + point->values[0];
    hn_trial_report report = {1 + number % 3, -value};
    hn_trial_record record = {.number = number,
                              .state = state,
                              .complete_us = state == HONE_RUNNING ? 0 : number + 1,
                              .n_params = n,
                              .params = params,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .n_reports = state == HONE_PRUNED,
                              .reports = &report,
                              .noise = NAN};
    hone_error err = {0};
    ck_assert_msg(hn_history_put(s->history, &record, &err) == HONE_OK, "%s", err.message);
}

static bool same_point(const hn_space *space, const hn_point *a, const hn_point *b)
{
    return memcmp(a->values, b->values, space->count * sizeof *a->values) == 0 &&
           memcmp(a->active, b->active, space->count * sizeof *a->active) == 0;
}

/* --- the suite --- */

/* Runs test over every subject and space that go together. */
static void over_all(void (*test)(study *s))
{
    for (size_t i = 0; i < subject_count(); i++) {
        for (size_t space = 0; space < SPACE_COUNT; space++) {
            study s = open_study(subject(i), space);
            if (serves(&s, space)) {
                test(&s);
            }
            close_study(&s);
        }
    }
}

static void runs_a_study(study *s)
{
    for (int64_t number = 0; number < 40; number++) {
        hn_ask ask = next_ask(s);
        size_t count;
        hn_point *point = propose_from(s, s->sampler, &ask, 1, &count);
        if (count == 0) {
            break;
        }
        put_point(s, point, number, 0);
    }
    ck_assert_uint_gt(hn_history_count(s->history), 20);
}

START_TEST(proposes_settled_allowed_points)
{
    over_all(runs_a_study);
}
END_TEST

/* State is only a cache: a sampler made now proposes what one that saw every trial does. */
static void forgets_nothing(study *s)
{
    for (int64_t number = 0; number < 25; number++) {
        hn_sampler *fresh = make_sampler(s, hn_sampler_type_of(s->sampler));
        hn_ask ask = next_ask(s);
        size_t count, again;
        hn_point *points = propose_from(s, s->sampler, &ask, 3, &count);
        hn_point *others = propose_from(s, fresh, &ask, 3, &again);
        ck_assert_uint_eq(count, again);
        for (size_t k = 0; k < count; k++) {
            ck_assert_msg(same_point(s->space, &points[k], &others[k]), "%s, trial %lld",
                          hn_sampler_type_of(s->sampler)->name, (long long)number);
        }
        hn_sampler_destroy(fresh);
        if (count == 0) {
            break;
        }
        put_point(s, &points[0], number, 0);
    }
}

START_TEST(a_fresh_instance_proposes_the_same)
{
    over_all(forgets_nothing);
}
END_TEST

/* What was told behind the view's end does not matter, nor does whether it was told. */
static void looks_no_further(study *s)
{
    enum { SEEN = 16, ALL = 20 };
    study other = open_study(hn_sampler_type_of(s->sampler), 0);
    hn_history_destroy(other.history);
    hone_direction direction = HONE_MAXIMIZE;
    ck_assert_int_eq(hn_history_create(&direction, 1, &other.history, NULL), HONE_OK);
    other.space = s->space;
    for (int64_t number = 0; number < ALL; number++) {
        hn_ask ask = next_ask(s);
        size_t count;
        ask.view.before = number < SEEN ? number : SEEN;
        hn_point *point = propose_from(s, s->sampler, &ask, 1, &count);
        ck_assert_uint_eq(count, 1);
        put_point(s, point, number, 0);
        put_point(&other, point, number, number < SEEN ? 0 : 2);
    }
    hn_ask ask = next_ask(s), other_ask = next_ask(&other);
    size_t count, other_count;
    ask.view.before = other_ask.view.before = SEEN;
    hn_point *point = propose_from(s, s->sampler, &ask, 1, &count);
    hn_point *other_point = propose_from(&other, other.sampler, &other_ask, 1, &other_count);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(other_count, 1);
    ck_assert_msg(same_point(s->space, point, other_point), "%s", hn_sampler_type_of(s->sampler)->name);
    close_study(&other);
}

START_TEST(the_view_ends_where_it_ends)
{
    over_all(looks_no_further);
}
END_TEST

static void keeps_fixed_values(study *s)
{
    hn_point fixed = new_points(s, 1)[0];
    size_t k = hn_space_find(s->space, "k");
    fixed.values[k] = 1;
    fixed.active[k] = true;
    for (int64_t number = 0; number < 25; number++) {
        hn_ask ask = next_ask(s);
        size_t count;
        hn_point *points = new_points(s, 2);
        hone_error err = {0};
        hone_status status = hn_sampler_propose(s->sampler, &ask, &fixed, 2, points, &count, &err);
        ck_assert_msg(status == HONE_OK, "%s: %s", hn_sampler_type_of(s->sampler)->name, err.message);
        ck_assert_uint_eq(count, 2);
        for (size_t i = 0; i < 2; i++) {
            ck_assert(hn_space_contains(s->space, &points[i]));
            ck_assert_double_eq(points[i].values[k], 1);
        }
        put_point(s, &points[0], number, 0);
    }
}

START_TEST(fixed_values_stay)
{
    over_all(keeps_fixed_values);
}
END_TEST

/* Define-by-run, parameter after parameter; grid alone refuses, because nothing says which values there
 * are. */
static void suggests(study *s)
{
    const char *name = hn_sampler_type_of(s->sampler)->name;
    for (int64_t number = 0; number < 15; number++) {
        hn_point point = new_points(s, 1)[0];
        for (size_t i = 0; i < s->space->count; i++) {
            if (!hn_space_is_active(s->space, i, &point)) {
                continue;
            }
            hn_ask ask = next_ask(s);
            hone_error err = {0};
            double value;
            hone_status status = hn_sampler_propose_one(s->sampler, &ask, i, &point, &value, &err);
            if (strcmp(name, "grid") == 0) {
                ck_assert_int_eq(status, HONE_UNSUPPORTED);
                return;
            }
            ck_assert_msg(status == HONE_OK, "%s: %s", name, err.message);
            ck_assert(hn_distribution_contains(&s->space->parameters[i].distribution, value));
            point.values[i] = value;
            point.active[i] = true;
        }
        put_point(s, &point, number, 0);
    }
}

START_TEST(one_parameter_at_a_time)
{
    over_all(suggests);
}
END_TEST

/* Each allocation fails once: the status says so, nothing leaks, and the next call proposes what it would
 * have. */
static void survives_without_memory(study *s)
{
    for (int64_t number = 0; number < 14; number++) {
        hn_ask ask = next_ask(s);
        size_t count;
        put_point(s, propose_from(s, s->sampler, &ask, 1, &count), number, 0);
    }
    hn_ask ask = next_ask(s);
    size_t count, expected_count;
    hn_point *expected = propose_from(s, s->sampler, &ask, 1, &expected_count);
    hone_status status = HONE_OUT_OF_MEMORY;
    for (long k = 0; status != HONE_OK; k++) {
        const hn_sampler_type *type = hn_sampler_type_of(s->sampler);
        const hn_node *options = needed_options(&s->arena, type);
        hn_sampler *fresh = NULL;
        hn_point *points = new_points(s, 1);
        hn_arena_release(&s->scratch);
        hn_memory_fail_at(k, 0);
        status = hn_sampler_create_from(type, options, &fresh, NULL);
        if (status == HONE_OK) {
            status = hn_sampler_propose(fresh, &ask, NULL, 1, points, &count, NULL);
        }
        hn_memory_fail_at(-1, 0);
        ck_assert_msg(status == HONE_OK || status == HONE_OUT_OF_MEMORY, "%s", type->name);
        if (fresh != NULL) {
            points = propose_from(s, fresh, &ask, 1, &count);
            ck_assert_uint_eq(count, expected_count);
            ck_assert_msg(count == 0 || same_point(s->space, points, expected), "%s", type->name);
        }
        hn_sampler_destroy(fresh);
        ck_assert_int_lt(k, 2000);
    }
}

START_TEST(memory_may_run_out)
{
    over_all(survives_without_memory);
}
END_TEST

START_TEST(tables_are_in_order)
{
    for (size_t i = 0; i < subject_count(); i++) {
        const hn_sampler_type *type = subject(i);
        ck_assert_ptr_nonnull(type->help);
        ck_assert_int_ne(type->help[strlen(type->help) - 1], '.');
        ck_assert_int_eq((type->capabilities & HN_SAMPLER_WHOLE) != 0, type->propose != NULL);
        ck_assert(!(type->capabilities & HN_SAMPLER_SINGLE) || type->propose_one != NULL);
        ck_assert(i >= registered_count() || hn_sampler_find(type->name) == type);
        for (size_t k = 0; k < type->options.count; k++) {
            const hn_option *option = &type->options.options[k];
            ck_assert_uint_lt(option->offset, type->options.config_size);
            ck_assert_int_ne(option->help[strlen(option->help) - 1], '.');
        }
    }
    ck_assert_ptr_null(hn_sampler_find("no such sampler"));
}
END_TEST

/* --- what only the dummies show --- */

/* Failed and running trials do not count towards the start-up. */
START_TEST(start_up_is_random_until_enough_are_ranked)
{
    study s = open_study(&sampler_dummy_spread, 0);
    hn_point drawn = new_points(&s, 1)[0];
    for (int64_t number = 0; number < 8; number++) {
        hn_ask ask = next_ask(&s);
        size_t count;
        bool starting = hn_history_ranked_count(s.history) < 3;
        ck_assert(starting == (number < 5));
        hn_point *point = propose_from(&s, s.sampler, &ask, 1, &count);
        hn_draw_point(s.space, NULL, ask.seed, number, HN_PURPOSE_STARTUP, &drawn);
        ck_assert(same_point(s.space, point, &drawn) == starting);
        put_point(&s, point, number, 3); /* complete, failed, running, complete, complete ... */
    }
    close_study(&s);
}
END_TEST

START_TEST(a_batch_keeps_apart)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *options;
    ck_assert_int_eq(hn_yaml_parse(&arena, "test", "{n_startup: 0}", 14, &options, NULL), HONE_OK);
    study s = open_study(&sampler_dummy_spread, 2);
    hn_sampler_destroy(s.sampler);
    ck_assert_int_eq(hn_space_from_text(&s.arena, "{x: {float: [0, 1]}}", NULL, &s.space, NULL), HONE_OK);
    ck_assert_int_eq(hn_sampler_create_from(&sampler_dummy_spread, options, &s.sampler, NULL), HONE_OK);
    hn_point pending = new_points(&s, 1)[0];
    pending.values[0] = 0.5;
    pending.active[0] = true;
    put_point(&s, &pending, 0, 5); /* running */
    ck_assert_int_eq(hn_history_state(s.history, 0), HONE_RUNNING);
    hn_ask ask = next_ask(&s);
    size_t count;
    hn_point *points = propose_from(&s, s.sampler, &ask, 4, &count);
    for (size_t a = 0; a < 4; a++) {
        ck_assert_double_gt(fabs(points[a].values[0] - 0.5), 0.1);
        for (size_t b = 0; b < a; b++) {
            ck_assert_double_gt(fabs(points[a].values[0] - points[b].values[0]), 0.1);
        }
    }
    close_study(&s);
    hn_arena_release(&arena);
}
END_TEST

/* A plug-in that breaks the contract is told so, and its point goes nowhere. */
static hone_status broken_propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                                  hone_error *err)
{
    sampler_dummy_whole.propose(state, ask, n, points, count, err);
    points[0].values[0] = 1e6;
    return HONE_OK;
}

START_TEST(a_value_outside_is_an_internal_error)
{
    const hn_sampler_type broken = {
        .name = "broken", .capabilities = HN_SAMPLER_WHOLE, .propose = broken_propose};
    study s = open_study(&broken, 0);
    hn_ask ask = next_ask(&s);
    size_t count;
    hone_error err = {0};
    ck_assert_int_eq(hn_sampler_propose(s.sampler, &ask, NULL, 1, new_points(&s, 1), &count, &err),
                     HONE_INTERNAL);
    hn_assert_contains(err.message, "sampler broken proposed 1000000 for ");
    close_study(&s);
}
END_TEST

Suite *suite_sampler(void)
{
    Suite *suite = suite_create("sampler contract");
    TCase *all = tcase_create("every sampler");
    tcase_set_timeout(all, 600);
    tcase_add_test(all, proposes_settled_allowed_points);
    tcase_add_test(all, a_fresh_instance_proposes_the_same);
    tcase_add_test(all, the_view_ends_where_it_ends);
    tcase_add_test(all, fixed_values_stay);
    tcase_add_test(all, one_parameter_at_a_time);
    tcase_add_test(all, memory_may_run_out);
    tcase_add_test(all, tables_are_in_order);
    suite_add_tcase(suite, all);
    TCase *open = tcase_create("plug-ins");
    tcase_add_test(open, start_up_is_random_until_enough_are_ranked);
    tcase_add_test(open, a_batch_keeps_apart);
    tcase_add_test(open, a_value_outside_is_an_internal_error);
    suite_add_tcase(suite, open);
    return suite;
}
