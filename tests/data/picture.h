/* picture.h: PNG and JPEG files for tests, by the libraries' writers. */
#ifndef HN_TESTS_PICTURE_H
#define HN_TESTS_PICTURE_H

#include <stddef.h>
#include <stdint.h>

/* A PNG file of this colour type and depth (libpng's constants); rows as they are packed there. */
typedef struct png_picture {
    size_t width, height;
    int type, depth;
    int interlaced;
    int transparent; /* of a palette: its first colour is */
    const uint8_t *rows;
} png_picture;

/* The palette of those that have one: colour i is (i, 255 - i, 7 i mod 256). */
void write_png(const char *path, const png_picture *picture);

/* A JPEG file of best quality. turn: its EXIF orientation; 0: no EXIF. */
typedef struct jpeg_picture {
    size_t width, height, values; /* 1 grey, 3 RGB, 4 CMYK */
    int turn;
    int big_endian;
    const uint8_t *pixels; /* (height, width, values) */
} jpeg_picture;

void write_jpeg(const char *path, const jpeg_picture *picture);

#endif
