/* Trials of dead workers: put back, taken up where they were, failed after too many; and clocks that jump. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fixture.h"
#include "hone/hone.h"
#include "study/study.h"

enum { INTERVAL = 60 }; /* seconds between heartbeats */

static char *folder, url[512];
static int64_t now_ns, now_us;

static int64_t fake_ns(void)
{
    return now_ns;
}

static int64_t fake_us(void)
{
    return now_us;
}

static const hn_clock fake = {fake_ns, fake_us};

static void pass(double seconds)
{
    now_ns += (int64_t)(seconds * 1e9);
    now_us += (int64_t)(seconds * 1e6);
}

static void set_up(void)
{
    folder = hn_test_temp_dir();
    snprintf(url, sizeof url, "sqlite:///%s/study.db", folder);
    now_ns = 1000000000000;
    now_us = 1700000000000000;
    hn_clock_use(&fake);
}

static void tear_down(void)
{
    hn_clock_use(NULL);
    free(folder);
}

/* A worker's handle: the trials that it asks beat. */
static hone_study *worker(int64_t restarts)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.goal = "minimize loss";
    config.space = "{x: {float: [0, 1]}}";
    config.sampler = "random";
    config.seed = config.has_seed = true;
    config.heartbeat_seconds = INTERVAL;
    config.restarts = restarts;
    hone_study *study = NULL;
    hone_error err = {0};
    ck_assert_msg(!hone_study_open(url, "s", &config, &study, &err), "%s", err.message);
    ck_assert(!hn_study_set_beats(study, "job 7", NULL));
    return study;
}

/* One with a trial that it will never tell: number 0, one step reported, whose x is *x. */
static hone_study *die(int64_t restarts, double *x)
{
    hone_study *study = worker(restarts);
    hone_trial *trial = ask(study);
    hone_value value;
    hone_trial_report(trial, 7, 0.25);
    ck_assert(!hone_trial_get(trial, "x", &value, NULL));
    *x = value.as.real;
    hone_trial_free(trial);
    return study;
}

/* What a handle that asks and tells sees until it takes up trial 0; the clock shows `wall` at each ask.
 * Returns the asks before. */
static int asks_until_taken(hone_study *study, const int64_t *wall, int n, hone_trial **taken)
{
    for (int i = 0; i < n; i++) {
        now_us = wall ? wall[i] : now_us;
        hone_trial *trial = ask(study);
        if (!hone_trial_number(trial)) {
            *taken = trial;
            return i;
        }
        tell(study, trial, 1);
        pass(INTERVAL + 1);
    }
    return n;
}

START_TEST(a_trial_goes_on_under_its_number)
{
    double x;
    hone_study *dead = die(0, &x), *study = worker(0);
    hone_trial *trial = NULL;
    hone_value value;
    int asks = asks_until_taken(study, NULL, 10, &trial);
    ck_assert_int_eq(asks, 2); /* seen, silent for one interval, silent for two */
    ck_assert(!hone_trial_get(trial, "x", &value, NULL));
    ck_assert_double_eq(value.as.real, x);
    ck_assert_int_eq(hone_trial_resume_step(trial), 7);
    ck_assert_int_eq(trial->restarts, 1);
    tell(study, trial, 0.5);
    ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), 3);
    ck_assert_int_eq(hone_study_trial_count(study), 3);
    hone_study_destroy(study);
    hone_study_destroy(dead);
}
END_TEST

START_TEST(who_beats_lives_whatever_its_clock_says)
{
    hone_study *busy = worker(0), *study = worker(0);
    hone_trial *running = ask(busy), *taken = NULL;
    const int64_t day = (int64_t)86400 * 1000000, walls[] = {now_us + day, now_us - day, now_us + 2 * day};
    for (int i = 0; i < 3; i++) { /* both jump, and the busy one beats */
        ck_assert_int_eq(asks_until_taken(study, &walls[i], 1, &taken), 1);
        now_us = walls[2 - i] + i;
        ck_assert(!hone_trial_heartbeat(running, NULL));
        pass(5 * INTERVAL);
    }
    tell(busy, running, 0.125);
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 0, &info, NULL));
    ck_assert_int_eq(info->state, HONE_COMPLETE);
    ck_assert_double_eq(info->values[0], 0.125);
    hone_trial_info_free(info);
    ck_assert_int_eq(hone_study_trial_count(study), 4);
    hone_study_destroy(busy);
    hone_study_destroy(study);
}
END_TEST

