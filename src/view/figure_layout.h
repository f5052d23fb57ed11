/* view/figure_layout.h: a drawing between two axes on a terminal. One thread at a time. */
#ifndef HN_VIEW_FIGURE_LAYOUT_H
#define HN_VIEW_FIGURE_LAYOUT_H

#include "view/figure_parts.h"
#include "view/figure_range.h"

/* Where the drawing stands: labels of y, the y axis, the canvas. */
typedef struct hn_layout {
    const hn_drawing *drawing;
    hn_canvas canvas;
    hn_axis x, y;
    double shade_low, shade_high;
    size_t label_width;
    bool first_on_top; /* of the categories of y */
} hn_layout;

/* Places on the canvas. */
double hn_layout_across(const hn_layout *l, double x);
double hn_layout_down(const hn_layout *l, double y);
/* Grid, series and rules, onto the canvas. */
void hn_layout_draw(hn_layout *l);

#endif
