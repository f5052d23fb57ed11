/* Which trials are below and above: their order, the groups, the bound of an ask, and the choice from a
 * front. */
#include "fixture.h"
#include "sampler/tpe_split.h"

typedef struct trial_spec {
    hone_trial_state state;
    double value;     /* of a complete one; the last report of a pruned one */
    int64_t step;     /* of the report, -1: none */
    double violation; /* > 0: infeasible */
} trial_spec;

static void put_trial(fixture *f, const trial_spec *spec)
{
    int64_t number = (int64_t)hn_history_count(f->history);
    const hn_trial_param param = {"x", &f->space->parameters[0].distribution, 0.5};
    const hn_trial_report report = {spec->step, spec->value};
    hn_trial_record record = {.number = number,
                              .state = spec->state,
                              .n_params = 1,
                              .params = &param,
                              .n_values = spec->state == HONE_COMPLETE,
                              .values = &spec->value,
                              .n_reports = spec->state == HONE_PRUNED && spec->step >= 0,
                              .reports = &report,
                              .n_constraints = spec->violation > 0,
                              .constraints = &spec->violation,
                              .noise = NAN};
    hone_error err = {0};
    ck_assert_msg(hn_history_put(f->history, &record, &err) == HONE_OK, "%s", err.message);
}

static fixture one_float(void)
{
    return fixture_make("{x: {float: [0, 1]}, y: {float: [0, 1], when: x > 0.5}}", NULL, "random");
}

static hn_tpe_split split_of(fixture *f, double gamma, size_t max_below)
{
    hn_tpe_split split;
    hn_tpe_archive archive = {0};
    const hn_view view = {f->history, INT64_MAX};
    ck_assert_int_eq(hn_tpe_split_trials(view, NULL, gamma, 0, max_below, &archive, &f->arena, &split, NULL),
                     HONE_OK);
    hn_tpe_archive_release(&archive);
    return split;
}

static hn_tpe_rows above_of(fixture *f, const hn_tpe_split *split, const hn_tpe_group *group, size_t max_rows,
                            bool pending, int64_t asking)
{
    hn_tpe_rows rows;
    const hn_view view = {f->history, INT64_MAX};
    ck_assert_int_eq(hn_tpe_above_rows(view, split, group, max_rows, pending, asking, &f->arena, &rows, NULL),
                     HONE_OK);
    return rows;
}

static const hn_tpe_group everything = {NULL, 0};

/* --- below --- */

START_TEST(below_is_a_tenth_rounded_up_to_a_bound)
{
    fixture f = one_float();
    size_t expected[] = {0, 1, 1, 2, 3, 10, 25, 25}, counts[] = {0, 1, 10, 11, 30, 100, 250, 400};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        while (hn_history_count(f.history) < counts[i])
            put_trial(&f, &(trial_spec){HONE_COMPLETE, (double)hn_history_count(f.history), -1, 0});
        ck_assert_uint_eq(split_of(&f, 0.1, 25).n_below, expected[i]);
    }
    fixture_release(&f);
}
END_TEST

/* Complete, then pruned by (-step, value), then infeasible by violation; failed and running ones not at
 * all. */
START_TEST(below_takes_trials_in_the_order_of_their_merit)
{
    static const trial_spec trials[] = {
        {HONE_COMPLETE, 0.1, -1, 5}, {HONE_PRUNED, 9, 3, 0},   {HONE_COMPLETE, 4, -1, 0},
        {HONE_FAILED, 0, -1, 0},     {HONE_PRUNED, 1, 3, 0},   {HONE_PRUNED, 0, 1, 0},
        {HONE_COMPLETE, 2, -1, 0},   {HONE_RUNNING, 0, -1, 0}, {HONE_COMPLETE, 50, -1, 0.5},
        {HONE_PRUNED, 0, -1, 0},
    };
    static const int64_t best[] = {6, 2, 4, 1, 5, 9, 8, 0};
    fixture f = one_float();
    for (size_t i = 0; i < sizeof trials / sizeof *trials; i++)
        put_trial(&f, &trials[i]);
    for (size_t k = 1; k <= 8; k++) {
        hn_tpe_split split = split_of(&f, 1, k);
        ck_assert_uint_eq(split.n_ranked, 8);
        ck_assert_uint_eq(split.n_below, k);
        for (size_t i = 0; i < 8; i++) {
            ck_assert(i >= k || split.below[i] == best[i]);
            ck_assert(hn_tpe_is_below(&split, best[i]) == (i < k));
        }
        ck_assert(!hn_tpe_is_below(&split, 3) && !hn_tpe_is_below(&split, 7));
        ck_assert_uint_eq(above_of(&f, &split, &everything, 100, true, -1).count, 9 - k);
        ck_assert_uint_eq(above_of(&f, &split, &everything, 100, false, -1).count, 8 - k);
        ck_assert_uint_eq(above_of(&f, &split, &everything, 100, true, 7).count, 8 - k);
    }
    fixture_release(&f);
}
END_TEST

