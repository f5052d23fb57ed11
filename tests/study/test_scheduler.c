/* A pruner that uses everything the contract offers, driven through the study: pause, resume, clone, wait,
 * done, stop. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hone/hone.h"
#include "pruner/pruner.h"
#include "study/study.h"
#include "support.h"

/* Starts two trials with a budget of 2 steps, pauses both there, resumes the better one up to 4, clones from
 * it, then ends. */
static hone_status next(void *state, const hn_prune_context *context, hn_next *next, hone_error *err)
{
    (void)state;
    (void)err;
    size_t rows = hn_history_count(context->history);
    size_t n_running;
    hn_history_running(context->history, &n_running);
    if (rows < 2) {
        *next = (hn_next){.kind = HN_NEXT_START, .budget = 2};
    } else if (rows == 2 && context->n_paused == 2) {
        *next = (hn_next){.kind = HN_NEXT_RESUME, .number = context->paused[1], .budget = 4};
    } else if (rows == 2) {
        *next = (hn_next){.kind = HN_NEXT_WAIT, .wait_ms = 5};
    } else {
        *next = (hn_next){.kind = HN_NEXT_DONE, .reason = "the ladder is climbed"};
    }
    if (rows == 2 && hn_history_state(context->history, 1) == HONE_COMPLETE) {
        *next = (hn_next){.kind = HN_NEXT_CLONE, .number = 1, .budget = 6};
    }
    return HONE_OK;
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    (void)state;
    (void)context;
    (void)err;
    *verdict = number == 2 ? HN_STOP : number < 2 && step == 2 ? HN_PAUSE : HN_CONTINUE;
    return HONE_OK;
}

static const hn_pruner_type ladder = {
    .name = "ladder", .help = "a dummy", .uses_reports = true, .next = next, .judge = judge};

static hone_study *study_with_ladder(const char *url)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.space = "{x: {float: [0, 1]}}";
    config.sampler = "random";
    config.seed = 5;
    config.has_seed = true;
    hone_study *study = NULL;
    hone_error err = {0};
    ck_assert_msg(!hone_study_open(url, "s", &config, &study, &err), "%s", err.message);
    hn_pruner_destroy(study->pruner);
    study->pruner = NULL;
    ck_assert(!hn_pruner_create_from(&ladder, NULL, &study->pruner, &err));
    return study;
}

static hone_outcome ask(hone_study *study, hone_trial **trial, const char **reason)
{
    hone_outcome outcome;
    hone_error err = {0};
    *trial = NULL;
    ck_assert_msg(!hone_study_ask(study, &outcome, trial, NULL, reason, &err), "%s", err.message);
    return outcome;
}

static void end(hone_study *study, hone_trial *trial, hone_trial_state state, double value)
{
    hone_error err = {0};
    size_t n = state == HONE_COMPLETE;
    ck_assert_msg(!hone_study_tell(study, trial, state, n ? &value : NULL, n, &err), "%s", err.message);
    hone_trial_free(trial);
}

static double x_of(const hone_trial *trial)
{
    hone_value value;
    ck_assert(!hone_trial_get(trial, "x", &value, NULL));
    return value.as.real;
}

static void climb(const char *url)
{
    hone_study *study = study_with_ladder(url);
    hone_trial *trials[2], *trial;
    const char *reason = NULL;
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(ask(study, &trials[i], NULL), HONE_ASKED);
        ck_assert_int_eq(hone_trial_budget(trials[i]), 2);
    }
    ck_assert_int_eq(ask(study, &trial, NULL), HONE_WAIT);
    double x = x_of(trials[1]);
    for (int i = 0; i < 2; i++) {
        ck_assert(!hone_trial_report(trials[i], 1, 1.0 / (i + 1)));
        ck_assert(hone_trial_report(trials[i], 2, 0.5 / (i + 1)));
        hone_trial_prune(trials[i]);
        end(study, trials[i], HONE_PRUNED, 0);
    }
    ck_assert_int_eq(hone_study_state_count(study, HONE_RUNNING), 2);

    ck_assert_int_eq(ask(study, &trial, NULL), HONE_ASKED);
    ck_assert_int_eq(hone_trial_number(trial), 1);
    ck_assert_int_eq(hone_trial_resume_step(trial), 2);
    ck_assert_int_eq(hone_trial_budget(trial), 4);
    ck_assert_double_eq(x_of(trial), x);
    ck_assert(!hone_trial_report(trial, 4, 0.1));
    end(study, trial, HONE_COMPLETE, 0.1);
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 1, &info, NULL));
    ck_assert_uint_eq(info->n_reports, 3);
    hone_trial_info_free(info);

    ck_assert_int_eq(ask(study, &trial, NULL), HONE_ASKED);
    ck_assert_int_eq(hone_trial_number(trial), 2);
    ck_assert_double_eq(x_of(trial), x);
    ck_assert(hone_trial_report(trial, 5, 0.2));
    end(study, trial, HONE_PRUNED, 0);
    ck_assert_int_eq(hone_study_state_count(study, HONE_PRUNED), 1);

    ck_assert_int_eq(ask(study, &trial, &reason), HONE_DONE);
    ck_assert_str_eq(reason, "the ladder is climbed");
    hone_study_destroy(study);
}

