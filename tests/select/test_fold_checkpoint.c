/* Folds whose models go on from files: the scores of fits that never stopped, whatever is in the files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os_file.h"
#include "data/make.h"
#include "select/cross_validate.h"
#include "support.h"

enum { ROWS = 90, FOLDS = 3, REASON = 300 };

static hone_error error;
static hn_arena arena;
static hn_dataset *table;
static hn_validation *validation;
static char *folder, reason[REASON];
static size_t n_reasons;

static hn_validation *validate(const char *model, uint64_t seed)
{
    hn_validation *made = NULL;
    hn_validation_options options = {
        .folds = FOLDS, .shuffle = true, .seed = seed, .metrics = "accuracy,log_loss"};
    ck_assert_int_eq(hn_validation_create(table, NULL, 0, hn_model_find(model), &options, &made, &error),
                     HONE_OK);
    return made;
}

static void setup(void)
{
    hn_make_options options = {
        .kind = HN_MAKE_CLASSIFICATION, .rows = ROWS, .columns = 4, .classes = 3, .clusters = 1, .seed = 1};
    folder = hn_test_temp_dir();
    ck_assert_msg(hn_dataset_make(&options, NULL, &table, &error) == HONE_OK, "%s", error.message);
    validation = validate("random_forest", 4);
    n_reasons = 0;
}

static void teardown(void)
{
    hn_validation_destroy(validation);
    hn_dataset_destroy(table);
    hn_remove_tree(folder, NULL);
    free(folder);
    hn_arena_release(&arena);
}

static void fits_anew(void *user, const char *why)
{
    (void)user;
    snprintf(reason, sizeof reason, "%s", why);
    n_reasons++;
}

static hone_status run(const hn_validation *v, const char *text, bool keeps, hn_scores *scores)
{
    hn_node *settings = NULL;
    hn_run_control control = {.checkpoints = keeps ? folder : NULL, .fits_anew = fits_anew};
    ck_assert_int_eq(hn_yaml_parse(&arena, "settings", text, strlen(text), &settings, &error), HONE_OK);
    n_reasons = 0;
    return hn_validation_run(v, settings, &control, scores, &error);
}

/* With the files, by a validation that has nothing in memory: the scores of one that has no files. */
static void check_same(const char *model, uint64_t seed, const char *settings, size_t anew)
{
    hn_scores scores, expected;
    hn_validation *other = validate(model, seed);
    ck_assert_msg(run(other, settings, true, &scores) == HONE_OK, "%s", error.message);
    ck_assert_msg(n_reasons == anew, "%zu fits anew: %s", n_reasons, n_reasons ? reason : "");
    hn_validation_destroy(other);
    other = validate(model, seed);
    ck_assert_int_eq(run(other, settings, false, &expected), HONE_OK);
    ck_assert_mem_eq(scores.test, expected.test, scores.n_metrics * FOLDS * sizeof *scores.test);
    hn_validation_destroy(other);
    hn_scores_release(&scores);
    hn_scores_release(&expected);
}

static const char *file_of(size_t fold)
{
    return hn_arena_printf(&arena, "%s/fold-%zu.safetensors", folder, fold);
}

/* The folds' files with models of five trees. */
static void begin(void)
{
    hn_scores scores;
    ck_assert_int_eq(run(validation, "{n_estimators: 5}", true, &scores), HONE_OK);
    ck_assert_uint_eq(n_reasons, FOLDS);
    ck_assert_ptr_nonnull(strstr(reason, "there is no "));
    hn_scores_release(&scores);
}

START_TEST(goes_on)
{
    begin();
    check_same("random_forest", 4, "{n_estimators: 5}", 0);
    check_same("random_forest", 4, "{n_estimators: 12}", 0);
    check_same("random_forest", 4, "{n_estimators: 30}", 0);
}
END_TEST

START_TEST(goes_on_beside_fits_that_are_kept)
{
    hn_scores scores, expected;
    begin(); /* and the validation keeps the fits of 5 trees */
    ck_assert_int_eq(run(validation, "{n_estimators: 20}", true, &scores), HONE_OK);
    ck_assert(!n_reasons && !scores.follows[0]);
    hn_remove_tree(folder, NULL);
    ck_assert_int_eq(hn_make_directories(folder, &error), HONE_OK);
    ck_assert_int_eq(run(validation, "{n_estimators: 9}", true, &expected), HONE_OK);
    ck_assert_msg(expected.follows[0], "20 trees have 9");
    check_same("random_forest", 4, "{n_estimators: 20}",
               0); /* their file is there, though nothing was fitted */
    hn_scores_release(&scores);
    hn_scores_release(&expected);
}
END_TEST

