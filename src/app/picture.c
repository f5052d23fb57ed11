#include "app/picture.h"

#include "base/os_output.h"
#include "draw/draw.h"

hone_status hn_picture_check(const hone_picture *picture, hone_error *err)
{
    hn_draw_format format;
    return picture && picture->path ? hn_draw_format_of(picture->path, &format, err) : HONE_OK;
}

static hone_status write_file(const hn_page *page, const hone_picture *picture, hone_error *err)
{
    hn_draw_format format = HN_DRAW_PNG;
    const hn_draw_options options = {picture->width, picture->height, picture->scale, picture->dark};
    hn_buffer bytes = HN_BUFFER_INIT;
    hone_status status = hn_draw_format_of(picture->path, &format, err);
    status = status ? status : hn_draw_page(page, format, &options, NULL, &bytes, err);
    status = status ? status : hn_file_write_atomic(picture->path, bytes.data, bytes.size, err);
    hn_buffer_release(&bytes);
    return status;
}

hone_status hn_picture_show(const hn_page *page, const hone_picture *picture, const hone_sink *sink,
                            hone_error *err)
{
    return picture && picture->path ? write_file(page, picture, err) : hn_page_draw(page, sink, err);
}
