/* Several handles on one study: leases, late values, dead workers, definitions that change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "hone/hone.h"

static char *folder, *url;

static void make_url(void)
{
    folder = hn_test_temp_dir();
    url = malloc(strlen(folder) + 32);
    sprintf(url, "sqlite:///%s/study.db", folder); /* lint: allow banned: the size is known */
}

static void free_url(void)
{
    free(url);
    free(folder);
}

static hone_study_config plain(void)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.goal = "minimize loss";
    config.space = "{x: {float: [0, 1]}, act: {choice: [relu, tanh]}}";
    config.sampler = "random";
    config.seed = 1;
    config.has_seed = true;
    return config;
}

static hone_study *open_with(const hone_study_config *config)
{
    hone_study *study = NULL;
    hone_error err = {0};
    ck_assert_msg(!hone_study_open(url, "s", config, &study, &err), "%s", err.message);
    return study;
}

/* The handle stays, to be told again. */
static void tell_keeping(hone_study *study, hone_trial *trial, double value)
{
    hone_error err = {0};
    ck_assert_msg(!hone_study_tell(study, trial, HONE_COMPLETE, &value, 1, &err), "%s", err.message);
}

static double x_of(const hone_trial *trial)
{
    hone_value value;
    ck_assert(!hone_trial_get(trial, "x", &value, NULL));
    return value.as.real;
}

START_TEST(handles_number_their_trials_together)
{
    hone_study_config config = plain();
    hone_study *one = open_with(&config), *two = open_with(&config);
    hone_trial *trials[6];
    for (int i = 0; i < 6; i++) {
        trials[i] = ask(i % 2 ? two : one);
        ck_assert_int_eq(hone_trial_number(trials[i]), i);
    }
    for (int i = 0; i < 6; i++) {
        tell_keeping(i % 2 ? two : one, trials[i], i);
        hone_trial_free(trials[i]);
    }
    ck_assert_int_eq(hone_study_state_count(one, HONE_COMPLETE), 6);
    ck_assert_int_eq(hone_study_state_count(two, HONE_COMPLETE), 6);
    hone_study_destroy(one);
    hone_study_destroy(two);
}
END_TEST

/* Random search draws by number: what two handles ask is what one would have asked. */
START_TEST(handles_together_behave_as_one)
{
    hone_study_config config = plain();
    hone_study *one = open_with(&config), *two = open_with(&config);
    hone_study *alone = NULL;
    ck_assert(!hone_study_open("memory:", "s", &config, &alone, NULL));
    for (int i = 0; i < 6; i++) {
        hone_study *study = i % 3 == 1 ? two : one;
        hone_trial *shared = ask(study), *single = ask(alone);
        ck_assert_double_eq(x_of(shared), x_of(single));
        tell_keeping(study, shared, 1);
        tell_keeping(alone, single, 1);
        hone_trial_free(shared);
        hone_trial_free(single);
    }
    hone_study_destroy(one);
    hone_study_destroy(two);
    hone_study_destroy(alone);
}
END_TEST

START_TEST(a_trial_is_told_by_another_process_under_its_lease)
{
    hone_study_config config = plain();
    hone_study *asker = open_with(&config);
    hone_trial *asked = ask(asker);
    char lease[64];
    snprintf(lease, sizeof lease, "%s", hone_trial_lease(asked));
    hone_trial_free(asked);
    hone_study_destroy(asker);
    hone_study *teller = open_with(NULL);
    hone_trial *taken;
    hone_error err = {0};
    ck_assert_msg(!hone_study_take(teller, 0, lease, &taken, &err), "%s", err.message);
    hone_trial_report(taken, 0, 5);
    tell_keeping(teller, taken, 4);
    hone_trial_free(taken);
    hone_trial_info *info;
    ck_assert(!hone_study_trial(teller, 0, &info, NULL));
    ck_assert_double_eq(info->values[0], 4);
    ck_assert_uint_eq(info->n_reports, 1);
    ck_assert_uint_eq(info->n_params, 2);
    hone_trial_info_free(info);
    hone_study_destroy(teller);
}
END_TEST

START_TEST(reports_survive_a_handle_that_was_not_told)
{
    hone_study_config config = plain();
    hone_study *study = open_with(&config);
    hone_trial *trial = ask(study);
    hone_trial_report(trial, 3, 0.5);
    hone_trial_free(trial);
    hone_study_destroy(study);
    study = open_with(NULL);
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 0, &info, NULL));
    ck_assert_int_eq(info->state, HONE_RUNNING);
    ck_assert_uint_eq(info->n_reports, 1);
    ck_assert_int_eq(info->steps[0], 3);
    hone_trial_info_free(info);
    hone_study_destroy(study);
}
END_TEST

