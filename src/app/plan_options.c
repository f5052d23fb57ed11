/* A model's options in which values may be search expressions: {C: {float: [0.1, 10], log: true}, kernel:
 * rbf}. An item of a list may be repeated, a number of times that is itself searched: {repeat: {int: [1, 3],
 * name: depth}, dense: {units: {int: [8, 64]}}} has the parameters depth and units_0 ... units_2, the last
 * two of which exist only when depth is above 1, above 2. */
#include <string.h>

#include "app/plan.h"

enum { MOST_REPEATS = 1000 };

bool hn_is_search_expression(const hn_node *node)
{
    static const char *const kinds[] = {"float", "int", "choice", "ordinal"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (hn_map_get(node, kinds[i])) {
            return true;
        }
    }
    return false;
}

/* Where a value stands among the options. */
typedef struct place {
    const char *path;
    const char *key;  /* the last one on the path */
    const char *copy; /* "_2" inside the third copy of a repeated item; NULL outside */
    const char *when; /* the condition under which that copy exists; NULL: always */
} place;

static place inside(hn_arena *arena, const place *outer, const char *key)
{
    place inner = *outer;
    inner.path = hn_arena_printf(arena, "%s%s%s", outer->path, outer->path[0] ? "." : "", key);
    inner.key = key;
    return inner;
}

static place item(hn_arena *arena, const place *outer, size_t i)
{
    place inner = *outer;
    inner.path = hn_arena_printf(arena, "%s%s%zu", outer->path, outer->path[0] ? "." : "", i);
    return inner;
}

/* The parameter's name: its own `name:`, else its path; in copies its own, else its key, with the copy's
 * number. NULL when memory is out or the name is no text. */
static const char *expression_name(hn_arena *arena, const hn_node *node, const place *at)
{
    const hn_node *name = hn_map_get(node, "name");
    if (name && name->kind != HN_STRING) {
        return NULL;
    }
    if (at->copy) {
        return hn_arena_printf(arena, "%s%s", name ? name->as.string : at->key, at->copy);
    }
    return name ? name->as.string : at->path;
}

/* --- repeated items --- */

static const hn_node *repeat_of(const hn_node *list_item)
{
    return hn_map_get(list_item, "repeat");
}

/* {repeat: ...} itself stands at layers.0.repeat. */
static const char *repeat_name(hn_arena *arena, const hn_node *repeat, const place *at)
{
    place own = inside(arena, at, "repeat");
    return own.path ? expression_name(arena, repeat, &own) : NULL;
}

/* How often at least and at most. */
static hone_status repeat_range(const hn_node *repeat, const place *at, int64_t *low, int64_t *high,
                                hone_error *err)
{
    const hn_node *range = hn_map_get(repeat, "int");
    bool pair = range && range->kind == HN_LIST && range->count == 2;
    bool read = pair ? hn_node_int(range->as.items[0], low) && hn_node_int(range->as.items[1], high)
                     : hn_node_int(repeat, low) && hn_node_int(repeat, high);
    if (!read || *low < 0 || *high < *low || *high > MOST_REPEATS) {
        return hn_fail_at(err, HONE_INVALID, repeat->at,
                          "%s.repeat: it must be a whole number from 0 to %d, or {int: [low, high]} of such",
                          at->path, MOST_REPEATS);
    }
    if (at->copy) {
        return hn_fail_at(err, HONE_INVALID, repeat->at, "%s.repeat: it stands inside another repeat",
                          at->path);
    }
    return HONE_OK;
}

/* The place of copy i of the item; when NULL: every copy exists. */
static place copy_at(hn_arena *arena, const place *at, int64_t i, const char *when)
{
    place copy = *at;
    copy.copy = hn_arena_printf(arena, "_%lld", (long long)i);
    copy.when = when;
    return copy;
}

/* --- collecting --- */

