/* The protocol: every operation, every refusal, and the stream around them. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/protocol.h"
#include "base/memory.h"

static hone_protocol *session;
static hn_buffer answer;

static void begin(void)
{
    ck_assert_int_eq(hone_protocol_create("memory:", &session, NULL), HONE_OK);
}

static void end(void)
{
    hone_protocol_destroy(session);
    hn_buffer_release(&answer);
    answer = (hn_buffer)HN_BUFFER_INIT;
}

static const char *ask(const char *request)
{
    hn_buffer_clear(&answer);
    hn_protocol_handle(session, request, strlen(request), &answer);
    ck_assert(!hn_buffer_failed(&answer));
    ck_assert_msg(answer.data[answer.size - 1] == '\n' &&
                      strchr(answer.data, '\n') == answer.data + answer.size - 1,
                  "an answer is one line: %s", answer.data);
    return answer.data;
}

static const char create_s[] =
    "{\"op\":\"create\",\"study\":\"s\",\"goal\":[\"minimize loss\"],\"space\":{\"x\":{\"float\":"
    "[0,1]}},\"sampler\":\"random\",\"seed\":1}";

#define succeeds(request) hn_assert_contains(ask(request), "{\"ok\":true")

static void fails(const char *request, const char *status, const char *message)
{
    char wanted[64];
    ask(request);
    snprintf(wanted, sizeof wanted, "{\"ok\":false,\"error\":{\"status\":\"%s\"", status);
    hn_assert_contains(answer.data, wanted);
    hn_assert_contains(answer.data, message);
}

/* --- the example of the manual --- */

START_TEST(the_example_of_the_manual)
{
    succeeds(create_s);
    ask("{\"op\":\"ask\",\"study\":\"s\"}");
    hn_assert_contains(answer.data, "{\"ok\":true,\"trial\":0,\"lease\":\"");
    hn_assert_contains(answer.data, "\"params\":{\"x\":0.");
    ck_assert_str_eq(ask("{\"op\":\"report\",\"study\":\"s\",\"trial\":0,\"step\":1,\"value\":3}"),
                     "{\"ok\":true,\"prune\":false}\n");
    ck_assert_str_eq(ask("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[2.9]}"),
                     "{\"ok\":true}\n");
    hn_assert_contains(ask("{\"op\":\"best\",\"study\":\"s\"}"),
                       "{\"ok\":true,\"trial\":0,\"values\":[2.9],\"params\":{\"x\":0.");
}
END_TEST

START_TEST(id_comes_back_in_answers_and_errors)
{
    hn_assert_contains(ask("{\"op\":\"studies\",\"id\":{\"a\":[1,null]}}"), "\"id\":{\"a\":[1,null]}}");
    hn_assert_contains(ask("{\"op\":\"nothing\",\"id\":\"x\"}"), "\"id\":\"x\"}");
}
END_TEST

START_TEST(create_is_idempotent_for_an_equal_definition)
{
    succeeds(create_s);
    succeeds("{\"op\":\"ask\",\"study\":\"s\"}");
    succeeds(create_s);
    hn_assert_contains(ask("{\"op\":\"trials\",\"study\":\"s\"}"), "\"total\":1");
    fails(
        "{\"op\":\"create\",\"study\":\"s\",\"goal\":\"minimize loss\",\"space\":{\"x\":{\"float\":[0,2]}}}",
        "exists", "another definition");
}
END_TEST

START_TEST(ask_gives_batches_up_to_the_total)
{
    succeeds(
        "{\"op\":\"create\",\"study\":\"s\",\"space\":{\"x\":{\"float\":[0,1]}},\"sampler\":\"random\",\"trials\":5}");
    hn_assert_contains(ask("{\"op\":\"ask\",\"study\":\"s\",\"n\":3}"),
                       "{\"ok\":true,\"trials\":[{\"trial\":0,");
    hn_assert_contains(answer.data, "{\"trial\":2,");
    hn_assert_contains(ask("{\"op\":\"ask\",\"study\":\"s\",\"n\":3}"), "{\"trial\":4,");
    ck_assert_ptr_null(strstr(answer.data, "{\"trial\":5,"));
    ck_assert_str_eq(ask("{\"op\":\"ask\",\"study\":\"s\"}"),
                     "{\"ok\":true,\"done\":true,\"reason\":\"trials\"}\n");
    fails("{\"op\":\"ask\",\"study\":\"s\",\"n\":0}", "invalid", "allowed are 1 to 10000");
}
END_TEST

