/* A model's options in which values may be search expressions: {C: {float: [0.1, 10], log: true}, kernel:
 * rbf}. */
#include <string.h>

#include "app/plan.h"

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

/* The parameter's name: its own `name:`, else its path. NULL when memory is out or the name is no text. */
static const char *expression_name(const hn_node *node, const char *path)
{
    const hn_node *name = hn_map_get(node, "name");
    return !name ? path : name->kind == HN_STRING ? name->as.string : NULL;
}

static hone_status collect_one(hn_arena *arena, const hn_node *node, const char *path, hn_node *space,
                               hone_error *err)
{
    const char *name = expression_name(node, path);
    if (!name) {
        return hn_fail_at(err, HONE_INVALID, hn_map_get(node, "name")->at, "%s: name must be a text", path);
    }
    const hn_node *other = hn_map_get(space, name);
    if (other) {
        return hn_fail_at(err, HONE_INVALID, node->at,
                          "%s: the name '%s' is taken by another value; give one a name: of its own", path,
                          name);
    }
    hn_node *expression = hn_node_map(arena);
    for (size_t i = 0; expression && i < node->count; i++) {
        const hn_map_entry *entry = &node->as.entries[i];
        if (!strcmp(entry->key, "name")) {
            continue;
        }
        expression = hn_map_append(arena, expression, entry->key, entry->value);
        if (expression) {
            expression->as.entries[expression->count - 1].at = entry->at;
        }
    }
    if (!expression || !hn_map_append(arena, space, name, expression)) {
        return hn_out_of_memory(err);
    }
    expression->at = node->at;
    space->as.entries[space->count - 1].at = node->at;
    return HONE_OK;
}

static hone_status collect(hn_arena *arena, const hn_node *node, const char *path, hn_node *space,
                           hone_error *err)
{
    if (node->kind == HN_MAP && hn_is_search_expression(node)) {
        return collect_one(arena, node, path, space, err);
    }
    const char *joint = path[0] ? "." : "";
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && node->kind == HN_MAP && i < node->count; i++) {
        const char *inner = hn_arena_printf(arena, "%s%s%s", path, joint, node->as.entries[i].key);
        status = inner ? collect(arena, node->as.entries[i].value, inner, space, err) : hn_out_of_memory(err);
    }
    for (size_t i = 0; !status && node->kind == HN_LIST && i < node->count; i++) {
        const char *inner = hn_arena_printf(arena, "%s%s%zu", path, joint, i);
        status = inner ? collect(arena, node->as.items[i], inner, space, err) : hn_out_of_memory(err);
    }
    return status;
}

hone_status hn_options_collect(hn_arena *arena, const hn_node *options, hn_node *space, hone_error *err)
{
    return options ? collect(arena, options, "", space, err) : HONE_OK;
}

/* *absent: an expression whose parameter is inactive. */
static hn_node *substitute(hn_arena *arena, const hn_node *node, const char *path, const hn_node *params,
                           bool *absent)
{
    *absent = false;
    if (node->kind == HN_MAP && hn_is_search_expression(node)) {
        const hn_node *value = hn_map_get(params, expression_name(node, path));
        *absent = !value;
        hn_node *copy = value ? hn_node_copy(arena, value) : NULL;
        if (copy) {
            copy->at = node->at;
        }
        return copy;
    }
    if (node->kind != HN_MAP && node->kind != HN_LIST) {
        return hn_node_copy(arena, node);
    }
    const char *joint = path[0] ? "." : "";
    hn_node *made = node->kind == HN_MAP ? hn_node_map(arena) : hn_node_list(arena);
    for (size_t i = 0; made && i < node->count; i++) {
        bool map = node->kind == HN_MAP, missing;
        const char *inner = map ? hn_arena_printf(arena, "%s%s%s", path, joint, node->as.entries[i].key)
                                : hn_arena_printf(arena, "%s%s%zu", path, joint, i);
        const hn_node *child = map ? node->as.entries[i].value : node->as.items[i];
        hn_node *value = inner ? substitute(arena, child, inner, params, &missing) : NULL;
        if (inner && missing) {
            continue;
        }
        made = map ? hn_map_append(arena, made, node->as.entries[i].key, value)
                   : hn_list_append(arena, made, value);
    }
    if (made) {
        made->at = node->at;
    }
    return made;
}

hn_node *hn_options_substitute(hn_arena *arena, const hn_node *options, const hn_node *params)
{
    bool absent;
    return options ? substitute(arena, options, "", params, &absent) : hn_node_map(arena);
}