/* A worker thought dead tells after all: its value becomes a new trial, linked to the old one. */
START_TEST(a_late_value_is_not_lost)
{
    hone_study_config config = plain();
    config.restarts = -1;
    hone_study *slow = open_with(&config), *reaper = open_with(&config);
    hone_trial *trial = ask(slow);
    ck_assert(!hone_trial_heartbeat(trial, NULL));
    size_t reaped = 0;
    hone_error err = {0};
    ck_assert_msg(!hone_study_reap(reaper, -1, &reaped, &err), "%s", err.message);
    ck_assert_uint_eq(reaped, 1);
    tell_keeping(slow, trial, 0.125);
    hone_trial_free(trial);
    ck_assert_int_eq(hone_study_state_count(reaper, HONE_FAILED), 1);
    ck_assert_int_eq(hone_study_state_count(reaper, HONE_COMPLETE), 1);
    hone_trial_info *dead, *late;
    ck_assert(!hone_study_trial(reaper, 0, &dead, NULL));
    ck_assert(!hone_study_trial(reaper, 1, &late, NULL));
    ck_assert_int_eq(dead->state, HONE_FAILED);
    hn_assert_contains(dead->message, "worker died");
    ck_assert_double_eq(late->values[0], 0.125);
    ck_assert_double_eq(late->params[0].value.as.real, dead->params[0].value.as.real);
    hone_trial_info_free(dead);
    hone_trial_info_free(late);
    hone_study_destroy(slow);
    hone_study_destroy(reaper);
}
END_TEST

START_TEST(a_trial_asked_by_hand_is_never_reaped)
{
    hone_study_config config = plain();
    hone_study *study = open_with(&config);
    hone_trial_free(ask(study));
    size_t reaped = 9;
    ck_assert(!hone_study_reap(study, -1, &reaped, NULL));
    ck_assert_uint_eq(reaped, 0);
    hone_study_destroy(study);
}
END_TEST

START_TEST(a_stop_reaches_other_handles)
{
    hone_study_config config = plain();
    hone_study *one = open_with(&config), *two = open_with(&config);
    hone_trial_free(ask(two));
    ck_assert(!hone_study_stop(one, "lunch", NULL));
    hone_outcome outcome;
    hone_trial *trial;
    const char *reason = NULL;
    ck_assert(!hone_study_ask(two, &outcome, &trial, NULL, &reason, NULL));
    ck_assert_int_eq(outcome, HONE_DONE);
    ck_assert_str_eq(reason, "lunch");
    hone_study_destroy(one);
    hone_study_destroy(two);
}
END_TEST

/* --- definitions --- */

START_TEST(what_may_change_changes)
{
    hone_study_config config = plain();
    hone_study *study = open_with(&config);
    hone_trial *trial = ask(study);
    tell_keeping(study, trial, 1);
    hone_trial_free(trial);
    hone_study_destroy(study);
    config.space = "{x: {float: [0.5, 2]}, act: {choice: [relu, tanh]}, new: {int: [1, 3]}}";
    config.sampler = "sobol";
    study = open_with(&config);
    trial = ask(study);
    hone_value value;
    ck_assert(!hone_trial_get(trial, "new", &value, NULL));
    ck_assert_double_ge(x_of(trial), 0.5);
    tell_keeping(study, trial, 1);
    hone_trial_free(trial);
    hone_study_destroy(study);
    study = open_with(NULL); /* as it was defined last */
    char *json;
    ck_assert(!hone_study_describe(study, &json, NULL));
    hn_assert_contains(json, "sobol");
    hn_assert_contains(json, "\"seed\":1");
    hone_free(json);
    hone_study_destroy(study);
}
END_TEST