START_TEST(better_trials_below_weigh_more)
{
    fixture f = one_float();
    for (int k = 0; k < 40; k++)
        put_trial(&f, &(trial_spec){HONE_COMPLETE, (double)((k * 7) % 40), -1, 0});
    hn_tpe_split split = split_of(&f, 0.1, 25);
    hn_tpe_rows rows;
    const hn_view view = {f.history, INT64_MAX};
    ck_assert_int_eq(hn_tpe_below_rows(view, &split, &everything, 500, &f.arena, &rows, NULL), HONE_OK);
    ck_assert_uint_eq(rows.count, 4);
    const double expected[] = {16 / 7.5, 9 / 7.5, 4 / 7.5, 1 / 7.5};
    for (size_t i = 0; i < 4; i++) {
        ck_assert(hn_history_loss(f.history, rows.numbers[i], 0) == (double)i);
        hn_assert_absolute(rows.weights[i], expected[i], 1e-15);
    }
    fixture_release(&f);
}
END_TEST

/* --- above --- */

START_TEST(older_trials_weigh_less)
{
    fixture f = one_float();
    for (int k = 0; k < 60; k++)
        put_trial(&f, &(trial_spec){HONE_COMPLETE, 100 - k, -1, 0});
    hn_tpe_split none = {.n_ranked = 60};
    hn_tpe_rows rows = above_of(&f, &none, &everything, 100, true, -1);
    ck_assert_uint_eq(rows.count, 60);
    for (size_t i = 0; i < 60; i++) { /* from 1/60 to 1 in 35 steps, then 25 ones */
        double expected = i < 35 ? 1.0 / 60 + (1 - 1.0 / 60) * (double)i / 34 : 1;
        ck_assert_int_eq(rows.numbers[i], (int64_t)i);
        hn_assert_absolute(rows.weights[i], expected, 1e-14);
    }
    fixture_release(&f);
}
END_TEST

/* A thinned selection: bounded, ascending, of the whole weight, half of it (within 2 %) from the newest 29 %
 * of the trials, as a ramp has it. */
static void check_thinned(const hn_tpe_rows *rows, size_t max_rows, size_t n)
{
    double total = 0, newest = 0;
    ck_assert_uint_le(rows->count, max_rows);
    for (size_t i = 0; i < rows->count; i++) {
        ck_assert(i == 0 || rows->numbers[i] > rows->numbers[i - 1]);
        total += rows->weights[i];
        newest += (double)rows->numbers[i] > sqrt(0.5) * (double)n ? rows->weights[i] : 0;
    }
    ck_assert(total > 0.9 * (double)max_rows && total <= (double)max_rows);
    hn_assert_absolute(newest / total, 0.5, 0.03);
}

START_TEST(the_number_of_kernels_is_bounded)
{
    fixture f = one_float();
    hn_tpe_rows all = {0};
    for (int k = 0; k < 5000; k++) {
        put_trial(&f, &(trial_spec){HONE_COMPLETE, (double)((k * 37) % 5000), -1, 0});
        if (k == 900 || k == 1500 ||
            k == 4999) { /* within and beyond the 4 x 300 trials that are all looked at */
            hn_tpe_split split = split_of(&f, 0.1, 25);
            all = above_of(&f, &split, &everything, 300, true, -1);
            check_thinned(&all, 300, (size_t)k + 1);
            for (size_t i = 0; i < all.count; i++)
                ck_assert(!hn_tpe_is_below(&split, all.numbers[i]));
        }
    }
    fixture_release(&f);
}
END_TEST

