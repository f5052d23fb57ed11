/* draw/legend.h: what colours and marks mean: a legend above the area, a colour bar beside it. One thread at
 * a time. */
#ifndef HN_DRAW_LEGEND_H
#define HN_DRAW_LEGEND_H

#include "draw/frame.h"

/* What a legend has of several figures together: each once. Draws within the box's width, unless it only
 * measures; the height it takes, 0: there is nothing to tell. */
double hn_draw_legend(hn_pen *pen, const hn_figure *figures, size_t n, hn_box box, bool measure);

/* The width of a colour bar with its labels, 0: the figure has none. */
double hn_color_bar_width(hn_pen *pen, const hn_figure *figure);
/* In a box of that width. */
void hn_draw_color_bar(hn_pen *pen, const hn_figure *figure, hn_box box);

#endif
