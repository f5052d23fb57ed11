/* Fewer points, the same picture: what a screen could not tell apart is sent once. */
#include <math.h>
#include <string.h>

#include "app/dashboard.h"
#include "base/memory.h"

/* A figure in a page is some 450 pixels wide and 250 high, a mark six: no mark is moved by more than one. */
enum { MOST_POINTS = 4000, CELLS_X = 90, CELLS_Y = 50, COLUMNS = 900 };

/* Where values lie between the ends of an axis, from 0 to 1. */
typedef struct extent {
    bool log;
    double low, scale;
} extent;

static double scaled(const extent *at, double value)
{
    return at->log ? log(value) : value;
}

static double placed(const extent *at, double value)
{
    return (scaled(at, value) - at->low) * at->scale;
}

static extent extent_of(const hn_figure_axis *axis, const hn_series *series,
                        double (*value)(const hn_series *, size_t))
{
    extent at = {.log = axis->log};
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < series->n; i++) {
        double v = scaled(&at, value(series, i));
        low = isfinite(v) && v < low ? v : low;
        high = isfinite(v) && v > high ? v : high;
    }
    at.low = low;
    at.scale = high > low ? 1 / (high - low) : 0;
    return at;
}

/* --- what is kept --- */

/* Of `from` (a member of size bytes for each point) the entries listed in kept (n,); NULL for NULL. */
static void *pick(hn_arena *arena, const void *from, size_t size, const size_t *kept, size_t n, bool *failed)
{
    char *to = from ? hn_arena_alloc(arena, n ? n : 1, size) : NULL;
    *failed = *failed || (from && !to);
    for (size_t i = 0; to && i < n; i++) {
        memcpy(to + i * size, (const char *)from + kept[i] * size, size);
    }
    return to;
}

static hone_status keep(hn_series *series, const size_t *kept, size_t n, hn_arena *arena, hone_error *err)
{
    hn_series s = *series;
    bool failed = false;
    double *x = HN_ARENA_NEW(arena, double, n), *y = HN_ARENA_NEW(arena, double, n);
    for (size_t i = 0; x && y && i < n; i++) { /* those that were not there count the points */
        x[i] = hn_series_x(series, kept[i]);
        y[i] = hn_series_y(series, kept[i]);
    }
    s.n = n;
    s.x = x;
    s.y = y;
    s.end = pick(arena, series->end, sizeof *s.end, kept, n, &failed);
    s.low = pick(arena, series->low, sizeof *s.low, kept, n, &failed);
    s.high = pick(arena, series->high, sizeof *s.high, kept, n, &failed);
    s.shade = pick(arena, series->shade, sizeof *s.shade, kept, n, &failed);
    s.marks = pick(arena, series->marks, sizeof *s.marks, kept, n, &failed);
    s.trials = pick(arena, series->trials, sizeof *s.trials, kept, n, &failed);
    s.labels = pick(arena, (const void *)series->labels, sizeof *s.labels, kept, n, &failed);
    if (!x || !y || failed) {
        return hn_out_of_memory(err);
    }
    *series = s;
    return HONE_OK;
}

/* --- points: the first in each cell, a cell for each kind of mark, so that failed trials do not vanish
 * behind others --- */

static size_t choose_points(const hn_figure *figure, const hn_series *series, uint8_t *taken, size_t *kept)
{
    extent x = extent_of(&figure->x, series, hn_series_x), y = extent_of(&figure->y, series, hn_series_y);
    size_t n = 0;
    for (size_t i = 0; i < series->n; i++) {
        double at_x = placed(&x, hn_series_x(series, i)), at_y = placed(&y, hn_series_y(series, i));
        hn_mark mark = series->marks ? series->marks[i] : HN_MARK_PLAIN;
        bool labelled = series->labels && series->labels[i];
        if (!isfinite(at_x) || !isfinite(at_y)) {
            continue;
        }
        uint8_t *cell = &taken[(size_t)(at_y * (CELLS_Y - 1)) * CELLS_X + (size_t)(at_x * (CELLS_X - 1))];
        uint8_t bit = (uint8_t)(1u << mark);
        if (mark == HN_MARK_BEST || labelled || !(*cell & bit)) {
            kept[n++] = i;
        }
        *cell |= bit;
    }
    return n;
}

