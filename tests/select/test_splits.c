/* Splits: those that draw nothing against tests/oracle/split_values.txt, written by split_oracle.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "select/splits.h"
#include "support.h"

enum { MOST_ROWS = 128 };

static hone_error error;
static double y[MOST_ROWS], groups[MOST_ROWS];
static hn_column group = {.name = "g", .kind = HN_COLUMN_NUMERIC, .values = groups};
static hn_dataset set = {
    .source = "test", .task = HN_TASK_CLASSIFICATION, .target = y, .n_classes = 3, .group = &group};
static size_t all[MOST_ROWS];

static void setup(void)
{
    for (size_t i = 0; i < MOST_ROWS; i++)
        all[i] = i;
}

static hone_status make(hn_split_options options, size_t n, hn_splits *splits)
{
    set.n_rows = n;
    return hn_splits_create(&options, &set, all, n, splits, &error);
}

static hn_split_kind kind_of(const char *name)
{
    int kind = 0;
    while (strcmp(hn_split_names[kind], name) != 0)
        kind++;
    return (hn_split_kind)kind;
}

/* --- oracle --- */

/* The numbers of the rest of a line; how many there are. */
static size_t read_numbers(char *text, double out[MOST_ROWS])
{
    char *words;
    size_t n = 0;
    for (char *word = strtok_r(text, " ", &words); word; word = strtok_r(NULL, " ", &words))
        ck_assert(hn_parse_double(word, strlen(word), false, &out[n++]));
    return n;
}

static void compare_rows(const char *kind, size_t split, const char *part, const size_t *ours, size_t n,
                         char *line)
{
    double expected[MOST_ROWS];
    ck_assert_msg(strncmp(line, part, strlen(part)) == 0, "not a line of %s: %s", part, line);
    size_t count = read_numbers(line + strlen(part), expected);
    ck_assert_msg(count == n, "%s, split %zu: %zu rows %s, scikit-learn has %zu", kind, split, n, part,
                  count);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(ours[i] == (size_t)expected[i], "%s, split %zu: row %zu %ss, scikit-learn has %g", kind,
                      split, ours[i], part, expected[i]);
}

START_TEST(unshuffled_splits_are_scikit_learns)
{
    char *path = hn_test_source("tests/oracle/split_values.txt"), *text = hn_test_read(path), *lines;
    size_t cases = 0;
    strtok_r(text, "\n", &lines);
    for (char *line = strtok_r(NULL, "\n", &lines); line; cases++) {
        char kind[32];
        size_t n, folds, order[MOST_ROWS], n_train, n_test;
        hn_splits splits;
        ck_assert_int_eq(sscanf(line, "%31s %zu %zu", kind, &n, &folds), 3);
        ck_assert_uint_eq(read_numbers(strtok_r(NULL, "\n", &lines) + 1, y), n);
        ck_assert_uint_eq(read_numbers(strtok_r(NULL, "\n", &lines) + 5, groups), n);
        hone_status status = make((hn_split_options){.kind = kind_of(kind), .folds = folds}, n, &splits);
        ck_assert_msg(status == HONE_OK, "%s", error.message);
        size_t split = 0;
        for (line = strtok_r(NULL, "\n", &lines); line && line[0] == 't' && line[1] != 'i'; split++) {
            hn_splits_rows(&splits, split, order, &n_train, &n_test);
            compare_rows(kind, split, "train", order, n_train, line);
            compare_rows(kind, split, "test", order + n_train, n_test, strtok_r(NULL, "\n", &lines));
            line = strtok_r(NULL, "\n", &lines);
        }
        ck_assert_uint_eq(split, splits.n_splits);
        hn_splits_release(&splits);
    }
    ck_assert_uint_eq(cases, 32);
    free(text);
    free(path);
}
END_TEST

/* --- drawn --- */

static void fill(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = (double)(i % 5 == 0);
        groups[i] = (double)(i / 4);
    }
}

/* Every row of each repeat is tested once, and each repeat is another one. */
START_TEST(repeats_are_drawn_anew)
{
    size_t order[MOST_ROWS], n_train, n_test, first[MOST_ROWS] = {0}, differ = 0;
    hn_splits splits;
    fill(60);
    ck_assert_int_eq(
        make((hn_split_options){.kind = HN_SPLIT_STRATIFIED, .folds = 4, .repeats = 3, .seed = 1}, 60,
             &splits),
        HONE_OK);
    ck_assert_uint_eq(splits.n_splits, 12);
    for (size_t r = 0; r < 3; r++) {
        size_t tested[MOST_ROWS] = {0};
        for (size_t f = 0; f < 4; f++) {
            hn_splits_rows(&splits, 4 * r + f, order, &n_train, &n_test);
            ck_assert_uint_eq(n_test, 15);
            for (size_t i = 0; i < n_test; i++) {
                size_t row = order[n_train + i];
                tested[row]++;
                differ += r > 0 && first[row] != f;
                first[row] = r == 0 ? f : first[row];
            }
        }
        for (size_t i = 0; i < 60; i++)
            ck_assert_uint_eq(tested[i], 1);
    }
    ck_assert(differ > 40);
    hn_splits_release(&splits);
}
END_TEST

