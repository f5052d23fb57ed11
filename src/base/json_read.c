/* json_read.c: JSON text to trees, by recursive descent in one pass: RFC 8259, and the bare words NaN,
 * Infinity and -Infinity that Python writes for numbers. */
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/node.h"
#include "base/number.h"
#include "base/text_map.h"
#include "base/utf8.h"

enum {
    END = -1,          /* what peek() sees behind the text */
    FEW_KEYS = 16,     /* as many are compared one by one; more are hashed */
    LONGEST_SHOWN = 40 /* bytes of the text that an error repeats */
};

typedef struct json_reader {
    hn_arena *arena;
    const char *source, *text;
    size_t size, at;
    int line;
    /* The column of `at` is at - origin + 1. Columns count code points, so origin is the start of the line
     * plus the continuation bytes since then. */
    size_t origin;
    size_t n_nodes;
    int depth; /* of lists and maps that are open */
    hone_error *err;
} json_reader;

static hn_position here(const json_reader *reader)
{
    return (hn_position){.source = reader->source,
                         .line = reader->line,
                         .column = (int)(reader->at - reader->origin) + 1,
                         .byte = reader->at};
}

static int peek(const json_reader *reader)
{
    return reader->at < reader->size ? (unsigned char)reader->text[reader->at] : END;
}

/* Counts the lines, too: strings hold no raw newline. */
static void skip_blanks(json_reader *reader)
{
    for (;; reader->at++) {
        int c = peek(reader);
        if (c == '\n') {
            reader->line++;
            reader->origin = reader->at + 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return;
        }
    }
}

/* Says what is wrong where the reader stands. */
__attribute__((format(printf, 2, 3))) static hone_status refuse(json_reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char reason[256];
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return hn_fail_at(reader->err, HONE_PARSE, here(reader), "not valid JSON: %s", reason);
}

/* --- words and numbers --- */

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* The length of the word or number at the reader; 0 when there is neither. */
static size_t token_length(const json_reader *reader)
{
    size_t end = reader->at;
    for (; end < reader->size; end++) {
        char c = reader->text[end];
        if (!is_digit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '.' && c != '-' &&
            c != '+' && c != '_')
            break;
    }
    return end - reader->at;
}

/* Something else than what is `expected` stands at the reader. */
static hone_status refuse_found(json_reader *reader, const char *expected)
{
    int c = peek(reader);
    if (c == END)
        return refuse(reader, "the text ends too early");
    if (c == '\0')
        return refuse(reader, "a NUL byte");
    if (c == '\'')
        return refuse(reader, "strings are written in double quotes, not in single ones");
    const char *text = reader->text + reader->at;
    uint32_t code;
    size_t length = token_length(reader);
    if (length == 0)
        length = hn_utf8_decode(text, reader->size - reader->at, &code);
    if (c < 0x20 || c == 0x7F || (c >= 0x80 && length == 1))
        return refuse(reader, "%s is expected, found byte 0x%02x", expected, (unsigned)c);
    return refuse(reader, "%s is expected, found '%.*s'", expected,
                  length > LONGEST_SHOWN ? LONGEST_SHOWN : (int)length, text);
}

static const char *const words[] = {"null", "true", "false", "NaN", "Infinity", "-Infinity"};
enum { N_WORDS = sizeof words / sizeof words[0] };

/* The token at the reader is no value. */
static hone_status refuse_token(json_reader *reader, size_t size)
{
    char token[LONGEST_SHOWN + 1];
    if (size > LONGEST_SHOWN)
        return refuse(reader, "a word or number of %zu characters is malformed or too long", size);
    snprintf(token, sizeof token, "%.*s", (int)size, reader->text + reader->at);
    const char *nearest = hn_nearest_name(token, words, N_WORDS);
    if (nearest != NULL)
        return refuse(reader, "a value is expected, found '%s' (did you mean '%s'?)", token, nearest);
    if (is_digit(token[0]) || strchr("+-.", token[0]) != NULL)
        return refuse(reader, "'%s' is not a number", token);
    return refuse_found(reader, "a value");
}

/* Numbers of number.h that JSON lacks begin with '+', '.' or a needless zero, or have no digit after
 * the point. */
static bool may_be_number(const char *text, size_t size)
{
    const char *first = text + (text[0] == '-'), *end = text + size;
    if (first == end || !is_digit(*first) || (*first == '0' && end - first > 1 && is_digit(first[1])))
        return false;
    const char *point = memchr(text, '.', size);
    return point == NULL || (point + 1 < end && is_digit(point[1]));
}

