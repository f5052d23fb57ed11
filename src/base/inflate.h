/* base/inflate.h: deflated bytes (RFC 1951) inside other files. Thread-safe. */
#ifndef HN_BASE_INFLATE_H
#define HN_BASE_INFLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Appends the `whole` bytes that `size` deflated ones stand for. HONE_PARSE when they are damaged or another
 * number. */
hone_status hn_inflate(const char *bytes, size_t size, size_t whole, hn_buffer *out, hone_error *err);
/* CRC-32 of zip and gzip. */
uint32_t hn_crc32(const char *bytes, size_t size);

#endif
