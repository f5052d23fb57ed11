/* A curve as a figure, JSON or CSV, and what is to be seen in it. */
#include <math.h>

#include "app/picture.h"
#include "app/plot_curve.h"
#include "app/show.h"
#include "base/number.h"
#include "math/statistics.h"
#include "view/figure.h"
#include "view/table.h"

/* --- for people --- */

/* mean - deviation and mean + deviation. NULL when memory is out. */
static const double *edge(hn_arena *arena, const double *mean, const double *deviation, size_t n, double sign)
{
    double *out = HN_ARENA_NEW(arena, double, n);
    for (size_t p = 0; out && p < n; p++) {
        out[p] = mean[p] + sign * deviation[p];
    }
    return out;
}

static hone_status draw(const hn_curve *c, const hn_curve_points *points, const char *title, const char *note,
                        const hone_picture *picture, const hone_sink *sink, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    size_t n = c->n_points;
    hn_series series[] = {{.name = "train", .y = c->train_mean}, {.name = "validation", .y = c->test_mean}};
    const double *deviations[] = {c->train_deviation, c->test_deviation};
    hn_figure figure = {.title = title,
                        .note = note,
                        .x = {.title = points->title, .log = points->log},
                        .n_series = 2,
                        .series = series};
    bool made = true;
    for (size_t i = 0; i < 2; i++) {
        series[i].n = n;
        series[i].x = points->numbers;
        series[i].low = edge(&arena, series[i].y, deviations[i], n, -1);
        series[i].high = edge(&arena, series[i].y, deviations[i], n, 1);
        made = made && series[i].low && series[i].high;
    }
    if (!points->numbers) {
        series[0].kind = series[1].kind = HN_SERIES_BARS;
        figure.x.n_categories = n;
        figure.x.categories = points->texts;
    }
    const hn_page page = {.kind = "curve", .n_figures = 1, .figures = &figure};
    hone_status status = made ? hn_picture_show(&page, picture, sink, err) : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

/* --- for machines --- */

static hn_node *scores_node(hn_arena *arena, double mean, double deviation, const double *folds, size_t k)
{
    hn_node *list = hn_node_list(arena), *map = hn_node_map(arena);
    for (size_t f = 0; f < k; f++) {
        list = hn_list_append(arena, list, hn_node_real(arena, folds[f]));
    }
    map = hn_map_set(arena, map, "mean", hn_node_real(arena, mean));
    map = hn_map_set(arena, map, "deviation", hn_node_real(arena, deviation));
    return hn_map_set(arena, map, "folds", list);
}

static hone_status show_json(const hn_curve *c, const hn_curve_points *points, const char *note,
                             const hone_sink *sink, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = hn_node_map(&arena), *list = hn_node_list(&arena);
    size_t k = c->n_folds;
    for (size_t p = 0; p < c->n_points; p++) {
        hn_node *point = hn_map_set(&arena, hn_node_map(&arena), points->key,
                                    hn_node_copy(&arena, points->values->as.items[p]));
        point = hn_map_set(&arena, point, "train",
                           scores_node(&arena, c->train_mean[p], c->train_deviation[p], c->train + p * k, k));
        point = hn_map_set(&arena, point, "validation",
                           scores_node(&arena, c->test_mean[p], c->test_deviation[p], c->test + p * k, k));
        point = hn_map_set(&arena, point, "fit_seconds",
                           hn_node_real(&arena, hn_mean(c->fit_seconds + p * k, k)));
        list = hn_list_append(&arena, list, point);
    }
    map = hn_map_set(&arena, map, "metric", hn_node_string(&arena, c->metric->name));
    map = hn_map_set(&arena, map, "points", list);
    map = hn_map_set(&arena, map, "summary", hn_node_string(&arena, note));
    hone_status status = map ? hn_show_json(sink, map, err) : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

/* A line for each point and fold. */
static hone_status show_csv(const hn_curve *c, const hn_curve_points *points, const hone_sink *sink,
                            hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT, value = HN_BUFFER_INIT;
    hn_buffer_csv(&out, points->key);
    hn_buffer_text(&out, ",fold,train,validation,fit_seconds\n");
    for (size_t i = 0; i < c->n_points * c->n_folds; i++) {
        const hn_node *node = points->values->as.items[i / c->n_folds];
        hn_buffer_clear(&value);
        if (node->kind == HN_STRING) {
            hn_buffer_text(&value, node->as.string);
        } else {
            hn_json_write(&value, node, HN_JSON_STRICT);
        }
        hn_buffer_csv(&out, hn_buffer_string(&value));
        hn_buffer_printf(&out, ",%zu,", i % c->n_folds);
        hn_buffer_double(&out, c->train[i]);
        hn_buffer_char(&out, ',');
        hn_buffer_double(&out, c->test[i]);
        hn_buffer_char(&out, ',');
        hn_buffer_double(&out, c->fit_seconds[i]);
        hn_buffer_char(&out, '\n');
    }
    out.failed |= hn_buffer_failed(&value);
    hone_status status = hn_sink_write(sink, &out, err);
    hn_buffer_release(&out);
    hn_buffer_release(&value);
    return status;
}

hone_status hn_curve_show(const hn_curve *curve, const hn_curve_points *points, const char *title,
                          const char *note, const hone_picture *picture, hone_format format,
                          const hone_sink *sink, hone_error *err)
{
    switch (format) {
    case HONE_FORMAT_TEXT: return draw(curve, points, title, note, picture, sink, err);
    case HONE_FORMAT_JSON: return show_json(curve, points, note, sink, err);
    case HONE_FORMAT_CSV: return show_csv(curve, points, sink, err);
    case HONE_FORMAT_ENV: break;
    }
    return hn_show_unsupported("a curve", format, err);
}
