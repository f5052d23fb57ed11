/* hone/ml.h from a table to a model file and back. */
#include "hone/ml.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "support.h"

static hone_error error;
static char *folder;

static void setup(void)
{
    folder = hn_test_temp_dir();
}

static void teardown(void)
{
    free(folder);
}

#define MUST(call) ck_assert_msg((call) == HONE_OK, "%s", error.message)

/* 80 rows of two separable classes with a category and missing values. */
static char *write_table(const char *name, bool with_target)
{
    char *path = hn_test_path(folder, name), text[8192];
    size_t at = (size_t)snprintf(text, sizeof text, with_target ? "u,v,colour,target\n" : "v,colour,u\n");
    for (int i = 0; i < 80; i++) {
        bool yes = i % 3 == 0;
        const char *colour = i % 7 == 0 ? "" : yes ? "red" : i % 2 ? "blue" : "green";
        int u = yes ? 10 + i % 5 : i % 5, v = i % 11;
        if (with_target)
            at += (size_t)snprintf(text + at, sizeof text - at, "%d,%d,%s,%s\n", u, v, colour,
                                   yes ? "yes" : "no");
        else
            at += (size_t)snprintf(text + at, sizeof text - at, "%d,%s,%d\n", v, colour, u);
    }
    hn_test_write(path, text);
    return path;
}

static hone_dataset *load(const char *path)
{
    hone_dataset *dataset = NULL;
    MUST(hone_dataset_load(path, NULL, &dataset, &error));
    return dataset;
}

static const hone_pipeline standard = {.struct_size = sizeof(hone_pipeline), .scale = "standard"};

START_TEST(goes_the_whole_way)
{
    char *path = write_table("t.csv", true), *other_path = write_table("new.csv", false);
    char *file = hn_test_path(folder, "m.safetensors");
    hone_dataset *all = load(path), *train = NULL, *test = NULL, *other = NULL;
    hone_dataset_info info;
    MUST(hone_dataset_split(all, 0.25, 1, &train, &test, &error));
    hone_dataset_destroy(all); /* the parts keep what they need */
    hone_dataset_get_info(test, &info);
    ck_assert_uint_eq(info.n_rows, 20);
    ck_assert_int_eq(info.task, HONE_CLASSIFICATION);
    ck_assert_str_eq(hone_dataset_class(test, 1), "yes");

    hone_validation_config config = HONE_VALIDATION_CONFIG_INIT;
    hone_scores *scores = NULL;
    config.metrics = "f1, accuracy";
    config.pipeline = standard;
    MUST(hone_cross_validate(train, "svm:C=10", &config, 2, &scores, &error));
    ck_assert_str_eq(scores->metrics[0], "f1");
    ck_assert(scores->mean[1] > 0.95 && scores->deviation[1] >= 0 && scores->fit_seconds > 0);
    hone_scores_free(scores);

    hone_model *model = NULL, *loaded = NULL;
    MUST(hone_model_fit(train, "{svm: {C: 10, class_weight: {yes: 2}}}", &standard, 0, 1, &model, &error));
    MUST(hone_model_evaluate(model, test, NULL, NULL, 0, &scores, &error));
    ck_assert(scores->mean[0] > 0.95);
    hone_scores_free(scores);
    MUST(hone_model_save(model, file, "{\"study\": \"s\"}", &error));
    MUST(hone_model_load(file, &loaded, &error));
    ck_assert_str_eq(hone_model_class(loaded, 0), "no");
    ck_assert_str_eq(hone_model_target(loaded), "target");

    /* Other columns' order, no target: the same predictions from both. */
    double a[80], b[80];
    MUST(hone_model_load_data(loaded, other_path, NULL, false, &other, &error));
    MUST(hone_model_predict(model, other, a, &error));
    MUST(hone_model_predict(loaded, other, b, &error));
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert_double_eq(a[3], 1);
    ck_assert_double_eq(a[4], 0);
    char *json = NULL;
    MUST(hone_model_describe(loaded, &json, &error));
    hn_assert_contains(json, "\"study\": \"s\"");
    hn_assert_contains(json, "\"colour\"");
    hone_free(json);
    ck_assert_int_eq(hone_model_predict_proba(model, other, a, &error), HONE_UNSUPPORTED);

    hone_model_destroy(model);
    hone_model_destroy(loaded);
    hone_dataset_destroy(other);
    hone_dataset_destroy(train);
    hone_dataset_destroy(test);
    free(path);
    free(other_path);
    free(file);
}
END_TEST

