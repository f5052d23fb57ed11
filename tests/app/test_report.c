/* Pictures of a report: one SVG for light and dark. */
#include <string.h>

#include "app/report_svg.h"
#include "support.h"

static hn_buffer out;
static hn_svg_colors colors;

static void end(void)
{
    hn_buffer_release(&out);
    hn_svg_colors_release(&colors);
    colors = (hn_svg_colors){0};
}

static const char *joined(const char *light, const char *dark)
{
    hn_buffer_clear(&out);
    ck_assert(hn_svg_join(&out, light, dark, &colors));
    return hn_buffer_string(&out);
}

static const char *rules(void)
{
    hn_buffer_clear(&out);
    hn_svg_colors_write(&out, &colors);
    return hn_buffer_string(&out);
}

START_TEST(colours_become_variables_of_two_values)
{
    ck_assert_str_eq(joined("<a fill=\"rgb(100%,0%,50%)\"/>rgb(0%, 0%, 0%)",
                            "<a fill=\"rgb(0%,100%,20%)\"/>rgb(0%,0%,0%)"),
                     "<a fill=\"var(--c0)\"/>var(--c1)");
    ck_assert_str_eq(joined("rgb(0%,0%,0%)rgb(100%,0%,50%)", "rgb(0%,0%,0%)rgb(0%,100%,20%)"),
                     "var(--c1)var(--c0)");
    ck_assert_str_eq(
        rules(), ":root {--c0:#ff0080;--c1:#000000;}\n"
                 "@media screen and (prefers-color-scheme: dark) { :root {--c0:#00ff33;--c1:#000000;} }\n");
}
END_TEST

START_TEST(numbers_are_cut_to_hundredths_but_for_factors)
{
    ck_assert_str_eq(
        joined("M 1.005859 -20.996094 L 0.125 3 .5 12.34", "M 1.005859 -20.996094 L 0.125 3 .5 12.34"),
        "M 1.01 -21 L 0.13 3 .5 12.34");
    ck_assert_str_eq(
        joined("matrix(0.001234,0,0,1,2.3456,0) 9.8765", "matrix(0.001234,0,0,1,2.3456,0) 9.8765"),
        "matrix(0.001234,0,0,1,2.3456,0) 9.88");
}
END_TEST

START_TEST(styles_become_classes)
{
    ck_assert_str_eq(joined("<a style=\"x:rgb(0%,0%,0%)\"/><b d=\"1\" style=\"x:rgb(0%,0%,0%)\"/>",
                            "<a style=\"x:rgb(100%,0%,0%)\"/><b d=\"1\" style=\"x:rgb(100%,0%,0%)\"/>"),
                     "<a class=\"k0\"/><b d=\"1\" class=\"k0\"/>");
    ck_assert_str_eq(joined("<c style=\"y:1.2345;\"/>", "<c style=\"y:1.2345;\"/>"), "<c class=\"k1\"/>");
    hn_assert_contains(rules(), ".k0{x:var(--c0)}\n.k1{y:1.23;}\n");
    ck_assert_str_eq(joined("<c style=\"never", "<c style=\"never"), "<c class=\"k2\"");
}
END_TEST

START_TEST(pictures_that_differ_in_more_are_not_joined)
{
    static const char *const pairs[][2] = {{"abc", "abd"},
                                           {"abc", "ab"},
                                           {"ab", "abc"},
                                           {"rgb(1%,2%,3%)", "red"},
                                           {"rgb(1%,2%,3%)", "rgb(1,2,3)"},
                                           {"surface1", "glyph01"},
                                           {"1.2345", "1.2346"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        ck_assert_msg(!hn_svg_join(&out, pairs[i][0], pairs[i][1], &colors), "%zu", i);
        ck_assert_uint_eq(out.size, 0);
    }
    ck_assert_str_eq(joined("id=\"surface1\"", "id=\"surface12\""), "id=\"surface1\"");
}
END_TEST

START_TEST(a_figure_is_one_picture_without_text_of_users)
{
    const double x[] = {0, 1, 2}, y[] = {1, 0.5, 0.25};
    hn_series series = {.kind = HN_SERIES_POINTS, .n = 3, .x = x, .y = y, .name = "<script>"};
    hn_figure figure = {.x.title = "</svg>", .n_series = 1, .series = &series};
    hone_error err = {0};
    hone_status status = hn_report_svg(&out, &figure, 480, 320, "p1", "\"<b>", &colors, &err);
    if (status == HONE_UNSUPPORTED) { /* no cairo here */
        return;
    }
    const char *svg = hn_buffer_string(&out);
    ck_assert_msg(!status, "%s", err.message);
    ck_assert_ptr_eq(strstr(svg, "<svg viewBox=\"0 0 480 320\" role=\"img\" aria-label=\"&quot;&lt;b&gt;\">"),
                     svg);
    ck_assert_ptr_null(strstr(svg, "script"));
    ck_assert_ptr_null(strstr(svg, "rgb("));
    ck_assert_ptr_null(strstr(svg, "class=\"dark\""));
    ck_assert_ptr_nonnull(strstr(svg, "id=\"p1-"));
    ck_assert_ptr_eq(strstr(svg, "</svg>"), svg + strlen(svg) - strlen("</svg>\n"));
}
END_TEST

Suite *suite_report(void)
{
    Suite *suite = suite_create("report");
    TCase *group = tcase_create("report");
    tcase_add_checked_fixture(group, NULL, end);
    tcase_add_test(group, colours_become_variables_of_two_values);
    tcase_add_test(group, numbers_are_cut_to_hundredths_but_for_factors);
    tcase_add_test(group, styles_become_classes);
    tcase_add_test(group, pictures_that_differ_in_more_are_not_joined);
    tcase_add_test(group, a_figure_is_one_picture_without_text_of_users);
    suite_add_tcase(suite, group);
    return suite;
}
