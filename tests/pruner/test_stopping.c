/* Judges of running trials against Optuna's recorded decisions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "pruner/pruner.h"
#include "support.h"

enum { MOST_REPORTS = 64, MOST_RUNNING = 64, MOST_KINDS = 8 };

/* --- replaying a study --- */

typedef struct replay {
    hn_history *history;
    hn_arena arena; /* of the case */
    hn_spec spec;
    hn_pruner *pruner;
    char study[32];
    int64_t now;
    size_t judged, stopped; /* of the kind */
} replay;

typedef struct tally {
    char name[32];
    size_t judged, stopped;
} tally;

static double number_of(const char *word)
{
    double value;
    ck_assert_msg(hn_parse_double(word, strlen(word), true, &value), "%s", word);
    return value;
}

static void put(replay *r, int64_t number, hone_trial_state state, double value)
{
    const hn_trial_report *borrowed;
    hn_trial_report copy[MOST_REPORTS];
    bool known = number < (int64_t)hn_history_count(r->history);
    size_t n = known ? hn_history_reports(r->history, number, &borrowed) : 0;
    for (size_t i = 0; i < n; i++) {
        copy[i] = borrowed[i];
    }
    hn_trial_record record = {.number = number,
                              .state = state,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .n_reports = n,
                              .reports = copy,
                              .complete_us = ++r->now,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(r->history, &record, NULL), HONE_OK);
}

static void end_case(replay *r)
{
    hn_pruner_destroy(r->pruner);
    hn_history_destroy(r->history);
    hn_arena_release(&r->arena);
    *r = (replay){0};
}

static void begin_case(replay *r, char *line)
{
    char *rest;
    hone_error err = {0};
    ck_assert_str_eq(strtok_r(line, " ", &rest), "case");
    hone_direction direction =
        strcmp(strtok_r(NULL, " ", &rest), "minimize") == 0 ? HONE_MINIMIZE : HONE_MAXIMIZE;
    snprintf(r->study, sizeof r->study, "%s", strtok_r(NULL, " ", &rest));
    ck_assert_msg(hn_spec_from_text(&r->arena, rest, "pruner", &r->spec, &err) == HONE_OK, "%s", err.message);
    ck_assert_msg(hn_pruner_create(&r->spec, &r->pruner, &err) == HONE_OK, "%s", err.message);
    ck_assert_int_eq(hn_history_create(&direction, 1, &r->history, NULL), HONE_OK);
}

/* A pruner that saw nothing before answers alike: every so often. */
static void check_fresh(const replay *r, const hn_prune_context *context, int64_t number, int64_t step,
                        hn_verdict expected)
{
    hn_pruner *fresh;
    hn_verdict verdict;
    ck_assert_int_eq(hn_pruner_create(&r->spec, &fresh, NULL), HONE_OK);
    ck_assert_int_eq(hn_pruner_judge(fresh, context, number, step, &verdict, NULL), HONE_OK);
    ck_assert_int_eq(verdict, expected);
    hn_pruner_destroy(fresh);
}

static void run_trial(replay *r, char *line, int line_number)
{
    static const char *const states[] = {"running", "complete", "pruned", "failed"};
    static const hone_trial_state meant[] = {HONE_RUNNING, HONE_COMPLETE, HONE_PRUNED, HONE_FAILED};
    char *rest, *word;
    hn_prune_context context = {.history = r->history, .study_name = r->study};
    ck_assert_str_eq(strtok_r(line, " ", &rest), "run");
    int64_t number = (int64_t)number_of(strtok_r(NULL, " ", &rest));
    size_t s = 0;
    for (word = strtok_r(NULL, " ", &rest); strcmp(states[s], word) != 0; s++) {
        ck_assert_uint_lt(s + 1, sizeof states / sizeof *states);
    }
    double value = number_of(strtok_r(NULL, " ", &rest));
    put(r, number, HONE_RUNNING, 0);
    while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
        int64_t step = (int64_t)number_of(word);
        double reported = number_of(strtok_r(NULL, " ", &rest));
        hn_verdict expected = strcmp(strtok_r(NULL, " ", &rest), "1") == 0 ? HN_STOP : HN_CONTINUE, verdict;
        ck_assert_int_eq(hn_history_add_report(r->history, number, step, reported, NULL), HONE_OK);
        ck_assert_int_eq(hn_pruner_judge(r->pruner, &context, number, step, &verdict, NULL), HONE_OK);
        ck_assert_msg(verdict == expected, "line %d, step %lld: %s", line_number, (long long)step,
                      verdict == HN_STOP ? "stopped" : "not stopped");
        r->judged++;
        r->stopped += verdict == HN_STOP;
        if (r->judged % 7 == 0) {
            check_fresh(r, &context, number, step, verdict);
        }
    }
    if (meant[s] != HONE_RUNNING) {
        put(r, number, meant[s], value);
    }
}

static void count(tally tallies[MOST_KINDS], const replay *r)
{
    size_t i = 0;
    while (tallies[i].name[0] && strcmp(tallies[i].name, r->spec.name) != 0) {
        i++;
        ck_assert_uint_lt(i, MOST_KINDS);
    }
    snprintf(tallies[i].name, sizeof tallies[i].name, "%s", r->spec.name);
    tallies[i].judged += r->judged;
    tallies[i].stopped += r->stopped;
}

START_TEST(decides_as_optuna)
{
    char *path = hn_test_source("tests/oracle/stopping_values.txt"), *text = hn_test_read(path), *rest;
    replay r = {0};
    tally tallies[MOST_KINDS] = {0};
    int line_number = 0;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        line_number++;
        if (strncmp(line, "case ", 5) == 0) {
            if (r.pruner != NULL) {
                count(tallies, &r);
            }
            end_case(&r);
            begin_case(&r, line);
        } else if (line[0] != '#') {
            run_trial(&r, line, line_number);
        }
    }
    count(tallies, &r);
    end_case(&r);
    for (size_t i = 0; i < 5; i++) {
        printf("%s: %zu decisions, %zu to stop\n", tallies[i].name, tallies[i].judged, tallies[i].stopped);
        ck_assert_uint_gt(tallies[i].judged, 2000);
        ck_assert_uint_gt(tallies[i].stopped, 50);
    }
    free(text);
    free(path);
}
END_TEST

Suite *suite_stopping(void)
{
    Suite *suite = suite_create("stopping");
    TCase *rules = tcase_create("rules");
    tcase_add_test(rules, decides_as_optuna);
    suite_add_tcase(suite, rules);
    return suite;
}