START_TEST(evaluates_another_file)
{
    char *path = write_table("t.csv", true), *strange = hn_test_path(folder, "strange.csv");
    hone_dataset *all = load(path), *other = NULL;
    hone_model *model = NULL;
    hone_scores *scores = NULL;
    MUST(hone_model_fit(all, "svm", &standard, 0, 1, &model, &error));
    MUST(hone_model_load_data(model, path, NULL, true, &other, &error));
    MUST(hone_model_evaluate(model, other, "accuracy", NULL, 0, &scores, &error));
    ck_assert(scores->mean[0] > 0.95);
    hone_scores_free(scores);
    hone_dataset_destroy(other);
    hn_test_write(strange, "u,v,colour,target\n1,1,red,maybe\n2,1,red,no\n");
    ck_assert_int_eq(hone_model_load_data(model, strange, NULL, true, &other, &error), HONE_INVALID);
    hn_assert_contains(error.message, "\"maybe\", which is none of the 2 classes expected");
    hn_test_write(strange, "u,v,colour,target\nhigh,1,red,yes\n2,1,red,no\n");
    ck_assert_int_eq(hone_model_load_data(model, strange, NULL, true, &other, &error), HONE_PARSE);
    hn_assert_contains(error.message, "strange.csv:2: column u");
    hone_model_destroy(model);
    hone_dataset_destroy(all);
    free(path);
    free(strange);
}
END_TEST

START_TEST(regression_from_arrays)
{
    double x[60], y[60], out[60];
    for (int i = 0; i < 60; i++) {
        x[i] = (double)i / 10;
        y[i] = sin(x[i]);
    }
    hone_dataset *dataset = NULL;
    hone_model *model = NULL;
    MUST(hone_dataset_create(x, 60, 1, y, NULL, HONE_REGRESSION, &dataset, &error));
    MUST(hone_model_fit(dataset, "svm:C=100,epsilon=0.01", NULL, 0, 1, &model, &error));
    MUST(hone_model_predict(model, dataset, out, &error));
    for (int i = 0; i < 60; i++)
        hn_assert_absolute(out[i], y[i], 0.05);
    int fd = -1;
    hone_dataset *attached = NULL;
    MUST(hone_dataset_share(dataset, &fd, &error));
    MUST(hone_dataset_attach(fd, &attached, &error));
    close(fd);
    MUST(hone_dataset_get_target(attached, out, &error));
    ck_assert_mem_eq(out, y, sizeof y);
    hone_dataset_destroy(attached);
    hone_model_destroy(model);
    hone_dataset_destroy(dataset);
}
END_TEST

/* Decisions put the rows on the sides that predictions name; a model that learns more leaves the first as it
 * was, with the first's columns, classes and threshold. */
