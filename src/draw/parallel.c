#include "draw/parallel.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "view/figure_range.h"

enum { LINE = 15, GAP = 6, MOST_TITLE = 150, LEAST_LABELLED = 46 };

typedef struct sides {
    hn_frame frame; /* for its shades */
    const hn_figure_parallel *p;
    hn_axis *axes; /* (n_axes,) */
    hn_box area;
    double step, last; /* between axes; beyond the last */
    bool slanted;      /* titles that do not fit beside each other */
} sides;

static double across(const sides *s, size_t axis)
{
    return s->p->n_axes > 1 ? s->area.x + s->step * (double)axis : s->area.x + s->area.width / 2;
}

static double up(const sides *s, size_t axis, double value)
{
    return s->area.y + s->area.height * (1 - hn_axis_place(&s->axes[axis], value));
}

/* The range of one axis: its own, or that of its column. */
static void make_axis(const sides *s, size_t a, hn_axis *axis)
{
    enum { ROOM_A_TICK = 40 };
    const hn_figure_axis *of = &s->p->axes[a];
    double *column = hn_malloc(s->p->n * sizeof *column);
    for (size_t i = 0; column && i < s->p->n; i++) {
        column[i] = s->p->values[i * s->p->n_axes + a];
    }
    const hn_series series = {.kind = HN_SERIES_POINTS, .n = column ? s->p->n : 0, .x = column, .y = column};
    const hn_figure alone = {.y = *of, .n_series = 1, .series = &series};
    hn_figure_axis_make(&alone, HN_OF_Y, 0.02, (size_t)fmax(s->area.height / ROOM_A_TICK, 2), axis);
    hn_free(column);
}

/* --- axes --- */

/* On the background, so that it can be read over lines. */
static void add_label(const sides *s, const char *text, double x, double y, double room)
{
    hn_pen *pen = s->frame.pen;
    hn_lettering how = {.size = HN_TEXT_SIZE - 1, .down = 0.5, .width = room, .color = pen->theme->text};
    double width, height;
    hn_pen_measure(pen, text, &how, &width, &height);
    hn_pen_color(pen, pen->theme->background, 0.72);
    hn_pen_fill_box(pen, (hn_box){x - 1, y - height / 2, width + 2, height});
    hn_pen_text(pen, text, x, y, &how);
}

static void add_labels(const sides *s, size_t a)
{
    const hn_figure_axis *axis = &s->p->axes[a];
    size_t n = axis->n_categories ? axis->n_categories : s->axes[a].n_ticks;
    double room = (a + 1 < s->p->n_axes ? s->step : s->last) - GAP - 3;
    size_t each = axis->n_categories * (size_t)LINE > (size_t)s->area.height
                      ? 1 + axis->n_categories * (size_t)LINE / (size_t)s->area.height
                      : 1;
    for (size_t i = 0; i < n; i += each) {
        double y = up(s, a, axis->n_categories ? (double)i : s->axes[a].ticks[i]);
        add_label(s, axis->n_categories ? axis->categories[i] : s->axes[a].labels[i], across(s, a) + 4, y,
                  room);
    }
}

static void add_axis(const sides *s, size_t a)
{
    hn_pen *pen = s->frame.pen;
    double x = hn_pen_snap(pen, across(s, a)) + 0.5 / pen->scale;
    hn_lettering how = {.size = HN_TEXT_SIZE, .down = 1, .color = pen->theme->text};
    how.across = s->slanted ? 0 : 0.5;
    how.angle = s->slanted ? -0.5 : 0;
    how.width = s->slanted ? MOST_TITLE : s->step - GAP;
    hn_pen_color(pen, pen->theme->axis, 1);
    hn_pen_line(pen, x, s->area.y, x, s->area.y + s->area.height, 1 / pen->scale, 0);
    if (s->p->axes[a].title) {
        hn_pen_text(pen, s->p->axes[a].title, x, s->area.y - GAP, &how);
    }
    if (s->step >= LEAST_LABELLED) {
        add_labels(s, a);
    }
}

/* --- lines --- */

typedef struct row {
    double goodness;
    size_t i;
} row;

static int by_goodness(const void *a, const void *b)
{
    const row *x = a, *y = b;
    return x->goodness != y->goodness ? (x->goodness < y->goodness ? -1 : 1) : (x->i > y->i) - (x->i < y->i);
}

