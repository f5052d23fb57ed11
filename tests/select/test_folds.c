/* Splits, metrics and cross-validation against scikit-learn's numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "select/cross_validate.h"
#include "select/metric.h"
#include "select/split.h"
#include "select/subsample.h"
#include "support.h"

static hone_error error;

/* --- splits
 * -------------------------------------------------------------------------------------------------- */

START_TEST(plain_folds_are_contiguous)
{
    size_t fold_of[11];
    ck_assert_int_eq(hn_assign_folds(NULL, 0, 11, 4, false, 0, fold_of, &error), HONE_OK);
    size_t sizes[4] = {0};
    for (size_t i = 0; i < 11; i++) {
        ck_assert(i == 0 || fold_of[i] >= fold_of[i - 1]);
        sizes[fold_of[i]]++;
    }
    ck_assert(sizes[0] == 3 && sizes[1] == 3 && sizes[2] == 3 &&
              sizes[3] == 2); /* KFold: the first n % k get one more */
}
END_TEST

START_TEST(stratified_folds_are_scikit_learns)
{
    /* From StratifiedKFold(3) of scikit-learn 1.2.1 on this target. */
    double y[] = {2, 0, 1, 0, 2, 2, 1, 0, 0, 0, 2, 1, 0, 1};
    size_t expected[] = {0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 1, 2, 2};
    size_t fold_of[14];
    ck_assert_int_eq(hn_assign_folds(y, 3, 14, 3, false, 0, fold_of, &error), HONE_OK);
    for (size_t i = 0; i < 14; i++)
        ck_assert_msg(fold_of[i] == expected[i], "row %zu is in fold %zu, expected %zu", i, fold_of[i],
                      expected[i]);
}
END_TEST

START_TEST(shuffling_keeps_sizes_and_follows_the_seed)
{
    double y[60];
    size_t a[60], b[60], c[60];
    for (size_t i = 0; i < 60; i++)
        y[i] = i % 3 == 0;
    ck_assert_int_eq(hn_assign_folds(y, 2, 60, 5, true, 7, a, &error), HONE_OK);
    ck_assert_int_eq(hn_assign_folds(y, 2, 60, 5, true, 7, b, &error), HONE_OK);
    ck_assert_int_eq(hn_assign_folds(y, 2, 60, 5, true, 8, c, &error), HONE_OK);
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert_mem_ne(a, c, sizeof a);
    size_t count[5][2] = {{0}};
    for (size_t i = 0; i < 60; i++)
        count[a[i]][(size_t)y[i]]++;
    for (size_t k = 0; k < 5; k++)
        ck_assert(count[k][0] == 8 && count[k][1] == 4);
}
END_TEST

START_TEST(refuses_impossible_folds)
{
    double y[] = {0, 1, 0, 1, 0};
    size_t fold_of[5];
    ck_assert_int_eq(hn_assign_folds(y, 2, 5, 1, false, 0, fold_of, &error), HONE_INVALID);
    ck_assert_int_eq(hn_assign_folds(y, 2, 5, 6, false, 0, fold_of, &error), HONE_INVALID);
    ck_assert_int_eq(hn_assign_folds(y, 2, 5, 4, false, 0, fold_of, &error), HONE_INVALID);
    hn_assert_contains(error.message, "4 folds, but no class has more than 3 rows");
}
END_TEST

START_TEST(holds_out_a_share_of_each_class)
{
    double y[100];
    bool out[100];
    for (size_t i = 0; i < 100; i++)
        y[i] = i < 20;
    ck_assert_int_eq(hn_hold_out(y, 2, 100, 0.25, 3, out, &error), HONE_OK);
    size_t held[2] = {0};
    for (size_t i = 0; i < 100; i++)
        held[(size_t)y[i]] += out[i];
    ck_assert_uint_eq(held[0], 20);
    ck_assert_uint_eq(held[1], 5);
    ck_assert_int_eq(hn_hold_out(NULL, 0, 2, 0.01, 3, out, &error), HONE_OK);
    ck_assert_int_eq(out[0] + out[1], 1); /* one row on either side */
    ck_assert_int_eq(hn_hold_out(y, 2, 100, 1, 3, out, &error), HONE_INVALID);
    ck_assert_int_eq(hn_hold_out(y, 2, 100, NAN, 3, out, &error), HONE_INVALID);
}
END_TEST