START_TEST(a_used_up_space_and_a_stopped_study_are_done)
{
    succeeds(
        "{\"op\":\"create\",\"study\":\"g\",\"space\":{\"k\":{\"choice\":[\"a\",\"b\"]}},\"sampler\":\"grid\"}");
    succeeds("{\"op\":\"ask\",\"study\":\"g\"}");
    succeeds("{\"op\":\"ask\",\"study\":\"g\"}");
    ck_assert_str_eq(ask("{\"op\":\"ask\",\"study\":\"g\"}"),
                     "{\"ok\":true,\"done\":true,\"reason\":\"exhausted\"}\n");
    succeeds(create_s);
    succeeds("{\"op\":\"stop\",\"study\":\"s\",\"reason\":\"enough\"}");
    ck_assert_str_eq(ask("{\"op\":\"ask\",\"study\":\"s\"}"),
                     "{\"ok\":true,\"done\":true,\"reason\":\"enough\"}\n");
}
END_TEST

START_TEST(a_lag_makes_asking_wait)
{
    succeeds(
        "{\"op\":\"create\",\"study\":\"s\",\"space\":{\"x\":{\"float\":[0,1]}},\"search\":{\"lag\":0}}");
    succeeds("{\"op\":\"ask\",\"study\":\"s\"}");
    ck_assert_str_eq(ask("{\"op\":\"ask\",\"study\":\"s\"}"), "{\"ok\":true,\"wait_ms\":50}\n");
    ck_assert_str_eq(ask("{\"op\":\"ask\",\"study\":\"s\",\"n\":4}"), "{\"ok\":true,\"wait_ms\":50}\n");
    succeeds("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"value\":1}");
    hn_assert_contains(ask("{\"op\":\"ask\",\"study\":\"s\"}"), "\"trial\":1");
}
END_TEST

/* --- telling --- */

static void begin_trial(void)
{
    succeeds(create_s);
    succeeds("{\"op\":\"ask\",\"study\":\"s\"}");
}

START_TEST(telling_twice_is_a_conflict)
{
    begin_trial();
    succeeds("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[1]}");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[1]}", "conflict",
          "trial 0 is complete already");
    fails("{\"op\":\"report\",\"study\":\"s\",\"trial\":0,\"step\":1,\"value\":1}", "conflict",
          "is complete already");
}
END_TEST

START_TEST(nan_is_told_as_failed_with_the_reason)
{
    begin_trial();
    ck_assert_str_eq(ask("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[\"nan\"]}"),
                     "{\"ok\":true,\"state\":\"failed\"}\n");
    hn_assert_contains(ask("{\"op\":\"trials\",\"study\":\"s\"}"),
                       "\"message\":\"its value for 'loss' is nan\"");
}
END_TEST

START_TEST(infinity_is_a_value)
{
    begin_trial();
    succeeds("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[\"inf\"]}");
    hn_assert_contains(ask("{\"op\":\"best\",\"study\":\"s\"}"), "\"values\":[\"inf\"]");
}
END_TEST

START_TEST(failed_and_pruned_take_no_values)
{
    begin_trial();
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"state\":\"failed\",\"values\":[1]}", "invalid",
          "without values");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"state\":\"broken\"}", "invalid",
          "complete, pruned, failed");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"state\":\"paused\"}", "conflict",
          "not asked to pause");
    succeeds("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"state\":\"failed\",\"message\":\"no memory\"}");
    hn_assert_contains(ask("{\"op\":\"trials\",\"study\":\"s\"}"), "\"message\":\"no memory\"");
    succeeds("{\"op\":\"ask\",\"study\":\"s\"}");
    succeeds("{\"op\":\"report\",\"study\":\"s\",\"trial\":1,\"step\":2,\"value\":0.5}");
    succeeds("{\"op\":\"tell\",\"study\":\"s\",\"trial\":1,\"state\":\"pruned\"}");
    hn_assert_contains(ask("{\"op\":\"trials\",\"study\":\"s\",\"state\":\"pruned\"}"),
                       "\"reports\":[[2,0.5]]");
}
END_TEST

