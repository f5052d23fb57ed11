/* The model xgboost against XGBoost's Python package on the same rows (tests/oracle/xgboost_oracle.py): the
 * same trees, so the same predictions up to sums in doubles instead of floats.
 */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "model/model.h"
#include "oracle_data.h"
#include "support.h"

enum { SHOWN = 40, MOST_CLASSES = 4 };

static hone_error error;
static hn_arena arena, scratch;
static double x[ORACLE_ROWS * ORACLE_COLUMNS], y[ORACLE_ROWS], weight[ORACLE_ROWS];
static const char *const classes[] = {"0", "1", "2", "3"};

static void setup(void)
{
    for (size_t i = 0; i < ORACLE_ROWS; i++)
        weight[i] = 0.5 + (double)(i % 3);
}

static void teardown(void)
{
    hn_arena_release(&arena);
    hn_arena_release(&scratch);
}

/* Compares (n,) with the numbers of a line. */
static void check_numbers(const char *what, char *line, const double *values, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++) {
        double expected = 0;
        char *word = strsep(&line, " ");
        ck_assert(word && hn_parse_double(word, strlen(word), false, &expected));
        ck_assert_msg(hn_test_close(values[i], expected, tolerance, tolerance),
                      "%s, number %zu: %.9g, not %.9g", what, i, values[i], expected);
    }
    ck_assert_ptr_null(line);
}

/* spec: "task weights options", the options as in xgboost:a=1,b=2. */
static void *fit_case(const hn_model_type *type, char *spec, hn_design *train)
{
    char *name = strsep(&spec, " "), *weighted = strsep(&spec, " ");
    size_t n_classes = strcmp(name, "four") == 0 ? 4 : strcmp(name, "two") == 0 ? 2 : 0;
    hn_model_task task = n_classes ? HN_TASK_CLASSIFICATION : HN_TASK_REGRESSION;
    const char *text =
        hn_arena_printf(&arena, "xgboost%s%s", *spec == '-' ? "" : ":", *spec == '-' ? "" : spec);
    hn_spec given;
    void *fitted = NULL, *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    hn_fit_context context = {.seed = 7, .scratch = &scratch};
    oracle_data(name, x, y);
    *train = (hn_design){.x = x,
                         .n = ORACLE_ROWS,
                         .d = ORACLE_COLUMNS,
                         .y = y,
                         .weight = *weighted == '1' ? weight : NULL,
                         .n_classes = n_classes,
                         .classes = n_classes ? classes : NULL};
    ck_assert_int_eq(hn_spec_from_text(&arena, text, "model", &given, &error), HONE_OK);
    ck_assert_msg(hn_model_configure(type, task, &arena, given.options, config, &error) == HONE_OK, "%s",
                  error.message);
    ck_assert_msg(type->fit(config, train, &context, &fitted, &error) == HONE_OK, "%s", error.message);
    return fitted;
}

static void check_case(const hn_model_type *type, char *spec, char *gains, char *predictions)
{
    hn_design rows;
    double importance[ORACLE_COLUMNS], out[SHOWN * MOST_CLASSES];
    char *what = hn_arena_strdup(&arena, spec);
    void *fitted = fit_case(type, spec, &rows);
    rows.n = SHOWN;
    ck_assert_int_eq(type->importance(fitted, importance, ORACLE_COLUMNS, &error), HONE_OK);
    check_numbers(what, gains, importance, ORACLE_COLUMNS, 1e-5);
    if (rows.n_classes == 0)
        ck_assert_int_eq(type->predict(fitted, &rows, out, &error), HONE_OK);
    else
        ck_assert_int_eq(type->predict_proba(fitted, &rows, out, &error), HONE_OK);
    size_t columns = rows.n_classes == 4 ? 4 : 1;
    for (size_t i = 0; rows.n_classes == 2 && i < SHOWN; i++)
        out[i] = out[2 * i + 1]; /* the oracle shows the second class */
    check_numbers(what, predictions, out, SHOWN * columns, 2e-6);
    type->destroy(fitted);
}

START_TEST(predicts_what_xgboost_does)
{
    const hn_model_type *type = hn_model_find("xgboost");
    const char *library = NULL;
    if (type->library(&library, &error))
        HN_SKIP("%s", error.message);
    char *path = hn_test_source("tests/oracle/xgboost_values.txt"), *text = hn_test_read(path), *rest = text;
    char *version = strsep(&rest, "\n"), *spec;
    size_t cases = 0;
    if (!strstr(library, version))
        HN_SKIP("the values are XGBoost %s's, here is %s", version, library);
    for (; (spec = strsep(&rest, "\n")) != NULL && *spec; cases++) {
        char *gains = strsep(&rest, "\n"), *predictions = strsep(&rest, "\n");
        check_case(type, spec, gains, predictions);
    }
    ck_assert_uint_eq(cases, 24);
    free(text);
    free(path);
}
END_TEST

Suite *suite_xgboost(void)
{
    Suite *suite = suite_create("xgboost");
    TCase *oracle = tcase_create("oracle");
    tcase_add_checked_fixture(oracle, setup, teardown);
    tcase_add_test(oracle, predicts_what_xgboost_does);
    suite_add_tcase(suite, oracle);
    return suite;
}
