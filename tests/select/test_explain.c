/* What explains a model: the same whatever the threads, and what is said of wrong input. Values are compared
 * with scikit-learn's in tests/oracle. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "select/learning_curve.h"
#include "select/partial_dependence.h"
#include "select/permutation.h"
#include "select/validation_curve.h"
#include "support.h"

enum { ROWS = 90, MANY = 9000 };

static hone_error error;
static hn_dataset *set;

/* y depends on x0 strongly, on x1 (of three values) weakly, on x2 not; x3 is constant. Of the classes 60, 20
 * and 10 rows in a hundred. */
static void make_set(size_t n, hn_model_task task)
{
    hn_random random = hn_random_stream(5, 0, HN_PURPOSE_TEST);
    double *x = hn_calloc(n * 4, sizeof *x), *y = hn_calloc(n, sizeof *y);
    for (size_t i = 0; i < n; i++) {
        double *row = x + i * 4;
        row[0] = hn_random_normal(&random);
        row[1] = (double)(i % 3);
        row[2] = hn_random_normal(&random);
        row[3] = 7;
        y[i] = 3 * row[0] + 0.5 * row[1];
        if (task == HN_TASK_CLASSIFICATION)
            y[i] = i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2;
    }
    ck_assert(!hn_dataset_from_arrays(x, n, 4, y, NULL, task, &set, &error));
    hn_free(x);
    hn_free(y);
}

static hn_estimator *fit(const char *model)
{
    hn_estimator_options options = {0};
    hn_estimator *estimator = NULL;
    hone_status status =
        hn_estimator_fit(set, NULL, 0, hn_model_find(model), NULL, &options, &estimator, &error);
    ck_assert_msg(!status, "%s", error.message);
    return estimator;
}

/* --- permutation importance --- */

static hn_permutation permute(const hn_estimator *estimator, uint64_t seed, size_t threads)
{
    hn_permutation_options options = {.seed = seed, .repeats = 4};
    hn_thread_pool *pool = NULL;
    hn_permutation found = {0};
    ck_assert(!hn_thread_pool_create(threads, &pool, &error));
    ck_assert(!hn_permutation_run(estimator, set, NULL, 0, &options, pool, &found, &error));
    hn_thread_pool_destroy(pool);
    return found;
}

/* More rows than are predicted at a time. */
START_TEST(importance_is_the_same_for_any_threads)
{
    make_set(MANY, HN_TASK_REGRESSION);
    hn_estimator *estimator = fit("ridge");
    hn_permutation one = permute(estimator, 3, 1), three = permute(estimator, 3, 3),
                   other = permute(estimator, 4, 1);
    ck_assert_uint_eq(one.n_columns, 4);
    ck_assert_uint_eq(one.n_repeats, 4);
    ck_assert_mem_eq(one.losses, three.losses, 16 * sizeof *one.losses);
    ck_assert(one.losses[0] != other.losses[0]);
    ck_assert(one.mean[0] > 10 * one.mean[1] && one.mean[1] > 10 * fabs(one.mean[2]));
    for (size_t r = 0; r < 4; r++)
        ck_assert_double_eq(one.losses[3 * 4 + r], 0); /* a constant column */
    hn_permutation_release(&one);
    hn_permutation_release(&three);
    hn_permutation_release(&other);
    hn_estimator_destroy(estimator);
    hn_dataset_destroy(set);
}
END_TEST

/* Weights count in the score and in every shuffled one: rows of weight 0 are as if they were not there. */
START_TEST(importance_counts_weights)
{
    make_set(ROWS, HN_TASK_CLASSIFICATION);
    static double weights[ROWS];
    hn_column weight = {.name = "w", .kind = HN_COLUMN_NUMERIC, .values = weights};
    hn_estimator *estimator = fit("naive_bayes");
    size_t order[ROWS];
    double score, expected = 0, total = 0, predicted[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        weights[i] = (double)(i % 4);
        order[i] = i;
    }
    set->weight = &weight;
    ck_assert(!hn_estimator_predict(estimator, set, NULL, ROWS, predicted, &error));
    for (size_t i = 0; i < ROWS; i++) {
        total += weights[i];
        expected += predicted[i] == set->target[i] ? weights[i] : 0;
    }
    ck_assert(!hn_permuted_score(estimator, set, 0, order, "accuracy", &score, &error));
    hn_assert_absolute(score, expected / total, 1e-12);
    hn_estimator_destroy(estimator);
    hn_dataset_destroy(set);
}
END_TEST

