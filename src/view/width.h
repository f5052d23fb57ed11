/* view/width.h: how many terminal columns a text takes. Thread-safe. */
#ifndef HN_VIEW_WIDTH_H
#define HN_VIEW_WIDTH_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* 0 for combining marks, 2 for East Asian wide characters and emoji, else 1. */
int hn_code_width(uint32_t code);
size_t hn_text_width(const char *text);
/* The bytes of the longest beginning of text that is at most `width` columns wide. */
size_t hn_text_fit(const char *text, size_t width);

/* Appends text with a blank for each control character and U+FFFD for each byte that is no UTF-8. */
void hn_text_clean(hn_buffer *out, const char *text);

/* Appends text broken at blanks into lines of at most `width` columns, each but the first after `indent`
 * blanks, with a final newline. A longer word has a line for itself. The first line begins at column
 * `indent`. */
void hn_text_wrap(hn_buffer *out, const char *text, size_t indent, size_t width);

#endif
