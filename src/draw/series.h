/* draw/series.h: what stands between the axes of a frame. One thread at a time. */
#ifndef HN_DRAW_SERIES_H
#define HN_DRAW_SERIES_H

#include "draw/frame.h"

/* Grid, bands, bars, lines, points, rules, labels, in this order, cut at the area. HONE_OUT_OF_MEMORY. */
hone_status hn_draw_series(const hn_frame *frame, hone_error *err);

/* The parts, each in its file. */
void hn_draw_grid(const hn_frame *frame);
void hn_draw_line(const hn_frame *frame, size_t series);
void hn_draw_bars(const hn_frame *frame);
void hn_draw_intervals(const hn_frame *frame, size_t series);
hone_status hn_draw_points(const hn_frame *frame, size_t series, hone_error *err);
void hn_draw_labels(const hn_frame *frame);

/* How large the marks of n points are. */
double hn_mark_radius(size_t n);
/* A line of so many points has marks on them. */
enum { HN_MOST_MARKED = 30 };

#endif
