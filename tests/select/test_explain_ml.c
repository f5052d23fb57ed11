/* The part of hone/ml.h that explains models, and what it does when memory runs out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "hone/ml.h"
#include "support.h"

static hone_error error;
static char *folder, *path;

#define MUST(call) ck_assert_msg((call) == HONE_OK, "%s", error.message)

/* `kind` and `size` decide, `noise` does not; a third of the sizes are missing. */
static void setup(void)
{
    enum { ROWS = 60 };
    char text[ROWS * 32 + 64];
    size_t at = (size_t)snprintf(text, sizeof text, "size,kind,noise,heavy\n");
    for (int i = 0; i < ROWS; i++) {
        int size = i * 7 % 10, iron = i % 2, noise = i * 13 % 17;
        if (i % 3)
            at += (size_t)snprintf(text + at, sizeof text - at, "%d", size);
        at += (size_t)snprintf(text + at, sizeof text - at, ",%s,%d,%s\n", iron ? "iron" : "wood", noise,
                               size + 4 * iron > 6 ? "yes" : "no");
    }
    folder = hn_test_temp_dir();
    path = hn_test_path(folder, "things.csv");
    hn_test_write(path, text);
}

static void teardown(void)
{
    free(path);
    free(folder);
}

static hone_dataset *load(void)
{
    hone_dataset_options options = HONE_DATASET_OPTIONS_INIT;
    hone_dataset *dataset = NULL;
    options.target = "heavy";
    MUST(hone_dataset_load(path, &options, &dataset, &error));
    return dataset;
}

static hone_model *fit(const hone_dataset *dataset)
{
    hone_model *model = NULL;
    MUST(hone_model_fit(dataset, "decision_tree:max_depth=4", NULL, 1, 1, &model, &error));
    return model;
}

START_TEST(importance_names_the_columns_that_decide)
{
    hone_dataset *dataset = load();
    hone_model *model = fit(dataset);
    hone_importance *found = NULL;
    MUST(hone_model_importance(model, dataset, NULL, NULL, 0, 0, 1, 2, &found, &error));
    ck_assert_str_eq(found->metric, "accuracy");
    ck_assert_uint_eq(found->n_repeats, 5);
    ck_assert_uint_eq(found->n_rows, 60);
    ck_assert_str_eq(found->columns[1], "kind");
    ck_assert(found->mean[1] > found->mean[2] && found->score > 0.8);
    hone_importance_free(found);
    hone_importance_free(NULL);
    ck_assert_int_eq(hone_model_importance(model, dataset, "mse", NULL, 0, 1, 1, 1, &found, &error),
                     HONE_INVALID);
    hone_model_destroy(model);
    hone_dataset_destroy(dataset);
}
END_TEST

START_TEST(dependence_lists_values_and_categories)
{
    hone_dataset *dataset = load();
    hone_model *model = fit(dataset);
    hone_dependence *found = NULL;
    hone_dependence_config config = HONE_DEPENDENCE_CONFIG_INIT;
    config.columns[0] = "size";
    config.columns[1] = "kind";
    config.individual = 3;
    MUST(hone_model_dependence(model, dataset, &config, &found, &error));
    ck_assert_uint_eq(found->n_columns, 2);
    ck_assert_uint_eq(found->n_values[1], 2);
    ck_assert_str_eq(found->categories[1][0], "iron");
    ck_assert_ptr_null(found->categories[0]);
    ck_assert_uint_eq(found->n_points, found->n_values[0] * 2);
    ck_assert_uint_eq(found->n_individual, 3);
    ck_assert(!found->shares && found->n_outputs == 2);
    const double *last = found->average + (found->n_points - 2) * 2; /* the largest size: iron, wood */
    ck_assert(last[1] > 0.9 && found->average[2 * 1 + 1] < 0.5);
    hone_dependence_free(found);
    hone_dependence_free(NULL);
    config.struct_size = 3;
    ck_assert_int_eq(hone_model_dependence(model, dataset, &config, &found, &error), HONE_INVALID);
    config = (hone_dependence_config)HONE_DEPENDENCE_CONFIG_INIT;
    ck_assert_int_eq(hone_model_dependence(model, dataset, &config, &found, &error), HONE_INVALID);
    hn_assert_contains(error.message, "needs a column");
    hone_model_destroy(model);
    hone_dataset_destroy(dataset);
}
END_TEST

