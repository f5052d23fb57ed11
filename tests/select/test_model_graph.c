/* hone_model_export_onnx: what comes out is judged by tests/cli/test_export.py; here what goes wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "hone/ml.h"
#include "support.h"

static hone_error error;
static char *folder;

#define MUST(call) ck_assert_msg((call) == HONE_OK, "%s", error.message)

static void setup(void)
{
    folder = hn_test_temp_dir();
}

static void teardown(void)
{
    free(folder);
}

/* A model of rows of three columns, one of categories. */
static hone_model *fit(const char *model, hone_task task)
{
    hone_dataset_options options = HONE_DATASET_OPTIONS_INIT;
    char *path = hn_test_path(folder, "t.csv"), text[4096];
    size_t at = (size_t)snprintf(text, sizeof text, "u,colour,v,target\n");
    for (int i = 0; i < 60; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%d,%s,%d,%s\n", i % 7,
                               i % 3   ? "red"
                               : i % 2 ? "green"
                                       : "blue",
                               i % 11,
                               i % 3 == 0 ? "no"
                               : i % 5    ? "yes"
                                          : "both");
    hn_test_write(path, text);
    hone_dataset *dataset = NULL;
    hone_model *fitted = NULL;
    options.task = task;
    MUST(hone_dataset_load(path, &options, &dataset, &error));
    MUST(hone_model_fit(dataset, model, NULL, 0, 1, &fitted, &error));
    hone_dataset_destroy(dataset);
    free(path);
    return fitted;
}

static const char *const models[] = {
    "{sequential: {epochs: 1, layers: [{dense: {units: 3, activation: gelu}}, batch_norm, output]}}",
    "{random_forest: {n_estimators: 2}}",
    "naive_bayes",
    "svm",
    "{svm: {probability: true}}",
    "{knn: {weights: distance}}",
};

START_TEST(missing_memory_leaves_the_old_file)
{
    hone_model *model = fit(models[_i], HONE_CLASSIFICATION);
    char *path = hn_test_path(folder, "m.onnx");
    hn_test_write(path, "old");
    hone_status status = HONE_OUT_OF_MEMORY;
    long k = 0;
    for (; status == HONE_OUT_OF_MEMORY; k++) {
        hn_memory_fail_at(k, k % 2 == 0);
        status = hone_model_export_onnx(model, path, &error);
        hn_memory_fail_at(-1, 0);
        char *content = hn_test_read(path);
        ck_assert((strcmp(content, "old") == 0) == (status != HONE_OK));
        free(content);
    }
    MUST(status);
    ck_assert_int_gt(k, 20);
    free(path);
    hone_model_destroy(model);
}
END_TEST

START_TEST(a_model_that_cannot_is_refused_with_those_that_can)
{
    hone_model *model = fit("kmeans", HONE_CLUSTERING);
    char *path = hn_test_path(folder, "m.onnx");
    ck_assert_int_eq(hone_model_export_onnx(model, path, &error), HONE_UNSUPPORTED);
    hn_assert_contains(error.message, "kmeans");
    hn_assert_contains(error.message, "sequential");
    ck_assert_ptr_null(fopen(path, "rb"));
    free(path);
    hone_model_destroy(model);
}
END_TEST

Suite *suite_model_graph(void)
{
    Suite *suite = suite_create("model graph");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_loop_test(all, missing_memory_leaves_the_old_file, 0, sizeof models / sizeof *models);
    tcase_add_test(all, a_model_that_cannot_is_refused_with_those_that_can);
    suite_add_tcase(suite, all);
    return suite;
}
