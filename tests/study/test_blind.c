/* Asks that need no result of other trials: handles that do not read what the others told still number, draw
 * and end together. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fixture.h"
#include "hone/hone.h"
#include "postgres.h"

enum { SQLITE, POSTGRES, HANDLES = 6 };

static char url[540];

static void make_url(int storage)
{
    if (storage == POSTGRES) {
        char schema[512];
        hn_test_postgres_url(schema);
        snprintf(url, sizeof url, "%s&poll=1ms", schema);
        return;
    }
    char *folder = hn_test_temp_dir();
    snprintf(url, sizeof url, "sqlite:///%s/study.db", folder);
    free(folder);
}

/* A notification takes the time that it takes, but a handle looks by itself when `poll` has passed. */
static void await_poll(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* The number of parameters depends on the trial. */
static hone_study *open_study(const char *where, const char *sampler)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study *study = NULL;
    hone_error err = {0};
    config.goal = "minimize loss";
    config.space = "{x: {float: [0, 1]}, act: {choice: [relu, tanh]},"
                   " slope: {float: [0, 1], when: act == relu}}";
    config.sampler = sampler;
    config.seed = 7;
    config.has_seed = true;
    ck_assert_msg(!hone_study_open(where, "s", &config, &study, &err), "%s", err.message);
    return study;
}

static double x_of(const hone_trial *trial)
{
    hone_value value;
    ck_assert(!hone_trial_get(trial, "x", &value, NULL));
    return value.as.real;
}

static hone_status tell_x(hone_trial *trial, void *user)
{
    (void)user;
    return hone_trial_set_value(trial, x_of(trial));
}

/* One of several workers of a run that shall have `trials` trials in all. */
typedef struct worker {
    int64_t trials; /* 0: as many as there is time for */
    const char *sampler;
    hone_status status;
} worker;

static void *work(void *user)
{
    worker *w = user;
    hone_study *study = open_study(url, w->sampler);
    hone_budget budget = {.trials = w->trials, .seconds = w->trials ? 0 : 0.15};
    w->status = hone_study_optimize(study, tell_x, NULL, &budget, NULL, NULL);
    hone_study_destroy(study);
    return NULL;
}

static void run_workers(int64_t trials, const char *sampler)
{
    pthread_t threads[HANDLES];
    worker workers[HANDLES];
    for (int i = 0; i < HANDLES; i++) {
        workers[i] = (worker){.trials = trials, .sampler = sampler};
        ck_assert(!pthread_create(&threads[i], NULL, work, &workers[i]));
    }
    for (int i = 0; i < HANDLES; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(workers[i].status, HONE_OK);
    }
}

/* Random search draws by number: what the handles asked is what one alone asks, trial for trial. */
static void check_trials(int64_t trials)
{
    hone_study *shared = open_study(url, "random"), *alone = open_study("memory:", "random");
    hone_budget budget = {.trials = trials};
    ck_assert(!hone_study_optimize(alone, tell_x, NULL, &budget, NULL, NULL));
    ck_assert_int_eq(hone_study_trial_count(shared), trials);
    ck_assert_int_eq(hone_study_state_count(shared, HONE_COMPLETE), trials);
    for (int64_t i = 0; i < trials; i++) {
        hone_trial_info *one = NULL, *other = NULL;
        ck_assert(!hone_study_trial(shared, i, &one, NULL));
        ck_assert(!hone_study_trial(alone, i, &other, NULL));
        ck_assert_int_eq(one->n_params, other->n_params);
        for (size_t k = 0; k < one->n_params; k++) {
            ck_assert_str_eq(one->params[k].name, other->params[k].name);
        }
        ck_assert_double_eq(one->params[0].value.as.real, other->params[0].value.as.real);
        ck_assert_double_eq(one->values[0], other->values[0]);
        hone_trial_info_free(one);
        hone_trial_info_free(other);
    }
    hone_study_destroy(shared);
    hone_study_destroy(alone);
}

START_TEST(workers_make_each_trial_once)
{
    make_url(_i);
    run_workers(150, "random");
    check_trials(150);
    run_workers(151, "random"); /* one more for all of them */
    check_trials(151);
}
END_TEST

/* Proposals depend on the time then: every trial that was begun is told. */
START_TEST(no_trial_is_left_when_the_time_is_over)
{
    make_url(_i);
    for (int round = 0; round < 3; round++) {
        run_workers(0, "random");
    }
    hone_study *study = open_study(url, "random");
    ck_assert_int_gt(hone_study_trial_count(study), 0);
    ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), hone_study_trial_count(study));
    hone_study_destroy(study);
}
END_TEST

