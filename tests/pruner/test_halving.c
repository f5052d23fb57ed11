/* Successive halving: the plan against scikit-learn's, and a bracket by hand. */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "pruner/halving_plan.h"
#include "pruner/pruner.h"
#include "refusal.h"
#include "support.h"

static int64_t integer_of(const char *word)
{
    int64_t value = 0;
    ck_assert_msg(word && hn_parse_int(word, strlen(word), &value), "%s",
                  word ? word : "a line is cut short");
    return value;
}

static void check_line(char *line)
{
    char *rest, *word = strtok_r(line, " ", &rest);
    hn_halving_options options;
    hn_halving_rung rungs[HN_MOST_RUNGS];
    int64_t *fields[] = {&options.min_resource, &options.smallest, &options.max_resource,
                         &options.n_candidates, &options.factor};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++, word = strtok_r(NULL, " ", &rest)) {
        *fields[i] = integer_of(word);
    }
    options.aggressive = integer_of(word);
    size_t n = hn_halving_plan(&options, rungs);
    for (size_t i = 0; i < n; i++) {
        ck_assert_int_eq(rungs[i].resource, integer_of(strtok_r(NULL, " ", &rest)));
        ck_assert_int_eq(rungs[i].candidates, integer_of(strtok_r(NULL, " ", &rest)));
    }
    ck_assert_ptr_null(strtok_r(NULL, " ", &rest));
}

START_TEST(the_plan_is_scikit_learns)
{
    char *path = hn_test_source("tests/oracle/halving_values.txt"), *text = hn_test_read(path), *rest;
    size_t checked = 0;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (*line != '#') {
            check_line(line);
            checked++;
        }
    }
    ck_assert_uint_ge(checked, 150);
    free(text);
    free(path);
}
END_TEST

START_TEST(the_plan_of_powers_is_exact)
{
    hn_halving_rung rungs[HN_MOST_RUNGS];
    hn_halving_options options = {
        .min_resource = 1, .smallest = 1, .max_resource = INT64_MAX, .n_candidates = 243, .factor = 3};
    ck_assert_uint_eq(hn_halving_plan(&options, rungs), 6);
    ck_assert_int_eq(rungs[5].resource, 243);
    ck_assert_int_eq(rungs[5].candidates, 1);
    options = (hn_halving_options){
        .smallest = 1, .max_resource = INT64_MAX, .n_candidates = INT64_MAX, .factor = 2};
    ck_assert_uint_eq(hn_halving_plan(&options, rungs), 63);
}
END_TEST

/* --- a bracket --- */

typedef struct fixture {
    hn_history *history;
    hn_pruner *pruner;
    hn_prune_context context;
    int64_t paused[16];
} fixture;

static void set_up(fixture *f, const char *text, hone_direction direction)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec;
    hone_error err = {0};
    *f = (fixture){0};
    ck_assert_int_eq(hn_history_create(&direction, 1, &f->history, NULL), HONE_OK);
    ck_assert_int_eq(hn_spec_from_text(&arena, text, "pruner", &spec, &err), HONE_OK);
    ck_assert_msg(hn_pruner_create(&spec, &f->pruner, &err) == HONE_OK, "%s", err.message);
    f->context = (hn_prune_context){.history = f->history, .study_name = "s", .paused = f->paused};
    hn_arena_release(&arena);
}

static void tear_down(fixture *f)
{
    hn_pruner_destroy(f->pruner);
    hn_history_destroy(f->history);
}

static void put(fixture *f, int64_t number, hone_trial_state state)
{
    const hn_trial_report *reports = NULL;
    hn_trial_report copy[8];
    size_t n =
        number < (int64_t)hn_history_count(f->history) ? hn_history_reports(f->history, number, &reports) : 0;
    for (size_t i = 0; i < n; i++) {
        copy[i] = reports[i];
    }
    double value = n ? copy[n - 1].value : 0;
    hn_trial_record record = {.number = number,
                              .state = state,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .n_reports = n,
                              .reports = copy,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(f->history, &record, NULL), HONE_OK);
}

static void expect(fixture *f, hn_next_kind kind, int64_t number, int64_t budget)
{
    hn_next next = {0};
    ck_assert_int_eq(hn_pruner_next(f->pruner, &f->context, &next, NULL), HONE_OK);
    ck_assert_int_eq(next.kind, kind);
    ck_assert_int_eq(next.number, number);
    ck_assert_int_eq(next.budget, budget);
    f->context.budget = budget;
}

static void set_paused(fixture *f, int64_t number)
{
    size_t at = f->context.n_paused++;
    for (; at > 0 && f->paused[at - 1] > number; at--) {
        f->paused[at] = f->paused[at - 1];
    }
    f->paused[at] = number;
}

/* The trial reports; when it is to pause it is paused. */
static hn_verdict report(fixture *f, int64_t number, int64_t step, double value)
{
    hn_verdict verdict;
    ck_assert_int_eq(hn_history_add_report(f->history, number, step, value, NULL), HONE_OK);
    ck_assert_int_eq(hn_pruner_judge(f->pruner, &f->context, number, step, &verdict, NULL), HONE_OK);
    if (verdict == HN_PAUSE) {
        set_paused(f, number);
    }
    return verdict;
}

static void unpause(fixture *f, int64_t number)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->context.n_paused; i++) {
        if (f->paused[i] != number) {
            f->paused[kept++] = f->paused[i];
        }
    }
    ck_assert_uint_eq(kept + 1, f->context.n_paused);
    f->context.n_paused = kept;
}

static void drop(fixture *f, int64_t number)
{
    expect(f, HN_NEXT_DROP, number, 0);
    unpause(f, number);
    put(f, number, HONE_PRUNED);
}

