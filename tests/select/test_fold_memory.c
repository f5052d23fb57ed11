/* A cross-validation of a large table holds at most three training matrices for each fold that runs at a
 * time, however many folds there are: the matrix with its test rows, scratch, the model. Resident memory of
 * the process at its peak, over what was there before; the table itself is not counted. XGBoost is exact for
 * few rows and has histograms for many. */
#include <stdlib.h>

#include "base/memory.h"
#include "base/os_system.h"
#include "base/thread_pool.h"
#include "data/make.h"
#include "select/cross_validate.h"
#include "support.h"

enum { ROWS = 24000, ROWS_OF_HISTOGRAMS = 106000, COLUMNS = 50, FOLDS = 5 };

static const double most = 3;
static const double noise = 0.25; /* of the matrix: pages that the allocator keeps */

static hone_error error;

static void run(hn_validation *v, const hn_node *settings, hn_thread_pool *pool, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        hn_scores scores;
        hn_run_control control = {.pool = pool};
        ck_assert_int_eq(hn_validation_run(v, settings, &control, &scores, &error), HONE_OK);
        hn_scores_release(&scores);
    }
}

static void check(const char *model, hn_dataset *table, size_t rows, const hn_node *settings, size_t threads)
{
    const double matrix = (double)rows * (FOLDS - 1) / FOLDS * COLUMNS * sizeof(double);
    hn_validation_options options = {.folds = FOLDS, .preprocess.scale = HN_SCALE_STANDARD};
    hn_validation *v = NULL;
    hn_thread_pool *pool = NULL;
    ck_assert_int_eq(hn_thread_pool_create(threads, &pool, &error), HONE_OK);
    if (hn_model_find(model)->library) { /* loading it takes memory of its own */
        ck_assert_int_eq(hn_validation_create(table, NULL, 0, hn_model_find(model), &options, &v, &error),
                         HONE_OK);
        run(v, settings, pool, 1);
        hn_validation_destroy(v);
    }
    double before = hn_test_begin_peak();
    ck_assert_int_eq(hn_validation_create(table, NULL, 0, hn_model_find(model), &options, &v, &error),
                     HONE_OK);
    run(v, settings, pool, 2);
    double held = (hn_test_peak_bytes() - before) / matrix / (double)threads;
    ck_assert_msg(held < most + noise, "%s, %zu folds at a time: %.2f training matrices each", model, threads,
                  held);
    hn_validation_destroy(v);
    hn_thread_pool_destroy(pool);
}

/* Each of the models, NULL at their end, that can be had here. */
static void check_all(const char *const *models, size_t rows, size_t most_threads)
{
    hn_make_options options = {.kind = HN_MAKE_CLASSIFICATION,
                               .rows = rows,
                               .columns = COLUMNS,
                               .informative = 10,
                               .redundant = 2,
                               .class_sep = 2,
                               .spread = 1};
    hn_arena arena = HN_ARENA_INIT;
    hn_dataset *table = NULL;
    if (getenv("HONE_SANITIZE"))
        HN_SKIP("sanitizers hold memory of their own");
    if (hn_test_begin_peak() == 0)
        HN_SKIP("the peak of the memory cannot be reset here");
    hn_memory_return_blocks(); /* as worker processes do */
    ck_assert_int_eq(hn_dataset_make(&options, NULL, &table, &error), HONE_OK);
    for (; *models; models++) {
        const hn_model_type *type = hn_model_find(*models);
        const char *library;
        if (type->library && type->library(&library, NULL) != HONE_OK) {
            continue; /* not installed */
        }
        hn_node *settings = hn_node_map(&arena);
        if (hn_option_find(&type->options, "n_estimators"))
            settings = hn_map_set(&arena, settings, "n_estimators", hn_node_integer(&arena, 2));
        for (size_t threads = 1; threads <= most_threads; threads++)
            check(*models, table, rows, settings, threads);
    }
    hn_dataset_destroy(table);
    hn_arena_release(&arena);
}

START_TEST(folds_hold_three_matrices)
{
    static const char *const models[] = {"logistic",      "naive_bayes",       "knn",     "decision_tree",
                                         "random_forest", "gradient_boosting", "xgboost", NULL};
    check_all(models, ROWS, 2);
}
END_TEST

START_TEST(histograms_hold_three_matrices)
{
    static const char *const models[] = {"xgboost", NULL};
    check_all(models, ROWS_OF_HISTOGRAMS, 1);
}
END_TEST

Suite *suite_fold_memory(void)
{
    Suite *suite = suite_create("fold_memory");
    TCase *memory = tcase_create("memory");
    tcase_set_timeout(memory, 240);
    tcase_add_test(memory, folds_hold_three_matrices);
    tcase_add_test(memory, histograms_hold_three_matrices);
    suite_add_tcase(suite, memory);
    return suite;
}