/* However long the history, and whatever the running trials' numbers. */
START_TEST(running_trials_always_take_part)
{
    fixture f = one_float();
    put_trial(&f, &(trial_spec){HONE_RUNNING, 0, -1, 0});
    for (int k = 1; k < 3000; k++)
        put_trial(&f, &(trial_spec){k % 1000 == 77 ? HONE_RUNNING : HONE_COMPLETE, k, -1, 0});
    hn_tpe_split split = split_of(&f, 0.1, 25);
    hn_tpe_rows with = above_of(&f, &split, &everything, 100, true, 2077);
    hn_tpe_rows without = above_of(&f, &split, &everything, 100, false, 2077);
    ck_assert_uint_eq(with.count, without.count + 3);
    const int64_t running[] = {1077, 77, 0};
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(with.numbers[without.count + i], running[i]);
    fixture_release(&f);
}
END_TEST

/* Of 20 000 trials one in thirty has y: the selection is of those alone, and finds enough of them. */
START_TEST(a_rare_group_is_found_in_a_long_history)
{
    fixture f = one_float();
    for (int64_t k = 0; k < 20000; k++) {
        double value = (double)k;
        bool has_y = k % 31 == 5;
        const hn_trial_param params[] = {{"x", &f.space->parameters[0].distribution, has_y ? 0.75 : 0.25},
                                         {"y", &f.space->parameters[1].distribution, 0.5}};
        hn_trial_record record = {.number = k,
                                  .state = HONE_COMPLETE,
                                  .n_params = has_y ? 2 : 1,
                                  .params = params,
                                  .n_values = 1,
                                  .values = &value,
                                  .noise = NAN};
        ck_assert_int_eq(hn_history_put(f.history, &record, NULL), HONE_OK);
    }
    size_t column = hn_history_find_column(f.history, "y");
    const hn_tpe_group group = {&column, 1};
    hn_tpe_split split = split_of(&f, 0.1, 25);
    hn_tpe_rows rows = above_of(&f, &split, &group, 200, true, -1);
    ck_assert_uint_ge(rows.count, 60);
    ck_assert_uint_le(rows.count, 200);
    for (size_t i = 0; i < rows.count; i++)
        ck_assert_int_eq(rows.numbers[i] % 31, 5);
    fixture_release(&f);
}
END_TEST

/* --- several objectives --- */

/* The area that points (n, 2) cover below the reference (1, 1), on a grid of their own coordinates. */
static double area_of(const double *points, const size_t *chosen, size_t n)
{
    double area = 0;
    bool used[16] = {false};
    double floor_y = 1;
    for (size_t round = 0; round < n; round++) { /* left to right */
        size_t next = SIZE_MAX;
        for (size_t i = 0; i < n; i++)
            if (!used[i] && (next == SIZE_MAX || points[2 * chosen[i]] < points[2 * chosen[next]]))
                next = i;
        used[next] = true;
        const double *point = points + 2 * chosen[next];
        area += point[1] < floor_y ? (1 - point[0]) * (floor_y - point[1]) : 0;
        floor_y = fmin(floor_y, point[1]);
    }
    return area;
}

/* The best subset by trying all. */
static double best_area(const double *points, size_t n, size_t k)
{
    double best = 0;
    for (unsigned set = 0; set < 1u << n; set++) {
        size_t chosen[16], count = 0;
        for (size_t i = 0; i < n; i++)
            if (set >> i & 1)
                chosen[count++] = i;
        best = count == k ? fmax(best, area_of(points, chosen, k)) : best;
    }
    return best;
}

START_TEST(two_objectives_are_chosen_exactly)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_random random = hn_random_stream(5, 0, HN_PURPOSE_TEST);
    const double reference[] = {1, 1};
    for (int round = 0; round < 100; round++) {
        size_t n = 2 + hn_random_below(&random, 9), k = 1 + hn_random_below(&random, n - 1), chosen[16];
        double points[32], x = 0, y = 1;
        for (size_t i = 0; i < n; i++) { /* a front: x rises while y falls */
            x += (1 - x) * 0.4 * hn_random_uniform(&random);
            y -= y * 0.4 * hn_random_uniform(&random);
            points[2 * i] = x;
            points[2 * i + 1] = y;
        }
        ck_assert_int_eq(hn_tpe_select_front(points, n, 2, reference, k, &arena, chosen, NULL), HONE_OK);
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < i; j++)
                ck_assert_uint_ne(chosen[i], chosen[j]);
        hn_assert_relative(area_of(points, chosen, k), best_area(points, n, k), 1e-12);
        hn_arena_reset(&arena);
    }
    hn_arena_release(&arena);
}
END_TEST

