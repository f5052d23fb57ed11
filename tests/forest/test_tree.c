/* Trees against the definition, and what keyed draws promise: cutting short is the same as growing shorter.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "forest/forest.h"
#include "math/random.h"
#include "naive.h"
#include "support.h"

enum { ROWS = 120, COLUMNS = 5 };

static hone_error error;
static double x[ROWS * COLUMNS], y[ROWS], weight[ROWS];

/* Columns of 2, 4, 12 and many distinct values; the targets depend on some of them. */
static void make_data(size_t n_classes)
{
    hn_random random = hn_random_stream(5, n_classes, HN_PURPOSE_TEST);
    for (size_t i = 0; i < ROWS; i++) {
        double *row = x + i * COLUMNS;
        row[0] = (double)hn_random_below(&random, 2);
        row[1] = (double)hn_random_below(&random, 4) - 2;
        row[2] = (double)hn_random_below(&random, 12) / 7;
        row[3] = hn_random_normal(&random);
        row[4] = 1e9 + hn_random_uniform(&random);
        double value = row[0] * row[3] + row[1] + 0.3 * hn_random_normal(&random);
        y[i] = n_classes ? fmod(floor(fabs(value) * 2), (double)n_classes) : 1e6 + value;
        weight[i] = 1 + (double)hn_random_below(&random, 3);
    }
}

static hn_columns *columns_of(const double *values, size_t n)
{
    hn_columns *columns = NULL;
    ck_assert_int_eq(hn_columns_create(values, n, COLUMNS, &columns, &error), HONE_OK);
    return columns;
}

static hn_tree_rules rules_of(hn_criterion criterion, size_t n_classes)
{
    return (hn_tree_rules){.criterion = criterion,
                           .n_classes = n_classes,
                           .limits = {SIZE_MAX, 2},
                           .min_leaf = 1,
                           .max_features = COLUMNS};
}

/* --- columns --- */

START_TEST(codes_keep_order_and_values)
{
    make_data(2);
    x[3] = -0.0;
    x[COLUMNS + 3] = 0.0;
    hn_columns *columns = columns_of(x, ROWS);
    ck_assert_uint_eq(columns->n_codes[0], 2);
    ck_assert_uint_eq(columns->n_codes[3], ROWS - 1); /* 0 and -0 are one value */
    for (size_t j = 0; j < COLUMNS; j++)
        for (size_t i = 0; i < ROWS; i++) {
            uint16_t code = columns->codes[j * ROWS + i];
            ck_assert(columns->low[j][code] == x[i * COLUMNS + j]);
            ck_assert(code == 0 || columns->high[j][code - 1] < columns->low[j][code]);
        }
    hn_columns_destroy(columns);
}
END_TEST

START_TEST(many_values_are_binned)
{
    size_t n = 70000;
    double *values = hn_calloc(n, sizeof *values);
    hn_columns *columns = NULL;
    for (size_t i = 0; i < n; i++)
        values[i] = (double)((i * 7919) % n);
    ck_assert_int_eq(hn_columns_create(values, n, 1, &columns, &error), HONE_OK);
    ck_assert_uint_eq(columns->n_codes[0], HN_COLUMN_MAX_CODES);
    for (size_t i = 0; i < n; i++) {
        uint16_t code = columns->codes[i];
        ck_assert(columns->low[0][code] <= values[i] && values[i] <= columns->high[0][code]);
    }
    for (size_t code = 1; code < HN_COLUMN_MAX_CODES; code++)
        ck_assert(columns->low[0][code] == columns->high[0][code - 1] + 1);
    hn_columns_destroy(columns);
    hn_free(values);
}
END_TEST

/* --- one tree --- */

