/* Exact marginals of trees against sums over every cell of the cube that the thresholds of a tree make. */
#include "analysis/fanova.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "math/random.h"
#include "math/statistics.h"
#include "support.h"

enum { D = 3, N = 40, TREES = 4, MOST = N + 2 };

static double x[N * D], y[N];

static void grow(hn_forest *forest, hn_columns **columns)
{
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < D; j++) {
            x[i * D + j] = hn_random_uniform(&random);
        }
        x[i * D + 2] = floor(4 * x[i * D + 2]) / 4 + 0.125;
        y[i] = 5 * x[i * D] + 3 * x[i * D + 1] * x[i * D + 2] + 0.1 * hn_random_normal(&random);
    }
    ck_assert(!hn_columns_create(x, N, D, columns, NULL));
    hn_forest_data data = {.columns = *columns, .y = y, .n = N};
    hn_forest_plan plan = {
        .rules = {.limits = {SIZE_MAX, 2}, .min_leaf = 1, .max_features = D}, .bootstrap = true, .seed = 8};
    ck_assert(!hn_forest_grow(&data, &plan, TREES, forest, NULL));
}

/* 0, the thresholds of column j ascending, 1; returns how many there are. */
static size_t edges_of(const hn_tree *tree, size_t j, double *edges)
{
    size_t n = 0;
    edges[n++] = 0;
    for (size_t k = 0; k < tree->n_nodes; k++) {
        if (tree->nodes[k].feature == (int32_t)j) {
            edges[n++] = tree->nodes[k].threshold;
        }
    }
    edges[n++] = 1;
    hn_sort_doubles(edges, n);
    return n;
}

typedef struct naive {
    double alone[D], pairs[D][D];
} naive;

/* Variance of the mean over the columns that `kept` does not have (a bit each). */
static double variance_of(double edges[D][MOST], const size_t *n, const hn_tree *tree, unsigned kept,
                          double mean)
{
    static double sums[MOST * MOST * MOST];
    double point[D], variance = 0;
    size_t at[D];
    for (size_t i = 0; i < (size_t)MOST * MOST * MOST; i++) {
        sums[i] = 0;
    }
    for (int pass = 0; pass < 2; pass++) { /* sums up the marginals, then their squares */
        for (at[0] = 0; at[0] + 1 < n[0]; at[0]++) {
            for (at[1] = 0; at[1] + 1 < n[1]; at[1]++) {
                for (at[2] = 0; at[2] + 1 < n[2]; at[2]++) {
                    double inside = 1, outside = 1;
                    size_t place = 0;
                    for (size_t j = 0; j < D; j++) {
                        double length = edges[j][at[j] + 1] - edges[j][at[j]];
                        point[j] = (edges[j][at[j] + 1] + edges[j][at[j]]) / 2;
                        inside *= kept >> j & 1 ? length : 1;
                        outside *= kept >> j & 1 ? 1 : length;
                        place = place * MOST + (kept >> j & 1 ? at[j] : 0);
                    }
                    if (pass == 0) {
                        size_t leaf = hn_tree_find(tree, point, (hn_tree_limits){SIZE_MAX, 2});
                        sums[place] += outside * (tree->values[leaf] - mean);
                    } else {
                        variance += inside * outside * sums[place] * sums[place];
                    }
                }
            }
        }
    }
    return variance;
}

static double mean_of(double edges[D][MOST], const size_t *n, const hn_tree *tree)
{
    double sum = 0;
    for (size_t a = 0; a + 1 < n[0]; a++) {
        for (size_t b = 0; b + 1 < n[1]; b++) {
            for (size_t c = 0; c + 1 < n[2]; c++) {
                double point[D] = {(edges[0][a] + edges[0][a + 1]) / 2, (edges[1][b] + edges[1][b + 1]) / 2,
                                   (edges[2][c] + edges[2][c + 1]) / 2};
                sum += tree->values[hn_tree_find(tree, point, (hn_tree_limits){SIZE_MAX, 2})] *
                       (edges[0][a + 1] - edges[0][a]) * (edges[1][b + 1] - edges[1][b]) *
                       (edges[2][c + 1] - edges[2][c]);
            }
        }
    }
    return sum;
}

static naive by_definition(const hn_forest *forest)
{
    static double edges[D][MOST];
    naive out = {0};
    for (size_t t = 0; t < forest->n_trees; t++) {
        const hn_tree *tree = &forest->trees[t];
        size_t n[D];
        for (size_t j = 0; j < D; j++) {
            n[j] = edges_of(tree, j, edges[j]);
        }
        double mean = mean_of(edges, n, tree), whole = variance_of(edges, n, tree, 7, mean), alone[D];
        for (size_t j = 0; j < D; j++) {
            alone[j] = variance_of(edges, n, tree, 1U << j, mean) / whole;
            out.alone[j] += alone[j] / (double)forest->n_trees;
        }
        for (size_t j = 0; j < D; j++) {
            for (size_t k = j + 1; k < D; k++) {
                double both = variance_of(edges, n, tree, 1U << j | 1U << k, mean) / whole;
                out.pairs[j][k] += (both - alone[j] - alone[k]) / (double)forest->n_trees;
            }
        }
    }
    return out;
}

START_TEST(equals_its_definition)
{
    hn_forest forest = {0};
    hn_columns *columns = NULL;
    double alone[D], pairs[D * D], again[D], of_threads[D * D];
    grow(&forest, &columns);
    naive expected = by_definition(&forest);
    ck_assert(!hn_fanova(&forest, NULL, alone, pairs, NULL));
    for (size_t j = 0; j < D; j++) {
        hn_assert_absolute(alone[j], expected.alone[j], 1e-12);
        for (size_t k = j + 1; k < D; k++) {
            hn_assert_absolute(pairs[j * D + k], expected.pairs[j][k], 1e-12);
        }
    }
    hn_thread_pool *pool = NULL;
    ck_assert(!hn_thread_pool_create(3, &pool, NULL));
    ck_assert(!hn_fanova(&forest, pool, again, of_threads, NULL));
    ck_assert_mem_eq(again, alone, sizeof alone);
    ck_assert_mem_eq(of_threads, pairs, sizeof pairs);
    hn_thread_pool_destroy(pool);
    hn_forest_release(&forest);
    hn_columns_destroy(columns);
}
END_TEST

START_TEST(trees_without_a_cut_explain_nothing)
{
    hn_forest forest = {0};
    hn_columns *columns = NULL;
    double alone[D] = {1, 1, 1};
    grow(&forest, &columns);
    hn_forest flat = {0};
    for (size_t i = 0; i < N; i++) {
        y[i] = 2;
    }
    hn_forest_data data = {.columns = columns, .y = y, .n = N};
    hn_forest_plan plan = {.rules = {.limits = {SIZE_MAX, 2}, .min_leaf = 1, .max_features = D}};
    ck_assert(!hn_forest_grow(&data, &plan, 2, &flat, NULL));
    ck_assert(!hn_fanova(&flat, NULL, alone, NULL, NULL));
    for (size_t j = 0; j < D; j++) {
        ck_assert_double_eq(alone[j], 0);
    }
    hn_forest_release(&flat);
    hn_forest_release(&forest);
    hn_columns_destroy(columns);
}
END_TEST

Suite *suite_fanova(void)
{
    Suite *suite = suite_create("fanova");
    TCase *exact = tcase_create("exact");
    tcase_add_test(exact, equals_its_definition);
    tcase_add_test(exact, trees_without_a_cut_explain_nothing);
    suite_add_tcase(suite, exact);
    return suite;
}