/* --- lines and steps: in each column of pixels the first, the lowest, the highest and the last --- */

static void add_column(const hn_series *series, size_t begin, size_t end, size_t *kept, size_t *n)
{
    size_t low = begin, high = begin;
    for (size_t i = begin; i < end; i++) {
        low = hn_series_y(series, i) < hn_series_y(series, low) ? i : low;
        high = hn_series_y(series, i) > hn_series_y(series, high) ? i : high;
    }
    size_t wanted[] = {begin, low < high ? low : high, low < high ? high : low, end - 1};
    for (size_t k = 0; k < 4; k++) {
        if (!*n || kept[*n - 1] < wanted[k]) {
            kept[(*n)++] = wanted[k];
        }
    }
}

static size_t choose_line(const hn_figure *figure, const hn_series *series, size_t *kept)
{
    extent x = extent_of(&figure->x, series, hn_series_x);
    size_t n = 0, begin = 0;
    for (size_t i = 1; i <= series->n; i++) {
        double here = i < series->n ? floor(placed(&x, hn_series_x(series, i)) * COLUMNS) : INFINITY;
        if (here != floor(placed(&x, hn_series_x(series, begin)) * COLUMNS)) {
            add_column(series, begin, i, kept, &n);
            begin = i;
        }
    }
    return n;
}

/* --- lying bars: the longest of those that begin in one column of a row --- */

static double length(const hn_series *series, size_t i)
{
    return series->end ? series->end[i] - hn_series_x(series, i) : 0;
}

static size_t choose_intervals(const hn_figure *figure, const hn_series *series, size_t *longest,
                               size_t *kept)
{
    extent x = extent_of(&figure->x, series, hn_series_x), y = extent_of(&figure->y, series, hn_series_y);
    size_t n = 0;
    for (size_t i = 0; i < series->n; i++) {
        double at_x = placed(&x, hn_series_x(series, i)), at_y = placed(&y, hn_series_y(series, i));
        if (!isfinite(at_x) || !isfinite(at_y)) {
            continue;
        }
        size_t *cell = &longest[(size_t)(at_y * (CELLS_Y - 1)) * CELLS_X + (size_t)(at_x * (CELLS_X - 1))];
        if (!*cell || length(series, i) > length(series, *cell - 1)) {
            *cell = i + 1;
        }
    }
    for (size_t c = 0; c < (size_t)CELLS_X * CELLS_Y; c++) {
        if (longest[c]) {
            kept[n++] = longest[c] - 1;
        }
    }
    return n;
}

/* --- the page --- */

static hone_status thin_series(const hn_figure *figure, hn_series *series, hn_arena *arena, hone_error *err)
{
    size_t *cells = hn_calloc((size_t)CELLS_X * CELLS_Y, sizeof *cells);
    size_t *kept = hn_calloc(series->n + 4, sizeof *kept), n = 0;
    hone_status status = cells && kept ? HONE_OK : hn_out_of_memory(err);
    if (!status) {
        switch (series->kind) {
        case HN_SERIES_POINTS: n = choose_points(figure, series, (uint8_t *)cells, kept); break;
        case HN_SERIES_INTERVALS: n = choose_intervals(figure, series, cells, kept); break;
        case HN_SERIES_LINE:
        case HN_SERIES_STEPS:
        case HN_SERIES_BARS: n = choose_line(figure, series, kept); break;
        }
        status = keep(series, kept, n, arena, err);
    }
    hn_free(cells);
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
        if (series[i].n > MOST_POINTS && series[i].kind != HN_SERIES_BARS) {
            status = thin_series(figure, &series[i], arena, err);
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