START_TEST(wrong_values_leave_the_trial_running)
{
    begin_trial();
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0}", "invalid", "'values' is missing");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[1,2]}", "invalid",
          "2 values; the study has 1 objective");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[\"3\"]}", "invalid", "must be a number");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":1}", "invalid",
          "must be a list of numbers");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[1],\"noise\":-1}", "invalid", "'noise'");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[1],\"constraints\":[\"nan\"]}", "invalid",
          "constraint 0");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[1],\"attrs\":[]}", "invalid",
          "must be an object");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":1,\"values\":[1]}", "not_found", "no trial 1");
    fails("{\"op\":\"tell\",\"study\":\"s\",\"trial\":\"0\",\"values\":[1]}", "invalid", "'trial'");
    succeeds(
        "{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[1],\"constraints\":[0.5],\"attrs\":{\"k\":[1,\"nan\"]},"
        "\"noise\":0.25}");
    hn_assert_contains(ask("{\"op\":\"trials\",\"study\":\"s\"}"),
                       "\"constraints\":[0.5],\"attrs\":{\"k\":[1,\"nan\"]}");
    fails("{\"op\":\"best\",\"study\":\"s\"}", "not_found", "no complete, feasible trial");
}
END_TEST

START_TEST(a_wrong_lease_is_refused_and_a_late_value_kept)
{
    begin_trial();
    fails("{\"op\":\"report\",\"study\":\"s\",\"trial\":0,\"lease\":\"0123\",\"step\":1,\"value\":1}",
          "conflict", "lease '0123'");
    fails("{\"op\":\"heartbeat\",\"study\":\"s\",\"trial\":0,\"lease\":\"0123\"}", "conflict",
          "lease '0123'");
    succeeds("{\"op\":\"heartbeat\",\"study\":\"s\",\"trial\":0}");
    succeeds("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"lease\":\"0123\",\"values\":[7]}");
    ask("{\"op\":\"trials\",\"study\":\"s\"}");
    hn_assert_contains(answer.data, "\"total\":2");
    hn_assert_contains(answer.data, "{\"trial\":1,\"values\":[7.0]");
    succeeds("{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"values\":[1]}");
}
END_TEST

START_TEST(reports_prune_by_the_median)
{
    succeeds(
        "{\"op\":\"create\",\"study\":\"m\",\"space\":{\"x\":{\"float\":[0,1]}},\"sampler\":\"random\",\"pruner\":{\"median\":"
        "{\"n_startup\":1,\"n_warmup\":0}}}");
    succeeds("{\"op\":\"ask\",\"study\":\"m\"}");
    succeeds("{\"op\":\"report\",\"study\":\"m\",\"trial\":0,\"step\":1,\"value\":1}");
    succeeds("{\"op\":\"tell\",\"study\":\"m\",\"trial\":0,\"values\":[1]}");
    succeeds("{\"op\":\"ask\",\"study\":\"m\"}");
    ck_assert_str_eq(ask("{\"op\":\"report\",\"study\":\"m\",\"trial\":1,\"step\":1,\"value\":9}"),
                     "{\"ok\":true,\"prune\":true}\n");
    fails("{\"op\":\"report\",\"study\":\"m\",\"trial\":1,\"step\":-1,\"value\":9}", "invalid",
          "steps are 0 or more");
    succeeds("{\"op\":\"report\",\"study\":\"m\",\"trial\":1,\"step\":2,\"value\":\"nan\"}");
}
END_TEST

/* --- other operations --- */

