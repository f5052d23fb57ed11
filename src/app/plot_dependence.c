/* How a saved model's prediction depends on one or two columns: as a figure, JSON or CSV. */
#include <math.h>
#include <string.h>

#include "app/model_data.h"
#include "app/picture.h"
#include "app/show.h"
#include "base/memory.h"
#include "base/number.h"
#include "select/partial_dependence.h"
#include "view/figure.h"
#include "view/table.h"

/* What is shown of a dependence. */
typedef struct shown {
    const hn_estimator *estimator;
    const hn_dependence *found;
    size_t first, last; /* outputs: classes, or the number */
    hn_arena arena;
} shown;

static const char *output_name(const shown *s, size_t output)
{
    return s->estimator->n_classes ? s->estimator->classes[output] : s->estimator->target_name;
}

/* The class of that name, by default the second of two and all of several. */
static hone_status choose_outputs(shown *s, const char *class, hone_error *err)
{
    const hn_estimator *e = s->estimator;
    size_t k = e->n_classes;
    s->first = k == 2 ? 1 : 0;
    s->last = k ? k - 1 : 0;
    if (!class) {
        return HONE_OK;
    }
    if (!k) {
        return hn_fail(err, HONE_INVALID, "this model predicts numbers, no classes such as '%.60s'", class);
    }
    for (size_t c = 0; c < k; c++) {
        if (strcmp(e->classes[c], class) == 0) {
            s->first = s->last = c;
            return HONE_OK;
        }
    }
    const char *near = hn_nearest_name(class, e->classes, k);
    return near ? hn_fail(err, HONE_NOT_FOUND, "the model has no class '%.60s' (did you mean '%s'?)", class,
                          near)
                : hn_fail(err, HONE_NOT_FOUND, "the model has no class '%.60s'; its %zu begin with %s", class,
                          k, e->classes[0]);
}

static bool is_categorical(const hn_dependence_axis *axis)
{
    return axis->kind == HN_COLUMN_CATEGORICAL;
}

/* The value as text: a category, or a number of so many digits; 0: all of them. NULL when memory is out. */
static const char *value_text(shown *s, const hn_dependence_axis *axis, size_t i, int digits)
{
    char text[HN_NUMBER_SIZE];
    if (is_categorical(axis)) {
        return axis->categories[(size_t)axis->values[i]];
    }
    if (digits) {
        hn_format_short(text, axis->values[i], digits);
    } else {
        hn_format_double(text, axis->values[i]);
    }
    return hn_arena_strdup(&s->arena, text);
}

/* --- for people --- */

/* As few digits as tell the values apart. */
static const char *const *value_texts(shown *s, const hn_dependence_axis *axis)
{
    enum { FEWEST = 3, MOST = 9 };
    const char **texts = HN_ARENA_NEW(&s->arena, const char *, axis->n);
    bool differ = false;
    for (int digits = FEWEST; texts && digits <= MOST && !differ; digits++) {
        differ = true;
        for (size_t i = 0; i < axis->n; i++) {
            if (!(texts[i] = value_text(s, axis, i, digits))) {
                return NULL;
            }
            differ = differ && (i == 0 || strcmp(texts[i], texts[i - 1]) != 0);
        }
    }
    return texts;
}

