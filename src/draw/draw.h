/* draw/draw.h: pages of figures as PNG, SVG and PDF, drawn by cairo and Pango. One thread at a time. */
#ifndef HN_DRAW_DRAW_H
#define HN_DRAW_DRAW_H

#include "view/figure.h"

typedef enum hn_draw_format { HN_DRAW_PNG, HN_DRAW_SVG, HN_DRAW_PDF } hn_draw_format;

typedef struct hn_draw_options {
    double width, height; /* in units of which there are 96 an inch; 0: what suits the page */
    double scale;         /* of a PNG: pixels a unit; 0: 2 */
    bool dark;            /* light on dark */
} hn_draw_options;

/* The format that a file's name ends in. HONE_INVALID names those there are. */
hone_status hn_draw_format_of(const char *path, hn_draw_format *format, hone_error *err);
/* Appends the picture. HONE_INVALID for a size that cannot be; HONE_UNSUPPORTED without the libraries, naming
 * the packages. An SVG refers to nothing outside, and its ids begin with id (NULL: "hone"), so that several
 * may stand in one page. */
hone_status hn_draw_page(const hn_page *page, hn_draw_format format, const hn_draw_options *options,
                         const char *id, hn_buffer *out, hone_error *err);

#endif
