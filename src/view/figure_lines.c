/* Series, grids and rules between two axes. */
#include <math.h>

#include "view/figure_layout.h"
#include "view/width.h"

double hn_layout_across(const hn_layout *l, double x)
{
    return hn_axis_place(&l->x, x);
}

double hn_layout_down(const hn_layout *l, double y)
{
    double place = hn_axis_place(&l->y, y);
    return l->first_on_top ? place : 1 - place;
}

/* --- text --- */

static size_t row_of(const hn_layout *l, double y)
{
    return (size_t)floor(hn_layout_down(l, y) * (double)(l->canvas.height - 1) + 0.5);
}

/* What stands beside a row of the canvas: the label of a tick, a category; NULL: nothing. */
static const char *label_of_row(const hn_layout *l, size_t row)
{
    const hn_figure_axis *axis = &l->drawing->figure->y;
    for (size_t i = 0; i < axis->n_categories; i++) {
        if (row_of(l, (double)i) == row) {
            return axis->categories[i];
        }
    }
    for (size_t i = 0; !axis->n_categories && i < l->y.n_ticks; i++) {
        if (row_of(l, l->y.ticks[i]) == row) {
            return l->y.labels[i];
        }
    }
    return NULL;
}

static void add_rows(const hn_layout *l)
{
    hn_buffer *out = l->drawing->out;
    bool ascii = l->canvas.ascii;
    for (size_t row = 0; row < l->canvas.height; row++) {
        const char *label = label_of_row(l, row);
        hn_figure_fit(out, label ? label : "", l->label_width, true);
        hn_buffer_text(out, label ? (ascii ? " +" : " ┤") : (ascii ? " |" : " │"));
        hn_canvas_row(&l->canvas, row, l->drawing->sink->color, out);
        hn_buffer_char(out, '\n');
    }
}

static size_t n_marks_of_x(const hn_layout *l)
{
    size_t n = l->drawing->figure->x.n_categories;
    return n ? n : l->x.n_ticks;
}

/* The column of the canvas below which a tick or category of x stands. */
static size_t column_of(const hn_layout *l, size_t i)
{
    double value = l->drawing->figure->x.n_categories ? (double)i : l->x.ticks[i];
    return (size_t)floor(hn_layout_across(l, value) * (double)(l->canvas.width - 1) + 0.5);
}

/* Categories are cut so that they do not touch; other labels are left out. */
static void add_labels_of_x(const hn_layout *l)
{
    const hn_figure_axis *axis = &l->drawing->figure->x;
    hn_buffer *out = l->drawing->out;
    size_t n = n_marks_of_x(l), start = l->label_width + 2, at = 0, end = start + l->canvas.width;
    size_t room = axis->n_categories ? l->canvas.width / axis->n_categories : l->canvas.width;
    for (size_t i = 0; i < n; i++) {
        const char *label = axis->n_categories ? axis->categories[i] : l->x.labels[i];
        size_t size = hn_text_width(label), middle = start + column_of(l, i);
        size = axis->n_categories && size >= room ? (room > 4 ? room - 1 : 3) : size;
        size_t begin = middle > size / 2 ? middle - size / 2 : 0;
        begin = begin + size > end ? end - size : begin;
        if (begin >= at + (at > 0)) {
            hn_figure_pad(out, begin - at);
            hn_figure_fit(out, label, size, false);
            at = begin + size;
        }
    }
    hn_buffer_char(out, '\n');
}

static void add_x_axis(const hn_layout *l)
{
    hn_buffer *out = l->drawing->out;
    bool ascii = l->canvas.ascii;
    hn_figure_pad(out, l->label_width + 1);
    hn_buffer_text(out, ascii ? "+" : "└");
    for (size_t i = 0, tick = 0; i < l->canvas.width; i++) {
        while (tick < n_marks_of_x(l) && column_of(l, tick) < i) {
            tick++;
        }
        bool ticked = tick < n_marks_of_x(l) && column_of(l, tick) == i;
        hn_buffer_text(out, ticked ? (ascii ? "+" : "┬") : (ascii ? "-" : "─"));
    }
    hn_buffer_char(out, '\n');
    add_labels_of_x(l);
}

