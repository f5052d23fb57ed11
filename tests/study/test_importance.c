/* Importance of parameters of studies whose answer is known. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "hone/hone.h"
#include "math/random.h"
#include "support.h"

enum { TRIALS = 300 };

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

static hone_param_importance *find(hone_study *study, hone_param_importance_config config)
{
    hone_param_importance *found = NULL;
    config.struct_size = sizeof config;
    ck_assert_msg(!hone_study_importance(study, &config, &found, &error), "%s", error.message);
    return found;
}

static double importance_of(const hone_param_importance *found, const char *name)
{
    for (size_t i = 0; i < found->n_params; i++) {
        if (!strcmp(found->params[i], name)) {
            return found->importance[i];
        }
    }
    ck_abort_msg("%s is not there", name);
    return NAN;
}

static hone_named_value real(const char *name, double value)
{
    return (hone_named_value){name, {.type = HONE_FLOAT, .as.real = value}};
}

/* value = 3 x + y, and z does nothing. */
static hone_study *additive(const char *goal)
{
    hone_study *study = open_study(goal, "{x: {float: [0, 1]}, y: {float: [0, 1]}, z: {float: [0, 1]}}");
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    for (int i = 0; i < TRIALS; i++) {
        hone_named_value point[] = {real("x", hn_random_uniform(&random)),
                                    real("y", hn_random_uniform(&random)),
                                    real("z", hn_random_uniform(&random))};
        double value = 3 * point[0].value.as.real + point[1].value.as.real;
        ck_assert(!hone_study_add(study, point, 3, HONE_COMPLETE, &value, 1, NULL, NULL));
    }
    return study;
}

START_TEST(finds_what_matters)
{
    static const char *const methods[] = {"fanova", "ped_anova", "impurity"};
    hone_study *study = additive("minimize value");
    for (size_t m = 0; m < 3; m++) {
        hone_param_importance *found = find(study, (hone_param_importance_config){.method = methods[m]});
        double sum = 0;
        ck_assert_int_eq(found->trials, TRIALS);
        ck_assert_uint_eq(found->n_params, 3);
        ck_assert_str_eq(found->params[0], "x");
        for (size_t i = 0; i < 3; i++) {
            sum += found->importance[i];
            ck_assert_int_eq(found->having[i], TRIALS);
            ck_assert(i == 0 || found->importance[i] <= found->importance[i - 1]);
        }
        hn_assert_absolute(sum, 1, 1e-12);
        ck_assert((found->share != NULL) == (m == 0));
        ck_assert_uint_eq(found->n_pairs, 0);
        hone_param_importance_free(found);
    }
    hone_study_destroy(study);
}
END_TEST

START_TEST(shares_of_the_variance_are_those_of_the_function)
{
    /* 9/12 and 1/12 of 10/12; the direction changes nothing */
    for (int maximize = 0; maximize < 2; maximize++) {
        hone_study *study = additive(maximize ? "maximize value" : "minimize value");
        hone_param_importance *found =
            find(study, (hone_param_importance_config){.pairs = true, .threads = 1 + maximize});
        hn_assert_absolute(found->share[0], 0.9, 0.06);
        hn_assert_absolute(found->share[1], 0.1, 0.04);
        ck_assert(found->share[2] < 0.01);
        ck_assert_uint_eq(found->n_pairs, 3);
        ck_assert(found->pair_share[0] < 0.03);
        hone_param_importance_free(found);
        hone_study_destroy(study);
    }
}
END_TEST

START_TEST(fewer_trials_say_nearly_the_same)
{
    hone_study *study = additive("minimize value");
    hone_param_importance *all = find(study, (hone_param_importance_config){0}),
                          *some = find(study, (hone_param_importance_config){.max_trials = TRIALS / 2}),
                          *enough = find(study, (hone_param_importance_config){.max_trials = TRIALS});
    ck_assert_int_eq(some->trials, TRIALS);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_str_eq(some->params[i], all->params[i]);
        hn_assert_absolute(some->share[i], all->share[i], 0.05);
        ck_assert(some->share[i] != all->share[i] && enough->share[i] == all->share[i]);
    }
    hone_param_importance_free(all);
    hone_param_importance_free(some);
    hone_param_importance_free(enough);
    hone_study_destroy(study);
}
END_TEST

START_TEST(pairs_explain_what_neither_does_alone)
{
    hone_study *study =
        open_study("minimize value", "{x: {float: [-1, 1]}, y: {float: [-1, 1]}, z: {float: [0, 1]}}");
    hn_random random = hn_random_stream(2, 0, HN_PURPOSE_TEST);
    for (int i = 0; i < 2 * TRIALS; i++) {
        double x = 2 * hn_random_uniform(&random) - 1, y = 2 * hn_random_uniform(&random) - 1;
        hone_named_value point[] = {real("x", x), real("y", y), real("z", hn_random_uniform(&random))};
        double value = x * y;
        ck_assert(!hone_study_add(study, point, 3, HONE_COMPLETE, &value, 1, NULL, NULL));
    }
    hone_param_importance *found = find(study, (hone_param_importance_config){.pairs = true});
    ck_assert(found->share[0] < 0.1);
    ck_assert(found->pair_share[0] > 0.6 && found->pair_share[1] < 0.1);
    ck_assert(!strcmp(found->pairs[0][0], "z") == 0 && !strcmp(found->pairs[0][1], "z") == 0);
    hone_param_importance_free(found);
    hone_study_destroy(study);
}
END_TEST

