/* Grid, lines, bands, points, intervals and rules on a canvas. */
#include <math.h>

#include "view/figure_layout.h"

static int paint_of(const hn_layout *l, size_t s)
{
    unsigned paint = l->drawing->figure->series[s].paint;
    return 1 + (int)((paint ? paint - 1 : s) % HN_PAINTS);
}

static bool is_there(const hn_layout *l, const hn_series *series, size_t i)
{
    return hn_axis_shows(&l->drawing->figure->x, hn_series_x(series, i)) &&
           hn_axis_shows(&l->drawing->figure->y, hn_series_y(series, i));
}

/* --- lines --- */

/* Column by column between two points, the ends of the band being straight lines. */
static void draw_band(hn_layout *l, const hn_series *series, int paint)
{
    size_t dots = hn_canvas_dots_x(&l->canvas);
    for (size_t i = 0; i + 1 < series->n; i++) {
        if (!is_there(l, series, i) || !is_there(l, series, i + 1)) {
            continue;
        }
        double from = hn_layout_across(l, hn_series_x(series, i));
        double to = hn_layout_across(l, hn_series_x(series, i + 1));
        for (size_t dot = (size_t)ceil(fmax(from, 0) * (double)(dots - 1)); dot < dots; dot++) {
            double place = (double)dot / (double)(dots - 1);
            double share = to > from ? (place - from) / (to - from) : 0;
            if (place > to) {
                break;
            }
            double high = hn_layout_down(l, series->high[i]),
                   next_high = hn_layout_down(l, series->high[i + 1]);
            double low = hn_layout_down(l, series->low[i]), next_low = hn_layout_down(l, series->low[i + 1]);
            hn_canvas_shade(&l->canvas, dot, high + share * (next_high - high),
                            low + share * (next_low - low), paint);
        }
    }
}

static void draw_line(hn_layout *l, const hn_series *series, int paint)
{
    bool steps = series->kind == HN_SERIES_STEPS;
    for (size_t i = 0; i + 1 < series->n; i++) {
        if (!is_there(l, series, i) || !is_there(l, series, i + 1)) {
            continue;
        }
        double x = hn_layout_across(l, hn_series_x(series, i)), y = hn_layout_down(l, hn_series_y(series, i));
        double next_x = hn_layout_across(l, hn_series_x(series, i + 1));
        double next_y = hn_layout_down(l, hn_series_y(series, i + 1));
        hn_canvas_line(&l->canvas, x, y, next_x, steps ? y : next_y, paint);
        if (steps) {
            hn_canvas_line(&l->canvas, next_x, y, next_x, next_y, paint);
        }
    }
}

/* --- points --- */

/* The character and paint of a point: by its mark, its shade, its series. */
static const char *mark_of(const hn_layout *l, size_t s, size_t i, int *paint)
{
    const hn_figure *figure = l->drawing->figure;
    const hn_series *series = &figure->series[s];
    hn_mark mark = series->marks ? (hn_mark)series->marks[i] : HN_MARK_PLAIN;
    *paint = series->faint ? HN_PAINT_FAINT : paint_of(l, s);
    const char *text = hn_figure_mark(l->drawing, (size_t)paint_of(l, s) - 1);
    if (series->shade) {
        text = hn_figure_shade_mark(l->drawing, series->shade[i], l->shade_low, l->shade_high, paint);
    }
    if (mark != HN_MARK_PLAIN) {
        text = hn_figure_state_mark(l->drawing, mark, paint);
    }
    return text;
}

/* Trials without a value that failed or still run stand on the lower edge. */
static bool place_of(const hn_layout *l, const hn_series *series, size_t i, double *x, double *y)
{
    hn_mark mark = series->marks ? (hn_mark)series->marks[i] : HN_MARK_PLAIN;
    bool without = mark == HN_MARK_FAILED || mark == HN_MARK_RUNNING;
    bool valued = is_there(l, series, i);
    if (!valued && !(without && hn_axis_shows(&l->drawing->figure->x, hn_series_x(series, i)))) {
        return false;
    }
    *x = hn_layout_across(l, hn_series_x(series, i));
    *y = valued ? hn_layout_down(l, hn_series_y(series, i)) : 1;
    return true;
}

