/* External programs as objectives, through a whole run. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/os_file.h"
#include "fixture.h"
#include "support.h"

static const char space[] =
    "{lr: {float: [0.5, 1]}, layers: {int: [1, 3]}, opt: {choice: [adam, \"a b;$(exit)\"]}}";

static void begin(bench *made, const char *command)
{
    bench_init(made, "minimize value", space, NULL, command);
}

/* Runs a program that fails and reads why. */
static void expect_failure(bench *made, const char *part)
{
    bench_run(made);
    hone_trial_info *info = bench_trial(made, 0);
    ck_assert_int_eq(info->state, HONE_FAILED);
    hn_assert_contains(info->message, part);
    hn_assert_contains(made->message, part);
    hone_trial_info_free(info);
    ck_assert_int_eq(made->result.failed, 1);
    bench_release(made);
}

START_TEST(a_program_is_told_its_parameters)
{
    bench made;
    begin(
        &made,
        "sh -c 'echo value=$1; echo \"$HONE_PARAM_LR|$HONE_PARAM_OPT|$HONE_TRIAL|$HONE_STUDY|$HONE_SEED|$EXTRA\"; cat "
        "\"$HONE_PARAMS_FILE\"; test -d \"$HONE_CHECKPOINT_DIR\" && echo there' x {lr}");
    static const char *const env[] = {"EXTRA=more=1"};
    made.config.env = env;
    made.config.n_env = 1;
    bench_run(&made);
    ck_assert_msg(!made.status, "%s", made.err.message);
    hone_trial_info *info = bench_trial(&made, 0);
    ck_assert_msg(info->state == HONE_COMPLETE, "%s", info->message);
    ck_assert_double_eq(info->values[0], info->params[0].value.as.real);
    char *log = bench_file(&made, 0, "log.txt"), *params = bench_file(&made, 0, "params.json");
    hn_assert_contains(log, "|0|s|");
    hn_assert_contains(log, "|more=1\n");
    hn_assert_contains(log, "there");
    hn_assert_contains(log, params);
    hn_assert_contains(params, "\"layers\": ");
    free(log);
    free(params);
    hone_trial_info_free(info);
    bench_release(&made);
}
END_TEST

START_TEST(a_shell_template_quotes_what_it_is_given)
{
    bench made;
    bench_init(&made, "minimize value", "{opt: {choice: [\"a  b';echo x$(echo y)\\\"`id`\"]}}", NULL, NULL);
    bench_shell(&made, "printf '%s\\n' {opt} \"<{opt}>\" '<{opt}>' && echo value=1");
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 1);
    char *log = bench_file(&made, 0, "log.txt");
    hn_assert_contains(
        log, "\na  b';echo x$(echo y)\"`id`\n<a  b';echo x$(echo y)\"`id`>\n<a  b';echo x$(echo y)\"`id`>\n");
    free(log);
    bench_release(&made);
}
END_TEST

START_TEST(a_program_that_fails_says_why)
{
    bench made;
    begin(&made, "sh -c 'echo value=1; echo first >&2; echo \"ValueError: no\" >&2; exit 3'");
    expect_failure(&made, "exit status 3; last line: ValueError: no");
    begin(&made, "sh -c 'exit 4'");
    expect_failure(&made, "exit status 4; it printed nothing");
    begin(&made, "sh -c 'kill -SEGV $$'");
    expect_failure(&made, "killed by signal 11 (SIGSEGV)");
}
END_TEST

START_TEST(a_program_that_cannot_start_is_named)
{
    bench made;
    begin(&made, "no-such-program-here --lr {lr}");
    expect_failure(&made, "cannot start 'no-such-program-here': no program of that name in PATH (");
    begin(&made, "/etc/passwd");
    expect_failure(&made, "cannot start '/etc/passwd': it is not executable");
    begin(&made, "/tmp/");
    expect_failure(&made, "it is a folder");
    begin(&made, "./nowhere/train");
    expect_failure(&made, "there is no such file");
}
END_TEST

START_TEST(a_missing_metric_is_named)
{
    bench made;
    begin(&made, "echo accuracy=0.5 loss: 3");
    expect_failure(&made, "the metric 'value' never appeared in its output; seen: 'accuracy', 'loss'");
    begin(&made, "echo hello");
    expect_failure(&made, "print a line such as value=0.93");
    begin(&made, "echo value=nan");
    expect_failure(&made, "its value for 'value' is nan");
}
END_TEST

