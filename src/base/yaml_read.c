/* yaml_read.c: YAML text to trees, through libyaml's events.
 *
 * Unquoted scalars follow the core schema of YAML 1.2 (section 10.3.2), not 1.1: `no` is a string, `1e-5` a
 * number.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/node.h"
#include "base/number.h"

typedef struct yaml_reader {
    hn_arena *arena;
    const char *source, *text;
    size_t size;
    yaml_parser_t parser;
    yaml_event_t event;      /* the current one; its type is YAML_NO_EVENT when there is none */
    size_t n_chars, n_bytes; /* libyaml counts characters: so many are so many bytes */
    size_t n_nodes;
    hone_error *err;
} yaml_reader;

/* --- scalars --- */

static bool is_one_of(const char *text, size_t size, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strlen(*words) == size && memcmp(text, *words, size) == 0)
            return true;
    return false;
}

/* "0o17", "0xFF" within int64. */
static bool parse_radix(const char *text, size_t size, int64_t *value)
{
    if (size < 3 || text[0] != '0' || (text[1] != 'o' && text[1] != 'x'))
        return false;
    int radix = text[1] == 'o' ? 8 : 16;
    int64_t result = 0;
    for (size_t i = 2; i < size; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : 16;
        if (digit >= radix || __builtin_mul_overflow(result, radix, &result) ||
            __builtin_add_overflow(result, digit, &result))
            return false;
    }
    *value = result;
    return true;
}

static bool parse_special(const char *text, size_t size, double *value)
{
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    bool sign = size > 0 && (text[0] == '-' || text[0] == '+');
    if (is_one_of(text, size, nans))
        *value = (double)NAN;
    else if (is_one_of(text + sign, size - sign, infinities))
        *value = text[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    else
        return false;
    return true;
}

hn_node *hn_node_plain(hn_arena *arena, const char *text, size_t size)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    int64_t integer;
    double real;
    if (is_one_of(text, size, nulls))
        return hn_node_null(arena);
    if (is_one_of(text, size, trues) || is_one_of(text, size, falses))
        return hn_node_bool(arena, text[0] == 't' || text[0] == 'T');
    if (hn_parse_int(text, size, &integer) || parse_radix(text, size, &integer))
        return hn_node_integer(arena, integer);
    if (hn_parse_double(text, size, false, &real) || parse_special(text, size, &real))
        return hn_node_real(arena, real);
    return hn_node_string(arena, hn_arena_strndup(arena, text, size));
}

/* --- events --- */

static hn_position position_of(yaml_reader *reader, yaml_mark_t mark)
{
    if (mark.index < reader->n_chars)
        reader->n_chars = reader->n_bytes = 0;
    while (reader->n_chars < mark.index && reader->n_bytes < reader->size) {
        reader->n_bytes++;
        while (reader->n_bytes < reader->size &&
               ((unsigned char)reader->text[reader->n_bytes] & 0xC0) == 0x80)
            reader->n_bytes++;
        reader->n_chars++;
    }
    return (hn_position){.source = reader->source,
                         .line = (int)mark.line + 1,
                         .column = (int)mark.column + 1,
                         .byte = reader->n_bytes};
}

/* The reader of libyaml knows only the offset in bytes of what it could not decode. */
static hone_status encoding_error(yaml_reader *reader)
{
    size_t offset =
        reader->parser.problem_offset < reader->size ? reader->parser.problem_offset : reader->size;
    hn_position at = {.source = reader->source, .line = 1, .column = 1, .byte = offset};
    for (size_t i = 0; i < offset; i++) {
        bool line_end = reader->text[i] == '\n';
        at.line += line_end;
        at.column = line_end ? 1 : at.column + (((unsigned char)reader->text[i] & 0xC0) != 0x80);
    }
    return hn_fail_at(reader->err, HONE_PARSE, at, "not valid YAML: %s",
                      reader->parser.problem_value < 0 ? "the text is not UTF-8" : reader->parser.problem);
}

