/* view/figure.h: figures as plain tables: what is to be seen, not how it is drawn. figure.c draws them on a
 * terminal, draw/ as files, figure_json.c and figure_csv.c write their numbers. Everything a figure points to
 * is borrowed. One thread at a time.
 *
 * A figure shows one of: series over two axes, with a grid of shades behind them or without; axes side by
 * side (`parallel`). Fields that are zero say nothing. What is not finite (or beyond 1e300), or not positive
 * on a log axis, is left out, and a line is broken there; a point that failed or runs then stands on the
 * lower edge.
 */
#ifndef HN_VIEW_FIGURE_H
#define HN_VIEW_FIGURE_H

#include "base/buffer.h"
#include "base/error.h"
#include "hone/app.h"

typedef struct hn_figure_axis {
    const char *title; /* NULL: none */
    bool log;
    bool time;                     /* seconds since 1970 UTC, shown as dates and hours */
    bool whole;                    /* numbers of which only whole ones mean something */
    size_t n_categories;           /* positions 0, 1, ... stand for these; 0: numbers */
    const char *const *categories; /* (n_categories,) */
    double low, high;              /* the range where low < high; otherwise that of the data */
    int better;                    /* -1: smaller is better, 1: larger is; 0: neither */
    bool diverging;                /* of shades: the middle of the range is neither, the ends are opposites */
} hn_figure_axis;

typedef enum hn_series_kind {
    HN_SERIES_LINE,      /* from point to point, with marks when there are few of them */
    HN_SERIES_STEPS,     /* y holds from its x to the next */
    HN_SERIES_POINTS,    /* marks alone */
    HN_SERIES_BARS,      /* from 0: upright, or lying when y is the axis with categories; low and high are
                            whiskers */
    HN_SERIES_INTERVALS, /* lying bars from x to end */
} hn_series_kind;

/* What became of the trial of a point. */
typedef enum hn_mark {
    HN_MARK_PLAIN,
    HN_MARK_BEST, /* a star, above all others */
    HN_MARK_PRUNED,
    HN_MARK_FAILED,
    HN_MARK_RUNNING,
    HN_MARK_INFEASIBLE, /* breaks a constraint */
    HN_MARK_COUNT
} hn_mark;

typedef struct hn_series {
    const char *name; /* in the legend; NULL: not there */
    hn_series_kind kind;
    size_t n;
    const double *x;           /* (n,) of lines and steps ascending; NULL: 0, 1, ... */
    const double *y;           /* (n,) the same */
    const double *end;         /* (n,) of intervals */
    const double *low, *high;  /* (n,): a band around y, of bars and points whiskers; NULL: none */
    const double *shade;       /* (n,) on the figure's axis `shade`; not finite: grey. NULL: one colour */
    const uint8_t *marks;      /* (n,) hn_mark; NULL: all plain */
    const char *const *labels; /* (n,) beside the points, an entry may be NULL; NULL: none */
    const int64_t *trials;     /* (n,) whose points they are, for whoever points at one; NULL: of none */
    bool faint;                /* in the background */
    unsigned paint; /* series that belong together have one colour: 1, 2, ...; 0: that of its place */
} hn_series;

static inline double hn_series_x(const hn_series *series, size_t i)
{
    return series->x ? series->x[i] : (double)i;
}

static inline double hn_series_y(const hn_series *series, size_t i)
{
    return series->y ? series->y[i] : (double)i;
}

/* A value for each place of two axes: over numbers filled contours, over categories cells. */
typedef struct hn_figure_grid {
    size_t n_x, n_y;
    const double *x, *y;  /* (n_x,), (n_y,) ascending; NULL: 0, 1, ... */
    const double *values; /* (n_y, n_x) on the axis `shade`, the first row at the bottom; not finite: empty */
    bool written;         /* the numbers stand in the cells */
} hn_figure_grid;

/* A line across the figure. */
typedef struct hn_figure_rule {
    double at;
    bool upright;     /* at an x, otherwise at a y */
    const char *name; /* NULL: none */
} hn_figure_rule;

/* A line a row through axes that stand side by side. */
typedef struct hn_figure_parallel {
    size_t n_axes, n;
    const hn_figure_axis *axes; /* (n_axes,) */
    const double *values;       /* (n, n_axes) not finite: the line is broken */
    const double *shade;        /* (n,) on the figure's axis `shade`; NULL: one colour */
    const uint8_t *marks;       /* (n,) hn_mark; NULL: all plain */
    const int64_t *trials;      /* (n,) NULL: of none */
} hn_figure_parallel;

typedef struct hn_figure {
    const char *title;
    const char *note; /* a sentence or two below; NULL: none */
    hn_figure_axis x, y;
    hn_figure_axis shade; /* of series, grid or parallel: the colour bar, or with categories a legend */
    size_t n_series;
    const hn_series *series; /* (n_series,) the last ones in front */
    bool stacked;            /* bars stand on each other instead of side by side */
    const hn_figure_grid *grid;
    const hn_figure_parallel *parallel;
    size_t n_rules;
    const hn_figure_rule *rules; /* (n_rules,) */
    const char *empty;           /* what is missing, when there is nothing to draw; NULL: nothing is */
} hn_figure;

/* Figures that are seen together. */
typedef struct hn_page {
    const char *kind;  /* "history", ...: for programs */
    const char *title; /* over all; NULL when there is one figure, which has its own */
    const char *note;  /* below all; NULL: none */
    size_t n_figures;
    const hn_figure *figures; /* (n_figures,) row by row */
    size_t columns;           /* of the grid of figures; 0: as fits */
    bool same_y;              /* one range of y for all, its labels once a row */
} hn_page;

/* On a terminal: as wide as the sink, at least 40 and at most 160 columns; the figures of a page one below
 * the other. */
hone_status hn_figure_draw(const hn_figure *figure, const hone_sink *sink, hone_error *err);
hone_status hn_page_draw(const hn_page *page, const hone_sink *sink, hone_error *err);

/* The page as JSON, with the names of the fields above, kinds and marks as words ("points", "pruned"); what
 * is not set is left out, what is not finite is null. Described in docs/verbs/plot.md. */
void hn_page_json(hn_buffer *out, const hn_page *page);
/* A line for each point, cell or line of a parallel figure, with those of the columns figure, series, trial,
 * x, y, end, low, high, shade, mark, label that the page has; exact numbers, categories as text. */
void hn_page_csv(hn_buffer *out, const hn_page *page);

#endif