START_TEST(a_trial_that_hangs_is_ended)
{
    bench made;
    begin(&made, "sh -c 'trap \"\" TERM; @ & wait; @'");
    made.run.trial_seconds = 0.1;
    made.config.grace_seconds = 0.1;
    expect_failure(&made, "it ran longer than 0.1 s, the time limit of a trial");
    ck_assert_int_eq(sleepers_left(), 0);
}
END_TEST

/* Lets the trial end once so many sleep. */
typedef struct lullaby {
    char go[4096];
    int n;
} lullaby;

static void go_when_asleep(void *user)
{
    const lullaby *self = user;
    if (asleep() >= self->n) {
        hn_test_write(self->go, "");
    }
}

/* The script puts n to sleep and leaves them. */
static void leave_behind(const char *script, int n, bool adopts)
{
    bench made;
    lullaby self = {.n = n};
    char text[5000];
    begin(&made, NULL);
    snprintf(self.go, sizeof self.go, "%s/go", made.folder);
    snprintf(text, sizeof text, "%s until [ -e '%s' ]; do sleep 0.02; done; echo value=1", script, self.go);
    bench_shell(&made, text);
    made.config.policy.subreaper = adopts;
    made.run.observer = (hn_run_observer){.user = &self, .tick = go_when_asleep};
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 1);
    ck_assert_int_eq(sleepers_left(), 0);
    bench_release(&made);
}

START_TEST(what_a_trial_leaves_behind_is_ended)
{
    static const char script[] = "@ & setsid @ & (setsid sh -c '@ & @') &";
    leave_behind(script, 4, false);
    leave_behind(script, 4, true);
    leave_behind("env -i setsid @ &", 1, true); /* one that wiped its environment is found all the same */
}
END_TEST

START_TEST(a_flood_of_output_is_cut_and_read)
{
    bench made;
    begin(
        &made,
        "sh -c 'yes \"some line without much in it, but long enough\" | head -c 300000000; echo; echo value=5'");
    made.config.log_limit_bytes = 1000;
    struct rusage old, now;
    getrusage(RUSAGE_SELF, &old);
    bench_run(&made);
    getrusage(RUSAGE_SELF, &now);
    ck_assert_int_eq(made.result.complete, 1);
    ck_assert(now.ru_maxrss - old.ru_maxrss < 40000);
    char *log = bench_file(&made, 0, "log.txt");
    ck_assert(strlen(log) < 1500);
    hn_assert_contains(log, "the log ends here: the output is above its limit of 1000 bytes");
    free(log);
    bench_release(&made);
}
END_TEST

START_TEST(memory_is_limited_by_the_shim)
{
    bench made;
    begin(&made, "/usr/bin/python3 -c 'x = bytearray(800 << 20); print(\"value=1\")'");
    made.config.memory_limit_bytes = 400 << 20;
    expect_failure(&made, "MemoryError");
    begin(&made, "/usr/bin/python3 -c 'x = bytearray(80 << 20); print(\"value=1\")'");
    made.config.memory_limit_bytes = 400 << 20;
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 1);
    made.config.policy.shim = NULL;
    ck_assert_int_eq(hn_command_check(&made.config, &made.err), HONE_UNSUPPORTED);
    bench_release(&made);
}
END_TEST

START_TEST(checkpoints_are_kept_between_tries)
{
    bench made;
    begin(&made, NULL);
    bench_shell(
        &made,
        "if [ -e {checkpoint_dir}/here ]; then echo value=2; else touch {checkpoint_dir}/here; kill -9 $$; fi");
    made.run.retries = 1;
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 1);
    ck_assert_int_eq(made.ended, 1);
    char *log = bench_file(&made, 0, "log.txt");
    hn_assert_contains(log, "--- attempt 1: /bin/sh -c");
    hn_assert_contains(log, "--- attempt 2: /bin/sh -c");
    free(log);
    bench_release(&made);
    begin(&made, "sh -c 'kill -9 $$'");
    made.run.retries = 2;
    expect_failure(&made, "killed by signal 9 (SIGKILL)");
}
END_TEST

