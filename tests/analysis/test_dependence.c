/* Partial dependence against the forest's predictions, averaged over every cell that a tree's thresholds
 * make. */
#include "analysis/dependence.h"

#include <string.h>

#include "base/arena.h"
#include "fixture.h"
#include "math/statistics.h"
#include "surrogate/ensemble.h"

enum { TRIALS = 60, TREES = 5, D = 3, MOST_PLACES = 2 * TRIALS, KINDS = 4, GRID = 7 };

static const char *const kinds[] = {"a", "b", "c", "d"};

/* x in [0, 1], rate in [1e-4, 1] by its logarithm, kind of four; `only` where kind is not b; a constant. */
static void make_study(fixture *f, hn_arena *arena)
{
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    fixture_open(f, 1);
    fixture_float(f, "x", 0, 1, false);
    fixture_float(f, "rate", 1e-4, 1, true);
    fixture_choice(f, arena, "kind", kinds, KINDS);
    fixture_integer(f, "only", 1, 5);
    fixture_float(f, "fixed", 2, 2, false);
    for (int i = 0; i < TRIALS; i++) {
        double x = hn_random_uniform(&random), rate = pow(10, -4 * hn_random_uniform(&random));
        double kind = (double)hn_random_below(&random, KINDS);
        double only = kind == 1 ? NAN : 1 + (double)hn_random_below(&random, 5);
        double value = 3 * x + log10(rate) * kind + (isnan(only) ? 0 : only);
        fixture_add(f, (const double[]){x, rate, kind, only, 2}, HONE_COMPLETE, &value);
        if (i % 10 == 3) { /* left out */
            fixture_add(f, (const double[]){x, rate, kind, only, 2}, HONE_FAILED, NULL);
            value = INFINITY;
            fixture_add(f, (const double[]){x, rate, kind, only, 2}, HONE_COMPLETE, &value);
        }
    }
}

static hn_param_dependence find(const fixture *f, const char *name, const char *second, hn_arena *arena)
{
    hn_param_dependence found;
    hone_error err = {0};
    const hn_param_dependence_plan plan = {.names = {name, second},
                                           .n_axes = second ? 2 : 1,
                                           .grid = GRID,
                                           .n_trees = TREES,
                                           .seed = 5,
                                           .max_trials = 1000};
    ck_assert_msg(!hn_param_dependence_find(f->history, &plan, arena, &found, &err), "%s", err.message);
    return found;
}

/* Where a tree must be asked of column j, and how much each place weighs: the middles between its thresholds;
 * of choices (n of them) each. */
static size_t places_of(const hn_tree *tree, size_t j, size_t choices, double *at, double *weight)
{
    double edges[MOST_PLACES] = {0};
    size_t n = 1;
    for (size_t c = 0; c < choices; c++) {
        at[c] = ((double)c + 0.5) / (double)choices;
        weight[c] = 1 / (double)choices;
    }
    if (choices) {
        return choices;
    }
    for (size_t k = 0; k < tree->n_nodes; k++) {
        if (tree->nodes[k].feature == (int32_t)j) {
            edges[n++] = tree->nodes[k].threshold;
        }
    }
    edges[n] = 1;
    hn_sort_doubles(edges, n);
    for (size_t i = 0; i < n; i++) {
        at[i] = (edges[i] + edges[i + 1]) / 2;
        weight[i] = edges[i + 1] - edges[i];
    }
    return n;
}

/* fixed (D,): NaN where the tree is averaged. */
static double average(const hn_tree *tree, const size_t *choices, const double *fixed)
{
    double at[D][MOST_PLACES], weight[D][MOST_PLACES], sum = 0;
    size_t n[D];
    for (size_t j = 0; j < D; j++) {
        n[j] = 1;
        at[j][0] = fixed[j];
        weight[j][0] = 1;
        if (isnan(fixed[j])) {
            n[j] = places_of(tree, j, choices[j], at[j], weight[j]);
        }
    }
    for (size_t a = 0; a < n[0]; a++) {
        for (size_t b = 0; b < n[1]; b++) {
            for (size_t c = 0; c < n[2]; c++) {
                const double point[D] = {at[0][a], at[1][b], at[2][c]};
                size_t leaf = hn_tree_find(tree, point, (hn_tree_limits){SIZE_MAX, 2});
                sum += weight[0][a] * weight[1][b] * weight[2][c] * tree->values[leaf];
            }
        }
    }
    return sum;
}

