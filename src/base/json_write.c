/* json_write.c: trees as JSON text. */
#include <math.h>
#include <string.h>

#include "base/node.h"
#include "base/number.h"
#include "base/utf8.h"

static void write_escape(hn_buffer *out, uint32_t code)
{
    switch (code) {
    case '"': hn_buffer_text(out, "\\\""); break;
    case '\\': hn_buffer_text(out, "\\\\"); break;
    case '\n': hn_buffer_text(out, "\\n"); break;
    case '\r': hn_buffer_text(out, "\\r"); break;
    case '\t': hn_buffer_text(out, "\\t"); break;
    case '\b': hn_buffer_text(out, "\\b"); break;
    case '\f': hn_buffer_text(out, "\\f"); break;
    default:
        if (code >= 0x10000) {
            code -= 0x10000;
            hn_buffer_printf(out, "\\u%04x\\u%04x", 0xD800 + (unsigned)(code >> 10),
                             0xDC00 + (unsigned)(code & 0x3FF));
        } else {
            hn_buffer_printf(out, "\\u%04x", (unsigned)code);
        }
    }
}

void hn_json_write_string(hn_buffer *out, const char *text, size_t size, hn_json_style style)
{
    const unsigned char *byte = (const unsigned char *)text;
    size_t start = 0, i = 0; /* text[start..i) goes out as it is */
    hn_buffer_char(out, '"');
    while (i < size) {
        if (byte[i] >= 0x20 && byte[i] < 0x7F && byte[i] != '"' && byte[i] != '\\') {
            i++;
            continue;
        }
        uint32_t code;
        size_t length = hn_utf8_decode(text + i, size - i, &code);
        bool invalid = code == 0xFFFD && length == 1;
        bool ascii = code < 0x7F;
        if (style != HN_JSON_PYTHON && !ascii && !invalid) {
            i += length;
            continue;
        }
        hn_buffer_append(out, text + start, i - start);
        write_escape(out, code);
        i += length;
        start = i;
    }
    hn_buffer_append(out, text + start, size - start);
    hn_buffer_char(out, '"');
}

static void write_double(hn_buffer *out, double value, hn_json_style style)
{
    char text[HN_NUMBER_SIZE];
    if (style == HN_JSON_PYTHON || isfinite(value))
        hn_buffer_append(out, text, hn_format_python_double(text, value));
    else
        hn_json_write_string(out, text, hn_format_double(text, value), style);
}

static void new_line(hn_buffer *out, int depth)
{
    hn_buffer_char(out, '\n');
    for (int i = 0; i < depth; i++)
        hn_buffer_text(out, "  ");
}

static void write_node(hn_buffer *out, const hn_node *node, hn_json_style style, int depth);

static void write_members(hn_buffer *out, const hn_node *node, hn_json_style style, int depth)
{
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            hn_buffer_text(out, style == HN_JSON_PYTHON ? ", " : ",");
        if (style == HN_JSON_PRETTY)
            new_line(out, depth + 1);
        if (node->kind == HN_LIST) {
            write_node(out, node->as.items[i], style, depth + 1);
            continue;
        }
        const hn_map_entry *entry = &node->as.entries[i];
        hn_json_write_string(out, entry->key, strlen(entry->key), style);
        hn_buffer_text(out, style == HN_JSON_STRICT ? ":" : ": ");
        write_node(out, entry->value, style, depth + 1);
    }
    if (style == HN_JSON_PRETTY && node->count > 0)
        new_line(out, depth);
}

static void write_node(hn_buffer *out, const hn_node *node, hn_json_style style, int depth)
{
    switch (node->kind) {
    case HN_NULL: hn_buffer_text(out, "null"); break;
    case HN_BOOL: hn_buffer_text(out, node->as.boolean ? "true" : "false"); break;
    case HN_INT: hn_buffer_int(out, node->as.integer); break;
    case HN_DOUBLE: write_double(out, node->as.real, style); break;
    case HN_STRING: hn_json_write_string(out, node->as.string, node->count, style); break;
    case HN_LIST:
    case HN_MAP:
        hn_buffer_char(out, node->kind == HN_LIST ? '[' : '{');
        write_members(out, node, style, depth);
        hn_buffer_char(out, node->kind == HN_LIST ? ']' : '}');
        break;
    }
}

void hn_json_write(hn_buffer *out, const hn_node *node, hn_json_style style)
{
    write_node(out, node, style, 0);
}

const char *hn_node_json(hn_arena *arena, const hn_node *node, hn_json_style style)
{
    hn_buffer text = HN_BUFFER_INIT;
    if (!node) {
        return NULL;
    }
    hn_json_write(&text, node, style);
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}
