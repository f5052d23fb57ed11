/* Figures: ticks, what is drawn where, and that nothing is wider than the sink. */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "view/axis.h"
#include "view/bar.h"
#include "view/figure.h"
#include "view/width.h"

static void keep(void *user, const char *text, size_t size)
{
    hn_buffer_append(user, text, size);
}

static hn_buffer out;

static const char *drawn(const hn_figure *figure, int columns, bool ascii, bool color)
{
    hone_sink sink = {.write = keep, .user = &out, .columns = columns, .ascii = ascii, .color = color};
    hn_buffer_clear(&out);
    ck_assert_int_eq(hn_figure_draw(figure, &sink, NULL), HONE_OK);
    return hn_buffer_string(&out);
}

static void end(void)
{
    hn_buffer_release(&out);
}

static void check_width(const char *text, size_t most)
{
    while (*text) {
        char line[1024];
        size_t size = strcspn(text, "\n");
        ck_assert_uint_lt(size, sizeof line);
        memcpy(line, text, size);
        line[size] = '\0';
        ck_assert_msg(hn_text_width(line) <= most, "%zu columns: %s", hn_text_width(line), line);
        text += size + (text[size] == '\n');
    }
}

/* --- axes --- */

static const char *labels(double low, double high, bool log, size_t wanted)
{
    static char text[256];
    hn_axis axis;
    hn_axis_make(low, high, log, wanted, &axis);
    text[0] = '\0';
    for (size_t i = 0; i < axis.n_ticks; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "", axis.labels[i]);
        double place = hn_axis_place(&axis, axis.ticks[i]);
        ck_assert(place >= -1e-9 && place <= 1 + 1e-9);
    }
    return text;
}

START_TEST(ticks_are_round)
{
    ck_assert_str_eq(labels(0.68, 1.02, false, 5), "0.7 0.8 0.9 1.0");
    ck_assert_str_eq(labels(0, 1, false, 4), "0.0 0.5 1.0");
    ck_assert_str_eq(labels(-3, 12, false, 4), "0 5 10");
    ck_assert_str_eq(labels(40, 497, false, 6), "100 200 300 400");
    ck_assert_str_eq(labels(98000, 410000, false, 4), "100000 200000 300000 400000");
    ck_assert_str_eq(labels(-0.02, 0.02, false, 4), "-0.02 -0.01 0.00 0.01 0.02");
    ck_assert_str_eq(labels(0.001, 100, true, 8), "0.001 0.01 0.1 1 10 100");
    ck_assert_str_eq(labels(1, 50, true, 6), "1 2 5 10 20 50");
    ck_assert_str_eq(labels(1e-9, 1e9, true, 6), "1e-08 0.0001 1 10000 1e+08");
    ck_assert_str_eq(labels(2, 3, true, 4), "2.0 2.5 3.0"); /* less than a power of ten */
    ck_assert_str_eq(labels(5, 5, false, 4), "4.5 5.0 5.5");
}
END_TEST

START_TEST(places_are_shares_of_the_range)
{
    hn_axis axis;
    hn_axis_make(0.01, 100, true, 5, &axis);
    hn_assert_absolute(hn_axis_place(&axis, 1), 0.5, 1e-12);
    hn_axis_make(-1, 1, true, 5, &axis); /* no logarithm: linear */
    ck_assert(!axis.log);
    hn_assert_absolute(hn_axis_place(&axis, 0.5), 0.75, 1e-12);
}
END_TEST

START_TEST(bars_end_by_halves)
{
    hn_buffer_clear(&out);
    hn_bar_text(&out, 0, 0.625, 4, false);
    hn_buffer_char(&out, '|');
    hn_bar_text(&out, 0.25, 1, 4, true);
    hn_buffer_char(&out, '|');
    hn_bar_text(&out, 0, NAN, 2, true);
    ck_assert_str_eq(hn_buffer_string(&out), "━━╸ | ===|  ");
}
END_TEST

/* --- figures --- */

static const double x[] = {1, 2, 3}, up[] = {0, 5, 10}, down[] = {10, 5, 0}, low[] = {8, 3, -2},
                    high[] = {12, 7, 2};

START_TEST(lines_cross_where_they_should)
{
    const hn_series series[] = {{.name = "up", .n = 3, .x = x, .y = up},
                                {.name = "down", .n = 3, .x = x, .y = down}};
    const hn_figure figure = {.title = "two lines",
                              .x = {.title = "time"},
                              .y = {.title = "level"},
                              .n_series = 2,
                              .series = series};
    ck_assert_str_eq(drawn(&figure, 40, true, false), "two lines\n"
                                                      "  o up   x down\n"
                                                      "   level\n"
                                                      "10 + x.                              .o\n"
                                                      "   |   '..                        ..'\n"
                                                      "   |      ''..                ..''\n"
                                                      "   |          ''..        ..''\n"
                                                      "   |              ''....''\n"
                                                      " 5 +              ..''o'..\n"
                                                      "   |          ..''        ''..\n"
                                                      "   |      ..''                ''..\n"
                                                      "   |   .''                        ''.\n"
                                                      " 0 + o'                              'x\n"
                                                      "   +-+----------------+---------------+-\n"
                                                      "     1                2               3\n"
                                                      "                    time\n");
    hn_assert_contains(drawn(&figure, 40, false, false), " 5 ┤              ⢀⡠⠔⠊●⠢⢄⡀\n");
    ck_assert_ptr_null(strchr(hn_buffer_string(&out), '\033'));
    hn_assert_contains(drawn(&figure, 40, false, true), "\033[36m●\033[0m up   \033[33m○\033[0m down");
}
END_TEST

