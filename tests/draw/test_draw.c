/* Pictures of figures of every kind: whole files, in every format; what cannot be is refused. */
#include "support.h"

#include <math.h>
#include <string.h>

#include "base/os_library.h"
#include "draw/draw.h"
#include "draw/levels.h"
#include "draw/svg.h"
#include "draw/theme.h"

enum { N = 6 };

static const double x[N] = {0, 1, 2, 3, 4, 5}, y[N] = {3, NAN, 2, 1e301, 0.5, -1},
                    more[N] = {1, 2, 3, 4, 5, 6};
static const double low[N] = {-1, 0, 1, 2, 3, 4}, late[N] = {2, 3, 4, 5, 6, 7};
static const uint8_t marks[N] = {HN_MARK_PLAIN,   HN_MARK_FAILED, HN_MARK_PRUNED,
                                 HN_MARK_RUNNING, HN_MARK_BEST,   HN_MARK_INFEASIBLE};
static const char *const names[N] = {"a", "b\tand \x1b[31m more", "\xff\xfe no UTF-8", "ג", "🎉", ""};

static bool can_draw(void)
{
    static const hn_library_symbol symbols[] = {{"pango_cairo_create_layout", 0}};
    static const char *const files[] = {"libpangocairo-1.0.so.0", NULL};
    void *function;
    return !hn_library_open("HONE_PANGOCAIRO", files, symbols, 1, &function, NULL);
}

static void draw_into(const hn_page *page, hn_draw_format format, const hn_draw_options *options,
                      hn_buffer *out)
{
    static const char *const begins[] = {"\x89PNG\r\n\x1a\n", "<?xml", "%PDF-"};
    static const char *const ends[] = {"IEND\xae\x42\x60\x82", "</svg>\n", "%%EOF\n"};
    hone_error err;
    hn_buffer_clear(out);
    ck_assert_msg(hn_draw_page(page, format, options, "figure", out, &err) == HONE_OK, "%s", err.message);
    size_t begin = strlen(begins[format]), end = strlen(ends[format]);
    ck_assert(out->size > 100 && !memcmp(out->data, begins[format], begin));
    ck_assert(!memcmp(out->data + out->size - end, ends[format], end));
}

/* In every format, light and dark, large and as small as can be. */
static void check_page(const hn_page *page)
{
    const hn_draw_options options[] = {
        {0}, {.dark = true, .scale = 1}, {.width = 120, .height = 120, .scale = 0.5}};
    hn_buffer out = HN_BUFFER_INIT;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        for (hn_draw_format format = HN_DRAW_PNG; format <= HN_DRAW_PDF; format++)
            draw_into(page, format, &options[i], &out);
    hn_buffer_release(&out);
}

static void check_figure(const hn_figure *figure)
{
    const hn_page page = {.n_figures = 1, .figures = figure};
    check_page(&page);
}

START_TEST(series_of_every_kind)
{
    if (!can_draw())
        HN_SKIP("no %s", "Pango");
    const hn_series series[] = {{.name = "line", .n = N, .x = x, .y = y, .low = low, .high = more},
                                {.name = "steps", .kind = HN_SERIES_STEPS, .n = N, .x = x, .y = more},
                                {.name = "points",
                                 .kind = HN_SERIES_POINTS,
                                 .n = N,
                                 .x = x,
                                 .y = y,
                                 .marks = marks,
                                 .labels = names,
                                 .shade = low},
                                {.kind = HN_SERIES_POINTS, .n = N, .y = more, .faint = true, .paint = 3},
                                {.name = "intervals",
                                 .kind = HN_SERIES_INTERVALS,
                                 .n = N,
                                 .x = x,
                                 .y = low,
                                 .end = late,
                                 .marks = marks},
                                {.name = "none"}};
    const hn_figure_rule rules[] = {{2, true, names[1]}, {1.5, false, "limit"}, {NAN, true, NULL}};
    hn_figure figure = {.title = names[2],
                        .note = "a note",
                        .x = {.title = "x", .better = 1},
                        .y = {.title = "y", .better = -1},
                        .shade = {.title = "shade"},
                        .n_series = sizeof series / sizeof *series,
                        .series = series,
                        .n_rules = 3,
                        .rules = rules};
    check_figure(&figure);
    figure.x.log = figure.y.log = figure.shade.log = true;
    check_figure(&figure);
    figure.x = (hn_figure_axis){.time = true, .title = "when"};
    figure.y = (hn_figure_axis){.n_categories = N, .categories = names};
    figure.shade = (hn_figure_axis){.n_categories = N, .categories = names};
    check_figure(&figure);
    figure.empty = "nothing to see";
    check_figure(&figure);
}
END_TEST

