/* view/figure.h: figures as plain tables: what is to be seen, not how it is drawn; and their drawing on a
 * terminal. Everything a figure points to is borrowed. One thread at a time. */
#ifndef HN_VIEW_FIGURE_H
#define HN_VIEW_FIGURE_H

#include "base/error.h"
#include "hone/app.h"

typedef struct hn_figure_axis {
    const char *title; /* NULL: none */
    bool log;
    size_t n_categories;           /* positions 0, 1, ... stand for these; 0: numbers */
    const char *const *categories; /* (n_categories,) */
} hn_figure_axis;

typedef struct hn_series {
    const char *name; /* in the legend; NULL: not there */
    size_t n;
    const double *x;          /* (n,) ascending; not finite: left out, and a line is broken there */
    const double *y;          /* (n,) the same */
    const double *low, *high; /* (n,): a band around y; NULL: none */
    bool faint;               /* a line in the background, without marks */
} hn_series;

/* Lines with marks over a numeric x axis; bars, one or several for each category of x; or, with cells, shades
 * over two axes of categories. */
typedef struct hn_figure {
    const char *title;
    const char *note; /* a sentence or two below; NULL: none */
    hn_figure_axis x, y;
    size_t n_series;
    const hn_series *series; /* (n_series,) */
    const double *cells;     /* (y.n_categories, x.n_categories), the first row at the bottom; NULL: series */
} hn_figure;

/* As wide as the sink, at least 40 and at most 160 columns. */
hone_status hn_figure_draw(const hn_figure *figure, const hone_sink *sink, hone_error *err);

#endif