static hone_status parser_error(yaml_reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return hn_out_of_memory(reader->err);
    if (parser->error == YAML_READER_ERROR)
        return encoding_error(reader);
    hn_position at = position_of(reader, parser->problem_mark);
    const char *problem = parser->problem == NULL ? "it cannot be parsed" : parser->problem;
    bool colon = strstr(problem, "mapping values") != NULL; /* storage: memory: */
    if (parser->context == NULL)
        return hn_fail_at(reader->err, HONE_PARSE, at, "not valid YAML: %s%s", problem,
                          colon ? "; a text with a colon at the end of a word needs quotes" : "");
    return hn_fail_at(reader->err, HONE_PARSE, at, "not valid YAML: %s (%s that began in line %d)", problem,
                      parser->context, (int)parser->context_mark.line + 1);
}

/* Goes on to the next event. */
static hone_status advance(yaml_reader *reader)
{
    yaml_event_delete(&reader->event);
    if (!yaml_parser_parse(&reader->parser, &reader->event)) {
        memset(&reader->event, 0, sizeof reader->event);
        return parser_error(reader);
    }
    return HONE_OK;
}

static hone_status refuse(yaml_reader *reader, const char *what)
{
    return hn_fail_at(reader->err, HONE_PARSE, position_of(reader, reader->event.start_mark), "%s", what);
}

/* --- the tree --- */

static hone_status check_decoration(yaml_reader *reader, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL)
        return refuse(reader, "anchors and aliases (&name, *name) are not supported; write the value out");
    if (tag != NULL)
        return refuse(reader, "tags (!name) are not supported; leave the tag out");
    return HONE_OK;
}

/* The current event is a scalar without a NUL in it. */
static hone_status check_scalar(yaml_reader *reader)
{
    hone_status status =
        check_decoration(reader, reader->event.data.scalar.anchor, reader->event.data.scalar.tag);
    if (status != HONE_OK)
        return status;
    if (strlen((const char *)reader->event.data.scalar.value) != reader->event.data.scalar.length)
        return refuse(reader, "a NUL character (\\0) is not allowed in strings");
    return HONE_OK;
}

static hone_status read_scalar(yaml_reader *reader, hn_node **out)
{
    hone_status status = check_scalar(reader);
    if (status != HONE_OK)
        return status;
    const char *text = (const char *)reader->event.data.scalar.value;
    if (reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        *out = hn_node_plain(reader->arena, text, reader->event.data.scalar.length);
    } else {
        *out = hn_node_string(reader->arena, text);
        if (*out != NULL)
            (*out)->quoted = true;
    }
    return HONE_OK;
}

static hone_status read_value(yaml_reader *reader, int depth, hn_node **out);

static hone_status read_list(yaml_reader *reader, int depth, hn_node **out)
{
    hone_status status = check_decoration(reader, reader->event.data.sequence_start.anchor,
                                          reader->event.data.sequence_start.tag);
    hn_node *list = hn_node_list(reader->arena);
    while (status == HONE_OK) {
        status = advance(reader);
        if (status != HONE_OK || reader->event.type == YAML_SEQUENCE_END_EVENT)
            break;
        hn_node *item = NULL;
        status = read_value(reader, depth + 1, &item);
        if (status == HONE_OK)
            list = hn_list_append(reader->arena, list, item);
    }
    *out = list;
    return status;
}

static int compare_entries(const void *a, const void *b)
{
    const hn_map_entry *const *x = a, *const *y = b;
    int order = strcmp((*x)->key, (*y)->key);
    return order != 0 ? order : (*x > *y) - (*x < *y); /* equal keys as they were written */
}

/* O(n log n). */
static hone_status check_unique_keys(yaml_reader *reader, const hn_node *map)
{
    const hn_map_entry **sorted = hn_arena_scratch(reader->arena, map->count, sizeof *sorted);
    if (sorted == NULL)
        return hn_out_of_memory(reader->err);
    for (size_t i = 0; i < map->count; i++)
        sorted[i] = &map->as.entries[i];
    qsort(sorted, map->count, sizeof *sorted, compare_entries);
    for (size_t i = 1; i < map->count; i++)
        if (strcmp(sorted[i]->key, sorted[i - 1]->key) == 0)
            return hn_fail_at(reader->err, HONE_PARSE, sorted[i]->at,
                              "the key '%.100s' comes twice; it is already in line %d", sorted[i]->key,
                              sorted[i - 1]->at.line);
    return HONE_OK;
}