START_TEST(slots_have_their_gpus_and_folder)
{
    static const char *const gpus[] = {"4", "5"};
    bench made;
    char script[5000];
    begin(&made, NULL);
    /* two are under way before the first has a value */
    snprintf(script, sizeof script,
             "pwd; touch '%s'/began.$HONE_TRIAL; until [ $(ls '%s'/began.* | wc -l) -ge 2 ]; do sleep 0.02; "
             "done; echo gpu=$CUDA_VISIBLE_DEVICES; echo value=1",
             made.folder, made.folder);
    bench_shell(&made, script);
    made.config.gpus = gpus;
    made.config.n_gpus = 2;
    made.config.cwd = "/";
    made.run.workers = 2;
    made.run.budget.more_trials = 4;
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 4);
    ck_assert_int_eq(made.most_at_once, 2);
    char *first = bench_file(&made, 0, "log.txt"), *second = bench_file(&made, 1, "log.txt");
    hn_assert_contains(first, "\n/\ngpu=4");
    hn_assert_contains(second, "\n/\ngpu=5");
    free(first);
    free(second);
    bench_release(&made);
}
END_TEST

START_TEST(killing_hone_ends_its_children)
{
    char *folder = hn_test_temp_dir();
    const char *seconds = long_sleep(); /* ours, not the child's */
    pid_t child = fork();
    if (!child) {
        execl("/proc/self/exe", "test_run", "__run", folder, seconds, NULL);
        _exit(1);
    }
    ck_assert_int_eq(await_asleep(2), 2);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    ck_assert_int_eq(sleepers_left(), 0);
    free(folder);
}
END_TEST

START_TEST(spawning_and_recording_is_cheap)
{
    bench made;
    begin(&made, "/bin/echo value={lr}");
    bench_use_file(&made, "minimize value", space, 0);
    made.run.budget.more_trials = 200;
    made.config.policy.subreaper = true;
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 200);
    printf("hone's own time: %.2f ms per trial of %.2f ms\n", made.result.own_seconds / 200 * 1e3,
           made.result.seconds / 200 * 1e3);
    ck_assert_double_lt(made.result.own_seconds / 200, 0.2); /* processor time; about 1 ms */
    bench_release(&made);
}
END_TEST

START_TEST(a_bad_configuration_is_told_before_anything_runs)
{
    static const char *const env[] = {"NOVALUE"}, *const patterns[] = {"acc=(["};
    hn_command_config config = {.env = env, .n_env = 1};
    hone_error err;
    ck_assert_int_eq(hn_command_check(&config, &err), HONE_INVALID);
    hn_assert_contains(err.message, "NOVALUE");
    config = (hn_command_config){.patterns = patterns, .n_patterns = 1};
    ck_assert_int_eq(hn_command_check(&config, &err), HONE_PARSE);
    hn_assert_contains(err.message, "pattern 'acc=(['");
    config = (hn_command_config){.cwd = "/no/such/folder"};
    ck_assert_int_eq(hn_command_check(&config, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "/no/such/folder");
}
END_TEST

Suite *suite_command(void)
{
    Suite *suite = suite_create("command");
    TCase *cases = tcase_create("command");
    tcase_add_test(cases, a_program_is_told_its_parameters);
    tcase_add_test(cases, a_shell_template_quotes_what_it_is_given);
    tcase_add_test(cases, a_program_that_fails_says_why);
    tcase_add_test(cases, a_program_that_cannot_start_is_named);
    tcase_add_test(cases, a_missing_metric_is_named);
    tcase_add_test(cases, a_trial_that_hangs_is_ended);
    tcase_add_test(cases, what_a_trial_leaves_behind_is_ended);
    tcase_add_test(cases, a_flood_of_output_is_cut_and_read);
    tcase_add_test(cases, memory_is_limited_by_the_shim);
    tcase_add_test(cases, checkpoints_are_kept_between_tries);
    tcase_add_test(cases, slots_have_their_gpus_and_folder);
    tcase_add_test(cases, killing_hone_ends_its_children);
    tcase_add_test(cases, spawning_and_recording_is_cheap);
    tcase_add_test(cases, a_bad_configuration_is_told_before_anything_runs);
    suite_add_tcase(suite, cases);
    return suite;
}