/* The forest that the dependence is of: columns are the parameters asked for, then the others. */
static void grow(const fixture *f, const char *const *names, size_t n, hn_arena *arena, hn_ensemble *ensemble)
{
    hn_observed observed;
    ck_assert(!hn_observe_with(f->history, 0, names, n, arena, &observed, NULL));
    const hn_observations *group = observed.groups;
    const hn_ensemble_plan plan = {.n_trees = TREES,
                                   .min_split = 2,
                                   .min_leaf = 1,
                                   .max_depth = 64,
                                   .feature_share = 1,
                                   .bootstrap = true,
                                   .seed = 5};
    ck_assert_uint_eq(group->n, TRIALS);
    ck_assert_uint_eq(group->d, D);
    ck_assert(!hn_ensemble_fit(group->unit, group->loss, group->n, group->d, &plan, ensemble, NULL));
}

static void check_point(const hn_ensemble *ensemble, const size_t *choices, const double *fixed, double mean,
                        double deviation)
{
    double values[TREES], sum = 0, squares = 0;
    for (size_t t = 0; t < TREES; t++) {
        values[t] = average(&ensemble->forest.trees[t], choices, fixed);
        sum += values[t] / TREES;
    }
    for (size_t t = 0; t < TREES; t++) {
        squares += (values[t] - sum) * (values[t] - sum) / TREES;
    }
    hn_assert_close(mean, sum, 1e-10, 1e-12);
    hn_assert_close(deviation, sqrt(squares), 1e-7, 1e-12);
}

