/* base/buffer.h: a growable byte string, always NUL-terminated. Failure is sticky: append freely, check
 * once with hn_buffer_failed. One thread at a time. */
#ifndef HN_BASE_BUFFER_H
#define HN_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct hn_buffer {
    char *data; /* never NULL after an append that succeeded */
    size_t size, capacity;
    bool failed;
} hn_buffer;

#define HN_BUFFER_INIT                                                                                       \
    {                                                                                                        \
        0                                                                                                    \
    }

void hn_buffer_append(hn_buffer *buffer, const void *bytes, size_t size);
/* Where the next size bytes go, to be written there; NULL when it failed. */
char *hn_buffer_space(hn_buffer *buffer, size_t size);
/* So many bytes, at most those asked for, were written into the space. */
void hn_buffer_filled(hn_buffer *buffer, size_t size);
void hn_buffer_text(hn_buffer *buffer, const char *text);
void hn_buffer_char(hn_buffer *buffer, char c);
void hn_buffer_printf(hn_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The shortest text that reads back as the same double; "nan", "inf", "-inf" otherwise. */
void hn_buffer_double(hn_buffer *buffer, double value);
/* A CSV cell (RFC 4180): quoted when it has a comma, quote or line end. */
void hn_buffer_csv(hn_buffer *buffer, const char *text);
void hn_buffer_int(hn_buffer *buffer, long long value);
bool hn_buffer_failed(const hn_buffer *buffer);
/* The text so far, "" when empty. Borrowed until the next append. */
const char *hn_buffer_string(const hn_buffer *buffer);
/* Hands over the memory (free with hn_free), leaving the buffer empty; NULL when it failed. */
char *hn_buffer_take(hn_buffer *buffer);
void hn_buffer_clear(hn_buffer *buffer);
/* Drops the first n bytes. */
void hn_buffer_consume(hn_buffer *buffer, size_t n);
void hn_buffer_release(hn_buffer *buffer);

#endif
