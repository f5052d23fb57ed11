/* Shapes: which columns a trial's parameters have, in order. Trials are alike, so that a million share a
 * few. */
#include <string.h>

#include "base/memory.h"
#include "storage/memory.h"

static bool is_shape(const hn_memory_shape *shape, const uint32_t *columns, size_t n)
{
    return shape->n == n && (n == 0 || memcmp(shape->columns, columns, n * sizeof *columns) == 0);
}

static hone_status add(hn_memory_shapes *shapes, const uint32_t *columns, size_t n, uint32_t *index,
                       hone_error *err)
{
    if (HN_GROW(shapes->items, shapes->count, shapes->capacity))
        return hn_out_of_memory(err);
    hn_buffer_clear(&shapes->key);
    for (size_t i = 0; i < n; i++)
        hn_buffer_printf(&shapes->key, "%u,", (unsigned)columns[i]);
    if (hn_buffer_failed(&shapes->key))
        return hn_out_of_memory(err);
    size_t found = hn_text_map_find(&shapes->map, hn_buffer_string(&shapes->key));
    if (found == HN_TEXT_MAP_NONE) {
        uint32_t *copy = HN_ARENA_NEW(&shapes->arena, uint32_t, n);
        if (!copy)
            return hn_out_of_memory(err);
        if (n)
            memcpy(copy, columns, n * sizeof *copy);
        found = hn_text_map_intern(&shapes->map, hn_buffer_string(&shapes->key));
        if (found == HN_TEXT_MAP_NONE)
            return hn_out_of_memory(err);
        shapes->items[shapes->count++] = (hn_memory_shape){.columns = copy, .n = (uint32_t)n};
    }
    *index = (uint32_t)found;
    return HONE_OK;
}

hone_status hn_memory_shape_intern(hn_memory_shapes *shapes, const uint32_t *columns, size_t n,
                                   uint32_t *index, hone_error *err)
{
    hone_status status = HONE_OK;
    if (shapes->count == 0 || !is_shape(&shapes->items[shapes->latest], columns, n))
        status = add(shapes, columns, n, &shapes->latest, err);
    if (!status)
        *index = shapes->latest;
    return status;
}

void hn_memory_shapes_release(hn_memory_shapes *shapes)
{
    hn_free(shapes->items);
    hn_text_map_release(&shapes->map);
    hn_arena_release(&shapes->arena);
    hn_buffer_release(&shapes->key);
}
