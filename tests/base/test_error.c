/* Errors: what a message looks like, and the nearest name. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "support.h"

START_TEST(a_message_is_formatted_and_the_status_returned)
{
    hone_error err = {.line = 7, .column = 9, .byte = 5, .detail = 3};
    ck_assert_int_eq(hn_fail(&err, HONE_INVALID, "low %d is above high %d", 3, 2), HONE_INVALID);
    ck_assert_str_eq(err.message, "low 3 is above high 2");
    ck_assert_int_eq(err.status, HONE_INVALID);
    ck_assert_int_eq(err.line + err.column + err.detail + (int)err.byte, 0);
    ck_assert_int_eq(hn_fail(NULL, HONE_BUSY, "x"), HONE_BUSY);
}
END_TEST

START_TEST(a_position_comes_first_as_far_as_it_is_known)
{
    hone_error err;
    hn_fail_at(&err, HONE_PARSE, (hn_position){"s.yaml", 3, 4, 20}, "no");
    ck_assert_str_eq(err.message, "s.yaml:3:4: no");
    ck_assert_int_eq(err.line, 3);
    ck_assert_int_eq(err.column, 4);
    ck_assert_uint_eq(err.byte, 20);
    hn_fail_at(&err, HONE_PARSE, (hn_position){"-p", 0, 0, 0}, "no");
    ck_assert_str_eq(err.message, "-p: no");
    hn_fail_at(&err, HONE_PARSE, (hn_position){NULL, 3, 0, 0}, "no");
    ck_assert_str_eq(err.message, "3: no");
    hn_fail_at(&err, HONE_PARSE, (hn_position){0}, "no");
    ck_assert_str_eq(err.message, "no");
}
END_TEST

START_TEST(errno_gives_the_reason_and_the_detail)
{
    hone_error err;
    errno = ENOENT;
    ck_assert_int_eq(hn_fail_errno(&err, HONE_IO, "cannot open %s", "x"), HONE_IO);
    ck_assert_str_eq(err.message, "cannot open x: No such file or directory");
    ck_assert_int_eq(err.detail, ENOENT);
}
END_TEST

START_TEST(a_prefix_keeps_status_and_position)
{
    hone_error err;
    hn_fail_at(&err, HONE_PARSE, (hn_position){"f", 1, 2, 1}, "bad");
    ck_assert_int_eq(hn_fail_within(&err, HONE_IO, "study '%s'", "s"), HONE_PARSE);
    ck_assert_str_eq(err.message, "study 's': f:1:2: bad");
    ck_assert_int_eq(err.line, 1);
    ck_assert_int_eq(hn_fail_within(NULL, HONE_IO, "x"), HONE_IO);
}
END_TEST

START_TEST(an_error_may_quote_its_own_message)
{
    hone_error err;
    hn_fail(&err, HONE_IO, "first");
    hn_fail(&err, HONE_IO, "second, after %s", err.message);
    ck_assert_str_eq(err.message, "second, after first");
}
END_TEST

/* A character of n bytes at each offset across the end of the message: never half of one. */
START_TEST(a_long_message_is_cut_between_characters)
{
    static const char *const characters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t c = 0; c < 4; c++) {
        size_t length = strlen(characters[c]);
        for (size_t lead = HONE_MESSAGE_SIZE - 10; lead < HONE_MESSAGE_SIZE + 2; lead++) {
            char text[2 * HONE_MESSAGE_SIZE] = "";
            memset(text, 'a', lead);
            for (int i = 0; i < 20; i++)
                strcat(text, characters[c]);
            hone_error err;
            hn_fail(&err, HONE_INVALID, "%s", text);
            size_t size = strlen(err.message);
            ck_assert_uint_lt(size, HONE_MESSAGE_SIZE);
            ck_assert_uint_gt(size, HONE_MESSAGE_SIZE - 1 - length);
            ck_assert(memcmp(err.message, text, size) == 0);
            if (size > lead)
                ck_assert_uint_eq((size - lead) % length, 0);
        }
    }
}
END_TEST

START_TEST(the_nearest_name_is_near)
{
    static const char *const names[] = {"multivariate", "n_startup", "seed", "x"};
    ck_assert_str_eq(hn_nearest_name("multivarate", names, 4), "multivariate");
    ck_assert_str_eq(hn_nearest_name("multviaraite", names, 4), "multivariate");
    ck_assert_str_eq(hn_nearest_name("sede", names, 4), "seed");
    ck_assert_str_eq(hn_nearest_name("y", names, 4), "x");
    ck_assert_ptr_null(hn_nearest_name("swede_n", names, 4));
    ck_assert_ptr_null(hn_nearest_name("quantum", names, 4));
    ck_assert_ptr_null(hn_nearest_name("", names, 4));
    ck_assert_ptr_null(hn_nearest_name("seed", names, 0));
}
END_TEST

START_TEST(statuses_have_pinned_names)
{
    ck_assert_str_eq(hone_status_name(HONE_OK), "ok");
    ck_assert_str_eq(hone_status_name(HONE_NOT_FOUND), "not_found");
    ck_assert_str_eq(hone_status_name((hone_status)99), "unknown");
    ck_assert_str_eq(hone_status_meaning(HONE_CANCELLED), "the caller asked to stop");
    ck_assert_int_eq(HONE_INTERNAL, 14);
}
END_TEST

Suite *suite_error(void)
{
    Suite *suite = suite_create("error");
    TCase *statuses = tcase_create("statuses");
    tcase_add_test(statuses, a_message_is_formatted_and_the_status_returned);
    tcase_add_test(statuses, a_position_comes_first_as_far_as_it_is_known);
    tcase_add_test(statuses, errno_gives_the_reason_and_the_detail);
    tcase_add_test(statuses, a_prefix_keeps_status_and_position);
    tcase_add_test(statuses, an_error_may_quote_its_own_message);
    tcase_add_test(statuses, a_long_message_is_cut_between_characters);
    tcase_add_test(statuses, the_nearest_name_is_near);
    tcase_add_test(statuses, statuses_have_pinned_names);
    suite_add_tcase(suite, statuses);
    return suite;
}