START_TEST(decides_and_learns_more)
{
    char *path = write_table("t.csv", true);
    hone_dataset *all = load(path), *more = NULL;
    hone_model *svm = NULL, *bayes = NULL, *updated = NULL, *none = NULL;
    double decision[80], predicted[80], before[160], after[160];
    MUST(hone_model_fit(all, "svm", &standard, 0, 1, &svm, &error));
    MUST(hone_model_decision(svm, all, decision, &error));
    MUST(hone_model_predict(svm, all, predicted, &error));
    for (size_t i = 0; i < 80; i++)
        ck_assert(predicted[i] == (decision[i] > 0));
    MUST(hone_model_fit(all, "naive_bayes", &standard, 0, 1, &bayes, &error));
    ck_assert_int_eq(hone_model_decision(bayes, all, decision, &error), HONE_UNSUPPORTED);
    MUST(hone_model_predict_proba(bayes, all, before, &error));
    MUST(hone_model_load_data(bayes, path, NULL, true, &more, &error));
    MUST(hone_model_partial_fit(bayes, more, 1, &updated, &error));
    MUST(hone_model_predict_proba(bayes, all, after, &error));
    ck_assert_mem_eq(before, after, sizeof before);
    MUST(hone_model_predict_proba(updated, all, after, &error)); /* the same rows twice change nothing */
    for (size_t i = 0; i < 160; i++)
        hn_assert_absolute(after[i], before[i], 1e-9);
    char *json = NULL;
    MUST(hone_model_describe(updated, &json, &error));
    hn_assert_contains(json, "\"rows\": 160");
    hone_free(json);
    ck_assert_int_eq(hone_model_partial_fit(svm, more, 1, &none, &error), HONE_UNSUPPORTED);
    hn_assert_contains(error.message, "model svm cannot learn more rows, only knn, naive_bayes");
    hone_model_destroy(svm);
    hone_model_destroy(bayes);
    hone_model_destroy(updated);
    hone_dataset_destroy(more);
    hone_dataset_destroy(all);
    free(path);
}
END_TEST

START_TEST(lists_what_there_is)
{
    const char *name, *help;
    unsigned tasks;
    ck_assert(hone_model_info(0, &name, &help, &tasks));
    ck_assert_str_eq(name, "svm");
    hone_option_info option;
    ck_assert(hone_model_option("svm", 0, &option));
    ck_assert_str_eq(option.name, "C");
    ck_assert_str_eq(option.default_text, "1");
    ck_assert(!hone_model_option("svm", 100, &option));
    ck_assert(!hone_model_option("none", 0, &option));
    hone_metric_info metric;
    ck_assert(hone_metric_get_info(0, &metric));
    ck_assert_str_eq(metric.name, "accuracy");
    hn_assert_contains(hone_model_default_space("svm"), "C:");
}
END_TEST

START_TEST(predictions_from_anywhere_are_scored)
{
    double truth[] = {0, 1, 1, 0}, predicted[] = {0, 1, 0, 0}, weight[] = {1, 1, 2, 4}, value = 0;
    hone_predictions p = HONE_PREDICTIONS_INIT;
    p.task = HONE_CLASSIFICATION;
    p.n = 4;
    p.n_classes = 2;
    p.truth = truth;
    p.predicted = predicted;
    MUST(hone_metric_score("recall", &p, &value, &error));
    ck_assert_double_eq(value, 0.5);
    p.weight = weight;
    MUST(hone_metric_score("accuracy", &p, &value, &error));
    ck_assert_double_eq(value, 0.75);
    ck_assert_int_eq(hone_metric_score("log_loss", &p, &value, &error), HONE_INVALID);
    hn_assert_contains(error.message, "needs rows, truth, predicted, probability");
    ck_assert_int_eq(hone_metric_score("r2", &p, &value, &error), HONE_INVALID);
    predicted[2] = 2;
    ck_assert_int_eq(hone_metric_score("accuracy", &p, &value, &error), HONE_INVALID);
    hn_assert_contains(error.message, "row 2 cannot be scored");
    predicted[2] = 0;
    p.weight = (double[]){0, 0, 0, 0};
    ck_assert_int_eq(hone_metric_score("accuracy", &p, &value, &error), HONE_INVALID);
    hn_assert_contains(error.message, "all weights are 0");
}
END_TEST

