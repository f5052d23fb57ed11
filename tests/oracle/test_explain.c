/* What explains a model, against scikit-learn (tests/oracle/explain_oracle.py). */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "named_values.h"
#include "select/learning_curve.h"
#include "select/partial_dependence.h"
#include "select/permutation.h"
#include "select/validation_curve.h"
#include "support.h"

enum { ROWS = 120, COLUMNS = 4, REPEATS = 3, FOLDS = 5, POINTS = 3 };

static hone_error error;
static hn_arena arena;
static hn_dataset *numbers, *labels;

static void compare(const char *what, const double *ours, const char *name, size_t n, double tolerance)
{
    const double *expected = named_values_get(name, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(hn_test_close(ours[i], expected[i], tolerance, tolerance),
                      "%s [%zu]: %.17g, scikit-learn %.17g", what, i, ours[i], expected[i]);
}

static void setup(void)
{
    named_values_open("explain_values.txt");
    const double *x = named_values_get("x", ROWS * COLUMNS);
    ck_assert(!hn_dataset_from_arrays(x, ROWS, COLUMNS, named_values_get("number", ROWS), NULL,
                                      HN_TASK_REGRESSION, &numbers, &error));
    ck_assert(!hn_dataset_from_arrays(x, ROWS, COLUMNS, named_values_get("label", ROWS), NULL,
                                      HN_TASK_CLASSIFICATION, &labels, &error));
}

static void teardown(void)
{
    hn_dataset_destroy(numbers);
    hn_dataset_destroy(labels);
    hn_arena_release(&arena);
    named_values_close();
}

static hn_estimator *fit(const hn_dataset *set, const char *model)
{
    hn_estimator_options options = {0};
    hn_estimator *estimator = NULL;
    hone_status status =
        hn_estimator_fit(set, NULL, 0, hn_model_find(model), NULL, &options, &estimator, &error);
    ck_assert_msg(!status, "%s", error.message);
    return estimator;
}

/* --- permutation importance --- */

static void check_losses(const hn_dataset *set, const char *model, const char *metric, bool maximize,
                         const char *name)
{
    hn_estimator *estimator = fit(set, model);
    const double *drawn = named_values_get("orders", REPEATS * ROWS);
    double losses[COLUMNS * REPEATS];
    hn_scores base = {0};
    ck_assert(!hn_estimator_evaluate(estimator, set, NULL, 0, metric, NULL, &base, &error));
    for (size_t j = 0; j < COLUMNS; j++)
        for (size_t r = 0; r < REPEATS; r++) {
            size_t order[ROWS];
            double score;
            for (size_t i = 0; i < ROWS; i++)
                order[i] = (size_t)drawn[r * ROWS + i];
            ck_assert(!hn_permuted_score(estimator, set, j, order, metric, &score, &error));
            losses[j * REPEATS + r] = maximize ? base.mean[0] - score : score - base.mean[0];
        }
    compare(name, losses, name, COLUMNS * REPEATS, 1e-9);
    hn_scores_release(&base);
    hn_estimator_destroy(estimator);
}

START_TEST(losses_by_given_shuffles_are_scikit_learns)
{
    check_losses(numbers, "ridge", "r2", true, "losses_ridge_r2");
    check_losses(numbers, "ridge", "mse", false, "losses_ridge_mse");
    check_losses(labels, "knn", "accuracy", true, "losses_knn_accuracy");
}
END_TEST

/* --- partial dependence --- */

static void check_dependence(const hn_dataset *set, const char *model, size_t n_columns, size_t outputs)
{
    hn_estimator *estimator = fit(set, model);
    hn_dependence_options options = {
        .n_columns = n_columns, .columns = {"x1", "x2"}, .grid = 20, .individual = ROWS};
    hn_dependence found = {0};
    hone_status status = hn_dependence_run(estimator, set, NULL, 0, &options, NULL, &found, &error);
    ck_assert_msg(!status, "%s", error.message);
    size_t points = n_columns == 1 ? 5 : 15;
    ck_assert_uint_eq(found.n_points, points);
    ck_assert_uint_eq(found.n_outputs, outputs);
    double grid[8];
    memcpy(grid, found.axes[0].values, 5 * sizeof *grid);
    if (n_columns == 2)
        memcpy(grid + 5, found.axes[1].values, 3 * sizeof *grid);
    char name[64];
    snprintf(name, sizeof name, "grid_%s_%zu", model, n_columns);
    compare(name, grid, name, n_columns == 1 ? 5 : 8, 0);
    snprintf(name, sizeof name, "average_%s_%zu", model, n_columns);
    compare(name, found.average, name, points * outputs, 1e-9);
    snprintf(name, sizeof name, "individual_%s_%zu", model, n_columns);
    compare(name, found.individual, name, ROWS * points * outputs, 1e-9);
    hn_dependence_release(&found);
    hn_estimator_destroy(estimator);
}

START_TEST(dependence_is_scikit_learns)
{
    for (size_t columns = 1; columns <= 2; columns++) {
        check_dependence(numbers, "ridge", columns, 1);
        check_dependence(labels, "knn", columns, 3);
    }
}
END_TEST

/* --- curves --- */

typedef struct curve_case {
    const char *model, *option;
    bool classes;
    double values[POINTS], tolerance;
} curve_case;

static const curve_case cases[] = {{"ridge", "alpha", false, {0.01, 1, 100}, 1e-9},
                                   {"knn", "n_neighbors", true, {1, 5, 20}, 1e-12},
                                   {"svm", "C", true, {0.1, 1, 10}, 1e-12}};

static void check_curve(const char *kind, const char *model, const hn_curve *curve, double tolerance)
{
    char name[64];
    ck_assert_uint_eq(curve->n_points, POINTS);
    ck_assert_uint_eq(curve->n_folds, FOLDS);
    snprintf(name, sizeof name, "%s_train_%s", kind, model);
    compare(name, curve->train, name, POINTS * FOLDS, tolerance);
    snprintf(name, sizeof name, "%s_test_%s", kind, model);
    compare(name, curve->test, name, POINTS * FOLDS, tolerance);
}

START_TEST(learning_curves_in_order_are_scikit_learns)
{
    static const double sizes[] = {0.2, 0.5, 1};
    const curve_case *c = &cases[_i];
    hn_learning_options options = {.sizes = sizes, .n_sizes = POINTS, .in_order = true};
    hn_learning_curve found = {0};
    hone_status status =
        hn_learning_curve_run(c->classes ? labels : numbers, NULL, 0, hn_model_find(c->model), NULL, &options,
                              NULL, NULL, &found, &error);
    ck_assert_msg(!status, "%s", error.message);
    char name[64];
    snprintf(name, sizeof name, "sizes_%s", c->model);
    const double *expected = named_values_get(name, POINTS);
    for (size_t i = 0; i < POINTS; i++)
        ck_assert_uint_eq(found.sizes[i], (size_t)expected[i]);
    check_curve("learning", c->model, &found.curve, c->tolerance);
    hn_learning_curve_release(&found);
}
END_TEST

START_TEST(validation_curves_are_scikit_learns)
{
    const curve_case *c = &cases[_i];
    const hn_node *points[POINTS];
    hn_validation_options options = {0};
    hn_curve found = {0};
    for (size_t p = 0; p < POINTS; p++)
        points[p] = hn_node_real(&arena, c->values[p]);
    hone_status status =
        hn_validation_curve_run(c->classes ? labels : numbers, NULL, 0, hn_model_find(c->model), NULL,
                                c->option, points, POINTS, &options, NULL, NULL, &found, &error);
    ck_assert_msg(!status, "%s", error.message);
    check_curve("validation", c->model, &found, c->tolerance);
    hn_curve_release(&found);
}
END_TEST

Suite *suite_explain(void)
{
    Suite *suite = suite_create("explain");
    TCase *peer = tcase_create("peer");
    tcase_add_checked_fixture(peer, setup, teardown);
    tcase_add_test(peer, losses_by_given_shuffles_are_scikit_learns);
    tcase_add_test(peer, dependence_is_scikit_learns);
    tcase_add_loop_test(peer, learning_curves_in_order_are_scikit_learns, 0, 3);
    tcase_add_loop_test(peer, validation_curves_are_scikit_learns, 0, 3);
    suite_add_tcase(suite, peer);
    return suite;
}