START_TEST(draws_keep_the_share_and_the_classes)
{
    size_t a[MOST_ROWS], b[MOST_ROWS], n_train, n_test;
    hn_split_options options = {.kind = HN_SPLIT_SHUFFLE, .folds = 3, .test_share = 0.25, .seed = 9};
    hn_splits splits, again;
    fill(100);
    ck_assert_int_eq(make(options, 100, &splits), HONE_OK);
    ck_assert_int_eq(make(options, 100, &again), HONE_OK);
    ck_assert_uint_eq(splits.n_splits, 3);
    for (size_t k = 0; k < 3; k++) {
        hn_splits_rows(&splits, k, a, &n_train, &n_test);
        hn_splits_rows(&again, k, b, &n_train, &n_test);
        ck_assert_mem_eq(a, b, 100 * sizeof *a);
        ck_assert(n_train == 75 && n_test == 25);
        double second = 0;
        for (size_t i = 0; i < n_test; i++)
            second += y[a[n_train + i]];
        ck_assert_double_eq(second, 5);
    }
    hn_splits_rows(&splits, 0, b, &n_train, &n_test);
    ck_assert_mem_ne(a, b, 100 * sizeof *a);
    hn_splits_release(&splits);
    hn_splits_release(&again);
    options.kind = HN_SPLIT_HOLDOUT;
    options.test_share = 0;
    ck_assert_int_eq(make(options, 100, &splits), HONE_OK);
    hn_splits_rows(&splits, 0, a, &n_train, &n_test);
    ck_assert(splits.n_splits == 1 && n_test == 20);
    hn_splits_release(&splits);
}
END_TEST

START_TEST(shuffled_groups_stay_together)
{
    size_t order[MOST_ROWS], n_train, n_test, differ = 0;
    hn_splits splits, plain;
    fill(80);
    for (int kind = HN_SPLIT_GROUP; kind <= HN_SPLIT_STRATIFIED_GROUP; kind++) {
        hn_split_options options = {.kind = (hn_split_kind)kind, .folds = 5, .seed = 4};
        ck_assert_int_eq(make(options, 80, &plain), HONE_OK);
        options.shuffle = true;
        ck_assert_int_eq(make(options, 80, &splits), HONE_OK);
        for (size_t k = 0; k < 5; k++) {
            bool tested[MOST_ROWS] = {false};
            hn_splits_rows(&splits, k, order, &n_train, &n_test);
            ck_assert_uint_eq(n_test, 16); /* groups of equal size */
            for (size_t i = 0; i < n_test; i++)
                tested[(size_t)groups[order[n_train + i]]] = true;
            for (size_t i = 0; i < n_train; i++)
                ck_assert(!tested[(size_t)groups[order[i]]]);
        }
        for (size_t i = 0; i < 80; i++)
            differ += splits.fold_of[i] != plain.fold_of[i];
        hn_splits_release(&splits);
        hn_splits_release(&plain);
    }
    ck_assert(differ > 0);
}
END_TEST

/* --- errors --- */

static void refuses(hn_split_options options, size_t n, const char *message)
{
    hn_splits splits;
    ck_assert_int_eq(make(options, n, &splits), HONE_INVALID);
    hn_assert_contains(error.message, message);
    hn_splits_release(&splits);
}

START_TEST(impossible_splits_say_why)
{
    fill(20); /* 5 groups */
    refuses((hn_split_options){.kind = HN_SPLIT_GROUP, .folds = 6}, 20, "column g: 6 folds of 5 groups");
    refuses((hn_split_options){.kind = HN_SPLIT_STRATIFIED, .folds = 18}, 20,
            "no class has more than 16 rows");
    refuses((hn_split_options){.kind = HN_SPLIT_PLAIN, .folds = 21}, 20, "21 folds of 20 rows");
    refuses((hn_split_options){.kind = HN_SPLIT_TIME_SERIES, .folds = 20}, 20, "allowed are 2 to 19");
    refuses((hn_split_options){.kind = HN_SPLIT_SHUFFLE, .test_share = 1.5}, 20, "between 0 and 1");
    refuses((hn_split_options){.kind = HN_SPLIT_LEAVE_ONE_OUT}, 1, "1 row cannot be split");
    refuses((hn_split_options){.kind = HN_SPLIT_LEAVE_ONE_GROUP_OUT}, 3, "needs two groups, here is 1");
    groups[3] = 0.5;
    refuses((hn_split_options){.kind = HN_SPLIT_PREDEFINED}, 20, "must hold whole numbers");
    refuses((hn_split_options){.kind = HN_SPLIT_PREDEFINED}, 3, "puts all rows on one side");
    set.group = NULL;
    refuses((hn_split_options){.kind = HN_SPLIT_GROUP}, 20, "cv: group needs a column");
    set.group = &group;
    set.task = HN_TASK_REGRESSION;
    refuses((hn_split_options){.kind = HN_SPLIT_STRATIFIED_GROUP}, 20, "is for classes; use group");
    set.task = HN_TASK_CLASSIFICATION;
}
END_TEST

Suite *suite_splits(void)
{
    Suite *suite = suite_create("splits");
    TCase *cases = tcase_create("splits");
    tcase_add_checked_fixture(cases, setup, NULL);
    tcase_add_test(cases, unshuffled_splits_are_scikit_learns);
    tcase_add_test(cases, repeats_are_drawn_anew);
    tcase_add_test(cases, draws_keep_the_share_and_the_classes);
    tcase_add_test(cases, shuffled_groups_stay_together);
    tcase_add_test(cases, impossible_splits_say_why);
    suite_add_tcase(suite, cases);
    return suite;
}
