/* Making a run: what may fail before anything runs, and dry runs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/tune.h"
#include "base/memory.h"
#include "support.h"

static void capture(void *user, const char *text, size_t size)
{
    hn_buffer_append(user, text, size);
}

static hone_plan *command_plan(void)
{
    static const char *const words[] = {"echo", "loss={x}"};
    hone_plan *plan = NULL;
    hone_error err;
    ck_assert(!hone_plan_create(&plan, &err));
    ck_assert(!hone_plan_set_text(plan, "storage", "memory:", "test", &err));
    ck_assert(!hone_plan_set_text(plan, "goal", "minimize loss", "test", &err));
    ck_assert(!hone_plan_set(plan, "constraints", "[size + x <= 3]", "test", &err));
    ck_assert(!hone_plan_set_words(plan, "command", words, 2, "test", &err));
    ck_assert(!hone_plan_add_parameter(plan, "x: {float: [0, 1]}", &err));
    return plan;
}

/* Forty rows of two classes that one line parts. */
static hone_plan *model_plan(const char *folder)
{
    hone_plan *plan = NULL;
    hone_error err;
    hn_buffer text = HN_BUFFER_INIT;
    char *path = hn_test_path(folder, "points.csv");
    hn_buffer_text(&text, "a,b,kind\n");
    for (int i = 0; i < 40; i++) {
        hn_buffer_printf(&text, "%d,%d,%s\n", i, i * 7 % 11, i < 20 ? "low" : "high");
    }
    hn_test_write(path, hn_buffer_string(&text));
    hn_buffer_release(&text);
    ck_assert(!hone_plan_create(&plan, &err));
    ck_assert(!hone_plan_set_text(plan, "storage", "memory:", "test", &err));
    ck_assert(!hone_plan_set_text(plan, "data.train", path, "test", &err));
    ck_assert(!hone_plan_set(plan, "data.held_out", "0.2", "test", &err));
    ck_assert(!hone_plan_set_text(plan, "model", "svm", "test", &err));
    free(path);
    return plan;
}

static hone_tune_options options_of_test(void)
{
    hone_tune_options options = HONE_TUNE_OPTIONS_INIT;
    options.program = "/bin/true";
    return options;
}

START_TEST(a_run_knows_its_plan)
{
    hone_plan *plan = command_plan();
    hone_tune_options options = options_of_test();
    hone_tune *tune = NULL;
    hone_error err;
    ck_assert_msg(!hone_tune_create(plan, &options, &tune, &err), "%s", err.message);
    ck_assert_uint_eq(tune->command.n_metrics, 2);
    ck_assert_str_eq(tune->command.metrics[0], "loss");
    ck_assert_str_eq(tune->command.metrics[1], "size");
    ck_assert_int_eq(tune->total, 50);
    ck_assert_int_eq(tune->workers, 1);
    ck_assert_str_eq(hn_tune_header(tune), "hone  study echo   memory:   minimize loss   auto   1 worker");
    hone_tune_destroy(tune);
    hone_plan_destroy(plan);
}
END_TEST

START_TEST(constraints_from_metrics)
{
    hone_plan *plan = command_plan();
    hone_tune_options options = options_of_test();
    hone_tune *tune = NULL;
    hone_trial *trial = NULL;
    hone_outcome outcome;
    hone_error err;
    double value, x;
    ck_assert_msg(!hone_tune_create(plan, &options, &tune, &err), "%s", err.message);
    ck_assert(!hone_study_ask(tune->study, &outcome, &trial, NULL, NULL, &err));
    hone_value given;
    ck_assert(!hone_trial_get(trial, "x", &given, &err));
    x = given.as.real;
    hn_metric metrics[] = {{"loss", 1}, {"size", 5}};
    ck_assert(!hn_tune_constraints(tune, trial, metrics, 2, &value, &err));
    ck_assert_double_eq(value, 5 + x - 3);
    metrics[1].value = NAN;
    ck_assert(!hn_tune_constraints(tune, trial, metrics, 2, &value, &err));
    ck_assert_msg(value > 0, "what is not known is not met");
    ck_assert_int_eq(hn_tune_constraints(tune, trial, metrics, 1, &value, &err), HONE_OBJECTIVE);
    hn_assert_contains(err.message, "constraint 'size + x <= 3': the metric 'size' never appeared");
    hone_trial_free(trial);
    hone_tune_destroy(tune);
    hone_plan_destroy(plan);
}
END_TEST

START_TEST(a_model_brings_its_goal)
{
    char *folder = hn_test_temp_dir();
    hone_plan *plan = model_plan(folder);
    free(folder);
    hone_tune_options options = options_of_test();
    hone_tune *tune = NULL;
    hone_error err;
    ck_assert_msg(!hone_tune_create(plan, &options, &tune, &err), "%s", err.message);
    ck_assert_str_eq(tune->goals[0], "accuracy");
    ck_assert_int_eq(tune->directions[0], HONE_MAXIMIZE);
    hn_assert_contains(tune->worker.init_json, "\"metrics\":\"accuracy\"");
    hn_assert_contains(hn_tune_header(tune), "svm, 5 folds of 40 rows, 2 columns, 2 classes of kind");
    hone_tune_destroy(tune);
    hone_plan_destroy(plan);
}
END_TEST

START_TEST(a_dry_run_describes)
{
    hone_plan *plan = command_plan();
    hn_buffer out = HN_BUFFER_INIT;
    hone_sink sink = {.write = capture, .user = &out};
    hone_error err;
    ck_assert_msg(!hone_plan_describe(plan, &sink, &err), "%s", err.message);
    static const char *const parts[] = {"echo in memory: (would be made)",
                                        "minimize loss",
                                        "sampler auto, pruner none",
                                        "1 parameter",
                                        "float 0 .. 1",
                                        "example    echo loss=0.",
                                        "50 trials, 0 done, 50 to run"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        hn_assert_contains(hn_buffer_string(&out), parts[i]);
    }
    hn_buffer_release(&out);
    hone_plan_destroy(plan);
}
END_TEST

/* Every 5th allocation fails, and all after it: an error, nothing leaks. */
static void with_little_memory(hone_plan *(*make)(const char *folder), const char *folder)
{
    hone_tune_options options = options_of_test();
    hone_error err;
    for (long k = 0;; k += 5) {
        hone_plan *plan = make(folder);
        hone_tune *tune = NULL;
        hn_memory_fail_at(k, 1);
        hone_status status = hone_tune_create(plan, &options, &tune, &err);
        hn_memory_fail_at(-1, 0);
        hone_tune_destroy(tune);
        hone_plan_destroy(plan);
        if (!status) {
            ck_assert_int_gt(k, 50);
            break;
        }
    }
}

static hone_plan *command_in(const char *folder)
{
    (void)folder;
    return command_plan();
}

START_TEST(memory_may_run_out)
{
    char *folder = hn_test_temp_dir();
    with_little_memory(command_in, folder);
    with_little_memory(model_plan, folder);
    free(folder);
}
END_TEST

Suite *suite_plan_tune(void)
{
    Suite *suite = suite_create("plan_tune");
    TCase *runs = tcase_create("runs");
    tcase_add_test(runs, a_run_knows_its_plan);
    tcase_add_test(runs, constraints_from_metrics);
    tcase_add_test(runs, a_model_brings_its_goal);
    tcase_add_test(runs, a_dry_run_describes);
    suite_add_tcase(suite, runs);
    TCase *faults = tcase_create("faults");
    tcase_add_test(faults, memory_may_run_out);
    suite_add_tcase(suite, faults);
    return suite;
}
