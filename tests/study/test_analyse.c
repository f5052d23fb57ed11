/* Partial dependence, ablation, correlation and hypervolume of studies whose answer is known. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "math/random.h"

enum { TRIALS = 200 };

static hone_error error;

static hone_study *open_study(const char *goal, const char *space)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study *study = NULL;
    config.goal = goal;
    config.space = space;
    ck_assert_msg(!hone_study_open("memory:", "s", &config, &study, &error), "%s", error.message);
    return study;
}

static hone_named_value real(const char *name, double value)
{
    return (hone_named_value){name, {.type = HONE_FLOAT, .as.real = value}};
}

static hone_named_value text(const char *name, const char *value)
{
    return (hone_named_value){name, {.type = HONE_STRING, .as.string = value}};
}

static void add(hone_study *study, const hone_named_value *point, size_t n, const double *values, size_t m)
{
    ck_assert_msg(!hone_study_add(study, point, n, m ? HONE_COMPLETE : HONE_FAILED, values, m, NULL, &error),
                  "%s", error.message);
}

/* score = 4 x - 2 log10(rate) + (kind == b ? 3 : 0), to be maximised. */
static hone_study *scored(void)
{
    hone_study *study =
        open_study("maximize score", "{x: {float: [0, 1]}, rate: {float: [0.01, 1], log: true}, "
                                     "kind: {choice: [a, b]}, colour: {choice: [r, g, b]}}");
    static const char *const colours[] = {"r", "g", "b"};
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    for (int i = 0; i < TRIALS; i++) {
        bool b = hn_random_uniform(&random) < 0.5;
        hone_named_value point[] = {real("x", hn_random_uniform(&random)),
                                    real("rate", pow(10, -2 * hn_random_uniform(&random))),
                                    text("kind", b ? "b" : "a"), text("colour", colours[i % 3])};
        double value = 4 * point[0].value.as.real - 2 * log10(point[1].value.as.real) + (b ? 3 : 0);
        add(study, point, 4, &value, i % 20 != 7);
    }
    return study;
}

START_TEST(dependence_of_a_known_function)
{
    hone_study *study = scored();
    hone_param_dependence_config config = HONE_PARAM_DEPENDENCE_CONFIG_INIT;
    hone_param_dependence *found = NULL;
    config.param = "x";
    config.grid = 11;
    ck_assert_msg(!hone_study_dependence(study, &config, &found, &error), "%s", error.message);
    ck_assert_int_eq(found->having, TRIALS - TRIALS / 20);
    ck_assert_int_eq(found->trials, found->having);
    ck_assert_uint_eq(found->n_params, 1);
    ck_assert_uint_eq(found->params[0].n, 11);
    ck_assert(!found->params[0].log && !found->params[0].categorical);
    for (size_t i = 1; i < 10; i++) { /* 2 from rate, 1.5 from kind; at the ends a forest is flat */
        hn_assert_relative(found->params[0].values[i].as.real, 0.1 * (double)i, 1e-12);
        hn_assert_absolute(found->mean[i], 3.5 + 0.4 * (double)i, 0.35);
        ck_assert(found->deviation[i] > 0 && found->deviation[i] < 0.5);
    }
    hone_param_dependence_free(found);
    config.param = "kind";
    config.second = "rate";
    config.grid = 5;
    config.threads = 2;
    ck_assert(!hone_study_dependence(study, &config, &found, &error));
    ck_assert_str_eq(found->params[0].values[1].as.string, "b");
    ck_assert(found->params[0].categorical && found->params[1].log);
    for (size_t j = 0; j < 5; j++) {
        hn_assert_relative(found->params[1].values[j].as.real, pow(10, -2 + 0.5 * (double)j), 1e-12);
        hn_assert_absolute(found->mean[5 + j] - found->mean[j], 3, 0.4);
        hn_assert_absolute(found->mean[j], 2 + 4 - (double)j, j % 4 ? 0.6 : 1);
    }
    hone_param_dependence_free(found);
    hone_study_destroy(study);
}
END_TEST

