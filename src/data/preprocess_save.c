/* preprocess_save.c: the fitted preprocessing as a map {header, columns: [{name, kind, ...}], kept} or
 * {header, samples} (preprocess_samples.c) and back. kept lists the columns that stay, when some do not. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/preprocess_state.h"

static hn_node *save_column(hn_arena *arena, const char *name, const hn_fitted_column *column)
{
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "name", hn_node_string(arena, name));
    if (column->kind == HN_COLUMN_NUMERIC) {
        map = hn_map_set(arena, map, "kind", hn_node_string(arena, "numeric"));
        map = hn_map_set(arena, map, "missing", hn_node_real(arena, column->missing));
        map = hn_map_set(arena, map, "center", hn_node_real(arena, column->center));
        return hn_map_set(arena, map, "scale", hn_node_real(arena, column->scale));
    }
    hn_node *list = hn_node_list(arena);
    for (size_t k = 0; k < column->n_categories; k++)
        list = hn_list_append(arena, list, hn_node_string(arena, column->categories[k]));
    map = hn_map_set(arena, map, "kind", hn_node_string(arena, "categorical"));
    map = hn_map_set(arena, map, "missing", hn_node_integer(arena, (int64_t)column->missing));
    if (column->ordinal)
        map = hn_map_set(arena, map, "ordinal", hn_node_bool(arena, true));
    return hn_map_set(arena, map, "categories", list);
}

hn_node *hn_preprocess_save(const hn_preprocess *fitted, hn_arena *arena)
{
    hn_node *list = hn_node_list(arena);
    for (size_t j = 0; j < fitted->n_columns; j++)
        list = hn_list_append(arena, list, save_column(arena, fitted->names[j], &fitted->columns[j]));
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "header", hn_node_bool(arena, fitted->has_header));
    if (fitted->samples)
        return hn_map_set(arena, map, "samples", hn_preprocess_save_samples(fitted->samples, arena));
    map = hn_map_set(arena, map, "columns", list);
    if (fitted->width == fitted->full_width)
        return map;
    hn_node *kept = hn_node_list(arena);
    for (size_t c = 0; c < fitted->full_width; c++)
        if (fitted->position[c] != SIZE_MAX)
            kept = hn_list_append(arena, kept, hn_node_integer(arena, (int64_t)c));
    return hn_map_set(arena, map, "kept", kept);
}

/* --- loading --- */

static const char *text_of(const hn_node *map, const char *key)
{
    const hn_node *node = hn_map_get(map, key);
    return node && node->kind == HN_STRING ? node->as.string : NULL;
}

static bool finite_of(const hn_node *map, const char *key, double *value)
{
    const hn_node *node = hn_map_get(map, key);
    return node && hn_node_double(node, value) && isfinite(*value);
}

/* Categories must ascend: applying merges two sorted lists. */
static bool load_categories(hn_arena *arena, const hn_node *node, hn_fitted_column *column)
{
    const hn_node *list = hn_map_get(node, "categories");
    int64_t missing;
    if (!list || list->kind != HN_LIST || !hn_node_int(hn_map_get(node, "missing"), &missing))
        return false;
    if (missing < 0 || (missing >= (int64_t)list->count && missing > 0))
        return false;
    const hn_node *ordinal = hn_map_get(node, "ordinal");
    column->ordinal = ordinal && ordinal->kind == HN_BOOL && ordinal->as.boolean;
    column->missing = (double)missing;
    column->n_categories = list->count;
    column->categories = HN_ARENA_NEW(arena, const char *, list->count);
    for (size_t k = 0; column->categories && k < list->count; k++) {
        const hn_node *item = list->as.items[k];
        if (item->kind != HN_STRING || (k && strcmp(column->categories[k - 1], item->as.string) >= 0))
            return false;
        if (!(column->categories[k] = hn_arena_strdup(arena, item->as.string)))
            return false;
    }
    return column->categories != NULL;
}

static bool load_column(hn_preprocess *p, size_t j, const hn_node *node)
{
    hn_fitted_column *column = &p->columns[j];
    const char *name = text_of(node, "name"), *kind = text_of(node, "kind");
    if (!name || !kind || !(p->names[j] = hn_arena_strdup(&p->arena, name)))
        return false;
    bool numeric = strcmp(kind, "numeric") == 0;
    if (!numeric && strcmp(kind, "categorical") != 0)
        return false;
    column->kind = p->kinds[j] = numeric ? HN_COLUMN_NUMERIC : HN_COLUMN_CATEGORICAL;
    if (!numeric)
        return load_categories(&p->arena, node, column);
    return finite_of(node, "missing", &column->missing) && finite_of(node, "center", &column->center) &&
           finite_of(node, "scale", &column->scale) && column->scale > 0;
}

/* kept (may be NULL: all) must ascend. */
static bool load_kept(hn_preprocess *p, const hn_node *kept)
{
    if (!hn_preprocess_keep_all(p) || (kept && (kept->kind != HN_LIST || !kept->count)))
        return false;
    int64_t column, before = -1;
    for (size_t c = 0; kept && c < p->full_width; c++)
        p->position[c] = SIZE_MAX;
    for (size_t i = 0; kept && i < kept->count; i++, before = column) {
        if (!hn_node_int(kept->as.items[i], &column) || column <= before || column >= (int64_t)p->full_width)
            return false;
        p->position[column] = i;
    }
    p->width = kept ? kept->count : p->full_width;
    return true;
}

static hone_status load_samples(const hn_node *node, bool has_header, hn_preprocess **fitted, hone_error *err)
{
    hn_preprocess *p = hn_preprocess_new(0);
    if (!p)
        return hn_out_of_memory(err);
    p->has_header = has_header;
    hone_status status = hn_preprocess_load_samples(node, p, err);
    if (status)
        hn_preprocess_destroy(p);
    else
        *fitted = p;
    return status;
}

hone_status hn_preprocess_load(const hn_node *node, hn_preprocess **fitted, hone_error *err)
{
    const hn_node *list = hn_map_get(node, "columns"), *header = hn_map_get(node, "header");
    const hn_node *samples = hn_map_get(node, "samples");
    if (samples && header && header->kind == HN_BOOL)
        return load_samples(samples, header->as.boolean, fitted, err);
    if (!list || list->kind != HN_LIST || list->count == 0 || !header || header->kind != HN_BOOL)
        return hn_fail(err, HONE_PARSE, "the preprocessing needs header and columns");
    hn_preprocess *p = hn_preprocess_new(list->count);
    if (!p)
        return hn_out_of_memory(err);
    p->has_header = header->as.boolean;
    for (size_t j = 0; j < list->count; j++) {
        if (!load_column(p, j, list->as.items[j])) {
            hn_preprocess_destroy(p);
            return hn_fail(err, HONE_PARSE, "the preprocessing of column %zu is not what hone writes", j);
        }
        p->columns[j].offset = p->full_width;
        p->full_width += hn_fitted_column_width(&p->columns[j]);
    }
    if (!load_kept(p, hn_map_get(node, "kept"))) {
        hn_preprocess_destroy(p);
        return hn_fail(err, HONE_PARSE, "the preprocessing keeps columns that it does not make");
    }
    *fitted = p;
    return HONE_OK;
}
