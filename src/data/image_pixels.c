/* image_pixels.c: decoded pixels turned, in other channels, in another size. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/image.h"

/* --- turning --- */

/* Orientation is three flips after another: 2 and 3 mirror columns, 3 and 4 lines, from 5 on lines and
 * columns are exchanged (EXIF 2.3, 4.6.4 A). */
void hn_pixels_turn(const hn_pixels *in, int turn, hn_pixels *out)
{
    static const bool mirrors_x[] = {0, 0, 1, 1, 0, 0, 0, 1, 1}, mirrors_y[] = {0, 0, 0, 1, 1, 0, 1, 1, 0};
    bool exchanged = turn >= 5;
    out->height = exchanged ? in->width : in->height;
    out->width = exchanged ? in->height : in->width;
    out->channels = in->channels;
    for (size_t y = 0; y < out->height; y++)
        for (size_t x = 0; x < out->width; x++) {
            size_t from_y = exchanged ? x : y, from_x = exchanged ? y : x;
            from_y = mirrors_y[turn] ? in->height - 1 - from_y : from_y;
            from_x = mirrors_x[turn] ? in->width - 1 - from_x : from_x;
            memcpy(out->data + (y * out->width + x) * in->channels,
                   in->data + (from_y * in->width + from_x) * in->channels, in->channels);
        }
}

/* --- channels --- */

void hn_pixels_convert(const hn_pixels *in, hn_pixels *out)
{
    const uint32_t red = 19595, green = 38470, blue = 7471, half = 1 << 15; /* shares of 2^16 */
    size_t n = in->height * in->width;
    out->height = in->height;
    out->width = in->width;
    for (size_t i = 0; i < n && out->channels > in->channels; i++)
        memset(out->data + 3 * i, in->data[i], 3);
    for (size_t i = 0; i < n && out->channels < in->channels; i++) {
        const uint8_t *p = in->data + 3 * i;
        out->data[i] = (uint8_t)((p[0] * red + p[1] * green + p[2] * blue + half) >> 16);
    }
    if (out->channels == in->channels)
        memcpy(out->data, in->data, n * in->channels);
}

/* --- size --- */

/* Of each place along one axis of the output: which places of the input it is the mean of, and their shares
 * of 2^SHARE_BITS. */
enum { SHARE_BITS = 22 };

typedef struct shares {
    size_t most;           /* places that one takes */
    size_t *first, *count; /* (out,) */
    int32_t *share;        /* (out, most) */
} shares;

static void shares_release(shares *s)
{
    hn_free(s->first);
    hn_free(s->count);
    hn_free(s->share);
}

/* One place: a triangle around its middle, as wide as the pixel of the output if that is the wider one. */
static void share_out(shares *s, size_t in, size_t place, double scale, double *weights)
{
    double reach = scale > 1 ? scale : 1, narrow = 1 / reach;
    double middle = ((double)place + 0.5) * scale, sum = 0;
    double low = middle - reach + 0.5, high = middle + reach + 0.5;
    size_t first = low > 0 ? (size_t)low : 0, end = high < (double)in ? (size_t)high : in;
    for (size_t k = first; k < end; k++) {
        double away = fabs(((double)k - middle + 0.5) * narrow);
        sum += weights[k - first] = away < 1 ? 1 - away : 0;
    }
    s->first[place] = first;
    s->count[place] = end - first;
    for (size_t k = 0; k < end - first; k++)
        s->share[place * s->most + k] = (int32_t)floor(weights[k] / sum * (1 << SHARE_BITS) + 0.5);
}

static hone_status shares_make(shares *s, size_t in, size_t out, hone_error *err)
{
    double scale = (double)in / (double)out;
    s->most = (size_t)ceil(scale > 1 ? scale : 1) * 2 + 1;
    double *weights = hn_calloc(s->most, sizeof *weights);
    s->first = hn_calloc(out, sizeof *s->first);
    s->count = hn_calloc(out, sizeof *s->count);
    s->share = s->most <= SIZE_MAX / out ? hn_calloc(out * s->most, sizeof *s->share) : NULL;
    bool made = weights && s->first && s->count && s->share;
    for (size_t place = 0; made && place < out; place++)
        share_out(s, in, place, scale, weights);
    hn_free(weights);
    return made ? HONE_OK : hn_out_of_memory(err);
}

static uint8_t byte_of(int32_t sum)
{
    int32_t value = sum >> SHARE_BITS;
    return (uint8_t)(value < 0 ? 0 : value > UINT8_MAX ? UINT8_MAX : value);
}

/* in (lines, width, channels), out (lines, out_width, channels). channels is that of in, said apart so that
 * the loops over it are unrolled. */
static inline void resize_lines(const shares *s, const hn_pixels *in, size_t channels, hn_pixels *out)
{
    for (size_t y = 0; y < in->height; y++)
        for (size_t x = 0; x < out->width; x++) {
            const int32_t *share = s->share + x * s->most;
            const uint8_t *from = in->data + (y * in->width + s->first[x]) * channels;
            int32_t sums[3] = {1 << (SHARE_BITS - 1), 1 << (SHARE_BITS - 1), 1 << (SHARE_BITS - 1)};
            for (size_t k = 0; k < s->count[x]; k++)
                for (size_t c = 0; c < channels; c++)
                    sums[c] += from[k * channels + c] * share[k];
            for (size_t c = 0; c < channels; c++)
                out->data[(y * out->width + x) * channels + c] = byte_of(sums[c]);
        }
}

/* in (height, line), out (out_height, line); sums (line,). */
static void resize_columns(const shares *s, const hn_pixels *in, hn_pixels *out, int32_t *sums)
{
    size_t line = in->width * in->channels;
    for (size_t y = 0; y < out->height; y++) {
        const int32_t *share = s->share + y * s->most;
        for (size_t i = 0; i < line; i++)
            sums[i] = 1 << (SHARE_BITS - 1);
        for (size_t k = 0; k < s->count[y]; k++) {
            const uint8_t *from = in->data + (s->first[y] + k) * line;
            for (size_t i = 0; i < line; i++)
                sums[i] += from[i] * share[k];
        }
        for (size_t i = 0; i < line; i++)
            out->data[y * line + i] = byte_of(sums[i]);
    }
}

hone_status hn_pixels_resize(const hn_pixels *in, hn_pixels *out, hone_error *err)
{
    shares across = {0}, down = {0};
    hn_pixels between = {.height = in->height, .width = out->width, .channels = in->channels};
    size_t line = out->width * in->channels;
    int32_t *sums = hn_calloc(line, sizeof *sums);
    between.data = line <= SIZE_MAX / in->height ? hn_malloc(in->height * line) : NULL;
    out->channels = in->channels;
    hone_status status = sums && between.data ? HONE_OK : hn_out_of_memory(err);
    if (!status)
        status = shares_make(&across, in->width, out->width, err);
    if (!status)
        status = shares_make(&down, in->height, out->height, err);
    if (!status) {
        if (in->channels == 1)
            resize_lines(&across, in, 1, &between);
        else
            resize_lines(&across, in, 3, &between);
        resize_columns(&down, &between, out, sums);
    }
    shares_release(&across);
    shares_release(&down);
    hn_free(between.data);
    hn_free(sums);
    return status;
}