static void grow(const hn_columns *columns, const hn_tree_rules *rules, uint64_t key, hn_tree *tree)
{
    hn_grower *grower = NULL;
    hn_sample samples[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        samples[i] = (hn_sample){.row = (uint32_t)i,
                                 .k = rules->n_classes > 2 ? (uint32_t)y[i] : 0,
                                 .weight = weight[i],
                                 .y = y[i]};
    ck_assert_int_eq(hn_grower_create(columns, rules, ROWS, &grower, &error), HONE_OK);
    ck_assert_int_eq(hn_tree_grow(grower, key, samples, ROWS, NULL, tree, &error), HONE_OK);
    hn_grower_destroy(grower);
}

/* Every cut is as good as the best of all, in the middle between two values; every leaf has a reason. Returns
 * the nodes seen. */
static size_t check_node(const naive_problem *p, const hn_tree *tree, size_t at, const size_t *rows, size_t n)
{
    const hn_tree_node *node = &tree->nodes[at];
    double best = naive_best_gain(p, rows, n), impurity = naive_impurity(p, rows, n);
    ck_assert_uint_eq(node->n_rows, n);
    if (node->feature < 0) {
        ck_assert(impurity < 1e-9 || best < 0 || node->depth == p->rules->limits.max_depth ||
                  n < p->rules->limits.min_split);
        return 1;
    }
    size_t left[ROWS], right[ROWS], n_left = 0, n_right = 0, j = (size_t)node->feature;
    double below = -INFINITY, above = INFINITY;
    for (size_t i = 0; i < n; i++) {
        double value = x[rows[i] * COLUMNS + j];
        if (value <= node->threshold) {
            left[n_left++] = rows[i];
            below = fmax(below, value);
        } else {
            right[n_right++] = rows[i];
            above = fmin(above, value);
        }
    }
    double gain = naive_gain(p, rows, n, j, node->threshold);
    double factor = p->rules->criterion == HN_CRITERION_GINI && p->rules->n_classes == 2 ? 2 : 1;
    hn_assert_close(gain, best, 1e-9, 1e-9);
    hn_assert_close(factor * node->gain, gain, 1e-7, 1e-7);
    ck_assert(node->threshold == below / 2 + above / 2);
    return 1 + check_node(p, tree, at + 1, left, n_left) + check_node(p, tree, node->right, right, n_right);
}

static void check_tree(hn_tree_rules rules)
{
    size_t rows[ROWS];
    hn_tree tree;
    make_data(rules.n_classes);
    hn_columns *columns = columns_of(x, ROWS);
    naive_problem problem = {x, y, weight, ROWS, COLUMNS, &rules};
    for (size_t i = 0; i < ROWS; i++)
        rows[i] = i;
    grow(columns, &rules, 1, &tree);
    ck_assert_uint_gt(tree.n_nodes, 8);
    ck_assert_uint_eq(check_node(&problem, &tree, 0, rows, ROWS), tree.n_nodes);
    hn_tree_release(&tree);
    hn_columns_destroy(columns);
}

START_TEST(cuts_are_the_best_there_are)
{
    check_tree(rules_of(HN_CRITERION_GINI, 2));
    check_tree(rules_of(HN_CRITERION_ENTROPY, 2));
    check_tree(rules_of(HN_CRITERION_GINI, 4));
    check_tree(rules_of(HN_CRITERION_ENTROPY, 4));
    check_tree(rules_of(HN_CRITERION_SQUARED_ERROR, 0));
}
END_TEST

START_TEST(limits_are_kept)
{
    hn_tree_rules rules = rules_of(HN_CRITERION_GINI, 4);
    rules.min_leaf = 7;
    rules.limits = (hn_tree_limits){4, 20};
    check_tree(rules);
    rules.criterion = HN_CRITERION_SQUARED_ERROR;
    rules.n_classes = 0;
    check_tree(rules);
}
END_TEST

START_TEST(random_cuts_lie_between_values)
{
    make_data(3);
    hn_tree_rules rules = rules_of(HN_CRITERION_GINI, 3);
    rules.random_cuts = true;
    hn_columns *columns = columns_of(x, ROWS);
    hn_tree tree, other;
    grow(columns, &rules, 1, &tree);
    grow(columns, &rules, 2, &other);
    ck_assert(tree.nodes[0].threshold != other.nodes[0].threshold || tree.n_nodes != other.n_nodes);
    for (size_t i = 0; i < ROWS; i++) { /* whole trees tell apart rows that differ */
        size_t node = hn_tree_find(&tree, x + i * COLUMNS, rules.limits);
        hn_assert_absolute(tree.values[node * 3 + (size_t)y[i]], 1, 1e-12);
    }
    hn_tree_release(&tree);
    hn_tree_release(&other);
    hn_columns_destroy(columns);
}
END_TEST

START_TEST(cutting_short_is_growing_shorter)
{
    static const hn_tree_limits limits[] = {{3, 2}, {SIZE_MAX, 11}, {5, 30}, {0, 2}};
    make_data(3);
    hn_columns *columns = columns_of(x, ROWS);
    for (int random_cuts = 0; random_cuts < 2; random_cuts++) {
        hn_tree_rules rules = rules_of(HN_CRITERION_GINI, 3);
        hn_tree whole, shorter;
        rules.max_features = 2;
        rules.random_cuts = random_cuts;
        grow(columns, &rules, 9, &whole);
        for (size_t l = 0; l < sizeof limits / sizeof *limits; l++) {
            double a[COLUMNS] = {0}, b[COLUMNS] = {0};
            hn_tree_limits none = {SIZE_MAX, 2};
            rules.limits = limits[l];
            grow(columns, &rules, 9, &shorter);
            ck_assert_uint_lt(shorter.n_nodes, whole.n_nodes);
            for (size_t i = 0; i < ROWS; i++) {
                size_t at = hn_tree_find(&whole, x + i * COLUMNS, limits[l]);
                size_t other = hn_tree_find(&shorter, x + i * COLUMNS, none);
                ck_assert_mem_eq(whole.values + 3 * at, shorter.values + 3 * other, 3 * sizeof(double));
            }
            hn_tree_gains(&whole, limits[l], a);
            hn_tree_gains(&shorter, none, b);
            ck_assert_mem_eq(a, b, sizeof a);
            hn_tree_release(&shorter);
        }
        hn_tree_release(&whole);
    }
    hn_columns_destroy(columns);
}
END_TEST

/* --- forests --- */

static hn_forest_plan plan_of(hn_thread_pool *pool)
{
    hn_forest_plan plan = {
        .rules = rules_of(HN_CRITERION_GINI, 3), .bootstrap = true, .seed = 3, .pool = pool};
    plan.rules.max_features = 2;
    return plan;
}

START_TEST(a_forest_is_a_prefix_whatever_the_threads)
{
    make_data(3);
    hn_columns *columns = columns_of(x, ROWS);
    hn_thread_pool *pool = NULL;
    ck_assert_int_eq(hn_thread_pool_create(2, &pool, &error), HONE_OK);
    hn_forest_data data = {columns, NULL, y, weight, ROWS};
    hn_forest_plan alone = plan_of(NULL), together = plan_of(pool);
    hn_forest few = {0}, many = {0};
    static double a[ROWS * 3], b[ROWS * 3];
    hn_tree_limits none = {SIZE_MAX, 2};
    ck_assert_int_eq(hn_forest_grow(&data, &together, 30, &many, &error), HONE_OK);
    for (size_t n_trees = 10; n_trees <= 30; n_trees += 10) { /* grown step by step */
        ck_assert_int_eq(hn_forest_grow(&data, &alone, n_trees, &few, &error), HONE_OK);
        hn_forest_predict(&few, n_trees, none, x, ROWS, a);
        hn_forest_predict(&many, n_trees, none, x, ROWS, b);
        ck_assert_mem_eq(a, b, sizeof a);
    }
    hn_forest_release(&few);
    hn_forest_release(&many);
    hn_thread_pool_destroy(pool);
    hn_columns_destroy(columns);
}
END_TEST

START_TEST(limits_and_fewer_trees_are_other_settings)
{
    static const hn_tree_limits limits[] = {{SIZE_MAX, 2}, {2, 2}, {SIZE_MAX, 12}, {3, 12}};
    static const size_t counts[] = {5, 12};
    static double cut[ROWS * 3], one[ROWS * 3];
    make_data(3);
    hn_columns *columns = columns_of(x, ROWS);
    hn_forest_data data = {columns, NULL, y, NULL, ROWS};
    hn_forest_plan plan = plan_of(NULL);
    hn_forest forest = {0}, own = {0};
    ck_assert_int_eq(hn_forest_grow(&data, &plan, 12, &forest, &error), HONE_OK);
    for (size_t c = 0; c < 2; c++)
        for (size_t l = 0; l < 4; l++) {
            plan.rules.limits = limits[l];
            ck_assert_int_eq(hn_forest_grow(&data, &plan, counts[c], &own, &error), HONE_OK);
            hn_forest_predict(&own, counts[c], limits[0], x, ROWS, one);
            hn_forest_predict(&forest, counts[c], limits[l], x, ROWS, cut);
            ck_assert_mem_eq(cut, one, sizeof one);
            hn_forest_release(&own);
        }
    hn_forest_release(&forest);
    hn_columns_destroy(columns);
}
END_TEST

START_TEST(out_of_bag_rows_were_not_seen)
{
    make_data(2);
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < ROWS; i++)
        y[i] = (double)hn_random_below(&random, 2); /* nothing to learn */
    hn_columns *columns = columns_of(x, ROWS);
    hn_forest_data data = {columns, NULL, y, NULL, ROWS};
    hn_forest_plan plan = plan_of(NULL);
    plan.rules.n_classes = 2;
    hn_forest forest = {0};
    double seen[ROWS], unseen[ROWS], right_seen = 0, right_unseen = 0;
    ck_assert_int_eq(hn_forest_grow(&data, &plan, 60, &forest, &error), HONE_OK);
    hn_forest_predict(&forest, 60, plan.rules.limits, x, ROWS, seen);
    ck_assert_int_eq(
        hn_forest_out_of_bag(&forest, (hn_tree_limits){SIZE_MAX, 2}, plan.seed, x, ROWS, unseen, &error),
        HONE_OK);
    for (size_t i = 0; i < ROWS; i++) {
        right_seen += (seen[i] > 0.5) == y[i];
        right_unseen += (unseen[i] > 0.5) == y[i];
    }
    ck_assert(right_seen > 0.95 * ROWS);
    ck_assert(right_unseen < 0.7 * ROWS); /* 0.5 expected: 4 standard deviations */
    hn_forest_release(&forest);
    hn_columns_destroy(columns);
}
END_TEST

