/* draw/svg.h: SVG text as cairo writes it, made ready for a page. Thread-safe. */
#ifndef HN_DRAW_SVG_H
#define HN_DRAW_SVG_H

#include "base/buffer.h"

/* Appends text with `prefix-` before each id and each reference to one. */
void hn_svg_own(const hn_buffer *text, const char *prefix, hn_buffer *out);

#endif
