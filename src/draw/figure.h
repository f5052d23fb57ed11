/* draw/figure.h: one figure within a box. One thread at a time. */
#ifndef HN_DRAW_FIGURE_H
#define HN_DRAW_FIGURE_H

#include "draw/pen.h"

/* What a figure shows by itself; the rest its page shows once for all. */
typedef enum hn_panel {
    HN_PANEL_WHOLE,
    HN_PANEL_SHADED, /* no legend, a smaller title */
    HN_PANEL_PLAIN,  /* nor a colour bar */
} hn_panel;

/* Title, legend, colour bar, area, note. range_y: as in hn_frame_make. */
hone_status hn_draw_figure(hn_pen *pen, const hn_figure *figure, hn_box box, hn_panel panel,
                           const double *range_y, hone_error *err);
/* Writes a paragraph at the box's upper edge, cut after `lines`; the height it took. bold: a title. */
double hn_draw_paragraph(hn_pen *pen, const char *text, hn_box box, double size, bool bold, int lines);

#endif
