/* The runner: limits, pruning, failures, retries, interrupts, several slots; over external programs. */
#include "run/runner.h"

#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "fixture.h"
#include "study/study.h"
#include "support.h"

static const char space[] = "{x: {int: [0, 9]}}";

static void begin(bench *made, const char *command)
{
    bench_init(made, "minimize value", space, NULL, command);
}

START_TEST(stops_at_the_total_of_the_study)
{
    bench made;
    begin(&made, "echo value={x}");
    made.run.budget.more_trials = 0;
    made.run.budget.trials = 5;
    made.run.workers = 3;
    bench_run(&made);
    ck_assert_str_eq(made.result.reason, "trials");
    ck_assert_int_eq(hone_study_trial_count(made.study), 5);
    bench_run(&made); /* nothing is left to do */
    ck_assert_int_eq(made.result.complete, 0);
    ck_assert_int_eq(hone_study_trial_count(made.study), 5);
    made.run.budget.trials = 7;
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 2);
    bench_release(&made);
}
END_TEST

START_TEST(stops_at_time_and_target)
{
    bench made;
    begin(&made, "echo value={x}");
    made.run.budget.more_trials = 0;
    made.run.budget.seconds = 0.3;
    bench_run(&made);
    ck_assert_str_eq(made.result.reason, "seconds");
    ck_assert_int_eq(made.result.complete,
                     hone_study_trial_count(made.study)); /* what began came to its end */
    made.run.budget.seconds = 0;
    made.run.budget.has_target = true;
    made.run.budget.target = 0;
    bench_run(&made);
    ck_assert_str_eq(made.result.reason, "target");
    int64_t *best = NULL; /* which may be there since the first run */
    size_t count = 0;
    ck_assert(!hone_study_best(made.study, 1, &best, &count, &made.err) && count == 1);
    hone_trial_info *reached = bench_trial(&made, best[0]);
    ck_assert_double_eq(reached->values[0], 0);
    hone_trial_info_free(reached);
    hone_free(best);
    bench_release(&made);
}
END_TEST

START_TEST(stops_when_everything_was_tried_and_when_told)
{
    bench made;
    begin(&made, "echo value={x}");
    ck_assert(!hone_study_set_algorithms(made.study, "grid", NULL, &made.err));
    made.run.budget.more_trials = 0;
    made.run.workers = 4;
    bench_run(&made);
    ck_assert_str_eq(made.result.reason, "exhausted");
    ck_assert_int_eq(made.result.complete, 10);
    ck_assert(!hone_study_stop(made.study, "enough", &made.err));
    bench_run(&made);
    ck_assert_str_eq(made.result.reason, "stopped");
    bench_release(&made);
}
END_TEST

START_TEST(three_failures_in_a_row_end_the_run)
{
    bench made;
    begin(&made, "sh -c 'echo bad luck >&2; exit 3'");
    made.run.budget.more_trials = 10;
    made.run.budget.max_failures = 0;
    bench_run(&made);
    ck_assert_int_eq(made.status, HONE_OBJECTIVE);
    hn_assert_contains(made.err.message,
                       "3 trials failed in a row; the last, 2: exit status 3; last line: bad luck");
    ck_assert_str_eq(made.result.reason, "failures");
    ck_assert_int_eq(made.result.failed, 3);
    hn_assert_contains(made.result.last_failure.message, "exit status 3");
    ck_assert_int_eq(hone_study_state_count(made.study, HONE_FAILED), 3);
    bench_release(&made);
}
END_TEST

START_TEST(the_median_prunes_programs)
{
    bench made;
    bench_init(&made, "minimize value", space, "median:n_startup=4", NULL);
    /* trials 0 to 3 are good and run to the end, the fifth is bad and would hang */
    bench_shell(&made, "if [ $HONE_TRIAL -lt 4 ]; then for s in 1 2 3; do echo step=$s value=1; done; else "
                       "for s in 1 2 3; do echo step=$s value=100; done; @; fi");
    made.run.budget.more_trials = 5;
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 4);
    ck_assert_int_eq(made.result.pruned, 1);
    hone_trial_info *info = bench_trial(&made, 4);
    ck_assert_int_eq(info->state, HONE_PRUNED);
    ck_assert_uint_ge(info->n_reports, 1);
    ck_assert_double_eq(info->reports[0], 100);
    hone_trial_info_free(info);
    info = bench_trial(&made, 0);
    ck_assert_uint_eq(info->n_reports, 3);
    hone_trial_info_free(info);
    ck_assert_int_eq(sleepers_left(), 0);
    bench_release(&made);
}
END_TEST

