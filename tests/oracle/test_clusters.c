/* Scores of clusters, and cross-validation of k-means, against scikit-learn (tests/oracle/cluster_oracle.py).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "hone/ml.h"
#include "oracle_data.h"
#include "support.h"

enum { CELLS = 5 };

static hone_error error;
static double x[ORACLE_ROWS * ORACLE_COLUMNS], y[ORACLE_ROWS];

static void setup(void)
{
    oracle_data("values", x, y);
}

static double number(const char *text)
{
    double value = 0;
    ck_assert(text && hn_parse_double(text, strlen(text), false, &value));
    return value;
}

/* The oracle's FORMULAS. */
static double cluster_of(const char *formula, size_t i)
{
    const double *row = x + i * ORACLE_COLUMNS;
    if (strcmp(formula, "modulo") == 0)
        return (double)(i % 3);
    if (strcmp(formula, "halves") == 0)
        return row[0] > 0.5;
    if (strcmp(formula, "column") == 0)
        return 2 * row[3];
    return i == 0 ? 2 : (double)(i % 2);
}

/* rows, formula, metric, value */
static void check_metric(char *const cells[CELLS])
{
    size_t n = (size_t)number(cells[0]);
    double clusters[ORACLE_ROWS], value = 0;
    hone_predictions predictions = HONE_PREDICTIONS_INIT;
    for (size_t i = 0; i < n; i++)
        clusters[i] = cluster_of(cells[1], i);
    predictions.task = HONE_CLUSTERING;
    predictions.n = n;
    predictions.predicted = clusters;
    predictions.x = x;
    predictions.d = ORACLE_COLUMNS;
    ck_assert_msg(hone_metric_score(cells[2], &predictions, &value, &error) == HONE_OK, "%s", error.message);
    /* A row that is its own centre is 1e-8 away from it by scikit-learn's expanded squares, not 0. */
    double tolerance =
        strcmp(cells[1], "alone") == 0 && strcmp(cells[2], "davies_bouldin") == 0 ? 1e-7 : 1e-9;
    ck_assert_msg(hn_test_close(value, number(cells[3]), tolerance, tolerance), "%s %s %s: %.12g", cells[0],
                  cells[1], cells[2], value);
}

/* "folds", clusters, metric, mean, deviation: both searches find the best clusters of these rows, or others
 * as good. */
static void check_folds(char *const cells[CELLS])
{
    hone_dataset *dataset = NULL;
    hone_validation_config config = HONE_VALIDATION_CONFIG_INIT;
    hone_scores *scores = NULL;
    char model[80];
    config.metrics = cells[2];
    snprintf(model, sizeof model, "kmeans:n_clusters=%s,n_init=50,max_iter=1000,tol=0", cells[1]);
    ck_assert_int_eq(
        hone_dataset_create(x, ORACLE_ROWS, ORACLE_COLUMNS, NULL, NULL, HONE_CLUSTERING, &dataset, &error),
        HONE_OK);
    ck_assert_msg(hone_cross_validate(dataset, model, &config, 1, &scores, &error) == HONE_OK, "%s",
                  error.message);
    double expected = number(cells[3]), deviation = number(cells[4]);
    double allowed = strcmp(cells[1], "7") == 0 ? deviation : 1e-9 * fabs(expected);
    ck_assert_msg(fabs(scores->mean[0] - expected) <= allowed, "%s of %s clusters: %g, not %g +- %g",
                  cells[2], cells[1], scores->mean[0], expected, deviation);
    hone_scores_free(scores);
    hone_dataset_destroy(dataset);
}

START_TEST(scores_are_scikit_learns)
{
    char *path = hn_test_source("tests/oracle/cluster_values.txt"), *text = hn_test_read(path), *rest = text;
    size_t metrics = 0, folds = 0;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        char *cells[CELLS] = {0};
        if (*line == '\0' || *line == '#')
            continue;
        for (size_t i = 0; line && i < CELLS; i++)
            cells[i] = strsep(&line, ",");
        if (strcmp(cells[0], "folds") == 0) {
            check_folds(cells);
            folds++;
        } else {
            check_metric(cells);
            metrics++;
        }
    }
    ck_assert(metrics == 36 && folds == 6);
    free(text);
    free(path);
}
END_TEST

START_TEST(what_is_not_defined_is_no_number)
{
    static const char *const names[] = {"silhouette", "calinski_harabasz", "davies_bouldin"};
    double one[4] = {0}, each[4] = {0, 1, 2, 3}, equal[4] = {5, 5, 5, 5}, halves[4] = {0, 0, 1, 1}, value = 0;
    hone_predictions predictions = HONE_PREDICTIONS_INIT;
    predictions.task = HONE_CLUSTERING;
    predictions.n = 4;
    predictions.x = x;
    predictions.d = 1;
    for (size_t i = 0; i < 3; i++) {
        predictions.predicted = one;
        ck_assert_int_eq(hone_metric_score(names[i], &predictions, &value, &error), HONE_OK);
        ck_assert(isnan(value));
        predictions.predicted = each;
        ck_assert_int_eq(hone_metric_score(names[i], &predictions, &value, &error), HONE_OK);
        ck_assert(isnan(value));
        predictions.predicted = halves;
        predictions.x = equal; /* of rows that are all equal scikit-learn says 0, 1, 0 */
        ck_assert_int_eq(hone_metric_score(names[i], &predictions, &value, &error), HONE_OK);
        ck_assert_double_eq(value, i == 1);
        predictions.x = x;
    }
}
END_TEST

START_TEST(refuses_what_cannot_be_scored)
{
    double clusters[3] = {0, 1, 3}, value = 0;
    hone_predictions predictions = HONE_PREDICTIONS_INIT;
    predictions.task = HONE_CLUSTERING;
    predictions.n = 3;
    predictions.predicted = clusters;
    ck_assert_int_eq(hone_metric_score("silhouette", &predictions, &value, &error), HONE_INVALID);
    hn_assert_contains(error.message, "needs rows, predicted and x");
    predictions.x = x;
    predictions.d = 1;
    ck_assert_int_eq(hone_metric_score("silhouette", &predictions, &value, &error), HONE_INVALID);
    hn_assert_contains(error.message, "clusters from 0 to n - 1");
    clusters[2] = 1;
    ck_assert_int_eq(hone_metric_score("inertia", &predictions, &value, &error), HONE_INVALID);
    hn_assert_contains(error.message, "distances");
    ck_assert_int_eq(hone_metric_score("accuracy", &predictions, &value, &error), HONE_INVALID);
    hn_assert_contains(error.message, "metric accuracy is not for clustering; there are silhouette");
}
END_TEST

Suite *suite_clusters(void)
{
    Suite *suite = suite_create("clusters");
    TCase *scores = tcase_create("scores");
    tcase_add_checked_fixture(scores, setup, NULL);
    tcase_add_test(scores, scores_are_scikit_learns);
    tcase_add_test(scores, what_is_not_defined_is_no_number);
    tcase_add_test(scores, refuses_what_cannot_be_scored);
    suite_add_tcase(suite, scores);
    return suite;
}
