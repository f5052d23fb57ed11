/* Bars and intervals. */
#include <math.h>

#include "base/memory.h"
#include "draw/series.h"
#include "view/figure_range.h"

/* A box between two corners. */
static hn_box between(double x0, double y0, double x1, double y1)
{
    return (hn_box){fmin(x0, x1), fmin(y0, y1), fabs(x1 - x0), fabs(y1 - y0)};
}

typedef struct bars {
    const hn_frame *frame;
    bool lying;
    size_t n_series, index; /* of the series with bars */
    double step;            /* from one place to the next, in units of the surface */
} bars;

/* From `from` to `to` along the bar. */
static void add_bar(const bars *b, double place, double from, double to)
{
    const hn_frame *f = b->frame;
    bool piled = f->figure->stacked;
    double thick = fmin(b->step * 0.8, 60) / (piled ? 1 : (double)b->n_series);
    double shift = piled ? -thick / 2 : ((double)b->index - (double)b->n_series / 2) * thick;
    const hn_figure_axis *along = b->lying ? &f->figure->x : &f->figure->y;
    const hn_axis *axis = b->lying ? &f->x : &f->y;
    from = hn_axis_shows(along, from) ? from : axis->low; /* there is no 0 on a log axis */
    if (b->lying) {
        double y = hn_frame_y(f, place) + shift;
        hn_pen_fill_box(f->pen, between(hn_frame_x(f, from), y, hn_frame_x(f, to), y + thick * 0.94));
    } else {
        double x = hn_frame_x(f, place) + shift;
        hn_pen_fill_box(f->pen, between(x, hn_frame_y(f, from), x + thick * 0.94, hn_frame_y(f, to)));
    }
}

static void add_whisker(const bars *b, double place, double low, double high)
{
    enum { CAP = 3 };
    const hn_frame *f = b->frame;
    double thick = fmin(b->step * 0.8, 60) / (double)b->n_series;
    double middle = ((double)b->index - (double)b->n_series / 2 + 0.5) * thick;
    hn_pen_color(f->pen, f->pen->theme->text, 0.8);
    if (b->lying) {
        double y = hn_frame_y(f, place) + middle, from = hn_frame_x(f, low), to = hn_frame_x(f, high);
        hn_pen_line(f->pen, from, y, to, y, 1.2, 0);
        hn_pen_line(f->pen, from, y - CAP, from, y + CAP, 1.2, 0);
        hn_pen_line(f->pen, to, y - CAP, to, y + CAP, 1.2, 0);
    } else {
        double x = hn_frame_x(f, place) + middle, from = hn_frame_y(f, low), to = hn_frame_y(f, high);
        hn_pen_line(f->pen, x, from, x, to, 1.2, 0);
        hn_pen_line(f->pen, x - CAP, from, x + CAP, from, 1.2, 0);
        hn_pen_line(f->pen, x - CAP, to, x + CAP, to, 1.2, 0);
    }
}

/* What the bars below series s come to at point i. */
static double pile(const hn_figure *figure, size_t s, size_t i, bool lying)
{
    double sum = 0;
    for (size_t k = 0; figure->stacked && k < s; k++) {
        const hn_series *below = &figure->series[k];
        if (below->kind == HN_SERIES_BARS && i < below->n) {
            double value = lying ? hn_series_x(below, i) : hn_series_y(below, i);
            sum += isfinite(value) ? value : 0;
        }
    }
    return sum;
}

static void draw_one(const bars *b, size_t series)
{
    const hn_frame *f = b->frame;
    const hn_series *s = &f->figure->series[series];
    const hn_figure_axis *along = b->lying ? &f->figure->x : &f->figure->y;
    for (size_t i = 0; i < s->n; i++) {
        double place = b->lying ? hn_series_y(s, i) : hn_series_x(s, i);
        double value = b->lying ? hn_series_x(s, i) : hn_series_y(s, i);
        double from = pile(f->figure, series, i, b->lying);
        if (isfinite(place) && hn_axis_shows(along, from + value)) {
            hn_pen_color(f->pen, s->shade ? hn_frame_shade(f, s->shade[i]) : hn_frame_paint(f, series), 1);
            add_bar(b, place, from, from + value);
        }
        if (isfinite(place) && s->low && s->high && hn_axis_shows(along, s->low[i]) &&
            hn_axis_shows(along, s->high[i])) {
            add_whisker(b, place, s->low[i], s->high[i]);
        }
    }
}

/* The least distance of places that are not categories. */
static double least_step(const hn_frame *f)
{
    double least = INFINITY;
    for (size_t k = 0; k < f->figure->n_series; k++) {
        const hn_series *s = &f->figure->series[k];
        for (size_t i = 1; s->kind == HN_SERIES_BARS && i < s->n; i++) {
            double step = fabs(hn_frame_x(f, hn_series_x(s, i)) - hn_frame_x(f, hn_series_x(s, i - 1)));
            least = step > 0 ? fmin(least, step) : least;
        }
    }
    return isfinite(least) ? least : f->area.width / 4;
}

void hn_draw_bars(const hn_frame *f)
{
    bars b = {.frame = f};
    for (size_t s = 0; s < f->figure->n_series; s++) {
        b.n_series += f->figure->series[s].kind == HN_SERIES_BARS;
    }
    for (size_t s = 0; s < f->figure->n_series; s++) {
        if (f->figure->series[s].kind != HN_SERIES_BARS) {
            continue;
        }
        b.lying = hn_series_lies(f->figure, &f->figure->series[s]);
        b.step = b.lying || f->figure->x.n_categories ? hn_frame_step(f, b.lying) : least_step(f);
        draw_one(&b, s);
        b.index++;
    }
}

static hn_color interval_color(const hn_frame *f, size_t series, size_t i)
{
    const hn_series *s = &f->figure->series[series];
    const hn_theme *theme = f->pen->theme;
    hn_mark mark = s->marks ? (hn_mark)s->marks[i] : HN_MARK_PLAIN;
    if (s->shade) {
        return hn_frame_shade(f, s->shade[i]);
    }
    return mark == HN_MARK_FAILED    ? theme->failed
           : mark == HN_MARK_PRUNED  ? theme->palette[1]
           : mark == HN_MARK_RUNNING ? theme->palette[2]
           : mark == HN_MARK_BEST    ? theme->star
                                     : hn_frame_paint(f, series);
}

void hn_draw_intervals(const hn_frame *f, size_t series)
{
    const hn_series *s = &f->figure->series[series];
    double step = f->figure->y.n_categories ? hn_frame_step(f, true) : f->area.height / 10;
    double thick = fmin(fmax(step * 0.72, 1), 26), least = 1 / f->pen->scale;
    double end_before = -INFINITY, row_before = NAN;
    for (size_t i = 0; i < s->n; i++) {
        double row = hn_series_y(s, i), x = hn_series_x(s, i), end = s->end[i];
        if (!hn_axis_shows(&f->figure->x, x) || !hn_axis_shows(&f->figure->x, end) || !isfinite(row)) {
            continue;
        }
        double from = hn_frame_x(f, x), to = fmax(hn_frame_x(f, end), from + least);
        if (row == row_before && to <= end_before) {
            continue; /* within the pixel of the one before */
        }
        double gap = to - from > 4 ? 0.8 : 0; /* seen between neighbours */
        hn_pen_color(f->pen, interval_color(f, series, i), 1);
        hn_pen_fill_box(f->pen, (hn_box){from, hn_frame_y(f, row) - thick / 2, to - from - gap, thick});
        row_before = row;
        end_before = to;
    }
}
