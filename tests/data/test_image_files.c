/* One image file: each kind of PNG and JPEG that is read, what is refused, turning and resizing. */
#include <math.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/os_input.h"
#include "data/image.h"
#include "picture.h"
#include "support.h"

static char *folder;
static hn_image_reader *reader;
static hone_error error;

static void setup(void)
{
    folder = folder ? folder : hn_test_temp_dir();
    error = (hone_error){0};
    ck_assert_int_eq(hn_image_reader_create(&reader, &error), HONE_OK);
}

static void teardown(void)
{
    hn_image_reader_destroy(reader);
}

/* --- PNG --- */

enum { WIDTH = 11, HEIGHT = 5, PIXELS = WIDTH * HEIGHT };

static const struct {
    const char *name;
    int type, depth, interlaced, transparent;
    size_t channels, values; /* 8-bit bytes a pixel in the file; 0: packed bits */
} kinds[] = {
    {"grey8", PNG_COLOR_TYPE_GRAY, 8, 0, 0, 1, 1},
    {"grey1", PNG_COLOR_TYPE_GRAY, 1, 0, 0, 1, 0},
    {"grey4", PNG_COLOR_TYPE_GRAY, 4, 1, 0, 1, 0},
    {"grey16", PNG_COLOR_TYPE_GRAY, 16, 0, 0, 1, 2},
    {"grey-alpha", PNG_COLOR_TYPE_GRAY_ALPHA, 8, 0, 0, 1, 2},
    {"rgb8", PNG_COLOR_TYPE_RGB, 8, 0, 0, 3, 3},
    {"rgb8-interlaced", PNG_COLOR_TYPE_RGB, 8, 1, 0, 3, 3},
    {"rgb16", PNG_COLOR_TYPE_RGB, 16, 1, 0, 3, 6},
    {"rgba8", PNG_COLOR_TYPE_RGBA, 8, 0, 0, 3, 4},
    {"rgba16", PNG_COLOR_TYPE_RGBA, 16, 0, 0, 3, 8},
    {"palette", PNG_COLOR_TYPE_PALETTE, 8, 0, 0, 3, 1},
    {"palette4", PNG_COLOR_TYPE_PALETTE, 4, 0, 0, 3, 0},
    {"palette-transparent", PNG_COLOR_TYPE_PALETTE, 8, 1, 1, 3, 1},
};

/* Byte k of the file's rows: any. */
static uint8_t raw(size_t k)
{
    return (uint8_t)(k * 37 + k / 7);
}

/* What is at a pixel of kind i, channel c: read off the file's rows by hand. */
static unsigned expected_of(size_t i, const uint8_t *rows, size_t y, size_t x, size_t c)
{
    size_t depth = (size_t)kinds[i].depth, value;
    bool palette = kinds[i].type == PNG_COLOR_TYPE_PALETTE;
    if (kinds[i].values) {
        value = rows[(y * WIDTH + x) * kinds[i].values + (palette ? 0 : c) * (depth / 8)];
    } else {
        size_t stride = (WIDTH * depth + 7) / 8, bit = x * depth;
        unsigned most = (1U << depth) - 1;
        value = rows[y * stride + bit / 8] >> (8 - depth - bit % 8) & most;
        value = palette ? value : value * 255 / most;
    }
    unsigned colour[] = {(unsigned)value, 255 - (unsigned)value, 7 * (unsigned)value % 256};
    return palette ? colour[c] : (unsigned)value;
}

START_TEST(reads_kinds_of_png)
{
    uint8_t rows[PIXELS * 8], out[PIXELS * 3];
    hn_image_head head;
    char *path = hn_test_path(folder, "a.png");
    for (size_t k = 0; k < sizeof rows; k++)
        rows[k] = raw(k);
    write_png(path, &(png_picture){WIDTH, HEIGHT, kinds[_i].type, kinds[_i].depth, kinds[_i].interlaced,
                                   kinds[_i].transparent, rows});
    size_t channels = kinds[_i].channels;
    ck_assert_int_eq(hn_image_reader_head(reader, path, &head, &error), HONE_OK);
    ck_assert_uint_eq(head.width, WIDTH);
    ck_assert_uint_eq(head.height, HEIGHT);
    ck_assert_int_eq(head.grey, channels == 1);
    ck_assert_msg(!hn_image_reader_read(reader, path, channels, HEIGHT, WIDTH, out, &error), "%s: %s",
                  kinds[_i].name, error.message);
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < PIXELS; i++)
            ck_assert_msg(out[c * PIXELS + i] == expected_of((size_t)_i, rows, i / WIDTH, i % WIDTH, c),
                          "%s: pixel %zu, channel %zu", kinds[_i].name, i, c);
    free(path);
}
END_TEST