START_TEST(workers_that_look_at_results_end_together_too)
{
    make_url(_i);
    run_workers(40, "tpe");
    hone_study *study = open_study(url, "tpe");
    ck_assert_int_eq(hone_study_trial_count(study), 40);
    ck_assert_int_eq(hone_study_state_count(study, HONE_COMPLETE), 40);
    hone_study_destroy(study);
}
END_TEST

/* Handle `one` asks on, reads nothing of what `two` told, and can be asked about it. */
START_TEST(what_others_told_is_read_when_it_is_wanted)
{
    make_url(_i);
    hone_study *one = open_study(url, "random"), *two = open_study(url, "random");
    int64_t *best = NULL;
    size_t count = 0;
    for (int i = 0; i < 12; i++) {
        hone_trial *trial = ask(i % 4 ? two : one);
        ck_assert_int_eq(hone_trial_number(trial), i);
        tell(i % 4 ? two : one, trial, 12 - i);
    }
    await_poll();
    ck_assert(!hone_study_best(one, 1, &best, &count, NULL));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(best[0], 11);
    ck_assert_int_eq(hone_study_state_count(one, HONE_COMPLETE), 12);
    hone_free(best);
    hone_study_destroy(one);
    hone_study_destroy(two);
}
END_TEST

/* A number that skips one of another handle: that trial is read later. */
START_TEST(a_trial_that_was_added_hides_none)
{
    make_url(_i);
    hone_study *one = open_study(url, "random"), *two = open_study(url, "random");
    double value = 3;
    hone_named_value x = {"x", {HONE_FLOAT, {.real = 0.5}}};
    hone_error err = {0};
    tell(one, ask(one), 5);
    hone_trial *theirs = ask(two);
    ck_assert_msg(!hone_study_add(one, &x, 1, HONE_COMPLETE, &value, 1, NULL, &err), "%s", err.message);
    tell(two, theirs, 1);
    await_poll();
    ck_assert_int_eq(hone_study_state_count(one, HONE_COMPLETE), 3);
    hone_study_destroy(one);
    hone_study_destroy(two);
}
END_TEST

START_TEST(a_stop_and_the_queue_are_heeded)
{
    make_url(_i);
    hone_study *one = open_study(url, "random"), *two = open_study(url, "random");
    hone_named_value x = {"x", {HONE_FLOAT, {.real = 0.5}}};
    hone_error err = {0};
    hone_outcome outcome = HONE_ASKED;
    hone_trial *trial = NULL;
    int64_t number;
    tell(one, ask(one), 5);
    tell(two, ask(two), 5);
    ck_assert_msg(!hone_study_enqueue(two, &x, 1, &number, &err), "%s", err.message);
    await_poll();
    trial = ask(one);
    ck_assert_int_eq(hone_trial_number(trial), number);
    ck_assert_double_eq(x_of(trial), 0.5);
    tell(one, trial, 5);
    ck_assert(!hone_study_stop(two, "enough", NULL));
    await_poll();
    ck_assert(!hone_study_ask(one, &outcome, &trial, NULL, NULL, &err));
    ck_assert_int_eq(outcome, HONE_DONE);
    hone_study_destroy(one);
    hone_study_destroy(two);
}
END_TEST

START_TEST(postgresql_is_not_there)
{
    HN_SKIP("%s", hn_test_postgres_missing());
}
END_TEST

static void add_tests(TCase *tcase, int storage)
{
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, workers_make_each_trial_once, storage, storage + 1);
    tcase_add_loop_test(tcase, no_trial_is_left_when_the_time_is_over, storage, storage + 1);
    tcase_add_loop_test(tcase, workers_that_look_at_results_end_together_too, storage, storage + 1);
    tcase_add_loop_test(tcase, what_others_told_is_read_when_it_is_wanted, storage, storage + 1);
    tcase_add_loop_test(tcase, a_trial_that_was_added_hides_none, storage, storage + 1);
    tcase_add_loop_test(tcase, a_stop_and_the_queue_are_heeded, storage, storage + 1);
}

Suite *suite_blind(void)
{
    Suite *suite = suite_create("blind asks");
    TCase *sqlite = tcase_create("sqlite"), *postgres = tcase_create("postgresql");
    add_tests(sqlite, SQLITE);
    suite_add_tcase(suite, sqlite);
    if (hn_test_postgres_missing()) {
        tcase_add_test(postgres, postgresql_is_not_there);
    } else {
        tcase_add_unchecked_fixture(postgres, hn_test_postgres_begin, hn_test_postgres_end);
        add_tests(postgres, POSTGRES);
    }
    suite_add_tcase(suite, postgres);
    return suite;
}
