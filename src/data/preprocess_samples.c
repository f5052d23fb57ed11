/* preprocess_samples.c: the scaling of samples, channel by channel, fitted, applied, saved. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "data/preprocess_state.h"

/* --- fitting --- */

/* What is seen of a channel's values. */
typedef struct channel {
    double sum, squares; /* the latter of deviations from the mean */
    double low, high, mean;
} channel;

/* One pass over rows (NULL: all); `again`: the means are known, squares are summed. */
static void look(const hn_sample_view *raw, size_t n, bool again, float *row, channel *channels)
{
    const hn_sample_block *block = raw->block;
    size_t count = hn_sample_channels(block->rank, block->shape), run = block->size / count;
    for (size_t i = 0; i < n; i++) {
        hn_sample_row(raw, i, row);
        for (size_t c = 0; c < count; c++) {
            channel *of = &channels[c];
            for (size_t k = c * run; k < (c + 1) * run; k++) {
                double x = row[k];
                of->sum += again ? 0 : x;
                of->squares += again ? (x - of->mean) * (x - of->mean) : 0;
                of->low = x < of->low ? x : of->low;
                of->high = x > of->high ? x : of->high;
            }
        }
    }
}

static hone_status measure(const hn_sample_block *block, const size_t *rows, size_t n, hn_preprocess *p,
                           channel *channels, hone_error *err)
{
    hn_fitted_samples *s = p->samples;
    size_t count = hn_sample_channels(block->rank, block->shape), run = block->size / count;
    hn_sample_view raw = {.block = block, .rows = rows, .center = s->center, .scale = s->scale};
    float *row = hn_aligned_array(block->size, sizeof *row);
    if (!row)
        return hn_out_of_memory(err);
    for (size_t c = 0; c < count; c++)
        channels[c] = (channel){.low = INFINITY, .high = -INFINITY};
    look(&raw, n, false, row, channels);
    for (size_t c = 0; c < count; c++)
        channels[c].mean = channels[c].sum / ((double)run * (double)n);
    look(&raw, n, true, row, channels);
    hn_free(row);
    return HONE_OK;
}

/* Channels that do not vary are only centred. */
static hone_status fit_scale(hn_scale scale, const hn_sample_block *block, const size_t *rows, size_t n,
                             hn_preprocess *p, hone_error *err)
{
    hn_fitted_samples *s = p->samples;
    size_t count = hn_sample_channels(block->rank, block->shape), run = block->size / count;
    channel *channels = hn_calloc(count, sizeof *channels);
    hone_status status = channels ? measure(block, rows, n, p, channels, err) : hn_out_of_memory(err);
    for (size_t c = 0; !status && c < count; c++) {
        const channel *of = &channels[c];
        double deviation = sqrt(of->squares / ((double)run * (double)n)), range = of->high - of->low;
        double width = scale == HN_SCALE_STANDARD ? deviation : range;
        s->center[c] = scale == HN_SCALE_STANDARD ? of->mean : of->low;
        s->scale[c] = width > FLT_EPSILON * fabs(of->mean) && width > 0 ? width : 1;
    }
    hn_free(channels);
    return status;
}

static hn_fitted_samples *new_samples(hn_arena *arena, size_t rank, const size_t *shape)
{
    hn_fitted_samples *s = HN_ARENA_NEW(arena, hn_fitted_samples, 1);
    size_t count = hn_sample_channels(rank, shape);
    if (!s)
        return NULL;
    s->rank = rank;
    s->size = 1;
    for (size_t i = 0; i < rank; i++)
        s->size *= s->shape[i] = shape[i];
    s->center = HN_ARENA_NEW(arena, double, count);
    s->scale = HN_ARENA_NEW(arena, double, count);
    for (size_t c = 0; s->scale && c < count; c++)
        s->scale[c] = 1;
    return s->center && s->scale ? s : NULL;
}

hone_status hn_preprocess_fit_samples(const hn_preprocess_options *options, const hn_dataset *dataset,
                                      const size_t *rows, size_t n, hn_preprocess *p, hone_error *err)
{
    const hn_sample_block *block = dataset->samples;
    if (options->scale == HN_SCALE_ROBUST)
        return hn_fail(err, HONE_UNSUPPORTED,
                       "preprocess: scale robust is for columns; arrays take standard, minmax or none");
    if (options->select || options->min_variance > 0)
        return hn_fail(err, HONE_UNSUPPORTED,
                       "preprocess: select and min_variance leave columns out; %s holds one array a row",
                       dataset->source);
    hn_fitted_samples *s = p->samples = new_samples(&p->arena, block->rank, block->shape);
    if (!s)
        return hn_out_of_memory(err);
    s->type = block->type;
    p->width = p->full_width = s->size;
    if (block->text)
        return hn_vocabulary_fit(dataset, rows, n, p, err);
    if (block->type == HN_SAMPLE_BYTES && options->scale == HN_SCALE_MINMAX) {
        for (size_t c = 0; c < hn_sample_channels(s->rank, s->shape); c++)
            s->scale[c] = UINT8_MAX;
        return HONE_OK;
    }
    return hn_preprocess_depends_on_rows(options, dataset) ? fit_scale(options->scale, block, rows, n, p, err)
                                                           : HONE_OK;
}

/* --- applying --- */

static void shape_text(hn_buffer *out, size_t rank, const size_t *shape)
{
    for (size_t i = 0; i < rank; i++)
        hn_buffer_printf(out, "%s%zu", i ? " x " : "", shape[i]);
}