START_TEST(a_program_that_ends_before_it_is_stopped_is_pruned_all_the_same)
{
    bench made;
    bench_init(&made, "minimize value", space, "median:n_startup=4", NULL);
    bench_shell(
        &made,
        "if [ $HONE_TRIAL -lt 4 ]; then v=1; else v=100; fi; for s in 1 2 3; do echo step=$s value=$v; done");
    made.run.budget.more_trials = 8;
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 4);
    ck_assert_int_eq(made.result.pruned, 4);
    bench_release(&made);
}
END_TEST

START_TEST(the_last_value_counts_or_the_best)
{
    for (int best = 0; best < 2; best++) {
        bench made;
        begin(&made, "sh -c 'echo step=1 value=3; echo step=2 value=1; echo step=3 value=2'");
        made.run.take_best_report = best;
        bench_run(&made);
        hone_trial_info *info = bench_trial(&made, 0);
        ck_assert_double_eq(info->values[0], best ? 1 : 2);
        ck_assert_uint_eq(info->n_reports, 3);
        hone_trial_info_free(info);
        bench_release(&made);
    }
}
END_TEST

START_TEST(several_goals_are_read)
{
    static const char *const metrics[] = {"loss", "speed"};
    bench made;
    bench_init(&made, "minimize loss, maximize speed", space, NULL, "echo step=1 loss=0.5 speed=7 other=1");
    made.config.metrics = metrics;
    made.config.n_metrics = 2;
    bench_run(&made);
    hone_trial_info *info = bench_trial(&made, 0);
    ck_assert_uint_eq(info->n_values, 2);
    ck_assert_double_eq(info->values[0], 0.5);
    ck_assert_double_eq(info->values[1], 7);
    hone_trial_info_free(info);
    bench_command(&made, "echo loss=0.5");
    bench_run(&made);
    hn_assert_contains(made.message, "the metric 'speed' never appeared in its output; seen: 'loss'");
    bench_release(&made);
}
END_TEST

static hone_status constrain(void *user, const hone_trial *trial, const hn_metric *metrics, size_t n,
                             double *values, hone_error *err)
{
    (void)trial;
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(metrics[i].name, user)) {
            values[0] = metrics[i].value - 5;
            return HONE_OK;
        }
    }
    return hn_fail(err, HONE_OBJECTIVE, "a constraint needs the metric '%s'", (const char *)user);
}

START_TEST(constraints_come_from_metrics)
{
    bench made;
    begin(&made, "echo size=7 value=1");
    made.run.n_constraints = 1;
    made.run.constraints = constrain;
    made.run.constraints_user = (void *)"size";
    bench_run(&made);
    hone_trial_info *info = bench_trial(&made, 0);
    ck_assert_uint_eq(info->n_constraints, 1);
    ck_assert_double_eq(info->constraints[0], 2);
    hone_trial_info_free(info);
    made.run.constraints_user = (void *)"weight";
    bench_run(&made);
    hn_assert_contains(made.message, "a constraint needs the metric 'weight'");
    bench_release(&made);
}
END_TEST

START_TEST(four_slots_run_at_once)
{
    /* the first have a value only when four have begun */
    static const char script[] = "cd '%s'; touch began.$HONE_TRIAL; "
                                 "until [ $(ls began.* | wc -l) -ge 4 ]; do sleep 0.02; done; echo value=1";
    bench made;
    char text[5000];
    bench_init(&made, "minimize value", space, "none", NULL);
    snprintf(text, sizeof text, script, made.folder);
    bench_shell(&made, text);
    made.run.workers = 4;
    made.run.budget.more_trials = 8;
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 8);
    ck_assert_int_eq(made.most_at_once, 4);
    bench_release(&made);
}
END_TEST

/* Interrupts when the trial said something, as often as it said it. */
typedef struct interrupter {
    hn_run *run;
} interrupter;

static void interrupt_at_report(void *user, const hone_trial *trial, int64_t step, const char *metric,
                                double value)
{
    interrupter *self = user;
    (void)trial;
    (void)step;
    (void)value;
    if (!strcmp(metric, "now")) {
        hn_run_interrupt(self->run);
    }
}