static const char *title_of(shown *s)
{
    const hn_dependence *found = s->found;
    hn_buffer text = HN_BUFFER_INIT;
    bool one = s->first == s->last;
    if (!s->estimator->n_classes) {
        hn_buffer_printf(&text, "mean prediction of %s", s->estimator->target_name);
    } else if (found->shares) {
        hn_buffer_printf(&text, "share of rows predicted as %s%s%s", s->estimator->target_name,
                         one ? " = " : "", one ? output_name(s, s->first) : "");
    } else {
        hn_buffer_printf(&text, "mean probability of %s%s%s", s->estimator->target_name, one ? " = " : "",
                         one ? output_name(s, s->first) : "");
    }
    hn_buffer_printf(&text, " by %s%s%s, over %zu rows", found->axes[0].name,
                     found->n_columns == 2 ? " and " : "", found->n_columns == 2 ? found->axes[1].name : "",
                     found->n_rows);
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(&s->arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

/* y (n,): every `stride`-th of values. NULL when memory is out. */
static const double *take(shown *s, const double *values, size_t n, size_t stride)
{
    double *y = HN_ARENA_NEW(&s->arena, double, n);
    for (size_t i = 0; y && i < n; i++) {
        y[i] = values[i * stride];
    }
    return y;
}

/* One line a class (of two numeric columns with few values of the second: a line each), and faint ones of
 * single rows. */
static hone_status fill_one(shown *s, hn_figure *out, hone_error *err)
{
    const hn_dependence *found = s->found;
    const hn_dependence_axis *axis = &found->axes[0];
    size_t k = found->n_outputs, outputs = s->last - s->first + 1;
    bool lines = !is_categorical(axis);
    size_t single = lines ? found->n_individual : 0, n = 0;
    hn_series *series = HN_ARENA_NEW(&s->arena, hn_series, outputs + single * outputs);
    hn_figure figure = {.title = title_of(s), .x = {.title = axis->name}, .series = series};
    if (!lines) {
        figure.x.n_categories = axis->n;
        figure.x.categories = value_texts(s, axis);
    }
    if (!series || !figure.title || (!lines && !figure.x.categories)) {
        return hn_out_of_memory(err);
    }
    for (size_t c = s->first; c <= s->last; c++) {
        series[n++] = (hn_series){.name = output_name(s, c),
                                  .kind = lines ? HN_SERIES_LINE : HN_SERIES_BARS,
                                  .n = axis->n,
                                  .x = lines ? axis->values : NULL,
                                  .y = take(s, found->average + c, axis->n, k)};
    }
    for (size_t i = 0; i < single * outputs; i++) {
        const double *curve = found->individual + i / outputs * axis->n * k + s->first + i % outputs;
        series[n++] =
            (hn_series){.n = axis->n, .x = axis->values, .y = take(s, curve, axis->n, k), .faint = true};
    }
    figure.n_series = n;
    for (size_t i = 0; i < n; i++) {
        if (!series[i].y) {
            return hn_out_of_memory(err);
        }
    }
    *out = figure;
    return HONE_OK;
}

/* One series for each value of one column over the other. by: the axis of the series. */
static hone_status fill_lines(shown *s, size_t by, size_t output, hn_figure *out, hone_error *err)
{
    const hn_dependence *found = s->found;
    const hn_dependence_axis *x = &found->axes[1 - by], *each = &found->axes[by];
    const char *const *names = value_texts(s, each);
    hn_series *series = HN_ARENA_NEW(&s->arena, hn_series, each->n);
    hn_figure figure = {.title = title_of(s), .x = {.title = x->name}, .series = series, .n_series = each->n};
    if (is_categorical(x)) {
        figure.x.n_categories = x->n;
        figure.x.categories = value_texts(s, x);
    }
    bool made = names && series && figure.title && (!is_categorical(x) || figure.x.categories);
    size_t stride = by ? each->n : 1, step = by ? 1 : x->n;
    for (size_t v = 0; made && v < each->n; v++) {
        series[v] = (hn_series){.kind = is_categorical(x) ? HN_SERIES_BARS : HN_SERIES_LINE,
                                .n = x->n,
                                .x = is_categorical(x) ? NULL : x->values,
                                .y = take(s, found->average + v * step * found->n_outputs + output, x->n,
                                          stride * found->n_outputs)};
        series[v].name = hn_arena_printf(&s->arena, "%s = %s", each->name, names[v]);
        made = series[v].y && series[v].name;
    }
    if (!made) {
        return hn_out_of_memory(err);
    }
    *out = figure;
    return HONE_OK;
}

static hone_status fill_cells(shown *s, size_t output, hn_figure *out, hone_error *err)
{
    const hn_dependence *found = s->found;
    const hn_dependence_axis *x = &found->axes[0], *y = &found->axes[1];
    double *cells = HN_ARENA_NEW(&s->arena, double, found->n_points);
    hn_figure_grid *grid = HN_ARENA_NEW(&s->arena, hn_figure_grid, 1);
    hn_figure figure = {.title = title_of(s),
                        .x = {.title = x->name, .n_categories = x->n, .categories = value_texts(s, x)},
                        .y = {.title = y->name, .n_categories = y->n, .categories = value_texts(s, y)},
                        .grid = grid};
    if (!cells || !grid || !figure.title || !figure.x.categories || !figure.y.categories) {
        return hn_out_of_memory(err);
    }
    *grid = (hn_figure_grid){.n_x = x->n, .n_y = y->n, .values = cells};
    for (size_t i = 0; i < x->n; i++) {
        for (size_t j = 0; j < y->n; j++) {
            cells[j * x->n + i] = found->average[(i * y->n + j) * found->n_outputs + output];
        }
    }
    *out = figure;
    return HONE_OK;
}

/* A column with few values becomes the lines, otherwise both are axes. */
static hone_status fill_two(shown *s, hn_figure *figures, hone_error *err)
{
    enum { FEW = 6 };
    const hn_dependence *found = s->found;
    size_t first = s->first, last = s->last;
    bool few[] = {found->axes[0].n <= FEW, found->axes[1].n <= FEW};
    hone_status status = HONE_OK;
    for (size_t c = first; !status && c <= last; c++) {
        s->first = s->last = c; /* for the title: one figure a class */
        if (few[1] || few[0]) {
            bool second = few[1] && (!few[0] || found->axes[1].n <= found->axes[0].n);
            status = fill_lines(s, second, c, &figures[c - first], err);
        } else {
            status = fill_cells(s, c, &figures[c - first], err);
        }
    }
    s->first = first;
    s->last = last;
    return status;
}

static hone_status draw(shown *s, const hone_picture *picture, const hone_sink *sink, hone_error *err)
{
    bool two = s->found->n_columns == 2;
    hn_page page = {.kind = "partial-dependence", .n_figures = two ? s->last - s->first + 1 : 1};
    hn_figure *figures = HN_ARENA_NEW(&s->arena, hn_figure, page.n_figures);
    if (!figures) {
        return hn_out_of_memory(err);
    }
    hone_status status = two ? fill_two(s, figures, err) : fill_one(s, figures, err);
    page.figures = figures;
    return status ? status : hn_picture_show(&page, picture, sink, err);
}

/* --- for machines --- */

static void add_csv_values(shown *s, hn_buffer *out, size_t point, const double *outputs)
{
    const hn_dependence *found = s->found;
    size_t inner = found->n_columns == 2 ? found->axes[1].n : 1;
    for (size_t a = 0; a < found->n_columns; a++) {
        size_t at = a == 0 ? point / inner : point % inner;
        const char *text = value_text(s, &found->axes[a], at, 0);
        out->failed |= !text;
        hn_buffer_csv(out, text ? text : "");
        hn_buffer_char(out, ',');
    }
    for (size_t c = s->first; c <= s->last; c++) {
        hn_buffer_text(out, c > s->first ? "," : "");
        hn_buffer_double(out, outputs[c]);
    }
    hn_buffer_char(out, '\n');
}

/* A line a point; with single rows their number first, empty for the average. */
static hone_status show_csv(shown *s, const hone_sink *sink, hone_error *err)
{
    const hn_dependence *found = s->found;
    hn_buffer out = HN_BUFFER_INIT;
    bool single = found->n_individual;
    hn_buffer_text(&out, single ? "row," : "");
    for (size_t a = 0; a < found->n_columns; a++) {
        hn_buffer_csv(&out, found->axes[a].name);
        hn_buffer_char(&out, ',');
    }
    for (size_t c = s->first; c <= s->last; c++) {
        hn_buffer_text(&out, c > s->first ? "," : "");
        hn_buffer_csv(&out, output_name(s, c));
    }
    hn_buffer_char(&out, '\n');
    for (size_t p = 0; p < found->n_points; p++) {
        hn_buffer_text(&out, single ? "," : "");
        add_csv_values(s, &out, p, found->average + p * found->n_outputs);
    }
    for (size_t i = 0; i < found->n_individual * found->n_points; i++) {
        hn_buffer_printf(&out, "%zu,", found->individual_rows[i / found->n_points]);
        add_csv_values(s, &out, i % found->n_points, found->individual + i * found->n_outputs);
    }
    hone_status status = hn_sink_write(sink, &out, err);
    hn_buffer_release(&out);
    return status;
}

/* {class: [values over the points]}. */
static hn_node *outputs_node(shown *s, const double *values)
{
    hn_arena *arena = &s->arena;
    hn_node *map = hn_node_map(arena);
    for (size_t c = s->first; c <= s->last; c++) {
        hn_node *list = hn_node_list(arena);
        for (size_t p = 0; p < s->found->n_points; p++) {
            list = hn_list_append(arena, list, hn_node_real(arena, values[p * s->found->n_outputs + c]));
        }
        map = hn_map_set(arena, map, output_name(s, c), list);
    }
    return map;
}

static hn_node *axis_node(shown *s, const hn_dependence_axis *axis)
{
    hn_arena *arena = &s->arena;
    hn_node *values = hn_node_list(arena);
    for (size_t i = 0; i < axis->n; i++) {
        values = hn_list_append(arena, values,
                                is_categorical(axis) ? hn_node_string(arena, value_text(s, axis, i, 0))
                                                     : hn_node_real(arena, axis->values[i]));
    }
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "column", hn_node_string(arena, axis->name));
    return hn_map_set(arena, map, "values", values);
}

static hone_status show_json(shown *s, const hone_sink *sink, hone_error *err)
{
    const hn_dependence *found = s->found;
    hn_arena *arena = &s->arena;
    hn_node *map = hn_node_map(arena), *axes = hn_node_list(arena), *single = hn_node_list(arena);
    for (size_t a = 0; a < found->n_columns; a++) {
        axes = hn_list_append(arena, axes, axis_node(s, &found->axes[a]));
    }
    map = hn_map_set(arena, map, "rows", hn_node_integer(arena, (int64_t)found->n_rows));
    map = hn_map_set(arena, map, "of",
                     hn_node_string(arena, !s->estimator->n_classes ? "value"
                                           : found->shares          ? "share"
                                                                    : "probability"));
    map = hn_map_set(arena, map, "axes", axes);
    map = hn_map_set(arena, map, "average", outputs_node(s, found->average));
    for (size_t i = 0; i < found->n_individual; i++) {
        hn_node *row = hn_map_set(arena, hn_node_map(arena), "row",
                                  hn_node_integer(arena, (int64_t)found->individual_rows[i]));
        row = hn_map_set(arena, row, "values",
                         outputs_node(s, found->individual + i * found->n_points * found->n_outputs));
        single = hn_list_append(arena, single, row);
    }
    if (found->n_individual) {
        map = hn_map_set(arena, map, "individual", single);
    }
    return map ? hn_show_json(sink, map, err) : hn_out_of_memory(err);
}

static hone_status show(shown *s, const hone_picture *picture, hone_format format, const hone_sink *sink,
                        hone_error *err)
{
    switch (format) {
    case HONE_FORMAT_TEXT: return draw(s, picture, sink, err);
    case HONE_FORMAT_JSON: return show_json(s, sink, err);
    case HONE_FORMAT_CSV: return show_csv(s, sink, err);
    case HONE_FORMAT_ENV: break;
    }
    return hn_show_unsupported("partial dependence", format, err);
}

hone_status hone_plot_dependence(const char *model, const char *data, const hone_dependence_options *options,
                                 hone_format format, const hone_sink *sink, hone_error *err)
{
    hn_model_data a = {.options = {.delimiter = options->delimiter, .skip_rows = options->skip_rows}};
    hn_dependence_options how = {.n_columns = options->second ? 2 : 1,
                                 .columns = {options->column, options->second},
                                 .grid = options->grid,
                                 .max_rows = options->max_rows,
                                 .individual = options->individual,
                                 .seed = options->seed};
    hn_thread_pool *pool = NULL;
    hn_dependence found = {0};
    shown s = {.found = &found};
    hone_status status =
        hn_show_check_options("hone_dependence_options", options->struct_size, sizeof *options, err);
    status = status ? status : hn_picture_check(options->picture, err);
    if (!status) {
        status = hn_model_data_open(&a, model, data, false, err);
    }
    s.estimator = a.estimator;
    if (!status) {
        status = choose_outputs(&s, options->class_name, err);
    }
    if (!status) {
        status = hn_threads_make(options->threads, &pool, err);
    }
    if (!status) {
        status = hn_dependence_run(a.estimator, a.dataset, NULL, 0, &how, pool, &found, err);
    }
    if (!status) {
        status = show(&s, options->picture, format, sink, err);
    }
    hn_dependence_release(&found);
    hn_thread_pool_destroy(pool);
    hn_arena_release(&s.arena);
    hn_model_data_close(&a);
    return status;
}
