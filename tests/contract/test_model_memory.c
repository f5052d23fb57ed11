/* A fit holds at most three times its training matrix. Counted is the memory of the process that is resident
 * at the fit's peak: the matrix itself, scratch, ranked columns; not the model that the fit returns, which
 * grows with the number of trees asked for. Not asked of the SVM, whose kernel matrices are a cache with a
 * limit of its own, nor of XGBoost, whose library holds 3 to 5 such matrices here: a sketch of 0.7 MB a
 * column whatever the rows, or sorted floats with their row numbers. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "model/model.h"
#include "support.h"

enum { ROWS = 20000, COLUMNS = 50, PREDICTED = 2000 };

static const double most = 3;
static const double noise = 0.25; /* of the matrix: pages that the allocator keeps */

static hone_error error;
static double *x, *y;
static hn_arena arena, scratch;

/* Distinct numbers, whole numbers and indicators; the target depends on some of each. */
static void setup(void)
{
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    x = hn_calloc((size_t)ROWS * COLUMNS, sizeof *x);
    y = hn_calloc(ROWS, sizeof *y);
    ck_assert(x && y);
    for (size_t i = 0; i < ROWS; i++) {
        double *row = x + i * COLUMNS;
        for (size_t j = 0; j < COLUMNS; j++)
            row[j] = j % 5 == 0   ? (double)hn_random_below(&random, 2)
                     : j % 5 == 1 ? (double)hn_random_below(&random, 50) / 50
                                  : hn_random_uniform(&random);
        y[i] = row[0] + row[1] + row[2] * row[3] + 0.5 * hn_random_normal(&random);
    }
}

static void teardown(void)
{
    hn_arena_release(&arena);
    hn_arena_release(&scratch);
    hn_free(x);
    hn_free(y);
}

/* Small ensembles, to be quick. */
static void *configure(const hn_model_type *type, hn_model_task task)
{
    hn_node *options = hn_node_map(&arena);
    void *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    if (hn_option_find(&type->options, "n_estimators"))
        hn_map_set(&arena, options, "n_estimators", hn_node_integer(&arena, 3));
    if (hn_option_find(&type->options, "epochs"))
        hn_map_set(&arena, options, "epochs", hn_node_integer(&arena, 1));
    ck_assert_int_eq(hn_model_configure(type, task, &arena, options, config, &error), HONE_OK);
    return config;
}

/* In matrices: what the fit, and then a prediction, take at their peak beside the matrix. */
static void check_model(const hn_model_type *type, hn_model_task task)
{
    static const char *const classes[] = {"a", "b"};
    const double matrix = (double)ROWS * COLUMNS * sizeof *x;
    hn_fit_context context = {.scratch = &scratch};
    hn_design train = {.x = x, .n = ROWS, .d = COLUMNS, .y = task == HN_TASK_CLUSTERING ? NULL : y};
    void *config = configure(type, task), *fitted = NULL;
    double *out = hn_calloc(PREDICTED, sizeof *out), *target = hn_calloc(ROWS, sizeof *target);
    ck_assert(out && target);
    for (size_t i = 0; task == HN_TASK_CLASSIFICATION && i < ROWS; i++)
        target[i] = y[i] > 1.25;
    if (task == HN_TASK_CLASSIFICATION) {
        train.y = target;
        train.n_classes = 2;
        train.classes = classes;
    }
    ck_assert(hn_test_begin_peak() > 0);
    ck_assert_int_eq(type->fit(config, &train, &context, &fitted, &error), HONE_OK);
    double peak = hn_test_peak_bytes();
    hn_arena_release(&scratch);
    double after = hn_test_begin_peak(), fit = 1 + (peak - after) / matrix;
    train.n = PREDICTED;
    train.y = NULL;
    ck_assert_int_eq(type->predict(fitted, &train, out, &error), HONE_OK);
    double predict = (hn_test_peak_bytes() - after) / matrix;
    ck_assert_msg(fit < most + noise, "model %s holds %.2f training matrices", type->name, fit);
    ck_assert_msg(predict < 1, "model %s takes %.2f training matrices to predict", type->name, predict);
    type->destroy(fitted);
    hn_free(out);
    hn_free(target);
}

START_TEST(a_fit_holds_three_matrices)
{
    static const hn_model_task tasks[] = {HN_TASK_CLASSIFICATION, HN_TASK_REGRESSION, HN_TASK_CLUSTERING};
    const hn_model_type *type;
    if (getenv("HONE_SANITIZE"))
        HN_SKIP("sanitizers hold memory of their own");
    if (hn_test_begin_peak() == 0)
        HN_SKIP("the peak of the memory cannot be reset here");
    for (size_t i = 0; (type = hn_model_at(i)) != NULL; i++)
        for (size_t t = 0; t < sizeof tasks / sizeof *tasks; t++)
            if (type->tasks & (unsigned)tasks[t] && !type->library && strcmp(type->name, "svm") != 0)
                check_model(type, tasks[t]);
}
END_TEST

Suite *suite_model_memory(void)
{
    Suite *suite = suite_create("model_memory");
    TCase *memory = tcase_create("memory");
    tcase_set_timeout(memory, 240);
    tcase_add_checked_fixture(memory, setup, teardown);
    tcase_add_test(memory, a_fit_holds_three_matrices);
    suite_add_tcase(suite, memory);
    return suite;
}
