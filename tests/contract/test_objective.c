/* The same expectations of every objective type, and of a dummy that proves the contract open. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "objective_dummy.h"
#include "run/command.h"
#include "run/slots.h"
#include "run/worker.h"
#include "run/worker_loop.h"
#include "support.h"

/* --- the objectives --- */

static const char script[] =
    "case {x} in 90) echo no luck >&2; exit 1;; 91) echo step=0 value=1000; exec sleep 600;; esac; "
    "echo step=0 value={x}; echo step=1 value={x}";

static const char *const worker_argv[] = {"/proc/self/exe", "__objective_worker", NULL};

static hone_status run_model(void *user, const hn_worker_trial *trial, hn_worker_channel *channel,
                             hone_error *err)
{
    int64_t x = 0;
    (void)user;
    hn_node_int(hn_map_get(trial->params, "x"), &x);
    if (x == OBJECTIVE_FAILS) {
        return hn_fail(err, HONE_OBJECTIVE, "no luck");
    }
    hn_worker_report(channel, 0, "value", x == OBJECTIVE_HANGS ? 1000 : (double)x);
    if (x == OBJECTIVE_HANGS) {
        sleep(600);
    }
    hn_worker_report(channel, 1, "value", (double)x);
    hn_worker_metric(channel, "value", (double)x);
    return HONE_OK;
}

/* This executable started again as the worker, before main. */
__attribute__((constructor)) static void be_worker(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], worker_argv[1])) {
        hn_worker_callbacks callbacks = {.run = run_model};
        _exit(hn_worker_loop(0, 1, &callbacks, NULL) != HONE_OK);
    }
}

static hn_command_config command_config = {.study = "s", .grace_seconds = 0.2};
static const hn_worker_config worker_config = {.argv = worker_argv, .data_fd = -1, .grace_seconds = 0.2};

static const struct {
    const hn_objective_type *type;
    const void *config;
} objectives[] = {
    {&objective_dummy, NULL},
    {&hn_objective_command, &command_config},
    {&hn_objective_worker, &worker_config},
};

enum { N_OBJECTIVES = sizeof objectives / sizeof *objectives };

/* --- a run --- */

typedef struct fixture {
    char *folder;
    hone_study *study;
    hn_template *command;
    hn_run_config config;
    hn_run *run;
    hn_run_result result;
    hone_error err;
    int started, ended, hanging,
        interrupt_at; /* hanging trials at which the run is interrupted for good; 0 = never */
} fixture;

static void count_start(void *user, const hone_trial *trial)
{
    (void)trial;
    ((fixture *)user)->started++;
}

static void count_end(void *user, const hone_trial *trial, const hn_ending *ending, double seconds)
{
    fixture *f = user;
    (void)trial;
    (void)ending;
    (void)seconds;
    f->ended++;
    f->run->config.trial_seconds = 0; /* the limit is for the first: no later trial has to be faster */
}

static void watch(void *user, const hone_trial *trial, int64_t step, const char *metric, double value)
{
    fixture *f = user;
    (void)trial;
    (void)step;
    ck_assert_str_eq(metric, "value");
    f->hanging += value >= 1000;
    if (f->interrupt_at && f->hanging == f->interrupt_at) {
        hn_run_interrupt(f->run);
        hn_run_interrupt(f->run);
    }
}

static void set_up(fixture *f, int objective, const char *pruner, const int64_t *numbers, size_t n)
{
    memset(f, 0, sizeof *f);
    f->folder = hn_test_temp_dir();
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.goal = "minimize value";
    config.space = "{x: {int: [0, 99]}}";
    config.sampler = "random";
    config.pruner = pruner;
    ck_assert_msg(!hone_study_open("memory:", "s", &config, &f->study, &f->err), "%s", f->err.message);
    for (size_t i = 0; i < n; i++) {
        hone_named_value x = {"x", {.type = HONE_INT, .as.integer = numbers[i]}};
        ck_assert(!hone_study_enqueue(f->study, &x, 1, NULL, &f->err));
    }
    ck_assert(!hn_template_from_shell(script, (hn_position){0}, &f->command, &f->err));
    command_config.command = f->command;
    f->config = (hn_run_config){
        .study = f->study,
        .objective = objectives[objective].type,
        .objective_config = objectives[objective].config,
        .folder = f->folder,
        .workers = 1,
        .budget = {.more_trials = (int64_t)n, .max_failures = -1},
        .observer = {.user = f, .started = count_start, .reported = watch, .ended = count_end},
    };
}

