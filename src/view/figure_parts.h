/* view/figure_parts.h: the kinds of drawings of figure.c. Each appends whole lines, at most `width` columns
 * wide. */
#ifndef HN_VIEW_FIGURE_PARTS_H
#define HN_VIEW_FIGURE_PARTS_H

#include "base/buffer.h"
#include "view/canvas.h"
#include "view/figure.h"

typedef struct hn_drawing {
    const hn_figure *figure;
    const hone_sink *sink;
    size_t width;
    hn_buffer *out;
} hn_drawing;

hone_status hn_figure_draw_lines(const hn_drawing *drawing, hone_error *err);
void hn_figure_draw_bars(const hn_drawing *drawing);
void hn_figure_draw_cells(const hn_drawing *drawing);
hone_status hn_figure_draw_parallel(const hn_drawing *drawing, hone_error *err);

/* Kinds of series and marks as words, for programs. */
extern const char *const hn_series_kind_names[];
extern const char *const hn_mark_names[HN_MARK_COUNT];

/* Appends n blanks. */
void hn_figure_pad(hn_buffer *out, size_t n);
/* Appends text in exactly `width` columns: cut, or with blanks before it when right. */
void hn_figure_fit(hn_buffer *out, const char *text, size_t width, bool right);
/* The title of an axis and which way is better; nothing without a title. */
void hn_figure_title(const hn_figure_axis *axis, hn_buffer *out);
/* The mark of colour i on this sink. */
const char *hn_figure_mark(const hn_drawing *drawing, size_t i);
/* What a state is marked as. */
const char *hn_figure_state_mark(const hn_drawing *drawing, hn_mark mark, int *paint);
/* The mark of a value on the axis of shades over [low, high]: heavier where it is better; of categories that
 * of the category. */
const char *hn_figure_shade_mark(const hn_drawing *drawing, double value, double low, double high,
                                 int *paint);
/* A block as dark as the value is good; NULL: it cannot be shown. */
const char *hn_figure_shade_block(const hn_drawing *drawing, double value, double low, double high,
                                  int *paint);
/* Whole lines: the mark and name of each series, category and state; marks of some values of the shades. */
void hn_figure_legend(const hn_drawing *drawing);
void hn_figure_shade_key(const hn_drawing *drawing);

#endif
