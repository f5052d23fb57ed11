/* json_read.c: JSON text to trees, through json-c.
 *
 * json-c checks the grammar and decodes strings. What it does not do is done while walking its tree and the
 * text side by side: positions, exact numbers, and the refusal of duplicate keys, of which json-c silently
 * keeps the last.
 */
#include <json-c/json.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/node.h"
#include "base/number.h"
#include "base/text_map.h"
#include "base/utf8.h"

typedef struct json_reader {
    hn_arena *arena;
    const char *text;
    size_t size, at;
    hn_position located; /* a position at or before `at`, from which the next one is counted */
    size_t n_nodes;
    int depth; /* of lists and maps that are open */
    hone_error *err;
} json_reader;

/* The position of byte `at`, which never goes back. Columns count code points. */
static hn_position locate(json_reader *reader, size_t at)
{
    hn_position *p = &reader->located;
    for (; p->byte < at; p->byte++) {
        unsigned char c = (unsigned char)reader->text[p->byte];
        if (c == '\n') {
            p->line++;
            p->column = 1;
        } else if ((c & 0xC0) != 0x80) {
            p->column++;
        }
    }
    return *p;
}

__attribute__((format(printf, 3, 4))) static hone_status refuse(json_reader *reader, size_t at,
                                                                const char *format, ...);

static hone_status refuse(json_reader *reader, size_t at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char reason[256];
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return hn_fail_at(reader->err, HONE_PARSE, locate(reader, at), "not valid JSON: %s", reason);
}

static hone_status too_deep(json_reader *reader, size_t at)
{
    return hn_fail_at(reader->err, HONE_LIMIT, locate(reader, at), "nested more than %d deep",
                      HN_NODE_MAX_DEPTH);
}

/* --- the text, known to be grammatical ------------------------------------------------------- */

static void skip_blanks(json_reader *reader)
{
    while (reader->at < reader->size && strchr(" \t\r\n", reader->text[reader->at]) != NULL)
        reader->at++;
}

/* The offset behind the string literal whose opening quote is at `at`. */
static size_t string_end(const json_reader *reader, size_t at)
{
    for (at++; at < reader->size && reader->text[at] != '"'; at++)
        if (reader->text[at] == '\\')
            at++;
    return at + 1;
}

/* Refuses in a string literal what json-c lets pass. */
static hone_status check_string(json_reader *reader, size_t end)
{
    for (size_t i = reader->at + 1; i + 1 < end; i++) {
        unsigned char c = (unsigned char)reader->text[i];
        if (c < 0x20)
            return refuse(reader, i, "a control character in a string; write it as \\u%04x", c);
        if (c == '\\' && end - i > 6 && memcmp(reader->text + i, "\\u0000", 6) == 0)
            return refuse(reader, i, "\\u0000 is not allowed in strings");
        uint32_t code;
        size_t length = hn_utf8_decode(reader->text + i, end - i, &code);
        if (c >= 0x80 && length == 1)
            return refuse(reader, i, "the text is not UTF-8"); /* json-c lets encoded surrogates pass */
        i += c == '\\' ? 1 : length - 1;
    }
    return HONE_OK;
}

/* The offset behind the value at `at`: a string, a bare word or number, or a bracketed one. *members is the
 * number of its direct members when it is a list or an object. */
static size_t value_end(const json_reader *reader, size_t at, size_t *members)
{
    size_t depth = 0, commas = 0;
    bool empty = true;
    do {
        char c = reader->text[at];
        if (depth >= 1 && strchr(" \t\r\n]}", c) == NULL)
            empty = false;
        if (c == '"') {
            at = string_end(reader, at);
            continue;
        }
        if (c == '[' || c == '{')
            depth++;
        else if (c == ']' || c == '}')
            depth--;
        else if (c == ',' && depth == 1)
            commas++;
        else if (depth == 0)
            while (at + 1 < reader->size && strchr(" \t\r\n,]}", reader->text[at + 1]) == NULL)
                at++;
        at++;
    } while (depth > 0);
    *members = empty ? 0 : commas + 1;
    return at;
}

/* Decodes the key literal at [start, end) through json-c. NULL when memory is out. */
static char *decode_key(json_reader *reader, size_t start, size_t end)
{
    char *literal = hn_arena_strndup(reader->arena, reader->text + start, end - start);
    struct json_object *decoded = literal == NULL ? NULL : json_tokener_parse(literal);
    char *key = decoded == NULL ? NULL : hn_arena_strdup(reader->arena, json_object_get_string(decoded));
    json_object_put(decoded);
    return key;
}