/* --- metrics
 * ------------------------------------------------------------------------------------------------- */

static double score(const char *name, hn_model_task task, const hn_metric_input *input)
{
    const hn_metric *metric = NULL;
    double value = NAN;
    ck_assert_msg(hn_metric_require(name, task, input->n_classes, &metric, &error) == HONE_OK, "%s",
                  error.message);
    ck_assert_int_eq(metric->score(input, &value, &error), HONE_OK);
    return value;
}

START_TEST(metrics_are_scikit_learns)
{
    /* Values from sklearn.metrics 1.2.1. */
    double truth[] = {0, 1, 2, 2, 1, 0, 2, 1}, predicted[] = {0, 2, 2, 2, 1, 0, 0, 0};
    hn_metric_input three = {.truth = truth, .predicted = predicted, .n = 8, .n_classes = 3};
    hn_assert_relative(score("accuracy", HN_TASK_CLASSIFICATION, &three), 0.625, 1e-15);
    hn_assert_relative(score("balanced_accuracy", HN_TASK_CLASSIFICATION, &three), 2.0 / 3, 1e-15);
    hn_assert_relative(score("f1_macro", HN_TASK_CLASSIFICATION, &three), 0.6111111111111112, 1e-14);
    hn_assert_relative(score("f1_weighted", HN_TASK_CLASSIFICATION, &three), 0.6041666666666666, 1e-14);
    double binary[] = {0, 1, 1, 1, 0}, said[] = {1, 1, 0, 1, 0},
           proba[] = {0.4, 0.6, 0.1, 0.9, 0.7, 0.3, 0, 1, 1, 0};
    hn_metric_input two = {.truth = binary, .predicted = said, .proba = proba, .n = 5, .n_classes = 2};
    hn_assert_relative(score("f1", HN_TASK_CLASSIFICATION, &two), 2.0 / 3, 1e-15);
    hn_assert_relative(score("log_loss", HN_TASK_CLASSIFICATION, &two), 0.44512481037158363, 1e-12);
    double y[] = {3, -0.5, 2, 7}, z[] = {2.5, 0, 2, 8};
    hn_metric_input numbers = {.truth = y, .predicted = z, .n = 4, .n_classes = 0};
    hn_assert_relative(score("r2", HN_TASK_REGRESSION, &numbers), 0.9486081370449679, 1e-14);
    hn_assert_relative(score("rmse", HN_TASK_REGRESSION, &numbers), 0.6123724356957945, 1e-14);
    hn_assert_relative(score("mse", HN_TASK_REGRESSION, &numbers), 0.375, 1e-15);
    hn_assert_relative(score("mae", HN_TASK_REGRESSION, &numbers), 0.5, 1e-15);
    hn_metric_input constant = {.truth = (double[]){1, 1}, .predicted = (double[]){1, 2}, .n = 2};
    ck_assert_double_eq(score("r2", HN_TASK_REGRESSION, &constant), 0);
}
END_TEST

