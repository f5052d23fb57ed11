/* Thresholds of labels: the best of all, chosen without the rows it is scored on, kept with the model. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "hone/ml.h"
#include "math/random.h"
#include "select/decision.h"
#include "support.h"

enum { ROWS = 120 };

static hone_error error;
static double truth[ROWS], positive[ROWS], weight[ROWS];

/* levels: how many probabilities there are; 0 and 1 are among them. */
static void draw(uint64_t seed, size_t n, size_t levels)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < n; i++) {
        truth[i] = hn_random_uniform(&random) < 0.3;
        double p = 0.4 * truth[i] + 0.6 * hn_random_uniform(&random);
        positive[i] = round(p * (double)(levels - 1)) / (double)(levels - 1);
        weight[i] = hn_random_uniform(&random) < 0.2 ? 0 : 3 * hn_random_uniform(&random);
    }
    truth[0] = weight[0] = 1;
    truth[1] = 0;
    weight[1] = 1;
}

static double value_at(const hn_decision *d, double threshold, const double *weights, size_t n)
{
    double predicted[ROWS], cost = 0, total = 0, value = 0;
    for (size_t i = 0; i < n; i++) {
        predicted[i] = positive[i] >= threshold;
        double w = weights ? weights[i] : 1;
        cost += w * (truth[i] == predicted[i] ? 0 : truth[i] > 0 ? d->false_negative : d->false_positive);
        total += w;
    }
    hn_metric_input in = {.truth = truth, .predicted = predicted, .weight = weights, .n = n, .n_classes = 2};
    if (d->metric)
        ck_assert_int_eq(d->metric->score(&in, &value, &error), HONE_OK);
    return d->metric ? value : cost / total;
}

/* Against every threshold that makes a difference. */
static void check_best(const hn_decision *d, const double *weights, size_t n)
{
    const char *name = hn_decision_name(d);
    hn_threshold best;
    double sign = d->metric && d->metric->maximize ? 1 : -1, most = -INFINITY;
    ck_assert_int_eq(hn_decision_best(d, truth, positive, weights, n, &best, &error), HONE_OK);
    for (size_t i = 0; i <= n; i++)
        most = fmax(most, sign * value_at(d, i < n ? positive[i] : 2, weights, n));
    hn_assert_absolute(best.value, value_at(d, best.at, weights, n), 1e-12);
    ck_assert_msg(fabs(sign * best.value - most) < 1e-12, "%s: %g, there is %g", name, best.value,
                  sign * most);
    hn_assert_absolute(best.usual, value_at(d, 0.5, weights, n), 1e-12);
    ck_assert(best.at >= 0 && best.at <= 1 + 1e-15);
}

START_TEST(finds_the_best_of_all)
{
    static const size_t levels[] = {2, 3, 11, 100000}, sizes[] = {2, 7, ROWS};
    for (uint64_t seed = 0; seed < 5; seed++)
        for (size_t l = 0; l < sizeof levels / sizeof *levels; l++)
            for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
                draw(seed, sizes[s], levels[l]);
                const hn_metric *metric;
                for (size_t m = 0; (metric = hn_metric_at(m)) != NULL; m++) {
                    hn_decision d = {.given = true, .metric = metric};
                    if (!(metric->tasks & HN_TASK_CLASSIFICATION) || metric->needs_proba)
                        continue;
                    check_best(&d, NULL, sizes[s]);
                    check_best(&d, weight, sizes[s]);
                }
                hn_decision costs = {.given = true, .false_positive = 1, .false_negative = 4};
                check_best(&costs, NULL, sizes[s]);
                check_best(&costs, weight, sizes[s]);
            }
}
END_TEST

START_TEST(of_equals_takes_the_closest_to_a_half)
{
    static const double apart[] = {0.1, 0.2, 0.7, 0.8}, classes[] = {0, 0, 1, 1};
    hn_decision d = {.given = true};
    hn_threshold best;
    ck_assert_int_eq(hn_metric_require("accuracy", HN_TASK_CLASSIFICATION, 2, &d.metric, &error), HONE_OK);
    ck_assert_int_eq(hn_decision_best(&d, classes, apart, NULL, 4, &best, &error), HONE_OK);
    hn_assert_absolute(best.at, 0.45, 1e-12); /* in the middle of the gap */
    ck_assert_double_eq(best.value, 1);
    static const double all[] = {1, 1, 1, 1}, none[] = {0, 0, 0, 0};
    ck_assert_int_eq(hn_decision_best(&d, none, all, NULL, 4, &best, &error), HONE_OK);
    ck_assert(best.at > 1 && best.value == 1 && best.usual == 0); /* a sure probability is not believed */
    ck_assert_int_eq(hn_decision_best(&d, classes, none, NULL, 4, &best, &error), HONE_OK);
    ck_assert_double_eq(best.value, 0.5);
}
END_TEST

