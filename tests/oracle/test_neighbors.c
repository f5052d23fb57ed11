/* Nearest neighbours against scikit-learn 1.2 (linear_oracle.py, linear_values.txt). */
#include <stdio.h>

#include "linear_values.h"
#include "support.h"

enum { HELD = 20, QUERIES = 30 }; /* trained on the rows from HELD on; a third of the queries is among them */

static hone_error error;

static void setup(void)
{
    linear_values_open();
}

static void teardown(void)
{
    linear_values_close();
}

static void compare(int p, const char *weights, const char *metric)
{
    char options[128], name[64];
    double out[3 * QUERIES];
    const hn_model_type *knn = hn_model_find("knn");
    snprintf(options, sizeof options, "{n_neighbors: 4, weights: %s, metric: %s, p: %d}", weights, metric, p);
    for (int classify = 0; classify < 2; classify++) {
        hn_design train = linear_values_design(classify ? "three" : "value", ROWS), rows = train;
        train.x += HELD * COLUMNS;
        train.y += HELD;
        train.n -= HELD;
        rows.n = QUERIES;
        void *fitted = linear_values_fit("knn", options, &train);
        snprintf(name, sizeof name, "neighbors_%d_%s%s", p, weights, classify ? "" : "_value");
        if (classify)
            ck_assert_int_eq(knn->predict_proba(fitted, &rows, out, &error), HONE_OK);
        else
            ck_assert_int_eq(knn->predict(fitted, &rows, out, &error), HONE_OK);
        linear_values_compare(name, out, classify ? 3 * QUERIES : QUERIES, 1e-9);
        knn->destroy(fitted);
    }
}

START_TEST(uniform)
{
    compare(1, "uniform", "manhattan");
    compare(2, "uniform", "euclidean");
    compare(3, "uniform", "minkowski");
}
END_TEST

START_TEST(by_distance)
{
    compare(1, "distance", "manhattan");
    compare(2, "distance", "euclidean");
    compare(2, "distance", "minkowski");
    compare(3, "distance", "minkowski");
}
END_TEST

Suite *suite_neighbors(void)
{
    Suite *suite = suite_create("neighbors oracle");
    TCase *values = tcase_create("scikit-learn");
    tcase_add_checked_fixture(values, setup, teardown);
    tcase_add_test(values, uniform);
    tcase_add_test(values, by_distance);
    suite_add_tcase(suite, values);
    return suite;
}