START_TEST(metric_names_are_checked)
{
    const hn_metric *list[HN_MAX_METRICS];
    size_t n = 0;
    ck_assert_int_eq(hn_metric_list("accuracy , f1_macro", NULL, HN_TASK_CLASSIFICATION, 3, list, &n, &error),
                     HONE_OK);
    ck_assert_uint_eq(n, 2);
    ck_assert_str_eq(list[1]->name, "f1_macro");
    ck_assert_int_eq(hn_metric_list("accuracy,", NULL, HN_TASK_CLASSIFICATION, 3, list, &n, &error),
                     HONE_NOT_FOUND);
    ck_assert_int_eq(hn_metric_list("f1", NULL, HN_TASK_CLASSIFICATION, 3, list, &n, &error), HONE_INVALID);
    hn_assert_contains(error.message, "use f1_micro or f1_macro or f1_weighted");
    ck_assert_int_eq(hn_metric_list("r2", NULL, HN_TASK_CLASSIFICATION, 2, list, &n, &error), HONE_INVALID);
    hn_assert_contains(error.message, "r2 is not for classification; there are accuracy");
    ck_assert_int_eq(hn_metric_list("acc", NULL, HN_TASK_REGRESSION, 0, list, &n, &error), HONE_NOT_FOUND);
    hn_assert_contains(error.message, "r2, rmse, mse, mae");
}
END_TEST

/* --- cross-validation
 * ----------------------------------------------------------------------------------------- */

static hn_dataset *rows(size_t n, hn_model_task task)
{
    double *x = hn_calloc(n * 2, sizeof *x), *y = hn_calloc(n, sizeof *y);
    for (size_t i = 0; i < n; i++) {
        x[2 * i] = sin((double)i);
        x[2 * i + 1] = cos(1.7 * (double)i);
        y[i] = task == HN_TASK_CLASSIFICATION ? x[2 * i] + x[2 * i + 1] > 0 : 3 * x[2 * i] - x[2 * i + 1];
    }
    hn_dataset *set = NULL;
    ck_assert_int_eq(hn_dataset_from_arrays(x, n, 2, y, NULL, task, &set, &error), HONE_OK);
    hn_free(x);
    hn_free(y);
    return set;
}

static hn_scores run(const hn_validation *validation, const hn_node *settings, hn_thread_pool *pool)
{
    hn_scores scores = {0};
    ck_assert_msg(hn_validation_run(validation, settings, &(hn_run_control){.pool = pool}, &scores, &error) ==
                      HONE_OK,
                  "%s", error.message);
    return scores;
}

START_TEST(ways_to_the_same_scores)
{
    /* Threads, and memory too small to share anything, change nothing. */
    hn_dataset *set = rows(120, HN_TASK_CLASSIFICATION);
    const hn_model_type *svm = hn_model_find("svm");
    hn_thread_pool *pool = NULL;
    ck_assert_int_eq(hn_thread_pool_create(2, &pool, &error), HONE_OK);
    for (int scale = HN_SCALE_NONE; scale <= HN_SCALE_STANDARD; scale++) {
        hn_validation_options options = {
            .metrics = "accuracy,f1_macro", .preprocess.scale = (hn_scale)scale, .train_scores = true};
        hn_validation *rich = NULL, *poor = NULL;
        ck_assert_int_eq(hn_validation_create(set, NULL, 0, svm, &options, &rich, &error), HONE_OK);
        options.memory_bytes = 1;
        ck_assert_int_eq(hn_validation_create(set, NULL, 0, svm, &options, &poor, &error), HONE_OK);
        hn_scores a = run(rich, NULL, NULL), b = run(rich, NULL, pool), c = run(poor, NULL, pool);
        ck_assert_uint_eq(a.n_folds, 5);
        ck_assert(a.mean[0] > 0.85 && a.train[0] > 0.85);
        ck_assert_mem_eq(a.test, b.test, 10 * sizeof(double));
        ck_assert_mem_eq(a.train, b.train, 10 * sizeof(double));
        ck_assert_mem_eq(a.test, c.test, 10 * sizeof(double));
        hn_scores_release(&a);
        hn_scores_release(&b);
        hn_scores_release(&c);
        hn_validation_destroy(rich);
        hn_validation_destroy(poor);
    }
    hn_thread_pool_destroy(pool);
    hn_dataset_destroy(set);
}
END_TEST

typedef struct watched {
    size_t told, stop_at;
    double means[5];
} watched;