static void add_line(const sides *s, size_t i)
{
    const hn_cairo *c = &s->frame.pen->library->cairo;
    bool begun = false;
    for (size_t a = 0; a < s->p->n_axes; a++) {
        double value = s->p->values[i * s->p->n_axes + a];
        if (!hn_axis_shows(&s->p->axes[a], value)) {
            begun = false;
            continue;
        }
        (begun ? c->line_to : c->move_to)(s->frame.pen->cr, across(s, a), up(s, a, value));
        begun = true;
    }
    c->stroke(s->frame.pen->cr);
}

/* The best in front, so that it is seen. */
static hone_status add_lines(const sides *s, hone_error *err)
{
    const hn_figure_parallel *p = s->p;
    hn_pen *pen = s->frame.pen;
    int better = s->frame.figure->shade.better;
    double alpha = p->n <= 60 ? 0.8 : p->n <= 400 ? 0.55 : 0.35;
    row *rows = hn_calloc(p->n + 1, sizeof *rows);
    if (!rows) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < p->n; i++) {
        double shade = p->shade ? p->shade[i] : 0;
        rows[i] = (row){isfinite(shade) ? (better < 0 ? -shade : shade) : -INFINITY, i};
    }
    qsort(rows, p->n, sizeof *rows, by_goodness);
    for (size_t k = 0; k < p->n; k++) {
        size_t i = rows[k].i;
        bool best = p->marks && p->marks[i] == HN_MARK_BEST;
        hn_color color = p->shade ? hn_frame_shade(&s->frame, p->shade[i]) : pen->theme->palette[0];
        hn_pen_color(pen, color, best ? 1 : alpha);
        pen->library->cairo.set_line_width(pen->cr, best ? 3 : 1.3);
        pen->library->cairo.set_line_join(pen->cr, HN_CAIRO_JOIN_ROUND);
        add_line(s, i);
    }
    for (size_t i = 0; p->marks && i < p->n; i++) {
        for (size_t a = 0; p->marks[i] == HN_MARK_BEST && a < p->n_axes; a++) {
            double value = p->values[i * p->n_axes + a];
            if (hn_axis_shows(&p->axes[a], value)) {
                hn_pen_mark(pen, HN_MARK_BEST, across(s, a), up(s, a, value), 3, pen->theme->star);
            }
        }
    }
    hn_free(rows);
    return HONE_OK;
}

hone_status hn_draw_parallel(hn_pen *pen, const hn_figure *figure, hn_box box, hone_error *err)
{
    const hn_figure_parallel *p = figure->parallel;
    sides s = {.frame = {.pen = pen, .figure = figure}, .p = p, .area = box};
    hn_lettering how = {.size = HN_TEXT_SIZE, .width = MOST_TITLE};
    double widest = 0, width, height;
    s.frame.shaded = hn_figure_shade_range(figure, &s.frame.shade_low, &s.frame.shade_high);
    s.axes = hn_calloc(p->n_axes + 1, sizeof *s.axes);
    if (!s.axes) {
        return hn_out_of_memory(err);
    }
    for (size_t a = 0; a < p->n_axes; a++) {
        hn_pen_measure(pen, p->axes[a].title ? p->axes[a].title : "", &how, &width, &height);
        widest = fmax(widest, width);
    }
    double last = fmin(70, box.width / (double)(p->n_axes + 1)); /* for the labels of the last axis */
    double first = fmin(widest, 60) / 2;                         /* half the title of the first */
    s.step = (box.width - last - first) / (double)(p->n_axes > 1 ? p->n_axes - 1 : 1);
    s.slanted = widest > s.step - GAP;
    if (s.slanted) {
        first = GAP;
        last = fmax(last, fmin(widest, MOST_TITLE) * 0.71);
        s.step = (box.width - last - first) / (double)(p->n_axes > 1 ? p->n_axes - 1 : 1);
    }
    s.last = last;
    double titles = s.slanted ? fmin(widest, MOST_TITLE) * 0.71 + LINE : LINE + GAP;
    s.area = (hn_box){box.x + first, box.y + titles, box.width - last - first,
                      fmax(box.height - titles - GAP, 20)};
    for (size_t a = 0; a < p->n_axes; a++) {
        make_axis(&s, a, &s.axes[a]);
    }
    hone_status status = add_lines(&s, err);
    for (size_t a = 0; !status && a < p->n_axes; a++) {
        add_axis(&s, a);
    }
    hn_free(s.axes);
    return status;
}