static void run(fixture *f)
{
    ck_assert_msg(!hn_run_create(&f->config, &f->run, &f->err), "%s", f->err.message);
    ck_assert_msg(!hn_run_execute(f->run, &f->result, &f->err), "%s", f->err.message);
    hn_run_destroy(f->run);
    ck_assert_int_eq(f->started, f->ended); /* each trial ends once */
}

static void tear_down(fixture *f)
{
    hone_study_destroy(f->study);
    hn_template_destroy(f->command);
    free(f->folder);
}

static void expect_failed(fixture *f, int64_t number, const char *part)
{
    hone_trial_info *info;
    ck_assert(!hone_study_trial(f->study, number, &info, &f->err));
    ck_assert_int_eq(info->state, HONE_FAILED);
    hn_assert_contains(info->message, part);
    hone_trial_info_free(info);
}

static void expect_complete(fixture *f, int64_t number, double value)
{
    hone_trial_info *info;
    ck_assert(!hone_study_trial(f->study, number, &info, &f->err));
    ck_assert_int_eq(info->state, HONE_COMPLETE);
    ck_assert_double_eq(info->values[0], value);
    ck_assert_uint_eq(info->n_reports, 2);
    ck_assert_double_eq(info->reports[1], value);
    hone_trial_info_free(info);
}

/* --- expectations --- */

START_TEST(trials_complete_in_several_slots)
{
    static const int64_t numbers[] = {3, 1, 4, 15, 9, 2, 6};
    fixture f;
    set_up(&f, _i, NULL, numbers, 7);
    f.config.workers = 3;
    run(&f);
    ck_assert_int_eq(f.result.complete, 7);
    for (int64_t i = 0; i < 7; i++) {
        expect_complete(&f, i, (double)numbers[i]);
    }
    tear_down(&f);
}
END_TEST

START_TEST(a_failure_has_a_reason_and_costs_one_trial)
{
    fixture f;
    set_up(&f, _i, NULL, (const int64_t[]){5, OBJECTIVE_FAILS, 6}, 3);
    run(&f);
    expect_complete(&f, 0, 5);
    expect_failed(&f, 1, "no luck");
    expect_complete(&f, 2, 6);
    tear_down(&f);
}
END_TEST

START_TEST(a_hanging_trial_is_ended_in_time)
{
    fixture f;
    set_up(&f, _i, NULL, (const int64_t[]){OBJECTIVE_HANGS, 6}, 2);
    f.config.trial_seconds = 0.5;
    run(&f);
    expect_failed(&f, 0, "it ran longer than 0.5 s");
    expect_complete(&f, 1, 6);
    tear_down(&f);
}
END_TEST

START_TEST(a_pruned_trial_is_stopped)
{
    fixture f;
    set_up(&f, _i, "median:n_startup=4", (const int64_t[]){1, 1, 1, 1, OBJECTIVE_HANGS, 0}, 6);
    run(&f);
    ck_assert_int_eq(f.result.complete, 5);
    ck_assert_int_eq(f.result.pruned, 1);
    ck_assert_int_eq(hone_study_state_count(f.study, HONE_PRUNED), 1);
    tear_down(&f);
}
END_TEST

START_TEST(cancelled_trials_are_told)
{
    fixture f;
    set_up(&f, _i, NULL, (const int64_t[]){OBJECTIVE_HANGS, OBJECTIVE_HANGS, 1, 1}, 4);
    f.config.workers = 2;
    f.interrupt_at = 2;
    run(&f);
    ck_assert_str_eq(f.result.reason, "interrupted");
    ck_assert_int_eq(f.result.failed, 2);
    expect_failed(&f, 0, "interrupted");
    expect_failed(&f, 1, "interrupted");
    ck_assert_int_eq(hone_study_state_count(f.study, HONE_WAITING), 2);
    tear_down(&f);
}
END_TEST

Suite *suite_objective(void)
{
    Suite *suite = suite_create("objective");
    TCase *cases = tcase_create("objective");
    tcase_add_loop_test(cases, trials_complete_in_several_slots, 0, N_OBJECTIVES);
    tcase_add_loop_test(cases, a_failure_has_a_reason_and_costs_one_trial, 0, N_OBJECTIVES);
    tcase_add_loop_test(cases, a_hanging_trial_is_ended_in_time, 0, N_OBJECTIVES);
    tcase_add_loop_test(cases, a_pruned_trial_is_stopped, 0, N_OBJECTIVES);
    tcase_add_loop_test(cases, cancelled_trials_are_told, 0, N_OBJECTIVES);
    suite_add_tcase(suite, cases);
    return suite;
}
