#include "base/inflate.h"

#include <zlib.h>

enum { PIECE_BYTES = 1 << 20 };

static unsigned piece_of(size_t size)
{
    return size < PIECE_BYTES ? (unsigned)size : PIECE_BYTES;
}

/* Piece by piece: zlib counts in unsigned, and memory grows with what is there, not with what is said. */
static hone_status inflate_all(z_stream *stream, size_t size, size_t whole, hn_buffer *out, hone_error *err)
{
    int code = Z_OK;
    size_t left = size, done = 0;
    while (code == Z_OK && done < whole) {
        unsigned room = piece_of(whole - done), fed = piece_of(left);
        char *space = hn_buffer_space(out, room);
        if (!space)
            return hn_out_of_memory(err);
        stream->next_out = (Bytef *)space;
        stream->avail_out = room;
        stream->avail_in = fed;
        code = inflate(stream, Z_NO_FLUSH);
        left -= fed - stream->avail_in;
        hn_buffer_filled(out, room - stream->avail_out);
        done += room - stream->avail_out;
    }
    return done == whole && (code == Z_OK || code == Z_STREAM_END)
               ? HONE_OK
               : hn_fail(err, HONE_PARSE, "the deflated bytes are damaged: %zu of %zu could be inflated",
                         done, whole);
}

hone_status hn_inflate(const char *bytes, size_t size, size_t whole, hn_buffer *out, hone_error *err)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return hn_out_of_memory(err);
    hone_status status = inflate_all(&stream, size, whole, out, err);
    inflateEnd(&stream);
    return status;
}

uint32_t hn_crc32(const char *bytes, size_t size)
{
    uLong crc = crc32(0, NULL, 0);
    for (size_t at = 0; at < size; at += piece_of(size - at))
        crc = crc32(crc, (const Bytef *)bytes + at, piece_of(size - at));
    return (uint32_t)crc;
}