START_TEST(queued_settings_are_asked_first)
{
    succeeds(create_s);
    ck_assert_str_eq(ask("{\"op\":\"enqueue\",\"study\":\"s\",\"params\":{\"x\":0.25}}"),
                     "{\"ok\":true,\"trial\":0}\n");
    fails("{\"op\":\"enqueue\",\"study\":\"s\",\"params\":{\"y\":1}}", "not_found", "no parameter 'y'");
    fails("{\"op\":\"enqueue\",\"study\":\"s\",\"params\":{\"x\":2}}", "invalid", "x");
    fails("{\"op\":\"enqueue\",\"study\":\"s\",\"params\":{\"x\":[1]}}", "invalid", "'x' is");
    fails("{\"op\":\"enqueue\",\"study\":\"s\"}", "invalid", "'params' is missing");
    hn_assert_contains(ask("{\"op\":\"ask\",\"study\":\"s\"}"), "\"params\":{\"x\":0.25}");
}
END_TEST

START_TEST(trials_are_paged_filtered_and_sorted)
{
    succeeds(create_s);
    for (int i = 0; i < 4; i++) {
        char request[128];
        snprintf(request, sizeof request, "{\"op\":\"enqueue\",\"study\":\"s\",\"params\":{\"x\":0.%d}}",
                 i + 1);
        succeeds(request);
        succeeds("{\"op\":\"ask\",\"study\":\"s\"}");
        snprintf(request, sizeof request, "{\"op\":\"tell\",\"study\":\"s\",\"trial\":%d,\"value\":%d}", i,
                 -i);
        succeeds(request);
    }
    ask("{\"op\":\"trials\",\"study\":\"s\",\"offset\":1,\"limit\":2}");
    hn_assert_contains(answer.data, "{\"ok\":true,\"total\":4,\"next_offset\":3,\"trials\":[{\"trial\":1,");
    ask("{\"op\":\"trials\",\"study\":\"s\",\"filter\":\"x > 0.15 and loss > -3\",\"sort\":\"value\",\"limit\":1}");
    hn_assert_contains(answer.data, "\"total\":2,\"next_offset\":1,\"trials\":[{\"trial\":2,");
    fails("{\"op\":\"trials\",\"study\":\"s\",\"filter\":\"z > 1\"}", "invalid", "'z' is no");
    fails("{\"op\":\"trials\",\"study\":\"s\",\"sort\":\"valeu\"}", "not_found", "did you mean 'value'");
    fails("{\"op\":\"trials\",\"study\":\"s\",\"state\":\"done\"}", "invalid", "running, complete");
    fails("{\"op\":\"trials\",\"study\":\"s\",\"limit\":0}", "invalid", "'limit'");
    fails("{\"op\":\"trials\",\"study\":\"s\",\"offset\":-1}", "invalid", "'offset'");
}
END_TEST

START_TEST(several_objectives_have_a_front)
{
    succeeds(
        "{\"op\":\"create\",\"study\":\"p\",\"goal\":[\"minimize a\",\"maximize b\"],\"space\":{\"x\":{\"float\":[0,1]}},"
        "\"sampler\":\"random\"}");
    succeeds("{\"op\":\"ask\",\"study\":\"p\",\"n\":3}");
    succeeds("{\"op\":\"tell\",\"study\":\"p\",\"trial\":0,\"values\":[1,1]}");
    succeeds("{\"op\":\"tell\",\"study\":\"p\",\"trial\":1,\"values\":[2,2]}");
    succeeds("{\"op\":\"tell\",\"study\":\"p\",\"trial\":2,\"values\":[3,0]}");
    hn_assert_contains(ask("{\"op\":\"best\",\"study\":\"p\"}"), "\"trials\":[{\"trial\":0,");
    ck_assert_ptr_null(strstr(answer.data, "\"trial\":2"));
}
END_TEST