START_TEST(ablation_of_a_known_function)
{
    hone_study *study = scored();
    hone_ablation_config config = HONE_ABLATION_CONFIG_INIT;
    hone_ablation *path = NULL;
    ck_assert_msg(!hone_study_ablation(study, &config, &path, &error), "%s", error.message);
    int64_t *best = NULL;
    size_t count;
    ck_assert(!hone_study_best(study, 1, &best, &count, NULL));
    ck_assert_int_eq(path->from, 0);
    ck_assert_int_eq(path->to, best[0]);
    ck_assert(path->to_value > path->from_value);
    ck_assert(path->n_steps > 1 && path->n_steps <= 4);
    double gain = 0, first = path->steps[0].mean - path->mean;
    for (size_t s = 0; s < path->n_steps; s++) {
        gain = path->steps[s].mean - path->mean;
        ck_assert_uint_eq(path->steps[s].n_changes, 1);
        ck_assert(path->steps[s].changes[0].had && path->steps[s].changes[0].has);
    }
    ck_assert(first > 0.2 * gain && gain > 0.5 * (path->to_value - path->from_value));
    hone_ablation_free(path);
    config.from = best[0]; /* from the best to the first: the least loss first */
    config.to = 7;         /* that failed */
    ck_assert(!hone_study_ablation(study, &config, &path, &error));
    ck_assert(isnan(path->to_value) && !isnan(path->from_value));
    hone_ablation_free(path);
    config.to = TRIALS;
    ck_assert_int_eq(hone_study_ablation(study, &config, &path, &error), HONE_NOT_FOUND);
    hn_assert_contains(error.message, "there are 0 to 199");
    hone_free(best);
    hone_study_destroy(study);
}
END_TEST

static size_t column_of(const hone_correlation *found, const char *name)
{
    size_t i = 0;
    while (i < found->n && strcmp(found->names[i], name) != 0) {
        i++;
    }
    ck_assert_msg(i < found->n, "%s is not there", name);
    return i;
}

START_TEST(correlations_of_goals_metrics_and_parameters)
{
    hone_study *study = scored();
    hone_correlation *found = NULL;
    hone_outcome outcome;
    for (int i = 0; i < 20; i++) { /* a metric beside the goal, of these alone */
        hone_trial *trial = NULL;
        char json[32];
        double value = i;
        ck_assert(!hone_study_ask(study, &outcome, &trial, NULL, NULL, NULL));
        snprintf(json, sizeof json, "%d", -i * i);
        ck_assert(!hone_trial_set_attribute(trial, "cost", json));
        ck_assert(!hone_trial_set_attribute(trial, "note", "\"7\""));
        ck_assert(!hone_trial_set_attribute(trial, "score", "1"));
        tell(study, trial, value);
    }
    ck_assert_msg(!hone_study_correlation(study, &found, &error), "%s", error.message);
    ck_assert_uint_eq(found->n, 5); /* score, cost, x, rate, kind */
    ck_assert_str_eq(found->names[0], "score");
    ck_assert_int_eq(found->kinds[0], HONE_CORRELATED_GOAL);
    ck_assert_str_eq(found->names[1], "cost");
    ck_assert_int_eq(found->kinds[1], HONE_CORRELATED_METRIC);
    ck_assert_int_eq(found->kinds[2], HONE_CORRELATED_PARAM);
    ck_assert_int_eq(found->rows[1], 20);
    hn_assert_relative(found->spearman[1], -1, 1e-12);
    ck_assert(found->pearson[1] < -0.9 && found->pearson[1] > -0.99);
    ck_assert_int_eq(found->trials, TRIALS - TRIALS / 20 + 20);
    size_t rate = column_of(found, "rate"), kind = column_of(found, "kind");
    ck_assert(found->pearson[rate] < 0 && found->pearson[kind] > 0.1);
    ck_assert_double_eq(found->pearson[kind * found->n + kind], 1);
    ck_assert_uint_eq(found->n_left_out, 1);
    ck_assert_str_eq(found->left_out[0], "colour");
    hone_correlation_free(found);
    hone_study_destroy(study);
}
END_TEST

