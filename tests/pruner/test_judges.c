/* What the records of test_stopping.c do not show: reports that are odd, options that cannot be, pruners in
 * pruners. */
#include <math.h>
#include <string.h>

#include "pruner/pruner.h"
#include "support.h"

enum { MOST_REPORTS = 32 };

static hn_history *new_history(void)
{
    hone_direction direction = HONE_MINIMIZE;
    hn_history *history;
    ck_assert_int_eq(hn_history_create(&direction, 1, &history, NULL), HONE_OK);
    return history;
}

/* A trial that reports values[k] at step k + 1. */
static void put(hn_history *history, int64_t number, hone_trial_state state, const double *values, size_t n)
{
    hn_trial_report reports[MOST_REPORTS];
    for (size_t k = 0; k < n; k++) {
        reports[k] = (hn_trial_report){(int64_t)k + 1, values[k]};
    }
    hn_trial_record record = {.number = number,
                              .state = state,
                              .n_values = state == HONE_COMPLETE,
                              .values = n ? &values[n - 1] : NULL,
                              .n_reports = n,
                              .reports = reports,
                              .complete_us = number + 1,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(history, &record, NULL), HONE_OK);
}

static hone_status make(const char *text, hn_pruner **pruner, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec;
    hone_status status = hn_spec_from_text(&arena, text, "pruner", &spec, err);
    ck_assert_msg(status == HONE_OK, "%s", err->message);
    status = hn_pruner_create(&spec, pruner, err);
    hn_arena_release(&arena);
    return status;
}

static hn_verdict report(const char *text, hn_history *history, int64_t number, int64_t step, double value)
{
    hn_prune_context context = {.history = history, .study_name = "s"};
    hn_verdict verdict;
    hn_pruner *pruner;
    hone_error err = {0};
    ck_assert_msg(make(text, &pruner, &err) == HONE_OK, "%s: %s", text, err.message);
    ck_assert_int_eq(hn_history_add_report(history, number, step, value, NULL), HONE_OK);
    ck_assert_int_eq(hn_pruner_judge(pruner, &context, number, step, &verdict, NULL), HONE_OK);
    hn_pruner_destroy(pruner);
    return verdict;
}

/* --- options --- */

START_TEST(refuses_what_cannot_be)
{
    static const char *const texts[][2] = {
        {"threshold", "give lower, upper or both"},
        {"threshold:lower=2,upper=1", "lower is above upper"},
        {"threshold:upper=high", "option 'upper'"},
        {"threshold:upper=1,interval=0", "option 'interval'"},
        {"patient:patience=-1", "option 'patience'"},
        {"patient:min_delta=-0.5", "option 'min_delta'"},
        {"patient:pruner=medain", "did you mean 'median'?"},
        {"{patient: {pruner: {median: {n_startup: -1}}}}", "pruner median: option 'n_startup'"},
        {"patient:pruner=successive_halving", "which trial runs next"},
        {"patient:pruner=asha", "which trial runs next"},
        {"patient:pruner=race", "tests whole trials"},
        {"any_of", "must be a list of pruners"},
        {"{all_of: {pruners: []}}", "must be a list of pruners"},
        {"{all_of: {pruners: [median, 3]}}", "expected a name"},
        {"wilcoxon:p_threshold=1.5", "option 'p_threshold'"},
        {"asha:variant=stop,factor=1", "option 'factor'"},
        {"asha:variant=stop,min_resource=0", "at least 1"},
        {"asha:variant=stop,min_resource=all", "must be auto or a number of steps"},
        {"asha:variant=stop,min_resource=9,max_resource=3", "min_resource 9 is more than max_resource 3"},
        {"asha:variant=stop,bootstrap_count=2", "needs a min_resource"},
        {"asha:variant=halt", "one of"},
        {"hyperband:variant=stop,factor=1", "option 'factor'"},
        {"hyperband:variant=stop,min_resource=9,max_resource=3",
         "min_resource 9 is more than max_resource 3"},
        {"hyperband:variant=stop,bootstrap_count=2", "needs a max_resource"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        hn_pruner *pruner;
        hone_error err = {0};
        ck_assert_msg(make(texts[i][0], &pruner, &err) == HONE_INVALID, "%s", texts[i][0]);
        hn_assert_contains(err.message, texts[i][1]);
    }
}
END_TEST

/* --- reports --- */

static const char *const judges[] = {
    "median:n_startup=0",
    "threshold:upper=50",
    "wilcoxon",
    "patient:patience=0",
    "asha:variant=stop,min_resource=2,factor=2",
    "hyperband:variant=stop,max_resource=8,factor=2",
    "{any_of: {pruners: [{patient: {patience: 0, pruner: median}}, wilcoxon]}}",
};

/* Any order, any value, far ends of what a step can be: an answer each time, and no crash. */
START_TEST(takes_any_report)
{
    static const double values[] = {NAN, INFINITY, -INFINITY, 0, 1e308, -1e308, 5e-324};
    static const int64_t steps[] = {3, 1, INT64_MAX, 0, 3, 2, INT64_MAX - 1, 1};
    for (size_t i = 0; i < sizeof judges / sizeof *judges; i++) {
        hn_history *history = new_history();
        for (int64_t number = 0; number < 6; number++) {
            put(history, number, HONE_RUNNING, NULL, 0);
            for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
                hn_verdict verdict = report(judges[i], history, number, steps[k],
                                            values[(size_t)number * k % (sizeof values / sizeof *values)]);
                ck_assert(verdict == HN_CONTINUE || verdict == HN_STOP);
            }
            put(history, number, number % 2 ? HONE_COMPLETE : HONE_PRUNED, values + 3, 4);
        }
        hn_history_destroy(history);
    }
}
END_TEST