/* Three objectives, the third constant: greedily at least 1 - 1/e of the best area. */
START_TEST(more_objectives_are_chosen_well)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_random random = hn_random_stream(6, 0, HN_PURPOSE_TEST);
    const double reference[] = {1, 1, 1};
    for (int round = 0; round < 50; round++) {
        double points[24], flat[16], x = 0, y = 1;
        size_t chosen[3];
        for (size_t i = 0; i < 8; i++) {
            x += (1 - x) * 0.3 * hn_random_uniform(&random);
            y -= y * 0.3 * hn_random_uniform(&random);
            points[3 * i] = flat[2 * i] = x;
            points[3 * i + 1] = flat[2 * i + 1] = y;
            points[3 * i + 2] = 0.25;
        }
        ck_assert_int_eq(hn_tpe_select_front(points, 8, 3, reference, 3, &arena, chosen, NULL), HONE_OK);
        double best = best_area(flat, 8, 3), covered = area_of(flat, chosen, 3);
        ck_assert(covered >= 0.632 * best && covered <= best * (1 + 1e-12));
        hn_arena_reset(&arena);
    }
    hn_arena_release(&arena);
}
END_TEST

START_TEST(infinite_objectives_are_chosen_last)
{
    hn_arena arena = HN_ARENA_INIT;
    const double points[] = {-INFINITY, 2, 0.1, 0.8, INFINITY, 0, 0.5, 0.2}, reference[] = {1, 1};
    size_t chosen[3];
    ck_assert_int_eq(hn_tpe_select_front(points, 4, 2, reference, 1, &arena, chosen, NULL), HONE_OK);
    ck_assert_uint_eq(chosen[0], 3);
    ck_assert_int_eq(hn_tpe_select_front(points, 4, 2, reference, 3, &arena, chosen, NULL), HONE_OK);
    ck_assert_uint_eq(chosen[0] + chosen[1], 4);
    hn_arena_release(&arena);
}
END_TEST

/* Below are the whole first front and a part of the second. */
START_TEST(several_objectives_split_by_fronts)
{
    fixture f = one_float();
    const hone_direction directions[] = {HONE_MINIMIZE, HONE_MAXIMIZE};
    static const double values[][2] = {{3, -3}, {0, -2}, {1, -1}, {5, -9}, {2, 0}, {1, -3}, {2, -2}, {9, -9}};
    hn_history_destroy(f.history);
    ck_assert_int_eq(hn_history_create(directions, 2, &f.history, NULL), HONE_OK);
    for (int64_t k = 0; k < 8; k++) {
        hn_trial_record record = {
            .number = k, .state = HONE_COMPLETE, .n_values = 2, .values = values[k], .noise = NAN};
        ck_assert_int_eq(hn_history_put(f.history, &record, NULL), HONE_OK);
    }
    hn_tpe_split split = split_of(&f, 0.5, 5);
    ck_assert_uint_eq(split.n_below, 4);
    ck_assert(hn_tpe_is_below(&split, 1) && hn_tpe_is_below(&split, 2) && hn_tpe_is_below(&split, 4));
    ck_assert(hn_tpe_is_below(&split, 5) || hn_tpe_is_below(&split, 6));
    fixture_release(&f);
}
END_TEST

Suite *suite_tpe_split(void)
{
    Suite *suite = suite_create("tpe_split");
    TCase *below = tcase_create("below"), *above = tcase_create("above"), *several = tcase_create("several");
    tcase_add_test(below, below_is_a_tenth_rounded_up_to_a_bound);
    tcase_add_test(below, below_takes_trials_in_the_order_of_their_merit);
    tcase_add_test(below, better_trials_below_weigh_more);
    tcase_add_test(above, older_trials_weigh_less);
    tcase_add_test(above, the_number_of_kernels_is_bounded);
    tcase_add_test(above, running_trials_always_take_part);
    tcase_add_test(above, a_rare_group_is_found_in_a_long_history);
    tcase_add_test(several, two_objectives_are_chosen_exactly);
    tcase_add_test(several, more_objectives_are_chosen_well);
    tcase_add_test(several, infinite_objectives_are_chosen_last);
    tcase_add_test(several, several_objectives_split_by_fronts);
    suite_add_tcase(suite, below);
    suite_add_tcase(suite, above);
    suite_add_tcase(suite, several);
    return suite;
}
