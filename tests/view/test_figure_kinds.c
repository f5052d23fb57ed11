/* Points, shades, intervals, grids, parallel axes and pages on a terminal; axes of times. */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/figure.h"
#include "view/figure_range.h"
#include "view/width.h"

static void keep(void *user, const char *text, size_t size)
{
    hn_buffer_append(user, text, size);
}

static hn_buffer out;

static const char *drawn(const hn_figure *figure, int columns, bool ascii, bool color)
{
    const hn_page page = {.n_figures = 1, .figures = figure};
    hone_sink sink = {.write = keep, .user = &out, .columns = columns, .ascii = ascii, .color = color};
    hn_buffer_clear(&out);
    ck_assert_int_eq(hn_page_draw(&page, &sink, NULL), HONE_OK);
    return hn_buffer_string(&out);
}

static void end(void)
{
    hn_buffer_release(&out);
}

static const double x[] = {0, 1, 2, 3}, y[] = {2, 1, NAN, 4}, shade[] = {0, 1, 2, NAN};
static const char *const words[] = {"low", "middle\033[31m", "high"};

START_TEST(states_have_marks)
{
    static const uint8_t marks[] = {HN_MARK_PRUNED, HN_MARK_BEST, HN_MARK_FAILED, HN_MARK_PLAIN};
    const hn_series series = {.kind = HN_SERIES_POINTS, .n = 4, .x = x, .y = y, .marks = marks};
    const hn_figure figure = {
        .title = "states", .y = {.title = "loss", .better = -1}, .n_series = 1, .series = &series};
    ck_assert_str_eq(drawn(&figure, 40, true, false), "states\n"
                                                      "  * best   v pruned   x failed\n"
                                                      "  loss (smaller is better)\n"
                                                      "4 +                                   o\n"
                                                      "  |\n"
                                                      "  |\n"
                                                      "  |\n"
                                                      "  |\n"
                                                      "  |\n"
                                                      "2 + v\n"
                                                      "  |\n"
                                                      "  |\n"
                                                      "  |            *           x\n"
                                                      "  +-+----------------------+------------\n"
                                                      "    0                      2\n");
    hn_assert_contains(drawn(&figure, 40, false, false), "★ best   ▽ pruned   × failed");
}
END_TEST

START_TEST(shades_are_marks_and_colours)
{
    const hn_series series = {.kind = HN_SERIES_POINTS, .n = 4, .x = x, .y = x, .shade = shade};
    hn_figure figure = {.title = "shades", .shade = {.title = "epochs"}, .n_series = 1, .series = &series};
    const char *text = drawn(&figure, 60, true, false);
    hn_assert_contains(text, "  epochs:   . 0   : 0.5   o 1   O 1.5   @ 2\n");
    hn_assert_contains(drawn(&figure, 60, false, true), "\033[38;5;55m·\033[0m 0");
    figure.shade.better = -1; /* the smaller the heavier */
    hn_assert_contains(drawn(&figure, 60, true, false), "  epochs:   @ 0   O 0.5   o 1   : 1.5   . 2\n");
    figure.shade = (hn_figure_axis){.n_categories = 3, .categories = words};
    hn_assert_contains(drawn(&figure, 60, true, false), "  o low   x middle [31m   * high\n");
    ck_assert_ptr_null(strchr(hn_buffer_string(&out), '\033')); /* a name moves no cursor */
}
END_TEST

START_TEST(intervals_begin_at_the_top)
{
    static const double from[] = {0, 5}, to[] = {5, 10}, rows[] = {0, 1};
    const hn_series series = {
        .name = "run", .kind = HN_SERIES_INTERVALS, .n = 2, .x = from, .y = rows, .end = to};
    const hn_figure figure = {
        .title = "who", .y = {.n_categories = 2, .categories = words}, .n_series = 1, .series = &series};
    const char *text = drawn(&figure, 40, false, false), *low = strstr(text, "low"),
               *middle = strstr(text, "middle");
    ck_assert(low && middle && low < middle);
    hn_assert_contains(text, "low ┤⠰⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶⠶\n");
}
END_TEST

