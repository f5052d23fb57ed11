/* What a run looks like. */
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "support.h"
#include "view/progress.h"
#include "view/width.h"

static void capture(void *user, const char *text, size_t size)
{
    hn_buffer_append(user, text, size);
}

static const char *const goals[] = {"accuracy", "seconds"};
static const hone_direction directions[] = {HONE_MAXIMIZE, HONE_MINIMIZE};

/* A clock of the tests': a millisecond passes whenever it is looked at. */
static int64_t now_ns;

static int64_t fake_ns(void)
{
    return now_ns += 1000000;
}

static int64_t fake_us(void)
{
    return now_ns / 1000;
}

static void use_fake_clock(void)
{
    static const hn_clock fake = {fake_ns, fake_us};
    hn_clock_use(&fake);
}

static void use_clock(void)
{
    hn_clock_use(NULL);
}

static hn_progress *make(hn_buffer *out, hn_progress_config config)
{
    hn_progress *progress = NULL;
    hone_error err;
    config.sink.write = capture;
    config.sink.user = out;
    config.goals = goals;
    config.directions = directions;
    config.n_goals = config.n_goals ? config.n_goals : 1;
    ck_assert_msg(!hn_progress_create(&config, &progress, &err), "%s", err.message);
    hn_progress_begin(progress);
    return progress;
}

static const hone_named_value params[] = {
    {"C", {.type = HONE_FLOAT, .as.real = 8.3123456}},
    {"kernel", {.type = HONE_STRING, .as.string = "rbf"}},
};

static const hn_progress_step fit = {.trial = 12,
                                     .fold = 2,
                                     .folds = 5,
                                     .step = 3,
                                     .steps = 10,
                                     .loss = 0.25,
                                     .metric = "accuracy",
                                     .score = 0.9,
                                     .rate = 0.001,
                                     .left = 70};
static const hn_progress_step last_fit = {
    .trial = -1, .folds = 1, .step = 3, .steps = 10, .loss = 0.25, .score = NAN, .rate = NAN, .left = NAN};

static void end_complete(hn_progress *progress, int64_t number, double accuracy, double seconds)
{
    double values[] = {accuracy, seconds};
    hn_progress_ended(progress, &(hn_progress_trial){.number = number,
                                                     .state = HONE_COMPLETE,
                                                     .n_params = 2,
                                                     .params = params,
                                                     .values = values,
                                                     .feasible = true,
                                                     .seconds = 0.25});
}

static void end_failed(hn_progress *progress, int64_t number, const char *message)
{
    hn_progress_ended(
        progress,
        &(hn_progress_trial){.number = number, .state = HONE_FAILED, .message = message, .seconds = 1});
}

START_TEST(plain_lines)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_progress *progress = make(&out, (hn_progress_config){.header = "hone  study s", .total = 9});
    end_complete(progress, 0, 0.5, 0);
    end_complete(progress, 1, 0.4, 0);
    end_complete(progress, 2, 0.75, 0);
    end_failed(progress, 3, "exit status 1");
    hn_progress_ended(progress, &(hn_progress_trial){.number = 4, .state = HONE_PRUNED, .seconds = 2});
    hn_progress_tick(progress);
    hn_progress_end(progress);
    ck_assert_str_eq(hn_buffer_string(&out), "hone  study s\n"
                                             "  #0    accuracy 0.5 ★   C 8.3123   kernel rbf   0.25 s\n"
                                             "  #1    accuracy 0.4   C 8.3123   kernel rbf   0.25 s\n"
                                             "  #2    accuracy 0.75 ★   C 8.3123   kernel rbf   0.25 s\n"
                                             "  #3    failed: exit status 1   1 s\n"
                                             "  #4    pruned   2 s\n");
    hn_progress_destroy(progress);
    hn_buffer_release(&out);
}
END_TEST

