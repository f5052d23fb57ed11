/* node.c: looking at trees and making them. */
#include "base/node.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/os_file.h"
#include "base/os_input.h"

enum { FILE_LIMIT = 256 << 20 };

/* --- looking --- */

hn_node *hn_map_get(const hn_node *node, const char *key)
{
    if (node == NULL || node->kind != HN_MAP)
        return NULL;
    for (size_t i = 0; i < node->count; i++)
        if (strcmp(node->as.entries[i].key, key) == 0)
            return node->as.entries[i].value;
    return NULL;
}

/* A text for an error message: at most 60 bytes of it, cut between UTF-8 sequences. */
static const char *describe_string(hn_arena *arena, const hn_node *node)
{
    size_t size = node->count;
    if (size > 60) {
        size = 60;
        while (size > 0 && ((unsigned char)node->as.string[size] & 0xC0) == 0x80)
            size--;
    }
    const char *text =
        hn_arena_printf(arena, "'%.*s%s'", (int)size, node->as.string, size < node->count ? "..." : "");
    return text == NULL ? "a string" : text;
}

const char *hn_node_describe(hn_arena *arena, const hn_node *node)
{
    char number[HN_NUMBER_SIZE];
    const char *text = NULL;
    switch (node == NULL ? HN_NULL : node->kind) {
    case HN_NULL: return "null";
    case HN_BOOL: return node->as.boolean ? "true" : "false";
    case HN_INT:
        text = hn_arena_printf(arena, "%lld", (long long)node->as.integer);
        return text == NULL ? "an integer" : text;
    case HN_DOUBLE:
        hn_format_python_double(number, node->as.real);
        text = hn_arena_strdup(arena, number);
        return text == NULL ? "a number" : text;
    case HN_STRING: return describe_string(arena, node);
    case HN_LIST: return node->count == 0 ? "an empty list" : "a list";
    case HN_MAP: return node->count == 0 ? "an empty map" : "a map";
    }
    return "null";
}

bool hn_node_double(const hn_node *node, double *value)
{
    if (node == NULL || (node->kind != HN_INT && node->kind != HN_DOUBLE))
        return false;
    *value = node->kind == HN_INT ? (double)node->as.integer : node->as.real;
    return true;
}

bool hn_node_int(const hn_node *node, int64_t *value)
{
    if (node == NULL)
        return false;
    if (node->kind == HN_INT) {
        *value = node->as.integer;
        return true;
    }
    if (node->kind != HN_DOUBLE || !(node->as.real >= -0x1p63 && node->as.real < 0x1p63) ||
        node->as.real != floor(node->as.real))
        return false;
    *value = (int64_t)node->as.real;
    return true;
}

static bool numbers_equal(const hn_node *a, const hn_node *b)
{
    if (a->kind == HN_INT && b->kind == HN_INT)
        return a->as.integer == b->as.integer;
    double x = 0, y = 0;
    hn_node_double(a, &x);
    hn_node_double(b, &y);
    return x == y || (isnan(x) && isnan(y));
}

static bool maps_equal(const hn_node *a, const hn_node *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const hn_map_entry *entry = &a->as.entries[i], *same_place = &b->as.entries[i];
        const hn_node *other =
            strcmp(entry->key, same_place->key) == 0 ? same_place->value : hn_map_get(b, entry->key);
        if (other == NULL || !hn_node_equal(entry->value, other))
            return false;
    }
    return true;
}

/* Maps are equal in whatever order; 3 equals 3.0; NaN equals NaN. */
bool hn_node_equal(const hn_node *a, const hn_node *b)
{
    bool a_number = a->kind == HN_INT || a->kind == HN_DOUBLE;
    bool b_number = b->kind == HN_INT || b->kind == HN_DOUBLE;
    if (a_number && b_number)
        return numbers_equal(a, b);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case HN_BOOL: return a->as.boolean == b->as.boolean;
    case HN_STRING: return a->count == b->count && memcmp(a->as.string, b->as.string, a->count) == 0;
    case HN_LIST:
        for (size_t i = 0; a->count == b->count && i < a->count; i++)
            if (!hn_node_equal(a->as.items[i], b->as.items[i]))
                return false;
        return a->count == b->count;
    case HN_MAP: return maps_equal(a, b);
    default: return true;
    }
}

