/* How long trials take: predicted, and what follows for a run's time. Under a clock that the trials' work
 * moves. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "study/duration.h"
#include "support.h"

static int64_t now_ns;
static int64_t logged;
static char last_line[400];

static int64_t fake_ns(void)
{
    return now_ns;
}

static int64_t fake_us(void)
{
    return INT64_C(1700000000000000) + now_ns / 1000;
}

static const hn_clock fake = {fake_ns, fake_us};

static void take_line(void *user, hn_log_level level, const char *message)
{
    (void)user;
    (void)level;
    if (strstr(message, "it takes about")) {
        logged++;
        strncpy(last_line, message, sizeof last_line - 1);
    }
}

static void set_up(void)
{
    now_ns = INT64_C(1000000000);
    logged = 0;
    hn_clock_use(&fake);
    hn_log_set(take_line, NULL, HN_LOG_INFO);
}

static void tear_down(void)
{
    hn_clock_use(NULL);
    hn_log_set(NULL, NULL, HN_LOG_INFO);
}

static hone_study *open_study(const char *pruner)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study *study = NULL;
    hone_error err = {0};
    config.space =
        "{x: {float: [0, 1]}, kind: {choice: [quick, slow]}, unrelated: {float: [1, 10], log: true}}";
    config.sampler = "random";
    config.pruner = pruner;
    config.seed = 3;
    config.has_seed = true;
    ck_assert_msg(!hone_study_open("memory:", "s", &config, &study, &err), "%s", err.message);
    return study;
}

/* exp(1 + 2 x), four times as long when slow: 2.7 to 80 seconds. */
static double true_seconds(const hone_trial *trial)
{
    hone_value x = {0}, kind = {0};
    ck_assert(!hone_trial_get(trial, "x", &x, NULL) && !hone_trial_get(trial, "kind", &kind, NULL));
    return exp(1 + 2 * x.as.real) * (strcmp(kind.as.string, "slow") ? 1 : 4);
}

static hone_status work(hone_trial *trial, void *user)
{
    (void)user;
    now_ns += (int64_t)(true_seconds(trial) * 1e9);
    return hone_trial_set_value(trial, 1);
}

/* Nine steps of a ninth of it each. */
static hone_status work_in_steps(hone_trial *trial, void *user)
{
    (void)user;
    for (int64_t step = hone_trial_resume_step(trial) + 1; step <= 9; step++) {
        now_ns += (int64_t)(true_seconds(trial) / 9 * 1e9);
        if (hone_trial_report(trial, step, (double)hone_trial_number(trial))) {
            return hone_trial_prune(trial);
        }
    }
    return hone_trial_set_value(trial, (double)hone_trial_number(trial));
}

START_TEST(predictions_follow_the_parameters)
{
    hone_study *study = open_study(NULL);
    hn_arena arena = HN_ARENA_INIT;
    hn_durations model;
    ck_assert(!hone_study_optimize(study, work, NULL, &(hone_budget){.trials = 40}, NULL, NULL));
    hn_study_lock(study);
    ck_assert(!hn_durations_fit(study, &arena, &model, NULL));
    hn_study_unlock(study);
    ck_assert_uint_eq(model.n, 40);
    ck_assert(!model.by_step);
    for (int i = 0; i < 20; i++) { /* trials it has not seen */
        hone_trial *trial = NULL;
        hone_outcome outcome;
        ck_assert(!hone_study_ask(study, &outcome, &trial, NULL, NULL, NULL));
        double seconds = hn_durations_predict(&model, trial->params, trial->n_params, 0, 0);
        ck_assert_double_le(fabs(log(seconds / true_seconds(trial))), 0.35);
        hone_trial_free(trial);
    }
    hn_arena_release(&arena);
    hone_study_destroy(study);
}
END_TEST

START_TEST(predictions_stay_near_what_was_seen)
{
    hone_study *study = open_study(NULL);
    hn_arena arena = HN_ARENA_INIT;
    hn_durations model;
    ck_assert(!hone_study_optimize(study, work, NULL, &(hone_budget){.trials = 2}, NULL, NULL));
    ck_assert(!hn_durations_fit(study, &arena, &model, NULL));
    ck_assert(isnan(hn_durations_predict(&model, NULL, 0, 0, 0)));
    ck_assert(!hone_study_optimize(study, work, NULL, &(hone_budget){.trials = 6}, NULL, NULL));
    ck_assert(!hn_durations_fit(study, &arena, &model, NULL));
    const hn_space *space = study->definition->space;
    hn_trial_param far = {"x", &space->parameters[hn_space_find(space, "x")].distribution, 1};
    double seconds = hn_durations_predict(&model, &far, 1, 0, 0);
    ck_assert_double_le(seconds, 2 * model.most);
    ck_assert_double_ge(seconds, model.least / 2);
    hn_arena_release(&arena);
    hone_study_destroy(study);
}
END_TEST

/* Once three trials are through, none is started that goes far beyond the time; shorter ones are proposed
 * instead, until there is no room for any. */
