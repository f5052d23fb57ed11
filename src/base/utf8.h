/* base/utf8.h: UTF-8 sequences. Thread-safe. */
#ifndef HN_BASE_UTF8_H
#define HN_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The sequence at text (size >= 1 bytes are there): its length and code point. An invalid byte, an overlong
 * form or an encoded surrogate has length 1 and the code point U+FFFD. */
size_t hn_utf8_decode(const char *text, size_t size, uint32_t *code);

#endif
