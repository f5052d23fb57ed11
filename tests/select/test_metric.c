/* Every metric against tests/oracle/metric_values.txt, written by metric_oracle.py: with and without weights,
 * ties, constant predictions, classes that never occur or are never said. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "select/metric.h"
#include "support.h"

static hone_error error;

typedef struct table {
    char *lines;
    hn_model_task task;
    hn_metric_input input;
    double *owned[4];
} table;

static double *read_numbers(table *t, size_t n)
{
    char *words, *line = strtok_r(NULL, "\n", &t->lines);
    double *x = hn_calloc(n, sizeof *x);
    size_t count = 0;
    for (char *word = strtok_r(line, " ", &words); word; word = strtok_r(NULL, " ", &words)) {
        ck_assert(count < n && hn_parse_double(word, strlen(word), false, &x[count]));
        count++;
    }
    ck_assert_uint_eq(count, n);
    return x;
}

static void release_case(table *t)
{
    for (size_t i = 0; i < 4; i++)
        hn_free(t->owned[i]);
    memset(t->owned, 0, sizeof t->owned);
}

/* words: what follows `case`. */
static void read_case(table *t, char **words)
{
    int64_t numbers[3];
    bool classes = strcmp(strtok_r(NULL, " ", words), "classification") == 0;
    for (size_t i = 0; i < 3; i++) {
        const char *word = strtok_r(NULL, " ", words);
        ck_assert(hn_parse_int(word, strlen(word), &numbers[i]));
    }
    size_t n = (size_t)numbers[0], k = (size_t)numbers[1];
    release_case(t);
    t->owned[0] = read_numbers(t, n);
    t->owned[1] = read_numbers(t, n);
    t->owned[2] = numbers[2] ? read_numbers(t, n) : NULL;
    t->owned[3] = classes ? read_numbers(t, n * k) : NULL;
    t->task = classes ? HN_TASK_CLASSIFICATION : HN_TASK_REGRESSION;
    t->input = (hn_metric_input){.truth = t->owned[0],
                                 .predicted = t->owned[1],
                                 .proba = t->owned[3],
                                 .n = n,
                                 .n_classes = k,
                                 .weight = t->owned[2]};
}

static size_t index_of(const hn_metric *metric)
{
    size_t i = 0;
    while (hn_metric_at(i) != metric)
        i++;
    return i;
}

START_TEST(every_metric_is_scikit_learns)
{
    char *path = hn_test_source("tests/oracle/metric_values.txt"), *text = hn_test_read(path), *words;
    size_t compared[64] = {0}, cases = 0;
    table t = {0};
    for (char *line = strtok_r(text, "\n", &t.lines); line; line = strtok_r(NULL, "\n", &t.lines)) {
        const char *name = strtok_r(line, " ", &words);
        if (strcmp(name, "#") == 0)
            continue;
        if (strcmp(name, "case") == 0) {
            read_case(&t, &words);
            cases++;
            continue;
        }
        const hn_metric *metric = NULL;
        double expected, value = NAN;
        const char *word = strtok_r(NULL, " ", &words);
        ck_assert(hn_parse_double(word, strlen(word), true, &expected));
        ck_assert_msg(hn_metric_require(name, t.task, t.input.n_classes, &metric, &error) == HONE_OK, "%s",
                      error.message);
        ck_assert_int_eq(metric->score(&t.input, &value, &error), HONE_OK);
        ck_assert_msg(hn_test_close(value, expected, 1e-9, 1e-9),
                      "case %zu: %s is %.17g, scikit-learn says %.17g", cases, name, value, expected);
        compared[index_of(metric)]++;
    }
    for (size_t i = 0; hn_metric_at(i); i++) /* scores of clusters: tests/oracle/test_clusters.c */
        ck_assert_msg(compared[i] >= 8 || hn_metric_at(i)->tasks == HN_TASK_CLUSTERING, "%s: only %zu values",
                      hn_metric_at(i)->name, compared[i]);
    release_case(&t);
    free(text);
    free(path);
}
END_TEST

START_TEST(undefined_scores_are_nan)
{
    /* scikit-learn raises for a ranking of rows of one class; its r2 of one row is nan. */
    double truth[] = {0, 0}, proba[] = {0.4, 0.6, 0.1, 0.9};
    hn_metric_input input = {.truth = truth, .predicted = truth, .proba = proba, .n = 2, .n_classes = 2};
    const char *const undefined[] = {"roc_auc", "roc_auc_ovr"};
    const hn_metric *metric = NULL;
    double value = 0;
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(hn_metric_require(undefined[i], HN_TASK_CLASSIFICATION, 2, &metric, &error),
                         HONE_OK);
        ck_assert_int_eq(metric->score(&input, &value, &error), HONE_OK);
        ck_assert(isnan(value));
    }
    input.n = 1;
    ck_assert_int_eq(hn_metric_require("r2", HN_TASK_REGRESSION, 0, &metric, &error), HONE_OK);
    ck_assert_int_eq(metric->score(&input, &value, &error), HONE_OK);
    ck_assert(isnan(value));
}
END_TEST

START_TEST(confusion_counts_weights)
{
    double truth[] = {0, 1, 1, 2}, predicted[] = {0, 2, 1, 2}, weight[] = {1, 2, 3, 4}, out[9];
    hn_confusion(
        &(hn_metric_input){.truth = truth, .predicted = predicted, .n = 4, .n_classes = 3, .weight = weight},
        out);
    double expected[] = {1, 0, 0, 0, 3, 2, 0, 0, 4};
    for (size_t i = 0; i < 9; i++)
        ck_assert_double_eq(out[i], expected[i]);
}
END_TEST

Suite *suite_metric(void)
{
    Suite *suite = suite_create("metric");
    TCase *oracle = tcase_create("oracle");
    tcase_add_test(oracle, every_metric_is_scikit_learns);
    tcase_add_test(oracle, undefined_scores_are_nan);
    tcase_add_test(oracle, confusion_counts_weights);
    suite_add_tcase(suite, oracle);
    return suite;
}