START_TEST(passes_over_other_fits)
{
    begin();
    check_same("random_forest", 4, "{n_estimators: 9, max_depth: 3}", FOLDS);
    ck_assert_ptr_nonnull(strstr(reason, "is of another fit: its max_depth is another"));
    check_same("random_forest", 5, "{n_estimators: 9, max_depth: 3}", FOLDS);
    ck_assert_ptr_nonnull(strstr(reason, "is of another fit: its seed is another"));
    check_same("extra_trees", 5, "{n_estimators: 9, max_depth: 3}", FOLDS);
    ck_assert_ptr_nonnull(strstr(reason, "is of another fit: its "));
    check_same("extra_trees", 5, "{n_estimators: 4, max_depth: 3}", FOLDS);
    ck_assert_ptr_nonnull(strstr(reason, "its n_estimators is not 1 to 4"));
    ck_assert_int_eq(rename(file_of(0), file_of(1)), 0);
    check_same("extra_trees", 5, "{n_estimators: 4, max_depth: 3}", 2);
}
END_TEST

/* Cut short at, or with another byte at, so many places of the file. */
START_TEST(says_what_is_damaged)
{
    enum { PLACES = 40, MOST_BYTES = 1 << 16 };
    char whole[MOST_BYTES];
    begin();
    FILE *read = fopen(file_of(1), "rb");
    ck_assert_ptr_nonnull(read);
    size_t bytes = fread(whole, 1, sizeof whole, read);
    fclose(read);
    for (size_t i = 0; i < 2 * PLACES; i++) {
        size_t at = (i / 2 * bytes + bytes / 2) / PLACES, size = i % 2 ? bytes : at;
        FILE *file = fopen(file_of(1), "wb");
        ck_assert_ptr_nonnull(file);
        char byte = whole[at];
        whole[at] = i % 2 ? (char)(byte ^ 4) : byte;
        ck_assert_uint_eq(fwrite(whole, 1, size, file), size);
        whole[at] = byte;
        fclose(file);
        check_same("random_forest", 4, "{n_estimators: 5}", 1);
        ck_assert_ptr_nonnull(strstr(reason, "fold-1.safetensors"));
    }
}
END_TEST

START_TEST(goes_on_in_threads)
{
    hn_thread_pool *pool = NULL;
    hn_scores scores, expected;
    ck_assert_int_eq(hn_thread_pool_create(3, &pool, &error), HONE_OK);
    for (int trees = 5; trees < 30; trees += 10) {
        hn_node *settings =
            hn_map_set(&arena, hn_node_map(&arena), "n_estimators", hn_node_integer(&arena, trees));
        hn_run_control control = {.checkpoints = folder, .fits_anew = fits_anew, .pool = pool};
        hn_validation *other = validate("gradient_boosting", 1), *alone = validate("gradient_boosting", 1);
        n_reasons = 0;
        ck_assert_int_eq(hn_validation_run(other, settings, &control, &scores, &error), HONE_OK);
        ck_assert_uint_eq(n_reasons, trees == 5 ? FOLDS : 0);
        ck_assert_int_eq(hn_validation_run(alone, settings, NULL, &expected, &error), HONE_OK);
        ck_assert_mem_eq(scores.test, expected.test, scores.n_metrics * FOLDS * sizeof *scores.test);
        hn_validation_destroy(other);
        hn_validation_destroy(alone);
        hn_scores_release(&scores);
        hn_scores_release(&expected);
    }
    hn_thread_pool_destroy(pool);
}
END_TEST

START_TEST(compared_times_are_of_whole_fits)
{
    hn_scores scores;
    hn_validation *apart = NULL;
    hn_validation_options options = {.folds = FOLDS, .apart = true};
    begin();
    ck_assert_int_eq(hn_remove_tree(folder, NULL), HONE_OK);
    ck_assert_int_eq(hn_make_directories(folder, &error), HONE_OK);
    ck_assert_int_eq(
        hn_validation_create(table, NULL, 0, hn_model_find("random_forest"), &options, &apart, &error),
        HONE_OK);
    ck_assert_int_eq(run(apart, "{n_estimators: 9}", true, &scores), HONE_OK);
    ck_assert(!hn_file_exists(file_of(0)));
    hn_validation_destroy(apart);
    hn_scores_release(&scores);
}
END_TEST

/* The fit is what it would be; there is only nothing to go on from. */
START_TEST(does_without_a_place_to_write)
{
    ck_assert_int_eq(hn_remove_tree(folder, NULL), HONE_OK);
    check_same("random_forest", 4, "{n_estimators: 5}", FOLDS);
    check_same("random_forest", 4, "{n_estimators: 9}", FOLDS);
}
END_TEST

Suite *suite_fold_checkpoint(void)
{
    Suite *suite = suite_create("fold_checkpoint");
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 120);
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_test(files, goes_on);
    tcase_add_test(files, goes_on_beside_fits_that_are_kept);
    tcase_add_test(files, passes_over_other_fits);
    tcase_add_test(files, says_what_is_damaged);
    tcase_add_test(files, goes_on_in_threads);
    tcase_add_test(files, compared_times_are_of_whole_fits);
    tcase_add_test(files, does_without_a_place_to_write);
    suite_add_tcase(suite, files);
    return suite;
}
