/* Horizontal bars: one for each category of x, or one for each series below the category's name. */
#include <math.h>

#include "base/number.h"
#include "view/bar.h"
#include "view/figure_parts.h"
#include "view/figure_range.h"
#include "view/width.h"

enum {
    DIGITS = 4 /* of the largest value */,
    MOST_LABEL = 24,
    MOST_CATEGORIES = 40,
    LEAST_BAR = 8,
    BETWEEN = 6
};

typedef struct bars {
    const hn_drawing *drawing;
    double low, high; /* with 0 */
    size_t label_width, value_width, cells;
    int decimals;
} bars;

/* Bars stand along x or y: here they all lie. */
static const hn_figure_axis *places(const hn_figure *figure)
{
    return hn_series_lies(figure, figure->series) ? &figure->y : &figure->x;
}

static double value_of(const hn_figure *figure, const hn_series *series, size_t i)
{
    return hn_series_lies(figure, series) ? hn_series_x(series, i) : hn_series_y(series, i);
}

/* The point of a series that stands at a place; NaN: none does. */
static double value_at(const hn_figure *figure, const hn_series *series, size_t place)
{
    for (size_t i = 0; i < series->n; i++) {
        double at = hn_series_lies(figure, series) ? hn_series_y(series, i) : hn_series_x(series, i);
        if (at == (double)place) {
            return value_of(figure, series, i);
        }
    }
    return NAN;
}

static const char *value_text(const bars *b, char out[HN_NUMBER_SIZE], double value)
{
    hn_format_fixed(out, value, b->decimals);
    return out;
}

static const char *name_of(const hn_series *series)
{
    return series->name ? series->name : "";
}

static size_t longest(const hn_figure *figure)
{
    size_t width = 0;
    for (size_t i = 0; i < places(figure)->n_categories; i++) {
        size_t size = hn_text_width(places(figure)->categories[i]);
        width = size > width ? size : width;
    }
    for (size_t s = 0; figure->n_series > 1 && s < figure->n_series; s++) {
        size_t size = hn_text_width(name_of(&figure->series[s])) + 4; /* indented, with its mark */
        width = size > width ? size : width;
    }
    return width < MOST_LABEL ? width : MOST_LABEL;
}

static bars measure(const hn_drawing *drawing)
{
    const hn_figure *figure = drawing->figure;
    bars b = {.drawing = drawing, .label_width = longest(figure)};
    for (size_t s = 0; s < figure->n_series; s++) {
        for (size_t i = 0; i < figure->series[s].n; i++) {
            double value = value_of(figure, &figure->series[s], i);
            b.low = isfinite(value) && value < b.low ? value : b.low;
            b.high = isfinite(value) && value > b.high ? value : b.high;
        }
    }
    char text[HN_NUMBER_SIZE];
    b.decimals = hn_decimals_for(fmax(b.high, -b.low) * pow(10, 1 - DIGITS));
    size_t low_width = hn_text_width(value_text(&b, text, b.low));
    b.value_width = hn_text_width(value_text(&b, text, b.high));
    b.value_width = low_width > b.value_width ? low_width : b.value_width;
    size_t left = drawing->width - b.value_width - BETWEEN; /* for labels and bars */
    b.label_width = b.label_width + LEAST_BAR < left ? b.label_width : left - LEAST_BAR;
    b.cells = left - b.label_width;
    return b;
}

static void add_bar(const bars *b, double value, int paint)
{
    char text[HN_NUMBER_SIZE];
    hn_buffer bar = HN_BUFFER_INIT;
    hn_buffer *out = b->drawing->out;
    double range = b->high > b->low ? b->high - b->low : 1, zero = -b->low / range,
           end = (value - b->low) / range;
    hn_bar_text(&bar, fmin(zero, end), fmax(zero, end), b->cells, b->drawing->sink->ascii);
    hn_figure_fit(out, value_text(b, text, value), b->value_width, true);
    hn_buffer_text(out, "  ");
    while (bar.size && bar.data[bar.size - 1] == ' ') {
        bar.data[--bar.size] = '\0';
    }
    hn_paint_text(out, b->drawing->sink->color, paint, hn_buffer_string(&bar));
    hn_buffer_char(out, '\n');
    out->failed |= hn_buffer_failed(&bar);
    hn_buffer_release(&bar);
}

static void add_group(const bars *b, size_t category)
{
    const hn_figure *figure = b->drawing->figure;
    hn_buffer *out = b->drawing->out;
    hn_buffer_printf(out, "  ");
    const char *name = places(figure)->categories[category];
    size_t width = hn_text_width(name), room = b->drawing->width - 2;
    hn_figure_fit(out, name, width < room ? width : room, false);
    hn_buffer_char(out, '\n');
    for (size_t s = 0; s < figure->n_series; s++) {
        hn_buffer_text(out, "    ");
        hn_paint_text(out, b->drawing->sink->color, 1 + (int)(s % HN_PAINTS), hn_figure_mark(b->drawing, s));
        hn_buffer_char(out, ' ');
        hn_figure_fit(out, name_of(&figure->series[s]), b->label_width - 4, false);
        hn_buffer_text(out, "  ");
        add_bar(b, value_at(figure, &figure->series[s], category), 1 + (int)(s % HN_PAINTS));
    }
}

void hn_figure_draw_bars(const hn_drawing *drawing)
{
    const hn_figure *figure = drawing->figure;
    bars b = measure(drawing);
    size_t shown =
        places(figure)->n_categories < MOST_CATEGORIES ? places(figure)->n_categories : MOST_CATEGORIES;
    const hn_figure_axis *along = places(figure) == &figure->x ? &figure->y : &figure->x;
    if (along->title) {
        size_t width = hn_text_width(along->title), room = drawing->width - 2;
        hn_figure_pad(drawing->out, 2);
        hn_figure_fit(drawing->out, along->title, width < room ? width : room, false);
        hn_buffer_char(drawing->out, '\n');
    }
    for (size_t i = 0; i < shown; i++) {
        if (figure->n_series > 1) {
            add_group(&b, i);
            continue;
        }
        hn_figure_pad(drawing->out, 2);
        hn_figure_fit(drawing->out, places(figure)->categories[i], b.label_width, false);
        hn_buffer_text(drawing->out, "  ");
        add_bar(&b, value_at(figure, &figure->series[0], i), 1);
    }
    if (shown < places(figure)->n_categories) {
        hn_buffer_printf(drawing->out, "  and %zu more\n", places(figure)->n_categories - shown);
    }
}
