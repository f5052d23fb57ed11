/* The percentile rule against Optuna's recorded decisions, and what the record does not show. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "pruner/pruner.h"
#include "refusal.h"
#include "support.h"

enum { MAX_WORDS = 64 };

static double number_of(const char *word)
{
    double value;
    ck_assert_msg(hn_parse_double(word, strlen(word), true, &value), "%s", word);
    return value;
}

/* Splits a line in place. */
static size_t split(char *line, char *words[MAX_WORDS])
{
    size_t n = 0;
    char *rest;
    for (char *word = strtok_r(line, " ", &rest); word != NULL && n < MAX_WORDS;
         word = strtok_r(NULL, " ", &rest)) {
        words[n++] = word;
    }
    return n;
}

static void put(hn_history *history, int64_t number, hone_trial_state state, const hn_trial_report *reports,
                size_t n)
{
    double value = 0;
    hn_trial_record record = {.number = number,
                              .state = state,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .n_reports = n,
                              .reports = reports,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(history, &record, NULL), HONE_OK);
}

typedef struct replay {
    hn_history *history;
    hn_pruner *pruner;
    int64_t number;
    size_t judged;
} replay;

static void begin_case(replay *r, char **words)
{
    hone_direction direction = strcmp(words[2], "minimize") == 0 ? HONE_MINIMIZE : HONE_MAXIMIZE;
    hn_arena arena = HN_ARENA_INIT;
    bool median = strcmp(words[1], "50") == 0;
    char *text =
        median ? hn_arena_printf(&arena, "median:n_startup=%s,n_warmup=%s,interval=%s,n_min=%s", words[3],
                                 words[4], words[5], words[6])
               : hn_arena_printf(&arena,
                                 "percentile:percentile=%s,n_startup=%s,n_warmup=%s,interval=%s,n_min=%s",
                                 words[1], words[3], words[4], words[5], words[6]);
    hn_spec spec;
    hone_error err = {0};
    ck_assert_msg(hn_spec_from_text(&arena, text, "pruner", &spec, &err) == HONE_OK, "%s", err.message);
    ck_assert_msg(hn_pruner_create(&spec, &r->pruner, &err) == HONE_OK, "%s", err.message);
    ck_assert_int_eq(hn_history_create(&direction, 1, &r->history, NULL), HONE_OK);
    r->number = 0;
    hn_arena_release(&arena);
}

static void replay_trial(replay *r, char **words, size_t n)
{
    hn_trial_report reports[MAX_WORDS];
    size_t n_reports = 0;
    for (size_t i = 2; i + 1 < n; i += 2) {
        reports[n_reports++] = (hn_trial_report){(int64_t)number_of(words[i]), number_of(words[i + 1])};
    }
    put(r->history, r->number++, strcmp(words[1], "COMPLETE") == 0 ? HONE_COMPLETE : HONE_PRUNED, reports,
        n_reports);
}

static void replay_judgements(replay *r, char **words, size_t n, int line)
{
    hn_prune_context context = {.history = r->history};
    put(r->history, r->number, HONE_RUNNING, NULL, 0);
    for (size_t i = 1; i + 2 < n; i += 3) {
        int64_t step = (int64_t)number_of(words[i]);
        hn_verdict verdict;
        ck_assert_int_eq(hn_history_add_report(r->history, r->number, step, number_of(words[i + 1]), NULL),
                         HONE_OK);
        ck_assert_int_eq(hn_pruner_judge(r->pruner, &context, r->number, step, &verdict, NULL), HONE_OK);
        ck_assert_msg(verdict == (words[i + 2][0] == '1' ? HN_STOP : HN_CONTINUE), "line %d, step %s", line,
                      words[i]);
        r->judged++;
    }
    hn_pruner_destroy(r->pruner);
    hn_history_destroy(r->history);
}

START_TEST(decides_as_optuna)
{
    char *path = hn_test_source("tests/oracle/pruner_values.txt"), *text = hn_test_read(path), *rest;
    replay r = {0};
    int line_number = 0;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *words[MAX_WORDS];
        size_t n = split(line, words);
        line_number++;
        if (strcmp(words[0], "case") == 0) {
            begin_case(&r, words);
        } else if (strcmp(words[0], "trial") == 0) {
            replay_trial(&r, words, n);
        } else if (strcmp(words[0], "judge") == 0) {
            replay_judgements(&r, words, n, line_number);
        }
    }
    ck_assert_uint_gt(r.judged, 2000);
    free(text);
    free(path);
}
END_TEST

START_TEST(names_what_is_wrong)
{
    static const char *const texts[][2] = {
        {"medain",
         "there is no pruner 'medain' (did you mean 'median'?); there are none, median, percentile"},
        {"median:interval=0", "interval"},
        {"percentile:percentile=101", "percentile"},
        {"median:percentile=10", "percentile"},
    };
    expect_refusals(texts, sizeof texts / sizeof *texts);
}
END_TEST

Suite *suite_percentile(void)
{
    Suite *suite = suite_create("percentile");
    TCase *rule = tcase_create("rule");
    tcase_add_test(rule, decides_as_optuna);
    tcase_add_test(rule, names_what_is_wrong);
    suite_add_tcase(suite, rule);
    return suite;
}
