/* Fold scores of the SVM against scikit-learn's (tests/oracle/ml_svc_oracle.py): at most one label apart in a
 * fold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "select/cross_validate.h"
#include "support.h"

static hone_error error;
static hn_dataset *data, *regression;
static hn_validation *classify, *regress;

/* The oracle's regression: columns 3 .. 19 and a target made of columns 0 .. 2. */
static void make_regression(void)
{
    size_t n = data->n_rows, d = data->n_columns - 3;
    double *x = hn_calloc(n * d, sizeof *x), *y = hn_calloc(n, sizeof *y);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < d; j++)
            x[i * d + j] = data->columns[j + 3].values[i];
        y[i] = data->columns[0].values[i] * 2 + sin(data->columns[1].values[i]) +
               0.1 * data->columns[2].values[i];
    }
    ck_assert_int_eq(hn_dataset_from_arrays(x, n, d, y, NULL, HN_TASK_REGRESSION, &regression, &error),
                     HONE_OK);
    hn_free(x);
    hn_free(y);
}

static void setup(void)
{
    char *path = hn_test_source("tests/oracle/ml_svc_data.csv.gz");
    ck_assert_msg(hn_dataset_read(path, NULL, &data, &error) == HONE_OK, "%s", error.message);
    free(path);
    make_regression();
    const hn_model_type *svm = hn_model_find("svm");
    hn_validation_options options = {0};
    ck_assert_int_eq(hn_validation_create(data, NULL, 0, svm, &options, &classify, &error), HONE_OK);
    ck_assert_int_eq(hn_validation_create(regression, NULL, 0, svm, &options, &regress, &error), HONE_OK);
}

static void teardown(void)
{
    hn_validation_destroy(classify);
    hn_validation_destroy(regress);
    hn_dataset_destroy(data);
    hn_dataset_destroy(regression);
}

/* One line of the table: model, C, kernel, five scores. */
static void check_line(char *line)
{
    char *cells[8], *rest = line;
    for (size_t i = 0; i < 8; i++)
        cells[i] = strsep(&rest, ",");
    bool svc = strcmp(cells[0], "svc") == 0;
    double c;
    ck_assert(hn_parse_double(cells[1], strlen(cells[1]), false, &c));
    hn_arena arena = HN_ARENA_INIT;
    hn_node *settings = hn_map_set(&arena, hn_node_map(&arena), "C", hn_node_real(&arena, c));
    settings = hn_map_set(&arena, settings, "kernel", hn_node_string(&arena, cells[2]));
    hn_scores scores = {0};
    hone_status status = hn_validation_run(svc ? classify : regress, settings, NULL, &scores, &error);
    ck_assert_msg(status == HONE_OK, "%s", error.message);
    for (size_t k = 0; k < 5; k++) {
        double expected;
        ck_assert(hn_parse_double(cells[3 + k], strlen(cells[3 + k]), false, &expected));
        /* A fold tests 200 rows; regression stops at the same tolerance, not at the same point. */
        double allowed = svc ? 1.0 / 200 + 1e-12 : 2e-3;
        ck_assert_msg(fabs(scores.test[k] - expected) <= allowed, "%s C=%s %s fold %zu: %f, scikit-learn %f",
                      cells[0], cells[1], cells[2], k, scores.test[k], expected);
    }
    hn_scores_release(&scores);
    hn_arena_release(&arena);
}

START_TEST(fold_scores_are_scikit_learns)
{
    char *path = hn_test_source("tests/oracle/ml_svc_scores.csv"), *text = hn_test_read(path), *rest = text;
    size_t checked = 0;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        if (strncmp(line, "sv", 2) == 0) {
            check_line(line);
            checked++;
        }
    ck_assert_uint_eq(checked, 15);
    free(text);
    free(path);
}
END_TEST

Suite *suite_ml_svc(void)
{
    Suite *suite = suite_create("ml_svc");
    TCase *scores = tcase_create("scores");
    tcase_add_checked_fixture(scores, setup, teardown);
    tcase_add_test(scores, fold_scores_are_scikit_learns);
    suite_add_tcase(suite, scores);
    return suite;
}