/* --- in cross-validation and models --- */

/* Two overlapping classes, the second rare; labels of the first fifth are turned round when asked. */
static hone_dataset *make_data(bool turned)
{
    static double x[2 * ROWS], y[ROWS];
    hn_random random = hn_random_stream(7, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < ROWS; i++) {
        y[i] = hn_random_uniform(&random) < 0.3;
        x[2 * i] = y[i] + hn_random_uniform(&random) * 2;
        x[2 * i + 1] = hn_random_uniform(&random);
        if (turned && i < ROWS / 5)
            y[i] = 1 - y[i];
    }
    hone_dataset *dataset = NULL;
    ck_assert_msg(hone_dataset_create(x, ROWS, 2, y, NULL, HONE_CLASSIFICATION, &dataset, &error) == HONE_OK,
                  "%s", error.message);
    return dataset;
}

static hone_scores *must_validate(const hone_dataset *dataset, const char *decision, const char *metrics)
{
    hone_validation_config config = HONE_VALIDATION_CONFIG_INIT;
    hone_scores *scores = NULL;
    config.kind = "kfold";
    config.metrics = metrics;
    config.pipeline.decision = decision;
    ck_assert_msg(hone_cross_validate(dataset, "logistic", &config, 1, &scores, &error) == HONE_OK, "%s",
                  error.message);
    return scores;
}

START_TEST(scores_rows_that_the_threshold_did_not_see)
{
    hone_dataset *plain = make_data(false), *turned = make_data(true);
    hone_scores *a = must_validate(plain, "recall", "accuracy,recall,roc_auc");
    hone_scores *b = must_validate(turned, "recall", "accuracy,recall,roc_auc");
    hone_scores *usual = must_validate(plain, NULL, "accuracy,recall,roc_auc");
    /* fold 0 tests the rows whose labels were turned: it learns the same, so every hit becomes a miss */
    hn_assert_absolute(a->test[0] + b->test[0], 1, 1e-12);
    ck_assert(a->mean[1] > usual->mean[1] && a->mean[0] < usual->mean[0]);
    for (size_t k = 0; k < 5; k++)
        ck_assert_double_eq(a->test[2 * 5 + k], usual->test[2 * 5 + k]); /* of probabilities: not touched */
    hone_scores_free(a);
    hone_scores_free(b);
    hone_scores_free(usual);
    hone_dataset_destroy(plain);
    hone_dataset_destroy(turned);
}
END_TEST

static hone_model *must_fit(const hone_dataset *dataset, const hone_pipeline *pipeline)
{
    hone_model *model = NULL;
    ck_assert_msg(hone_model_fit(dataset, "logistic", pipeline, 1, 1, &model, &error) == HONE_OK, "%s",
                  error.message);
    return model;
}

START_TEST(is_kept_with_the_model)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "m.hone"), *json = NULL;
    hone_dataset *dataset = make_data(false);
    hone_pipeline pipeline = HONE_PIPELINE_INIT;
    pipeline.false_positive = 1;
    pipeline.false_negative = 5;
    hone_model *model = must_fit(dataset, &pipeline), *plain = must_fit(dataset, NULL), *loaded = NULL;
    double threshold = hone_model_threshold(model), proba[2 * ROWS], labels[ROWS];
    ck_assert(isnan(hone_model_threshold(plain)));
    ck_assert(threshold > 0 && threshold < 0.5); /* missing one is dear */
    ck_assert_int_eq(hone_model_save(model, path, NULL, &error), HONE_OK);
    ck_assert_msg(hone_model_load(path, &loaded, &error) == HONE_OK, "%s", error.message);
    ck_assert_double_eq(hone_model_threshold(loaded), threshold);
    ck_assert_int_eq(hone_model_predict_proba(loaded, dataset, proba, &error), HONE_OK);
    ck_assert_int_eq(hone_model_predict(loaded, dataset, labels, &error), HONE_OK);
    for (size_t i = 0; i < ROWS; i++)
        ck_assert_double_eq(labels[i], proba[2 * i + 1] >= threshold);
    ck_assert_int_eq(hone_model_describe(loaded, &json, &error), HONE_OK);
    hn_assert_contains(json, "\"metric\": \"cost\"");
    hone_free(json);
    hone_model_destroy(model);
    hone_model_destroy(plain);
    hone_model_destroy(loaded);
    hone_dataset_destroy(dataset);
    free(path);
    free(folder);
}
END_TEST

