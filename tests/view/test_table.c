/* Widths of text, wrapping, and tables that fit. */
#include "support.h"

#include <math.h>
#include <string.h>

#include "view/table.h"
#include "view/width.h"

static void keep(void *user, const char *text, size_t size)
{
    hn_buffer_append(user, text, size);
}

static hn_buffer out;

static const char *written(hn_table *table, int columns, bool color)
{
    hone_sink sink = {.write = keep, .user = &out, .columns = columns, .color = color};
    hn_buffer_clear(&out);
    ck_assert_int_eq(hn_table_write(table, &sink, true, NULL), HONE_OK);
    return hn_buffer_string(&out);
}

static void end(void)
{
    hn_buffer_release(&out);
}

START_TEST(widths_are_those_of_a_terminal)
{
    ck_assert_uint_eq(hn_text_width("abc"), 3);
    ck_assert_uint_eq(hn_text_width("größe"), 5);
    ck_assert_uint_eq(hn_text_width("e\xcc\x81"), 1); /* e and a combining acute */
    ck_assert_uint_eq(hn_text_width("日本"), 4);
    ck_assert_uint_eq(hn_text_width("★"), 1);
    ck_assert_uint_eq(hn_text_width("\xf0\x9f\x9a\x80"), 2); /* a rocket */
    ck_assert_uint_eq(hn_text_width("\xff"), 1);
    ck_assert_uint_eq(hn_text_fit("日本", 3), strlen("日"));
}
END_TEST

START_TEST(columns_align_by_width)
{
    hn_table table = HN_TABLE_INIT;
    hn_table_add_column(&table, "n", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "name", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "v", HN_ALIGN_RIGHT, false);
    hn_table_add_int(&table, 7);
    hn_table_add(&table, "größe");
    hn_table_add_number(&table, 0.123456, 3);
    hn_table_add_int(&table, 12);
    hn_table_add(&table, "日本");
    hn_table_add_number(&table, NAN, 3);
    hn_table_add_int(&table, 1);
    hn_table_add(&table, "a\nb\x1b[31m"); /* controls must not reach the terminal */
    hn_table_add(&table, NULL);
    ck_assert_str_eq(written(&table, 0, false), " n  name          v\n"
                                                " 7  größe     0.123\n"
                                                "12  日本\n"
                                                " 1  a b [31m\n");
    hn_table_release(&table);
}
END_TEST

START_TEST(a_wide_table_is_cut_and_then_loses_columns)
{
    hn_table table = HN_TABLE_INIT;
    hn_table_add_column(&table, "number", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "words", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "first", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "second", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "last", HN_ALIGN_RIGHT, false);
    hn_table_keep_column(&table);
    hn_table_add_int(&table, 1);
    hn_table_add(&table, "a sentence of several words");
    for (int i = 0; i < 3; i++) {
        hn_table_add_int(&table, 1000000 + i);
    }
    hn_assert_contains(written(&table, 48, false), "a sentence o…");
    ck_assert_str_eq(written(&table, 29, false), "number  words            last\n"
                                                 "     1  a sentence…   1000002\n"
                                                 "not shown for want of width: \n");
    hn_table_release(&table);
}
END_TEST

START_TEST(colours_only_where_wanted)
{
    hn_table table = HN_TABLE_INIT;
    hn_table_add_column(&table, "n", HN_ALIGN_RIGHT, false);
    hn_table_add_int(&table, 1);
    hn_table_set_style(&table, HN_STYLE_BAD);
    ck_assert_ptr_null(strchr(written(&table, 80, false), '\033'));
    hn_assert_contains(written(&table, 80, true), "\033[31m1\033[0m\n");
    hn_table_release(&table);
}
END_TEST

START_TEST(text_wraps_at_blanks)
{
    hn_buffer_text(&out, "ab");
    hn_text_wrap(&out, "one two three fourfivesixseven", 2, 10);
    ck_assert_str_eq(hn_buffer_string(&out), "abone two\n  three\n  fourfivesixseven\n");
}
END_TEST

Suite *suite_table(void)
{
    Suite *suite = suite_create("table");
    TCase *group = tcase_create("table");
    tcase_add_checked_fixture(group, NULL, end);
    tcase_add_test(group, widths_are_those_of_a_terminal);
    tcase_add_test(group, columns_align_by_width);
    tcase_add_test(group, a_wide_table_is_cut_and_then_loses_columns);
    tcase_add_test(group, colours_only_where_wanted);
    tcase_add_test(group, text_wraps_at_blanks);
    suite_add_tcase(suite, group);
    return suite;
}
