/* Imputing, scaling and choosing columns against tests/oracle/preprocess_values.txt, written by
 * preprocess_oracle.py; encodings; what is kept of a choice in a file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/preprocess.h"
#include "support.h"

enum { N = 36, D = 6, TRAIN = 24 };

static hone_error error;
static hn_arena arena;

static void teardown(void)
{
    hn_arena_release(&arena);
}

static void read_line(char *line, double out[N])
{
    char *words;
    size_t n = 0;
    for (char *word = strtok_r(line, " ", &words); word; word = strtok_r(NULL, " ", &words))
        ck_assert(n < N && hn_parse_double(word, strlen(word), true, &out[n++]));
    ck_assert_uint_eq(n, N);
}

static hn_preprocess_options options_of(const char *text)
{
    hn_preprocess_options options;
    hn_node *map = NULL;
    ck_assert_int_eq(hn_yaml_parse(&arena, "options", text, strlen(text), &map, &error), HONE_OK);
    ck_assert_msg(hn_options_apply(&arena, &hn_preprocess_table, "preprocess", map, &options, &error) ==
                      HONE_OK,
                  "%s", error.message);
    return options;
}

static hn_dataset *table_of(const double *x, const double *y, hn_model_task task)
{
    hn_dataset *set = NULL;
    ck_assert_int_eq(hn_dataset_from_arrays(x, N, D, y, NULL, task, &set, &error), HONE_OK);
    return set;
}

/* The matrix of all rows as saved, loaded and applied; fitted on the first TRAIN. */
static double *matrix_of(const hn_dataset *set, const hn_preprocess_options *options, size_t *width)
{
    size_t rows[TRAIN];
    hn_preprocess *fitted = NULL, *loaded = NULL;
    for (size_t i = 0; i < TRAIN; i++)
        rows[i] = i;
    ck_assert_msg(hn_preprocess_fit(options, set, rows, TRAIN, &fitted, &error) == HONE_OK, "%s",
                  error.message);
    ck_assert_msg(hn_preprocess_load(hn_preprocess_save(fitted, &arena), &loaded, &error) == HONE_OK, "%s",
                  error.message);
    *width = hn_preprocess_width(loaded);
    double *out = hn_calloc(set->n_rows * *width, sizeof *out);
    ck_assert_int_eq(hn_preprocess_apply(loaded, set, NULL, 0, out, &error), HONE_OK);
    hn_preprocess_destroy(fitted);
    hn_preprocess_destroy(loaded);
    return out;
}

static void compare_case(const hn_dataset *set, const char *text, char **lines, char **line)
{
    size_t width, column = 0;
    hn_preprocess_options options = options_of(text);
    double *out = matrix_of(set, &options, &width), expected[N];
    for (*line = strtok_r(NULL, "\n", lines); *line && strncmp(*line, "case", 4) != 0; column++) {
        read_line(*line, expected);
        ck_assert_msg(column < width, "%s: only %zu columns", text, width);
        for (size_t i = 0; i < N; i++)
            ck_assert_msg(hn_test_close(out[i * width + column], expected[i], 1e-10, 1e-10),
                          "%s: column %zu of row %zu is %.17g, scikit-learn has %.17g", text, column, i,
                          out[i * width + column], expected[i]);
        *line = strtok_r(NULL, "\n", lines);
    }
    ck_assert_msg(column == width, "%s: %zu columns, scikit-learn has %zu", text, width, column);
    hn_free(out);
}