START_TEST(converts_channels)
{
    static const uint8_t colour[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30}, grey[] = {7, 200};
    uint8_t out[6];
    char *path = hn_test_path(folder, "c.png");
    write_png(path, &(png_picture){4, 1, PNG_COLOR_TYPE_RGB, 8, 0, 0, colour});
    ck_assert_int_eq(hn_image_reader_read(reader, path, 1, 1, 4, out, &error), HONE_OK);
    for (size_t i = 0; i < 4; i++) {
        const uint8_t *p = colour + 3 * i;
        ck_assert_uint_eq(out[i], (unsigned)floor(0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] + 0.5));
    }
    write_png(path, &(png_picture){2, 1, PNG_COLOR_TYPE_GRAY, 8, 0, 0, grey});
    ck_assert_int_eq(hn_image_reader_read(reader, path, 3, 1, 2, out, &error), HONE_OK);
    for (size_t i = 0; i < 6; i++)
        ck_assert_uint_eq(out[i], grey[i % 2]);
    free(path);
}
END_TEST

/* --- JPEG --- */

enum { SIDE = 32, AREA = SIDE * SIDE };

START_TEST(reads_jpeg)
{
    uint8_t pixels[AREA * 3], out[AREA * 3];
    size_t values = _i ? 3 : 1;
    char *path = hn_test_path(folder, "a.jpg");
    for (size_t i = 0; i < AREA; i++)
        for (size_t c = 0; c < values; c++)
            pixels[i * values + c] = (uint8_t)(c == 0 ? 4 * (i % SIDE) : c == 1 ? 7 * (i / SIDE) : 90);
    write_jpeg(path, &(jpeg_picture){.width = SIDE, .height = SIDE, .values = values, .pixels = pixels});
    hn_image_head head;
    ck_assert_int_eq(hn_image_reader_head(reader, path, &head, &error), HONE_OK);
    ck_assert_int_eq(head.grey, values == 1);
    ck_assert_msg(!hn_image_reader_read(reader, path, values, SIDE, SIDE, out, &error), "%s", error.message);
    for (size_t c = 0; c < values; c++)
        for (size_t i = 0; i < AREA; i++)
            ck_assert_int_le(abs(out[c * AREA + i] - pixels[i * values + c]), 3);
    free(path);
}
END_TEST

/* Quarters of the image as it is seen, from those as they are stored: EXIF 2.3, orientation. */
static const char *const turned[] = {"ABCD", "BADC", "DCBA", "CDAB", "ACBD", "CADB", "DBCA", "BDAC"};

START_TEST(turns_by_exif)
{
    enum { TALL = 16, WIDE = 32, TURNS = 8 };
    uint8_t pixels[TALL * WIDE], out[TALL * WIDE];
    int turn = _i % TURNS;
    char *path = hn_test_path(folder, "t.jpg");
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(20 + 70 * (i / WIDE / 8 * 2 + i % WIDE / 16)); /* A to D */
    write_jpeg(path, &(jpeg_picture){WIDE, TALL, 1, turn + 1, _i / TURNS, pixels});
    size_t height = turn < 4 ? TALL : WIDE, width = turn < 4 ? WIDE : TALL;
    hn_image_head head;
    ck_assert_int_eq(hn_image_reader_head(reader, path, &head, &error), HONE_OK);
    ck_assert_int_eq(head.turn, turn + 1);
    ck_assert_uint_eq(hn_image_height(&head), height);
    ck_assert_uint_eq(hn_image_width(&head), width);
    ck_assert_int_eq(hn_image_reader_read(reader, path, 1, height, width, out, &error), HONE_OK);
    for (size_t i = 0; i < sizeof out; i++) {
        size_t quarter = i / width / (height / 2) * 2 + i % width / (width / 2);
        ck_assert_int_le(abs(out[i] - (20 + 70 * (turned[turn][quarter] - 'A'))), 3);
    }
    free(path);
}
END_TEST

/* --- what is refused --- */

static const uint8_t some_pixels[AREA * 4];

static char *some_jpeg(hn_buffer *bytes)
{
    char *path = hn_test_path(folder, "some.jpg");
    write_jpeg(path, &(jpeg_picture){SIDE, SIDE, 3, 3, 0, some_pixels});
    ck_assert_int_eq(hn_file_read(path, 0, bytes, &error), HONE_OK);
    return path;
}

