/* The ensemble of trees against its definition: every tree walked by hand, every leaf's rows gathered anew.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "support.h"
#include "surrogate/ensemble.h"

enum { N = 60, D = 4, M = 40 };

static const hn_ensemble_plan plain = {.n_trees = 7,
                                       .min_split = 4,
                                       .min_leaf = 2,
                                       .max_depth = SIZE_MAX,
                                       .feature_share = 0.5,
                                       .bootstrap = true,
                                       .seed = 3};

typedef struct problem {
    double x[N * D], y[N], points[M * D];
} problem;

/* Columns of many values, few values, two values, and one. */
static problem make_problem(void)
{
    problem p;
    hn_random random = hn_random_stream(5, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < N + M; i++) {
        double *row = i < N ? p.x + i * D : p.points + (i - N) * D;
        row[0] = hn_random_uniform(&random);
        row[1] = (double)hn_random_below(&random, 5);
        row[2] = (double)hn_random_below(&random, 2);
        row[3] = 1;
        if (i < N)
            p.y[i] = sin(6 * row[0]) + row[1] * row[2] + 0.1 * hn_random_normal(&random);
    }
    return p;
}

static hn_ensemble fit(const problem *p, const hn_ensemble_plan *plan)
{
    hn_ensemble ensemble = {0};
    hone_error err = {0};
    ck_assert_msg(hn_ensemble_fit(p->x, p->y, N, D, plan, &ensemble, &err) == HONE_OK, "%s", err.message);
    return ensemble;
}

static size_t leaf_of(const hn_tree *tree, const double *row)
{
    size_t at = 0;
    while (tree->nodes[at].feature >= 0)
        at = row[tree->nodes[at].feature] <= tree->nodes[at].threshold ? at + 1 : tree->nodes[at].right;
    return at;
}

/* The mean squared distance of all rows of a leaf from its value. */
static double naive_spread(const problem *p, const hn_tree *tree, size_t leaf)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < N; i++)
        if (leaf_of(tree, p->x + i * D) == leaf) {
            sum += (p->y[i] - tree->values[leaf]) * (p->y[i] - tree->values[leaf]);
            n++;
        }
    return n > 0 ? sum / (double)n : 0;
}

static void naive_predict(const problem *p, const hn_ensemble *e, const double *row, double *mean,
                          double *variance)
{
    double sum = 0, squares = 0, spread = 0, n = (double)e->forest.n_trees;
    for (size_t t = 0; t < e->forest.n_trees; t++)
        sum += e->forest.trees[t].values[leaf_of(&e->forest.trees[t], row)];
    *mean = sum / n;
    for (size_t t = 0; t < e->forest.n_trees; t++) {
        const hn_tree *tree = &e->forest.trees[t];
        double gap = tree->values[leaf_of(tree, row)] - *mean;
        squares += gap * gap;
        spread += naive_spread(p, tree, leaf_of(tree, row));
    }
    *variance = (squares + spread) / n;
}

START_TEST(mean_and_variance_are_those_of_the_trees)
{
    problem p = make_problem();
    hn_ensemble e = fit(&p, &plain);
    double mean[M], variance[M];
    uint32_t at[M];
    hn_ensemble_predict(&e, p.points, M, at, mean, variance);
    for (size_t i = 0; i < M; i++) {
        double naive_mean, naive_variance;
        naive_predict(&p, &e, p.points + i * D, &naive_mean, &naive_variance);
        hn_assert_absolute(mean[i], naive_mean, 1e-12);
        hn_assert_absolute(variance[i], naive_variance, 1e-12);
        ck_assert_double_gt(variance[i], 0);
    }
    hn_ensemble_release(&e);
}
END_TEST

/* Cuts move, but no row of the data changes its leaf, whether the tree's sample had it or not. */
START_TEST(cuts_move_between_the_rows)
{
    problem p = make_problem();
    hn_ensemble e = fit(&p, &plain);
    hn_columns *columns;
    hn_forest forest = {0};
    ck_assert(!hn_columns_create(p.x, N, D, &columns, NULL));
    const hn_forest_data data = {.columns = columns, .y = p.y, .n = N};
    const hn_forest_plan plan = {.rules = {.criterion = HN_CRITERION_SQUARED_ERROR,
                                           .limits = {SIZE_MAX, 4},
                                           .min_leaf = 2,
                                           .max_features = 2},
                                 .bootstrap = true,
                                 .seed = 3};
    ck_assert(!hn_forest_grow(&data, &plan, 7, &forest, NULL));
    size_t moved = 0, cuts = 0;
    for (size_t t = 0; t < 7; t++) {
        const hn_tree *tree = &forest.trees[t], *other = &e.forest.trees[t];
        ck_assert_uint_eq(tree->n_nodes, other->n_nodes);
        for (size_t k = 0; k < tree->n_nodes; k++) {
            ck_assert_int_eq(tree->nodes[k].feature, other->nodes[k].feature);
            cuts += tree->nodes[k].feature == 0;
            moved += tree->nodes[k].feature == 0 && tree->nodes[k].threshold != other->nodes[k].threshold;
        }
        for (size_t i = 0; i < N; i++)
            ck_assert_uint_eq(leaf_of(tree, p.x + i * D), leaf_of(other, p.x + i * D));
    }
    ck_assert_uint_gt(cuts, 10);
    ck_assert_uint_eq(moved, cuts);
    hn_forest_release(&forest);
    hn_columns_destroy(columns);
    hn_ensemble_release(&e);
}
END_TEST

