/* Cross-validated scores of the tree models against scikit-learn's on the same rows and folds
 * (tests/oracle/forest_oracle.py): within one standard deviation of a fold's score.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "hone/ml.h"
#include "oracle_data.h"
#include "support.h"

enum { CELLS = 4 };

static hone_error error;

static hone_dataset *make_data(const char *name)
{
    static double x[ORACLE_ROWS * ORACLE_COLUMNS], y[ORACLE_ROWS];
    oracle_data(name, x, y);
    hone_dataset *dataset = NULL;
    hone_task task = strcmp(name, "values") == 0 ? HONE_REGRESSION : HONE_CLASSIFICATION;
    ck_assert_msg(hone_dataset_create(x, ORACLE_ROWS, ORACLE_COLUMNS, y, NULL, task, &dataset, &error) ==
                      HONE_OK,
                  "%s", error.message);
    return dataset;
}

static double number(const char *text)
{
    double value = 0;
    ck_assert(hn_parse_double(text, strlen(text), false, &value));
    return value;
}

static void check_line(char *line)
{
    static const char *const models[][2] = {
        {"decision_tree", "decision_tree:max_depth=6"},
        {"random_forest", "random_forest:n_estimators=50"},
        {"extra_trees", "extra_trees:n_estimators=50,min_samples_leaf=2"},
        {"gradient_boosting", "gradient_boosting:n_estimators=40"},
    };
    char *cells[CELLS], *rest = line;
    for (size_t i = 0; i < CELLS; i++)
        ck_assert_ptr_nonnull(cells[i] = strsep(&rest, ","));
    size_t m = 0;
    while (strcmp(models[m][0], cells[1]) != 0)
        m++;
    hone_dataset *dataset = make_data(cells[0]);
    hone_validation *validation = NULL;
    hone_scores *scores = NULL;
    ck_assert_msg(hone_validation_create(dataset, models[m][0], NULL, &validation, &error) == HONE_OK, "%s",
                  error.message);
    ck_assert_msg(hone_validation_run(validation, models[m][1], 1, NULL, &scores, &error) == HONE_OK, "%s",
                  error.message);
    double expected = number(cells[2]), deviation = number(cells[3]);
    ck_assert_msg(fabs(scores->mean[0] - expected) <= deviation, "%s %s: %f, scikit-learn %f +- %f", cells[0],
                  cells[1], scores->mean[0], expected, deviation);
    hone_scores_free(scores);
    hone_validation_destroy(validation);
    hone_dataset_destroy(dataset);
}

START_TEST(scores_are_scikit_learns)
{
    char *path = hn_test_source("tests/oracle/forest_scores.csv"), *text = hn_test_read(path), *rest = text;
    size_t lines = 0;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (*line == '\0' || *line == '#')
            continue;
        check_line(line);
        lines++;
    }
    ck_assert_uint_eq(lines, 12);
    free(text);
    free(path);
}
END_TEST

Suite *suite_forest_scores(void)
{
    Suite *suite = suite_create("forest_scores");
    TCase *scores = tcase_create("scores");
    tcase_add_test(scores, scores_are_scikit_learns);
    suite_add_tcase(suite, scores);
    return suite;
}