static hone_status fail_shape(const hn_fitted_samples *s, const hn_dataset *dataset, hone_error *err)
{
    hn_buffer got = HN_BUFFER_INIT, wanted = HN_BUFFER_INIT;
    shape_text(&got, dataset->samples->rank, dataset->samples->shape);
    shape_text(&wanted, s->rank, s->shape);
    hone_status status = hn_fail(
        err, HONE_INVALID, "%s has rows of %s%s, the model was fitted to rows of %s%s", dataset->source,
        hn_buffer_string(&got), dataset->samples->type == HN_SAMPLE_TOKENS ? " tokens" : "",
        hn_buffer_string(&wanted), s->type == HN_SAMPLE_TOKENS ? " tokens" : "");
    hn_buffer_release(&got);
    hn_buffer_release(&wanted);
    return status;
}

/* Images as bytes and as floats go together: they are of one scale only if their files are. */
hone_status hn_preprocess_view(const hn_preprocess *fitted, const hn_dataset *dataset, const size_t *rows,
                               hn_sample_view *view, hone_error *err)
{
    const hn_fitted_samples *s = fitted->samples;
    const hn_sample_block *block = dataset->samples;
    if (!s || !block)
        return hn_fail(err, HONE_INVALID, "%s holds %s, the model was fitted to %s", dataset->source,
                       block ? "one array a row" : "columns", s ? "one array a row" : "columns");
    if (block->rank != s->rank || memcmp(block->shape, s->shape, s->rank * sizeof *s->shape) != 0 ||
        block->type != s->type)
        return fail_shape(s, dataset, err);
    *view = (hn_sample_view){.block = block, .rows = rows, .center = s->center, .scale = s->scale};
    return s->text ? hn_vocabulary_view(s, dataset, view, err) : HONE_OK;
}

hone_status hn_preprocess_read_samples(const hn_sample_view *view, size_t from, size_t n, double *out,
                                       size_t column_step, size_t row_step, hone_error *err)
{
    size_t size = view->block->size;
    float *row = hn_aligned_array(size, sizeof *row);
    for (size_t i = 0; row && i < n; i++) {
        hn_sample_row(view, from + i, row);
        for (size_t k = 0; k < size; k++)
            out[k * column_step + i * row_step] = row[k];
    }
    hn_free(row);
    return row ? HONE_OK : hn_out_of_memory(err);
}

/* --- saving --- */

static const char *const type_names[] = {"", "bytes", "floats", "tokens"};

hn_node *hn_preprocess_save_samples(const hn_fitted_samples *s, hn_arena *arena)
{
    hn_node *shape = hn_node_list(arena), *center = hn_node_list(arena), *scale = hn_node_list(arena);
    for (size_t i = 0; i < s->rank; i++)
        shape = hn_list_append(arena, shape, hn_node_integer(arena, (int64_t)s->shape[i]));
    for (size_t c = 0; c < hn_sample_channels(s->rank, s->shape); c++) {
        center = hn_list_append(arena, center, hn_node_real(arena, s->center[c]));
        scale = hn_list_append(arena, scale, hn_node_real(arena, s->scale[c]));
    }
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "type", hn_node_string(arena, type_names[s->type]));
    map = hn_map_set(arena, map, "shape", shape);
    map = hn_map_set(arena, map, "center", center);
    map = hn_map_set(arena, map, "scale", scale);
    return s->text ? hn_map_set(arena, map, "text", hn_vocabulary_save(s->text, arena)) : map;
}

static bool numbers_of(const hn_node *list, size_t n, bool positive, double *out)
{
    bool sound = list && list->kind == HN_LIST && list->count == n;
    for (size_t i = 0; sound && i < n; i++)
        sound = hn_node_double(list->as.items[i], &out[i]) && isfinite(out[i]) && (!positive || out[i] > 0);
    return sound;
}

static bool shape_of(const hn_node *list, size_t *rank, size_t shape[HN_SAMPLE_MAX_RANK])
{
    size_t size = 1;
    int64_t dim;
    bool sound = list && list->kind == HN_LIST && list->count >= 1 && list->count <= HN_SAMPLE_MAX_RANK;
    for (size_t i = 0; sound && i < list->count; i++) {
        sound = hn_node_int(list->as.items[i], &dim) && dim > 0 && dim <= HN_SAMPLE_MOST_VALUES &&
                (size *= (size_t)dim) <= HN_SAMPLE_MOST_VALUES;
        shape[i] = sound ? (size_t)dim : 0;
    }
    *rank = sound ? list->count : 0;
    return sound;
}

hone_status hn_preprocess_load_samples(const hn_node *node, hn_preprocess *p, hone_error *err)
{
    const hn_node *type = hn_map_get(node, "type"), *text = hn_map_get(node, "text");
    size_t rank, shape[HN_SAMPLE_MAX_RANK] = {0};
    bool sound = type && type->kind == HN_STRING && shape_of(hn_map_get(node, "shape"), &rank, shape);
    hn_fitted_samples *s = p->samples = sound ? new_samples(&p->arena, rank, shape) : NULL;
    for (int k = HN_SAMPLE_BYTES; s && k <= HN_SAMPLE_TOKENS; k++)
        if (!strcmp(type->as.string, type_names[k]))
            s->type = (hn_sample_type)k;
    size_t channels = s ? hn_sample_channels(rank, shape) : 0;
    sound = s && s->type && numbers_of(hn_map_get(node, "center"), channels, false, s->center) &&
            numbers_of(hn_map_get(node, "scale"), channels, true, s->scale) && (!text || rank == 1);
    if (sound && text)
        sound = (s->text = hn_vocabulary_load(text, shape[0], &p->arena)) != NULL;
    if (!sound)
        return hn_fail(err, HONE_PARSE, "the preprocessing of samples is not what hone writes");
    p->width = p->full_width = s->size;
    return HONE_OK;
}
