/* Counting two-valued columns makes the trees that looking at every row makes. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "forest/forest.h"
#include "math/random.h"
#include "support.h"

enum { ROWS = 400, COLUMNS = 14 };

static hone_error error;
static double x[ROWS * COLUMNS], y[ROWS], weight[ROWS];

/* Indicators of ten categories, two columns that are mostly 1, one of values -3 and 7, one of many. */
static void make_data(double unit)
{
    hn_random random = hn_random_stream(11, 0, HN_PURPOSE_TEST);
    memset(x, 0, sizeof x);
    for (size_t i = 0; i < ROWS; i++) {
        double *row = x + i * COLUMNS;
        size_t category = (size_t)hn_random_below(&random, 10);
        row[category] = 1;
        row[10] = hn_random_below(&random, 5) > 0;
        row[11] = hn_random_below(&random, 20) > 0;
        row[12] = hn_random_below(&random, 2) ? 7 : -3;
        row[13] = hn_random_normal(&random);
        y[i] = (category % 3 == 1) + row[10] + row[13] + hn_random_normal(&random) > 1.5;
        weight[i] = unit * (double)hn_random_below(&random, 4);
    }
}

START_TEST(the_rarer_code_is_marked)
{
    hn_columns *columns = NULL;
    make_data(1);
    ck_assert_int_eq(hn_columns_create(x, ROWS, COLUMNS, &columns, &error), HONE_OK);
    const hn_pairs *pairs = &columns->pairs;
    ck_assert_uint_eq(pairs->n_pairs, COLUMNS - 1);
    ck_assert_uint_eq(pairs->number[13], HN_NO_PAIR);
    ck_assert(pairs->rare[0] == 1 && pairs->rare[10] == 0 && pairs->rare[11] == 0);
    for (size_t i = 0; i < ROWS; i++) {
        const uint32_t *mark = pairs->marks + pairs->begin[i], *end = pairs->marks + pairs->begin[i + 1];
        for (size_t j = 0; j < COLUMNS - 1; j++) {
            double one = j == 12 ? 7 : 1, value = x[i * COLUMNS + j];
            bool rare = (value == one) == (pairs->rare[j] == 1);
            ck_assert_int_eq(mark < end && *mark == j, rare);
            mark += rare;
        }
        ck_assert_ptr_eq(mark, end);
    }
    hn_columns_destroy(columns);
}
END_TEST

static void grow_forest(const hn_columns *columns, hn_tree_rules rules, bool bootstrap, hn_forest *forest)
{
    hn_forest_data data = {.columns = columns, .y = y, .weight = weight, .n = ROWS};
    hn_forest_plan plan = {.rules = rules, .bootstrap = bootstrap, .seed = 3};
    ck_assert_int_eq(hn_forest_grow(&data, &plan, 12, forest, &error), HONE_OK);
}

/* Weights of 1, 2 and 3 are counted; half of them are not whole, and halving loses no digit. */
static void compare(hn_tree_rules rules, bool bootstrap)
{
    hn_columns *columns = NULL;
    hn_forest counted = {0}, looked_at = {0};
    make_data(1);
    ck_assert_int_eq(hn_columns_create(x, ROWS, COLUMNS, &columns, &error), HONE_OK);
    grow_forest(columns, rules, bootstrap, &counted);
    make_data(0.5);
    grow_forest(columns, rules, bootstrap, &looked_at);
    for (size_t t = 0; t < 12; t++) {
        const hn_tree *a = &counted.trees[t], *b = &looked_at.trees[t];
        ck_assert_uint_eq(a->n_nodes, b->n_nodes);
        ck_assert_uint_gt(a->n_nodes, 20);
        ck_assert_mem_eq(a->values, b->values, a->n_nodes * sizeof *a->values);
        for (size_t i = 0; i < a->n_nodes; i++) {
            ck_assert_int_eq(a->nodes[i].feature, b->nodes[i].feature);
            ck_assert_uint_eq(a->nodes[i].n_rows, b->nodes[i].n_rows);
            ck_assert(a->nodes[i].threshold == b->nodes[i].threshold);
            ck_assert(a->nodes[i].gain == 2 * b->nodes[i].gain);
        }
    }
    hn_forest_release(&counted);
    hn_forest_release(&looked_at);
    hn_columns_destroy(columns);
}

START_TEST(counting_is_looking_at_the_rows)
{
    hn_tree_rules rules = {HN_CRITERION_GINI, 2, {SIZE_MAX, 2}, 1, 4, false};
    compare(rules, true);
    compare(rules, false);
    rules.max_features = COLUMNS;
    compare(rules, true);
    rules.min_leaf = 5;
    compare(rules, true);
    rules.limits = (hn_tree_limits){6, 12};
    compare(rules, true);
    rules.random_cuts = true;
    compare(rules, false);
}
END_TEST

START_TEST(what_is_not_whole_is_not_counted)
{
    hn_sample samples[] = {{0, 0, 1, 0}, {1, 0, 3, 1}};
    ck_assert(hn_pairs_are_exact(samples, 2));
    samples[0].weight = 1.5;
    ck_assert(!hn_pairs_are_exact(samples, 2));
    samples[0].weight = UINT32_MAX;
    ck_assert(!hn_pairs_are_exact(samples, 2)); /* the sum does not fit */
    samples[0].weight = 1e300;
    ck_assert(!hn_pairs_are_exact(samples, 2));
    samples[0] = (hn_sample){0, 0, 1, 0.5};
    ck_assert(!hn_pairs_are_exact(samples, 2));
}
END_TEST

Suite *suite_pairs(void)
{
    Suite *suite = suite_create("pairs");
    TCase *pairs = tcase_create("pairs");
    tcase_add_test(pairs, the_rarer_code_is_marked);
    tcase_add_test(pairs, counting_is_looking_at_the_rows);
    tcase_add_test(pairs, what_is_not_whole_is_not_counted);
    suite_add_tcase(suite, pairs);
    return suite;
}
