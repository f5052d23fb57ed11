#include "model/fit_record.h"

#include <string.h>

#include "base/text_map.h"
#include "model/design.h"

/* --- making --- */

static hn_node *value_node(hn_arena *arena, const hn_option *option, const char *field)
{
    switch (option->type) {
    case HN_OPTION_BOOL: return hn_node_bool(arena, *(const bool *)field);
    case HN_OPTION_INT: return hn_node_integer(arena, *(const int64_t *)field);
    case HN_OPTION_CHOICE: return hn_node_string(arena, option->choices[*(const int *)field]);
    case HN_OPTION_DOUBLE:
    case HN_OPTION_DURATION: return hn_node_real(arena, *(const double *)field);
    case HN_OPTION_STRING: {
        const char *text = *(const char *const *)field;
        return text ? hn_node_string(arena, text) : hn_node_null(arena);
    }
    case HN_OPTION_NODE: break;
    }
    const hn_node *node = *(const hn_node *const *)field;
    return node ? hn_node_copy(arena, node) : hn_node_null(arena);
}

/* Row i as the bytes that are hashed; their number, 0 when it cannot be read. room: (d,). */
static size_t read_row(const hn_design *train, size_t i, double *room)
{
    if (train->samples) {
        hn_sample_row(train->samples, i, (float *)(void *)room);
        return train->d * sizeof(float);
    }
    return hn_design_rows(train, i, 1, room, NULL) ? 0 : train->d * sizeof *room;
}

/* Of the targets and weights, and of some rows spread over all. NULL when these cannot be read. */
static hn_node *data_hash(const hn_design *train, hn_arena *arena)
{
    enum { ROWS = 64 };
    double *row = HN_ARENA_NEW(arena, double, train->d);
    uint64_t hash = train->n;
    if (train->y)
        hash = hn_hash_bytes(train->y, train->n * sizeof *train->y, hash);
    if (train->weight)
        hash = hn_hash_bytes(train->weight, train->n * sizeof *train->weight, hash);
    for (size_t k = 0; row && train->n && k < ROWS; k++) {
        size_t bytes = read_row(train, k * (train->n - 1) / (ROWS - 1), row);
        if (!bytes)
            return NULL;
        hash = hn_hash_bytes(row, bytes, hash);
    }
    return row ? hn_node_integer(arena, (int64_t)(hash >> 1)) : NULL;
}

hn_node *hn_fit_record(const hn_model_type *type, const void *config, const hn_design *train, uint64_t seed,
                       hn_arena *arena)
{
    hn_node *map = hn_node_map(arena);
    for (size_t i = 0; i < type->options.count; i++) {
        const hn_option *option = &type->options.options[i];
        hn_node *value = value_node(arena, option, (const char *)config + option->offset);
        map = hn_map_set(arena, map, option->name, value);
    }
    map = hn_map_set(arena, map, "model", hn_node_string(arena, type->name));
    map = hn_map_set(arena, map, "seed", hn_node_integer(arena, (int64_t)seed));
    map = hn_map_set(arena, map, "columns", hn_node_integer(arena, (int64_t)train->d));
    map = hn_map_set(arena, map, "rows", hn_node_integer(arena, (int64_t)train->n));
    return hn_map_set(arena, map, "data", data_hash(train, arena));
}

/* --- comparing --- */

hone_status hn_fit_record_compare(const char *path, const char *text, const hn_node *own,
                                  bool (*matters)(const void *user, const char *key), const void *user,
                                  hn_arena *arena, hn_node **its, hone_error *err)
{
    hn_node *found = NULL;
    const char *wanted = hn_node_json(arena, own, HN_JSON_STRICT);
    if (hn_json_parse(arena, path, text, strlen(text), &found, NULL) || found->kind != HN_MAP)
        return hn_fail(err, HONE_PARSE, "%s: what it is of cannot be read", path);
    bool same = wanted && !strcmp(wanted, text);
    for (size_t i = 0; !same && i < own->count; i++) {
        const hn_map_entry *entry = &own->as.entries[i];
        const hn_node *other = hn_map_get(found, entry->key);
        bool compared = !matters || matters(user, entry->key);
        if (!other || (compared && !hn_node_equal(other, entry->value)))
            return hn_fail(err, HONE_INVALID, "%s is of another fit: its %s %s", path, entry->key,
                           !strcmp(entry->key, "data") ? "has other rows" : "is another");
    }
    *its = found;
    return HONE_OK;
}