START_TEST(bars_upright_lying_and_stacked)
{
    if (!can_draw())
        HN_SKIP("no %s", "Pango");
    const hn_series upright[] = {
        {.name = "a", .kind = HN_SERIES_BARS, .n = N, .y = y, .low = low, .high = more},
        {.name = "b", .kind = HN_SERIES_BARS, .n = N, .y = more}};
    const hn_series lying[] = {{.kind = HN_SERIES_BARS, .n = N, .x = y, .low = low, .high = more},
                               {.kind = HN_SERIES_BARS, .n = N, .x = more, .shade = low}};
    hn_figure figure = {
        .title = "bars", .x = {.n_categories = N, .categories = names}, .n_series = 2, .series = upright};
    check_figure(&figure);
    figure.stacked = true;
    check_figure(&figure);
    figure.x = (hn_figure_axis){0}; /* over numbers */
    check_figure(&figure);
    figure.y = (hn_figure_axis){.n_categories = N, .categories = names};
    figure.series = lying;
    check_figure(&figure);
}
END_TEST

START_TEST(grids_and_parallel_axes)
{
    if (!can_draw())
        HN_SKIP("no %s", "Pango");
    const double values[] = {1, 2, 3, NAN, 5, INFINITY, 7, 8, 9};
    const hn_figure_axis axes[] = {
        {.title = "one"}, {.title = names[1], .n_categories = 2, .categories = names}, {.log = true}};
    hn_figure_grid grid = {.n_x = 3, .n_y = 3, .x = more, .y = x, .values = values};
    const hn_figure_parallel parallel = {
        .n_axes = 3, .n = 3, .axes = axes, .values = values, .shade = more, .marks = marks};
    hn_figure figures[] = {{.title = "contours", .x = {.log = true}, .grid = &grid},
                           {.title = "parallel", .shade = {.better = -1}, .parallel = &parallel},
                           {.empty = "nothing"}};
    const hn_page page = {.title = "both", .note = "a note", .n_figures = 3, .figures = figures};
    check_page(&page);
    grid.written = true;
    check_figure(&figures[0]);
    grid = (hn_figure_grid){.n_x = 1, .n_y = 1, .values = values};
    check_figure(&figures[0]);
    figures[1].parallel = &(hn_figure_parallel){.n_axes = 0};
    check_figure(&figures[1]);
}
END_TEST

START_TEST(very_many_points_and_long_lines)
{
    enum { MANY = 30000 };
    if (!can_draw())
        HN_SKIP("no %s", "Pango");
    static double across[MANY], up[MANY];
    static uint8_t states[MANY];
    for (size_t i = 0; i < MANY; i++) {
        across[i] = (double)i;
        up[i] = i == 999 ? NAN : sin((double)i) * (double)(i % 100);
        states[i] = (uint8_t)(i % 10 == 9 ? i / 10 % HN_MARK_COUNT : HN_MARK_PLAIN);
    }
    const hn_series series[] = {{.name = "line", .n = MANY, .x = across, .y = up},
                                {.name = "steps", .kind = HN_SERIES_STEPS, .n = MANY, .x = across, .y = up},
                                {.name = "points",
                                 .kind = HN_SERIES_POINTS,
                                 .n = MANY,
                                 .x = across,
                                 .y = up,
                                 .marks = states,
                                 .shade = up}};
    const hn_figure figure = {.title = "many", .shade = {.better = 1}, .n_series = 3, .series = series};
    const hn_page page = {.n_figures = 1, .figures = &figure};
    const hn_draw_options small = {.width = 300, .height = 200};
    hn_buffer out = HN_BUFFER_INIT;
    draw_into(&page, HN_DRAW_SVG, &small, &out);
    ck_assert_uint_lt(out.size, 1500000); /* not a shape for each point */
    hn_assert_contains(hn_buffer_string(&out), "id=\"figure-");
    draw_into(&page, HN_DRAW_PNG, &small, &out);
    hn_buffer_release(&out);
}
END_TEST

