/* Fits kept for the settings that follow from them: the scores are those of settings fitted by themselves. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "select/cross_validate.h"
#include "support.h"

enum { ROWS = 90, COLUMNS = 4, FOLDS = 3, MAX_SETTINGS = 32 };

static hone_error error;
static hn_arena arena;
static hn_dataset *dataset;
static const hn_model_type *forest;
static hn_model_type counting; /* the forest, whose fits are counted */
static atomic_size_t fits;

static hone_status counting_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                                void **fitted, hone_error *err)
{
    atomic_fetch_add(&fits, 1);
    return forest->fit(config, train, context, fitted, err);
}

static void setup(void)
{
    double x[ROWS * COLUMNS], y[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++)
            x[i * COLUMNS + j] = sin((double)(i * (j + 3)) + (double)j);
        y[i] = x[i * COLUMNS] + x[i * COLUMNS + 1] * x[i * COLUMNS + 2] > 0.1;
    }
    ck_assert_int_eq(
        hn_dataset_from_arrays(x, ROWS, COLUMNS, y, NULL, HN_TASK_CLASSIFICATION, &dataset, &error), HONE_OK);
    forest = hn_model_find("random_forest");
    counting = *forest;
    counting.fit = counting_fit;
    atomic_store(&fits, 0);
}

static void teardown(void)
{
    hn_dataset_destroy(dataset);
    hn_arena_release(&arena);
    arena = (hn_arena){0};
}

static hn_validation *make(hn_validation_options options)
{
    hn_validation *made = NULL;
    options.folds = FOLDS;
    options.preprocess.scale = HN_SCALE_STANDARD;
    ck_assert_msg(hn_validation_create(dataset, NULL, 0, &counting, &options, &made, &error) == HONE_OK, "%s",
                  error.message);
    return made;
}

static hn_node *setting(const char *yaml)
{
    hn_node *made = NULL;
    ck_assert_int_eq(hn_yaml_parse(&arena, "setting", yaml, strlen(yaml), &made, &error), HONE_OK);
    return made;
}

static hn_scores run(const hn_validation *v, const hn_node *options)
{
    hn_scores scores;
    ck_assert_msg(hn_validation_run(v, options, NULL, &scores, &error) == HONE_OK, "%s", error.message);
    return scores;
}

/* How many fits a run took. */
static size_t fits_of(const hn_validation *v, const char *yaml)
{
    size_t before = atomic_load(&fits);
    hn_scores scores = run(v, setting(yaml));
    size_t taken = atomic_load(&fits) - before;
    for (size_t k = 0; k < FOLDS; k++)
        ck_assert(scores.follows[k] == (taken == 0));
    hn_scores_release(&scores);
    return taken;
}

/* 3 x 3 x 3 settings in an order in which the widest is not the first. */
static size_t list_grid(const hn_node **list)
{
    static const char *const depths[] = {"2", "null", "4"}, *const splits[] = {"10", "2", "5"};
    size_t n = 0;
    for (int trees = 4; trees <= 12; trees += 4)
        for (size_t d = 0; d < 3; d++)
            for (size_t s = 0; s < 3; s++)
                list[n++] =
                    setting(hn_arena_printf(&arena,
                                            "{n_estimators: %d, max_depth: %s, min_samples_split: %s, "
                                            "oob_score: true, max_features: 2}",
                                            trees, depths[d], splits[s]));
    return n;
}

/* test, train and out-of-bag scores. */
static void assert_same_scores(const hn_scores *a, const hn_scores *b)
{
    size_t bytes = a->n_metrics * a->n_folds * sizeof(double);
    ck_assert_mem_eq(a->test, b->test, bytes);
    ck_assert_mem_eq(a->train, b->train, bytes);
    ck_assert_mem_eq(a->oob, b->oob, a->n_folds * sizeof(double));
}

static const hn_validation_options every_score = {.train_scores = true, .metrics = "accuracy,log_loss"};

