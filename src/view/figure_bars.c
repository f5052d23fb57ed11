/* Horizontal bars: one for each category of x, or one for each series below the category's name. */
#include <math.h>

#include "base/number.h"
#include "view/bar.h"
#include "view/figure_parts.h"
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

static const char *value_text(const bars *b, char out[HN_NUMBER_SIZE], double value)
{
    hn_format_fixed(out, value, b->decimals);
    return out;
}

static size_t longest(const hn_figure *figure)
{
    size_t width = 0;
    for (size_t i = 0; i < figure->x.n_categories; i++) {
        size_t size = hn_text_width(figure->x.categories[i]);
        width = size > width ? size : width;
    }
    for (size_t s = 0; figure->n_series > 1 && s < figure->n_series; s++) {
        size_t size = hn_text_width(figure->series[s].name) + 4; /* indented, with its mark */
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
            double value = figure->series[s].y[i];
            b.low = value < b.low ? value : b.low;
            b.high = value > b.high ? value : b.high;
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
    hn_buffer_append(out, figure->x.categories[category],
                     hn_text_fit(figure->x.categories[category], b->drawing->width - 2));
    hn_buffer_char(out, '\n');
    for (size_t s = 0; s < figure->n_series; s++) {
        hn_buffer_text(out, "    ");
        hn_paint_text(out, b->drawing->sink->color, 1 + (int)(s % HN_PAINTS), hn_figure_mark(b->drawing, s));
        hn_buffer_char(out, ' ');
        hn_figure_fit(out, figure->series[s].name, b->label_width - 4, false);
        hn_buffer_text(out, "  ");
        add_bar(b, figure->series[s].y[category], 1 + (int)(s % HN_PAINTS));
    }
}

void hn_figure_draw_bars(const hn_drawing *drawing)
{
    const hn_figure *figure = drawing->figure;
    bars b = measure(drawing);
    size_t shown = figure->x.n_categories < MOST_CATEGORIES ? figure->x.n_categories : MOST_CATEGORIES;
    if (figure->y.title) {
        hn_figure_pad(drawing->out, 2);
        hn_buffer_printf(drawing->out, "%s\n", figure->y.title);
    }
    for (size_t i = 0; i < shown; i++) {
        if (figure->n_series > 1) {
            add_group(&b, i);
            continue;
        }
        hn_figure_pad(drawing->out, 2);
        hn_figure_fit(drawing->out, figure->x.categories[i], b.label_width, false);
        hn_buffer_text(drawing->out, "  ");
        add_bar(&b, figure->series[0].y[i], 1);
    }
    if (shown < figure->x.n_categories) {
        hn_buffer_printf(drawing->out, "  and %zu more\n", figure->x.n_categories - shown);
    }
}
