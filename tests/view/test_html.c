/* Texts and tables in HTML: what is data is never markup. */
#include "support.h"

#include "view/html.h"

static hn_buffer out;

static void end(void)
{
    hn_buffer_release(&out);
}

static const char *escaped(const char *text)
{
    hn_buffer_clear(&out);
    hn_html_text(&out, text);
    return hn_buffer_string(&out);
}

START_TEST(markup_becomes_text)
{
    ck_assert_str_eq(escaped("<script>alert(\"1\" & '2')</script>"),
                     "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;");
    ck_assert_str_eq(escaped("&amp;"), "&amp;amp;");
    ck_assert_str_eq(escaped("größe 日本 \xf0\x9f\x9a\x80\tb\n"), "größe 日本 \xf0\x9f\x9a\x80\tb\n");
    ck_assert_str_eq(escaped(""), "");
}
END_TEST

#define NONE "\xef\xbf\xbd"

START_TEST(what_html_does_not_allow_is_replaced)
{
    ck_assert_str_eq(escaped("a\x01"
                             "b\x1b[2Jc\x7f"),
                     "a" NONE "b" NONE "[2Jc" NONE);
    ck_assert_str_eq(escaped("\xff"), NONE);
    ck_assert_str_eq(escaped("\xc0\xbc"), NONE NONE);          /* an overlong '<' */
    ck_assert_str_eq(escaped("\xe2\x28"), NONE "(");           /* a sequence that breaks off */
    ck_assert_str_eq(escaped("\xed\xa0\x80"), NONE NONE NONE); /* half a surrogate pair */
    ck_assert_str_eq(escaped("\xef\xbf\xbe"), NONE);           /* U+FFFE */
    ck_assert_str_eq(escaped("\xc2\x85"), NONE);               /* a control of ISO 6429 */
}
END_TEST

START_TEST(a_table_has_its_titles_sides_and_styles)
{
    hn_table table = HN_TABLE_INIT;
    hn_table_add_column(&table, "na<me", HN_ALIGN_LEFT, false);
    hn_table_add_column(&table, "n", HN_ALIGN_RIGHT, false);
    hn_table_add(&table, "a&b");
    hn_table_add_int(&table, 7);
    hn_table_set_style(&table, HN_STYLE_GOOD);
    hn_table_add(&table, "c");
    hn_table_add(&table, "");
    ck_assert(!hn_html_table(&out, &table, "trials", true, NULL));
    ck_assert_str_eq(
        hn_buffer_string(&out),
        "<div class=\"wide\"><table class=\"trials\">\n<thead><tr><th scope=\"col\">na&lt;me</th>"
        "<th scope=\"col\" class=\"n\">n</th></tr></thead>\n<tbody>\n"
        "<tr class=\"good\"><td>a&amp;b</td><td class=\"n\">7</td></tr>\n"
        "<tr><td>c</td><td class=\"n\"></td></tr>\n</tbody></table></div>\n");
    hn_buffer_clear(&out);
    ck_assert(!hn_html_table(&out, &table, "facts", false, NULL));
    hn_assert_contains(hn_buffer_string(&out),
                       "<tbody>\n<tr class=\"good\"><th scope=\"row\">a&amp;b</th><td");
    table.failed = true;
    ck_assert_int_eq(hn_html_table(&out, &table, "facts", false, NULL), HONE_OUT_OF_MEMORY);
    hn_table_release(&table);
}
END_TEST

Suite *suite_html(void)
{
    Suite *suite = suite_create("html");
    TCase *group = tcase_create("html");
    tcase_add_checked_fixture(group, NULL, end);
    tcase_add_test(group, markup_becomes_text);
    tcase_add_test(group, what_html_does_not_allow_is_replaced);
    tcase_add_test(group, a_table_has_its_titles_sides_and_styles);
    suite_add_tcase(suite, group);
    return suite;
}