static void run_interrupted(bench *made, hn_run_result *result)
{
    interrupter self;
    made->run.observer = (hn_run_observer){.user = &self, .reported = interrupt_at_report};
    ck_assert(!hn_run_create(&made->run, &self.run, &made->err));
    ck_assert_int_eq(hn_run_execute(self.run, result, &made->err), HONE_OK);
    hn_run_destroy(self.run);
}

START_TEST(an_interrupt_lets_running_trials_finish)
{
    bench made;
    hn_run_result result;
    begin(&made, "sh -c 'echo now=1; echo value=1'");
    made.run.budget.more_trials = 10;
    run_interrupted(&made, &result);
    ck_assert_str_eq(result.reason, "interrupted");
    ck_assert_int_eq(result.complete, 1);
    ck_assert_int_eq(hone_study_trial_count(made.study), 1);
    bench_release(&made);
}
END_TEST

START_TEST(a_second_interrupt_stops_them)
{
    bench made;
    hn_run_result result;
    begin(&made, "sh -c 'echo now=1; echo now=1; exec @'");
    made.run.budget.more_trials = 10;
    made.run.workers = 2;
    made.run.retries = 5;
    run_interrupted(&made, &result);
    ck_assert_str_eq(result.reason, "interrupted");
    ck_assert_int_ge(result.failed, 1);
    hone_trial_info *info = bench_trial(&made, 0);
    ck_assert_str_eq(info->message, "interrupted");
    hone_trial_info_free(info);
    ck_assert_int_eq(sleepers_left(), 0);
    bench_release(&made);
}
END_TEST

/* A sampler whose first ask interrupts the run that waits for it, and then thinks until it is told to give
 * up. */
static hn_run *interrupted_by_sampler;

static hone_status think(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                         hone_error *err)
{
    (void)state, (void)n;
    if (interrupted_by_sampler) {
        hn_run_interrupt(interrupted_by_sampler);
        while (!hn_cancelled(ask->cancel)) {
            sched_yield();
        }
        return hn_fail(err, HONE_CANCELLED, "cancelled while thinking");
    }
    points[0].values[0] = 3;
    *count = 1;
    return HONE_OK;
}

static const hn_sampler_type thinker = {
    .name = "thinker", .help = "interrupts its run", .capabilities = HN_SAMPLER_WHOLE, .propose = think};

START_TEST(an_interrupt_ends_an_ask_in_the_middle_of_a_fit)
{
    bench made;
    hn_run_result result;
    begin(&made, "echo value={x}");
    hn_sampler_destroy(made.study->sampler);
    ck_assert(!hn_sampler_create_from(&thinker, NULL, &made.study->sampler, &made.err));
    made.run.budget.more_trials = 1;
    ck_assert(!hn_run_create(&made.run, &interrupted_by_sampler, &made.err));
    ck_assert_int_eq(hn_run_execute(interrupted_by_sampler, &result, &made.err), HONE_OK);
    hn_run_destroy(interrupted_by_sampler);
    ck_assert_str_eq(result.reason, "interrupted");
    ck_assert_int_eq(result.complete, 0);
    ck_assert_int_eq(hone_study_trial_count(made.study), 0);
    interrupted_by_sampler = NULL; /* what an interrupt ended goes on */
    bench_run(&made);
    ck_assert_int_eq(made.result.complete, 1);
    bench_release(&made);
}
END_TEST

START_TEST(refuses_a_run_without_end)
{
    bench made;
    hn_run *run;
    begin(&made, "echo value=1");
    made.run.budget.more_trials = 0;
    ck_assert_int_eq(hn_run_create(&made.run, &run, &made.err), HONE_INVALID);
    hn_assert_contains(made.err.message, "would never end");
    made.run.budget.more_trials = 1;
    made.run.workers = 0;
    ck_assert_int_eq(hn_run_create(&made.run, &run, &made.err), HONE_INVALID);
    hn_assert_contains(made.err.message, "workers is 0");
    bench_release(&made);
}
END_TEST

START_TEST(reports_beyond_the_limit_are_not_kept)
{
    bench made;
    begin(&made, "/usr/bin/python3 -c 'for i in range(12000): print(\"step=%d value=%d\" % (i, i))'");
    bench_run(&made);
    hone_trial_info *info = bench_trial(&made, 0);
    ck_assert_int_eq(info->state, HONE_COMPLETE);
    ck_assert_double_eq(info->values[0], 11999);
    ck_assert_uint_eq(info->n_reports, 10000);
    hone_trial_info_free(info);
    bench_release(&made);
}
END_TEST