START_TEST(refuses_bad_requests)
{
    char *path = write_table("t.csv", true);
    hone_dataset *all = load(path), *train = NULL, *test = NULL;
    hone_model *model = NULL;
    hone_scores *scores = NULL;
    ck_assert_int_eq(hone_model_fit(all, "forest", NULL, 0, 1, &model, &error), HONE_NOT_FOUND);
    hn_assert_contains(error.message, "svm");
    ck_assert_int_eq(hone_model_fit(all, "svm:gamma=-1", NULL, 0, 1, &model, &error), HONE_INVALID);
    hn_assert_contains(error.message, "allowed are scale, auto and numbers above 0");
    ck_assert_int_eq(hone_model_fit(all, "svm:kernel=cubic", NULL, 0, 1, &model, &error), HONE_INVALID);
    hn_assert_contains(error.message, "linear");
    ck_assert_int_eq(hone_model_fit(all, "{svm: {class_weight: {maybe: 2}}}", NULL, 0, 1, &model, &error),
                     HONE_INVALID);
    hn_assert_contains(error.message, "\"maybe\", which the target does not have");
    hone_pipeline odd = HONE_PIPELINE_INIT;
    odd.scale = "odd";
    ck_assert_int_eq(hone_model_fit(all, "svm", &odd, 0, 1, &model, &error), HONE_INVALID);
    hn_assert_contains(error.message, "robust");
    hone_validation_config config = HONE_VALIDATION_CONFIG_INIT;
    config.folds = 100;
    ck_assert_int_eq(hone_cross_validate(all, "svm", &config, 1, &scores, &error), HONE_INVALID);
    ck_assert_int_eq(hone_dataset_split(all, 2, 0, &train, &test, &error), HONE_INVALID);
    config.struct_size = 3;
    ck_assert_int_eq(hone_cross_validate(all, "svm", &config, 1, &scores, &error), HONE_INVALID);
    hn_assert_contains(error.message, "HONE_VALIDATION_CONFIG_INIT");
    hone_dataset_destroy(all);
    free(path);
}
END_TEST

/* Writes size bytes of a model file, one of them changed. */
static hone_status load_damaged(const char *bytes, size_t size, size_t changed, char value)
{
    char *path = hn_test_path(folder, "damaged"), *copy = malloc(size + 1);
    memcpy(copy, bytes, size);
    if (changed < size)
        copy[changed] = value;
    FILE *file = fopen(path, "wb");
    ck_assert(fwrite(copy, 1, size, file) == size);
    fclose(file);
    hone_model *model = NULL;
    hone_status status = hone_model_load(path, &model, &error);
    hone_model_destroy(model);
    free(copy);
    free(path);
    return status;
}

START_TEST(refuses_damaged_model_files)
{
    char *path = write_table("t.csv", true), *file = hn_test_path(folder, "m");
    hone_dataset *all = load(path);
    hone_model *model = NULL;
    MUST(hone_model_fit(all, "svm", &standard, 0, 1, &model, &error));
    MUST(hone_model_save(model, file, NULL, &error));
    static char bytes[1 << 16];
    FILE *stream = fopen(file, "rb");
    size_t size = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    ck_assert(size > 1000 && size < sizeof bytes);
    ck_assert_int_eq(load_damaged(bytes, size, size, 0), HONE_OK);
    for (size_t cut = 0; cut < size; cut += 97)
        ck_assert_int_eq(load_damaged(bytes, cut, size, 0), HONE_PARSE);
    hn_assert_contains(error.message, "cut short");
    ck_assert_int_eq(load_damaged(bytes, size, 5, '\x7f'), HONE_PARSE);
    hn_assert_contains(error.message, "is not a safetensors file");
    /* No single wrong byte crashes; in the header it is refused or changes a name. */
    for (size_t i = 8; i < size; i += 13) {
        hone_status status = load_damaged(bytes, size, i, '7');
        ck_assert(status == HONE_OK || status == HONE_PARSE || status == HONE_UNSUPPORTED ||
                  status == HONE_NOT_FOUND);
    }
    ck_assert_int_eq(hone_model_load("/no/such/model", &model, &error), HONE_NOT_FOUND);
    hone_model_destroy(model);
    hone_dataset_destroy(all);
    free(path);
    free(file);
}
END_TEST

