/* What fits in steps add to the contract: they are told, stopped, kept in a checkpoint and gone on with. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "math/random.h"
#include "model/sequential.h"
#include "support.h"

enum { ROWS = 90, COLUMNS = 4, EPOCHS = 7 };

static const char usual[] =
    "{layers: [{dense: 6, batch_norm: {}, activation: relu, dropout: 0.3}, output], epochs: 7,"
    " batch_size: 16, patience: 5, schedule: cosine, learning_rate: 0.01}";

static hone_error error;
static hn_arena arena, scratch;
static double x[ROWS * COLUMNS], y[ROWS];
static char *path, logged[1024];

static void take_log(void *user, hn_log_level level, const char *message)
{
    (void)user;
    (void)level;
    snprintf(logged, sizeof logged, "%s", message);
}

static void setup(void)
{
    hn_random random = hn_random_stream(8, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++) {
            x[i * COLUMNS + j] = hn_random_normal(&random);
        }
        y[i] = x[i * COLUMNS] + hn_random_normal(&random) > 0;
    }
    char *folder = hn_test_temp_dir();
    path = hn_test_path(folder, "checkpoint");
    free(folder);
    logged[0] = '\0';
    hn_log_set(take_log, NULL, HN_LOG_INFO);
}

static void teardown(void)
{
    hn_log_set(NULL, NULL, HN_LOG_ERROR);
    unlink(path);
    free(path);
    hn_arena_release(&arena);
    hn_arena_release(&scratch);
}

static hn_design design(void)
{
    static const char *const classes[] = {"no", "yes"};
    return (hn_design){.x = x, .n = ROWS, .d = COLUMNS, .y = y, .n_classes = 2, .classes = classes};
}

/* The steps that were told; false after `most`. */
typedef struct watch {
    int64_t first, last, most;
    double proba[2 * ROWS]; /* by the model of the last one */
} watch;

static bool see(void *user, const hn_fit_step *step)
{
    watch *w = user;
    hn_design rows = design();
    w->first = w->first ? w->first : step->number;
    w->last = step->number;
    ck_assert_int_eq(step->total, EPOCHS);
    ck_assert(step->loss > 0 && step->watched > 0 && step->rate > 0 && step->seconds >= 0);
    ck_assert_int_eq(hn_sequential_predict_proba(step->fitted, &rows, w->proba, &error), HONE_OK);
    return !w->most || step->number < w->most;
}

/* Fits; proba (2 * ROWS,) of the fitted model. */
static void fit(const char *options, hn_fit_context context, watch *w, double *proba)
{
    hn_node *given = NULL;
    hn_design train = design();
    void *fitted = NULL, *config = hn_arena_alloc(&arena, 1, hn_model_sequential.options.config_size);
    ck_assert_int_eq(hn_yaml_parse(&arena, "options", options, strlen(options), &given, &error), HONE_OK);
    hone_status status =
        hn_model_configure(&hn_model_sequential, HN_TASK_CLASSIFICATION, &arena, given, config, &error);
    context.seed = 4;
    context.scratch = &scratch;
    context.step_done = w ? see : NULL;
    context.step_user = w;
    if (!status) {
        status = hn_sequential_fit(config, &train, &context, &fitted, &error);
    }
    ck_assert_msg(!status, "%s", error.message);
    ck_assert_int_eq(hn_sequential_predict_proba(fitted, &train, proba, &error), HONE_OK);
    hn_sequential_destroy(fitted);
}

START_TEST(steps_are_told_and_end_the_fit)
{
    double whole[2 * ROWS], part[2 * ROWS];
    watch all = {0}, stopped = {.most = 3}, limited = {0};
    fit(usual, (hn_fit_context){0}, &all, whole);
    ck_assert(all.first == 1 && all.last == EPOCHS);
    fit(usual, (hn_fit_context){0}, &stopped, part);
    ck_assert_int_eq(stopped.last, 3);
    ck_assert_mem_eq(part, stopped.proba, sizeof part);
    fit(usual, (hn_fit_context){.most_steps = 3}, &limited, whole);
    ck_assert_int_eq(limited.last, 3);
    ck_assert_mem_eq(whole, part, sizeof part);
}
END_TEST

/* With dropout, statistics of batches, momentum, early stopping and a schedule. */
START_TEST(goes_on_bit_for_bit)
{
    double whole[2 * ROWS], resumed[2 * ROWS];
    watch first = {.most = 3}, second = {0};
    fit(usual, (hn_fit_context){0}, NULL, whole);
    fit(usual, (hn_fit_context){.checkpoint = path}, &first, resumed);
    ck_assert_mem_ne(resumed, whole, sizeof whole);
    fit(usual, (hn_fit_context){.checkpoint = path}, &second, resumed);
    ck_assert(second.first == 4 && second.last == EPOCHS);
    ck_assert_msg(strstr(logged, "goes on after epoch 3"), "%s", logged);
    ck_assert_mem_eq(resumed, whole, sizeof whole);
}
END_TEST

START_TEST(a_budget_reached_before_takes_no_step)
{
    double once[2 * ROWS], twice[2 * ROWS];
    watch none = {0};
    fit(usual, (hn_fit_context){.checkpoint = path, .most_steps = 2}, NULL, once);
    fit(usual, (hn_fit_context){.checkpoint = path, .most_steps = 2}, &none, twice);
    ck_assert_int_eq(none.first, 0);
    ck_assert_mem_eq(once, twice, sizeof once);
}
END_TEST

