/* data/image.h: PNG and JPEG files as bytes of pixels. What is read is hostile: sizes are checked before
 * anything is decoded. Thread-safe, an object one thread at a time.
 *
 * Of PNG all kinds are read: palettes become colours, of 16 bits the high 8 stay, transparency is dropped
 * (the colours beneath stay), gamma and colour profiles are not applied. Of JPEG grey and colour ones, turned
 * as their EXIF orientation says.
 */
#ifndef HN_DATA_IMAGE_H
#define HN_DATA_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

typedef enum hn_image_format { HN_IMAGE_NONE, HN_IMAGE_PNG, HN_IMAGE_JPEG } hn_image_format;

enum {
    HN_IMAGE_MAGIC = 8,               /* bytes that hn_image_format_of looks at */
    HN_IMAGE_HEAD = 1 << 16,          /* bytes that nearly always hold a file's head */
    HN_IMAGE_MOST_PIXELS = 100000000, /* of an image as it is stored */
    HN_IMAGE_MOST_BYTES = 1 << 29,    /* of a file */
};

/* By the first bytes of a file. */
hn_image_format hn_image_format_of(const char *bytes, size_t size);

/* What a file says of its image. */
typedef struct hn_image_head {
    hn_image_format format;
    size_t width, height; /* as it is stored */
    bool grey;            /* one value a pixel; else three */
    int turn;             /* EXIF orientation: 1 as it is stored, 5 to 8 with width and height exchanged */
} hn_image_head;

/* bytes: the file, or its beginning. source names it. HONE_PARSE: it is no image, damaged, or the beginning
 * is too short; HONE_UNSUPPORTED for kinds that are not read; HONE_LIMIT for too many pixels. */
hone_status hn_image_head_read(const char *source, const hn_buffer *bytes, hn_image_head *head,
                               hone_error *err);
/* Width and height as they are seen, turned. */
size_t hn_image_width(const hn_image_head *head);
size_t hn_image_height(const hn_image_head *head);

/* pixels (height, width, grey ? 1 : 3) as it is stored: not turned. HONE_PARSE says what is wrong with the
 * file. */
hone_status hn_image_decode(const char *source, const hn_buffer *bytes, const hn_image_head *head,
                            uint8_t *pixels, hone_error *err);

/* Pixels (height, width, channels). */
typedef struct hn_pixels {
    size_t height, width, channels;
    uint8_t *data;
} hn_pixels;

/* What there is to do after decoding; out has room for all of its pixels, and their number is given. */
void hn_pixels_turn(const hn_pixels *in, int turn, hn_pixels *out);
/* Grey as three equal values; colours as 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded. */
void hn_pixels_convert(const hn_pixels *in, hn_pixels *out);
/* Bilinear; where it shrinks, the mean over the area of a pixel under a triangle as wide (antialiasing).
 * First along lines, then along columns, each rounded to bytes: the numbers of Pillow's Image.resize(...,
 * BILINEAR). HONE_OUT_OF_MEMORY. O(pixels of in and out). */
hone_status hn_pixels_resize(const hn_pixels *in, hn_pixels *out, hone_error *err);

/* Reads images of files into one form. */
typedef struct hn_image_reader hn_image_reader;
hone_status hn_image_reader_create(hn_image_reader **reader, hone_error *err);
void hn_image_reader_destroy(hn_image_reader *reader); /* accepts NULL */
/* The head of the file alone. */
hone_status hn_image_reader_head(hn_image_reader *reader, const char *path, hn_image_head *head,
                                 hone_error *err);
/* out (channels, height, width): turned, converted, resized. */
hone_status hn_image_reader_read(hn_image_reader *reader, const char *path, size_t channels, size_t height,
                                 size_t width, uint8_t *out, hone_error *err);

#endif