/* A report at an earlier step than the last is kept, but a rung is not judged twice for it. */
START_TEST(a_late_report_is_no_judgement_of_a_rung)
{
    const char *text = "asha:variant=stop,min_resource=2,factor=2";
    hn_history *history = new_history();
    put(history, 0, HONE_COMPLETE, (double[]){1, 1, 1, 1}, 4);
    put(history, 1, HONE_RUNNING, NULL, 0);
    ck_assert_int_eq(report(text, history, 1, 3, 9), HN_STOP);
    ck_assert_int_eq(report(text, history, 1, 1, 9), HN_CONTINUE);
    hn_history_destroy(history);
}
END_TEST

/* The last value told for a step is the one that counts. */
START_TEST(a_step_may_be_told_again)
{
    for (size_t i = 0; i < 2; i++) {
        const char *text = i ? "threshold:upper=5" : "asha:variant=stop,min_resource=2,factor=2";
        hn_history *history = new_history();
        put(history, 0, HONE_COMPLETE, (double[]){1, 1, 1, 1}, 4);
        put(history, 1, HONE_RUNNING, NULL, 0);
        ck_assert_int_eq(report(text, history, 1, 2, 0), HN_CONTINUE);
        ck_assert_int_eq(report(text, history, 1, 2, 9), HN_STOP);
        ck_assert_int_eq(report(text, history, 1, 2, 0), HN_CONTINUE);
        hn_history_destroy(history);
    }
}
END_TEST

/* A pruned trial that went on reporting stands at the rungs that it came to all the same; the next one is
 * compared with it. */
START_TEST(a_pruned_trial_may_go_on)
{
    const char *text = "asha:variant=stop,min_resource=1,factor=2";
    hn_history *history = new_history();
    put(history, 0, HONE_COMPLETE, (double[]){1, 1, 1, 1}, 4);
    put(history, 1, HONE_PRUNED, (double[]){2, 0, 0, 0}, 4);
    put(history, 2, HONE_RUNNING, NULL, 0);
    ck_assert_int_eq(report(text, history, 2, 1, 0.5), HN_CONTINUE);
    ck_assert_int_eq(report(text, history, 2, 2, 0.5), HN_STOP); /* 0 and 1 stand on that rung */
    hn_history_destroy(history);
}
END_TEST

/* A trial that another process finished earlier than those already seen. */
START_TEST(a_trial_may_come_late)
{
    hn_history *history = new_history();
    hn_prune_context context = {.history = history, .study_name = "s"};
    hn_pruner *pruner, *fresh;
    hone_error err = {0};
    const char *text = "asha:variant=stop,factor=2";
    hn_verdict verdict, again;
    ck_assert_int_eq(make(text, &pruner, &err), HONE_OK);
    put(history, 1, HONE_COMPLETE, (double[]){1, 1, 1, 1}, 4);
    put(history, 3, HONE_COMPLETE, (double[]){3, 3, 3, 3}, 4);
    put(history, 4, HONE_RUNNING, (double[]){2}, 1);
    ck_assert_int_eq(hn_pruner_judge(pruner, &context, 4, 1, &verdict, NULL), HONE_OK);
    ck_assert_int_eq(verdict, HN_CONTINUE); /* before 3 only: the first one says how long a trial is */
    put(history, 2, HONE_PRUNED, (double[]){0}, 1);
    ck_assert_int_eq(make(text, &fresh, &err), HONE_OK);
    ck_assert_int_eq(hn_pruner_judge(pruner, &context, 4, 1, &verdict, NULL), HONE_OK);
    ck_assert_int_eq(hn_pruner_judge(fresh, &context, 4, 1, &again, NULL), HONE_OK);
    ck_assert_int_eq(verdict, HN_STOP);
    ck_assert_int_eq(again, verdict);
    hn_pruner_destroy(pruner);
    hn_pruner_destroy(fresh);
    hn_history_destroy(history);
}
END_TEST

