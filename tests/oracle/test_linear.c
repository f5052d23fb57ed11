/* Linear models against scikit-learn 1.2 (linear_oracle.py, linear_values.txt). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "linear_values.h"
#include "model/elastic_net.h"
#include "model/linear_model.h"
#include "model/logistic.h"
#include "model/ridge.h"
#include "support.h"

static hone_error error;

static void setup(void)
{
    linear_values_open();
}

static void teardown(void)
{
    linear_values_close();
}

/* Coefficients and intercept of one output. */
static void compare_one(const char *name, const hn_linear *linear, double tolerance)
{
    double found[COLUMNS + 1];
    memcpy(found, linear->coefficients, COLUMNS * sizeof *found);
    found[COLUMNS] = linear->intercept[0];
    linear_values_compare(name, found, COLUMNS + 1, tolerance);
}

static void regression(const char *name, const char *model, const char *options, bool weighted, size_t n)
{
    hn_design train = linear_values_design("value", n);
    train.weight = weighted ? linear_values_get("weight", ROWS) : NULL;
    void *fitted = linear_values_fit(model, options, &train);
    compare_one(name, fitted, 1e-7);
    hn_linear_destroy(fitted);
}

START_TEST(ridge)
{
    regression("ridge_0.1", "ridge", "{alpha: 0.1}", false, ROWS);
    regression("ridge_10", "ridge", "{alpha: 10}", false, ROWS);
    regression("ridge_weighted", "ridge", "{alpha: 2}", true, ROWS);
    regression("ridge_through_zero", "ridge", "{alpha: 2, fit_intercept: false}", false, ROWS);
    regression("ridge_wide", "ridge", "{alpha: 0.5}", false, WIDE);
}
END_TEST

START_TEST(leave_one_out)
{
    hn_arena scratch = HN_ARENA_INIT;
    const double alphas[] = {3, 0.5};
    const char *const names[] = {"leave_one_out_tall", "leave_one_out_wide"};
    for (size_t k = 0; k < 2; k++) {
        size_t n = k ? WIDE : ROWS;
        double errors[2 * ROWS];
        hn_fit_context context = {.scratch = &scratch};
        hn_design train = linear_values_design("value", n);
        train.weight = linear_values_get("weight", ROWS);
        ck_assert_msg(hn_ridge_leave_one_out(&train, true, alphas, 2, &context, errors, &error) == HONE_OK,
                      "%s", error.message);
        linear_values_compare(names[k], errors + n, n, 1e-9);
    }
    hn_arena_release(&scratch);
}
END_TEST

START_TEST(lasso_and_elastic_net)
{
    regression("lasso_1", "lasso", "{alpha: 1, tolerance: 1e-14, max_iter: 100000}", false, ROWS);
    regression("lasso_0.1", "lasso", "{alpha: 0.1, tolerance: 1e-14, max_iter: 100000}", false, ROWS);
    regression("lasso_0.01", "lasso", "{alpha: 0.01, tolerance: 1e-14, max_iter: 100000}", false, ROWS);
    regression("lasso_weighted", "lasso", "{alpha: 0.05, tolerance: 1e-14, max_iter: 100000}", true, ROWS);
    regression("lasso_wide", "lasso", "{alpha: 0.05, tolerance: 1e-14, max_iter: 100000}", false, WIDE);
    regression("elastic_net", "elastic_net",
               "{alpha: 0.1, l1_ratio: 0.3, tolerance: 1e-14, max_iter: 100000}", false, ROWS);
    regression("elastic_net_through_zero", "elastic_net",
               "{alpha: 0.1, l1_ratio: 0.3, fit_intercept: false, tolerance: 1e-14, max_iter: 100000}", false,
               ROWS);
}
END_TEST

START_TEST(path_of_the_lasso)
{
    hn_arena scratch = HN_ARENA_INIT;
    const double alphas[] = {1, 0.1, 0.01};
    const char *const names[] = {"lasso_1", "lasso_0.1", "lasso_0.01"};
    double coefficients[3 * COLUMNS], intercepts[3], found[COLUMNS + 1];
    hn_elastic_net_config config = {
        .l1_ratio = 1, .fit_intercept = true, .tolerance = 1e-14, .max_iter = 100000};
    hn_fit_context context = {.scratch = &scratch};
    hn_design train = linear_values_design("value", ROWS);
    ck_assert_int_eq(
        hn_elastic_net_path("lasso", &config, &train, &context, alphas, 3, coefficients, intercepts, &error),
        HONE_OK);
    for (size_t k = 0; k < 3; k++) {
        memcpy(found, coefficients + k * COLUMNS, COLUMNS * sizeof *found);
        found[COLUMNS] = intercepts[k];
        linear_values_compare(names[k], found, COLUMNS + 1, 1e-7);
    }
    hn_arena_release(&scratch);
}
END_TEST