START_TEST(what_may_not_change_is_named)
{
    hone_study_config config = plain();
    hone_study_destroy(open_with(&config));
    const struct {
        const char *goal, *space;
        const char *messages[2];
    } cases[] = {
        {"maximize loss",
         "{x: {float: [0, 1]}, act: {choice: [relu, tanh]}}",
         {"minimize loss", "maximize loss"}},
        {"minimize loss, minimize size", "{x: {float: [0, 1]}}", {"1 objective", "2"}},
        {"minimize loss", "{x: {int: [0, 1]}, act: {choice: [relu, tanh]}}", {"x", "int"}},
        {"minimize loss", "{x: {float: [0, 1]}, act: {choice: [relu, elu]}}", {"act", "elu"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        config.goal = cases[i].goal;
        config.space = cases[i].space;
        hone_study *study = NULL;
        hone_error err = {0};
        ck_assert_int_eq(hone_study_open(url, "s", &config, &study, &err), HONE_EXISTS);
        hn_assert_contains(err.message, cases[i].messages[0]);
        hn_assert_contains(err.message, cases[i].messages[1]);
    }
}
END_TEST

START_TEST(bad_definitions_create_nothing)
{
    const struct {
        const char *goal, *space, *sampler, *pruner;
        const char *message;
    } cases[] = {
        {"minimise", NULL, "nosuch", NULL, "nosuch"},
        {"improve loss", NULL, NULL, NULL, "must begin with minimize or maximize"},
        {"minimize a, maximize a", NULL, NULL, NULL, "stands twice"},
        {NULL, "{x: {float: [2, 1]}}", NULL, NULL, "x"},
        {NULL, "{x: {float: [0, 1]}}", "grid", NULL, "x"},
        {NULL, NULL, "tpe:n_startup=-3", NULL, "n_startup"},
        {NULL, NULL, NULL, "meidan", "median"},
        {"minimize a, minimize b", NULL, "random", "median", "single objective"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hone_study_config config = HONE_STUDY_CONFIG_INIT;
        config.goal = cases[i].goal;
        config.space = cases[i].space;
        config.sampler = cases[i].sampler;
        config.pruner = cases[i].pruner;
        hone_study *study = NULL;
        hone_error err = {0};
        ck_assert_int_ne(hone_study_open(url, "s", &config, &study, &err), HONE_OK);
        hn_assert_contains(err.message, cases[i].message);
    }
    hone_study *study = NULL;
    hone_error err = {0};
    ck_assert_int_eq(hone_study_open(url, "s", NULL, &study, &err), HONE_NOT_FOUND);
    hone_study_info *list;
    size_t count;
    ck_assert_int_eq(hone_study_list(url, &list, &count, &err), HONE_NOT_FOUND);
}
END_TEST

START_TEST(studies_are_listed_and_deleted)
{
    hone_study_config config = plain();
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"b", "a", "c"};
        hone_study *study;
        ck_assert(!hone_study_open(url, names[i], &config, &study, NULL));
        hone_trial *trial = ask(study);
        tell_keeping(study, trial, i);
        hone_trial_free(trial);
        hone_study_destroy(study);
    }
    hone_study_info *list;
    size_t count;
    ck_assert(!hone_study_list(url, &list, &count, NULL));
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(list[0].name, "a");
    ck_assert(list[0].has_best);
    ck_assert_double_eq(list[0].best, 1);
    hone_study_list_free(list, count);
    hone_error err = {0};
    char *only = NULL;
    ck_assert_int_eq(hone_study_only(url, &only, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "3 studies, say which: a, b, c");
    ck_assert(!hone_study_delete(url, "a", NULL));
    ck_assert_int_eq(hone_study_delete(url, "a", &err), HONE_NOT_FOUND);
    ck_assert(!hone_study_list(url, &list, &count, NULL));
    ck_assert_uint_eq(count, 2);
    hone_study_list_free(list, count);
    ck_assert(!hone_study_delete(url, "b", NULL));
    ck_assert(!hone_study_only(url, &only, NULL));
    ck_assert_str_eq(only, "c");
    hone_free(only);
}
END_TEST

Suite *suite_shared(void)
{
    Suite *suite = suite_create("shared");
    TCase *handles = tcase_create("handles");
    tcase_add_checked_fixture(handles, make_url, free_url);
    tcase_add_test(handles, handles_number_their_trials_together);
    tcase_add_test(handles, handles_together_behave_as_one);
    tcase_add_test(handles, a_trial_is_told_by_another_process_under_its_lease);
    tcase_add_test(handles, reports_survive_a_handle_that_was_not_told);
    tcase_add_test(handles, a_late_value_is_not_lost);
    tcase_add_test(handles, a_trial_asked_by_hand_is_never_reaped);
    tcase_add_test(handles, a_stop_reaches_other_handles);
    suite_add_tcase(suite, handles);
    TCase *definitions = tcase_create("definitions");
    tcase_add_checked_fixture(definitions, make_url, free_url);
    tcase_add_test(definitions, what_may_change_changes);
    tcase_add_test(definitions, what_may_not_change_is_named);
    tcase_add_test(definitions, bad_definitions_create_nothing);
    tcase_add_test(definitions, studies_are_listed_and_deleted);
    suite_add_tcase(suite, definitions);
    return suite;
}
