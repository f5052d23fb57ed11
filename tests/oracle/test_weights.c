/* Cross-validated scores with weights of rows in fits and scores, against scikit-learn's on the same rows and
 * folds (tests/oracle/weight_oracle.py). Every setting here is without random draws, so that scores agree as
 * far as the solvers are exact.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "hone/ml.h"
#include "oracle_data.h"
#include "support.h"

enum { FOLDS = 5, LINES = 58 };

static hone_error error;

static double number(const char *text)
{
    double value = 0;
    ck_assert(hn_parse_double(text, strlen(text), false, &value));
    return value;
}

static hone_dataset *make_data(const char *name)
{
    static double x[ORACLE_ROWS * ORACLE_COLUMNS], y[ORACLE_ROWS], weight[ORACLE_ROWS];
    oracle_data(name, x, y);
    oracle_weights(weight);
    hone_dataset *dataset = NULL;
    hone_task task = strcmp(name, "values") == 0 ? HONE_REGRESSION : HONE_CLASSIFICATION;
    ck_assert_msg(hone_dataset_create(x, ORACLE_ROWS, ORACLE_COLUMNS, y, weight, task, &dataset, &error) ==
                      HONE_OK,
                  "%s", error.message);
    return dataset;
}

static void check_line(char *line)
{
    char *cells[3 + FOLDS], *rest = line;
    for (size_t i = 0; i < 3 + FOLDS; i++)
        ck_assert_ptr_nonnull(cells[i] = strsep(&rest, "|"));
    hone_dataset *dataset = make_data(cells[0]);
    hone_scores *scores = NULL;
    hone_validation_config config = HONE_VALIDATION_CONFIG_INIT;
    config.metrics = cells[2];
    ck_assert_msg(hone_cross_validate(dataset, cells[1], &config, 1, &scores, &error) == HONE_OK, "%s %s: %s",
                  cells[1], cells[2], error.message);
    for (size_t k = 0; k < FOLDS; k++) {
        double expected = number(cells[3 + k]);
        double tolerance = strncmp(cells[1], "svm", 3) == 0 && *cells[2] != 'a' ? 1e-3 : 1e-6;
        ck_assert_msg(fabs(scores->test[k] - expected) <= tolerance,
                      "%s %s %s, fold %zu: %.9f, scikit-learn %.9f", cells[0], cells[1], cells[2], k,
                      scores->test[k], expected);
    }
    hone_scores_free(scores);
    hone_dataset_destroy(dataset);
}

START_TEST(scores_are_scikit_learns)
{
    char *path = hn_test_source("tests/oracle/weight_scores.csv"), *text = hn_test_read(path), *rest = text;
    size_t lines = 0;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (*line == '\0' || *line == '#')
            continue;
        check_line(line);
        lines++;
    }
    ck_assert_uint_eq(lines, LINES);
    free(text);
    free(path);
}
END_TEST

Suite *suite_weights(void)
{
    Suite *suite = suite_create("weights");
    TCase *scores = tcase_create("scores");
    tcase_add_test(scores, scores_are_scikit_learns);
    suite_add_tcase(suite, scores);
    return suite;
}
