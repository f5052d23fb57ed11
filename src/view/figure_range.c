#include "view/figure_range.h"

#include <math.h>

typedef struct range {
    const hn_figure_axis *axis;
    double low, high;
} range;

bool hn_series_lies(const hn_figure *figure, const hn_series *series)
{
    return series->kind == HN_SERIES_BARS && figure->y.n_categories && !figure->x.n_categories;
}

bool hn_axis_shows(const hn_figure_axis *axis, double value)
{
    return fabs(value) <= HN_AXIS_MOST && (!axis->log || value > 0);
}

static void widen(range *r, double value)
{
    if (hn_axis_shows(r->axis, value)) {
        r->low = fmin(r->low, value);
        r->high = fmax(r->high, value);
    }
}

static void widen_all(range *r, const double *values, size_t n)
{
    for (size_t i = 0; values && i < n; i++) {
        widen(r, values[i]);
    }
}

/* --- series --- */

/* The axis along which low and high, and the lengths of bars, are measured. */
static hn_direction_of measured(const hn_figure *figure, const hn_series *series)
{
    return hn_series_lies(figure, series) ? HN_OF_X : HN_OF_Y;
}

/* Bars that stand on each other: the ends of the piles. */
static void add_piles(range *r, const hn_figure *figure, hn_direction_of of)
{
    size_t n = figure->n_series ? figure->series[0].n : 0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t s = 0; s < figure->n_series; s++) {
            const hn_series *series = &figure->series[s];
            if (i < series->n && series->kind == HN_SERIES_BARS) {
                double value = of == HN_OF_X ? hn_series_x(series, i) : hn_series_y(series, i);
                sum += isfinite(value) ? value : 0;
            }
        }
        widen(r, sum);
    }
}

static void add_series(range *r, const hn_figure *figure, const hn_series *series, hn_direction_of of)
{
    bool along = measured(figure, series) == of, bars = series->kind == HN_SERIES_BARS;
    for (size_t i = 0; i < series->n && !(bars && along && figure->stacked); i++) {
        widen(r, of == HN_OF_X ? hn_series_x(series, i) : hn_series_y(series, i));
    }
    if (bars && along) {
        widen(r, 0);
    }
    if (along) {
        widen_all(r, series->low, series->n);
        widen_all(r, series->high, series->n);
    }
    if (of == HN_OF_X) {
        widen_all(r, series->end, series->n);
    }
}

static void add_grid(range *r, const hn_figure_grid *grid, hn_direction_of of)
{
    const double *places = of == HN_OF_X ? grid->x : grid->y;
    size_t n = of == HN_OF_X ? grid->n_x : grid->n_y;
    widen_all(r, places, n);
    if (!places && n) {
        widen(r, 0);
        widen(r, (double)n - 1);
    }
}

/* --- the whole --- */

/* Not empty; of times a second at least. */
static void settle(range *r)
{
    if (r->low > r->high) {
        r->low = r->axis->log ? 1 : 0;
        r->high = r->axis->log ? 10 : 1;
    }
    double least = r->axis->time ? 1 : fmax(fabs(r->low), fabs(r->high)) * 1e-12;
    if (!(r->high - r->low > least)) {
        double around = fabs(r->low) > 0 ? fabs(r->low) * 0.1 : 1;
        around = r->axis->time ? 0.5 : r->axis->whole ? 0.6 : around;
        r->low = r->axis->log ? r->low / 1.5 : r->low - around;
        r->high = r->axis->log ? r->high * 1.5 : r->high + around;
    }
}

void hn_figure_range(const hn_figure *figure, hn_direction_of of, double *low, double *high)
{
    range r = {of == HN_OF_X ? &figure->x : &figure->y, INFINITY, -INFINITY};
    bool given = r.axis->low < r.axis->high;
    for (size_t s = 0; !given && s < figure->n_series; s++) {
        add_series(&r, figure, &figure->series[s], of);
    }
    if (!given && figure->stacked && figure->n_series && measured(figure, figure->series) == of) {
        add_piles(&r, figure, of);
    }
    if (!given && figure->grid) {
        add_grid(&r, figure->grid, of);
    }
    for (size_t i = 0; !given && i < figure->n_rules; i++) {
        if (figure->rules[i].upright == (of == HN_OF_X)) {
            widen(&r, figure->rules[i].at);
        }
    }
    if (given) {
        r.low = r.axis->low;
        r.high = r.axis->high;
    } else if (r.axis->n_categories) {
        r.low = -0.5;
        r.high = (double)r.axis->n_categories - 0.5;
    }
    settle(&r);
    *low = r.low;
    *high = r.high;
}

bool hn_figure_shade_range(const hn_figure *figure, double *low, double *high)
{
    range r = {&figure->shade, INFINITY, -INFINITY};
    for (size_t s = 0; s < figure->n_series; s++) {
        widen_all(&r, figure->series[s].shade, figure->series[s].n);
    }
    if (figure->grid) {
        widen_all(&r, figure->grid->values, figure->grid->n_x * figure->grid->n_y);
    }
    if (figure->parallel) {
        widen_all(&r, figure->parallel->shade, figure->parallel->n);
    }
    bool any = r.low <= r.high;
    if (r.axis->low < r.axis->high) {
        r.low = r.axis->low;
        r.high = r.axis->high;
    }
    settle(&r);
    *low = r.low;
    *high = r.high;
    return any;
}

void hn_figure_cell_text(const hn_figure *figure, double value, int digits, char text[HN_NUMBER_SIZE])
{
    const hn_figure_axis *shade = &figure->shade;
    if (shade->low < shade->high) {
        hn_format_fixed(text, value, hn_decimals_for((shade->high - shade->low) / 200));
    } else {
        hn_format_short(text, value, digits);
    }
}

void hn_figure_axis_over(const hn_figure_axis *of, double low, double high, size_t wanted, hn_axis *axis)
{
    if (of->whole && !of->log && (double)wanted > high - low) {
        wanted = (size_t)ceil(high - low);
    }
    if (of->time) {
        hn_axis_make_time(low, high, wanted, axis);
    } else {
        hn_axis_make(low, high, of->log, wanted, axis);
    }
}

void hn_figure_axis_make(const hn_figure *figure, hn_direction_of of, double room, size_t wanted,
                         hn_axis *axis)
{
    const hn_figure_axis *which = of == HN_OF_X ? &figure->x : &figure->y;
    double low, high;
    hn_figure_range(figure, of, &low, &high);
    bool tight = which->n_categories || which->low < which->high || (figure->grid && !figure->n_series);
    if (which->log && low > 0) {
        double factor = tight ? 1 : exp((log(high) - log(low)) * room);
        low /= factor;
        high *= factor;
    } else {
        double margin = tight ? 0 : (high - low) * room;
        bool stands = low == 0 && figure->n_series && figure->series[0].kind == HN_SERIES_BARS;
        low -= stands ? 0 : margin; /* bars stand on the axis */
        high += margin;
    }
    hn_figure_axis_over(which, low, high, wanted, axis);
}
