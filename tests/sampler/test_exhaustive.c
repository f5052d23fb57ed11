/* Grid, brute force and fixed. */
#include "fixture.h"

/* Runs to the end; how many trials that took. */
static size_t run_out(fixture *f, size_t limit)
{
    hn_point point;
    size_t n = 0;
    while (n <= limit && fixture_step(f, &point)) {
        n++;
    }
    return n;
}

/* The order of sklearn.model_selection.ParameterGrid([{'b': [2, 1], 'a': ['x', 'y']}, {'a': ['z'], 'b':
 * [3]}]). */
START_TEST(grid_follows_parameter_grid)
{
    fixture f = fixture_make("{b: {int: [0, 9]}, a: {choice: [x, y, z]}}", NULL,
                             "{grid: {shuffle: false, grids: [{b: [2, 1], a: [x, y]}, {a: [z], b: [3]}]}}");
    static const double expected[][2] = {{0, 2}, {0, 1}, {1, 2}, {1, 1}, {2, 3}};
    hn_point point;
    for (size_t i = 0; i < 5; i++) {
        ck_assert(fixture_step(&f, &point));
        ck_assert_double_eq(fixture_value(&f, &point, "a"), expected[i][0]);
        ck_assert_double_eq(fixture_value(&f, &point, "b"), expected[i][1]);
    }
    ck_assert(!fixture_step(&f, &point));
    fixture_release(&f);
}
END_TEST

/* Conditional, overlapping and forbidden points count once or not at all. */
START_TEST(every_distinct_point_once)
{
    static const char *const samplers[] = {"grid", "brute_force", "grid:shuffle=false",
                                           "{grid: {grids: [{k: [lin]}, {k: [lin, rbf]}]}}"};
    fixture f = fixture_make("{k: {choice: [lin, rbf]}, g: {int: [1, 4], when: k == rbf}, c: {int: [1, 3]}}",
                             "[k == rbf and c == 3]", samplers[_i]);
    ck_assert_int_eq(hn_sampler_check(f.sampler, f.space, NULL), HONE_OK);
    ck_assert_uint_eq(run_out(&f, 100), 3 + 4 * 2);
    fixture_release(&f);
}
END_TEST

/* Another process goes on where the first was, knowing only its trials; failed and running points are not
 * repeated. */
START_TEST(the_history_says_what_is_left)
{
    fixture f = fixture_make("{a: {int: [0, 4]}, b: {int: [0, 4]}}", NULL, "grid");
    static const hone_trial_state states[] = {HONE_COMPLETE, HONE_RUNNING, HONE_FAILED, HONE_PRUNED};
    bool seen[25] = {false};
    for (int i = 0; i < 25; i++) {
        size_t count;
        fixture_sampler(&f, "grid");
        hn_point *points = fixture_propose(&f, NULL, 3, &count);
        ck_assert_uint_eq(count, i <= 22 ? 3 : 25 - (size_t)i);
        int code = (int)(5 * fixture_value(&f, points, "a") + fixture_value(&f, points, "b"));
        ck_assert(!seen[code]);
        seen[code] = true;
        fixture_put(&f, points, states[i % 4], 0);
    }
    hn_point point;
    ck_assert(!fixture_step(&f, &point));
    fixture_release(&f);
}
END_TEST

/* A queued trial always runs; values off the grid are kept. */
START_TEST(queued_values_are_served_by_a_grid)
{
    fixture f = fixture_make("{a: {float: [0, 9]}, b: {int: [1, 3]}}", NULL,
                             "{grid: {grids: {a: [1, 2], b: [1, 3]}}}");
    hn_point fixed = hn_point_new(&f.arena, 2);
    size_t a = hn_space_find(f.space, "a"), count;
    fixed.values[a] = 7.5, fixed.active[a] = true;
    bool seen[4] = {false};
    for (int i = 0; i < 3; i++) {
        hn_point *points = fixture_propose(&f, &fixed, 1, &count);
        ck_assert_uint_eq(count, 1);
        ck_assert_double_eq(points[0].values[a], 7.5);
        seen[(int)fixture_value(&f, points, "b")] = true;
        fixture_put(&f, points, HONE_COMPLETE, 0);
    }
    ck_assert(seen[1] && seen[3]);
    ck_assert_uint_eq(run_out(&f, 100), 4);
    fixture_release(&f);
}
END_TEST