START_TEST(an_expected_grid_takes_one_fit_a_fold)
{
    const hn_node *list[MAX_SETTINGS];
    size_t n = list_grid(list);
    hn_validation_options options = every_score;
    options.apart = true;
    hn_validation *apart = make(options), *together = make(every_score);
    ck_assert_int_eq(hn_validation_expect(together, list, n, &error), HONE_OK);
    for (size_t i = 0; i < n; i++) {
        atomic_store(&fits, 0);
        hn_scores one = run(apart, list[i]);
        ck_assert_uint_eq(atomic_load(&fits), FOLDS);
        hn_scores other = run(together, list[i]);
        ck_assert_uint_eq(atomic_load(&fits), i ? FOLDS : 2 * FOLDS);
        assert_same_scores(&one, &other);
        hn_scores_release(&one);
        hn_scores_release(&other);
    }
    hn_validation_destroy(apart);
    hn_validation_destroy(together);
}
END_TEST

START_TEST(nothing_wider_is_fitted_unless_it_is_expected)
{
    hn_validation *v = make((hn_validation_options){0});
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 5, max_depth: 3}"), FOLDS);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 10, max_depth: 2}"), FOLDS); /* neither covers the other */
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 5, max_depth: 2}"), 0);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 10, max_depth: 3}"), FOLDS);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 9, max_depth: 3}"), 0);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 9, max_depth: 3, min_samples_leaf: 2}"), FOLDS);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 9, max_depth: 3, max_features: 1}"), FOLDS);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 9, max_depth: 3, max_features: 1.0}"), FOLDS); /* all */
    hn_validation_destroy(v);
}
END_TEST

START_TEST(what_is_expected_is_a_setting_that_is_run)
{
    /* No setting of these covers both: 10 trees without a limit are not among them. */
    const hn_node *list[] = {setting("{n_estimators: 10, max_depth: 2}"), setting("{n_estimators: 4}"),
                             setting("{oob_score: true, bootstrap: false}"), /* refused when it is run */
                             setting("{n_estimators: 4, max_depth: 2}"), setting("{n_estimators: 3}")};
    hn_validation *v = make((hn_validation_options){0});
    ck_assert_int_eq(hn_validation_expect(v, list, 5, &error), HONE_OK);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 3}"), FOLDS);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 4}"), 0);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 4, max_depth: 2}"), 0);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 10, max_depth: 2}"), FOLDS);
    hn_validation_destroy(v);
}
END_TEST

/* Memory for the designs, not for the fits: nothing is kept, and nothing is fitted ahead for long. */
START_TEST(little_memory_costs_time_only)
{
    const hn_node *list[MAX_SETTINGS];
    size_t n = list_grid(list), designs = FOLDS * ROWS * COLUMNS * sizeof(double);
    hn_validation_options options = every_score;
    hn_validation *roomy = make(options);
    options.memory_bytes = 2 * designs + 64;
    hn_validation *tight = make(options);
    ck_assert_int_eq(hn_validation_expect(tight, list, n, &error), HONE_OK);
    ck_assert_int_eq(hn_validation_expect(roomy, list, n, &error), HONE_OK);
    for (size_t i = 0; i < n; i++) {
        hn_scores one = run(roomy, list[i]);
        atomic_store(&fits, 0);
        hn_scores other = run(tight, list[i]);
        ck_assert_uint_eq(atomic_load(&fits), FOLDS);
        assert_same_scores(&one, &other);
        hn_scores_release(&one);
        hn_scores_release(&other);
    }
    hn_validation_destroy(roomy);
    hn_validation_destroy(tight);
}
END_TEST

