/* view/canvas.h: a drawing made of characters: dots finer than characters (braille; points and colons in
 * ASCII), and characters over them. One thread at a time. */
#ifndef HN_VIEW_CANVAS_H
#define HN_VIEW_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

typedef struct hn_canvas_cell {
    uint8_t dots;  /* bit y * columns + x */
    uint8_t paint; /* 0: none; else hn_paint of what was drawn last */
    const char *mark;
} hn_canvas_cell;

typedef struct hn_canvas {
    size_t width, height; /* characters */
    bool ascii;
    hn_canvas_cell *cells; /* (height, width) */
} hn_canvas;

/* Release it in any case. */
hone_status hn_canvas_init(size_t width, size_t height, bool ascii, hn_canvas *canvas, hone_error *err);
void hn_canvas_release(hn_canvas *canvas);

/* Dots across and down. */
size_t hn_canvas_dots_x(const hn_canvas *canvas);
size_t hn_canvas_dots_y(const hn_canvas *canvas);
/* Places are (0, 0) at the upper left to (1, 1) at the lower right; what is outside is not drawn. paint: 1 ..
 * HN_PAINTS, HN_PAINT_FAINT, or HN_PAINT_SHADE + 0 .. HN_PAINT_SHADES - 1. */
void hn_canvas_dot(hn_canvas *canvas, double x, double y, int paint);
void hn_canvas_line(hn_canvas *canvas, double x0, double y0, double x1, double y1, int paint);
/* Column dot_x of an area from y0 down to y1: a quarter of the dots, others for odd and even paints, so that
 * two areas and where both are look different without colours. */
void hn_canvas_shade(hn_canvas *canvas, size_t dot_x, double y0, double y1, int paint);
/* A character of its own; borrowed until release. */
void hn_canvas_mark(hn_canvas *canvas, double x, double y, const char *mark, int paint);
/* Appends a row without its trailing blanks. */
void hn_canvas_row(const hn_canvas *canvas, size_t row, bool color, hn_buffer *out);

/* What series are painted in; faint; then shades from dark to light. */
enum { HN_PAINTS = 6, HN_PAINT_FAINT = HN_PAINTS + 1, HN_PAINT_SHADE, HN_PAINT_SHADES = 12 };
/* Appends text in a paint when color. */
void hn_paint_text(hn_buffer *out, bool color, int paint, const char *text);

#endif