START_TEST(one_parameter_is_an_average_over_the_others)
{
    static const struct {
        const char *name;
        size_t choices[D]; /* of the forest's columns */
    } cases[] = {{"x", {0, 0, KINDS}}, {"rate", {0, 0, KINDS}}, {"kind", {KINDS, 0, 0}}};
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_ensemble ensemble = {0};
    make_study(&f, &arena);
    hn_param_dependence found = find(&f, cases[_i].name, NULL, &arena);
    grow(&f, &cases[_i].name, 1, &arena, &ensemble);
    ck_assert_uint_eq(found.axes[0].n, _i == 2 ? KINDS : GRID);
    ck_assert_uint_eq(found.n_trials, TRIALS);
    ck_assert_uint_eq(found.n_having, TRIALS);
    for (size_t i = 0; i < found.axes[0].n; i++) {
        const double fixed[D] = {found.axes[0].unit[i], NAN, NAN};
        check_point(&ensemble, cases[_i].choices, fixed, found.mean[i], found.deviation[i]);
    }
    if (_i == 1) { /* evenly spread over the logarithm */
        for (size_t i = 0; i < GRID; i++) {
            hn_assert_relative(found.axes[0].values[i], pow(10, -4 + 4 * (double)i / (GRID - 1)), 1e-12);
        }
    }
    hn_ensemble_release(&ensemble);
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

START_TEST(two_parameters_are_an_average_over_the_rest)
{
    static const char *const names[] = {"kind", "rate"};
    static const size_t choices[D] = {KINDS, 0, 0};
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_ensemble ensemble = {0};
    make_study(&f, &arena);
    hn_param_dependence found = find(&f, names[0], names[1], &arena);
    grow(&f, names, 2, &arena, &ensemble);
    for (size_t i = 0; i < KINDS; i++) {
        ck_assert_double_eq(found.axes[0].values[i], (double)i);
        for (size_t j = 0; j < GRID; j++) {
            const double fixed[D] = {found.axes[0].unit[i], found.axes[1].unit[j], NAN};
            check_point(&ensemble, choices, fixed, found.mean[i * GRID + j], found.deviation[i * GRID + j]);
        }
    }
    hn_ensemble_release(&ensemble);
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

START_TEST(conditional_parameters_where_they_are)
{
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_param_dependence again;
    make_study(&f, &arena);
    hn_param_dependence found = find(&f, "only", NULL, &arena);
    ck_assert(found.n_having < TRIALS && found.n_having > TRIALS / 2);
    ck_assert_uint_eq(found.axes[0].n, 5);
    for (size_t i = 0; i < 5; i++) { /* every value of an integer */
        ck_assert_double_eq(found.axes[0].values[i], (double)(i + 1));
    }
    hn_thread_pool *pool = NULL; /* threads change nothing; fewer trials do */
    ck_assert(!hn_thread_pool_create(3, &pool, NULL));
    hn_param_dependence_plan plan = {.names = {"only"},
                                     .n_axes = 1,
                                     .grid = GRID,
                                     .n_trees = TREES,
                                     .seed = 5,
                                     .max_trials = 1000,
                                     .pool = pool};
    ck_assert(!hn_param_dependence_find(f.history, &plan, &arena, &again, NULL));
    ck_assert_mem_eq(again.mean, found.mean, 5 * sizeof *found.mean);
    ck_assert_mem_eq(again.deviation, found.deviation, 5 * sizeof *found.deviation);
    plan.max_trials = 20;
    ck_assert(!hn_param_dependence_find(f.history, &plan, &arena, &again, NULL));
    ck_assert_uint_eq(again.n_trials, 20);
    ck_assert_uint_eq(again.n_having, found.n_having);
    ck_assert_double_ne(again.mean[0], found.mean[0]);
    hn_thread_pool_destroy(pool);
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

START_TEST(what_cannot_be_asked)
{
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_param_dependence found;
    hone_error err;
    make_study(&f, &arena);
    hn_param_dependence_plan plan = {.n_axes = 1, .grid = GRID, .n_trees = TREES, .max_trials = 1000};
    plan.names[0] = "fixed";
    ck_assert_int_eq(hn_param_dependence_find(f.history, &plan, &arena, &found, &err), HONE_INVALID);
    hn_assert_contains(err.message, "one value only");
    plan.names[0] = "rade";
    ck_assert_int_eq(hn_param_dependence_find(f.history, &plan, &arena, &found, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "did you mean 'rate'");
    hn_history_destroy(f.history);
    fixture_open(&f, 1);
    fixture_float(&f, "x", 0, 1, false);
    plan.names[0] = "x";
    ck_assert_int_eq(hn_param_dependence_find(f.history, &plan, &arena, &found, &err), HONE_NOT_FOUND);
    double value = 3;
    fixture_add(&f, &value, HONE_COMPLETE, &value);
    ck_assert_int_eq(hn_param_dependence_find(f.history, &plan, &arena, &found, &err), HONE_INVALID);
    hn_assert_contains(err.message, "there is 1");
    fixture_add(&f, (const double[]){0.25}, HONE_COMPLETE, &value); /* both are worth 3 */
    ck_assert(!hn_param_dependence_find(f.history, &plan, &arena, &found, &err));
    for (size_t i = 0; i < GRID; i++) {
        ck_assert(found.mean[i] == 3 && found.deviation[i] == 0);
    }
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

Suite *suite_dependence(void)
{
    Suite *suite = suite_create("dependence");
    TCase *all = tcase_create("dependence");
    tcase_add_loop_test(all, one_parameter_is_an_average_over_the_others, 0, 3);
    tcase_add_test(all, two_parameters_are_an_average_over_the_rest);
    tcase_add_test(all, conditional_parameters_where_they_are);
    tcase_add_test(all, what_cannot_be_asked);
    suite_add_tcase(suite, all);
    return suite;
}
