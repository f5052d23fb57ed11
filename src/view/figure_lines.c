/* Lines, marks and bands over two axes of numbers. */
#include <math.h>

#include "view/axis.h"
#include "view/figure_parts.h"
#include "view/width.h"

/* Where the drawing stands: labels of y, the y axis, the canvas. */
typedef struct layout {
    const hn_drawing *drawing;
    hn_canvas canvas;
    hn_axis x, y;
    size_t label_width;
} layout;

/* --- ranges --- */

static void widen(double value, bool log, double *low, double *high)
{
    if (isfinite(value) && (!log || value > 0)) {
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
}

static void find_range(const hn_figure *figure, bool of_y, double *low, double *high)
{
    bool log = of_y ? figure->y.log : figure->x.log;
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t s = 0; s < figure->n_series; s++) {
        const hn_series *series = &figure->series[s];
        for (size_t i = 0; i < series->n; i++) {
            widen(of_y ? hn_series_y(series, i) : hn_series_x(series, i), log, low, high);
            if (!of_y && series->end) {
                widen(series->end[i], log, low, high);
            }
            if (of_y && series->low) {
                widen(series->low[i], log, low, high);
                widen(series->high[i], log, low, high);
            }
        }
    }
    if (*low > *high) {
        *low = log ? 1 : 0;
        *high = log ? 10 : 1;
    }
}

/* Room beyond the outermost values, so that marks are not cut by the frame. */
static void make_axis(const hn_figure *figure, bool of_y, double room, size_t wanted, hn_axis *axis)
{
    double low, high;
    bool log = of_y ? figure->y.log : figure->x.log;
    find_range(figure, of_y, &low, &high);
    if (log && low > 0) {
        double factor = pow(high / low, room);
        hn_axis_make(low / factor, high * factor, true, wanted, axis);
    } else {
        double margin = (high - low) * room;
        hn_axis_make(low - margin, high + margin, false, wanted, axis);
    }
}

/* --- series --- */

static double across(const layout *l, double x)
{
    return hn_axis_place(&l->x, x);
}

static double down(const layout *l, double y)
{
    return 1 - hn_axis_place(&l->y, y);
}

static bool is_there(const hn_series *series, size_t i)
{
    return isfinite(hn_series_x(series, i)) && isfinite(hn_series_y(series, i));
}

/* Column by column between two points, the ends of the band being straight lines. */
static void draw_band(layout *l, const hn_series *series, int paint)
{
    size_t dots = hn_canvas_dots_x(&l->canvas);
    for (size_t i = 0; i + 1 < series->n; i++) {
        if (!is_there(series, i) || !is_there(series, i + 1)) {
            continue;
        }
        double from = across(l, series->x[i]), to = across(l, series->x[i + 1]);
        for (size_t dot = (size_t)ceil(fmax(from, 0) * (double)(dots - 1)); dot < dots; dot++) {
            double place = (double)dot / (double)(dots - 1);
            double share = to > from ? (place - from) / (to - from) : 0;
            if (place > to) {
                break;
            }
            double high = down(l, series->high[i]), next_high = down(l, series->high[i + 1]);
            double low = down(l, series->low[i]), next_low = down(l, series->low[i + 1]);
            hn_canvas_shade(&l->canvas, dot, high + share * (next_high - high),
                            low + share * (next_low - low), paint);
        }
    }
}

static void draw_line(layout *l, const hn_series *series, int paint)
{
    bool joined = series->kind == HN_SERIES_LINE || series->kind == HN_SERIES_STEPS;
    for (size_t i = 0; joined && i + 1 < series->n; i++) {
        if (is_there(series, i) && is_there(series, i + 1)) {
            double x = across(l, hn_series_x(series, i)), y = down(l, hn_series_y(series, i));
            double next_x = across(l, hn_series_x(series, i + 1)),
                   next_y = down(l, hn_series_y(series, i + 1));
            bool steps = series->kind == HN_SERIES_STEPS;
            hn_canvas_line(&l->canvas, x, y, next_x, steps ? y : next_y, paint);
            if (steps) {
                hn_canvas_line(&l->canvas, next_x, y, next_x, next_y, paint);
            }
        }
    }
}

static void draw_series(layout *l)
{
    const hn_figure *figure = l->drawing->figure;
    for (size_t s = 0; s < figure->n_series; s++) {
        const hn_series *series = &figure->series[s];
        if (series->low && !l->canvas.ascii) {
            draw_band(l, series, 1 + (int)(s % HN_PAINTS));
        } else if (series->faint) {
            draw_line(l, series, HN_PAINT_FAINT);
        }
    }
    for (size_t s = 0; s < figure->n_series; s++) {
        if (!figure->series[s].faint) {
            draw_line(l, &figure->series[s], 1 + (int)(s % HN_PAINTS));
        }
    }
    for (size_t s = figure->n_series; s-- > 0;) { /* of marks in one place the first series' is seen */
        const hn_series *series = &figure->series[s];
        bool marked = !series->faint && series->kind != HN_SERIES_STEPS;
        for (size_t i = 0; marked && i < series->n; i++) {
            if (is_there(series, i)) {
                hn_canvas_mark(&l->canvas, across(l, hn_series_x(series, i)), down(l, hn_series_y(series, i)),
                               hn_figure_mark(l->drawing, s), 1 + (int)(s % HN_PAINTS));
            }
        }
    }
}