START_TEST(contours_are_blocks_with_points_over_them)
{
    static const double values[] = {0, 1, 1, 2}, places[] = {1, 100};
    const hn_figure_grid grid = {.n_x = 2, .n_y = 2, .x = places, .y = places, .values = values};
    const hn_series series = {.kind = HN_SERIES_POINTS, .n = 1, .x = places, .y = places};
    const hn_figure figure = {
        .title = "g", .x = {.log = true}, .grid = &grid, .n_series = 1, .series = &series};
    const char *text = drawn(&figure, 40, true, false);
    hn_assert_contains(text, "    0   . 0.5   + 1   * 1.5   # 2\n");
    hn_assert_contains(text, "******###\n");
    hn_assert_contains(text, "o");
    const hn_figure_grid written = {.n_x = 2, .n_y = 2, .values = values, .written = true};
    const hn_figure numbers = {.title = "n",
                               .x = {.title = "x", .n_categories = 2, .categories = words},
                               .y = {.title = "y", .n_categories = 2, .categories = words},
                               .grid = &written};
    hn_assert_contains(drawn(&numbers, 60, true, false), "        low |           0           1\n");
}
END_TEST

START_TEST(parallel_axes_have_their_ends)
{
    static const hn_figure_axis axes[] = {{.title = "loss"},
                                          {.title = "kind", .n_categories = 3, .categories = words},
                                          {.title = "lr", .log = true}};
    static const double rows[] = {0.5, 0, 0.001, 1.5, 2, 0.1};
    const hn_figure_parallel parallel = {.n_axes = 3, .n = 2, .axes = axes, .values = rows, .shade = rows};
    const hn_figure figure = {.title = "p", .parallel = &parallel};
    const char *text = drawn(&figure, 60, true, false);
    hn_assert_contains(text, "  loss              kind              lr");
    hn_assert_contains(text, "  1.5               high              0.1");
    hn_assert_contains(text, "  0.5               low               0.001");
    hn_assert_contains(
        drawn(&(hn_figure){.title = "p", .parallel = &(hn_figure_parallel){0}}, 60, true, false), "p\n");
}
END_TEST

START_TEST(an_empty_figure_says_what_is_missing)
{
    const hn_figure figure = {.title = "t", .empty = "no trials yet"};
    ck_assert_str_eq(drawn(&figure, 60, true, false), "t\n  no trials yet\n");
    const hn_figure two[] = {figure, figure};
    const hn_page page = {.title = "page", .note = "a note", .n_figures = 2, .figures = two};
    hone_sink sink = {.write = keep, .user = &out, .columns = 60};
    hn_buffer_clear(&out);
    ck_assert_int_eq(hn_page_draw(&page, &sink, NULL), HONE_OK);
    ck_assert_str_eq(hn_buffer_string(&out), "page\n\nt\n  no trials yet\n\nt\n  no trials yet\n\na note\n");
}
END_TEST

/* --- axes --- */

static const char *labels(const hn_axis *axis)
{
    static char text[512];
    text[0] = '\0';
    for (size_t i = 0; i < axis->n_ticks; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " | " : "", axis->labels[i]);
    return text;
}

START_TEST(times_have_round_ticks)
{
    const double day = 86400, noon = 1772366400; /* 2026-03-01 12:00 UTC */
    hn_axis axis;
    hn_axis_make_time(noon, noon + 10, 5, &axis);
    ck_assert_str_eq(labels(&axis), "12:00:00 | 12:00:02 | 12:00:04 | 12:00:06 | 12:00:08 | 12:00:10");
    hn_axis_make_time(noon, noon + 7200, 4, &axis);
    ck_assert_str_eq(labels(&axis), "12:00 | 12:30 | 13:00 | 13:30 | 14:00");
    hn_axis_make_time(noon, noon + 2 * day, 4, &axis);
    ck_assert_str_eq(labels(&axis), "03-01 12:00 | 03-02 00:00 | 03-02 12:00 | 03-03 00:00 | 03-03 12:00");
    hn_axis_make_time(noon, noon + 20 * day, 5, &axis);
    ck_assert_str_eq(labels(&axis), "2026-03-03 | 2026-03-08 | 2026-03-13 | 2026-03-18");
    hn_axis_make_time(noon, noon + 0.5, 5, &axis);
    ck_assert_str_eq(labels(&axis),
                     "12:00:00.0 | 12:00:00.1 | 12:00:00.2 | 12:00:00.3 | 12:00:00.4 | 12:00:00.5");
    hn_axis_make_time(-1e18, 1e18, 5, &axis); /* no dates: numbers */
    ck_assert_uint_gt(axis.n_ticks, 0);
    hn_axis_make_time(0, 4e11, 5, &axis);
    ck_assert_uint_le(axis.n_ticks, HN_AXIS_MAX_TICKS);
}
END_TEST