static hone_status read_scalar(json_reader *reader, hn_node **out)
{
    static const double specials[] = {NAN, INFINITY, -INFINITY}; /* the last of the words */
    const char *text = reader->text + reader->at;
    size_t size = token_length(reader), word = 0;
    int64_t integer;
    double real;
    if (size == 0)
        return refuse_found(reader, "a value");
    if (may_be_number(text, size)) {
        bool minus_zero = size == 2 && text[0] == '-' && text[1] == '0'; /* no integer has that sign */
        if (!minus_zero && hn_parse_int(text, size, &integer))
            *out = hn_node_integer(reader->arena, integer);
        else if (hn_parse_double(text, size, false, &real))
            *out = hn_node_real(reader->arena, real);
        else
            return refuse_token(reader, size);
    } else {
        while (word < N_WORDS && (strlen(words[word]) != size || memcmp(text, words[word], size) != 0))
            word++;
        if (word == N_WORDS)
            return refuse_token(reader, size);
        *out = word == 0  ? hn_node_null(reader->arena)
               : word < 3 ? hn_node_bool(reader->arena, word == 1)
                          : hn_node_real(reader->arena, specials[word - 3]);
    }
    reader->at += size;
    return HONE_OK;
}

/* --- strings --- */

/* The four hexadecimal digits at `at`, or -1. */
static long code_unit(const json_reader *reader, size_t at)
{
    long unit = 0;
    for (size_t i = at; i < at + 4; i++) {
        char c = i < reader->size ? reader->text[i] : '\0';
        if (c >= '0' && c <= '9')
            unit = unit * 16 + (c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            unit = unit * 16 + ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return unit;
}

static char *encode(char *to, long code)
{
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    int further = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3; /* continuation bytes, six bits each */
    *to++ = (char)((0xF0 << (3 - further) & 0xFF) | code >> 6 * further);
    while (further-- > 0)
        *to++ = (char)(0x80 | (code >> 6 * further & 0x3F));
    return to;
}

/* The \u escape at the reader, or the two of them that are a surrogate pair. */
static hone_status read_unicode_escape(json_reader *reader, char **to)
{
    size_t end = reader->at + 6;
    long code = code_unit(reader, end - 4);
    if (code < 0)
        return refuse(reader, "\\u is not followed by four hexadecimal digits");
    if (code == 0)
        return refuse(reader, "\\u0000 is not allowed in strings");
    if (code >= 0xD800 && code <= 0xDFFF) {
        bool more = reader->size - reader->at >= 12 && memcmp(reader->text + end, "\\u", 2) == 0;
        long low = more ? code_unit(reader, end + 2) : -1;
        if (code >= 0xDC00 || low < 0xDC00 || low > 0xDFFF)
            return refuse(reader, "\\u%04lx is half of a surrogate pair without the other half",
                          (unsigned long)code);
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        end += 6;
    }
    *to = encode(*to, code);
    reader->at = end;
    return HONE_OK;
}

static hone_status read_escape(json_reader *reader, char **to)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (reader->size - reader->at < 2)
        return refuse(reader, "the text ends too early");
    char c = reader->text[reader->at + 1];
    if (c == 'u')
        return read_unicode_escape(reader, to);
    const char *letter = memchr(letters, c, sizeof letters - 1);
    if (letter == NULL)
        return refuse(reader, "an unknown escape in a string; a backslash is written \\\\");
    *(*to)++ = meanings[letter - letters];
    reader->at += 2;
    return HONE_OK;
}

/* What stands in a string and is neither printable ASCII nor the closing quote. */
static hone_status read_character(json_reader *reader, char **to)
{
    int c = peek(reader);
    if (c == '\\')
        return read_escape(reader, to);
    if (c == END || c == '\0')
        return refuse_found(reader, "a closing quote");
    if (c < 0x20)
        return refuse(reader, "a control character in a string; write it as \\u%04x", (unsigned)c);
    const char *text = reader->text + reader->at;
    uint32_t code;
    size_t length = hn_utf8_decode(text, reader->size - reader->at, &code);
    if (length == 1)
        return refuse(reader, "the text is not UTF-8");
    memcpy(*to, text, length);
    *to += length;
    reader->at += length;
    reader->origin += length - 1;
    return HONE_OK;
}

/* The string whose opening quote is at the reader, decoded into the arena. */
static hone_status read_text(json_reader *reader, const char **out, size_t *size)
{
    size_t end = ++reader->at;
    while (end < reader->size && reader->text[end] != '"')
        end += reader->text[end] == '\\' && reader->size - end >= 2 ? 2 : 1;
    /* Decoding makes no text longer. */
    char *decoded = hn_arena_alloc(reader->arena, end - reader->at + 1, 1), *to = decoded;
    if (decoded == NULL)
        return hn_out_of_memory(reader->err);
    for (int c; (c = peek(reader)) != '"';) {
        if (c >= 0x20 && c < 0x80 && c != '\\') {
            *to++ = (char)c;
            reader->at++;
            continue;
        }
        hone_status status = read_character(reader, &to);
        if (status != HONE_OK)
            return status;
    }
    reader->at++;
    *out = decoded;
    *size = (size_t)(to - decoded);
    return HONE_OK;
}

static hone_status read_string(json_reader *reader, hn_node **out)
{
    hn_node *node = hn_node_null(reader->arena);
    if (node == NULL)
        return hn_out_of_memory(reader->err);
    node->kind = HN_STRING;
    node->quoted = true;
    *out = node;
    return read_text(reader, &node->as.string, &node->count);
}

/* --- lists and maps --- */

static hone_status read_value(json_reader *reader, hn_node **out);

static hone_status read_item(json_reader *reader, hn_node *list)
{
    hn_node *item = NULL;
    hone_status status = read_value(reader, &item);
    if (status == HONE_OK && hn_list_append(reader->arena, list, item) == NULL)
        status = hn_out_of_memory(reader->err);
    return status;
}

/* `seen` holds the map's keys, or some of the first of them while they are few. */
static hone_status check_new(json_reader *reader, const hn_node *map, const char *key, hn_position at,
                             hn_text_map *seen)
{
    bool twice;
    if (map->count < FEW_KEYS) {
        twice = hn_map_get(map, key) != NULL;
    } else {
        for (size_t i = seen->count; i < map->count; i++)
            if (hn_text_map_intern(seen, map->as.entries[i].key) == HN_TEXT_MAP_NONE)
                return hn_out_of_memory(reader->err);
        twice = hn_text_map_find(seen, key) != HN_TEXT_MAP_NONE;
    }
    if (twice)
        return hn_fail_at(reader->err, HONE_PARSE, at, "not valid JSON: the key '%.100s' comes twice", key);
    return HONE_OK;
}

static hone_status read_member(json_reader *reader, hn_node *map, hn_text_map *seen)
{
    hn_position at = here(reader);
    if (peek(reader) != '"')
        return refuse_found(reader, "a key in double quotes");
    const char *key = NULL;
    size_t size = 0;
    hone_status status = read_text(reader, &key, &size);
    if (status == HONE_OK)
        status = check_new(reader, map, key, at, seen);
    if (status != HONE_OK)
        return status;
    skip_blanks(reader);
    if (peek(reader) != ':')
        return refuse_found(reader, "':' behind the key");
    reader->at++;
    hn_node *value = NULL;
    status = read_value(reader, &value);
    if (status != HONE_OK)
        return status;
    if (hn_map_append(reader->arena, map, key, value) == NULL)
        return hn_out_of_memory(reader->err);
    map->as.entries[map->count - 1].at = at;
    return HONE_OK;
}

/* Passes the comma behind a member, or the closing bracket: there are no *more. */
static hone_status read_separator(json_reader *reader, char closing, bool *more)
{
    skip_blanks(reader);
    int c = peek(reader);
    if (c != ',' && c != closing)
        return refuse_found(reader, closing == ']' ? "',' or ']'" : "',' or '}'");
    reader->at++;
    *more = c == ',';
    if (*more) {
        skip_blanks(reader);
        if (peek(reader) == closing)
            return refuse(reader, "a comma before '%c'; it only stands between two values", closing);
    }
    return HONE_OK;
}

static hone_status read_container(json_reader *reader, hn_node **out)
{
    bool is_map = peek(reader) == '{';
    hn_node *node = is_map ? hn_node_map(reader->arena) : hn_node_list(reader->arena);
    if (node == NULL)
        return hn_out_of_memory(reader->err);
    if (reader->depth == HN_NODE_MAX_DEPTH)
        return hn_fail_at(reader->err, HONE_LIMIT, here(reader), "nested more than %d deep",
                          HN_NODE_MAX_DEPTH);
    hn_text_map seen = HN_TEXT_MAP_INIT;
    hone_status status = HONE_OK;
    char closing = is_map ? '}' : ']';
    reader->depth++;
    reader->at++;
    skip_blanks(reader);
    bool more = peek(reader) != closing;
    reader->at += !more;
    while (status == HONE_OK && more) {
        status = is_map ? read_member(reader, node, &seen) : read_item(reader, node);
        if (status == HONE_OK)
            status = read_separator(reader, closing, &more);
    }
    reader->depth--;
    hn_text_map_release(&seen);
    *out = node;
    return status;
}

static hone_status read_value(json_reader *reader, hn_node **out)
{
    skip_blanks(reader);
    hn_position at = here(reader);
    if (++reader->n_nodes > HN_NODE_MAX_COUNT)
        return hn_fail_at(reader->err, HONE_LIMIT, at, "more than %d values", HN_NODE_MAX_COUNT);
    hn_node *node = NULL;
    hone_status status;
    switch (peek(reader)) {
    case '"': status = read_string(reader, &node); break;
    case '[':
    case '{': status = read_container(reader, &node); break;
    default: status = read_scalar(reader, &node);
    }
    if (status != HONE_OK)
        return status;
    if (node == NULL)
        return hn_out_of_memory(reader->err);
    node->at = at;
    *out = node;
    return HONE_OK;
}

hone_status hn_json_parse(hn_arena *arena, const char *source, const char *text, size_t size, hn_node **root,
                          hone_error *err)
{
    if (size > INT_MAX)
        return hn_fail_at(err, HONE_LIMIT, (hn_position){.source = source}, "%zu bytes of JSON are too many",
                          size);
    json_reader reader = {
        .arena = arena, .source = source, .text = text, .size = size, .line = 1, .err = err};
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        reader.at = reader.origin = 3; /* a byte order mark */
    hn_node *node;
    hone_status status = read_value(&reader, &node);
    if (status != HONE_OK)
        return status;
    skip_blanks(&reader);
    if (peek(&reader) != END)
        return refuse_found(&reader, "the end of the text");
    *root = node;
    return HONE_OK;
}
