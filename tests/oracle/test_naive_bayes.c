/* Naive Bayes against scikit-learn 1.2 (linear_oracle.py, linear_values.txt). */
#include "linear_values.h"
#include "support.h"

static hone_error error;

static void setup(void)
{
    linear_values_open();
}

static void teardown(void)
{
    linear_values_close();
}

static void compare(const char *name, const char *options, const char *data)
{
    double proba[30];
    const hn_model_type *type = hn_model_find("naive_bayes");
    hn_design train = linear_values_design("three", ROWS);
    train.x = linear_values_get(data, ROWS * COLUMNS);
    train.weight = linear_values_get("weight", ROWS);
    void *fitted = linear_values_fit("naive_bayes", options, &train);
    hn_design rows = {.x = train.x, .n = 10, .d = COLUMNS};
    ck_assert_int_eq(type->predict_proba(fitted, &rows, proba, &error), HONE_OK);
    linear_values_compare(name, proba, 30, 1e-10);
    type->destroy(fitted);
}

START_TEST(gaussian)
{
    compare("gaussian", "{}", "x");
}
END_TEST

START_TEST(multinomial)
{
    compare("multinomial_1", "{kind: multinomial}", "counts");
    compare("multinomial_0.01", "{kind: multinomial, alpha: 0.01}", "counts");
}
END_TEST

START_TEST(multinomial_refuses_what_is_below_zero)
{
    hn_arena arena = HN_ARENA_INIT, scratch = HN_ARENA_INIT;
    const hn_model_type *type = hn_model_find("naive_bayes");
    hn_design train = linear_values_design("three", ROWS);
    hn_node *given = hn_map_set(&arena, hn_node_map(&arena), "kind", hn_node_string(&arena, "multinomial"));
    hn_fit_context context = {.scratch = &scratch};
    void *config = hn_arena_alloc(&arena, 1, type->options.config_size), *fitted = NULL;
    ck_assert_int_eq(hn_model_configure(type, HN_TASK_CLASSIFICATION, &arena, given, config, &error),
                     HONE_OK);
    ck_assert_int_eq(type->fit(config, &train, &context, &fitted, &error), HONE_INVALID);
    hn_assert_contains(error.message, "naive_bayes: multinomial takes counts, row");
    hn_arena_release(&arena);
    hn_arena_release(&scratch);
}
END_TEST

Suite *suite_naive_bayes(void)
{
    Suite *suite = suite_create("naive_bayes oracle");
    TCase *values = tcase_create("scikit-learn");
    tcase_add_checked_fixture(values, setup, teardown);
    tcase_add_test(values, gaussian);
    tcase_add_test(values, multinomial);
    tcase_add_test(values, multinomial_refuses_what_is_below_zero);
    suite_add_tcase(suite, values);
    return suite;
}
