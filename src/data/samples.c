#include "data/samples.h"

#include <string.h>

size_t hn_sample_value_size(hn_sample_type type)
{
    return type == HN_SAMPLE_BYTES ? 1 : 4;
}

size_t hn_sample_channels(size_t rank, const size_t *shape)
{
    return rank == HN_SAMPLE_MAX_RANK ? shape[0] : 1;
}

/* One text, filled up or cut to the row's length. */
static void place_text(const hn_sample_view *view, size_t row, float *out)
{
    const hn_sample_block *block = view->block;
    size_t length = block->size, n = block->starts[row + 1] - block->starts[row];
    size_t kept = n < length ? n : length;
    const int32_t *words = (const int32_t *)block->values + block->starts[row];
    words += block->text->cut_end ? 0 : n - kept;
    memset(out, 0, length * sizeof *out);
    out += block->text->pad_end ? 0 : length - kept;
    for (size_t k = 0; k < kept; k++)
        out[k] = (float)(view->tokens ? view->tokens[words[k]] : words[k]);
}

void hn_sample_row(const hn_sample_view *view, size_t i, float *out)
{
    const hn_sample_block *block = view->block;
    size_t row = view->rows ? view->rows[i] : i, channels = hn_sample_channels(block->rank, block->shape);
    size_t run = block->size / channels;
    if (block->starts) {
        place_text(view, row, out);
        return;
    }
    for (size_t c = 0; c < channels; c++, out += run) {
        float factor = (float)(1 / view->scale[c]), shift = (float)(-view->center[c] / view->scale[c]);
        size_t from = row * block->size + c * run;
        if (block->type == HN_SAMPLE_BYTES) {
            const uint8_t *in = (const uint8_t *)block->values + from;
            for (size_t k = 0; k < run; k++)
                out[k] = (float)in[k] * factor + shift;
        } else if (block->type == HN_SAMPLE_FLOATS) {
            const float *in = (const float *)block->values + from;
            for (size_t k = 0; k < run; k++)
                out[k] = in[k] * factor + shift;
        } else {
            const int32_t *in = (const int32_t *)block->values + from;
            for (size_t k = 0; k < run; k++)
                out[k] = (float)in[k];
        }
    }
}
