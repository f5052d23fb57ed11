/* image_reader.c: files of images in one form, with memory that serves from one to the next. */
#include <string.h>

#include "base/memory.h"
#include "base/os_input.h"
#include "data/image.h"

/* Memory for pixels; grows. */
typedef struct room {
    uint8_t *data;
    size_t size;
} room;

struct hn_image_reader {
    hn_buffer bytes;
    room rooms[2]; /* pixels go from one to the other */
};

hone_status hn_image_reader_create(hn_image_reader **reader, hone_error *err)
{
    *reader = hn_calloc(1, sizeof **reader);
    return *reader ? HONE_OK : hn_out_of_memory(err);
}

void hn_image_reader_destroy(hn_image_reader *reader)
{
    if (!reader)
        return;
    hn_buffer_release(&reader->bytes);
    hn_free(reader->rooms[0].data);
    hn_free(reader->rooms[1].data);
    hn_free(reader);
}

/* Where size bytes of pixels go that are not in `taken`; NULL when memory is out. */
static uint8_t *room_beside(hn_image_reader *reader, const uint8_t *taken, size_t size)
{
    room *free_room = &reader->rooms[taken && taken == reader->rooms[0].data];
    if (free_room->size < size) {
        hn_free(free_room->data);
        free_room->data = hn_malloc(size);
        free_room->size = free_room->data ? size : 0;
    }
    return free_room->data;
}

/* --- files --- */

/* The head is near the beginning, but for pictures with much about them: those are read whole. */
hone_status hn_image_reader_head(hn_image_reader *reader, const char *path, hn_image_head *head,
                                 hone_error *err)
{
    hn_input *input = NULL;
    bool ended = false;
    hn_buffer_clear(&reader->bytes);
    hone_status status = hn_input_open(path, &input, err);
    if (!status)
        status = hn_input_read(input, HN_IMAGE_HEAD, &reader->bytes, &ended, err);
    hn_input_close(input);
    if (status)
        return status;
    status = hn_image_head_read(path, &reader->bytes, head, err);
    if (status != HONE_PARSE || ended || !hn_image_format_of(reader->bytes.data, reader->bytes.size))
        return status;
    hn_buffer_clear(&reader->bytes);
    status = hn_file_read(path, HN_IMAGE_MOST_BYTES, &reader->bytes, err);
    return status ? status : hn_image_head_read(path, &reader->bytes, head, err);
}

/* --- pixels --- */

static hone_status decode(hn_image_reader *reader, const char *path, hn_image_head *head, hn_pixels *pixels,
                          hone_error *err)
{
    hn_buffer_clear(&reader->bytes);
    hone_status status = hn_file_read(path, HN_IMAGE_MOST_BYTES, &reader->bytes, err);
    if (!status)
        status = hn_image_head_read(path, &reader->bytes, head, err);
    if (status)
        return status;
    *pixels = (hn_pixels){head->height, head->width, head->grey ? 1 : 3, NULL};
    pixels->data = room_beside(reader, NULL, pixels->height * pixels->width * pixels->channels);
    return pixels->data ? hn_image_decode(path, &reader->bytes, head, pixels->data, err)
                        : hn_out_of_memory(err);
}

static hone_status turn(hn_image_reader *reader, int how, hn_pixels *pixels, hone_error *err)
{
    hn_pixels out = {
        .data = room_beside(reader, pixels->data, pixels->height * pixels->width * pixels->channels)};
    if (!out.data)
        return hn_out_of_memory(err);
    hn_pixels_turn(pixels, how, &out);
    *pixels = out;
    return HONE_OK;
}

static hone_status convert(hn_image_reader *reader, size_t channels, hn_pixels *pixels, hone_error *err)
{
    hn_pixels out = {.channels = channels,
                     .data = room_beside(reader, pixels->data, pixels->height * pixels->width * channels)};
    if (!out.data)
        return hn_out_of_memory(err);
    hn_pixels_convert(pixels, &out);
    *pixels = out;
    return HONE_OK;
}

static hone_status resize(hn_image_reader *reader, size_t height, size_t width, hn_pixels *pixels,
                          hone_error *err)
{
    hn_pixels out = {.height = height,
                     .width = width,
                     .data = room_beside(reader, pixels->data, height * width * pixels->channels)};
    if (!out.data)
        return hn_out_of_memory(err);
    hone_status status = hn_pixels_resize(pixels, &out, err);
    if (!status)
        *pixels = out;
    return status;
}

/* Channel after channel. */
static void lay_out(const hn_pixels *pixels, uint8_t *out)
{
    size_t n = pixels->height * pixels->width, channels = pixels->channels;
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < n; i++)
            *out++ = pixels->data[i * channels + c];
}

hone_status hn_image_reader_read(hn_image_reader *reader, const char *path, size_t channels, size_t height,
                                 size_t width, uint8_t *out, hone_error *err)
{
    hn_image_head head;
    hn_pixels pixels;
    hone_status status = decode(reader, path, &head, &pixels, err);
    if (!status && head.turn != 1)
        status = turn(reader, head.turn, &pixels, err);
    if (!status && pixels.channels != channels)
        status = convert(reader, channels, &pixels, err);
    if (!status && (pixels.height != height || pixels.width != width))
        status = resize(reader, height, width, &pixels, err);
    if (!status)
        lay_out(&pixels, out);
    return status;
}