START_TEST(what_cannot_end_is_not_started)
{
    int short_of_time = 0;
    for (int seconds = 200; seconds <= 400; seconds += 25) {
        hone_study *study = open_study(NULL);
        const char *reason = NULL;
        int64_t began = now_ns;
        hone_budget budget = {.seconds = seconds};
        ck_assert(!hone_study_optimize(study, work, NULL, &budget, &reason, NULL));
        double used = (double)(now_ns - began) * 1e-9;
        ck_assert_str_eq(reason, "seconds");
        ck_assert_double_le(used, seconds + 20);
        ck_assert_double_ge(used, seconds - 30);
        const char *why = hn_buffer_string(&study->end_why);
        short_of_time += strstr(why, "the next trial takes about ") != NULL;
        /* nothing was begun in vain */
        ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), hone_study_trial_count(study));
        hone_study_destroy(study);
    }
    ck_assert_int_ge(short_of_time, 3);
    ck_assert_int_gt(logged, short_of_time);
    ck_assert_msg(strstr(last_line, "is not started: it takes about ") && strstr(last_line, "kind "), "%s",
                  last_line);
}
END_TEST

START_TEST(budgets_scale_the_prediction)
{
    hone_study *study =
        open_study("{successive_halving: {max_resource: 9, min_resource: 1, n_candidates: 9}}");
    hn_arena arena = HN_ARENA_INIT;
    hn_durations model;
    hone_error err = {0};
    ck_assert_msg(!hone_study_optimize(study, work_in_steps, NULL, &(hone_budget){.trials = 18}, NULL, &err),
                  "%s", err.message);
    hn_study_lock(study);
    ck_assert(!hn_durations_fit(study, &arena, &model, NULL));
    hn_study_unlock(study);
    ck_assert(model.by_step);
    ck_assert_int_eq(model.full, 9);
    double whole = hn_durations_predict(&model, NULL, 0, 0, 0),
           third = hn_durations_predict(&model, NULL, 0, 0, 3);
    ck_assert_double_eq_tol(whole, 3 * third, 1e-9 * whole);
    ck_assert_double_eq_tol(hn_durations_predict(&model, NULL, 0, 3, 9), 2 * third, 1e-9 * whole);
    hn_arena_release(&arena);
    hone_study_destroy(study);
}
END_TEST

/* What is left of a paused trial is predicted, too, and the reason says of which. */
START_TEST(what_cannot_end_is_not_gone_on_with)
{
    int said = 0;
    for (int seconds = 40; seconds <= 240; seconds += 5) {
        hone_study *study = open_study("{asha: {max_resource: 9, min_resource: 1, factor: 3}}");
        const char *reason = NULL;
        hone_budget budget = {.seconds = seconds, .trials = 9};
        ck_assert(!hone_study_optimize(study, work_in_steps, NULL, &budget, &reason, NULL));
        const char *why = hn_buffer_string(&study->end_why);
        if (strstr(why, "to go on with trial ")) {
            ck_assert_ptr_nonnull(strstr(why, " after step "));
            ck_assert_str_eq(reason, "seconds");
            ck_assert_msg(strstr(last_line, "is not gone on with: it takes about "), "%s", last_line);
            said++;
        }
        hone_study_destroy(study);
    }
    ck_assert_int_ge(said, 2);
}
END_TEST

/* Seconds that a paused trial waits are not its own. */
START_TEST(waiting_is_not_running)
{
    hone_study *study =
        open_study("{successive_halving: {max_resource: 9, min_resource: 1, n_candidates: 9}}");
    int64_t began = now_ns;
    ck_assert(!hone_study_optimize(study, work_in_steps, NULL, &(hone_budget){.trials = 9}, NULL, NULL));
    double sum = 0, worked = (double)(now_ns - began) * 1e-9;
    for (int64_t i = 0; i < hone_study_trial_count(study); i++) {
        sum += hn_history_seconds(study->history, i);
    }
    ck_assert_double_eq_tol(sum, worked, 1e-3);
    hone_study_destroy(study);
}
END_TEST

START_TEST(the_time_left_is_foreseen)
{
    hone_study *study = open_study(NULL);
    double left = 0;
    ck_assert(!hone_study_optimize(study, work, NULL, &(hone_budget){.trials = 30}, NULL, NULL));
    double mean = (double)(now_ns - 1000000000) * 1e-9 / 30;
    study->most_trials = 40;
    hn_study_lock(study);
    ck_assert(!hn_study_time_left(study, 1, &left, NULL));
    ck_assert_double_eq_tol(left, 10 * mean, 1e-6 * mean);
    ck_assert(!hn_study_time_left(study, 5, &left, NULL));
    ck_assert_double_eq_tol(left, 2 * mean, 1e-6 * mean);
    study->deadline_ns = now_ns + 1000000000;
    ck_assert(!hn_study_time_left(study, 5, &left, NULL));
    ck_assert_double_eq_tol(left, 1, 1e-9);
    study->most_trials = study->deadline_ns = 0;
    ck_assert(!hn_study_time_left(study, 5, &left, NULL));
    ck_assert(isnan(left));
    hn_study_unlock(study);
    hone_study_destroy(study);
}
END_TEST

Suite *suite_duration(void)
{
    Suite *suite = suite_create("duration");
    TCase *tests = tcase_create("duration");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, predictions_follow_the_parameters);
    tcase_add_test(tests, predictions_stay_near_what_was_seen);
    tcase_add_test(tests, what_cannot_end_is_not_started);
    tcase_add_test(tests, what_cannot_end_is_not_gone_on_with);
    tcase_add_test(tests, budgets_scale_the_prediction);
    tcase_add_test(tests, waiting_is_not_running);
    tcase_add_test(tests, the_time_left_is_foreseen);
    return suite;
}