/* Coefficients for two classes, probabilities for three, whose coefficients L1 does not make unique. */
static void classification(const char *name, const char *options, double tolerance)
{
    char case_name[64];
    hn_design train = linear_values_design("two", ROWS);
    void *fitted = linear_values_fit("logistic", options, &train);
    snprintf(case_name, sizeof case_name, "two_%s", name);
    compare_one(case_name, fitted, tolerance);
    hn_linear_destroy(fitted);

    double proba[30];
    train = linear_values_design("three", ROWS);
    fitted = linear_values_fit("logistic", options, &train);
    hn_design rows = {.x = train.x, .n = 10, .d = COLUMNS};
    ck_assert_int_eq(hn_linear_predict_proba(fitted, &rows, proba, &error), HONE_OK);
    snprintf(case_name, sizeof case_name, "three_%s", name);
    linear_values_compare(case_name, proba, 30, tolerance);
    hn_linear_destroy(fitted);
}

#define EXACT ", tolerance: 1e-9, max_iter: 10000}"

START_TEST(logistic_with_smooth_penalties)
{
    classification("l2_0.1", "{C: 0.1" EXACT, 1e-6);
    classification("l2_10", "{C: 10" EXACT, 1e-6);
    classification("l2_through_zero", "{fit_intercept: false" EXACT, 1e-6);
    classification("balanced", "{class_weight: balanced" EXACT, 1e-6);
    classification("none", "{penalty: none" EXACT, 1e-6);
    hn_design train = linear_values_design("two", ROWS);
    train.weight = linear_values_get("weight", ROWS);
    void *fitted = linear_values_fit("logistic", "{C: 1" EXACT, &train);
    compare_one("two_weighted", fitted, 1e-6);
    hn_linear_destroy(fitted);
}
END_TEST

START_TEST(logistic_with_sparse_penalties)
{
    classification("l1", "{penalty: l1, C: 0.2" EXACT, 1e-5);
    classification("elastic_net", "{penalty: elastic_net, l1_ratio: 0.3, C: 0.5" EXACT, 1e-5);
}
END_TEST

/* scikit-learn's own tolerances come within a thousandth. */
START_TEST(default_tolerances_are_close)
{
    hn_design train = linear_values_design("two", ROWS);
    void *fitted = linear_values_fit("logistic", "{C: 10}", &train);
    compare_one("two_l2_10", fitted, 1e-4);
    hn_linear_destroy(fitted);
    fitted = linear_values_fit("logistic", "{C: 0.2, penalty: l1}", &train);
    compare_one("two_l1", fitted, 1e-3);
    hn_linear_destroy(fitted);
}
END_TEST

START_TEST(path_of_logistic_regression)
{
    hn_arena scratch = HN_ARENA_INIT;
    const double c[] = {0.1, 10};
    hn_linear *models[2] = {NULL, NULL};
    hn_logistic_config config = {.fit_intercept = true, .tolerance = 1e-9, .max_iter = 10000};
    hn_fit_context context = {.scratch = &scratch};
    hn_design train = linear_values_design("two", ROWS);
    ck_assert_int_eq(hn_logistic_path(&config, &train, &context, c, 2, models, &error), HONE_OK);
    compare_one("two_l2_0.1", models[0], 1e-6);
    compare_one("two_l2_10", models[1], 1e-6);
    hn_linear_destroy(models[0]);
    hn_linear_destroy(models[1]);
    hn_arena_release(&scratch);
}
END_TEST

Suite *suite_linear(void)
{
    Suite *suite = suite_create("linear oracle");
    TCase *values = tcase_create("scikit-learn");
    tcase_add_checked_fixture(values, setup, teardown);
    tcase_add_test(values, ridge);
    tcase_add_test(values, leave_one_out);
    tcase_add_test(values, lasso_and_elastic_net);
    tcase_add_test(values, path_of_the_lasso);
    tcase_add_test(values, logistic_with_smooth_penalties);
    tcase_add_test(values, logistic_with_sparse_penalties);
    tcase_add_test(values, default_tolerances_are_close);
    tcase_add_test(values, path_of_logistic_regression);
    suite_add_tcase(suite, values);
    return suite;
}
