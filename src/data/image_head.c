/* image_head.c: what PNG and JPEG files say of themselves before their pixels: PNG 1.2 (IHDR), ITU-T T.81
 * annex B (markers), EXIF 2.3 (the tag Orientation in TIFF 6.0 directories).
 */
#include <string.h>

#include "data/image.h"

static const uint8_t png_magic[HN_IMAGE_MAGIC] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

hn_image_format hn_image_format_of(const char *bytes, size_t size)
{
    static const uint8_t jpeg_magic[] = {0xFF, 0xD8, 0xFF};
    if (size >= sizeof png_magic && !memcmp(bytes, png_magic, sizeof png_magic))
        return HN_IMAGE_PNG;
    return size >= sizeof jpeg_magic && !memcmp(bytes, jpeg_magic, sizeof jpeg_magic) ? HN_IMAGE_JPEG
                                                                                      : HN_IMAGE_NONE;
}

size_t hn_image_width(const hn_image_head *head)
{
    return head->turn >= 5 ? head->height : head->width;
}

size_t hn_image_height(const hn_image_head *head)
{
    return head->turn >= 5 ? head->width : head->height;
}

/* --- numbers --- */

typedef struct span {
    const uint8_t *at;
    size_t size;
} span;

static uint32_t number_at(span s, size_t offset, size_t bytes, bool big_endian)
{
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | s.at[offset + (big_endian ? i : bytes - 1 - i)];
    return value;
}

/* --- EXIF --- */

/* The orientation in the TIFF structure of an EXIF segment; 1 when it does not say, or is damaged: pixels do
 * not depend on it. */
static int orientation_of(span tiff)
{
    enum { HEADER = 8, ENTRY = 12, ORIENTATION = 0x0112, SHORT = 3 };
    if (tiff.size < HEADER || (memcmp(tiff.at, "II*\0", 4) != 0 && memcmp(tiff.at, "MM\0*", 4) != 0))
        return 1;
    bool big = tiff.at[0] == 'M';
    size_t at = number_at(tiff, 4, 4, big);
    if (at > tiff.size - 2)
        return 1;
    size_t entries = number_at(tiff, at, 2, big);
    at += 2;
    for (size_t i = 0; i < entries && tiff.size - at >= ENTRY; i++, at += ENTRY)
        if (number_at(tiff, at, 2, big) == ORIENTATION && number_at(tiff, at + 2, 2, big) == SHORT) {
            uint32_t turn = number_at(tiff, at + 8, 2, big);
            return turn >= 1 && turn <= 8 ? (int)turn : 1;
        }
    return 1;
}

static bool is_exif(span segment)
{
    return segment.size > 6 && !memcmp(segment.at, "Exif\0", 6);
}

/* --- JPEG --- */

static hone_status fail_short(const char *source, hone_error *err)
{
    return hn_fail(err, HONE_PARSE, "%s: the file is damaged or truncated: it ends before its pixels",
                   source);
}

/* SOF: precision, height, width, components. */
static hone_status read_frame(const char *source, span frame, hn_image_head *head, hone_error *err)
{
    enum { LEAST = 6, GREY = 1, COLOUR = 3, PRINT = 4 };
    if (frame.size < LEAST)
        return fail_short(source, err);
    unsigned precision = frame.at[0], components = frame.at[5];
    head->height = number_at(frame, 1, 2, true);
    head->width = number_at(frame, 3, 2, true);
    head->grey = components == GREY;
    if (precision != 8)
        return hn_fail(err, HONE_UNSUPPORTED, "%s: a JPEG file of %u bits a value; 8 are read", source,
                       precision);
    if (components == PRINT)
        return hn_fail(err, HONE_UNSUPPORTED,
                       "%s: a JPEG file of inks (CMYK), as for printing; convert it to RGB, such as with "
                       "ImageMagick: convert in.jpg -colorspace sRGB out.jpg",
                       source);
    if (components != GREY && components != COLOUR)
        return hn_fail(err, HONE_PARSE, "%s: the file is damaged: an image of %u colours", source,
                       components);
    return HONE_OK;
}

