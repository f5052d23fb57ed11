/* The numbers of a page: JSON and CSV. */
#include "support.h"

#include <math.h>
#include <string.h>

#include "base/node.h"
#include "view/figure.h"

static const double x[] = {0, 1, 2}, y[] = {0.5, NAN, 3}, shade[] = {1, 0, NAN};
static const uint8_t marks[] = {HN_MARK_PLAIN, HN_MARK_PRUNED, HN_MARK_BEST};
static const int64_t trials[] = {4, 5, 6};
static const char *const letters[] = {"a", "b,c"}, *const notes[] = {NULL, "say \"x\"", NULL};

static const char *json(hn_buffer *out, const hn_page *page)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *root;
    hn_buffer_clear(out);
    hn_page_json(out, page);
    ck_assert_int_eq(hn_json_parse(&arena, "page", out->data, out->size, &root, NULL), HONE_OK);
    hn_arena_release(&arena);
    return hn_buffer_string(out);
}

static const char *csv(hn_buffer *out, const hn_page *page)
{
    hn_buffer_clear(out);
    hn_page_csv(out, page);
    return hn_buffer_string(out);
}

START_TEST(points_keep_their_trials_and_marks)
{
    hn_buffer out = HN_BUFFER_INIT;
    const hn_series series = {.name = "s",
                              .kind = HN_SERIES_POINTS,
                              .n = 3,
                              .x = x,
                              .y = y,
                              .shade = shade,
                              .marks = marks,
                              .labels = notes,
                              .trials = trials};
    const hn_figure_rule rule = {.at = 2.5, .upright = true, .name = "limit"};
    const hn_figure figure = {.title = "<t>",
                              .y = {.log = true, .better = -1, .low = 0.1, .high = 10},
                              .shade = {.n_categories = 2, .categories = letters},
                              .n_series = 1,
                              .series = &series,
                              .n_rules = 1,
                              .rules = &rule};
    const hn_page page = {.kind = "scatter", .n_figures = 1, .figures = &figure};
    ck_assert_str_eq(json(&out, &page),
                     "{\"kind\":\"scatter\",\"figures\":[{\"title\":\"<t>\",\"x\":{},\"y\":{\"log\":true,"
                     "\"range\":[0.1,10],\"better\":\"smaller\"},\"shade\":{\"categories\":[\"a\",\"b,c\"]},"
                     "\"series\":[{\"kind\":\"points\",\"name\":\"s\",\"x\":[0,1,2],\"y\":[0.5,null,3],"
                     "\"shade\":[1,0,null],\"marks\":[\"plain\",\"pruned\",\"best\"],"
                     "\"labels\":[null,\"say \\\"x\\\"\",null],\"trials\":[4,5,6]}],"
                     "\"rules\":[{\"at\":2.5,\"upright\":true,\"name\":\"limit\"}]}]}");
    ck_assert_str_eq(csv(&out, &page), "series,trial,x,y,shade,mark,label\n"
                                       "s,4,0,0.5,\"b,c\",plain,\n"
                                       "s,5,1,,a,pruned,\"say \"\"x\"\"\"\n"
                                       "s,6,2,3,,best,\n");
    hn_buffer_release(&out);
}
END_TEST

START_TEST(a_grid_and_bars_have_a_line_a_cell)
{
    hn_buffer out = HN_BUFFER_INIT;
    const double cells[] = {1, 2, INFINITY, 4};
    const hn_figure_grid grid = {.n_x = 2, .n_y = 2, .x = x, .values = cells, .written = true};
    const hn_series bars = {.kind = HN_SERIES_BARS, .n = 2, .x = y, .low = x, .high = shade};
    const hn_figure figures[] = {
        {.title = "grid", .y = {.n_categories = 2, .categories = letters}, .grid = &grid},
        {.title = "bars", .y = {.n_categories = 2, .categories = letters}, .n_series = 1, .series = &bars}};
    const hn_page page = {.title = "both", .same_y = true, .n_figures = 2, .figures = figures};
    hn_assert_contains(json(&out, &page), "\"title\":\"both\",\"same_y\":true,");
    hn_assert_contains(hn_buffer_string(&out),
                       "\"grid\":{\"x\":[0,1],\"values\":[[1,2],[null,4]],\"written\":true}");
    ck_assert_str_eq(csv(&out, &page), "figure,x,y,low,high,shade\n"
                                       "grid,0,a,,,1\n"
                                       "grid,1,a,,,2\n"
                                       "grid,0,\"b,c\",,,inf\n"
                                       "grid,1,\"b,c\",,,4\n"
                                       "bars,0.5,a,0,1,\n"
                                       "bars,,\"b,c\",1,0,\n");
    hn_buffer_release(&out);
}
END_TEST

START_TEST(a_parallel_figure_has_a_column_an_axis)
{
    hn_buffer out = HN_BUFFER_INIT;
    const hn_figure_axis axes[] = {{.title = "when", .time = true},
                                   {.title = "kind", .n_categories = 2, .categories = letters}};
    const double values[] = {1.5, 1, NAN, 0};
    const hn_figure_parallel parallel = {
        .n_axes = 2, .n = 2, .axes = axes, .values = values, .shade = shade, .trials = trials};
    const hn_figure figure = {.title = "p", .parallel = &parallel};
    const hn_page page = {.n_figures = 1, .figures = &figure};
    hn_assert_contains(json(&out, &page),
                       "\"parallel\":{\"axes\":[{\"title\":\"when\",\"time\":true},{\"title\":\"kind\","
                       "\"categories\":[\"a\",\"b,c\"]}],\"values\":[[1.5,1],[null,0]],\"shade\":[1,0],"
                       "\"trials\":[4,5]}");
    ck_assert_str_eq(csv(&out, &page), "trial,when,kind,shade\n"
                                       "4,1970-01-01 00:00:01.500000,\"b,c\",1\n"
                                       "5,,a,0\n");
    hn_buffer_release(&out);
}
END_TEST

Suite *suite_figure_numbers(void)
{
    Suite *suite = suite_create("figure_numbers");
    TCase *numbers = tcase_create("numbers");
    tcase_add_test(numbers, points_keep_their_trials_and_marks);
    tcase_add_test(numbers, a_grid_and_bars_have_a_line_a_cell);
    tcase_add_test(numbers, a_parallel_figure_has_a_column_an_axis);
    suite_add_tcase(suite, numbers);
    return suite;
}