/* Load, validate, fit, save, load again. */
static hone_status whole_life(const char *path, const char *file)
{
    hone_dataset *dataset = NULL;
    hone_model *model = NULL, *loaded = NULL;
    hone_scores *scores = NULL;
    hone_validation_config config = HONE_VALIDATION_CONFIG_INIT;
    config.folds = 2;
    hone_status status = hone_dataset_load(path, NULL, &dataset, &error);
    if (!status)
        status = hone_cross_validate(dataset, "svm", &config, 1, &scores, &error);
    if (!status)
        status = hone_model_fit(dataset, "svm:C=2", &standard, 0, 1, &model, &error);
    if (!status)
        status = hone_model_save(model, file, NULL, &error);
    if (!status)
        status = hone_model_load(file, &loaded, &error);
    hone_scores_free(scores);
    hone_model_destroy(model);
    hone_model_destroy(loaded);
    hone_dataset_destroy(dataset);
    return status;
}

START_TEST(reports_every_lack_of_memory)
{
    char *path = hn_test_path(folder, "s.csv"), *file = hn_test_path(folder, "m");
    hn_test_write(path, "u,c,target\n1,a,x\n2,b,y\n3,,x\n4,b,y\n5,c,x\n6,b,y\n");
    long k = 0;
    for (hone_status status = HONE_OUT_OF_MEMORY; status != HONE_OK; k++) {
        hn_memory_fail_at(k, 1);
        status = whole_life(path, file);
        hn_memory_fail_at(-1, 0);
        ck_assert_msg(status == HONE_OK || status == HONE_OUT_OF_MEMORY, "allocation %ld: %s", k,
                      error.message);
        ck_assert_int_lt(k, 20000);
    }
    ck_assert_int_gt(k, 50);
    free(path);
    free(file);
}
END_TEST

START_TEST(threads_fit_the_same_forest)
{
    enum { N = 300 };
    static double x[N * 3], y[N], one[N], three[N];
    hone_dataset *dataset = NULL;
    hone_model *model = NULL;
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < 3; j++)
            x[i * 3 + j] = sin((double)(i * (j + 7)));
        y[i] = x[i * 3] * x[i * 3 + 1] + x[i * 3 + 2];
    }
    MUST(hone_dataset_create(x, N, 3, y, NULL, HONE_REGRESSION, &dataset, &error));
    MUST(hone_model_fit(dataset, "random_forest:n_estimators=20", NULL, 4, 1, &model, &error));
    MUST(hone_model_predict(model, dataset, one, &error));
    hone_model_destroy(model);
    MUST(hone_model_fit(dataset, "random_forest:n_estimators=20", NULL, 4, 3, &model, &error));
    MUST(hone_model_predict(model, dataset, three, &error));
    ck_assert_mem_eq(one, three, sizeof one);
    hone_model_destroy(model);
    hone_dataset_destroy(dataset);
}
END_TEST

START_TEST(settings_expected_follow_from_one_fit)
{
    static const char *const models[] = {"random_forest:n_estimators=10,max_depth=2",
                                         "random_forest:n_estimators=20", "random_forest:n_estimators=15"};
    char *path = write_table("t.csv", true);
    hone_dataset *dataset = load(path);
    hone_validation *validation = NULL;
    MUST(hone_validation_create(dataset, "random_forest", NULL, &validation, &error));
    ck_assert_int_eq(hone_validation_expect(validation, (const char *[]){"svm:C=1"}, 1, &error),
                     HONE_INVALID);
    MUST(hone_validation_expect(validation, models, 3, &error));
    for (size_t i = 0; i < 3; i++) {
        hone_scores *together = NULL, *alone = NULL;
        MUST(hone_validation_run(validation, models[i], 2, NULL, &together, &error));
        MUST(hone_cross_validate(dataset, models[i], NULL, 1, &alone, &error));
        ck_assert_mem_eq(together->test, alone->test, together->n_folds * sizeof(double));
        for (size_t k = 0; k < together->n_folds; k++)
            ck_assert(together->follows[k] == (i > 0) && !alone->follows[k] && isnan(together->oob[k]));
        hone_scores_free(together);
        hone_scores_free(alone);
    }
    hone_validation_destroy(validation);
    hone_dataset_destroy(dataset);
    free(path);
}
END_TEST

