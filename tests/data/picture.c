#include "picture.h"

#include <check.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <turbojpeg.h>

void write_png(const char *path, const png_picture *p)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)p->width, (png_uint_32)p->height, p->depth, p->type,
                 p->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_color palette[256];
    for (int i = 0; i < 256; i++)
        palette[i] = (png_color){(png_byte)i, (png_byte)(255 - i), (png_byte)(7 * i)};
    if (p->type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, palette, 1 << p->depth);
    png_byte clear = 0;
    if (p->transparent)
        png_set_tRNS(png, info, &clear, 1, NULL);
    png_bytepp rows = malloc(p->height * sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    size_t stride = png_get_rowbytes(png, info);
    for (size_t y = 0; y < p->height; y++)
        rows[y] = (png_bytep)p->rows + y * stride;
    png_set_rows(png, info, rows);
    png_write_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    png_destroy_write_struct(&png, &info);
    free(rows);
    fclose(file);
}

/* APP1 with a directory of one entry. */
static void write_exif(FILE *file, int turn, int big_endian)
{
    uint8_t little[] = {0xFF, 0xE1, 0,    34,   'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0,
                        1,    0,    0x12, 0x01, 3,   0,   1,   0,   0, 0, 0,   0,   0,  0, 0, 0, 0, 0};
    uint8_t big[] = {0xFF, 0xE1, 0,    34,   'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                     0,    1,    0x01, 0x12, 0,   3,   0,   0,   0, 1, 0,   0,   0, 0,  0, 0, 0, 0};
    little[28] = big[29] = (uint8_t)turn;
    ck_assert_uint_eq(fwrite(big_endian ? big : little, 1, sizeof big, file), sizeof big);
}

void write_jpeg(const char *path, const jpeg_picture *p)
{
    enum { QUALITY = 100, MAGIC = 2 };
    static const int formats[] = {0, TJPF_GRAY, 0, TJPF_RGB, TJPF_CMYK};
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    tjhandle handle = tjInitCompress();
    ck_assert_int_eq(tjCompress2(handle, p->pixels, (int)p->width, 0, (int)p->height, formats[p->values],
                                 &bytes, &size, p->values == 1 ? TJSAMP_GRAY : TJSAMP_444, QUALITY,
                                 TJFLAG_ACCURATEDCT),
                     0);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, MAGIC, file), MAGIC);
    if (p->turn)
        write_exif(file, p->turn, p->big_endian);
    ck_assert_uint_eq(fwrite(bytes + MAGIC, 1, size - MAGIC, file), size - MAGIC);
    fclose(file);
    tjFree(bytes);
    tjDestroy(handle);
}