/* A ranking of an svm goes by its decision function. */
START_TEST(importance_ranks_by_decisions)
{
    make_set(ROWS, HN_TASK_CLASSIFICATION);
    hn_estimator_options options = {0};
    hn_estimator *estimator = NULL;
    size_t order[ROWS];
    double *y = (double *)set->target, score;
    for (size_t i = 0; i < ROWS; i++) {
        y[i] = set->columns[0].values[i] > 0;
        order[i] = i;
    }
    set->n_classes = 2;
    ck_assert(!hn_estimator_fit(set, NULL, 0, hn_model_find("svm"), NULL, &options, &estimator, &error));
    ck_assert(!hn_permuted_score(estimator, set, 0, order, "roc_auc", &score, &error));
    hn_scores whole = {0};
    ck_assert(!hn_estimator_evaluate(estimator, set, NULL, 0, "roc_auc", NULL, &whole, &error));
    ck_assert_double_eq(score, whole.mean[0]);
    ck_assert_double_gt(score, 0.9);
    hn_scores_release(&whole);
    hn_estimator_destroy(estimator);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(importance_refuses)
{
    make_set(ROWS, HN_TASK_CLASSIFICATION);
    hn_estimator *estimator = fit("naive_bayes");
    hn_permutation found;
    size_t same[] = {0, 1, 2}; /* rows of the first class */
    hn_permutation_options options = {.metric = "r2"};
    ck_assert_int_eq(hn_permutation_run(estimator, set, NULL, 0, &options, NULL, &found, &error),
                     HONE_INVALID);
    hn_assert_contains(error.message, "r2 is not for classification");
    options.metric = "accuracy,log_loss";
    ck_assert_int_eq(hn_permutation_run(estimator, set, NULL, 0, &options, NULL, &found, &error),
                     HONE_INVALID);
    hn_assert_contains(error.message, "one metric, here are 2");
    options.metric = "roc_auc_ovr";
    ck_assert_int_eq(hn_permutation_run(estimator, set, same, 3, &options, NULL, &found, &error),
                     HONE_INVALID);
    hn_assert_contains(error.message, "not defined on these rows");
    int cancel = 1;
    options = (hn_permutation_options){.cancel = &cancel};
    ck_assert_int_eq(hn_permutation_run(estimator, set, NULL, 0, &options, NULL, &found, &error),
                     HONE_CANCELLED);
    hn_estimator_destroy(estimator);
    hn_dataset_destroy(set);
}
END_TEST

/* --- partial dependence --- */

START_TEST(dependence_draws_rows_and_grids)
{
    make_set(MANY, HN_TASK_REGRESSION);
    hn_estimator *estimator = fit("ridge");
    hn_dependence_options options = {
        .n_columns = 2, .columns = {"x0", "x1"}, .grid = 7, .max_rows = 50, .individual = 5, .seed = 2};
    hn_dependence one = {0}, many = {0};
    hn_thread_pool *pool = NULL;
    ck_assert(!hn_thread_pool_create(3, &pool, &error));
    ck_assert(!hn_dependence_run(estimator, set, NULL, 0, &options, NULL, &one, &error));
    ck_assert(!hn_dependence_run(estimator, set, NULL, 0, &options, pool, &many, &error));
    ck_assert_uint_eq(one.axes[0].n, 7);
    ck_assert_uint_eq(one.axes[1].n, 3);
    ck_assert_uint_eq(one.n_rows, 50);
    ck_assert_uint_eq(one.n_individual, 5);
    ck_assert_mem_eq(one.average, many.average, 21 * sizeof(double));
    ck_assert_mem_eq(one.individual, many.individual, 5 * 21 * sizeof(double));
    for (size_t i = 1; i < 5; i++)
        ck_assert_uint_lt(one.individual_rows[i - 1], one.individual_rows[i]);
    /* y = 3 x0 + 0.5 x1 wherever the rows are */
    double slope = (one.average[6 * 3] - one.average[0]) / (one.axes[0].values[6] - one.axes[0].values[0]);
    hn_assert_absolute(slope, 3, 0.01);
    hn_assert_absolute(one.average[1] - one.average[0], 0.5, 0.01);
    hn_dependence_release(&one);
    hn_dependence_release(&many);
    hn_thread_pool_destroy(pool);
    hn_estimator_destroy(estimator);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(dependence_of_a_model_without_probabilities_is_of_shares)
{
    make_set(ROWS, HN_TASK_CLASSIFICATION);
    hn_estimator *estimator = fit("svm");
    hn_dependence_options options = {.n_columns = 1, .columns = {"x1"}};
    hn_dependence found = {0};
    ck_assert(!hn_dependence_run(estimator, set, NULL, 0, &options, NULL, &found, &error));
    ck_assert(found.shares);
    ck_assert_uint_eq(found.n_outputs, 3);
    for (size_t p = 0; p < found.n_points; p++)
        hn_assert_absolute(found.average[p * 3] + found.average[p * 3 + 1] + found.average[p * 3 + 2], 1,
                           1e-12);
    hn_dependence_release(&found);
    hn_estimator_destroy(estimator);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(dependence_refuses)
{
    make_set(ROWS, HN_TASK_REGRESSION);
    hn_estimator *estimator = fit("ridge");
    hn_dependence found;
    const struct {
        hn_dependence_options options;
        hone_status status;
        const char *says;
    } cases[] = {
        {{.n_columns = 1, .columns = {"X0"}}, HONE_NOT_FOUND, "did you mean 'x0'?"},
        {{.n_columns = 1, .columns = {"target"}}, HONE_NOT_FOUND, "is what the model predicts"},
        {{.n_columns = 2, .columns = {"x1", "x1"}}, HONE_INVALID, "both x1"},
        {{.n_columns = 0}, HONE_INVALID, "one or two columns"},
        {{.n_columns = 2, .columns = {"x0", "x2"}, .grid = 100000, .max_rows = 0}, HONE_OK, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hone_status status =
            hn_dependence_run(estimator, set, NULL, 0, &cases[i].options, NULL, &found, &error);
        ck_assert_int_eq(status, cases[i].status);
        if (status)
            hn_assert_contains(error.message, cases[i].says);
        else
            hn_dependence_release(&found);
    }
    hn_estimator_destroy(estimator);
    hn_dataset_destroy(set);
}
END_TEST

/* --- learning curve --- */

static hone_status learn(const char *model, const double *sizes, size_t n, bool in_order, size_t threads,
                         hn_learning_curve *found)
{
    hn_learning_options options = {.sizes = sizes, .n_sizes = n, .in_order = in_order};
    hn_thread_pool *pool = NULL;
    ck_assert(!hn_thread_pool_create(threads, &pool, &error));
    hone_status status =
        hn_learning_curve_run(set, NULL, 0, hn_model_find(model), NULL, &options, pool, NULL, found, &error);
    hn_thread_pool_destroy(pool);
    return status;
}

START_TEST(a_learning_curve_is_the_same_for_any_threads)
{
    make_set(ROWS, HN_TASK_CLASSIFICATION);
    hn_learning_curve one = {0}, three = {0};
    ck_assert(!learn("naive_bayes", NULL, 0, false, 1, &one));
    ck_assert(!learn("naive_bayes", NULL, 0, false, 3, &three));
    ck_assert_uint_eq(one.curve.n_points, 5);
    ck_assert_uint_eq(one.sizes[4], 72);
    ck_assert_mem_eq(one.curve.test, three.curve.test, 25 * sizeof(double));
    ck_assert_mem_eq(one.curve.train, three.curve.train, 25 * sizeof(double));
    hn_learning_curve_release(&one);
    hn_learning_curve_release(&three);
    hn_dataset_destroy(set);
}
END_TEST

/* Sorted by class, the first rows are all of one; drawn ones have the shares of the classes: with 10 rows two
 * classes at least (a tree that knows one class only would be right for 0.6 of them). */
START_TEST(drawn_parts_have_the_shares_of_the_classes)
{
    static const double few[] = {10};
    make_set(ROWS, HN_TASK_CLASSIFICATION);
    double *y = (double *)set->target;
    for (size_t i = 0; i < ROWS; i++)
        y[i] = i < 60 ? 0 : i < 80 ? 1 : 2;
    hn_learning_curve found = {0};
    ck_assert_int_eq(learn("decision_tree", few, 1, true, 1, &found), HONE_INVALID);
    hn_assert_contains(error.message, "10 training rows of fold 0: all of them are of the class \"0\"");
    ck_assert(!learn("decision_tree", few, 1, false, 1, &found));
    for (size_t f = 0; f < found.curve.n_folds; f++)
        ck_assert_double_eq(found.curve.train[f], 1); /* a tree splits them all */
    hn_learning_curve_release(&found);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(a_learning_curve_refuses_sizes)
{
    static const double wrong[][1] = {{0}, {-1}, {73}, {10.5}, {0.001}, {NAN}};
    make_set(ROWS, HN_TASK_CLASSIFICATION);
    hn_learning_curve found;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_eq(learn("naive_bayes", wrong[i], 1, false, 1, &found), HONE_INVALID);
        hn_assert_contains(error.message, "from 1 to 72");
    }
    hn_learning_options options = {.validation = {.metrics = "log_loss"}};
    ck_assert_int_eq(
        hn_learning_curve_run(set, NULL, 0, hn_model_find("svm"), NULL, &options, NULL, NULL, &found, &error),
        HONE_UNSUPPORTED);
    hn_assert_contains(error.message, "gives no probabilities");
    hn_dataset_destroy(set);
}
END_TEST

/* --- validation curve --- */

START_TEST(a_validation_curve_judges_values_first)
{
    make_set(ROWS, HN_TASK_CLASSIFICATION);
    hn_arena arena = HN_ARENA_INIT;
    hn_validation_options options = {0};
    hn_curve found;
    const hn_node *values[] = {hn_node_real(&arena, 1), hn_node_real(&arena, -2)};
    ck_assert_int_eq(hn_validation_curve_run(set, NULL, 0, hn_model_find("svm"), NULL, "C", values, 2,
                                             &options, NULL, NULL, &found, &error),
                     HONE_INVALID);
    hn_assert_contains(error.message, "C = -2.0: ");
    ck_assert_int_eq(hn_validation_curve_run(set, NULL, 0, hn_model_find("svm"), NULL, "C", values, 0,
                                             &options, NULL, NULL, &found, &error),
                     HONE_INVALID);
    hn_arena_release(&arena);
    hn_dataset_destroy(set);
}
END_TEST

Suite *suite_explain(void)
{
    Suite *suite = suite_create("explain");
    TCase *importance = tcase_create("importance"), *dependence = tcase_create("dependence"),
          *curves = tcase_create("curves");
    tcase_add_test(importance, importance_is_the_same_for_any_threads);
    tcase_add_test(importance, importance_counts_weights);
    tcase_add_test(importance, importance_ranks_by_decisions);
    tcase_add_test(importance, importance_refuses);
    tcase_add_test(dependence, dependence_draws_rows_and_grids);
    tcase_add_test(dependence, dependence_of_a_model_without_probabilities_is_of_shares);
    tcase_add_test(dependence, dependence_refuses);
    tcase_add_test(curves, a_learning_curve_is_the_same_for_any_threads);
    tcase_add_test(curves, drawn_parts_have_the_shares_of_the_classes);
    tcase_add_test(curves, a_learning_curve_refuses_sizes);
    tcase_add_test(curves, a_validation_curve_judges_values_first);
    suite_add_tcase(suite, importance);
    suite_add_tcase(suite, dependence);
    suite_add_tcase(suite, curves);
    return suite;
}