START_TEST(whole_trees_on_all_rows_know_every_value)
{
    problem p = make_problem();
    hn_ensemble_plan plan = plain;
    plan.bootstrap = false;
    plan.min_leaf = 1;
    plan.min_split = 2;
    hn_ensemble e = fit(&p, &plan);
    double mean[N], variance[N];
    uint32_t at[N];
    hn_ensemble_predict(&e, p.x, N, at, mean, variance);
    for (size_t i = 0; i < N; i++) {
        hn_assert_absolute(mean[i], p.y[i], 1e-12);
        hn_assert_absolute(variance[i], 0, 1e-24);
    }
    hn_ensemble_release(&e);
}
END_TEST

/* Two far values of one column: between them the mean goes over from one to the other, and is least sure
 * midway. */
START_TEST(between_rows_trees_differ)
{
    const double x[] = {0, 0, 1, 1}, y[] = {0, 0, 1, 1}, points[] = {0, 0.1, 0.5, 0.9, 1};
    hn_ensemble_plan plan = plain;
    plan.n_trees = 400;
    plan.bootstrap = false;
    plan.min_leaf = 1;
    hn_ensemble e = {0};
    double mean[5], variance[5];
    uint32_t at[5];
    ck_assert(!hn_ensemble_fit(x, y, 4, 1, &plan, &e, NULL));
    hn_ensemble_predict(&e, points, 5, at, mean, variance);
    for (size_t i = 0; i < 5; i++)
        hn_assert_absolute(mean[i], points[i], 0.08);
    ck_assert_double_eq(variance[0], 0);
    ck_assert_double_gt(variance[2], 2 * variance[1]);
    hn_assert_absolute(variance[2], 0.25, 0.02);
    hn_ensemble_release(&e);
}
END_TEST

START_TEST(the_seed_decides)
{
    problem p = make_problem();
    hn_ensemble_plan other_plan = plain;
    other_plan.seed = 4;
    hn_ensemble a = fit(&p, &plain), b = fit(&p, &plain), c = fit(&p, &other_plan);
    double mean[3][M], variance[M];
    uint32_t at[M];
    hn_ensemble_predict(&a, p.points, M, at, mean[0], variance);
    hn_ensemble_predict(&b, p.points, M, at, mean[1], variance);
    hn_ensemble_predict(&c, p.points, M, at, mean[2], variance);
    ck_assert(memcmp(mean[0], mean[1], sizeof mean[0]) == 0);
    ck_assert(memcmp(mean[0], mean[2], sizeof mean[0]) != 0);
    hn_ensemble_release(&a);
    hn_ensemble_release(&b);
    hn_ensemble_release(&c);
}
END_TEST

START_TEST(nothing_is_left_when_memory_runs_out)
{
    problem p = make_problem();
    hone_status status = HONE_OUT_OF_MEMORY;
    for (long k = 0; status != HONE_OK; k++) {
        hn_ensemble e = {0};
        hn_memory_fail_at(k, 0);
        status = hn_ensemble_fit(p.x, p.y, N, D, &plain, &e, NULL);
        hn_memory_fail_at(-1, 0);
        ck_assert(status == HONE_OK || status == HONE_OUT_OF_MEMORY);
        ck_assert((e.forest.trees != NULL) == (status == HONE_OK));
        hn_ensemble_release(&e);
        ck_assert_int_lt(k, 1000);
    }
}
END_TEST

START_TEST(a_fit_is_cancelled)
{
    problem p = make_problem();
    const volatile int cancel = 1;
    hn_ensemble_plan plan = plain;
    plan.cancel = &cancel;
    hn_ensemble e = {0};
    ck_assert_int_eq(hn_ensemble_fit(p.x, p.y, N, D, &plan, &e, NULL), HONE_CANCELLED);
    ck_assert_ptr_null(e.forest.trees);
}
END_TEST

Suite *suite_ensemble(void)
{
    Suite *suite = suite_create("ensemble");
    TCase *all = tcase_create("all");
    tcase_add_test(all, mean_and_variance_are_those_of_the_trees);
    tcase_add_test(all, cuts_move_between_the_rows);
    tcase_add_test(all, whole_trees_on_all_rows_know_every_value);
    tcase_add_test(all, between_rows_trees_differ);
    tcase_add_test(all, the_seed_decides);
    tcase_add_test(all, nothing_is_left_when_memory_runs_out);
    tcase_add_test(all, a_fit_is_cancelled);
    suite_add_tcase(suite, all);
    return suite;
}