START_TEST(a_bracket_narrows)
{
    static const double scores[] = {5, 9, 1, NAN, 7, 3};
    fixture f;
    set_up(&f, "successive_halving:min_resource=2,max_resource=18,n_candidates=6", HONE_MAXIMIZE);
    for (int64_t i = 0; i < 6; i++) {
        expect(&f, HN_NEXT_START, 0, 2);
        put(&f, i, HONE_RUNNING);
        ck_assert_int_eq(report(&f, i, 1, 0), HN_CONTINUE);
        if (i != 4) {
            ck_assert_int_eq(report(&f, i, 2, scores[i]), HN_PAUSE);
        }
    }
    expect(&f, HN_NEXT_WAIT, 0, 0); /* for trial 4 */
    f.context.budget = 2;
    ck_assert_int_eq(report(&f, 4, 2, scores[4]), HN_PAUSE);
    drop(&f, 3); /* nan */
    drop(&f, 2);
    drop(&f, 5);
    drop(&f, 0);
    expect(&f, HN_NEXT_RESUME, 1, 6); /* the last rung: 6 candidates at 2, 2 at 6 */
    unpause(&f, 1);
    ck_assert_int_eq(report(&f, 1, 2, 9), HN_CONTINUE); /* a program without checkpoint begins anew */
    ck_assert_int_eq(report(&f, 1, 6, 6), HN_CONTINUE);
    put(&f, 1, HONE_COMPLETE);
    expect(&f, HN_NEXT_RESUME, 4, 6);
    unpause(&f, 4);
    put(&f, 4, HONE_FAILED);
    expect(&f, HN_NEXT_START, 0, 2); /* the next bracket */
    f.context.exhausted = true;
    expect(&f, HN_NEXT_DONE, 0, 0);
    tear_down(&f);
}
END_TEST

START_TEST(failures_and_early_ends_keep_their_places)
{
    fixture f;
    set_up(&f, "successive_halving:min_resource=1,max_resource=9,n_candidates=4,factor=2", HONE_MINIMIZE);
    for (int64_t i = 0; i < 4; i++) {
        expect(&f, HN_NEXT_START, 0, 1);
        put(&f, i, HONE_RUNNING);
        if (i == 0) {
            put(&f, 0, HONE_FAILED);
        } else if (i == 1) {
            put(&f, 1, HONE_COMPLETE);
        } else {
            ck_assert_int_eq(report(&f, i, 1, (double)-i), HN_PAUSE);
        }
    }
    expect(&f, HN_NEXT_RESUME, 3, 2); /* two of four go on: the two that are left, the better one first */
    unpause(&f, 3);
    expect(&f, HN_NEXT_RESUME, 2, 2);
    unpause(&f, 2);
    expect(&f, HN_NEXT_WAIT, 0, 0);
    f.context.budget = 2;
    ck_assert_int_eq(report(&f, 2, 2, 0), HN_PAUSE);
    set_paused(&f, 3); /* its worker died before the rung */
    expect(&f, HN_NEXT_RESUME, 3, 2);
    unpause(&f, 3);
    ck_assert_int_eq(report(&f, 3, 2, 1), HN_PAUSE);
    drop(&f, 3);
    expect(&f, HN_NEXT_RESUME, 2, 4);
    tear_down(&f);
}
END_TEST

START_TEST(fewer_candidates_than_planned_are_a_smaller_bracket)
{
    fixture f;
    set_up(&f, "successive_halving:min_resource=1,max_resource=9,n_candidates=9", HONE_MINIMIZE);
    for (int64_t i = 0; i < 3; i++) {
        expect(&f, HN_NEXT_START, 0, 1);
        put(&f, i, HONE_RUNNING);
        report(&f, i, 1, (double)i);
    }
    f.context.exhausted = true;
    drop(&f, 2);
    drop(&f, 1);
    expect(&f, HN_NEXT_RESUME, 0, 3);
    tear_down(&f);
}
END_TEST

START_TEST(rungs_of_one_resource_are_one)
{
    fixture f;
    set_up(&f, "successive_halving:min_resource=2,max_resource=6,n_candidates=9,aggressive_elimination=true",
           HONE_MINIMIZE);
    for (int64_t i = 0; i < 9; i++) {
        expect(&f, HN_NEXT_START, 0, 2);
        put(&f, i, HONE_RUNNING);
        report(&f, i, 2, (double)i);
    }
    for (int64_t i = 8; i > 0; i--) { /* 9 and 3 at 2, 1 at 6 */
        drop(&f, i);
    }
    expect(&f, HN_NEXT_RESUME, 0, 6);
    tear_down(&f);
}
END_TEST

START_TEST(bad_options_are_refused)
{
    static const char *const bad[][2] = {
        {"successive_halving", "max_resource, the last step of a whole trial, is needed"},
        {"successive_halving:max_resource=0.5", "max_resource is 0.5; a share is for resource: rows"},
        {"successive_halving:max_resource=5,min_resource=9", "min_resource 9 is more than max_resource 5"},
        {"successive_halving:max_resource=5,factor=1", "factor"},
    };
    expect_refusals(bad, sizeof bad / sizeof *bad);
}
END_TEST

Suite *suite_halving(void)
{
    Suite *suite = suite_create("halving");
    TCase *cases = tcase_create("halving");
    tcase_add_test(cases, the_plan_is_scikit_learns);
    tcase_add_test(cases, the_plan_of_powers_is_exact);
    tcase_add_test(cases, a_bracket_narrows);
    tcase_add_test(cases, failures_and_early_ends_keep_their_places);
    tcase_add_test(cases, fewer_candidates_than_planned_are_a_smaller_bracket);
    tcase_add_test(cases, rungs_of_one_resource_are_one);
    tcase_add_test(cases, bad_options_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}
