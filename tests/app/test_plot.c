/* What is said of curves, and options of another version. */
#include <math.h>
#include <string.h>

#include "app/plot_curve.h"
#include "support.h"

enum { POINTS = 3, FOLDS = 4 };

static hn_curve curve;
static hn_buffer note;
static hone_error error;

static void teardown(void)
{
    hn_buffer_release(&note);
    hn_curve_release(&curve);
}

/* Folds differ by `spread` around the means; higher is better unless `metric` says otherwise. */
static void make(const char *metric, const double train[POINTS], const double test[POINTS], double spread)
{
    const hn_metric *found = NULL;
    hn_model_task task = !strcmp(metric, "mae") ? HN_TASK_REGRESSION : HN_TASK_CLASSIFICATION;
    hn_curve_release(&curve);
    hn_buffer_clear(&note);
    ck_assert(!hn_metric_require(metric, task, 2, &found, &error));
    ck_assert(!hn_curve_init(found, POINTS, FOLDS, &curve, &error));
    for (size_t i = 0; i < POINTS * FOLDS; i++) {
        double away = spread * ((double)(i % FOLDS) - 1.5);
        curve.train[i] = train[i / FOLDS] + away / 10;
        curve.test[i] = test[i / FOLDS] + away;
    }
    hn_curve_summarise(&curve);
}

static const char *const sizes[] = {"100", "200", "400"}, *const values[] = {"0.1", "1", "10"};
static const double numbers[] = {0.1, 1, 10};

static const char *learnt(void)
{
    hn_learning_note(&curve, &(hn_curve_points){.title = "training rows", .texts = sizes}, &note);
    return hn_buffer_string(&note);
}

static const char *validated(void)
{
    hn_validation_note(&curve, &(hn_curve_points){.title = "C", .texts = values, .numbers = numbers}, &note);
    return hn_buffer_string(&note);
}

START_TEST(learning_curves_are_read)
{
    make("accuracy", (double[]){1, 0.99, 0.98}, (double[]){0.7, 0.75, 0.8}, 0.01);
    ck_assert_str_eq(learnt(),
                     "With 400 rows accuracy is 0.980 in training and 0.800 in validation: a gap of 0.180, "
                     "it overfits. Validation still improves from 200 rows on: more rows will help.");
    make("accuracy", (double[]){0.82, 0.81, 0.81}, (double[]){0.79, 0.8, 0.8}, 0.01);
    hn_assert_contains(learnt(), "hardly a gap. Validation has levelled off: a more flexible model may help");
    make("mae", (double[]){1, 1, 1}, (double[]){9, 5, 3}, 0.1);
    hn_assert_contains(learnt(), "a gap of 2.00, it overfits. Validation still improves");
    make("accuracy", (double[]){1, 1, 1}, (double[]){0.8, 0.8, 0.8}, 0.01);
    hn_assert_contains(learnt(), "a simpler or more regularised model may help more than more rows");
    make("roc_auc", (double[]){1, 1, 1}, (double[]){NAN, 0.8, 0.8}, 0.01);
    hn_assert_contains(learnt(), "roc_auc is not defined for every fold");
}
END_TEST

START_TEST(validation_curves_are_read)
{
    make("accuracy", (double[]){0.6, 0.82, 0.95}, (double[]){0.6, 0.8, 0.7}, 0.01);
    ck_assert_str_eq(validated(),
                     "Validation is best at C 1: accuracy is 0.820 in training and 0.800 in validation. "
                     "Towards C 0.1 it underfits: both lose. Towards C 10 it overfits: training gains, "
                     "validation loses.");
    make("mae", (double[]){5, 3, 1}, (double[]){6, 4, 2}, 0.01);
    hn_assert_contains(validated(), "best at C 10");
    hn_assert_contains(hn_buffer_string(&note), "The best is at the end of the range: widen it.");
    make("accuracy", (double[]){0.8, 0.8, 0.8}, (double[]){0.8, 0.8, 0.8}, 0.01);
    ck_assert_ptr_null(strstr(validated(), "Towards"));
}
END_TEST

static void forget(void *user, const char *text, size_t size)
{
    (void)user;
    (void)text;
    (void)size;
}

START_TEST(options_of_another_version_are_refused)
{
    hone_sink sink = {.write = forget};
    hone_plan *plan = NULL;
    ck_assert(!hone_plan_create(&plan, &error));
    ck_assert_int_eq(
        hone_plot_learning_curve(plan, &(hone_curve_options){0}, HONE_FORMAT_TEXT, &sink, &error),
        HONE_INVALID);
    hn_assert_contains(error.message, "hone_curve_options has struct_size 0");
    ck_assert_int_eq(
        hone_show_importance("m", "d", &(hone_importance_options){0}, HONE_FORMAT_TEXT, &sink, &error),
        HONE_INVALID);
    ck_assert_int_eq(
        hone_plot_dependence("m", "d", &(hone_dependence_options){0}, HONE_FORMAT_TEXT, &sink, &error),
        HONE_INVALID);
    hone_plan_destroy(plan);
}
END_TEST

Suite *suite_plot(void)
{
    Suite *suite = suite_create("plot");
    TCase *notes = tcase_create("notes");
    tcase_add_checked_fixture(notes, NULL, teardown);
    tcase_add_test(notes, learning_curves_are_read);
    tcase_add_test(notes, validation_curves_are_read);
    tcase_add_test(notes, options_of_another_version_are_refused);
    suite_add_tcase(suite, notes);
    return suite;
}
