/* Fewer points, the same picture: of the plain points in one small cell of a figure only the first is kept.
 */
#include <math.h>
#include <string.h>

#include "app/dashboard.h"
#include "base/memory.h"

enum { MOST_POINTS = 4000, CELLS = 256 };

typedef struct extent {
    bool log;
    double low, scale;
} extent;

static double placed(const extent *at, double value)
{
    double v = at->log ? log(value) : value;
    return (v - at->low) * at->scale;
}

static extent extent_of(const hn_figure_axis *axis, const double *values, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        double v = axis->log ? log(values ? values[i] : (double)i) : values ? values[i] : (double)i;
        low = isfinite(v) && v < low ? v : low;
        high = isfinite(v) && v > high ? v : high;
    }
    return (extent){axis->log, low, high > low ? (CELLS - 1) / (high - low) : 0};
}

/* Keeps of `from` the entries listed in `kept` (n,). */
static const double *pick(hn_arena *arena, const double *from, const size_t *kept, size_t n)
{
    double *to = from ? HN_ARENA_NEW(arena, double, n) : NULL;
    for (size_t i = 0; to && i < n; i++) {
        to[i] = from[kept[i]];
    }
    return to;
}

static hone_status keep(hn_series *series, const size_t *kept, size_t n, hn_arena *arena, hone_error *err)
{
    hn_series thin = *series;
    uint8_t *marks = HN_ARENA_NEW(arena, uint8_t, n);
    int64_t *trials = HN_ARENA_NEW(arena, int64_t, n);
    const char **labels = HN_ARENA_NEW(arena, const char *, n);
    double *x = HN_ARENA_NEW(arena, double, n), *y = HN_ARENA_NEW(arena, double, n);
    if (!marks || !trials || !labels || !x || !y) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        x[i] = hn_series_x(series, kept[i]);
        y[i] = hn_series_y(series, kept[i]);
        marks[i] = series->marks ? series->marks[kept[i]] : HN_MARK_PLAIN;
        trials[i] = series->trials ? series->trials[kept[i]] : -1;
        labels[i] = series->labels ? series->labels[kept[i]] : NULL;
    }
    thin.n = n;
    thin.x = x;
    thin.y = y;
    thin.marks = series->marks ? marks : NULL;
    thin.trials = series->trials ? trials : NULL;
    thin.labels = series->labels ? labels : NULL;
    thin.low = pick(arena, series->low, kept, n);
    thin.high = pick(arena, series->high, kept, n);
    thin.shade = pick(arena, series->shade, kept, n);
    if ((series->low && !thin.low) || (series->high && !thin.high) || (series->shade && !thin.shade)) {
        return hn_out_of_memory(err);
    }
    *series = thin;
    return HONE_OK;
}

/* A cell a kind of mark, so that failed trials do not vanish behind others. */
static hone_status thin_points(const hn_figure *figure, hn_series *series, hn_arena *arena, hone_error *err)
{
    extent x = extent_of(&figure->x, series->x, series->n), y = extent_of(&figure->y, series->y, series->n);
    uint8_t *taken = hn_calloc((size_t)CELLS * CELLS, 1);
    size_t *kept = hn_calloc(series->n, sizeof *kept), n = 0;
    hone_status status = taken && kept ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < series->n; i++) {
        double at_x = placed(&x, hn_series_x(series, i)), at_y = placed(&y, hn_series_y(series, i));
        hn_mark mark = series->marks ? series->marks[i] : HN_MARK_PLAIN;
        bool labelled = series->labels && series->labels[i];
        if (!isfinite(at_x) || !isfinite(at_y)) {
            continue;
        }
        uint8_t *cell = &taken[(size_t)at_y * CELLS + (size_t)at_x], bit = (uint8_t)(1u << mark);
        if (mark == HN_MARK_BEST || labelled || !(*cell & bit)) {
            kept[n++] = i;
        }
        *cell |= bit;
    }
    if (!status) {
        status = keep(series, kept, n, arena, err);
    }
    hn_free(taken);
    hn_free(kept);
    return status;
}

static hone_status thin_figure(hn_figure *figure, hn_arena *arena, hone_error *err)
{
    hone_status status = HONE_OK;
    hn_series *series = HN_ARENA_NEW(arena, hn_series, figure->n_series + 1);
    if (!series) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < figure->n_series && !status; i++) {
        series[i] = figure->series[i];
        if (series[i].kind == HN_SERIES_POINTS && series[i].n > MOST_POINTS) {
            status = thin_points(figure, &series[i], arena, err);
        }
    }
    figure->series = series;
    return status;
}

hone_status hn_page_thin(hn_page *page, hn_arena *arena, hone_error *err)
{
    hone_status status = HONE_OK;
    hn_figure *figures = HN_ARENA_NEW(arena, hn_figure, page->n_figures + 1);
    if (!figures) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < page->n_figures && !status; i++) {
        figures[i] = page->figures[i];
        status = thin_figure(&figures[i], arena, err);
    }
    page->figures = figures;
    return status;
}