START_TEST(earlier_and_infeasible_trials_count)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_progress *progress = make(&out, (hn_progress_config){0});
    double known = 0.6, infeasible = 0.9;
    hn_progress_known(progress, 7, &known);
    end_complete(progress, 8, 0.5, 0);
    hn_progress_ended(progress,
                      &(hn_progress_trial){.number = 9, .state = HONE_COMPLETE, .values = &infeasible});
    end_complete(progress, 10, 0.7, 0);
    ck_assert_ptr_null(strstr(hn_buffer_string(&out), "0.5 ★"));
    hn_assert_contains(hn_buffer_string(&out), "  #9    accuracy 0.9 (breaks a constraint)   ");
    hn_assert_contains(hn_buffer_string(&out), "  #10   accuracy 0.7 ★");
    hn_progress_destroy(progress);
    hn_buffer_release(&out);
}
END_TEST

START_TEST(with_two_goals_what_no_other_dominates_improves)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_progress *progress = make(&out, (hn_progress_config){.n_goals = 2});
    end_complete(progress, 0, 0.5, 10);
    end_complete(progress, 1, 0.4, 5);
    end_complete(progress, 2, 0.4, 10);
    end_complete(progress, 3, 0.6, 4);
    end_complete(progress, 4, 0.5, 10);
    const char *const stars[] = {"accuracy 0.5 seconds 10 ★", "accuracy 0.4 seconds 5 ★",
                                 "accuracy 0.6 seconds 4 ★"};
    size_t n = 0;
    for (const char *at = hn_buffer_string(&out); (at = strstr(at, "★")); at += 3) {
        n++;
    }
    ck_assert_uint_eq(n, 3);
    for (size_t i = 0; i < 3; i++) {
        hn_assert_contains(hn_buffer_string(&out), stars[i]);
    }
    hn_progress_destroy(progress);
    hn_buffer_release(&out);
}
END_TEST

START_TEST(json_lines)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_progress *progress =
        make(&out, (hn_progress_config){.json = true, .header = "no", .sink.terminal = true});
    end_complete(progress, 0, 0.5, 0);
    end_failed(progress, 1, "a \"quoted\" reason");
    hn_progress_tick(progress);
    hn_progress_note(progress, "no");
    hn_progress_end(progress);
    ck_assert_str_eq(
        hn_buffer_string(&out),
        "{\"event\":\"trial\",\"trial\":0,\"state\":\"complete\",\"values\":[0.5],"
        "\"params\":{\"C\":8.3123456,\"kernel\":\"rbf\"},\"improved\":true,\"seconds\":0.25}\n"
        "{\"event\":\"trial\",\"trial\":1,\"state\":\"failed\",\"params\":{},\"improved\":false,\"seconds\":1.0,"
        "\"message\":\"a \\\"quoted\\\" reason\"}\n");
    hn_progress_destroy(progress);
    hn_buffer_release(&out);
}
END_TEST

/* Every line, also each state of the last one, fits; all widths a terminal may have. */
START_TEST(no_line_is_wider_than_the_terminal)
{
    for (int columns = 1; columns <= 130; columns++) {
        hn_buffer out = HN_BUFFER_INIT;
        hn_progress *progress =
            make(&out, (hn_progress_config){
                           .sink = {.terminal = true, .columns = columns},
                           .header = "hone  study with a long name   sqlite:///somewhere.db\nsecond line",
                           .total = 40,
                           .seconds = 3600});
        end_complete(progress, 0, 0.123456789, 0);
        end_failed(progress, 1, "something long and winding went wrong in a way that takes a while to tell");
        hn_progress_tick(progress);
        hn_progress_fit(progress, &fit);
        hn_progress_fit(progress, &last_fit);
        hn_progress_end(progress);
        for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n")) {
            const char *rest = line;
            for (char *erased; (erased = strstr(rest, "\r\x1b[K")); rest = erased + 4) {
                *erased = '\0';
                ck_assert_msg(hn_text_width(rest) <= (size_t)columns, "%d columns: '%s'", columns, rest);
            }
            ck_assert_msg(hn_text_width(rest) <= (size_t)columns, "%d columns: '%s'", columns, rest);
        }
        hn_progress_destroy(progress);
        hn_buffer_release(&out);
    }
}
END_TEST