/* --- rules --- */

/* Means over folds as a built-in model reports them: single folds are compared. */
START_TEST(wilcoxon_reads_means)
{
    static const double best[] = {0.7, 0.6, 0.5, 0.4, 0.3, 0.2},
                        worse[] = {0.71, 0.63, 0.54, 0.45, 0.36, 0.27};
    double mean_best[6], mean_worse[6], a = 0, b = 0;
    for (size_t k = 0; k < 6; k++) {
        mean_best[k] = (a += best[k]) / (double)(k + 1);
        mean_worse[k] = (b += worse[k]) / (double)(k + 1);
    }
    hn_history *history = new_history();
    put(history, 0, HONE_COMPLETE, mean_best, 6);
    put(history, 1, HONE_RUNNING, mean_worse, 2);
    for (int64_t k = 2; k < 6; k++) { /* 1/8 with three folds, 1/16 with four */
        hn_verdict expected = k < 3 ? HN_CONTINUE : HN_STOP;
        ck_assert_int_eq(report("wilcoxon:means=true", history, 1, k + 1, mean_worse[k]), expected);
    }
    hn_history_destroy(history);
}
END_TEST

START_TEST(several_at_once)
{
    static const char *const texts[] = {
        "{any_of: {pruners: [{threshold: {upper: 5}}, {threshold: {lower: 1}}]}}",
        "{all_of: {pruners: [{threshold: {upper: 5}}, {threshold: {upper: 7}}]}}",
        "{any_of: {pruners: [{all_of: {pruners: [{threshold: {upper: 5}}]}}]}}",
    };
    static const struct {
        double value;
        hn_verdict verdicts[3];
    } cases[] = {
        {0, {HN_STOP, HN_CONTINUE, HN_CONTINUE}},
        {3, {HN_CONTINUE, HN_CONTINUE, HN_CONTINUE}},
        {6, {HN_STOP, HN_CONTINUE, HN_STOP}},
        {8, {HN_STOP, HN_STOP, HN_STOP}},
    };
    for (size_t i = 0; i < 3; i++) {
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
            hn_history *history = new_history();
            put(history, 0, HONE_RUNNING, NULL, 0);
            ck_assert_int_eq(report(texts[i], history, 0, 1, cases[c].value), cases[c].verdicts[i]);
            hn_history_destroy(history);
        }
    }
}
END_TEST

/* From max_resource on nobody is judged. */
START_TEST(a_whole_trial_is_not_stopped)
{
    for (int64_t most = 3; most <= 4; most++) {
        hn_history *history = new_history();
        put(history, 0, HONE_COMPLETE, (double[]){1, 1, 1}, 3);
        put(history, 1, HONE_RUNNING, (double[]){0, 0}, 2);
        ck_assert_int_eq(report(most == 3 ? "asha:variant=stop,min_resource=3,max_resource=3"
                                          : "asha:variant=stop,min_resource=3,max_resource=4",
                                history, 1, 3, 9),
                         most == 3 ? HN_CONTINUE : HN_STOP);
        hn_history_destroy(history);
    }
}
END_TEST

Suite *suite_judges(void)
{
    Suite *suite = suite_create("judges");
    TCase *odd = tcase_create("bad input");
    tcase_add_test(odd, refuses_what_cannot_be);
    tcase_add_test(odd, takes_any_report);
    tcase_add_test(odd, a_late_report_is_no_judgement_of_a_rung);
    tcase_add_test(odd, a_step_may_be_told_again);
    tcase_add_test(odd, a_pruned_trial_may_go_on);
    tcase_add_test(odd, a_trial_may_come_late);
    suite_add_tcase(suite, odd);
    TCase *rules = tcase_create("rules");
    tcase_add_test(rules, wilcoxon_reads_means);
    tcase_add_test(rules, several_at_once);
    tcase_add_test(rules, a_whole_trial_is_not_stopped);
    suite_add_tcase(suite, rules);
    return suite;
}