START_TEST(attributes_of_studies_and_trials)
{
    begin_trial();
    succeeds("{\"op\":\"attr\",\"study\":\"s\",\"key\":\"note\",\"value\":{\"by\":\"me\"}}");
    ck_assert_str_eq(ask("{\"op\":\"attr\",\"study\":\"s\",\"key\":\"note\"}"),
                     "{\"ok\":true,\"value\":{\"by\":\"me\"}}\n");
    fails("{\"op\":\"attr\",\"study\":\"s\",\"key\":\"nothing\"}", "not_found", "no attribute 'nothing'");
    succeeds("{\"op\":\"attr\",\"study\":\"s\",\"trial\":0,\"key\":\"host\",\"value\":\"a\"}");
    ck_assert_str_eq(ask("{\"op\":\"attr\",\"study\":\"s\",\"trial\":0,\"key\":\"host\"}"),
                     "{\"ok\":true,\"value\":\"a\"}\n");
    fails("{\"op\":\"attr\",\"study\":\"s\",\"trial\":-2,\"key\":\"host\"}", "invalid",
          "numbers begin with 0");
    fails("{\"op\":\"attr\",\"study\":\"s\"}", "invalid", "'key' is missing");
}
END_TEST

START_TEST(studies_are_listed_and_deleted)
{
    succeeds(create_s);
    ck_assert_str_eq(
        ask("{\"op\":\"studies\"}"),
        "{\"ok\":true,\"studies\":[{\"study\":\"s\",\"directions\":[\"minimize\"],\"trials\":0,\"complete\":0}]}\n");
    ck_assert_str_eq(ask("{\"op\":\"delete\",\"study\":\"s\"}"), "{\"ok\":true}\n");
    ck_assert_str_eq(ask("{\"op\":\"studies\"}"), "{\"ok\":true,\"studies\":[]}\n");
    fails("{\"op\":\"ask\",\"study\":\"s\"}", "not_found", "s");
    fails("{\"op\":\"delete\",\"study\":\"s\"}", "not_found", "s");
}
END_TEST

START_TEST(malformed_requests_are_refused)
{
    fails("", "parse", "");
    fails("garbage", "parse", "not valid JSON");
    fails("[1]", "invalid", "a request is a JSON object");
    fails("{}", "invalid", "'op' is missing");
    fails("{\"op\":3}", "invalid", "'op' is 3");
    fails("{\"op\":\"aks\"}", "invalid", "did you mean 'ask'");
    fails("{\"op\":\"frobnicate\"}", "invalid", "there are create, ask");
    fails("{\"op\":\"ask\"}", "invalid", "'study' is missing");
    fails("{\"op\":\"ask\",\"studi\":\"s\"}", "invalid", "did you mean 'study'");
    fails("{\"op\":\"create\",\"study\":\"s\",\"sampler\":\"tpee\"}", "invalid", "tpe");
    fails("{\"op\":\"create\",\"study\":\"s\",\"space\":{\"x\":{\"float\":[1,0]}}}", "invalid", "x");
    fails("{\"op\":\"create\",\"study\":\"s\",\"seed\":1,\"search\":{\"seed\":2}}", "invalid",
          "stands twice");
    fails("{\"op\":\"create\",\"study\":\"s\",\"search\":3}", "invalid", "'search' is 3");
    succeeds(create_s);
}
END_TEST

/* --- the stream --- */

static void keep(void *user, const char *text, size_t size)
{
    hn_buffer_append(user, text, size);
}

static size_t count_lines(const hn_buffer *text)
{
    size_t n = 0;
    for (size_t i = 0; i < text->size; i++) {
        n += text->data[i] == '\n';
    }
    return n;
}

START_TEST(lines_may_come_in_any_pieces)
{
    static const char stream[] =
        "{\"op\":\"studies\",\"id\":1}\n\n  \r\n{\"op\":\"studies\",\"id\":2}\r\n{\"op\":\"studies\",\"id\":3}";
    for (size_t piece = 1; piece < sizeof stream; piece++) {
        hn_buffer out = HN_BUFFER_INIT;
        hone_sink sink = {.write = keep, .user = &out};
        for (size_t at = 0; at < sizeof stream - 1; at += piece) {
            size_t left = sizeof stream - 1 - at;
            ck_assert_int_eq(
                hone_protocol_feed(session, stream + at, left < piece ? left : piece, &sink, NULL), HONE_OK);
        }
        ck_assert_uint_eq(count_lines(&out), 2);
        ck_assert_int_eq(hone_protocol_end(session, &sink, NULL), HONE_OK);
        ck_assert_uint_eq(count_lines(&out), 3);
        hn_assert_contains(out.data, "\"id\":3}");
        hn_buffer_release(&out);
    }
}
END_TEST