START_TEST(ranges_are_those_of_what_is_drawn)
{
    static const double values[] = {1, 2, 3, 4}, ends[] = {9, 8, 7, NAN}, huge[] = {1.7e308, -1.7e308, 3, 5};
    const hn_series stacked[] = {{.kind = HN_SERIES_BARS, .n = 4, .y = values},
                                 {.kind = HN_SERIES_BARS, .n = 4, .y = values}};
    const hn_series intervals = {.kind = HN_SERIES_INTERVALS, .n = 4, .x = values, .y = x, .end = ends};
    const hn_series far = {.n = 4, .x = values, .y = huge};
    const hn_figure_rule rule = {.at = -2};
    hn_figure figure = {.n_series = 2, .series = stacked, .stacked = true};
    double low, high;
    hn_figure_range(&figure, HN_OF_Y, &low, &high);
    ck_assert(low == 0 && high == 8);
    figure.stacked = false;
    hn_figure_range(&figure, HN_OF_Y, &low, &high);
    ck_assert(low == 0 && high == 4);
    figure = (hn_figure){.n_series = 1, .series = &intervals, .n_rules = 1, .rules = &rule};
    hn_figure_range(&figure, HN_OF_X, &low, &high);
    ck_assert(low == 1 && high == 9);
    hn_figure_range(&figure, HN_OF_Y, &low, &high);
    ck_assert(low == -2 && high == 3);
    figure = (hn_figure){.n_series = 1, .series = &far};
    hn_figure_range(&figure, HN_OF_Y, &low, &high);
    ck_assert(low == 3 && high == 5);
    figure = (hn_figure){.y = {.low = -1, .high = 1, .n_categories = 3}, .x = {.n_categories = 3}};
    hn_figure_range(&figure, HN_OF_Y, &low, &high);
    ck_assert(low == -1 && high == 1);
    hn_figure_range(&figure, HN_OF_X, &low, &high);
    ck_assert(low == -0.5 && high == 2.5);
}
END_TEST

START_TEST(whole_axes_have_whole_ticks)
{
    hn_axis axis;
    const hn_figure_axis whole = {.whole = true};
    hn_figure_axis_over(&whole, -0.1, 3.1, 10, &axis);
    ck_assert_str_eq(labels(&axis), "0 | 1 | 2 | 3");
    hn_figure_axis_over(&whole, 0, 100, 5, &axis);
    ck_assert_str_eq(labels(&axis), "0 | 20 | 40 | 60 | 80 | 100");
}
END_TEST

Suite *suite_figure_kinds(void)
{
    Suite *suite = suite_create("figure_kinds");
    TCase *kinds = tcase_create("kinds"), *axes = tcase_create("axes");
    tcase_add_unchecked_fixture(kinds, NULL, end);
    tcase_add_test(kinds, states_have_marks);
    tcase_add_test(kinds, shades_are_marks_and_colours);
    tcase_add_test(kinds, intervals_begin_at_the_top);
    tcase_add_test(kinds, contours_are_blocks_with_points_over_them);
    tcase_add_test(kinds, parallel_axes_have_their_ends);
    tcase_add_test(kinds, an_empty_figure_says_what_is_missing);
    tcase_add_test(axes, times_have_round_ticks);
    tcase_add_test(axes, ranges_are_those_of_what_is_drawn);
    tcase_add_test(axes, whole_axes_have_whole_ticks);
    suite_add_tcase(suite, kinds);
    suite_add_tcase(suite, axes);
    return suite;
}
