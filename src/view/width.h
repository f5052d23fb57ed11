/* view/width.h: how many terminal columns a text takes. Thread-safe. */
#ifndef HN_VIEW_WIDTH_H
#define HN_VIEW_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/* 0 for combining marks, 2 for East Asian wide characters and emoji, else 1. */
int hn_code_width(uint32_t code);
size_t hn_text_width(const char *text);
/* The bytes of the longest beginning of text that is at most `width` columns wide. */
size_t hn_text_fit(const char *text, size_t width);

#endif