/* The expression as the space has it: without its name, with the condition of its copy. */
static hn_node *space_entry(hn_arena *arena, const hn_node *node, const char *when)
{
    hn_node *expression = hn_node_map(arena);
    const hn_node *own = hn_map_get(node, "when");
    for (size_t i = 0; expression && i < node->count; i++) {
        const hn_map_entry *entry = &node->as.entries[i];
        if (strcmp(entry->key, "name") != 0 && !(when && entry->value == own)) {
            expression = hn_map_append(arena, expression, entry->key, entry->value);
            if (expression) {
                expression->as.entries[expression->count - 1].at = entry->at;
            }
        }
    }
    if (when && own && own->kind == HN_STRING) {
        when = hn_arena_printf(arena, "(%s) and %s", own->as.string, when);
    }
    hn_node *condition = when ? hn_node_string(arena, when) : NULL;
    if (condition) {
        condition->at = node->at;
    }
    if (expression && when) {
        expression = hn_map_append(arena, expression, "when", condition);
    }
    if (expression) {
        expression->at = node->at;
    }
    return expression;
}

static hone_status collect_one(hn_arena *arena, const hn_node *node, const place *at, hn_node *space,
                               hone_error *err)
{
    const char *name = expression_name(arena, node, at);
    if (!name) {
        return hn_fail_at(err, HONE_INVALID, hn_map_get(node, "name")->at, "%s: name must be a text",
                          at->path);
    }
    if (hn_map_get(space, name)) {
        return hn_fail_at(err, HONE_INVALID, node->at,
                          "%s: the name '%s' is taken by another value; give one a name: of its own",
                          at->path, name);
    }
    hn_node *expression = space_entry(arena, node, at->when);
    if (!expression || !hn_map_append(arena, space, name, expression)) {
        return hn_out_of_memory(err);
    }
    space->as.entries[space->count - 1].at = node->at;
    return HONE_OK;
}

static hone_status collect(hn_arena *arena, const hn_node *node, const place *at, hn_node *space,
                           hone_error *err);

static hone_status collect_map(hn_arena *arena, const hn_node *map, const place *at, const char *left_out,
                               hn_node *space, hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < map->count; i++) {
        const hn_map_entry *entry = &map->as.entries[i];
        if (!left_out || strcmp(entry->key, left_out) != 0) {
            place inner = inside(arena, at, entry->key);
            status = inner.path ? collect(arena, entry->value, &inner, space, err) : hn_out_of_memory(err);
        }
    }
    return status;
}

static hone_status collect_copies(hn_arena *arena, const hn_node *list_item, const place *at, hn_node *space,
                                  hone_error *err)
{
    const hn_node *repeat = repeat_of(list_item);
    int64_t low = 0, high = 0;
    hone_status status = repeat_range(repeat, at, &low, &high, err);
    const char *name = repeat_name(arena, repeat, at);
    if (!status && hn_is_search_expression(repeat)) {
        place own = inside(arena, at, "repeat");
        status = collect_one(arena, repeat, &own, space, err);
    }
    for (int64_t i = 0; !status && i < high; i++) {
        const char *when = i < low ? NULL : hn_arena_printf(arena, "%s > %lld", name, (long long)i);
        place copy = copy_at(arena, at, i, when);
        status = copy.copy && (i < low || when) ? collect_map(arena, list_item, &copy, "repeat", space, err)
                                                : hn_out_of_memory(err);
    }
    return status;
}

static hone_status collect(hn_arena *arena, const hn_node *node, const place *at, hn_node *space,
                           hone_error *err)
{
    if (node->kind == HN_MAP) {
        return hn_is_search_expression(node) ? collect_one(arena, node, at, space, err)
                                             : collect_map(arena, node, at, NULL, space, err);
    }
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && node->kind == HN_LIST && i < node->count; i++) {
        place inner = item(arena, at, i);
        const hn_node *child = node->as.items[i];
        status = !inner.path        ? hn_out_of_memory(err)
                 : repeat_of(child) ? collect_copies(arena, child, &inner, space, err)
                                    : collect(arena, child, &inner, space, err);
    }
    return status;
}

