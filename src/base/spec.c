/* spec.c: a plug-in's name with its options, in the three ways of writing it. */
#include <string.h>

#include "base/option.h"

static bool is_name(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return size > 0;
}

/* Where sugar is read from. */
typedef struct sugar {
    hn_arena *arena;
    const char *text, *what;
    hn_position at;
    hone_error *err;
} sugar;

/* A value in matching quotes is a text, whatever it looks like. */
static hn_node *read_sugar_value(hn_arena *arena, const char *text, size_t size)
{
    bool quoted = size >= 2 && (text[0] == '"' || text[0] == '\'') && text[size - 1] == text[0];
    if (!quoted)
        return hn_node_plain(arena, text, size);
    hn_node *node = hn_node_string(arena, hn_arena_strndup(arena, text + 1, size - 2));
    if (node != NULL)
        node->quoted = true;
    return node;
}

/* "xi=0.01" at option, `size` bytes, into the map. */
static hone_status read_sugar_option(const sugar *s, const char *option, size_t size, hn_node *map)
{
    const char *equals = size == 0 ? NULL : memchr(option, '=', size);
    if (equals == NULL || !is_name(option, (size_t)(equals - option)) || equals + 1 == option + size)
        return hn_fail_at(
            s->err, HONE_PARSE, s->at,
            "%s '%s': '%.*s' is not of the form option=value (options are written NAME:a=1,b=2)", s->what,
            s->text, size > 60 ? 60 : (int)size, option);
    char *key = hn_arena_strndup(s->arena, option, (size_t)(equals - option));
    if (key == NULL)
        return hn_out_of_memory(s->err);
    if (hn_map_get(map, key) != NULL)
        return hn_fail_at(s->err, HONE_PARSE, s->at, "%s '%s': option '%s' is given twice", s->what, s->text,
                          key);
    hn_node *value = read_sugar_value(s->arena, equals + 1, size - (size_t)(equals + 1 - option));
    if (value != NULL)
        value->at = s->at;
    if (hn_map_append(s->arena, map, key, value) == NULL)
        return hn_out_of_memory(s->err);
    map->as.entries[map->count - 1].at = s->at;
    return HONE_OK;
}

/* "gp" or "gp:acquisition=ei,xi=0.01". */
static hone_status read_sugar(const sugar *s, hn_spec *spec)
{
    size_t size = strlen(s->text), name_size = strcspn(s->text, ":");
    if (!is_name(s->text, name_size))
        return hn_fail_at(s->err, HONE_PARSE, s->at, "%s '%s': expected a name, or NAME:option=value,...",
                          s->what, s->text);
    char *name = hn_arena_strndup(s->arena, s->text, name_size);
    hn_node *map = name_size < size ? hn_node_map(s->arena) : NULL;
    if (name == NULL || (map == NULL && name_size < size))
        return hn_out_of_memory(s->err);
    size_t at = name_size;
    while (at < size) { /* at a colon or comma */
        at++;
        size_t length = strcspn(s->text + at, ",");
        hone_status status = read_sugar_option(s, s->text + at, length, map);
        if (status != HONE_OK)
            return status;
        at += length;
    }
    if (map != NULL)
        map->at = s->at;
    *spec = (hn_spec){.name = name, .options = map, .at = s->at};
    return HONE_OK;
}

static hone_status read_map(hn_arena *arena, const hn_node *node, const char *what, hn_spec *spec,
                            hone_error *err)
{
    if (node->count != 1)
        return hn_fail_at(
            err, HONE_INVALID, node->at,
            "%s: expected one name with its options, {NAME: {option: value}}, found a map of %zu entries",
            what, node->count);
    const hn_map_entry *entry = &node->as.entries[0];
    if (!is_name(entry->key, strlen(entry->key)))
        return hn_fail_at(err, HONE_INVALID, entry->at, "%s: '%s' is not a name", what, entry->key);
    if (entry->value->kind != HN_MAP && entry->value->kind != HN_NULL)
        return hn_fail_at(err, HONE_INVALID, entry->value->at,
                          "%s '%s': the options must be a map like {name: value}, found %s", what, entry->key,
                          hn_node_describe(arena, entry->value));
    *spec = (hn_spec){
        .name = entry->key, .options = entry->value->kind == HN_MAP ? entry->value : NULL, .at = entry->at};
    return HONE_OK;
}

hone_status hn_spec_from_node(hn_arena *arena, const hn_node *node, const char *what, hn_spec *spec,
                              hone_error *err)
{
    if (node->kind == HN_STRING)
        return read_sugar(&(sugar){arena, node->as.string, what, node->at, err}, spec);
    if (node->kind == HN_MAP)
        return read_map(arena, node, what, spec, err);
    return hn_fail_at(err, HONE_INVALID, node->at, "%s: expected a name or {NAME: {option: value}}, found %s",
                      what, hn_node_describe(arena, node));
}

hone_status hn_spec_from_text(hn_arena *arena, const char *text, const char *what, hn_spec *spec,
                              hone_error *err)
{
    if (text[strspn(text, " \t\r\n")] != '{')
        return read_sugar(&(sugar){arena, text, what, {0}, err}, spec);
    hn_node *node;
    const char *source = hn_arena_strdup(arena, what);
    if (source == NULL)
        return hn_out_of_memory(err);
    hone_status status = hn_yaml_parse(arena, source, text, strlen(text), &node, err);
    return status == HONE_OK ? hn_spec_from_node(arena, node, what, spec, err) : status;
}

hn_node *hn_spec_to_node(hn_arena *arena, const hn_spec *spec)
{
    if (spec->options == NULL || spec->options->count == 0)
        return hn_node_string(arena, spec->name);
    return hn_map_append(arena, hn_node_map(arena), spec->name, hn_node_copy(arena, spec->options));
}