START_TEST(a_band_is_shaded_and_gaps_break_lines)
{
    static const double holes[] = {0, NAN, 10};
    const hn_series band = {.n = 3, .x = x, .y = down, .low = low, .high = high};
    const hn_series broken = {.n = 3, .x = x, .y = holes};
    hn_figure figure = {.title = "band", .n_series = 1, .series = &band};
    hn_assert_contains(drawn(&figure, 40, false, false), "⢐");
    figure.series = &broken;
    const char *text = drawn(&figure, 40, false, false);
    const char *first = strstr(text, "●"), *second = first ? strstr(first + 1, "●") : NULL;
    ck_assert(first && second && !strstr(second + 1, "●"));
    for (const char *at = text; *at; at++)
        ck_assert_msg(strncmp(at, "\xe2\xa0", 2) != 0 && strncmp(at, "\xe2\xa1", 2) != 0, "a line: %s", text);
}
END_TEST

static const char *const places[] = {"in", "größe", "a very long name of a category, longer than a label"};

START_TEST(bars_begin_at_zero)
{
    static const double y[] = {-2, 4, 1};
    const hn_series series = {.name = "y", .kind = HN_SERIES_BARS, .n = 3, .y = y};
    const hn_figure figure = {
        .title = "bars", .x = {.n_categories = 3, .categories = places}, .n_series = 1, .series = &series};
    ck_assert_str_eq(drawn(&figure, 60, true, false),
                     "bars\n"
                     "  in                        -2.000  ========\n"
                     "  größe                      4.000          ================\n"
                     "  a very long name of a ca   1.000          ====\n");
}
END_TEST

START_TEST(cells_are_shaded_by_fifths)
{
    static const double cells[] = {0, 1, 2, 3, 4, 5};
    const hn_figure_grid grid = {.n_x = 3, .n_y = 2, .values = cells};
    const hn_figure figure = {.title = "cells",
                              .x = {.title = "x", .n_categories = 3, .categories = places},
                              .y = {.title = "y", .n_categories = 2, .categories = places},
                              .grid = &grid};
    hn_assert_contains(drawn(&figure, 60, true, false), "  [  ] 0.0  [..] 1.0  [++] 2.0  [**] 3.0  [##] 4.0\n"
                                                        "  y\n");
    hn_assert_contains(hn_buffer_string(&out), " | **********####################\n"
                                               "   in |           ..........++++++++++\n");
}
END_TEST

/* Whatever the figure: no line is wider than the sink, and with `ascii` nothing is beyond ASCII. */
START_TEST(figures_fit_their_sink)
{
    static const double many[] = {1, 10, 1e6};
    static const int widths[] = {40, 60, 80, 120, 200};
    static const char *const plain[] = {"in", "out", "between"};
    const hn_series lines[] = {
        {.name = "first", .n = 3, .x = many, .y = up, .low = low, .high = high},
        {.name = "a second one with a long name, and a third", .n = 3, .x = many, .y = down},
        {.n = 3, .x = many, .y = down, .faint = true}};
    const hn_series bars[] = {{.name = "first", .kind = HN_SERIES_BARS, .n = 3, .y = up}, lines[1]};
    const hn_figure_grid grid = {.n_x = 3, .n_y = 1, .values = many};
    const hn_figure figures[] = {
        {.title = "a title that is longer than the narrowest of the widths it has to fit",
         .note = "a note that is longer than the narrowest of the widths as well",
         .x = {.title = "rows", .log = true},
         .n_series = 3,
         .series = lines},
        {.title = "bars", .x = {.n_categories = 3, .categories = plain}, .n_series = 2, .series = bars},
        {.title = "cells",
         .x = {.n_categories = 3, .categories = plain},
         .y = {.n_categories = 1, .categories = plain},
         .grid = &grid},
    };
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            size_t most = widths[w] < 160 ? (size_t)widths[w] : 160;
            check_width(drawn(&figures[f], widths[w], false, false), most);
            check_width(drawn(&figures[f], widths[w], true, false), most);
            for (const char *at = hn_buffer_string(&out); *at; at++)
                ck_assert_int_lt((unsigned char)*at, 0x80);
        }
}
END_TEST

Suite *suite_figure(void)
{
    Suite *suite = suite_create("figure");
    TCase *axes = tcase_create("axes"), *figures = tcase_create("figures");
    tcase_add_checked_fixture(axes, NULL, end);
    tcase_add_checked_fixture(figures, NULL, end);
    tcase_add_test(axes, ticks_are_round);
    tcase_add_test(axes, places_are_shares_of_the_range);
    tcase_add_test(axes, bars_end_by_halves);
    tcase_add_test(figures, lines_cross_where_they_should);
    tcase_add_test(figures, a_band_is_shaded_and_gaps_break_lines);
    tcase_add_test(figures, bars_begin_at_zero);
    tcase_add_test(figures, cells_are_shaded_by_fifths);
    tcase_add_test(figures, figures_fit_their_sink);
    suite_add_tcase(suite, axes);
    suite_add_tcase(suite, figures);
    return suite;
}