START_TEST(rows_walk_abreast_to_where_each_walks_alone)
{
    static const hn_tree_limits limits[] = {{SIZE_MAX, 2}, {3, 2}, {0, 2}, {SIZE_MAX, 25}};
    hn_tree_rules rules = rules_of(HN_CRITERION_GINI, 2);
    hn_tree tree;
    uint32_t at[ROWS];
    make_data(2);
    hn_columns *columns = columns_of(x, ROWS);
    grow(columns, &rules, 1, &tree);
    for (size_t l = 0; l < sizeof limits / sizeof *limits; l++)
        for (size_t n = 0; n <= ROWS; n += n < 20 ? 1 : 25) {
            hn_tree_find_rows(&tree, x, n, COLUMNS, limits[l], at);
            for (size_t i = 0; i < n; i++)
                ck_assert_uint_eq(at[i], hn_tree_find(&tree, x + i * COLUMNS, limits[l]));
        }
    hn_tree_release(&tree);
    hn_columns_destroy(columns);
}
END_TEST

Suite *suite_tree(void)
{
    Suite *suite = suite_create("tree");
    TCase *columns = tcase_create("columns");
    tcase_add_test(columns, codes_keep_order_and_values);
    tcase_add_test(columns, many_values_are_binned);
    suite_add_tcase(suite, columns);
    TCase *tree = tcase_create("tree");
    tcase_add_test(tree, cuts_are_the_best_there_are);
    tcase_add_test(tree, limits_are_kept);
    tcase_add_test(tree, rows_walk_abreast_to_where_each_walks_alone);
    tcase_add_test(tree, random_cuts_lie_between_values);
    tcase_add_test(tree, cutting_short_is_growing_shorter);
    suite_add_tcase(suite, tree);
    TCase *forest = tcase_create("forest");
    tcase_add_test(forest, a_forest_is_a_prefix_whatever_the_threads);
    tcase_add_test(forest, limits_and_fewer_trees_are_other_settings);
    tcase_add_test(forest, out_of_bag_rows_were_not_seen);
    suite_add_tcase(suite, forest);
    return suite;
}