START_TEST(after_too_many_restarts_it_has_failed)
{
    double x;
    hone_study *dead = die(1, &x), *study = worker(1);
    hone_trial *trial;
    size_t reaped;
    for (int restarts = 0; restarts < 2; restarts++) {
        pass(3 * INTERVAL);
        ck_assert(!hone_study_reap(study, 2 * INTERVAL, &reaped, NULL));
        ck_assert_uint_eq(reaped, 1);
        ck_assert_int_eq(hone_study_state_count(study, HONE_FAILED), restarts);
        if (!restarts) {
            trial = ask(dead);
            ck_assert_int_eq(hone_trial_number(trial), 0);
            hone_trial_free(trial);
        }
    }
    trial = ask(study);
    ck_assert_int_eq(hone_trial_number(trial), 1);
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 0, &info, NULL));
    hn_assert_contains(info->message, "worker died");
    hone_trial_info_free(info);
    hone_trial_free(trial);
    hone_study_destroy(study);
    hone_study_destroy(dead);
}
END_TEST

/* The worker was only slow: its value is kept beside that of who took the trial over. */
START_TEST(a_value_under_an_expired_lease_is_kept)
{
    hone_study *slow = worker(0), *study = worker(0);
    hone_trial *first = ask(slow), *second;
    size_t reaped;
    pass(3 * INTERVAL);
    ck_assert(!hone_study_reap(study, 2 * INTERVAL, &reaped, NULL));
    ck_assert_uint_eq(reaped, 1);
    second = ask(study);
    ck_assert_int_eq(hone_trial_number(second), 0);
    tell(slow, first, 0.25);
    tell(study, second, 0.5);
    const double values[] = {0.5, 0.25};
    for (int i = 0; i < 2; i++) {
        hone_trial_info *info;
        ck_assert(!hone_study_trial(study, i, &info, NULL));
        ck_assert_int_eq(info->state, HONE_COMPLETE);
        ck_assert_double_eq(info->values[0], values[i]);
        hone_trial_info_free(info);
    }
    ck_assert_int_eq(hone_study_trial_count(study), 2);
    hone_study_destroy(slow);
    hone_study_destroy(study);
}
END_TEST

START_TEST(one_of_two_reapers_puts_it_back)
{
    double x;
    hone_study *dead = die(0, &x), *studies[2] = {worker(0), worker(0)};
    size_t reaped[2];
    pass(3 * INTERVAL);
    for (int i = 0; i < 2; i++) {
        ck_assert(!hone_study_reap(studies[i], 2 * INTERVAL, &reaped[i], NULL));
    }
    ck_assert(reaped[0] == 1 && reaped[1] == 0);
    hone_trial *trials[2] = {ask(studies[1]), ask(studies[0])};
    ck_assert_int_eq(hone_trial_number(trials[0]), 0);
    ck_assert_int_eq(hone_trial_number(trials[1]), 1);
    for (int i = 0; i < 2; i++) {
        tell(studies[1 - i], trials[i], i);
        hone_study_destroy(studies[1 - i]);
    }
    hone_study_destroy(dead);
}
END_TEST

START_TEST(the_time_that_nobody_ran_it_is_not_counted)
{
    hone_study *dead = worker(0), *study = worker(0);
    hone_trial *trial = ask(dead);
    pass(10);
    ck_assert(!hone_trial_heartbeat(trial, NULL));
    hone_trial_free(trial);
    pass(100 * INTERVAL);
    ck_assert(!hone_study_reap(study, 2 * INTERVAL, NULL, NULL));
    pass(100 * INTERVAL);
    trial = ask(study);
    pass(5);
    tell(study, trial, 1);
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, 0, &info, NULL));
    ck_assert_double_eq_tol(info->seconds, 15, 1e-6);
    hone_trial_info_free(info);
    hone_study_destroy(study);
    hone_study_destroy(dead);
}
END_TEST

START_TEST(restarts_are_checked)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study *study = NULL;
    hone_error err = {0};
    config.restarts = -2;
    ck_assert_int_eq(hone_study_open("memory:", "s", &config, &study, &err), HONE_INVALID);
    hn_assert_contains(err.message, "restarts");
}
END_TEST

Suite *suite_reap(void)
{
    Suite *suite = suite_create("reap");
    TCase *dead = tcase_create("dead workers");
    tcase_add_checked_fixture(dead, set_up, tear_down);
    tcase_add_test(dead, a_trial_goes_on_under_its_number);
    tcase_add_test(dead, who_beats_lives_whatever_its_clock_says);
    tcase_add_test(dead, after_too_many_restarts_it_has_failed);
    tcase_add_test(dead, a_value_under_an_expired_lease_is_kept);
    tcase_add_test(dead, one_of_two_reapers_puts_it_back);
    tcase_add_test(dead, the_time_that_nobody_ran_it_is_not_counted);
    tcase_add_test(dead, restarts_are_checked);
    suite_add_tcase(suite, dead);
    return suite;
}