static bool watch(void *user, const hn_scores *scores)
{
    watched *seen = user;
    ck_assert_uint_eq(scores->n_done, seen->told + 1);
    seen->means[seen->told++] = scores->mean[0];
    return seen->told < seen->stop_at;
}

START_TEST(folds_are_told_in_their_order)
{
    hn_dataset *set = rows(60, HN_TASK_CLASSIFICATION);
    hn_validation *validation = NULL;
    hn_thread_pool *pool = NULL;
    ck_assert_int_eq(hn_thread_pool_create(3, &pool, &error), HONE_OK);
    ck_assert_int_eq(hn_validation_create(set, NULL, 0, hn_model_find("svm"), &(hn_validation_options){0},
                                          &validation, &error),
                     HONE_OK);
    hn_scores all = run(validation, NULL, NULL);
    for (int threads = 0; threads < 2; threads++) {
        watched whole = {.stop_at = 9}, part = {.stop_at = 3};
        hn_run_control control = {.pool = threads ? pool : NULL, .fold_done = watch, .user = &whole};
        hn_scores scores = {0};
        ck_assert_int_eq(hn_validation_run(validation, NULL, &control, &scores, &error), HONE_OK);
        ck_assert_uint_eq(whole.told, 5);
        double sum = 0;
        for (size_t k = 0; k < 5; k++) {
            sum += all.test[k];
            ck_assert_double_eq_tol(whole.means[k], sum / (double)(k + 1), 1e-15);
        }
        hn_scores_release(&scores);
        control.user = &part;
        ck_assert_int_eq(hn_validation_run(validation, NULL, &control, &scores, &error), HONE_OK);
        ck_assert_uint_eq(scores.n_done, 3);
        ck_assert_mem_eq(scores.test, all.test, 3 * sizeof(double));
        ck_assert_double_eq(scores.mean[0], part.means[2]);
        hn_scores_release(&scores);
    }
    hn_scores_release(&all);
    hn_validation_destroy(validation);
    hn_thread_pool_destroy(pool);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(samples_are_nested_and_hold_their_classes)
{
    enum { N = 120, FEW = 12, MORE = 40 };
    hn_dataset *set = rows(N, HN_TASK_CLASSIFICATION);
    hn_validation *v = NULL;
    ck_assert_int_eq(hn_validation_create(set, NULL, 0, hn_model_find("svm"),
                                          &(hn_validation_options){.folds = 4, .seed = 9}, &v, &error),
                     HONE_OK);
    for (size_t k = 0; k < 4; k++) {
        hn_fold few, more, all;
        size_t classes[2] = {0}, whole[2] = {0};
        ck_assert_int_eq(hn_fold_sample(v, &v->folds[k], k, FEW, &few, &error), HONE_OK);
        ck_assert_int_eq(hn_fold_sample(v, &v->folds[k], k, MORE, &more, &error), HONE_OK);
        ck_assert_int_eq(hn_fold_sample(v, &v->folds[k], k, 10 * N, &all, &error), HONE_OK);
        ck_assert(few.n_train == FEW && more.n_train == MORE && all.n_train == v->folds[k].n_train);
        for (size_t i = 0, j = 0; i < FEW; i++, j++) { /* both keep the order of the rows */
            while (j < MORE && more.order[j] != few.order[i])
                j++;
            ck_assert_uint_lt(j, MORE);
            ck_assert_mem_eq(few.x + i * few.width, more.x + j * more.width, few.width * sizeof(double));
            classes[(size_t)few.y[i]]++;
        }
        for (size_t i = 0; i < all.n_train; i++)
            whole[(size_t)all.y[i]]++;
        double share = (double)whole[0] / (double)all.n_train;
        ck_assert_double_le(fabs((double)classes[0] - share * FEW), 1);
        ck_assert_uint_eq(few.n_test, v->folds[k].n_test);
        ck_assert_mem_eq(few.y + FEW, v->folds[k].y + v->folds[k].n_train, few.n_test * sizeof(double));
        ck_assert_mem_eq(all.x, v->folds[k].x, (all.n_train + all.n_test) * all.width * sizeof(double));
        hn_fold_release(v->type, &few);
        hn_fold_release(v->type, &more);
        hn_fold_release(v->type, &all);
    }
    hn_scores part = {0}, whole = run(v, NULL, NULL);
    hn_run_control control = {.rows = FEW};
    ck_assert_int_eq(hn_validation_run(v, NULL, &control, &part, &error), HONE_OK);
    ck_assert(part.mean[0] > 0.6 && part.mean[0] < whole.mean[0]);
    hn_scores_release(&part);
    control.rows = N; /* more than there are: all */
    ck_assert_int_eq(hn_validation_run(v, NULL, &control, &part, &error), HONE_OK);
    ck_assert_mem_eq(part.test, whole.test, 4 * sizeof(double));
    hn_scores_release(&part);
    hn_scores_release(&whole);
    hn_validation_destroy(v);
    hn_dataset_destroy(set);
}
END_TEST

START_TEST(validation_reports_its_errors)
{
    hn_dataset *set = rows(20, HN_TASK_CLASSIFICATION);
    const hn_model_type *svm = hn_model_find("svm");
    hn_validation *validation = NULL;
    hn_scores scores = {0};
    ck_assert_int_eq(hn_validation_create(set, NULL, 0, svm, &(hn_validation_options){.metrics = "log_loss"},
                                          &validation, &error),
                     HONE_OK);
    ck_assert_int_eq(hn_validation_run(validation, NULL, NULL, &scores, &error), HONE_UNSUPPORTED);
    hn_assert_contains(error.message, "no probabilities unless it is fitted with probability: true");
    hn_validation_destroy(validation);
    ck_assert_int_eq(
        hn_validation_create(set, NULL, 0, svm, &(hn_validation_options){.folds = 30}, &validation, &error),
        HONE_INVALID);
    ck_assert_int_eq(
        hn_validation_create(set, NULL, 0, svm, &(hn_validation_options){0}, &validation, &error), HONE_OK);
    volatile int cancel = 1;
    ck_assert_int_eq(
        hn_validation_run(validation, NULL, &(hn_run_control){.cancel = &cancel}, &scores, &error),
        HONE_CANCELLED);
    hn_arena arena = HN_ARENA_INIT;
    hn_node *bad = hn_map_set(&arena, hn_node_map(&arena), "C", hn_node_real(&arena, -1));
    ck_assert_int_eq(hn_validation_run(validation, bad, NULL, &scores, &error), HONE_INVALID);
    hn_assert_contains(error.message, "C");
    hn_arena_release(&arena);
    hn_validation_destroy(validation);
    hn_dataset_destroy(set);
}
END_TEST

Suite *suite_folds(void)
{
    Suite *suite = suite_create("folds");
    TCase *splits = tcase_create("splits"), *metrics = tcase_create("metrics"),
          *validation = tcase_create("validation");
    tcase_add_test(splits, plain_folds_are_contiguous);
    tcase_add_test(splits, stratified_folds_are_scikit_learns);
    tcase_add_test(splits, shuffling_keeps_sizes_and_follows_the_seed);
    tcase_add_test(splits, refuses_impossible_folds);
    tcase_add_test(splits, holds_out_a_share_of_each_class);
    tcase_add_test(metrics, metrics_are_scikit_learns);
    tcase_add_test(metrics, metric_names_are_checked);
    tcase_add_test(validation, ways_to_the_same_scores);
    tcase_add_test(validation, folds_are_told_in_their_order);
    tcase_add_test(validation, samples_are_nested_and_hold_their_classes);
    tcase_add_test(validation, validation_reports_its_errors);
    suite_add_tcase(suite, splits);
    suite_add_tcase(suite, metrics);
    suite_add_tcase(suite, validation);
    return suite;
}
