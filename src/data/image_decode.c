/* image_decode.c: the pixels of PNG files by libpng, of JPEG files by TurboJPEG. */
#include <png.h>
#include <setjmp.h>
#include <string.h>
#include <turbojpeg.h>

#include "base/memory.h"
#include "data/image.h"

/* --- PNG --- */

/* A file while libpng reads it. Its errors come back by longjmp: what lives on is here, not in locals. */
typedef struct png_file {
    const char *source;
    const hn_buffer *bytes;
    size_t at;
    png_structp png;
    png_infop info;
    png_bytepp rows; /* (height,): where each line goes */
    jmp_buf failed;
    char why[128];
} png_file;

static void png_fails(png_structp png, png_const_charp message)
{
    png_file *file = png_get_error_ptr(png);
    strncpy(file->why, message, sizeof file->why - 1);
    longjmp(file->failed, 1);
}

/* Of what can be ignored: a chunk beside the pixels, a profile. */
static void png_warns(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void png_takes(png_structp png, png_bytep out, size_t size)
{
    png_file *file = png_get_io_ptr(png);
    if (size > file->bytes->size - file->at)
        png_error(png, "it ends too early");
    memcpy(out, file->bytes->data + file->at, size);
    file->at += size;
}

/* Everything becomes 8 bits, grey or RGB. */
static void transform(const png_file *file)
{
    png_structp png = file->png;
    int type = png_get_color_type(png, file->info);
    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_palette_to_rgb(png);
    else if (png_get_bit_depth(png, file->info) < 8)
        png_set_expand_gray_1_2_4_to_8(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, file->info);
}

/* False: file->why says why. */
static bool read_png_rows(png_file *file, const hn_image_head *head, uint8_t *pixels)
{
    size_t stride = head->width * (head->grey ? 1 : 3);
    if (setjmp(file->failed))
        return false;
    png_set_read_fn(file->png, file, png_takes);
    png_set_user_limits(file->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* the head was looked at */
    png_read_info(file->png, file->info);
    transform(file);
    if (png_get_image_width(file->png, file->info) != head->width ||
        png_get_image_height(file->png, file->info) != head->height ||
        png_get_rowbytes(file->png, file->info) != stride)
        png_error(file->png, "its head says different things");
    for (size_t y = 0; y < head->height; y++)
        file->rows[y] = pixels + y * stride;
    png_read_image(file->png, file->rows);
    png_read_end(file->png, NULL);
    return true;
}

static hone_status decode_png(png_file *file, const hn_image_head *head, uint8_t *pixels, hone_error *err)
{
    file->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, file, png_fails, png_warns);
    file->info = file->png ? png_create_info_struct(file->png) : NULL;
    file->rows = hn_calloc(head->height, sizeof *file->rows);
    hone_status status = file->info && file->rows ? HONE_OK : hn_out_of_memory(err);
    if (!status && !read_png_rows(file, head, pixels))
        status =
            hn_fail(err, HONE_PARSE, "%s: the file is damaged or truncated: %s", file->source, file->why);
    png_destroy_read_struct(&file->png, &file->info, NULL);
    hn_free(file->rows);
    return status;
}

/* --- JPEG --- */

/* Bytes between segments harm no pixel, and are common in pictures from the web. */
static bool is_harmless(tjhandle handle)
{
    return tjGetErrorCode(handle) == TJERR_WARNING && strstr(tjGetErrorStr2(handle), "extraneous bytes");
}

static bool read_jpeg(tjhandle handle, const hn_buffer *bytes, const hn_image_head *head, uint8_t *pixels,
                      int flags)
{
    int format = head->grey ? TJPF_GRAY : TJPF_RGB;
    return tjDecompress2(handle, (const unsigned char *)bytes->data, bytes->size, pixels, (int)head->width, 0,
                         (int)head->height, format, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS | flags) == 0;
}

static hone_status decode_jpeg(const char *source, const hn_buffer *bytes, const hn_image_head *head,
                               uint8_t *pixels, hone_error *err)
{
    int width = 0, height = 0, sampling, space;
    tjhandle handle = tjInitDecompress();
    hone_status status = HONE_OK;
    if (!handle)
        return hn_out_of_memory(err);
    bool read = tjDecompressHeader3(handle, (const unsigned char *)bytes->data, bytes->size, &width, &height,
                                    &sampling, &space) == 0;
    if (read && ((size_t)width != head->width || (size_t)height != head->height ||
                 (space == TJCS_GRAY) != head->grey))
        status = hn_fail(err, HONE_PARSE, "%s: the file is damaged: its head says different things", source);
    if (!status && read)
        read = read_jpeg(handle, bytes, head, pixels, TJFLAG_STOPONWARNING) ||
               (is_harmless(handle) && (read_jpeg(handle, bytes, head, pixels, 0) || is_harmless(handle)));
    if (!status && !read)
        status = hn_fail(err, HONE_PARSE, "%s: the file is damaged or truncated: %s", source,
                         tjGetErrorStr2(handle));
    tjDestroy(handle);
    return status;
}

hone_status hn_image_decode(const char *source, const hn_buffer *bytes, const hn_image_head *head,
                            uint8_t *pixels, hone_error *err)
{
    png_file file = {.source = source, .bytes = bytes};
    return head->format == HN_IMAGE_PNG ? decode_png(&file, head, pixels, err)
                                        : decode_jpeg(source, bytes, head, pixels, err);
}