static void add_x_title(const hn_layout *l)
{
    hn_buffer title = HN_BUFFER_INIT;
    hn_figure_title(&l->drawing->figure->x, &title);
    size_t width = hn_text_width(hn_buffer_string(&title)), room = l->canvas.width;
    if (width) {
        hn_figure_pad(l->drawing->out, l->label_width + 2 + (width < room ? (room - width) / 2 : 0));
        hn_figure_fit(l->drawing->out, hn_buffer_string(&title), width < room ? width : room, false);
        hn_buffer_char(l->drawing->out, '\n');
    }
    l->drawing->out->failed |= hn_buffer_failed(&title);
    hn_buffer_release(&title);
}

static void add_y_title(const hn_layout *l)
{
    hn_buffer title = HN_BUFFER_INIT;
    hn_figure_title(&l->drawing->figure->y, &title);
    if (title.size) {
        size_t room = l->drawing->width - l->label_width - 1;
        hn_figure_pad(l->drawing->out, l->label_width + 1);
        hn_buffer_append(l->drawing->out, title.data, hn_text_fit(title.data, room));
        hn_buffer_char(l->drawing->out, '\n');
    }
    l->drawing->out->failed |= hn_buffer_failed(&title);
    hn_buffer_release(&title);
}

/* --- all --- */

enum {
    LEAST_HEIGHT = 10,
    MOST_HEIGHT = 24,
    MOST_ROWS = 60,
    LABEL_GAP = 12,
    ROWS_A_TICK = 3,
    MOST_LABEL = 24
};

/* Categories have a row each, and a frame. */
static size_t height_of(const hn_drawing *drawing)
{
    size_t n = drawing->figure->y.n_categories, height = drawing->width * 2 / 9;
    height = height < LEAST_HEIGHT ? LEAST_HEIGHT : height < MOST_HEIGHT ? height : MOST_HEIGHT;
    if (n) {
        height = 2 * n + 1 <= MOST_HEIGHT ? 2 * n + 1 : n;
    }
    return height < 3 ? 3 : height < MOST_ROWS ? height : MOST_ROWS;
}

static size_t label_width(const hn_layout *l)
{
    const hn_figure_axis *axis = &l->drawing->figure->y;
    size_t width = 0, n = axis->n_categories ? axis->n_categories : l->y.n_ticks;
    for (size_t i = 0; i < n; i++) {
        size_t size = hn_text_width(axis->n_categories ? axis->categories[i] : l->y.labels[i]);
        width = size > width ? size : width;
    }
    return width < MOST_LABEL ? width : MOST_LABEL;
}

hone_status hn_figure_draw_lines(const hn_drawing *drawing, hone_error *err)
{
    const hn_figure *figure = drawing->figure;
    hn_layout l = {.drawing = drawing};
    size_t height = height_of(drawing);
    l.first_on_top =
        figure->y.n_categories && figure->n_series && figure->series[0].kind == HN_SERIES_INTERVALS;
    hn_figure_axis_make(figure, HN_OF_Y, 0.04, height / ROWS_A_TICK, &l.y);
    l.label_width = label_width(&l);
    size_t width = drawing->width - l.label_width - 2;
    hn_figure_axis_make(figure, HN_OF_X, 0.02, width / LABEL_GAP, &l.x);
    hn_figure_shade_range(figure, &l.shade_low, &l.shade_high);
    hone_status status = hn_canvas_init(width, height, drawing->sink->ascii, &l.canvas, err);
    if (!status) {
        hn_layout_draw(&l);
        hn_figure_legend(drawing);
        hn_figure_shade_key(drawing);
        add_y_title(&l);
        add_rows(&l);
        add_x_axis(&l);
        add_x_title(&l);
    }
    hn_canvas_release(&l.canvas);
    return status;
}