/* Room for a few of the fits: those that no expected setting needs any more go first. */
START_TEST(fits_that_are_needed_stay)
{
    const hn_node *list[] = {setting("{n_estimators: 8}"), setting("{n_estimators: 4}"),
                             setting("{n_estimators: 3, min_samples_leaf: 3}")};
    hn_validation *v = make((hn_validation_options){.memory_bytes = 100000});
    ck_assert_int_eq(hn_validation_expect(v, list, 3, &error), HONE_OK);
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 8}"), FOLDS);
    for (int leaf = 4; leaf < 40; leaf++) /* not expected */
        fits_of(v, hn_arena_printf(&arena, "{n_estimators: 3, min_samples_leaf: %d}", leaf));
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 3, min_samples_leaf: 4}"), FOLDS); /* long gone */
    ck_assert_uint_eq(fits_of(v, "{n_estimators: 4}"), 0);
    hn_validation_destroy(v);
}
END_TEST

typedef struct errand {
    const hn_validation *v;
    const hn_node **list;
    size_t n, first;
    hn_scores scores[MAX_SETTINGS];
    pthread_t thread;
} errand;

static void *run_all(void *user)
{
    errand *e = user;
    for (size_t k = 0; k < e->n; k++) {
        size_t i = (e->first + k) % e->n;
        if (hn_validation_run(e->v, e->list[i], NULL, &e->scores[i], NULL))
            e->scores[i] = (hn_scores){0};
    }
    return NULL;
}

START_TEST(threads_run_settings_at_once)
{
    enum { THREADS = 4 };
    const hn_node *list[MAX_SETTINGS];
    size_t n = list_grid(list);
    hn_validation *v = make(every_score), *alone = make(every_score);
    static errand errands[THREADS];
    ck_assert_int_eq(hn_validation_expect(v, list, n, &error), HONE_OK);
    for (size_t t = 0; t < THREADS; t++) {
        errands[t] = (errand){.v = v, .list = list, .n = n, .first = 7 * t};
        pthread_create(&errands[t].thread, NULL, run_all, &errands[t]);
    }
    for (size_t t = 0; t < THREADS; t++)
        pthread_join(errands[t].thread, NULL);
    for (size_t i = 0; i < n; i++) {
        hn_scores one = run(alone, list[i]);
        for (size_t t = 0; t < THREADS; t++) {
            ck_assert_uint_eq(errands[t].scores[i].n_folds, FOLDS);
            assert_same_scores(&one, &errands[t].scores[i]);
            hn_scores_release(&errands[t].scores[i]);
        }
        hn_scores_release(&one);
    }
    hn_validation_destroy(v);
    hn_validation_destroy(alone);
}
END_TEST

START_TEST(out_of_bag_scores_are_those_asked_for)
{
    hn_validation *v = make((hn_validation_options){0});
    hn_scores with = run(v, setting("{n_estimators: 30, oob_score: true}"));
    hn_scores without = run(v, setting("{n_estimators: 30}"));
    for (size_t k = 0; k < FOLDS; k++) {
        ck_assert(with.oob[k] > 0.5 && with.oob[k] <= 1);
        ck_assert(isnan(without.oob[k]) && without.follows[k]);
    }
    hn_scores_release(&with);
    hn_scores_release(&without);
    hn_validation_destroy(v);
}
END_TEST

Suite *suite_kept_fits(void)
{
    Suite *suite = suite_create("kept_fits");
    TCase *kept = tcase_create("kept");
    tcase_add_checked_fixture(kept, setup, teardown);
    tcase_add_test(kept, an_expected_grid_takes_one_fit_a_fold);
    tcase_add_test(kept, nothing_wider_is_fitted_unless_it_is_expected);
    tcase_add_test(kept, what_is_expected_is_a_setting_that_is_run);
    tcase_add_test(kept, little_memory_costs_time_only);
    tcase_add_test(kept, fits_that_are_needed_stay);
    tcase_add_test(kept, threads_run_settings_at_once);
    tcase_add_test(kept, out_of_bag_scores_are_those_asked_for);
    suite_add_tcase(suite, kept);
    return suite;
}