/* --- text --- */

/* The tick of y in a row of the canvas, or the number of ticks. */
static size_t tick_of_row(const layout *l, size_t row)
{
    size_t i = 0;
    while (i < l->y.n_ticks &&
           (size_t)floor(down(l, l->y.ticks[i]) * (double)(l->canvas.height - 1) + 0.5) != row) {
        i++;
    }
    return i;
}

static void add_rows(const layout *l)
{
    hn_buffer *out = l->drawing->out;
    bool ascii = l->canvas.ascii;
    for (size_t row = 0; row < l->canvas.height; row++) {
        size_t tick = tick_of_row(l, row);
        bool ticked = tick < l->y.n_ticks;
        hn_figure_fit(out, ticked ? l->y.labels[tick] : "", l->label_width, true);
        hn_buffer_text(out, ticked ? (ascii ? " +" : " ┤") : (ascii ? " |" : " │"));
        hn_canvas_row(&l->canvas, row, l->drawing->sink->color, out);
        hn_buffer_char(out, '\n');
    }
}

/* The column of the canvas below which a tick of x stands. */
static size_t column_of(const layout *l, size_t tick)
{
    return (size_t)floor(across(l, l->x.ticks[tick]) * (double)(l->canvas.width - 1) + 0.5);
}

static void add_x_axis(const layout *l)
{
    hn_buffer *out = l->drawing->out;
    bool ascii = l->canvas.ascii;
    hn_figure_pad(out, l->label_width + 1);
    hn_buffer_text(out, ascii ? "+" : "└");
    for (size_t i = 0, tick = 0; i < l->canvas.width; i++) {
        while (tick < l->x.n_ticks && column_of(l, tick) < i) {
            tick++;
        }
        bool ticked = tick < l->x.n_ticks && column_of(l, tick) == i;
        hn_buffer_text(out, ticked ? (ascii ? "+" : "┬") : (ascii ? "-" : "─"));
    }
    hn_buffer_char(out, '\n');
    size_t start = l->label_width + 2, at = 0, end = start + l->canvas.width;
    for (size_t tick = 0; tick < l->x.n_ticks; tick++) {
        size_t size = hn_text_width(l->x.labels[tick]), middle = start + column_of(l, tick);
        size_t begin = middle > size / 2 ? middle - size / 2 : 0;
        begin = begin + size > end ? end - size : begin;
        if (begin >= at + (at > 0)) { /* labels do not touch */
            hn_figure_pad(out, begin - at);
            hn_buffer_text(out, l->x.labels[tick]);
            at = begin + size;
        }
    }
    hn_buffer_char(out, '\n');
}

static void add_x_title(const layout *l)
{
    const char *title = l->drawing->figure->x.title;
    size_t width = title ? hn_text_width(title) : 0, room = l->canvas.width;
    if (title) {
        hn_figure_pad(l->drawing->out, l->label_width + 2 + (width < room ? (room - width) / 2 : 0));
        hn_buffer_printf(l->drawing->out, "%s\n", title);
    }
}

hone_status hn_figure_draw_lines(const hn_drawing *drawing, hone_error *err)
{
    enum { LEAST_HEIGHT = 10, MOST_HEIGHT = 24, LABEL_GAP = 12, ROWS_A_TICK = 3 };
    layout l = {.drawing = drawing};
    const hn_figure *figure = drawing->figure;
    size_t height = drawing->width * 2 / 9;
    height = height < LEAST_HEIGHT ? LEAST_HEIGHT : height < MOST_HEIGHT ? height : MOST_HEIGHT;
    make_axis(figure, true, 0.04, height / ROWS_A_TICK, &l.y);
    for (size_t i = 0; i < l.y.n_ticks; i++) {
        size_t size = hn_text_width(l.y.labels[i]);
        l.label_width = size > l.label_width ? size : l.label_width;
    }
    size_t width = drawing->width - l.label_width - 2;
    make_axis(figure, false, 0.02, width / LABEL_GAP, &l.x);
    hone_status status = hn_canvas_init(width, height, drawing->sink->ascii, &l.canvas, err);
    if (!status) {
        draw_series(&l);
        hn_figure_legend(drawing);
        if (figure->y.title) {
            hn_figure_pad(drawing->out, l.label_width + 1);
            hn_buffer_printf(drawing->out, "%s\n", figure->y.title);
        }
        add_rows(&l);
        add_x_axis(&l);
        add_x_title(&l);
    }
    hn_canvas_release(&l.canvas);
    return status;
}