START_TEST(a_scheduler_works_in_memory)
{
    climb("memory:");
}
END_TEST

START_TEST(a_scheduler_works_in_a_database)
{
    char url[512];
    char *folder = hn_test_temp_dir();
    snprintf(url, sizeof url, "sqlite:///%s/s.db", folder);
    climb(url);
    free(folder);
}
END_TEST

START_TEST(paused_trials_are_known_after_a_restart_and_never_reaped)
{
    char url[512];
    char *folder = hn_test_temp_dir();
    snprintf(url, sizeof url, "sqlite:///%s/s.db", folder);
    hone_study *study = study_with_ladder(url);
    hone_trial *trials[2];
    for (int i = 0; i < 2; i++) {
        ask(study, &trials[i], NULL);
        hone_trial_report(trials[i], 2, 1);
        end(study, trials[i], HONE_PRUNED, 0);
    }
    hone_study_destroy(study);
    study = study_with_ladder(url);
    size_t reaped = 9;
    ck_assert(!hone_study_reap(study, -1, &reaped, NULL));
    ck_assert_uint_eq(reaped, 0);
    hone_trial *trial;
    ck_assert_int_eq(ask(study, &trial, NULL), HONE_ASKED);
    ck_assert_int_eq(hone_trial_number(trial), 1);
    ck_assert_int_eq(hone_trial_resume_step(trial), 2);
    end(study, trial, HONE_COMPLETE, 3);
    hone_study_destroy(study);
    free(folder);
}
END_TEST

/* --- estimates --- */

static hone_status guess(void *state, const hn_prune_context *context, hn_arena *scratch,
                         hn_estimates *estimates, hone_error *err)
{
    (void)state, (void)err;
    hn_estimate *items = HN_ARENA_NEW(scratch, hn_estimate, 2);
    hn_estimate_rung *rung = HN_ARENA_NEW(scratch, hn_estimate_rung, 1);
    ck_assert_uint_eq(context->n_paused, 2);
    items[0] = (hn_estimate){0, 0.5, 0.25};
    items[1] = (hn_estimate){1, 0.25, 0};
    *rung = (hn_estimate_rung){.items = items, .n = 2, .kept = 2};
    *estimates =
        (hn_estimates){.items = items, .n = 2, .rungs = rung, .n_rungs = 1, .first = (size_t)context->budget};
    return HONE_OK;
}

/* A sampler is given the pruner's estimates of the trials that it may see. */
START_TEST(a_sampler_sees_the_estimates)
{
    static const hn_pruner_type guesses = {
        .name = "guesses", .help = "a dummy", .next = next, .judge = judge, .estimate = guess};
    hone_study *study = study_with_ladder("memory:");
    hone_trial *trial;
    hn_ask made;
    for (int i = 0; i < 2; i++) {
        ask(study, &trial, NULL);
        hone_trial_report(trial, 2, 1);
        end(study, trial, HONE_PRUNED, 0);
    }
    ck_assert(!hn_study_make_ask(study, NULL, 2, 0, &made, NULL));
    ck_assert_ptr_null(made.estimates);
    hn_pruner_destroy(study->pruner);
    ck_assert(!hn_pruner_create_from(&guesses, NULL, &study->pruner, NULL));
    ck_assert(!hn_study_make_ask(study, NULL, 2, 0, &made, NULL));
    ck_assert_uint_eq(made.estimates->n, 2);
    ck_assert_uint_eq(made.estimates->rungs[0].n, 2);
    ck_assert_uint_eq(made.estimates->first, 0);
    ck_assert_double_eq(hn_estimate_find(made.estimates, 1)->loss, 0.25);
    ck_assert_double_eq(hn_estimate_find(made.estimates, 0)->deviation, 0.25);
    ck_assert_ptr_null(hn_estimate_find(made.estimates, 2));
    study->definition->lag = 1;
    ck_assert(!hn_study_make_ask(study, NULL, 2, 0, &made, NULL));
    ck_assert_uint_eq(made.estimates->n, 1);
    ck_assert_uint_eq(made.estimates->rungs[0].n, 1);
    ck_assert_uint_eq(made.estimates->rungs[0].kept, 1);
    ck_assert(!hn_study_make_ask(study, NULL, 2, 5, &made, NULL));
    ck_assert_uint_eq(made.estimates->first, 5);
    hone_study_destroy(study);
}
END_TEST

/* --- successive halving, by threads --- */