START_TEST(a_line_that_is_too_long_is_skipped)
{
    static const char next[] = "\n{\"op\":\"studies\"}\n";
    size_t size = (size_t)1 << 20;
    char *blanks = malloc(size);
    hn_buffer out = HN_BUFFER_INIT;
    hone_sink sink = {.write = keep, .user = &out};
    ck_assert_ptr_nonnull(blanks);
    memset(blanks, 'x', size);
    for (size_t sent = 0; sent <= HONE_PROTOCOL_MAX_LINE; sent += size) {
        ck_assert_int_eq(hone_protocol_feed(session, blanks, size, &sink, NULL), HONE_OK);
    }
    ck_assert_int_eq(hone_protocol_feed(session, next, sizeof next - 1, &sink, NULL), HONE_OK);
    ck_assert_uint_eq(count_lines(&out), 2);
    hn_assert_contains(out.data, "\"status\":\"limit\"");
    hn_assert_contains(out.data, "{\"ok\":true,\"studies\":[]}");
    hn_buffer_release(&out);
    free(blanks);
}
END_TEST

/* Whatever allocation fails, the session answers or says so, and works afterwards. */
START_TEST(failing_allocations_lose_nothing)
{
    static const char *const requests[] = {
        "{\"op\":\"enqueue\",\"study\":\"s\",\"params\":{\"x\":0.5}}",
        "{\"op\":\"ask\",\"study\":\"s\"}",
        "{\"op\":\"trials\",\"study\":\"s\",\"filter\":\"x > 0\"}",
    };
    for (size_t r = 0; r < sizeof requests / sizeof *requests; r++) {
        bool failed = true;
        for (long k = 0; failed && k < 2000; k++) {
            hn_buffer out = HN_BUFFER_INIT;
            end();
            begin();
            succeeds(create_s);
            hn_memory_fail_at(k, 0);
            hn_protocol_handle(session, requests[r], strlen(requests[r]), &out);
            hn_memory_fail_at(-1, 0);
            failed = hn_buffer_failed(&out) || strstr(hn_buffer_string(&out), "out_of_memory");
            hn_buffer_release(&out);
            succeeds("{\"op\":\"ask\",\"study\":\"s\"}");
        }
        ck_assert(!failed);
    }
}
END_TEST

Suite *suite_protocol(void)
{
    const TTest *const tests[] = {
        the_example_of_the_manual,
        id_comes_back_in_answers_and_errors,
        create_is_idempotent_for_an_equal_definition,
        ask_gives_batches_up_to_the_total,
        a_used_up_space_and_a_stopped_study_are_done,
        a_lag_makes_asking_wait,
        telling_twice_is_a_conflict,
        nan_is_told_as_failed_with_the_reason,
        infinity_is_a_value,
        failed_and_pruned_take_no_values,
        wrong_values_leave_the_trial_running,
        a_wrong_lease_is_refused_and_a_late_value_kept,
        reports_prune_by_the_median,
        queued_settings_are_asked_first,
        trials_are_paged_filtered_and_sorted,
        several_objectives_have_a_front,
        attributes_of_studies_and_trials,
        studies_are_listed_and_deleted,
        malformed_requests_are_refused,
        lines_may_come_in_any_pieces,
        a_line_that_is_too_long_is_skipped,
        failing_allocations_lose_nothing,
    };
    Suite *suite = suite_create("protocol");
    TCase *group = tcase_create("protocol");
    tcase_add_checked_fixture(group, begin, end);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        tcase_add_test(group, tests[i]);
    }
    suite_add_tcase(suite, group);
    return suite;
}