hone_status hn_options_collect(hn_arena *arena, const hn_node *options, hn_node *space, hone_error *err)
{
    return options ? collect(arena, options, &(place){.path = ""}, space, err) : HONE_OK;
}

/* --- substituting --- */

static hn_node *substitute(hn_arena *arena, const hn_node *node, const place *at, const hn_node *params,
                           bool *absent);

static hn_node *substitute_map(hn_arena *arena, const hn_node *map, const place *at, const char *left_out,
                               const hn_node *params)
{
    hn_node *made = hn_node_map(arena);
    for (size_t i = 0; made && i < map->count; i++) {
        const hn_map_entry *entry = &map->as.entries[i];
        place inner = inside(arena, at, entry->key);
        bool absent = left_out && !strcmp(entry->key, left_out);
        hn_node *value =
            absent || !inner.path ? NULL : substitute(arena, entry->value, &inner, params, &absent);
        if (!absent) {
            made = hn_map_append(arena, made, entry->key, value);
            if (made) {
                made->as.entries[made->count - 1].at = entry->at;
            }
        }
    }
    if (made) {
        made->at = map->at;
    }
    return made;
}

/* As many copies as the parameter says; none when it is not among params. */
static hn_node *append_copies(hn_arena *arena, hn_node *list, const hn_node *list_item, const place *at,
                              const hn_node *params)
{
    const hn_node *repeat = repeat_of(list_item), *count = repeat;
    int64_t n = 0;
    if (hn_is_search_expression(repeat)) {
        const char *name = repeat_name(arena, repeat, at);
        count = name ? hn_map_get(params, name) : NULL;
    }
    if (count && !hn_node_int(count, &n)) {
        n = 0;
    }
    for (int64_t i = 0; list && i < n; i++) {
        place copy = copy_at(arena, at, i, NULL);
        list = copy.copy
                   ? hn_list_append(arena, list, substitute_map(arena, list_item, &copy, "repeat", params))
                   : NULL;
    }
    return list;
}

static hn_node *substitute_list(hn_arena *arena, const hn_node *list, const place *at, const hn_node *params)
{
    hn_node *made = hn_node_list(arena);
    for (size_t i = 0; made && i < list->count; i++) {
        const hn_node *child = list->as.items[i];
        place inner = item(arena, at, i);
        bool absent = false;
        if (inner.path && repeat_of(child)) {
            made = append_copies(arena, made, child, &inner, params);
            continue;
        }
        hn_node *value = inner.path ? substitute(arena, child, &inner, params, &absent) : NULL;
        if (!absent) {
            made = hn_list_append(arena, made, value);
        }
    }
    if (made) {
        made->at = list->at;
    }
    return made;
}

/* *absent: an expression whose parameter is inactive. */
static hn_node *substitute(hn_arena *arena, const hn_node *node, const place *at, const hn_node *params,
                           bool *absent)
{
    *absent = false;
    if (node->kind == HN_MAP && hn_is_search_expression(node)) {
        const char *name = expression_name(arena, node, at);
        const hn_node *value = name ? hn_map_get(params, name) : NULL;
        *absent = !value;
        hn_node *copy = value ? hn_node_copy(arena, value) : NULL;
        if (copy) {
            copy->at = node->at;
        }
        return copy;
    }
    return node->kind == HN_MAP    ? substitute_map(arena, node, at, NULL, params)
           : node->kind == HN_LIST ? substitute_list(arena, node, at, params)
                                   : hn_node_copy(arena, node);
}

hn_node *hn_options_substitute(hn_arena *arena, const hn_node *options, const hn_node *params)
{
    bool absent;
    return options ? substitute(arena, options, &(place){.path = ""}, params, &absent) : hn_node_map(arena);
}