/* The fit starts anew and says why. */
static void starts_anew(const char *options, const char *why)
{
    double anew[2 * ROWS], with[2 * ROWS];
    watch steps = {0};
    fit(options, (hn_fit_context){0}, NULL, anew);
    fit(options, (hn_fit_context){.checkpoint = path}, &steps, with);
    ck_assert_int_eq(steps.first, 1);
    ck_assert_msg(strstr(logged, why) && strstr(logged, "the fit starts anew"), "%s", logged);
    ck_assert_mem_eq(anew, with, sizeof anew);
}

START_TEST(another_fit_is_refused)
{
    static const struct {
        const char *options, *why;
    } others[] = {
        {"{layers: [{dense: 5}, output], epochs: 7, patience: 5}",
         "is of another fit: its layers is another"},
        {"{layers: [{dense: 6, batch_norm: {}, activation: relu, dropout: 0.3}, output], epochs: 7, "
         "batch_size: 16, patience: 5, schedule: cosine, learning_rate: 0.02}",
         "is of another fit: its learning_rate is another"},
    };
    for (size_t i = 0; i < 2; i++) {
        double proba[2 * ROWS];
        fit(usual, (hn_fit_context){.checkpoint = path, .most_steps = 2}, NULL, proba);
        starts_anew(others[i].options, others[i].why);
        unlink(path);
    }
    double proba[2 * ROWS];
    fit(usual, (hn_fit_context){.checkpoint = path, .most_steps = 2}, NULL, proba);
    y[7] = 1 - y[7];
    starts_anew(usual, "is of another fit: its data has other rows");
}
END_TEST

/* Any prefix, any byte flipped in its middle: refused or, where it is a value's byte, taken as it is. */
START_TEST(a_damaged_one_is_refused)
{
    double proba[2 * ROWS];
    static char bytes[1 << 16];
    fit(usual, (hn_fit_context){.checkpoint = path, .most_steps = 2}, NULL, proba);
    FILE *file = fopen(path, "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    ck_assert(size > 1000 && size < sizeof bytes);
    for (size_t cut = 0; cut < 4; cut++) {
        file = fopen(path, "wb");
        fwrite(bytes, 1, size * cut / 4, file);
        fclose(file);
        starts_anew(usual, path);
    }
    memcpy(bytes + size - 4, "\0\0\xc0\x7f", 4); /* NaN */
    file = fopen(path, "wb");
    fwrite(bytes, 1, size, file);
    fclose(file);
    starts_anew(usual, "has another form than hone writes");
}
END_TEST

/* Logistic regression from zeros by seven steps of the weighted mean's gradient, in doubles: proba (2 *
 * ROWS,). */
static void descend_weighted(const double factor[2], double *proba)
{
    double w[COLUMNS + 1] = {0};
    for (int epoch = 0; epoch <= EPOCHS; epoch++) {
        double gradient[COLUMNS + 1] = {0}, total = 0;
        for (size_t i = 0; i < ROWS; i++) {
            double z = w[COLUMNS], weight = factor[(size_t)y[i]];
            for (size_t j = 0; j < COLUMNS; j++) {
                z += w[j] * x[i * COLUMNS + j];
            }
            double p = 1 / (1 + exp(-z));
            proba[2 * i] = 1 - p;
            proba[2 * i + 1] = p;
            total += weight;
            for (size_t j = 0; j <= COLUMNS; j++) {
                gradient[j] += weight * (p - y[i]) * (j < COLUMNS ? x[i * COLUMNS + j] : 1);
            }
        }
        for (size_t j = 0; j <= COLUMNS; j++) {
            w[j] -= gradient[j] / total;
        }
    }
}

/* The weights of classes multiply the rows' losses, whose mean is weighted: as PyTorch's CrossEntropyLoss. */
START_TEST(classes_weigh)
{
    static const char options[] =
        "{layers: [{dense: {units: 1, init: zeros, activation: sigmoid}}], optimizer: sgd,"
        " learning_rate: 1, epochs: 7, batch_size: 90, class_weight: %s}";
    double ones = 0;
    for (size_t i = 0; i < ROWS; i++) {
        y[i] = y[i] > 0 && i % 4 == 0; /* few */
        ones += y[i];
    }
    const struct {
        const char *given;
        double factor[2];
    } cases[] = {
        {"none", {1, 1}},
        {"{yes: 5}", {1, 5}},
        {"{yes: 0.25, no: 3}", {3, 0.25}},
        {"balanced", {ROWS / (2 * (ROWS - ones)), ROWS / (2 * ones)}},
    };
    double before = 0;
    for (size_t c = 0; c < 4; c++) {
        char text[512];
        double found[2 * ROWS], expected[2 * ROWS];
        snprintf(text, sizeof text, options, cases[c].given);
        fit(text, (hn_fit_context){0}, NULL, found);
        descend_weighted(cases[c].factor, expected);
        for (size_t i = 0; i < 2 * ROWS; i++) {
            hn_assert_absolute(found[i], expected[i], 1e-5);
        }
        ck_assert(found[1] != before);
        before = found[1];
    }
}
END_TEST

Suite *suite_sequential(void)
{
    Suite *suite = suite_create("sequential");
    TCase *c = tcase_create("steps");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, steps_are_told_and_end_the_fit);
    tcase_add_test(c, goes_on_bit_for_bit);
    tcase_add_test(c, a_budget_reached_before_takes_no_step);
    tcase_add_test(c, another_fit_is_refused);
    tcase_add_test(c, a_damaged_one_is_refused);
    tcase_add_test(c, classes_weigh);
    suite_add_tcase(suite, c);
    return suite;
}