static void draw_whiskers(hn_layout *l, size_t s)
{
    const hn_series *series = &l->drawing->figure->series[s];
    for (size_t i = 0; i < series->n; i++) {
        if (is_there(l, series, i) && hn_axis_shows(&l->drawing->figure->y, series->low[i]) &&
            hn_axis_shows(&l->drawing->figure->y, series->high[i])) {
            double x = hn_layout_across(l, hn_series_x(series, i));
            hn_canvas_line(&l->canvas, x, hn_layout_down(l, series->low[i]), x,
                           hn_layout_down(l, series->high[i]), paint_of(l, s));
        }
    }
}

/* Of many points plain ones are dots. */
static void draw_points(hn_layout *l, size_t s)
{
    static const hn_mark order[] = {HN_MARK_PLAIN,  HN_MARK_RUNNING,    HN_MARK_FAILED,
                                    HN_MARK_PRUNED, HN_MARK_INFEASIBLE, HN_MARK_BEST};
    const hn_series *series = &l->drawing->figure->series[s];
    bool dots = series->n > l->canvas.width * l->canvas.height / 4;
    for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
        for (size_t i = 0; i < series->n; i++) {
            double x, y;
            int paint;
            hn_mark mark = series->marks ? (hn_mark)series->marks[i] : HN_MARK_PLAIN;
            if (mark != order[k] || !place_of(l, series, i, &x, &y)) {
                continue;
            }
            const char *text = mark_of(l, s, i, &paint);
            if (dots && mark != HN_MARK_BEST) {
                hn_canvas_dot(&l->canvas, x, y, paint);
            } else {
                hn_canvas_mark(&l->canvas, x, y, text, paint);
            }
        }
    }
}

/* Bars over numbers: upright lines from 0, or from the edge. */
static void draw_bars(hn_layout *l, size_t s)
{
    const hn_series *series = &l->drawing->figure->series[s];
    double zero = hn_axis_shows(&l->drawing->figure->y, 0) ? hn_layout_down(l, 0) : 1;
    for (size_t i = 0; i < series->n; i++) {
        if (is_there(l, series, i)) {
            double x = hn_layout_across(l, hn_series_x(series, i));
            hn_canvas_line(&l->canvas, x, zero, x, hn_layout_down(l, hn_series_y(series, i)), paint_of(l, s));
        }
    }
}

static void draw_intervals(hn_layout *l, size_t s)
{
    const hn_series *series = &l->drawing->figure->series[s];
    double dot = 1 / (double)(hn_canvas_dots_y(&l->canvas) - 1);
    for (size_t i = 0; i < series->n; i++) {
        double end = series->end[i];
        if (is_there(l, series, i) && isfinite(end)) {
            double y = hn_layout_down(l, hn_series_y(series, i));
            double from = hn_layout_across(l, hn_series_x(series, i)), to = hn_layout_across(l, end);
            hn_canvas_line(&l->canvas, from, y, to, y, paint_of(l, s));
            hn_canvas_line(&l->canvas, from, y + dot, to, y + dot, paint_of(l, s));
        }
    }
}

/* --- grid and rules --- */

/* The index of the cell below value, and how far it is to the next. False outside. */
static bool find_cell(const double *places, size_t n, double value, size_t *at, double *share)
{
    size_t i = 0;
    while (i + 2 < n && (places ? places[i + 1] : (double)(i + 1)) <= value) {
        i++;
    }
    double from = places ? places[i] : (double)i, to = places ? places[i + 1] : (double)(i + 1);
    *at = i;
    *share = (value - from) / (to - from);
    return n > 1 && *share >= -1e-9 && *share <= 1 + 1e-9;
}