/* Looks at the file from outside, as another process would. */
typedef struct beats {
    char path[4096], enough[4096];
    char last[64]; /* heartbeat of the running trials */
    int changes;
} beats;

enum { ENOUGH_BEATS = 3 };

static void look_at_beats(void *user)
{
    beats *seen = user;
    sqlite3 *file;
    sqlite3_stmt *query = NULL;
    ck_assert_int_eq(sqlite3_open_v2(seen->path, &file, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    sqlite3_prepare_v2(file, "SELECT max(heartbeat) FROM trial_heartbeats", -1, &query, NULL);
    if (sqlite3_step(query) == SQLITE_ROW && sqlite3_column_text(query, 0)) {
        const char *now = (const char *)sqlite3_column_text(query, 0);
        seen->changes += strcmp(now, seen->last) != 0;
        snprintf(seen->last, sizeof seen->last, "%s", now);
        if (seen->changes == ENOUGH_BEATS) {
            hn_test_write(seen->enough, "");
        }
    }
    sqlite3_finalize(query);
    sqlite3_close(file);
}

/* They end when they have been seen to. */
START_TEST(trials_of_a_shared_file_beat)
{
    bench made;
    beats seen = {.last = ""};
    char script[5000];
    begin(&made, NULL);
    bench_use_file(&made, "minimize value", space, 0.1);
    snprintf(seen.path, sizeof seen.path, "%s/s.db", made.folder);
    snprintf(seen.enough, sizeof seen.enough, "%s/enough", made.folder);
    snprintf(script, sizeof script, "until [ -e '%s' ]; do sleep 0.02; done; echo value={x}", seen.enough);
    bench_shell(&made, script);
    made.run.budget.more_trials = 2;
    made.run.workers = 2;
    made.run.observer = (hn_run_observer){.user = &seen, .tick = look_at_beats};
    bench_run(&made);
    ck_assert_msg(!made.status, "%s", made.err.message);
    ck_assert_int_eq(made.result.complete, 2);
    ck_assert_int_ge(seen.changes, ENOUGH_BEATS);
    bench_release(&made);
}
END_TEST

/* Whatever allocation fails, the run ends and says so or is whole. */
START_TEST(a_run_without_memory_ends)
{
    int failed = 0;
    bench made;
    begin(&made, "echo step=1 value={x}");
    for (long k = 0; k < 120; k += hn_test_tier() == HN_TEST_LONG ? 1 : 5) {
        hn_run *run;
        hn_memory_fail_at(k, 0);
        made.status = hn_run_create(&made.run, &run, &made.err);
        if (!made.status) {
            made.status = hn_run_execute(run, &made.result, &made.err);
            hn_run_destroy(run);
        }
        hn_memory_fail_at(-1, 0);
        failed += made.status == HONE_OUT_OF_MEMORY || made.result.failed;
        ck_assert(made.status || made.result.failed + made.result.complete == 1);
    }
    ck_assert_int_gt(failed, 5);
    bench_release(&made);
}
END_TEST

Suite *suite_runner(void)
{
    Suite *suite = suite_create("runner");
    TCase *cases = tcase_create("runner");
    tcase_add_test(cases, stops_at_the_total_of_the_study);
    tcase_add_test(cases, stops_at_time_and_target);
    tcase_add_test(cases, stops_when_everything_was_tried_and_when_told);
    tcase_add_test(cases, three_failures_in_a_row_end_the_run);
    tcase_add_test(cases, the_median_prunes_programs);
    tcase_add_test(cases, a_program_that_ends_before_it_is_stopped_is_pruned_all_the_same);
    tcase_add_test(cases, the_last_value_counts_or_the_best);
    tcase_add_test(cases, several_goals_are_read);
    tcase_add_test(cases, constraints_come_from_metrics);
    tcase_add_test(cases, four_slots_run_at_once);
    tcase_add_test(cases, an_interrupt_lets_running_trials_finish);
    tcase_add_test(cases, a_second_interrupt_stops_them);
    tcase_add_test(cases, an_interrupt_ends_an_ask_in_the_middle_of_a_fit);
    tcase_add_test(cases, refuses_a_run_without_end);
    tcase_add_test(cases, reports_beyond_the_limit_are_not_kept);
    tcase_add_test(cases, trials_of_a_shared_file_beat);
    tcase_add_test(cases, a_run_without_memory_ends);
    suite_add_tcase(suite, cases);
    return suite;
}