static bool starts_frame(unsigned marker)
{
    enum { SOF0 = 0xC0, DHT = 0xC4, JPG = 0xC8, DAC = 0xCC, SOF15 = 0xCF };
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

/* A marker without a segment: TEM, RST0 ... RST7, SOI. */
static bool stands_alone(unsigned marker)
{
    return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
}

static hone_status read_jpeg(const char *source, span file, hn_image_head *head, hone_error *err)
{
    enum { EOI = 0xD9, SOS = 0xDA, APP1 = 0xE1 };
    size_t at = 2;
    while (at < file.size) {
        while (at < file.size && file.at[at] != 0xFF) /* libjpeg passes over such bytes, too */
            at++;
        while (at < file.size && file.at[at] == 0xFF)
            at++;
        unsigned marker = at < file.size ? file.at[at++] : EOI;
        if (!marker || stands_alone(marker))
            continue;
        if (marker == EOI || marker == SOS || file.size - at < 2)
            break;
        size_t length = number_at(file, at, 2, true);
        if (length < 2 || length > file.size - at)
            break;
        span segment = {file.at + at + 2, length - 2};
        if (starts_frame(marker))
            return read_frame(source, segment, head, err);
        if (marker == APP1 && head->turn == 1 && is_exif(segment))
            head->turn = orientation_of((span){segment.at + 6, segment.size - 6});
        at += length;
    }
    return fail_short(source, err);
}

/* --- PNG --- */

static hone_status read_png(const char *source, span file, hn_image_head *head, hone_error *err)
{
    enum { WIDTH = 16, HEIGHT = 20, COLOUR_TYPE = 25, END = 33, GREY = 0, GREY_ALPHA = 4 };
    if (file.size < END)
        return fail_short(source, err);
    if (memcmp(file.at + 12, "IHDR", 4) != 0)
        return hn_fail(err, HONE_PARSE, "%s: the file is damaged: a PNG file begins with IHDR", source);
    head->width = number_at(file, WIDTH, 4, true);
    head->height = number_at(file, HEIGHT, 4, true);
    head->grey = file.at[COLOUR_TYPE] == GREY || file.at[COLOUR_TYPE] == GREY_ALPHA;
    return HONE_OK;
}

/* --- the whole --- */

/* What a file is that only its name says to be PNG or JPEG. */
static const char *other_format(const hn_buffer *bytes)
{
    static const struct {
        const char *magic, *name;
    } others[] = {{"GIF8", "a GIF file"},      {"BM", "a BMP file"},      {"RIFF", "a WebP file"},
                  {"II*", "a TIFF file"},      {"MM", "a TIFF file"},     {"<", "text, such as a web page"},
                  {"{", "text, such as JSON"}, {"%PDF", "a PDF document"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strncmp(hn_buffer_string(bytes), others[i].magic, strlen(others[i].magic)))
            return others[i].name;
    return bytes->size ? "something else" : "an empty file";
}

hone_status hn_image_head_read(const char *source, const hn_buffer *bytes, hn_image_head *head,
                               hone_error *err)
{
    span file = {(const uint8_t *)hn_buffer_string(bytes), bytes->size};
    hn_image_head read = {.format = hn_image_format_of(hn_buffer_string(bytes), bytes->size), .turn = 1};
    if (!read.format)
        return hn_fail(err, HONE_PARSE, "%s is neither a PNG nor a JPEG file, but %s", source,
                       other_format(bytes));
    hone_status status = read.format == HN_IMAGE_PNG ? read_png(source, file, &read, err)
                                                     : read_jpeg(source, file, &read, err);
    if (status)
        return status;
    if (!read.width || !read.height)
        return hn_fail(err, HONE_PARSE, "%s: the file is damaged: an image of %zu x %zu pixels", source,
                       read.width, read.height);
    if (read.width > HN_IMAGE_MOST_PIXELS / read.height)
        return hn_fail(err, HONE_LIMIT, "%s: an image of %zu x %zu pixels; %d million are the most", source,
                       read.width, read.height, HN_IMAGE_MOST_PIXELS / 1000000);
    *head = read;
    return HONE_OK;
}
