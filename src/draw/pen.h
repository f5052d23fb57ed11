/* draw/pen.h: texts and shapes on a surface, in units of which there are 96 an inch, y downwards. One thread
 * at a time. */
#ifndef HN_DRAW_PEN_H
#define HN_DRAW_PEN_H

#include "base/buffer.h"
#include "draw/library.h"
#include "draw/theme.h"
#include "view/figure.h"

typedef struct hn_pen {
    const hn_drawing_library *library;
    const hn_theme *theme;
    void *cr, *layout, *font;
    double scale;   /* pixels a unit; of a file without pixels 1 */
    hn_buffer text; /* scratch */
} hn_pen;

typedef struct hn_box {
    double x, y, width, height;
} hn_box;

/* How a text is set. */
typedef struct hn_lettering {
    double size;
    bool bold;
    double width; /* at most; longer text is wrapped into lines, the last one cut with an ellipsis. 0: any */
    int lines;    /* at most; 0: one */
    double across,
        down;     /* the part of the text that stands at the place: 0 its left (upper) end, 1 the other */
    double angle; /* in quarters of a circle, clockwise */
    hn_color color;
} hn_lettering;

/* What it takes, before it is turned. */
void hn_pen_measure(hn_pen *pen, const char *text, const hn_lettering *how, double *width, double *height);
void hn_pen_text(hn_pen *pen, const char *text, double x, double y, const hn_lettering *how);

void hn_pen_color(hn_pen *pen, hn_color color, double alpha);
/* Sets width and colour, strokes. dash 0: none. */
void hn_pen_line(hn_pen *pen, double x0, double y0, double x1, double y1, double width, double dash);
void hn_pen_fill_box(hn_pen *pen, hn_box box);
/* A mark at a place: a disc, or what a state has. */
void hn_pen_mark(hn_pen *pen, hn_mark mark, double x, double y, double radius, hn_color color);
/* The nearest boundary of pixels. */
double hn_pen_snap(const hn_pen *pen, double place);

#endif
