/* Metrics of the user's functions, and what the public interface says of weights. */
#include <math.h>
#include <string.h>

#include "hone/ml.h"
#include "support.h"

enum { ROWS = 60 };

static hone_error error;
static hone_dataset *dataset;

static void setup(void)
{
    double x[ROWS], y[ROWS], weight[ROWS];
    for (int i = 0; i < ROWS; i++) {
        x[i] = sin(7 * i) + (i % 2);
        y[i] = i % 2;
        weight[i] = 1 + i % 3;
    }
    ck_assert_msg(hone_dataset_create(x, ROWS, 1, y, weight, HONE_CLASSIFICATION, &dataset, &error) ==
                      HONE_OK,
                  "%s", error.message);
}

static void teardown(void)
{
    hone_dataset_destroy(dataset);
}

/* user: a factor. The weighted accuracy, and a check of what is given. */
static hone_status scaled_accuracy(void *user, const hone_predictions *p, double *value, hone_error *err)
{
    double hits = 0, total = 0;
    (void)err;
    if (p->struct_size != sizeof *p || p->task != HONE_CLASSIFICATION || p->n_classes != 2 || !p->weight ||
        !p->probability)
        return HONE_INTERNAL;
    for (size_t i = 0; i < p->n; i++) {
        hits += p->truth[i] == p->predicted[i] ? p->weight[i] : 0;
        total += p->weight[i];
    }
    *value = *(double *)user * hits / total;
    return HONE_OK;
}

static hone_status refuse(void *user, const hone_predictions *p, double *value, hone_error *err)
{
    (void)p;
    (void)value;
    if (user)
        strcpy(err->message, "the rates are not there");
    return HONE_IO;
}

static hone_status validate(const hone_own_metric *own, size_t n, const char *metrics, hone_scores **scores)
{
    hone_validation_config config = HONE_VALIDATION_CONFIG_INIT;
    config.metrics = metrics;
    config.own_metrics = own;
    config.n_own_metrics = n;
    config.train_scores = true;
    return hone_cross_validate(dataset, "logistic", &config, 2, scores, &error);
}

START_TEST(a_function_is_a_metric)
{
    double factor = 3;
    hone_own_metric own[] = {{"mine", true, scaled_accuracy, &factor, false},
                             {"unused", false, refuse, NULL, false}};
    hone_scores *scores = NULL;
    ck_assert_msg(validate(own, 2, "mine,accuracy", &scores) == HONE_OK, "%s", error.message);
    ck_assert_str_eq(scores->metrics[0], "mine");
    for (size_t k = 0; k < scores->n_folds; k++) {
        hn_assert_absolute(scores->test[k], 3 * scores->test[scores->n_folds + k], 1e-12);
        hn_assert_absolute(scores->train[k], 3 * scores->train[scores->n_folds + k], 1e-12);
    }
    hone_scores_free(scores);
}
END_TEST

START_TEST(its_failure_is_the_runs)
{
    hone_own_metric loud = {"mine", false, refuse, &loud, false},
                    quiet = {"mine", false, refuse, NULL, false};
    hone_scores *scores = NULL;
    ck_assert_int_eq(validate(&loud, 1, "mine", &scores), HONE_IO);
    hn_assert_contains(error.message, "fold 0: metric mine: the rates are not there");
    ck_assert_int_eq(validate(&quiet, 1, "accuracy,mine", &scores), HONE_IO);
    hn_assert_contains(error.message, "fold 0: metric mine: ");
    ck_assert_ptr_null(scores);
}
END_TEST

START_TEST(refuses_names_that_cannot_be)
{
    static const struct {
        const char *name, *message;
    } cases[] = {{"", "is no name"},
                 {"1st", "is no name"},
                 {"a b", "is no name"},
                 {"accuracy", "there is a metric accuracy already"},
                 {NULL, "own metric 0 needs a name and a function"}};
    hone_scores *scores = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hone_own_metric own = {cases[i].name, false, refuse, NULL, false};
        ck_assert_int_eq(validate(&own, 1, "accuracy", &scores), HONE_INVALID);
        hn_assert_contains(error.message, cases[i].message);
    }
    hone_own_metric twice[] = {{"m", false, refuse, NULL, false}, {"m", false, refuse, NULL, false}};
    ck_assert_int_eq(validate(twice, 2, "m", &scores), HONE_INVALID);
    hone_own_metric without = {"m", false, NULL, NULL, false};
    ck_assert_int_eq(validate(&without, 1, "m", &scores), HONE_INVALID);
}
END_TEST