/* The current event is a key; ends on the last event of its value. */
static hone_status read_entry(yaml_reader *reader, int depth, hn_node **map)
{
    if (reader->event.type != YAML_SCALAR_EVENT)
        return refuse(reader,
                      reader->event.type == YAML_ALIAS_EVENT
                          ? "anchors and aliases (&name, *name) are not supported; write the value out"
                          : "a key must be a plain or quoted text, not a list or map (put text that begins "
                            "with a bracket or brace in quotes)");
    hone_status status = check_scalar(reader);
    if (status != HONE_OK)
        return status;
    hn_position at = position_of(reader, reader->event.start_mark);
    char *key = hn_arena_strdup(reader->arena, (const char *)reader->event.data.scalar.value);
    hn_node *value;
    status = advance(reader);
    if (status == HONE_OK)
        status = read_value(reader, depth + 1, &value);
    if (status != HONE_OK)
        return status;
    *map = hn_map_append(reader->arena, *map, key, value);
    if (*map == NULL)
        return hn_out_of_memory(reader->err);
    (*map)->as.entries[(*map)->count - 1].at = at;
    return HONE_OK;
}

static hone_status read_map(yaml_reader *reader, int depth, hn_node **out)
{
    hone_status status = check_decoration(reader, reader->event.data.mapping_start.anchor,
                                          reader->event.data.mapping_start.tag);
    hn_node *map = hn_node_map(reader->arena);
    while (status == HONE_OK) {
        status = advance(reader);
        if (status != HONE_OK || reader->event.type == YAML_MAPPING_END_EVENT)
            break;
        status = read_entry(reader, depth, &map);
    }
    if (status == HONE_OK && map != NULL && map->count > 1)
        status = check_unique_keys(reader, map);
    *out = map;
    return status;
}

/* The current event begins a value; ends on its last event. */
static hone_status read_value(yaml_reader *reader, int depth, hn_node **out)
{
    hn_position at = position_of(reader, reader->event.start_mark);
    if (++reader->n_nodes > HN_NODE_MAX_COUNT)
        return hn_fail_at(reader->err, HONE_LIMIT, at, "more than %d values", HN_NODE_MAX_COUNT);
    bool nested = reader->event.type != YAML_SCALAR_EVENT && reader->event.type != YAML_ALIAS_EVENT;
    if (nested && depth >= HN_NODE_MAX_DEPTH)
        return hn_fail_at(reader->err, HONE_LIMIT, at, "nested more than %d deep", HN_NODE_MAX_DEPTH);
    hn_node *node = NULL;
    hone_status status;
    switch (reader->event.type) {
    case YAML_SCALAR_EVENT: status = read_scalar(reader, &node); break;
    case YAML_SEQUENCE_START_EVENT: status = read_list(reader, depth, &node); break;
    case YAML_MAPPING_START_EVENT: status = read_map(reader, depth, &node); break;
    default:
        status = refuse(reader, "anchors and aliases (&name, *name) are not supported; write the value out");
    }
    if (status != HONE_OK)
        return status;
    if (node == NULL)
        return hn_out_of_memory(reader->err);
    node->at = at;
    *out = node;
    return HONE_OK;
}

static hone_status read_document(yaml_reader *reader, hn_node **out)
{
    hone_status status = advance(reader); /* the start of the stream */
    if (status == HONE_OK)
        status = advance(reader);
    if (status == HONE_OK && reader->event.type != YAML_DOCUMENT_START_EVENT)
        return refuse(reader, "the text is empty");
    if (status == HONE_OK)
        status = advance(reader);
    if (status == HONE_OK)
        status = read_value(reader, 0, out);
    if (status == HONE_OK)
        status = advance(reader); /* the end of the document */
    if (status == HONE_OK)
        status = advance(reader);
    if (status == HONE_OK && reader->event.type != YAML_STREAM_END_EVENT)
        return refuse(reader, "a second document begins here; only one is allowed");
    return status;
}

hone_status hn_yaml_parse(hn_arena *arena, const char *source, const char *text, size_t size, hn_node **root,
                          hone_error *err)
{
    yaml_reader reader = {.arena = arena, .source = source, .text = text, .size = size, .err = err};
    if (!yaml_parser_initialize(&reader.parser))
        return hn_out_of_memory(err);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, size);
    hn_node *node;
    hone_status status = read_document(&reader, &node);
    if (status == HONE_OK)
        *root = node;
    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return status;
}
