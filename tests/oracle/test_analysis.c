/* Hypervolumes, correlations and partial dependence against Optuna, SciPy and scikit-learn
 * (tests/oracle/analysis_oracle.py). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/correlation.h"
#include "hone/hone.h"
#include "math/hypervolume.h"
#include "named_values.h"
#include "support.h"

enum { GRID = 9, COARSE = 3 };

START_TEST(hypervolumes_are_those_of_optuna)
{
    size_t m = (size_t)_i, n, size;
    char name[32];
    const double reference[] = {1.1, 1.1, 1.1, 1.1, 1.1, 1.1};
    named_values_open("analysis_values.txt");
    snprintf(name, sizeof name, "volumes_%zu", m);
    const double *expected = named_values_all(name, &n);
    snprintf(name, sizeof name, "points_%zu", m);
    const double *points = named_values_all(name, &size);
    ck_assert_uint_eq(size, n * m);
    double *scratch = malloc(hn_hypervolume_scratch(n, m) * sizeof *scratch);
    double *history = malloc(n * sizeof *history);
    hn_hypervolume_history(points, n, m, reference, scratch, history);
    for (size_t i = 0; i < n; i++) {
        hn_assert_close(history[i], expected[i], 1e-10, 1e-12);
    }
    hn_assert_relative(hn_hypervolume(points, n, m, reference, scratch), expected[n - 1], 1e-10);
    free(scratch);
    free(history);
    named_values_close();
}
END_TEST

START_TEST(correlations_are_those_of_scipy)
{
    enum { K = 3 };
    size_t size, rows[K * K];
    double pearson[K * K], spearman[K * K];
    hn_arena arena = HN_ARENA_INIT;
    named_values_open("analysis_values.txt");
    const double *columns = named_values_all("columns", &size);
    const double *of_numpy = named_values_get("pearson", (size_t)K * K),
                 *of_scipy = named_values_get("spearman", (size_t)K * K);
    ck_assert(!hn_correlate(columns, K, size / K, &arena, pearson, spearman, rows, NULL));
    for (size_t i = 0; i < (size_t)K * K; i++) {
        hn_assert_absolute(pearson[i], of_numpy[i], 1e-12);
        hn_assert_absolute(spearman[i], of_scipy[i], 1e-12);
    }
    hn_arena_release(&arena);
    named_values_close();
}
END_TEST

/* Forests differ, and where they cut: a few hundredths of the values' range of 3. */
START_TEST(dependence_is_near_that_of_scikit_learn)
{
    static const char *const names[] = {"x0", "x1", "x2"};
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study *study = NULL;
    hone_param_dependence_config how = HONE_PARAM_DEPENDENCE_CONFIG_INIT;
    hone_param_dependence *found = NULL;
    size_t n;
    named_values_open("analysis_values.txt");
    const double *y = named_values_all("y", &n), *x[3];
    config.space = "{x0: {float: [0, 1]}, x1: {float: [0, 1]}, x2: {float: [0, 1]}}";
    ck_assert(!hone_study_open("memory:", "s", &config, &study, NULL));
    for (size_t j = 0; j < 3; j++) {
        x[j] = named_values_get(names[j], n);
    }
    for (size_t i = 0; i < n; i++) {
        hone_named_value point[3];
        for (size_t j = 0; j < 3; j++) {
            point[j] = (hone_named_value){names[j], {.type = HONE_FLOAT, .as.real = x[j][i]}};
        }
        ck_assert(!hone_study_add(study, point, 3, HONE_COMPLETE, &y[i], 1, NULL, NULL));
    }
    how.param = "x0";
    how.grid = GRID;
    const double *expected = named_values_get("dependence_0", GRID);
    ck_assert(!hone_study_dependence(study, &how, &found, NULL));
    for (size_t i = 0; i < GRID; i++) {
        hn_assert_absolute(found->mean[i], expected[i], 0.05);
    }
    hone_param_dependence_free(found);
    how.param = "x1";
    how.second = "x2";
    how.grid = COARSE;
    expected = named_values_get("dependence_1_2", (size_t)COARSE * COARSE);
    ck_assert(!hone_study_dependence(study, &how, &found, NULL));
    for (size_t i = 0; i < (size_t)COARSE * COARSE; i++) {
        hn_assert_absolute(found->mean[i], expected[i], 0.08);
    }
    hone_param_dependence_free(found);
    hone_study_destroy(study);
    named_values_close();
}
END_TEST

Suite *suite_analysis(void)
{
    Suite *suite = suite_create("analysis");
    TCase *all = tcase_create("peers");
    tcase_add_loop_test(all, hypervolumes_are_those_of_optuna, 2, 7);
    tcase_add_test(all, correlations_are_those_of_scipy);
    tcase_add_test(all, dependence_is_near_that_of_scikit_learn);
    suite_add_tcase(suite, all);
    return suite;
}