static bool contains(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static hone_status unknown_key(const hn_map_entry *entry, const char *what, const char *const *allowed,
                               size_t n, hone_error *err)
{
    hn_buffer hint = HN_BUFFER_INIT;
    const char *nearest = hn_nearest_name(entry->key, allowed, n);
    if (nearest != NULL)
        hn_buffer_printf(&hint, " (did you mean '%s'?)", nearest);
    hn_buffer_text(&hint, n == 0 ? "; no keys are allowed here" : "; allowed are ");
    for (size_t i = 0; i < n; i++)
        hn_buffer_printf(&hint, "%s%s", i == 0 ? "" : ", ", allowed[i]);
    hone_status status = hn_fail_at(err, HONE_INVALID, entry->at, "%s has the unknown key '%s'%s", what,
                                    entry->key, hn_buffer_string(&hint));
    if (hn_buffer_failed(&hint))
        status = hn_out_of_memory(err);
    hn_buffer_release(&hint);
    return status;
}

hone_status hn_map_check_keys(const hn_node *map, const char *what, const char *const *allowed, size_t n,
                              hone_error *err)
{
    if (map == NULL || map->kind != HN_MAP)
        return HONE_OK;
    for (size_t i = 0; i < map->count; i++)
        if (!contains(allowed, n, map->as.entries[i].key))
            return unknown_key(&map->as.entries[i], what, allowed, n, err);
    return HONE_OK;
}

/* --- making --- */

static hn_node *new_node(hn_arena *arena, hn_node_kind kind)
{
    hn_node *node = HN_ARENA_NEW(arena, hn_node, 1);
    if (node != NULL)
        node->kind = kind;
    return node;
}

hn_node *hn_node_null(hn_arena *arena)
{
    return new_node(arena, HN_NULL);
}

hn_node *hn_node_bool(hn_arena *arena, bool value)
{
    hn_node *node = new_node(arena, HN_BOOL);
    if (node != NULL)
        node->as.boolean = value;
    return node;
}

hn_node *hn_node_integer(hn_arena *arena, int64_t value)
{
    hn_node *node = new_node(arena, HN_INT);
    if (node != NULL)
        node->as.integer = value;
    return node;
}

hn_node *hn_node_real(hn_arena *arena, double value)
{
    hn_node *node = new_node(arena, HN_DOUBLE);
    if (node != NULL)
        node->as.real = value;
    return node;
}

hn_node *hn_node_string(hn_arena *arena, const char *value)
{
    if (value == NULL)
        return NULL;
    hn_node *node = new_node(arena, HN_STRING);
    char *copy = hn_arena_strdup(arena, value);
    if (node == NULL || copy == NULL)
        return NULL;
    node->as.string = copy;
    node->count = strlen(copy);
    return node;
}

hn_node *hn_node_list(hn_arena *arena)
{
    return new_node(arena, HN_LIST);
}

hn_node *hn_node_map(hn_arena *arena)
{
    return new_node(arena, HN_MAP);
}

/* Room for one element more behind `count`. The room is not recorded: it is 0, or the power of two from 4 on
 * that holds the elements, so an array is full when its count is such a number. */
static void *with_room(hn_arena *arena, void *elements, size_t count, size_t size)
{
    bool full = count == 0 || (count >= 4 && (count & (count - 1)) == 0);
    if (!full)
        return elements;
    void *grown = hn_arena_alloc(arena, count == 0 ? 4 : count * 2, size);
    if (grown != NULL && count > 0)
        memcpy(grown, elements, count * size);
    return grown;
}

hn_node *hn_list_append(hn_arena *arena, hn_node *list, hn_node *item)
{
    if (list == NULL || item == NULL)
        return NULL;
    hn_node **items = with_room(arena, list->as.items, list->count, sizeof *items);
    if (items == NULL)
        return NULL;
    items[list->count++] = item;
    list->as.items = items;
    return list;
}

hn_node *hn_map_append(hn_arena *arena, hn_node *map, const char *key, hn_node *value)
{
    if (map == NULL || key == NULL || value == NULL)
        return NULL;
    hn_map_entry *entries = with_room(arena, map->as.entries, map->count, sizeof *entries);
    char *copy = hn_arena_strdup(arena, key);
    if (entries == NULL || copy == NULL)
        return NULL;
    entries[map->count++] = (hn_map_entry){.key = copy, .value = value};
    map->as.entries = entries;
    return map;
}

hn_node *hn_map_set(hn_arena *arena, hn_node *map, const char *key, hn_node *value)
{
    if (map == NULL || key == NULL || value == NULL)
        return NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->as.entries[i].key, key) == 0) {
            map->as.entries[i].value = value;
            return map;
        }
    }
    return hn_map_append(arena, map, key, value);
}

/* Sources of positions stay borrowed. */
hn_node *hn_node_copy(hn_arena *arena, const hn_node *node)
{
    if (node == NULL)
        return NULL;
    if (node->kind == HN_STRING) {
        hn_node *text = hn_node_string(arena, node->as.string);
        if (text != NULL) {
            text->at = node->at;
            text->quoted = node->quoted;
        }
        return text;
    }
    hn_node *copy = new_node(arena, node->kind);
    if (copy == NULL)
        return NULL;
    if (node->kind != HN_LIST && node->kind != HN_MAP) {
        *copy = *node;
        return copy;
    }
    copy->at = node->at;
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == HN_LIST) {
            if (hn_list_append(arena, copy, hn_node_copy(arena, node->as.items[i])) == NULL)
                return NULL;
        } else {
            const hn_map_entry *entry = &node->as.entries[i];
            if (hn_map_append(arena, copy, entry->key, hn_node_copy(arena, entry->value)) == NULL)
                return NULL;
            copy->as.entries[i].at = entry->at;
        }
    }
    return copy;
}

/* --- files --- */

hone_status hn_node_read_file(hn_arena *arena, const char *path, hn_node **root, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    hone_status status = hn_file_read(path, FILE_LIMIT, &text, err);
    const char *source = status == HONE_OK ? hn_arena_strdup(arena, path) : NULL;
    if (status != HONE_OK)
        goto done;
    if (source == NULL) {
        status = hn_out_of_memory(err);
        goto done;
    }
    size_t length = strlen(path);
    bool json = length >= 5 && strcmp(path + length - 5, ".json") == 0;
    status =
        (json ? hn_json_parse : hn_yaml_parse)(arena, source, hn_buffer_string(&text), text.size, root, err);
done:
    hn_buffer_release(&text);
    return status;
}
