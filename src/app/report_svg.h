/* app/report_svg.h: figures as SVG inside a page of HTML, in colours that follow the reader's choice of light
 * or dark. One thread at a time.
 */
#ifndef HN_APP_REPORT_SVG_H
#define HN_APP_REPORT_SVG_H

#include "base/text_map.h"
#include "draw/draw.h"

/* The colours of all pictures of a page: each is a CSS variable with a light and a dark value; their styles
 * are classes. */
typedef struct hn_svg_colors {
    hn_text_map pairs;  /* "#rrggbb#rrggbb" */
    hn_text_map styles; /* "fill:var(--c0);..." */
} hn_svg_colors;

/* Appends <svg ...>. label: what it is, for those who do not see it. id: what its ids begin with. Errors of
 * hn_draw_page. */
hone_status hn_report_svg(hn_buffer *out, const hn_figure *figure, double width, double height,
                          const char *id, const char *label, hn_svg_colors *colors, hone_error *err);
/* Appends what two texts of cairo have in common, numbers cut to hundredths, where they differ in colours
 * with the variable for both. False, and nothing appended, when they differ in more. */
bool hn_svg_join(hn_buffer *out, const char *light, const char *dark, hn_svg_colors *colors);
/* The rules that give variables and classes their values. */
void hn_svg_colors_write(hn_buffer *out, const hn_svg_colors *colors);
void hn_svg_colors_release(hn_svg_colors *colors);

#endif