static double value_at(const hn_axis *axis, double place)
{
    return axis->log ? axis->low * pow(axis->high / axis->low, place)
                     : axis->low + place * (axis->high - axis->low);
}

static void draw_grid(hn_layout *l)
{
    const hn_figure_grid *g = l->drawing->figure->grid;
    for (size_t cell = 0; cell < l->canvas.width * l->canvas.height; cell++) {
        size_t canvas_column = cell % l->canvas.width, canvas_row = cell / l->canvas.width;
        double x = (double)canvas_column / (double)(l->canvas.width - 1), a, b;
        double y = (double)canvas_row / (double)(l->canvas.height - 1);
        size_t column, row;
        if (!find_cell(g->x, g->n_x, value_at(&l->x, x), &column, &a) ||
            !find_cell(g->y, g->n_y, value_at(&l->y, 1 - y), &row, &b)) {
            continue;
        }
        const double *v = g->values + row * g->n_x + column;
        double value = (1 - b) * ((1 - a) * v[0] + a * v[1]) + b * ((1 - a) * v[g->n_x] + a * v[g->n_x + 1]);
        int paint = HN_PAINT_FAINT;
        const char *text = hn_figure_shade_block(l->drawing, value, l->shade_low, l->shade_high, &paint);
        if (text) {
            hn_canvas_mark(&l->canvas, x, y, text, paint);
        }
    }
}

/* Dots with gaps. */
static void draw_rule(hn_layout *l, const hn_figure_rule *rule)
{
    const hn_figure *figure = l->drawing->figure;
    size_t dots = rule->upright ? hn_canvas_dots_y(&l->canvas) : hn_canvas_dots_x(&l->canvas);
    if (!hn_axis_shows(rule->upright ? &figure->x : &figure->y, rule->at)) {
        return;
    }
    double at = rule->upright ? hn_layout_across(l, rule->at) : hn_layout_down(l, rule->at);
    for (size_t i = 0; i < dots; i += 3) {
        double along = (double)i / (double)(dots - 1);
        hn_canvas_dot(&l->canvas, rule->upright ? at : along, rule->upright ? along : at, HN_PAINT_FAINT);
    }
}

/* --- all --- */

static bool is_line(const hn_series *series)
{
    return series->kind == HN_SERIES_LINE || series->kind == HN_SERIES_STEPS;
}

void hn_layout_draw(hn_layout *l)
{
    const hn_figure *figure = l->drawing->figure;
    if (figure->grid) {
        draw_grid(l);
    }
    for (size_t i = 0; i < figure->n_rules; i++) {
        draw_rule(l, &figure->rules[i]);
    }
    for (size_t s = 0; s < figure->n_series; s++) {
        const hn_series *series = &figure->series[s];
        if (series->low && is_line(series) && !l->canvas.ascii) {
            draw_band(l, series, paint_of(l, s));
        } else if (series->faint && is_line(series)) {
            draw_line(l, series, HN_PAINT_FAINT);
        } else if (series->kind == HN_SERIES_INTERVALS) {
            draw_intervals(l, s);
        } else if (series->kind == HN_SERIES_BARS) {
            draw_bars(l, s);
        } else if (series->kind == HN_SERIES_POINTS && series->low && series->high) {
            draw_whiskers(l, s);
        }
    }
    for (size_t s = 0; s < figure->n_series; s++) {
        if (!figure->series[s].faint && is_line(&figure->series[s])) {
            draw_line(l, &figure->series[s], paint_of(l, s));
        }
    }
    for (int faint = 1; faint >= 0; faint--) {
        for (size_t s = figure->n_series; s-- > 0;) { /* of marks in one place the first series' is seen */
            const hn_series *series = &figure->series[s];
            bool marked = series->kind == HN_SERIES_POINTS || (series->kind == HN_SERIES_LINE && !faint);
            if (marked && series->faint == faint) {
                draw_points(l, s);
            }
        }
    }
}