START_TEST(pipelines_are_scikit_learns)
{
    char *path = hn_test_source("tests/oracle/preprocess_values.txt"), *text = hn_test_read(path), *lines;
    double x[N * D], column[N], classes[N], values[N];
    size_t cases = 0;
    strtok_r(text, "\n", &lines);
    ck_assert_str_eq(strtok_r(NULL, "\n", &lines), "table 36 6");
    for (size_t j = 0; j < D; j++) {
        read_line(strtok_r(NULL, "\n", &lines), column);
        for (size_t i = 0; i < N; i++)
            x[i * D + j] = column[i];
    }
    read_line(strtok_r(NULL, "\n", &lines), classes);
    read_line(strtok_r(NULL, "\n", &lines), values);
    hn_dataset *classify = table_of(x, classes, HN_TASK_CLASSIFICATION),
               *regress = table_of(x, values, HN_TASK_REGRESSION);
    for (char *line = strtok_r(NULL, "\n", &lines); line; cases++) {
        bool numbers = strncmp(line, "case values", 11) == 0;
        char *options = strchr(line, '{');
        compare_case(numbers ? regress : classify, options, &lines, &line);
    }
    ck_assert_uint_eq(cases, 26);
    hn_dataset_destroy(classify);
    hn_dataset_destroy(regress);
    free(text);
    free(path);
}
END_TEST

START_TEST(ordinal_columns_hold_the_index)
{
    static const char *const names[] = {"blue", "green", "red"};
    double codes[] = {2, 0, 0, NAN, 1};
    hn_column column = {.name = "c",
                        .kind = HN_COLUMN_CATEGORICAL,
                        .values = codes,
                        .n_missing = 1,
                        .n_categories = 3,
                        .categories = names};
    hn_dataset set = {.source = "t", .n_rows = 5, .n_columns = 1, .columns = &column};
    hn_preprocess_options options = options_of("{encode: ordinal}");
    size_t rows[] = {0, 1, 2, 3};
    double out[5];
    hn_preprocess *fitted = NULL;
    ck_assert_int_eq(hn_preprocess_fit(&options, &set, rows, 4, &fitted, &error), HONE_OK);
    ck_assert_uint_eq(hn_preprocess_width(fitted), 1);
    ck_assert_int_eq(hn_preprocess_apply(fitted, &set, NULL, 0, out, &error), HONE_OK);
    double expected[] = {1, 0, 0, 0, -1}; /* green was not seen */
    ck_assert_mem_eq(out, expected, sizeof out);
    hn_preprocess_destroy(fitted);
}
END_TEST

START_TEST(bad_choices_are_refused)
{
    double x[N * D] = {0}, y[N];
    for (size_t i = 0; i < N; i++)
        y[i] = (double)(i % 2);
    hn_dataset *set = table_of(x, y, HN_TASK_CLASSIFICATION);
    hn_preprocess *fitted = NULL;
    hn_preprocess_options options = options_of("{min_variance: 1}");
    ck_assert_int_eq(hn_preprocess_fit(&options, set, NULL, 0, &fitted, &error), HONE_INVALID);
    hn_assert_contains(error.message, "no column varies by more than min_variance");
    options = options_of("{select: 2}");
    ck_assert_int_eq(hn_preprocess_fit(&options, set, NULL, 0, &fitted, &error), HONE_OK);
    ck_assert_uint_eq(hn_preprocess_width(fitted), 2);
    hn_node *saved = hn_preprocess_save(fitted, &arena);
    hn_preprocess_destroy(fitted);
    hn_node *list = hn_node_list(&arena); /* twice the same */
    for (size_t i = 0; i < 2; i++)
        list = hn_list_append(&arena, list, hn_node_integer(&arena, 3));
    saved = hn_map_set(&arena, saved, "kept", list);
    ck_assert_int_eq(hn_preprocess_load(saved, &fitted, &error), HONE_PARSE);
    hn_assert_contains(error.message, "keeps columns that it does not make");
    hn_dataset_destroy(set);
}
END_TEST

Suite *suite_preprocess(void)
{
    Suite *suite = suite_create("preprocess");
    TCase *cases = tcase_create("preprocess");
    tcase_add_checked_fixture(cases, NULL, teardown);
    tcase_add_test(cases, pipelines_are_scikit_learns);
    tcase_add_test(cases, ordinal_columns_hold_the_index);
    tcase_add_test(cases, bad_choices_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