/* The object at reader->at has more members than json-c kept: names the first key that came twice. */
static hone_status refuse_duplicate(json_reader *reader)
{
    hn_text_map seen = HN_TEXT_MAP_INIT;
    hone_status status = HONE_OK;
    while (status == HONE_OK && reader->text[reader->at] != '}') {
        reader->at++; /* the brace or comma before the key */
        skip_blanks(reader);
        size_t start = reader->at, end = string_end(reader, start), members;
        status = check_string(reader, end);
        if (status != HONE_OK)
            break;
        char *key = decode_key(reader, start, end);
        size_t count = seen.count;
        if (key == NULL || hn_text_map_intern(&seen, key) == HN_TEXT_MAP_NONE)
            status = hn_out_of_memory(reader->err);
        else if (seen.count == count)
            status = refuse(reader, start, "the key '%.100s' comes twice", key);
        reader->at = end;
        skip_blanks(reader);
        reader->at++; /* the colon */
        skip_blanks(reader);
        reader->at = value_end(reader, reader->at, &members);
        skip_blanks(reader);
    }
    hn_text_map_release(&seen);
    return status;
}

/* --- the tree -------------------------------------------------------------------------------- */

static hone_status read_value(json_reader *reader, struct json_object *value, hn_node **out);

static hone_status read_number(json_reader *reader, hn_node **out)
{
    size_t members, end = value_end(reader, reader->at, &members);
    const char *text = reader->text + reader->at;
    size_t size = end - reader->at;
    size_t digit = text[0] == '-';
    const char *point = memchr(text, '.', size);
    bool misplaced = point != NULL && (point + 1 == text + size || point[1] < '0' || point[1] > '9');
    if ((size > digit + 1 && text[digit] == '0' && text[digit + 1] >= '0' && text[digit + 1] <= '9') ||
        misplaced)
        return refuse(reader, reader->at, "'%.*s' is not a number", size > 40 ? 40 : (int)size, text);
    int64_t integer;
    double real;
    if (hn_parse_int(text, size, &integer))
        *out = hn_node_integer(reader->arena, integer);
    else if (hn_parse_double(text, size, true, &real))
        *out = hn_node_real(reader->arena, real);
    else
        return refuse(reader, reader->at, "a number of %zu characters is too long", size);
    reader->at = end;
    return HONE_OK;
}

static hone_status read_string(json_reader *reader, struct json_object *value, hn_node **out)
{
    size_t end = string_end(reader, reader->at);
    hone_status status = check_string(reader, end);
    if (status != HONE_OK)
        return status;
    *out = hn_node_string(reader->arena, json_object_get_string(value));
    if (*out != NULL)
        (*out)->quoted = true;
    reader->at = end;
    return HONE_OK;
}

static hone_status read_list(json_reader *reader, struct json_object *value, hn_node **out)
{
    hn_node *list = hn_node_list(reader->arena);
    size_t n = json_object_array_length(value);
    reader->at++;
    for (size_t i = 0; i < n; i++) {
        hn_node *item;
        hone_status status = read_value(reader, json_object_array_get_idx(value, i), &item);
        if (status != HONE_OK)
            return status;
        list = hn_list_append(reader->arena, list, item);
        skip_blanks(reader);
        if (i + 1 < n)
            reader->at++; /* the comma */
    }
    skip_blanks(reader);
    reader->at++; /* the bracket */
    *out = list;
    return HONE_OK;
}

static hone_status read_map(json_reader *reader, struct json_object *value, hn_node **out)
{
    size_t members, n = (size_t)json_object_object_length(value);
    value_end(reader, reader->at, &members);
    if (members != n)
        return refuse_duplicate(reader);
    hn_node *map = hn_node_map(reader->arena);
    struct json_object_iterator i = json_object_iter_begin(value), end = json_object_iter_end(value);
    for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i)) {
        reader->at++; /* the brace or comma before the key */
        skip_blanks(reader);
        hn_position at = locate(reader, reader->at);
        size_t key_end = string_end(reader, reader->at);
        hone_status status = check_string(reader, key_end);
        if (status != HONE_OK)
            return status;
        reader->at = key_end;
        skip_blanks(reader);
        reader->at++; /* the colon */
        hn_node *member;
        status = read_value(reader, json_object_iter_peek_value(&i), &member);
        if (status != HONE_OK)
            return status;
        map = hn_map_append(reader->arena, map, json_object_iter_peek_name(&i), member);
        if (map != NULL)
            map->as.entries[map->count - 1].at = at;
        skip_blanks(reader);
    }
    if (n == 0) {
        reader->at++;
        skip_blanks(reader);
    }
    reader->at++; /* the closing brace */
    *out = map;
    return HONE_OK;
}