START_TEST(a_grid_refuses_what_it_cannot_do)
{
    static const char *const cases[][3] = {
        {"{lr: {float: [0, 1]}}", "grid", "sampler grid: parameter lr is continuous: give it a step"},
        {"{lr: {float: [0, 1]}}", "{grid: {grids: {lt: [1]}}}", "lr"},
        {"{lr: {float: [0, 1]}}", "{grid: {grids: {lr: [3]}}}", "lr"},
        {"{lr: {float: [0, 1]}}", "{grid: {grids: {lr: 1}}}", "lr needs a list of values"},
        {"{lr: {float: [0, 1]}}", "{grid: {grids: {lr: [[1]]}}}", "a value is a scalar"},
        {"{a: {int: [1, 3000]}, b: {int: [1, 3000]}}", "grid", "more than 4000000 combinations"},
        {"{lr: {float: [0, 1]}}", "brute_force", "parameter lr is continuous"},
    };
    fixture f = fixture_make(cases[_i][0], NULL, cases[_i][1]);
    hone_error err = {0};
    ck_assert_int_ne(hn_sampler_check(f.sampler, f.space, &err), HONE_OK);
    hn_assert_contains(err.message, cases[_i][2]);
    fixture_release(&f);
}
END_TEST

START_TEST(a_large_grid_is_not_quadratic)
{
    fixture f = fixture_make("{a: {int: [1, 400]}, b: {int: [1, 250]}}", NULL, "grid");
    double started = hn_test_processor_seconds();
    size_t n = 0, count = 1;
    hn_point point = hn_point_new(&f.arena, 2);
    for (; count == 1; n += count) {
        hn_ask ask = fixture_ask(&f);
        ck_assert_int_eq(hn_sampler_propose(f.sampler, &ask, NULL, 1, &point, &count, NULL), HONE_OK);
        if (count == 1) {
            fixture_put(&f, &point, HONE_COMPLETE, 0);
        }
    }
    ck_assert_uint_eq(n, 100000);
    ck_assert_double_lt(hn_test_processor_seconds() - started, 60); /* about 0.2 s when optimised */
    fixture_release(&f);
}
END_TEST

START_TEST(fixed_holds_values_for_another_sampler)
{
    fixture f = fixture_make("{lr: {float: [0, 1]}, k: {choice: [x, y]}, n: {int: [1, 5]}}", NULL,
                             "{fixed: {values: {lr: 0.25, k: y}, sampler: grid}}");
    hone_error err = {0};
    ck_assert_msg(hn_sampler_check(f.sampler, f.space, &err) == HONE_OK, "%s", err.message);
    hn_point point;
    bool seen[6] = {false};
    for (int i = 0; i < 5; i++) {
        ck_assert(fixture_step(&f, &point));
        ck_assert_double_eq(fixture_value(&f, &point, "lr"), 0.25);
        ck_assert_double_eq(fixture_value(&f, &point, "k"), 1);
        seen[(int)fixture_value(&f, &point, "n")] = true;
    }
    ck_assert(seen[1] && seen[2] && seen[3] && seen[4] && seen[5]);
    ck_assert(!fixture_step(&f, &point));
    fixture_sampler(&f, "{fixed: {values: {rl: 0.25}, sampler: random}}");
    ck_assert_int_ne(hn_sampler_check(f.sampler, f.space, &err), HONE_OK);
    hn_assert_contains(err.message, "rl");
    fixture_release(&f);
}
END_TEST