START_TEST(curves_have_a_score_for_each_point_and_fold)
{
    static const double sizes[] = {1, 12, 0.5};
    static const char *const depths[] = {"1", "3", "null"};
    hone_dataset *dataset = load();
    hone_curve *curve = NULL;
    hone_validation_config config = HONE_VALIDATION_CONFIG_INIT;
    config.folds = 3;
    config.metrics = "balanced_accuracy";
    MUST(hone_learning_curve(dataset, "decision_tree", &config, sizes, 3, false, 2, &curve, &error));
    ck_assert_uint_eq(curve->n_points, 3);
    ck_assert_uint_eq(curve->n_folds, 3);
    ck_assert_uint_eq(curve->rows[0], 12);
    ck_assert_uint_eq(curve->rows[2], 40);
    ck_assert_str_eq(curve->metric, "balanced_accuracy");
    double mean = (curve->test[6] + curve->test[7] + curve->test[8]) / 3;
    hn_assert_absolute(curve->test_mean[2], mean, 1e-12);
    hone_curve_free(curve);
    MUST(hone_validation_curve(dataset, "decision_tree", &config, "max_depth", depths, 3, 2, &curve, &error));
    ck_assert_ptr_null(curve->rows);
    ck_assert(curve->train_mean[0] <= curve->train_mean[2]);
    hone_curve_free(curve);
    hone_curve_free(NULL);
    ck_assert_int_eq(
        hone_validation_curve(dataset, "decision_tree", &config, "depth", depths, 3, 1, &curve, &error),
        HONE_INVALID);
    hn_assert_contains(error.message, "depth");
    config.metrics = "accuracy,f1";
    ck_assert_int_eq(
        hone_learning_curve(dataset, "decision_tree", &config, NULL, 0, false, 1, &curve, &error),
        HONE_INVALID);
    ck_assert_int_eq(
        hone_validation_curve(dataset, "decision_tree", &config, "max_depth", depths, 3, 1, &curve, &error),
        HONE_INVALID);
    hn_assert_contains(error.message, "one metric, here are 2");
    hone_dataset_destroy(dataset);
}
END_TEST

/* All of it once; what was made is freed whatever happens. */
static hone_status explain(const hone_model *model, const hone_dataset *dataset)
{
    static const double sizes[] = {0.5, 1};
    static const char *const depths[] = {"1", "3"};
    hone_importance *importance = NULL;
    hone_dependence *dependence = NULL;
    hone_curve *learning = NULL, *validation = NULL;
    hone_dependence_config config = HONE_DEPENDENCE_CONFIG_INIT;
    hone_validation_config folds = HONE_VALIDATION_CONFIG_INIT;
    config.columns[0] = "size";
    config.columns[1] = "kind";
    config.individual = 2;
    folds.folds = 2;
    hone_status status =
        hone_model_importance(model, dataset, "log_loss", NULL, 0, 1, 0, 1, &importance, &error);
    if (!status)
        status = hone_model_dependence(model, dataset, &config, &dependence, &error);
    if (!status)
        status = hone_learning_curve(dataset, "decision_tree", &folds, sizes, 2, false, 1, &learning, &error);
    if (!status)
        status = hone_validation_curve(dataset, "decision_tree", &folds, "max_depth", depths, 2, 1,
                                       &validation, &error);
    hone_importance_free(importance);
    hone_dependence_free(dependence);
    hone_curve_free(learning);
    hone_curve_free(validation);
    return status;
}

START_TEST(every_lack_of_memory_is_reported)
{
    hone_dataset *dataset = load();
    hone_model *model = fit(dataset);
    hone_status status = HONE_OUT_OF_MEMORY;
    long k = 0;
    for (; status; k++) {
        hn_memory_fail_at(k, 1);
        status = explain(model, dataset);
        hn_memory_fail_at(-1, 0);
        ck_assert_msg(status == HONE_OK || status == HONE_OUT_OF_MEMORY, "allocation %ld: %s", k,
                      error.message);
        ck_assert_int_lt(k, 20000);
    }
    ck_assert_int_gt(k, 100);
    hone_model_destroy(model);
    hone_dataset_destroy(dataset);
}
END_TEST

Suite *suite_explain_ml(void)
{
    Suite *suite = suite_create("explain_ml");
    TCase *whole = tcase_create("whole");
    tcase_add_checked_fixture(whole, setup, teardown);
    tcase_add_test(whole, importance_names_the_columns_that_decide);
    tcase_add_test(whole, dependence_lists_values_and_categories);
    tcase_add_test(whole, curves_have_a_score_for_each_point_and_fold);
    tcase_add_test(whole, every_lack_of_memory_is_reported);
    suite_add_tcase(suite, whole);
    return suite;
}
