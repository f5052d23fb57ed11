/* Time, and the log. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "support.h"

START_TEST(dates_are_written_and_read)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01 00:00:00.000000"},
        {INT64_C(951782400000001), "2000-02-29 00:00:00.000001"},
        {INT64_C(1709251199999999), "2024-02-29 23:59:59.999999"},
        {-1, "1969-12-31 23:59:59.999999"},
        {INT64_C(4107542400000000), "2100-03-01 00:00:00.000000"},
        {INT64_C(-62135596800000000), "0001-01-01 00:00:00.000000"},
        {INT64_C(253402300799999999), "9999-12-31 23:59:59.999999"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[HN_DATETIME_SIZE];
        hn_format_datetime(text, cases[i].us);
        ck_assert_str_eq(text, cases[i].text);
        int64_t us = 0;
        ck_assert(hn_parse_datetime(text, strlen(text), &us));
        ck_assert_int_eq(us, cases[i].us);
    }
}
END_TEST

START_TEST(every_day_of_four_centuries_round_trips)
{
    for (int64_t day = 0; day < 146097; day++) {
        char text[HN_DATETIME_SIZE];
        int64_t us = 0;
        hn_format_datetime(text, day * INT64_C(86400000000));
        ck_assert(hn_parse_datetime(text, strlen(text), &us) && us == day * INT64_C(86400000000));
    }
}
END_TEST

START_TEST(dates_out_of_range_are_clamped)
{
    char text[HN_DATETIME_SIZE];
    hn_format_datetime(text, INT64_MAX);
    ck_assert_str_eq(text, "9999-12-31 23:59:59.999999");
    hn_format_datetime(text, INT64_MIN);
    ck_assert_str_eq(text, "0001-01-01 00:00:00.000000");
}
END_TEST

START_TEST(shorter_forms_are_read_and_others_refused)
{
    int64_t us = 0;
    ck_assert(hn_parse_datetime("1970-01-01T00:00:01", 19, &us) && us == 1000000);
    ck_assert(hn_parse_datetime("1970-01-01 00:00:00.5", 21, &us) && us == 500000);
    static const char *const refused[] = {
        "",
        "1970-01-01",
        "1970-13-01 00:00:00",
        "1970-02-29 00:00:00",
        "1970-01-01 24:00:00",
        "1970-01-01 00:00:00.",
        "1970-01-01 00:00:00.1234567",
        "1970-01-01 00:00:00Z",
        "0000-01-01 00:00:00",
        "197a-01-01 00:00:00",
        "1970/01/01 00:00:00",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        ck_assert_msg(!hn_parse_datetime(refused[i], strlen(refused[i]), &us), "%s", refused[i]);
}
END_TEST

START_TEST(the_monotonic_clock_moves_with_sleep)
{
    int64_t before = hn_monotonic_ns();
    hn_sleep_ms(5);
    ck_assert_int_ge(hn_monotonic_ns() - before, 5000000);
    ck_assert_int_gt(hn_wall_us(), INT64_C(1600000000000000));
    hn_sleep_ms(-1);
}
END_TEST

static char last_message[1100];
static int n_messages;

static void keep_message(void *user, hn_log_level level, const char *message)
{
    ck_assert_ptr_eq(user, &n_messages);
    ck_assert_int_le(level, HN_LOG_WARNING);
    n_messages++;
    strcpy(last_message, message);
}

START_TEST(messages_reach_the_host_up_to_its_level)
{
    hn_log(HN_LOG_ERROR, "dropped");
    hn_log_set(keep_message, &n_messages, HN_LOG_WARNING);
    hn_log(HN_LOG_INFO, "too detailed");
    ck_assert_int_eq(n_messages, 0);
    hn_log(HN_LOG_WARNING, "disk %d%% full", 99);
    ck_assert_int_eq(n_messages, 1);
    ck_assert_str_eq(last_message, "disk 99% full");
    hn_log_set(NULL, NULL, HN_LOG_ERROR);
    hn_log(HN_LOG_ERROR, "dropped");
    ck_assert_int_eq(n_messages, 1);
}
END_TEST

Suite *suite_clock(void)
{
    Suite *suite = suite_create("clock");
    TCase *time = tcase_create("time");
    tcase_add_test(time, dates_are_written_and_read);
    tcase_add_test(time, every_day_of_four_centuries_round_trips);
    tcase_add_test(time, dates_out_of_range_are_clamped);
    tcase_add_test(time, shorter_forms_are_read_and_others_refused);
    tcase_add_test(time, the_monotonic_clock_moves_with_sleep);
    tcase_add_test(time, messages_reach_the_host_up_to_its_level);
    suite_add_tcase(suite, time);
    return suite;
}