/* An objective that asks one value after the other: `kernel`, then `gamma` only for rbf, then `c`. */
static hone_status run_objective(fixture *f, hone_trial_state state)
{
    hn_space *whole = f->space;
    static const char *const names[] = {"kernel", "gamma", "c"};
    int64_t number = (int64_t)hn_history_count(f->history);
    hn_trial_record record = {.number = number, .state = HONE_RUNNING, .noise = NAN};
    double values[3];
    ck_assert_int_eq(hn_history_put(f->history, &record, NULL), HONE_OK);
    for (size_t i = 0; i < 3; i++) {
        if (i == 1 && values[0] == 0) {
            continue;
        }
        const hn_distribution *distribution = &whole->parameters[hn_space_find(whole, names[i])].distribution;
        hn_point partial = hn_point_new(&f->arena, 3);
        for (size_t k = 0; k < i; k++) {
            size_t at = hn_space_find(whole, names[k]);
            partial.active[at] = k != 1 || values[0] == 1;
            partial.values[at] = partial.active[at] ? values[k] : 0;
        }
        hn_ask ask = fixture_ask(f);
        ask.number = number;
        hone_status status = hn_sampler_propose_one(f->sampler, &ask, hn_space_find(whole, names[i]),
                                                    &partial, &values[i], NULL);
        hn_trial_param param = {names[i], distribution, values[i]};
        if (status != HONE_OK || hn_history_add_param(f->history, number, &param, NULL) != HONE_OK) {
            return HONE_INTERNAL;
        }
    }
    hn_arena arena = HN_ARENA_INIT;
    ck_assert_int_eq(hn_history_record(f->history, number, &arena, &record, NULL), HONE_OK);
    record.state = state;
    ck_assert_int_eq(hn_history_put(f->history, &record, NULL), HONE_OK);
    hn_arena_release(&arena);
    return HONE_OK;
}

START_TEST(brute_force_unfolds_an_objective)
{
    fixture f = fixture_make("{kernel: {choice: [lin, rbf]}, gamma: {int: [1, 4]}, c: {int: [1, 3]}}", NULL,
                             "brute_force");
    const size_t total = 3 + 4 * 3;
    double codes[15];
    for (size_t n = 0; n < total; n++) {
        hn_ask ask = fixture_ask(&f);
        bool exhausted;
        ask.space = NULL;
        ck_assert_int_eq(hn_sampler_exhausted(f.sampler, &ask, &exhausted, NULL), HONE_OK);
        ck_assert(!exhausted);
        ck_assert_int_eq(run_objective(&f, HONE_COMPLETE), HONE_OK);
        size_t gamma = hn_history_find_column(f.history, "gamma"), c = hn_history_find_column(f.history, "c");
        bool has = gamma != SIZE_MAX && hn_history_has(f.history, (int64_t)n, gamma);
        codes[n] = 10 * (has ? hn_history_cell(f.history, (int64_t)n, gamma) : 0) +
                   hn_history_cell(f.history, (int64_t)n, c);
        for (size_t k = 0; k < n; k++) {
            ck_assert_double_ne(codes[k], codes[n]);
        }
    }
    hn_ask ask = fixture_ask(&f);
    bool exhausted = false;
    ck_assert_int_eq(hn_sampler_exhausted(f.sampler, &ask, &exhausted, NULL), HONE_OK);
    ck_assert(exhausted);
    fixture_release(&f);
}
END_TEST

/* Past the combinations that are listed: random points without repetition. */
START_TEST(brute_force_serves_huge_spaces)
{
    fixture f = fixture_make("{a: {int: [1, 100000]}, b: {int: [1, 100000]}}", NULL, "brute_force");
    ck_assert_int_eq(hn_sampler_check(f.sampler, f.space, NULL), HONE_OK);
    ck_assert_uint_eq(run_out(&f, 20), 21);
    fixture_release(&f);
}
END_TEST

Suite *suite_exhaustive(void)
{
    Suite *suite = suite_create("exhaustive");
    TCase *grid = tcase_create("grid");
    tcase_add_test(grid, grid_follows_parameter_grid);
    tcase_add_loop_test(grid, every_distinct_point_once, 0, 4);
    tcase_add_test(grid, the_history_says_what_is_left);
    tcase_add_test(grid, queued_values_are_served_by_a_grid);
    tcase_add_loop_test(grid, a_grid_refuses_what_it_cannot_do, 0, 7);
    tcase_add_test(grid, a_large_grid_is_not_quadratic);
    suite_add_tcase(suite, grid);
    TCase *others = tcase_create("others");
    tcase_add_test(others, fixed_holds_values_for_another_sampler);
    tcase_add_test(others, brute_force_unfolds_an_objective);
    tcase_add_test(others, brute_force_serves_huge_spaces);
    suite_add_tcase(suite, others);
    return suite;
}