/* kind: a or b; of b the value depends on strength, which a does not have. */
START_TEST(conditional_parameters_are_judged_where_they_are)
{
    hone_study *study = open_study(
        "minimize value",
        "{kind: {choice: [a, b]}, strength: {float: [0, 1], when: kind == b}, idle: {float: [0, 1], when: kind == b}}");
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    for (int i = 0; i < TRIALS; i++) {
        bool b = hn_random_uniform(&random) < 0.5;
        double strength = hn_random_uniform(&random), value = b ? 4 * strength : 2;
        hone_named_value point[] = {{"kind", {.type = HONE_STRING, .as.string = b ? "b" : "a"}},
                                    real("strength", strength),
                                    real("idle", hn_random_uniform(&random))};
        ck_assert(!hone_study_add(study, point, b ? 3 : 1, HONE_COMPLETE, &value, 1, NULL, NULL));
    }
    static const char *const methods[] = {"fanova", "ped_anova", "impurity"};
    for (size_t m = 0; m < 3; m++) {
        hone_param_importance *found =
            find(study, (hone_param_importance_config){.method = methods[m], .pairs = m == 0});
        ck_assert(importance_of(found, "idle") < 0.15);
        ck_assert(importance_of(found, "strength") > 0.4);
        for (size_t i = 0; i < 3; i++) {
            bool always = !strcmp(found->params[i], "kind");
            ck_assert(always ? found->having[i] == TRIALS : found->having[i] < TRIALS);
        }
        if (m !=
            1) { /* kind alone: how the means of the two halves differ by chance; to be best it must be b */
            ck_assert_str_eq(found->params[0], "strength");
            ck_assert(importance_of(found, "kind") < 0.05);
        }
        ck_assert(m != 0 || found->share[0] > 0.85); /* all of the variance is within b */
        hone_param_importance_free(found);
    }
    hone_study_destroy(study);
}
END_TEST

START_TEST(odd_studies)
{
    hone_param_importance *found = NULL;
    hone_param_importance_config config = HONE_PARAM_IMPORTANCE_CONFIG_INIT;
    hone_study *study =
        open_study("minimize value, minimize cost", "{x: {float: [0, 1]}, fixed: {int: [3, 3]}}");
    ck_assert_int_eq(hone_study_importance(study, &config, &found, &error), HONE_INVALID);
    hn_assert_contains(error.message, "at least 2 complete trials");
    for (int i = 0; i < 20; i++) {
        hone_named_value point[] = {real("x", i / 20.0), {"fixed", {.type = HONE_INT, .as.integer = 3}}};
        double values[] = {i == 7 ? INFINITY : i % 2 ? 5.0 : 4.0, 1};
        ck_assert(!hone_study_add(study, point, 2, i == 3 ? HONE_FAILED : HONE_COMPLETE, values,
                                  i == 3 ? 0 : 2, NULL, NULL));
    }
    config.objective = 1; /* always 1: nothing matters */
    ck_assert(!hone_study_importance(study, &config, &found, &error));
    ck_assert_uint_eq(found->n_params, 2);
    ck_assert(found->importance[0] == 0 && found->importance[1] == 0);
    hone_param_importance_free(found);
    config.objective = 0; /* the infinite one and the failed one are left out */
    ck_assert(!hone_study_importance(study, &config, &found, &error));
    ck_assert_int_eq(found->trials, 18);
    ck_assert_str_eq(found->params[0], "x");
    hn_assert_absolute(found->importance[0], 1, 1e-12);
    hone_param_importance_free(found);
    config.objective = 2;
    ck_assert_int_eq(hone_study_importance(study, &config, &found, &error), HONE_INVALID);
    hn_assert_contains(error.message, "the study has 2");
    config.objective = 0;
    config.method = "fanowa";
    ck_assert_int_eq(hone_study_importance(study, &config, &found, &error), HONE_INVALID);
    hn_assert_contains(error.message, "did you mean 'fanova'?");
    config.method = "impurity";
    config.pairs = true;
    ck_assert_int_eq(hone_study_importance(study, &config, &found, &error), HONE_INVALID);
    hn_assert_contains(error.message, "pairs is found by fanova only");
    config = (hone_param_importance_config){.struct_size = sizeof config, .top = 1};
    ck_assert_int_eq(hone_study_importance(study, &config, &found, &error), HONE_INVALID);
    hn_assert_contains(error.message, "top is the share");
    config.struct_size = 1;
    ck_assert_int_eq(hone_study_importance(study, &config, &found, &error), HONE_INVALID);
    hone_study_destroy(study);
}
END_TEST

Suite *suite_importance(void)
{
    Suite *suite = suite_create("importance");
    TCase *all = tcase_create("importance");
    tcase_add_test(all, finds_what_matters);
    tcase_add_test(all, shares_of_the_variance_are_those_of_the_function);
    tcase_add_test(all, fewer_trials_say_nearly_the_same);
    tcase_add_test(all, pairs_explain_what_neither_does_alone);
    tcase_add_test(all, conditional_parameters_are_judged_where_they_are);
    tcase_add_test(all, odd_studies);
    suite_add_tcase(suite, all);
    return suite;
}