/* Squared distance of the label to the truth: smaller is better. */
static hone_status distance(void *user, const hone_predictions *p, double *value, hone_error *err)
{
    (void)user;
    (void)err;
    *value = 0;
    for (size_t i = 0; i < p->n; i++)
        *value += pow(p->truth[i] - p->predicted[i], 2) / (double)p->n;
    return HONE_OK;
}

START_TEST(a_fitted_model_is_judged_by_functions)
{
    double factor = 2;
    hone_own_metric own[] = {{"mine", true, scaled_accuracy, &factor, false},
                             {"distance", false, distance, NULL, true}};
    hone_model *model = NULL;
    hone_scores *scores = NULL;
    hone_importance *importance = NULL;
    ck_assert_int_eq(hone_model_fit(dataset, "logistic", NULL, 1, 1, &model, &error), HONE_OK);
    ck_assert_msg(hone_model_evaluate(model, dataset, "mine,accuracy,distance", own, 2, &scores, &error) ==
                      HONE_OK,
                  "%s", error.message);
    ck_assert_str_eq(scores->metrics[0], "mine");
    hn_assert_absolute(scores->mean[0], 2 * scores->mean[1], 1e-12);
    ck_assert_msg(hone_model_importance(model, dataset, "distance", own, 2, 5, 1, 2, &importance, &error) ==
                      HONE_OK,
                  "%s", error.message);
    ck_assert_str_eq(importance->metric, "distance");
    hn_assert_absolute(importance->score, scores->mean[2], 1e-12);
    ck_assert_double_gt(importance->mean[0], 0.1); /* the distance grows: what is lost is positive */
    hone_importance_free(importance);
    hone_scores_free(scores);
    scores = NULL;
    own[0].score = NULL;
    ck_assert_int_eq(hone_model_evaluate(model, dataset, "accuracy", own, 1, &scores, &error), HONE_INVALID);
    hn_assert_contains(error.message, "own metric 0 needs a name and a function");
    ck_assert_int_eq(hone_model_evaluate(model, dataset, "mine", NULL, 0, &scores, &error), HONE_NOT_FOUND);
    ck_assert_ptr_null(scores);
    hone_model_destroy(model);
}
END_TEST

START_TEST(weights_are_told_and_split)
{
    hone_dataset_info info;
    hone_dataset *train = NULL, *test = NULL;
    hone_scores *scores = NULL;
    double weight[ROWS], y[ROWS], out[4], sum = 0;
    hone_dataset_get_info(dataset, &info);
    ck_assert_str_eq(info.weight, "weight");
    ck_assert_int_eq(hone_dataset_split(dataset, 0.3, 1, &train, &test, &error), HONE_OK);
    ck_assert_int_eq(hone_dataset_get_weight(test, weight, &error), HONE_OK);
    ck_assert_int_eq(hone_dataset_get_target(test, y, &error), HONE_OK);
    hone_model *model = NULL, *none = NULL;
    ck_assert_int_eq(hone_model_fit(train, "logistic", NULL, 1, 1, &model, &error), HONE_OK);
    ck_assert_int_eq(hone_model_confusion(model, test, out, &error), HONE_OK);
    ck_assert_int_eq(hone_model_evaluate(model, test, "accuracy", NULL, 0, &scores, &error), HONE_OK);
    for (size_t i = 0; i < 18; i++)
        sum += weight[i];
    hn_assert_absolute(out[0] + out[1] + out[2] + out[3], sum, 1e-12);
    hn_assert_absolute(scores->mean[0], (out[0] + out[3]) / sum, 1e-12);
    ck_assert_int_eq(hone_model_fit(train, "knn", NULL, 1, 1, &none, &error), HONE_UNSUPPORTED);
    hn_assert_contains(error.message,
                       "model knn takes no weights of rows (column weight); those that do: svm");
    hone_scores_free(scores);
    hone_model_destroy(model);
    hone_dataset_destroy(train);
    hone_dataset_destroy(test);
}
END_TEST

Suite *suite_own_metric(void)
{
    Suite *suite = suite_create("own_metric");
    TCase *functions = tcase_create("functions");
    tcase_add_checked_fixture(functions, setup, teardown);
    tcase_add_test(functions, a_function_is_a_metric);
    tcase_add_test(functions, its_failure_is_the_runs);
    tcase_add_test(functions, refuses_names_that_cannot_be);
    tcase_add_test(functions, a_fitted_model_is_judged_by_functions);
    tcase_add_test(functions, weights_are_told_and_split);
    suite_add_tcase(suite, functions);
    return suite;
}
