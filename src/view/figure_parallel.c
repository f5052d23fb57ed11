/* Axes side by side with a line a row. */
#include <math.h>

#include "base/memory.h"
#include "base/number.h"
#include "view/figure_parts.h"
#include "view/figure_range.h"
#include "view/width.h"

enum { LEAST_STEP = 9, MOST_STEP = 18, HEIGHT = 16, MOST_LINES = 150 };

typedef struct sides {
    const hn_drawing *drawing;
    const hn_figure_parallel *p;
    hn_canvas canvas;
    hn_axis *axes;       /* (n_axes,) */
    size_t n_axes, step; /* those that have room; columns from one to the next */
} sides;

static void make_axis(const sides *s, size_t a, hn_axis *axis)
{
    const hn_figure_axis *of = &s->p->axes[a];
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < s->p->n; i++) {
        double value = s->p->values[i * s->p->n_axes + a];
        if (hn_axis_shows(of, value)) {
            low = fmin(low, value);
            high = fmax(high, value);
        }
    }
    low = of->n_categories || low > high ? 0 : low;
    high = of->n_categories ? (double)of->n_categories - 1 : high < low ? 1 : high;
    hn_axis_make(low, high, of->log, 3, axis);
}

static double across(const sides *s, size_t a)
{
    return (double)(a * s->step) / (double)(s->canvas.width - 1);
}

static double down(const sides *s, size_t a, double value)
{
    return 1 - hn_axis_place(&s->axes[a], value);
}

static int paint_of(const sides *s, size_t i, double low, double high)
{
    int paint = 1;
    if (s->p->shade) {
        hn_figure_shade_mark(s->drawing, s->p->shade[i], low, high, &paint);
    }
    return paint;
}

/* The first rows in front. */
static void draw_rows(sides *s)
{
    double low, high;
    size_t n = s->p->n < MOST_LINES ? s->p->n : MOST_LINES;
    hn_figure_shade_range(s->drawing->figure, &low, &high);
    for (size_t a = 0; a < s->n_axes; a++) {
        hn_canvas_line(&s->canvas, across(s, a), 0, across(s, a), 1, HN_PAINT_FAINT);
    }
    for (size_t i = n; i-- > 0;) {
        const double *row = s->p->values + i * s->p->n_axes;
        for (size_t a = 0; a + 1 < s->n_axes; a++) {
            if (hn_axis_shows(&s->p->axes[a], row[a]) && hn_axis_shows(&s->p->axes[a + 1], row[a + 1])) {
                hn_canvas_line(&s->canvas, across(s, a), down(s, a, row[a]), across(s, a + 1),
                               down(s, a + 1, row[a + 1]), paint_of(s, i, low, high));
            }
        }
    }
    for (size_t i = 0; s->p->marks && i < n; i++) {
        for (size_t a = 0; s->p->marks[i] == HN_MARK_BEST && a < s->n_axes; a++) {
            double value = s->p->values[i * s->p->n_axes + a];
            int paint;
            if (hn_axis_shows(&s->p->axes[a], value)) {
                const char *mark = hn_figure_state_mark(s->drawing, HN_MARK_BEST, &paint);
                hn_canvas_mark(&s->canvas, across(s, a), down(s, a, value), mark, paint);
            }
        }
    }
}

/* What stands at the upper or lower end of an axis. */
static const char *end_of(const sides *s, size_t a, bool upper, char text[HN_NUMBER_SIZE])
{
    const hn_figure_axis *axis = &s->p->axes[a];
    if (axis->n_categories) {
        return axis->categories[upper ? axis->n_categories - 1 : 0];
    }
    hn_format_short(text, upper ? s->axes[a].high : s->axes[a].low, 3);
    return text;
}

/* A line with a text for each axis; what: -1 lower ends, 0 titles, 1 upper ends. */
static void add_texts(const sides *s, int what)
{
    hn_buffer *out = s->drawing->out;
    char text[HN_NUMBER_SIZE];
    hn_figure_pad(out, 2);
    for (size_t a = 0; a < s->n_axes; a++) {
        const char *title = s->p->axes[a].title ? s->p->axes[a].title : "";
        hn_figure_fit(out, what ? end_of(s, a, what > 0, text) : title, s->step - 1, false);
        hn_buffer_char(out, ' ');
    }
    hn_buffer_char(out, '\n');
}

hone_status hn_figure_draw_parallel(const hn_drawing *drawing, hone_error *err)
{
    const hn_figure_parallel *p = drawing->figure->parallel;
    sides s = {.drawing = drawing, .p = p};
    size_t room = (drawing->width - 2) / LEAST_STEP;
    s.n_axes = p->n_axes < room ? p->n_axes : room;
    s.step = (drawing->width - 2) / (s.n_axes ? s.n_axes : 1);
    s.step = s.step < MOST_STEP ? s.step : MOST_STEP;
    s.axes = hn_calloc(p->n_axes + 1, sizeof *s.axes);
    hone_status status = s.axes ? HONE_OK : hn_out_of_memory(err);
    size_t width = s.step * (s.n_axes > 1 ? s.n_axes - 1 : 1) + 1;
    status = status ? status : hn_canvas_init(width, HEIGHT, drawing->sink->ascii, &s.canvas, err);
    if (!status) {
        for (size_t a = 0; a < s.n_axes; a++) {
            make_axis(&s, a, &s.axes[a]);
        }
        draw_rows(&s);
        hn_figure_shade_key(drawing);
        add_texts(&s, 0);
        add_texts(&s, 1);
        for (size_t row = 0; row < s.canvas.height; row++) {
            hn_figure_pad(drawing->out, 2);
            hn_canvas_row(&s.canvas, row, drawing->sink->color, drawing->out);
            hn_buffer_char(drawing->out, '\n');
        }
        add_texts(&s, -1);
        if (s.n_axes < p->n_axes) {
            hn_buffer_printf(drawing->out, "  and %zu more\n", p->n_axes - s.n_axes);
        }
    }
    hn_canvas_release(&s.canvas);
    hn_free(s.axes);
    return status;
}