START_TEST(a_long_fit_stands_in_the_last_line)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_progress *progress =
        make(&out, (hn_progress_config){.sink = {.terminal = true, .columns = 150}, .total = 20});
    hn_progress_fit(progress, &fit);
    hn_assert_contains(hn_buffer_string(&out),
                       "#12 fold 2/5 epoch 3/10   loss 0.25   accuracy 0.9   rate 0.001   1 min 10 s left");
    hn_buffer_clear(&out);
    end_complete(progress, 12, 0.25, 0);
    hn_progress_tick(progress);
    ck_assert_ptr_null(strstr(hn_buffer_string(&out), "epoch"));
    hn_buffer_clear(&out);
    hn_progress_fit(progress, &last_fit);
    ck_assert_str_eq(hn_buffer_string(&out), "\r\x1b[K  final fit epoch 3/10   loss 0.25");
    hn_buffer_clear(&out);
    hn_progress_end(progress);
    ck_assert_str_eq(hn_buffer_string(&out), "\r\x1b[K");
    hn_progress_destroy(progress);
    hn_buffer_release(&out);
}
END_TEST

/* Short fits tell nothing without a terminal; long ones a line every ten seconds. */
START_TEST(lines_of_fits_are_rare)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_progress *progress = make(&out, (hn_progress_config){.total = 20});
    for (int i = 0; i < 100; i++) {
        hn_progress_fit(progress, &fit);
    }
    ck_assert_str_eq(hn_buffer_string(&out), "");
    now_ns += INT64_C(10000000000);
    for (int i = 0; i < 100; i++) {
        hn_progress_fit(progress, &fit);
    }
    hn_assert_contains(hn_buffer_string(&out), "#12 fold 2/5 epoch 3/10");
    ck_assert_ptr_eq(strchr(out.data, '\n'), strrchr(out.data, '\n'));
    hn_progress_destroy(progress);
    hn_buffer_release(&out);
}
END_TEST

START_TEST(the_last_line_tells_how_far_it_is)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_progress *progress =
        make(&out, (hn_progress_config){.sink = {.terminal = true, .columns = 120}, .done = 10, .total = 20});
    end_complete(progress, 10, 0.25, 0);
    end_complete(progress, 11, 0.125, 0);
    hn_assert_contains(hn_buffer_string(&out), "accuracy 0.25 ★");
    ck_assert_ptr_null(strstr(hn_buffer_string(&out), "accuracy 0.125"));
    hn_assert_contains(hn_buffer_string(&out), "  12/20  ━━━━━━━━━━━━━━━━╸");
    hn_assert_contains(hn_buffer_string(&out), "best 0.25 (#10)");
    hn_assert_contains(hn_buffer_string(&out), " ms left");
    hn_progress_destroy(progress);
    hn_buffer_release(&out);
}
END_TEST

Suite *suite_progress(void)
{
    Suite *suite = suite_create("progress");
    TCase *lines = tcase_create("lines");
    tcase_add_checked_fixture(lines, use_fake_clock, use_clock);
    tcase_add_test(lines, plain_lines);
    tcase_add_test(lines, earlier_and_infeasible_trials_count);
    tcase_add_test(lines, with_two_goals_what_no_other_dominates_improves);
    tcase_add_test(lines, json_lines);
    suite_add_tcase(suite, lines);
    TCase *terminal = tcase_create("terminal");
    tcase_add_checked_fixture(terminal, use_fake_clock, use_clock);
    tcase_add_test(terminal, no_line_is_wider_than_the_terminal);
    tcase_add_test(terminal, the_last_line_tells_how_far_it_is);
    tcase_add_test(terminal, a_long_fit_stands_in_the_last_line);
    tcase_add_test(lines, lines_of_fits_are_rare);
    suite_add_tcase(suite, terminal);
    return suite;
}