static hone_study *halving_study(const char *url, const char *pruner)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.space = "{x: {float: [0, 1]}}";
    config.sampler = "random";
    config.pruner = pruner;
    config.seed = 5;
    config.has_seed = true;
    hone_study *study = NULL;
    hone_error err = {0};
    ck_assert_msg(!hone_study_open(url, "s", &config, &study, &err), "%s", err.message);
    return study;
}

/* The value is x, known from the first step; it pauses when it is told to. */
static hone_status climb_on(hone_trial *trial, void *user)
{
    (void)user;
    double x = x_of(trial);
    for (int64_t step = hone_trial_resume_step(trial) + 1; step <= 9; step++) {
        if (hone_trial_report(trial, step, x)) {
            return hone_trial_prune(trial);
        }
    }
    return hone_trial_set_value(trial, x);
}

static void expect_counts(hone_study *study, int64_t complete, int64_t pruned, int64_t failed)
{
    ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), complete);
    ck_assert_int_eq(hone_study_state_count(study, HONE_PRUNED), pruned);
    ck_assert_int_eq(hone_study_state_count(study, HONE_FAILED), failed);
    ck_assert_int_eq(hone_study_state_count(study, HONE_RUNNING), 0);
}

START_TEST(threads_climb_brackets)
{
    hone_study *study = halving_study("memory:", "successive_halving:max_resource=9,n_candidates=9");
    hone_named_value x = {"x", {.type = HONE_FLOAT, .as.real = 0.001}};
    hone_error err = {0};
    const char *reason;
    ck_assert(!hone_study_enqueue(study, &x, 1, NULL, &err)); /* a candidate like the others */
    for (int64_t round = 1; round <= 2; round++) {
        hone_budget budget = {.trials = 18, .workers = 3};
        ck_assert_msg(!hone_study_optimize(study, climb_on, NULL, &budget, &reason, &err), "%s", err.message);
        ck_assert_str_eq(reason, "trials");
        expect_counts(study, 2, 16, 0);
    }
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 0, &info, &err));
    ck_assert_int_eq(info->state, HONE_COMPLETE);
    ck_assert_uint_eq(info->n_reports, 9);
    hone_trial_info_free(info);
    hone_budget more = {.more_trials = 3};
    ck_assert(!hone_study_optimize(study, climb_on, NULL, &more, &reason, &err));
    expect_counts(study, 3, 18, 0);
    hone_study_destroy(study);
}
END_TEST

START_TEST(the_trial_of_a_dead_worker_is_paused)
{
    char url[512];
    char *folder = hn_test_temp_dir();
    snprintf(url, sizeof url, "sqlite:///%s/s.db", folder);
    hone_study *study = halving_study(url, "successive_halving:max_resource=9,n_candidates=3");
    hone_trial *trial;
    size_t reaped = 0;
    ask(study, &trial, NULL);
    hone_trial_report(trial, 1, 0.5);
    ck_assert(!hone_trial_heartbeat(trial, NULL)); /* somebody kept it alive, and does no more */
    hone_trial_free(trial);
    hone_study_destroy(study);
    study = halving_study(url, "successive_halving:max_resource=9,n_candidates=3");
    ck_assert(!hone_study_reap(study, -1, &reaped, NULL));
    ck_assert_uint_eq(reaped, 1);
    ck_assert(!hone_study_reap(study, -1, &reaped, NULL));
    ck_assert_uint_eq(reaped, 0);
    ck_assert_uint_eq(study->n_paused, 1);
    hone_budget budget = {.trials = 3};
    ck_assert(!hone_study_optimize(study, climb_on, NULL, &budget, NULL, NULL));
    expect_counts(study, 1, 2, 0);
    hone_study_destroy(study);
    free(folder);
}
END_TEST

START_TEST(a_grid_is_not_raced)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.space = "{x: {choice: [1, 2]}}";
    config.sampler = "grid";
    config.pruner = "race";
    hone_study *study = NULL;
    hone_error err = {0};
    ck_assert_int_eq(hone_study_open("memory:", "s", &config, &study, &err), HONE_UNSUPPORTED);
    hn_assert_contains(err.message, "pruner race is not for sampler grid");
}
END_TEST

Suite *suite_scheduler(void)
{
    Suite *suite = suite_create("scheduler");
    TCase *ladder_case = tcase_create("ladder");
    tcase_add_test(ladder_case, a_scheduler_works_in_memory);
    tcase_add_test(ladder_case, a_scheduler_works_in_a_database);
    tcase_add_test(ladder_case, paused_trials_are_known_after_a_restart_and_never_reaped);
    tcase_add_test(ladder_case, a_sampler_sees_the_estimates);
    tcase_add_test(ladder_case, threads_climb_brackets);
    tcase_add_test(ladder_case, the_trial_of_a_dead_worker_is_paused);
    tcase_add_test(ladder_case, a_grid_is_not_raced);
    suite_add_tcase(suite, ladder_case);
    return suite;
}