static hone_status read_word(json_reader *reader, struct json_object *value, hn_node **out)
{
    size_t members;
    reader->at = value_end(reader, reader->at, &members);
    *out = value == NULL ? hn_node_null(reader->arena)
                         : hn_node_bool(reader->arena, json_object_get_boolean(value));
    return HONE_OK;
}

static bool is_container(struct json_object *value)
{
    return json_object_is_type(value, json_type_array) || json_object_is_type(value, json_type_object);
}

static hone_status read_value(json_reader *reader, struct json_object *value, hn_node **out)
{
    skip_blanks(reader);
    hn_position at = locate(reader, reader->at);
    if (++reader->n_nodes > HN_NODE_MAX_COUNT)
        return hn_fail_at(reader->err, HONE_LIMIT, at, "more than %d values", HN_NODE_MAX_COUNT);
    if (reader->depth + is_container(value) > HN_NODE_MAX_DEPTH)
        return too_deep(reader, reader->at);
    hone_status status;
    switch (json_object_get_type(value)) {
    case json_type_int:
    case json_type_double: status = read_number(reader, out); break;
    case json_type_string: status = read_string(reader, value, out); break;
    case json_type_array:
        reader->depth++;
        status = read_list(reader, value, out);
        break;
    case json_type_object:
        reader->depth++;
        status = read_map(reader, value, out);
        break;
    default: status = read_word(reader, value, out);
    }
    if (status != HONE_OK)
        return status;
    if (*out == NULL)
        return hn_out_of_memory(reader->err);
    (*out)->at = at;
    reader->depth -= is_container(value);
    return HONE_OK;
}

/* --- syntax ---------------------------------------------------------------------------------- */

static hone_status syntax_error(json_reader *reader, enum json_tokener_error error, size_t at)
{
    if (error == json_tokener_error_depth)
        return too_deep(reader, at);
    if (error == json_tokener_error_parse_utf8_string)
        return refuse(reader, at, "the text is not UTF-8");
    if (at >= reader->size || error == json_tokener_continue)
        return refuse(reader, reader->size, "the text ends too early");
    unsigned char found = (unsigned char)reader->text[at];
    const char *reason = json_tokener_error_desc(error);
    if (found < 0x20 || found >= 0x7F)
        return refuse(reader, at, "%s (found byte 0x%02x)", reason, found);
    return refuse(reader, at, "%s (found '%c')", reason, found);
}

/* The whole text through json-c: a reference in *value, which is NULL for the text "null". */
static hone_status tokenize(json_reader *reader, struct json_object **value)
{
    struct json_tokener *tokener = json_tokener_new_ex(HN_NODE_MAX_DEPTH + 1); /* a scalar counts too */
    if (tokener == NULL)
        return hn_out_of_memory(reader->err);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    hone_status status = HONE_OK;
    *value = json_tokener_parse_ex(tokener, reader->text + reader->at, (int)(reader->size - reader->at));
    enum json_tokener_error error = json_tokener_get_error(tokener);
    size_t stopped = reader->at + json_tokener_get_parse_end(tokener);
    if (error == json_tokener_continue) { /* a number may go on: a NUL says that it does not */
        *value = json_tokener_parse_ex(tokener, "", 1);
        error = json_tokener_get_error(tokener);
        stopped = reader->size;
    }
    if (error != json_tokener_success) {
        json_object_put(*value);
        status = syntax_error(reader, error, stopped);
    }
    json_tokener_free(tokener);
    return status;
}

hone_status hn_json_parse(hn_arena *arena, const char *source, const char *text, size_t size, hn_node **root,
                          hone_error *err)
{
    json_reader reader = {.arena = arena,
                          .text = text,
                          .size = size,
                          .err = err,
                          .located = {.source = source, .line = 1, .column = 1}};
    if (size > INT_MAX)
        return hn_fail_at(err, HONE_LIMIT, (hn_position){.source = source}, "%zu bytes of JSON are too many",
                          size);
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        reader.at = 3;
        reader.located.byte = 3;
    }
    const char *nul = size == 0 ? NULL : memchr(text, '\0', size);
    if (nul != NULL)
        return refuse(&reader, (size_t)(nul - text), "a NUL byte");
    struct json_object *value = NULL;
    hone_status status = tokenize(&reader, &value);
    if (status != HONE_OK)
        return status;
    hn_node *node;
    status = read_value(&reader, value, &node);
    json_object_put(value);
    if (status == HONE_OK)
        *root = node;
    return status;
}