START_TEST(volumes_of_two_goals)
{
    static const double values[][2] = {{0.5, 3}, {0.7, 2}, {0.6, 4}, {0.9, 3}, {0.4, 1}};
    static const bool front[] = {false, true, false, true, true};
    hone_study *study = open_study("maximize accuracy, minimize cost", "{x: {float: [0, 1]}}");
    hone_hypervolume *found = NULL;
    ck_assert_int_eq(hone_study_hypervolume(study, NULL, &found, &error), HONE_INVALID);
    hn_assert_contains(error.message, "no front yet");
    for (size_t i = 0; i < 5; i++) {
        hone_named_value point = real("x", (double)i / 10);
        add(study, &point, 1, values[i], 2);
        add(study, &point, 1, NULL, 0);
    }
    const double reference[] = {0.3, 5};
    ck_assert_msg(!hone_study_hypervolume(study, reference, &found, &error), "%s", error.message);
    const double expected[] = {0.2 * 2, 0.4 * 3, 0.4 * 3, 0.4 * 3 + 0.2 * 2, 0.4 * 3 + 0.2 * 2 + 0.1};
    ck_assert_uint_eq(found->n, 5);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(found->numbers[i], 2 * (int64_t)i);
        ck_assert_int_eq(found->in_front[i], front[i]);
        hn_assert_relative(found->history[i], expected[i], 1e-12);
    }
    hn_assert_relative(found->volume, expected[4], 1e-12);
    hone_hypervolume_free(found);
    ck_assert(!hone_study_hypervolume(study, NULL, &found, &error));
    hn_assert_relative(found->reference[0], 0.4 - 0.05, 1e-12);
    hn_assert_relative(found->reference[1], 3 + 0.2, 1e-12);
    hone_hypervolume_free(found);
    ck_assert_int_eq(hone_study_hypervolume(study, (const double[]){1, NAN}, &found, &error), HONE_INVALID);
    hn_assert_contains(error.message, "reference of cost");
    hone_study_destroy(study);
}
END_TEST

START_TEST(what_is_refused)
{
    hone_study *study = open_study("minimize value", "{x: {float: [0, 1]}}");
    hone_param_dependence *dependence = NULL;
    hone_ablation *ablation = NULL;
    hone_correlation *correlation = NULL;
    hone_hypervolume *hypervolume = NULL;
    hone_param_dependence_config how = {.param = "x"};
    hone_ablation_config walk = {.objective = 1};
    ck_assert_int_eq(hone_study_dependence(study, &how, &dependence, &error), HONE_INVALID);
    hn_assert_contains(error.message, "HONE_PARAM_DEPENDENCE_CONFIG_INIT");
    ck_assert_int_eq(hone_study_ablation(study, &walk, &ablation, &error), HONE_INVALID);
    hn_assert_contains(error.message, "HONE_ABLATION_CONFIG_INIT");
    walk.struct_size = sizeof walk;
    ck_assert_int_eq(hone_study_ablation(study, &walk, &ablation, &error), HONE_INVALID);
    hn_assert_contains(error.message, "objective 1: the study has 1");
    walk = (hone_ablation_config)HONE_ABLATION_CONFIG_INIT;
    ck_assert_int_eq(hone_study_ablation(study, &walk, &ablation, &error), HONE_INVALID);
    hn_assert_contains(error.message, "there are 0");
    how = (hone_param_dependence_config)HONE_PARAM_DEPENDENCE_CONFIG_INIT;
    ck_assert_int_eq(hone_study_dependence(study, &how, &dependence, &error), HONE_INVALID);
    hn_assert_contains(error.message, "set param");
    how.param = how.second = "x";
    ck_assert_int_eq(hone_study_dependence(study, &how, &dependence, &error), HONE_INVALID);
    hn_assert_contains(error.message, "must differ");
    how.second = NULL;
    how.grid = 1;
    ck_assert_int_eq(hone_study_dependence(study, &how, &dependence, &error), HONE_INVALID);
    hn_assert_contains(error.message, "at least 2 values");
    ck_assert_int_eq(hone_study_correlation(study, &correlation, &error), HONE_INVALID);
    hn_assert_contains(error.message, "there are 0");
    ck_assert_int_eq(hone_study_hypervolume(study, NULL, &hypervolume, &error), HONE_INVALID);
    hn_assert_contains(error.message, "of several goals");
    hone_named_value point = real("x", 0.5);
    double value = 1;
    add(study, &point, 1, &value, 1);
    ck_assert_int_eq(hone_study_ablation(study, &walk, &ablation, &error), HONE_INVALID);
    hn_assert_contains(error.message, "there is 1");
    ck_assert_int_eq(hone_study_correlation(study, &correlation, &error), HONE_INVALID);
    hn_assert_contains(error.message, "there is 1");
    hone_param_dependence_free(NULL);
    hone_ablation_free(NULL);
    hone_correlation_free(NULL);
    hone_hypervolume_free(NULL);
    hone_study_destroy(study);
}
END_TEST

Suite *suite_analyse(void)
{
    Suite *suite = suite_create("analyse");
    TCase *all = tcase_create("analyse");
    tcase_add_test(all, dependence_of_a_known_function);
    tcase_add_test(all, ablation_of_a_known_function);
    tcase_add_test(all, correlations_of_goals_metrics_and_parameters);
    tcase_add_test(all, volumes_of_two_goals);
    tcase_add_test(all, what_is_refused);
    suite_add_tcase(suite, all);
    return suite;
}
