/* draw/frame.h: the two axes of a figure and where its values stand between them. One thread at a time. */
#ifndef HN_DRAW_FRAME_H
#define HN_DRAW_FRAME_H

#include "draw/pen.h"
#include "view/axis.h"

enum { HN_TEXT_SIZE = 11, HN_TITLE_SIZE = 14 };

typedef struct hn_frame {
    hn_pen *pen;
    const hn_figure *figure;
    hn_box area; /* between the axes */
    hn_axis x, y;
    double labels; /* the width of those of y */
    bool down;     /* the first category of y is at the top */
    bool shaded;
    double shade_low, shade_high;
} hn_frame;

/* Measures labels and titles within the box; the rest is the area. range_y: the range of y of several figures
 * together; NULL: its own. */
void hn_frame_make(hn_pen *pen, const hn_figure *figure, hn_box box, const double *range_y, hn_frame *frame);
/* Lines at ticks, labels, titles. */
void hn_frame_draw(const hn_frame *frame);

double hn_frame_x(const hn_frame *frame, double value);
double hn_frame_y(const hn_frame *frame, double value);
/* Is the point somewhere in the area? */
bool hn_frame_shows(const hn_frame *frame, double x, double y);
/* The colour of a value on the axis of shades; of what is not finite grey. */
hn_color hn_frame_shade(const hn_frame *frame, double value);
/* The colour of the i-th series. */
hn_color hn_frame_paint(const hn_frame *frame, size_t i);
/* A pixel a unit of distance between categories of an axis. */
double hn_frame_step(const hn_frame *frame, bool of_y);

#endif