static char *some_png(hn_buffer *bytes)
{
    char *path = hn_test_path(folder, "some.png");
    write_png(path, &(png_picture){SIDE, SIDE, PNG_COLOR_TYPE_RGB, 8, 0, 0, some_pixels});
    ck_assert_int_eq(hn_file_read(path, 0, bytes, &error), HONE_OK);
    return path;
}

/* Of bytes in memory. */
static hone_status decode(const hn_buffer *bytes, uint8_t *pixels)
{
    hn_image_head head;
    hone_status status = hn_image_head_read("x.img", bytes, &head, &error);
    if (!status && head.width * head.height > AREA)
        return HONE_LIMIT;
    return status ? status : hn_image_decode("x.img", bytes, &head, pixels, &error);
}

START_TEST(refuses_every_beginning)
{
    hn_buffer bytes = HN_BUFFER_INIT;
    uint8_t pixels[AREA * 3];
    free(_i ? some_jpeg(&bytes) : some_png(&bytes));
    ck_assert_int_eq(decode(&bytes, pixels), HONE_OK);
    while (bytes.size) {
        bytes.data[--bytes.size] = '\0';
        ck_assert_int_eq(decode(&bytes, pixels), HONE_PARSE);
        hn_assert_contains(error.message, "x.img");
    }
    hn_buffer_release(&bytes);
}
END_TEST

START_TEST(survives_changed_bytes)
{
    hn_buffer bytes = HN_BUFFER_INIT;
    uint8_t pixels[AREA * 3];
    size_t refused = 0;
    free(_i ? some_jpeg(&bytes) : some_png(&bytes));
    for (size_t i = 0; i < bytes.size; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
            refused += decode(&bytes, pixels) != HONE_OK;
            bytes.data[i] = (char)(bytes.data[i] ^ 1 << bit);
        }
    ck_assert_uint_gt(refused, 8); /* the magic and the sizes, at least */
    hn_buffer_release(&bytes);
}
END_TEST

static void refuse(const char *name, const void *content, size_t size, hone_status status, const char *says)
{
    uint8_t out[3];
    char *path = hn_test_path(folder, name);
    FILE *file = content ? fopen(path, "wb") : NULL;
    if (file) {
        ck_assert_uint_eq(fwrite(content, 1, size, file), size);
        fclose(file);
    }
    ck_assert_int_eq(hn_image_reader_read(reader, path, 3, 1, 1, out, &error), status);
    hn_assert_contains(error.message, says);
    hn_assert_contains(error.message, name);
    free(path);
}

START_TEST(says_what_is_wrong)
{
    hn_buffer bytes = HN_BUFFER_INIT;
    refuse("none.png", NULL, 0, HONE_NOT_FOUND, "No such file");
    refuse("empty.png", "", 0, HONE_PARSE, "an empty file");
    refuse("gif.jpg", "GIF89a....", 10, HONE_PARSE, "neither a PNG nor a JPEG file, but a GIF file");
    refuse("page.jpg", "<html>", 6, HONE_PARSE, "but text, such as a web page");
    char *path = some_png(&bytes);
    memcpy(bytes.data + 16, "\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF", 8);
    refuse("bomb.png", bytes.data, bytes.size, HONE_LIMIT, "2147483647 x 2147483647 pixels; 100 million");
    memset(bytes.data + 16, 0, 8);
    refuse("zero.png", bytes.data, bytes.size, HONE_PARSE, "an image of 0 x 0 pixels");
    hn_buffer_clear(&bytes);
    free(path);
    path = hn_test_path(folder, "ink.jpg");
    write_jpeg(path, &(jpeg_picture){SIDE, SIDE, 4, 0, 0, some_pixels});
    refuse("ink.jpg", NULL, 0, HONE_UNSUPPORTED, "of inks (CMYK), as for printing; convert it");
    hn_buffer_release(&bytes);
    free(path);
}
END_TEST

/* Bytes between the last pixels and the end: common, and no pixel depends on them. */
START_TEST(passes_over_bytes_at_the_end)
{
    hn_buffer bytes = HN_BUFFER_INIT, more = HN_BUFFER_INIT;
    uint8_t pixels[AREA * 3];
    free(some_jpeg(&bytes));
    hn_buffer_append(&more, bytes.data, bytes.size - 2);
    hn_buffer_append(&more, "\x12\x34\x56\x78\xFF\xD9", 6);
    ck_assert_msg(decode(&more, pixels) == HONE_OK, "%s", error.message);
    hn_buffer_release(&bytes);
    hn_buffer_release(&more);
}
END_TEST