START_TEST(formats_and_sizes_are_judged)
{
    hn_draw_format format;
    hone_error err;
    hn_buffer out = HN_BUFFER_INIT;
    const hn_page page = {.n_figures = 0};
    ck_assert(hn_draw_format_of("a/b.svg", &format, &err) == HONE_OK && format == HN_DRAW_SVG);
    ck_assert(hn_draw_format_of("b.pdf", &format, &err) == HONE_OK && format == HN_DRAW_PDF);
    ck_assert_int_eq(hn_draw_format_of("b.jpeg", &format, &err), HONE_INVALID);
    hn_assert_contains(err.message, "'b.jpeg' ends in none of .png, .svg, .pdf");
    ck_assert_int_eq(hn_draw_format_of(".png", &format, &err), HONE_INVALID);
    const hn_draw_options wrong[] = {{.width = 119},
                                     {.height = 20001},
                                     {.width = INFINITY},
                                     {.scale = 21},
                                     {.width = 18000, .height = 18000}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_int_eq(hn_draw_page(&page, HN_DRAW_PNG, &wrong[i], NULL, &out, &err), HONE_INVALID);
    ck_assert_uint_eq(out.size, 0);
    hn_buffer_release(&out);
}
END_TEST

START_TEST(ids_of_an_svg_become_its_own)
{
    hn_buffer in = HN_BUFFER_INIT, out = HN_BUFFER_INIT;
    hn_buffer_text(
        &in, "<g id=\"g1\"><use xlink:href=\"#g1\" x=\"1\"/><path clip-path=\"url(#c2)\"/>idle url</g>");
    hn_svg_own(&in, "p", &out);
    ck_assert_str_eq(hn_buffer_string(&out), "<g id=\"p-g1\"><use xlink:href=\"#p-g1\" x=\"1\"/><path "
                                             "clip-path=\"url(#p-c2)\"/>idle url</g>");
    hn_buffer_release(&in);
    hn_buffer_release(&out);
}
END_TEST

/* Relative luminance of WCAG 2.1, and the contrast to a background. */
static double luminance(hn_color c)
{
    const double parts[] = {c.red, c.green, c.blue}, weights[] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (size_t i = 0; i < 3; i++)
        sum += weights[i] * (parts[i] <= 0.03928 ? parts[i] / 12.92 : pow((parts[i] + 0.055) / 1.055, 2.4));
    return sum;
}

static double contrast(hn_color a, hn_color b)
{
    double one = luminance(a), two = luminance(b);
    return (fmax(one, two) + 0.05) / (fmin(one, two) + 0.05);
}

START_TEST(colours_can_be_seen)
{
    for (int dark = 0; dark < 2; dark++) {
        const hn_theme *theme = hn_theme_of(dark);
        ck_assert(contrast(theme->text, theme->background) >= 7);
        ck_assert(contrast(theme->faint, theme->background) >= 4.5);
        for (size_t i = 0; i < HN_PALETTE; i++)
            ck_assert_msg(contrast(theme->palette[i], theme->background) >= 2, "%d %zu", dark, i);
        /* the better, the more it stands out */
        for (int k = 0; k < 20; k++) {
            hn_color worse = hn_theme_shade(theme, k / 20.0, 1),
                     better = hn_theme_shade(theme, (k + 1) / 20.0, 1);
            ck_assert(contrast(better, theme->background) > contrast(worse, theme->background));
            hn_assert_absolute(hn_theme_shade(theme, 1 - k / 20.0, -1).green, worse.green, 1e-12);
        }
    }
}
END_TEST

START_TEST(levels_are_round_and_ascend)
{
    hn_levels levels;
    const hn_figure_axis linear = {0}, log = {.log = true};
    hn_levels_make(&linear, 0.03, 0.97, &levels);
    ck_assert(levels.n >= 5 && levels.from[0] == 0.03 && levels.from[levels.n] == 0.97);
    hn_assert_absolute(levels.from[1], 0.1, 1e-12);
    hn_levels_make(&log, 1e-6, 1e6, &levels);
    for (size_t i = 0; i < levels.n; i++)
        ck_assert(levels.from[i] < levels.middle[i] && levels.middle[i] < levels.from[i + 1]);
}
END_TEST

Suite *suite_draw(void)
{
    Suite *suite = suite_create("draw");
    TCase *pictures = tcase_create("pictures");
    tcase_add_test(pictures, series_of_every_kind);
    tcase_add_test(pictures, bars_upright_lying_and_stacked);
    tcase_add_test(pictures, grids_and_parallel_axes);
    tcase_add_test(pictures, very_many_points_and_long_lines);
    tcase_add_test(pictures, formats_and_sizes_are_judged);
    tcase_add_test(pictures, ids_of_an_svg_become_its_own);
    tcase_add_test(pictures, colours_can_be_seen);
    tcase_add_test(pictures, levels_are_round_and_ascend);
    suite_add_tcase(suite, pictures);
    return suite;
}
