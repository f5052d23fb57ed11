/* Lines and bands. Of a line with more points than pixels the first, lowest, highest and last of each column
 * of pixels are drawn: the same pixels (Jugel et al. 2014, "M4"). */
#include <math.h>

#include "draw/series.h"
#include "view/figure_range.h"

enum { MOST_POINTS = 4000 /* beyond which columns are gathered */ };

typedef struct track {
    const hn_frame *frame;
    bool gathers;
    size_t went;   /* points since the line began */
    double x, y;   /* the last of them */
    double column; /* of those gathered */
    double first, low, high, last;
} track;

static void go(track *t, double x, double y)
{
    const hn_cairo *c = &t->frame->pen->library->cairo;
    (t->went ? c->line_to : c->move_to)(t->frame->pen->cr, x, y);
    t->went++;
    t->x = x;
    t->y = y;
}

static void flush(track *t)
{
    if (t->gathers && !isnan(t->column)) {
        double x = t->column / t->frame->pen->scale;
        go(t, x, t->first);
        go(t, x, t->low);
        go(t, x, t->high);
        go(t, x, t->last);
    }
    t->column = NAN;
}

static void add(track *t, double x, double y)
{
    if (!t->gathers) {
        go(t, x, y);
        return;
    }
    double column = floor(x * t->frame->pen->scale);
    if (column != t->column) {
        flush(t);
        t->column = column;
        t->first = t->low = t->high = y;
    }
    t->low = fmin(t->low, y);
    t->high = fmax(t->high, y);
    t->last = y;
}

/* A point that stands alone, which a line would not show, becomes a dash. */
static void lift(track *t)
{
    enum { REACH = 3 };
    const hn_cairo *c = &t->frame->pen->library->cairo;
    flush(t);
    if (t->went == 1) {
        c->move_to(t->frame->pen->cr, t->x - REACH, t->y);
        c->line_to(t->frame->pen->cr, t->x + REACH, t->y);
    }
    t->went = 0;
}

static void draw_band(const hn_frame *f, const hn_series *s, hn_color color)
{
    const hn_cairo *c = &f->pen->library->cairo;
    size_t begin = 0;
    for (size_t i = 0; i <= s->n; i++) {
        bool there = i < s->n && hn_frame_shows(f, hn_series_x(s, i), s->low[i]) &&
                     hn_frame_shows(f, hn_series_x(s, i), s->high[i]);
        if (there) {
            continue;
        }
        for (size_t k = begin; k < i; k++) {
            (k > begin ? c->line_to : c->move_to)(f->pen->cr, hn_frame_x(f, hn_series_x(s, k)),
                                                  hn_frame_y(f, s->high[k]));
        }
        for (size_t k = i; k > begin; k--) {
            c->line_to(f->pen->cr, hn_frame_x(f, hn_series_x(s, k - 1)), hn_frame_y(f, s->low[k - 1]));
        }
        begin = i + 1;
    }
    hn_pen_color(f->pen, color, 0.18);
    c->fill(f->pen->cr);
}

void hn_draw_line(const hn_frame *f, size_t series)
{
    const hn_series *s = &f->figure->series[series];
    const hn_cairo *c = &f->pen->library->cairo;
    hn_color color = hn_frame_paint(f, series);
    track t = {.frame = f, .gathers = s->n > MOST_POINTS, .column = NAN};
    if (s->low && s->high) {
        draw_band(f, s, color);
    }
    double y_before = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!hn_frame_shows(f, hn_series_x(s, i), hn_series_y(s, i))) {
            lift(&t);
            continue;
        }
        double x = hn_frame_x(f, hn_series_x(s, i)), y = hn_frame_y(f, hn_series_y(s, i));
        if (s->kind == HN_SERIES_STEPS && (t.went || !isnan(t.column))) {
            add(&t, x, y_before);
        }
        add(&t, x, y);
        y_before = y;
    }
    lift(&t);
    if (s->shade && s->n) {
        color = hn_frame_shade(f, s->shade[0]);
    }
    hn_pen_color(f->pen, color, s->faint ? 0.35 : 1);
    c->set_line_width(f->pen->cr, s->faint ? 1 : 2);
    c->set_line_join(f->pen->cr, HN_CAIRO_JOIN_ROUND);
    c->set_line_cap(f->pen->cr, HN_CAIRO_CAP_ROUND);
    c->stroke(f->pen->cr);
    c->set_line_cap(f->pen->cr, 0);
}