/* Changes one text inside the file by another of the same length. */
static void damage(const char *path, const char *from, const char *to)
{
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    static char text[1 << 16];
    size_t size = fread(text, 1, sizeof text, file), length = strlen(from);
    ck_assert_uint_eq(length, strlen(to));
    char *at = memmem(text, size, from, length);
    ck_assert_ptr_nonnull(at);
    memcpy(at, to, length);
    rewind(file);
    ck_assert_uint_eq(fwrite(text, 1, size, file), size);
    fclose(file);
}

START_TEST(a_damaged_threshold_is_refused)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "m.hone");
    hone_dataset *dataset = make_data(false);
    hone_pipeline pipeline = HONE_PIPELINE_INIT;
    pipeline.decision = "f1";
    hone_model *model = must_fit(dataset, &pipeline), *loaded = NULL;
    static const char *const changes[][2] = {{"threshold\\\": 0.", "threshold\\\": 9."},
                                             {"threshold\\\": 0.", "threshold\\\": -."},
                                             {"\\\"threshold\\\"", "\\\"threshole\\\""},
                                             {"{\\\"metric\\\": \\\"f1", "{\\\"metrik\\\": \\\"f1"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        ck_assert_int_eq(hone_model_save(model, path, NULL, &error), HONE_OK);
        damage(path, changes[i][0], changes[i][1]);
        ck_assert_msg(hone_model_load(path, &loaded, &error) == HONE_PARSE, "%zu: %s", i, error.message);
    }
    hone_model_destroy(model);
    hone_dataset_destroy(dataset);
    free(path);
    free(folder);
}
END_TEST

static void refuses(hone_task task, size_t classes, const char *model, const char *decision, double cost,
                    hone_status expected, const char *message)
{
    double x[12], y[12];
    for (size_t i = 0; i < 12; i++) {
        x[i] = (double)i;
        y[i] = (double)(i % classes);
    }
    hone_dataset *dataset = NULL;
    hone_model *fitted = NULL;
    hone_pipeline pipeline = HONE_PIPELINE_INIT;
    pipeline.decision = decision;
    pipeline.false_positive = cost;
    ck_assert_int_eq(hone_dataset_create(x, 12, 1, y, NULL, task, &dataset, &error), HONE_OK);
    ck_assert_int_eq(hone_model_fit(dataset, model, &pipeline, 1, 1, &fitted, &error), expected);
    hn_assert_contains(error.message, message);
    hone_dataset_destroy(dataset);
}

START_TEST(refuses_what_makes_no_sense)
{
    refuses(HONE_CLASSIFICATION, 3, "logistic", "f1_macro", 0, HONE_INVALID, "is for two classes");
    refuses(HONE_REGRESSION, 12, "ridge", "r2", 0, HONE_INVALID, "is for two classes");
    refuses(HONE_CLASSIFICATION, 2, "logistic", "roc_auc", 0, HONE_INVALID, "does not depend on a threshold");
    refuses(HONE_CLASSIFICATION, 2, "logistic", "f2", 0, HONE_NOT_FOUND, "there is no metric \"f2\"");
    refuses(HONE_CLASSIFICATION, 2, "logistic", "f1", 1, HONE_INVALID, "takes either metric, or");
    refuses(HONE_CLASSIFICATION, 2, "logistic", NULL, -1, HONE_INVALID, "false_positive must be a finite");
    refuses(HONE_CLASSIFICATION, 12, "logistic", "f1", 0, HONE_INVALID, "is for two classes");
}
END_TEST

Suite *suite_decision(void)
{
    Suite *suite = suite_create("decision");
    TCase *best = tcase_create("best"), *use = tcase_create("use");
    tcase_add_test(best, finds_the_best_of_all);
    tcase_add_test(best, of_equals_takes_the_closest_to_a_half);
    tcase_add_test(use, scores_rows_that_the_threshold_did_not_see);
    tcase_add_test(use, is_kept_with_the_model);
    tcase_add_test(use, a_damaged_threshold_is_refused);
    tcase_add_test(use, refuses_what_makes_no_sense);
    suite_add_tcase(suite, best);
    suite_add_tcase(suite, use);
    return suite;
}
