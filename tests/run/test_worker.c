/* Built-in models in worker processes: this executable in the role `__worker` (roles.c). */
#include "run/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "run/slots.h"
#include "run/worker_loop.h"
#include "support.h"

static const char *const worker[] = {"/proc/self/exe", "__worker", NULL};

/* Trials with x = each of the numbers given, one after another in one slot. */
static void run_numbers(bench *made, hn_worker_config *config, const int64_t *numbers, size_t n)
{
    bench_init(made, "minimize value", "{x: {int: [0, 99]}}", NULL, NULL);
    for (size_t i = 0; i < n; i++) {
        hone_named_value x = {"x", {.type = HONE_INT, .as.integer = numbers[i]}};
        ck_assert(!hone_study_enqueue(made->study, &x, 1, NULL, &made->err));
    }
    made->run.objective = &hn_objective_worker;
    made->run.objective_config = config;
    made->run.budget.more_trials = (int64_t)n;
    bench_run(made);
}

static hn_worker_config plain(void)
{
    return (hn_worker_config){.argv = worker, .data_fd = -1, .seed = 7, .policy = {shim_words, false}};
}

static void expect_message(bench *made, int64_t number, const char *part)
{
    hone_trial_info *info = bench_trial(made, number);
    ck_assert_int_eq(info->state, HONE_FAILED);
    hn_assert_contains(info->message, part);
    hone_trial_info_free(info);
}

START_TEST(a_worker_runs_many_trials)
{
    bench made;
    hn_worker_config config = plain();
    run_numbers(&made, &config, (const int64_t[]){10, 20, 30}, 3);
    ck_assert_msg(!made.status, "%s", made.err.message);
    ck_assert_int_eq(made.result.complete, 3);
    hone_trial_info *info = bench_trial(&made, 1);
    ck_assert_double_eq(info->values[0], 20);
    ck_assert_uint_eq(info->n_reports, 1);
    hone_trial_info_free(info);
    char *first = bench_file(&made, 0, "log.txt"), *last = bench_file(&made, 2, "log.txt");
    hn_assert_contains(first, "trial 0 runs in ");
    ck_assert_str_eq(strstr(first, "runs in"), strstr(last, "runs in")); /* the same process */
    free(first);
    free(last);
    bench_release(&made);
}
END_TEST

START_TEST(a_bad_trial_costs_only_itself)
{
    bench made;
    hn_worker_config config = plain();
    run_numbers(&made, &config, (const int64_t[]){10, 1, 2, 4, 5, 20}, 6);
    ck_assert_int_eq(made.result.complete, 2);
    ck_assert_int_eq(made.result.failed, 4);
    expect_message(&made, 1, "the model does not like 1");
    expect_message(&made, 2, "its worker was killed by signal 9 (SIGKILL); last line: trial 2 runs in");
    expect_message(&made, 3, "its worker answered what is not understood: hello");
    expect_message(&made, 4, "its worker ended with exit status 5");
    bench_release(&made);
}
END_TEST

/* The next trial is not to be faster than the limit. */
static void lift_limit(void *user, const hone_trial *trial, const hn_ending *ending, double seconds)
{
    (void)trial, (void)ending, (void)seconds;
    (*(hn_run **)user)->config.trial_seconds = 0;
}

START_TEST(a_worker_that_hangs_is_replaced)
{
    bench made;
    hn_run *run;
    hn_worker_config config = plain();
    bench_init(&made, "minimize value", "{x: {int: [0, 99]}}", NULL, NULL);
    for (int64_t i = 0; i < 2; i++) {
        hone_named_value x = {"x", {.type = HONE_INT, .as.integer = i ? 8 : 3}};
        ck_assert(!hone_study_enqueue(made.study, &x, 1, NULL, &made.err));
    }
    made.run.objective = &hn_objective_worker;
    made.run.objective_config = &config;
    made.run.budget.more_trials = 2;
    made.run.trial_seconds = 0.3;
    made.run.observer = (hn_run_observer){.user = &run, .ended = lift_limit};
    ck_assert(!hn_run_create(&made.run, &run, &made.err));
    ck_assert_int_eq(hn_run_execute(run, &made.result, &made.err), HONE_OK);
    hn_run_destroy(run);
    expect_message(&made, 0, "it ran longer than 0.3 s");
    hone_trial_info *info = bench_trial(&made, 1);
    ck_assert_int_eq(info->state, HONE_COMPLETE);
    hone_trial_info_free(info);
    bench_release(&made);
}
END_TEST