START_TEST(out_of_bag_score_is_kept)
{
    char *path = write_table("t.csv", true), *file = hn_test_path(folder, "m.hone");
    hone_dataset *dataset = load(path);
    hone_model *model = NULL, *loaded = NULL, *without = NULL;
    MUST(hone_model_fit(dataset, "extra_trees:bootstrap=true,oob_score=true", NULL, 1, 1, &model, &error));
    ck_assert(hone_model_oob_score(model) > 0.8);
    MUST(hone_model_save(model, file, NULL, &error));
    MUST(hone_model_load(file, &loaded, &error));
    ck_assert(hone_model_oob_score(loaded) == hone_model_oob_score(model));
    MUST(hone_model_fit(dataset, "knn", NULL, 1, 1, &without, &error));
    ck_assert(isnan(hone_model_oob_score(without)));
    hone_model_destroy(model);
    hone_model_destroy(loaded);
    hone_model_destroy(without);
    hone_dataset_destroy(dataset);
    free(path);
    free(file);
}
END_TEST

/* Blocks of rows, whatever the number of threads; the last one is not full. */
START_TEST(threads_change_no_prediction)
{
    static const char *const models[] = {"knn", "logistic", "gradient_boosting:n_estimators=3",
                                         "naive_bayes"};
    enum { ROWS = 10000 };
    hone_make_config config = HONE_MAKE_CONFIG_INIT;
    hone_dataset *dataset = NULL;
    double *one = malloc(2 * ROWS * sizeof *one), *two = malloc(2 * ROWS * sizeof *two);
    config.kind = "classification";
    config.rows = ROWS;
    config.columns = 6;
    MUST(hone_dataset_make(&config, NULL, &dataset, &error));
    for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
        hone_model *model = NULL;
        MUST(hone_model_fit(dataset, models[m], NULL, 1, 3, &model, &error));
        MUST(hone_model_predict_proba(model, dataset, two, &error));
        hone_model_set_threads(model, 0);
        MUST(hone_model_predict_proba(model, dataset, one, &error));
        ck_assert_mem_eq(one, two, 2 * ROWS * sizeof *one);
        hone_model_destroy(model);
    }
    hone_dataset_destroy(dataset);
    free(one);
    free(two);
}
END_TEST

Suite *suite_ml(void)
{
    Suite *suite = suite_create("ml");
    TCase *whole = tcase_create("whole");
    tcase_add_checked_fixture(whole, setup, teardown);
    tcase_add_test(whole, goes_the_whole_way);
    tcase_add_test(whole, evaluates_another_file);
    tcase_add_test(whole, regression_from_arrays);
    tcase_add_test(whole, threads_fit_the_same_forest);
    tcase_add_test(whole, settings_expected_follow_from_one_fit);
    tcase_add_test(whole, out_of_bag_score_is_kept);
    tcase_add_test(whole, decides_and_learns_more);
    tcase_add_test(whole, lists_what_there_is);
    tcase_add_test(whole, predictions_from_anywhere_are_scored);
    tcase_add_test(whole, threads_change_no_prediction);
    tcase_add_test(whole, refuses_bad_requests);
    tcase_add_test(whole, refuses_damaged_model_files);
    tcase_add_test(whole, reports_every_lack_of_memory);
    suite_add_tcase(suite, whole);
    return suite;
}