/* --- size --- */

/* The share of input pixel `from` in output pixel `to`: a triangle, as wide as the wider of the two. */
static double weight(size_t in, size_t out, size_t from, size_t to)
{
    double scale = (double)in / (double)out, reach = fmax(scale, 1);
    return fmax(0, 1 - fabs((double)from + 0.5 - ((double)to + 0.5) * scale) / reach);
}

static double naive(const hn_pixels *in, const hn_pixels *out, size_t y, size_t x, size_t c)
{
    double sum = 0, all = 0;
    for (size_t v = 0; v < in->height; v++)
        for (size_t u = 0; u < in->width; u++) {
            double w = weight(in->height, out->height, v, y) * weight(in->width, out->width, u, x);
            sum += w * in->data[(v * in->width + u) * in->channels + c];
            all += w;
        }
    return sum / all;
}

static const size_t sizes[][4] = {{7, 9, 7, 9},   {20, 30, 5, 6}, {5, 6, 20, 31},
                                  {33, 8, 7, 40}, {1, 1, 3, 4},   {13, 17, 1, 1}};

START_TEST(resizes_as_the_naive_sum)
{
    const size_t *s = sizes[_i];
    uint8_t from[4000], to[4000];
    size_t channels = _i % 2 ? 3 : 1;
    hn_pixels in = {s[0], s[1], channels, from}, out = {s[2], s[3], channels, to};
    for (size_t k = 0; k < sizeof from; k++)
        from[k] = raw(k * k);
    ck_assert_int_eq(hn_pixels_resize(&in, &out, &error), HONE_OK);
    for (size_t i = 0; i < s[2] * s[3] * channels; i++) { /* rounded twice */
        size_t pixel = i / channels;
        double wanted = naive(&in, &out, pixel / s[3], pixel % s[3], i % channels);
        hn_assert_absolute(to[i], wanted, s[0] == s[2] ? 0 : 1.01);
    }
    memset(from, 255, sizeof from);
    ck_assert_int_eq(hn_pixels_resize(&in, &out, &error), HONE_OK);
    for (size_t i = 0; i < s[2] * s[3] * channels; i++)
        ck_assert_uint_eq(to[i], 255);
}
END_TEST

START_TEST(fails_without_memory)
{
    hn_buffer bytes = HN_BUFFER_INIT;
    uint8_t out[3 * 4 * 4];
    char *path = _i ? some_jpeg(&bytes) : some_png(&bytes); /* the JPEG one is turned */
    hone_status status = HONE_OUT_OF_MEMORY;
    for (long k = 0; status; k++) {
        hn_image_reader_destroy(reader);
        reader = NULL;
        hn_memory_fail_at(k, 1);
        status = hn_image_reader_create(&reader, &error);
        if (!status)
            status = hn_image_reader_read(reader, path, 1, 4, 4, out, &error);
        hn_memory_fail_at(-1, 0);
        ck_assert(!status || status == HONE_OUT_OF_MEMORY);
        ck_assert_int_lt(k, 1000);
    }
    hn_buffer_release(&bytes);
    free(path);
}
END_TEST

Suite *suite_image_files(void)
{
    Suite *suite = suite_create("image_files");
    TCase *reading = tcase_create("image_reading"), *refusing = tcase_create("image_refusing");
    TCase *size = tcase_create("image_size");
    TCase *cases[] = {reading, refusing, size};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tcase_add_checked_fixture(cases[i], setup, teardown);
        suite_add_tcase(suite, cases[i]);
    }
    tcase_add_loop_test(reading, reads_kinds_of_png, 0, sizeof kinds / sizeof *kinds);
    tcase_add_test(reading, converts_channels);
    tcase_add_loop_test(reading, reads_jpeg, 0, 2);
    tcase_add_loop_test(reading, turns_by_exif, 0, 16);
    tcase_add_loop_test(refusing, refuses_every_beginning, 0, 2);
    tcase_add_loop_test(refusing, survives_changed_bytes, 0, 2);
    tcase_add_test(refusing, says_what_is_wrong);
    tcase_add_test(refusing, passes_over_bytes_at_the_end);
    tcase_add_loop_test(size, resizes_as_the_naive_sum, 0, sizeof sizes / sizeof *sizes);
    tcase_add_loop_test(size, fails_without_memory, 0, 2);
    return suite;
}