START_TEST(a_pruned_trial_keeps_its_worker_and_what_it_has)
{
    bench made;
    hn_worker_config config = plain();
    bench_init(&made, "minimize value", "{x: {int: [0, 99]}}", "median:n_startup=1", NULL);
    for (int64_t i = 0; i < 3; i++) {
        hone_named_value x = {"x", {.type = HONE_INT, .as.integer = (int64_t[]){10, 95, 20}[i]}};
        ck_assert(!hone_study_enqueue(made.study, &x, 1, NULL, &made.err));
    }
    made.run.objective = &hn_objective_worker;
    made.run.objective_config = &config;
    made.run.budget.more_trials = 3;
    bench_run(&made);
    hone_trial_info *info = bench_trial(&made, 1);
    ck_assert_int_eq(info->state, HONE_PRUNED);
    ck_assert_uint_eq(info->n_attributes, 1);
    ck_assert_str_eq(info->attribute_keys[0], "process");
    hone_trial_info_free(info);
    char *first = bench_file(&made, 0, "log.txt"), *last = bench_file(&made, 2, "log.txt");
    ck_assert_ptr_nonnull(strstr(first, "runs in"));
    ck_assert_str_eq(strstr(first, "runs in"), strstr(last, "runs in")); /* the same process */
    free(first);
    free(last);
    bench_release(&made);
}
END_TEST

START_TEST(a_worker_that_cannot_begin_says_why)
{
    bench made;
    hn_worker_config config = plain();
    config.init_json = "{\"bad\": \"weather\"}";
    run_numbers(&made, &config, (const int64_t[]){10}, 1);
    expect_message(&made, 0, "init does not like weather");
    bench_release(&made);
    static const char *const missing[] = {"no-such-worker", NULL};
    config = plain();
    config.argv = missing;
    run_numbers(&made, &config, (const int64_t[]){10}, 1);
    expect_message(&made, 0, "cannot start 'no-such-worker'");
    bench_release(&made);
}
END_TEST

START_TEST(a_crash_may_be_tried_again)
{
    bench made;
    hn_worker_config config = plain();
    bench_init(&made, "minimize value", "{x: {int: [2, 2]}}", NULL, NULL);
    made.run.objective = &hn_objective_worker;
    made.run.objective_config = &config;
    made.run.retries = 2;
    bench_run(&made);
    char *log = bench_file(&made, 0, "log.txt");
    hn_assert_contains(log, "--- attempt 3:");
    free(log);
    ck_assert_int_eq(made.result.failed, 1);
    bench_release(&made);
}
END_TEST

/* What the loop answers to a text. */
static void expect_answers(const char *input, hone_status status, const char *expected)
{
    int to[2], from[2];
    char answers[4096] = "";
    hone_error err = {0};
    hn_worker_callbacks callbacks = {0};
    ck_assert(!pipe(to) && !pipe(from));
    ck_assert_int_eq(write(to[1], input, strlen(input)), (int)strlen(input));
    close(to[1]);
    ck_assert_int_eq(hn_worker_loop(to[0], from[1], &callbacks, &err), status);
    close(to[0]);
    close(from[1]);
    ck_assert_int_ge(read(from[0], answers, sizeof answers - 1), 0);
    close(from[0]);
    ck_assert_str_eq(answers, expected);
}

START_TEST(the_loop_ends_with_its_input)
{
    expect_answers("", HONE_OK, "");
    expect_answers("{\"init\":null}\n", HONE_OK, "");
    expect_answers("{\"init\":null}\n{\"tri", HONE_OK, "");
    expect_answers("{\"init\":null}\n{\"stop\":3}\n", HONE_OK, ""); /* too late: its trial had ended */
    expect_answers("nonsense\n", HONE_PARSE, "");
    expect_answers("{\"other\":1}\n", HONE_PARSE, "");
}
END_TEST

Suite *suite_worker(void)
{
    Suite *suite = suite_create("worker");
    TCase *cases = tcase_create("worker");
    tcase_add_test(cases, a_worker_runs_many_trials);
    tcase_add_test(cases, a_bad_trial_costs_only_itself);
    tcase_add_test(cases, a_worker_that_hangs_is_replaced);
    tcase_add_test(cases, a_pruned_trial_keeps_its_worker_and_what_it_has);
    tcase_add_test(cases, a_worker_that_cannot_begin_says_why);
    tcase_add_test(cases, a_crash_may_be_tried_again);
    tcase_add_test(cases, the_loop_ends_with_its_input);
    suite_add_tcase(suite, cases);
    return suite;
}
