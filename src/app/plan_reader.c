#include "app/plan_reader.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "space/distribution.h"

const hn_node *hn_reader_get(const hn_reader *reader, const char *key)
{
    const hn_node *node = hn_map_get(reader->map, key);
    return node && node->kind != HN_NULL ? node : NULL;
}

hone_status hn_reader_wrong(const hn_reader *reader, const char *key, const hn_node *found,
                            const char *wanted, hone_error *err)
{
    bool nested = reader->what && reader->what[0];
    return hn_fail_at(err, HONE_INVALID, found->at, "%s%s%s must be %s, found %s", nested ? reader->what : "",
                      nested ? ": " : "", key, wanted, hn_node_describe(reader->arena, found));
}

hone_status hn_read_text(const hn_reader *reader, const char *key, const char **text, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, key);
    if (!node) {
        return HONE_OK;
    }
    if (node->kind != HN_STRING || !node->count) {
        return hn_reader_wrong(reader, key, node, "a text", err);
    }
    *text = node->as.string;
    return HONE_OK;
}

hone_status hn_read_bool(const hn_reader *reader, const char *key, bool *value, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, key);
    if (!node) {
        return HONE_OK;
    }
    if (node->kind != HN_BOOL) {
        return hn_reader_wrong(reader, key, node, "true or false", err);
    }
    *value = node->as.boolean;
    return HONE_OK;
}

hone_status hn_read_int(const hn_reader *reader, const char *key, int64_t low, int64_t *value,
                        hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, key);
    int64_t number;
    if (!node) {
        return HONE_OK;
    }
    if (!hn_node_int(node, &number) || number < low) {
        const char *wanted =
            low == INT64_MIN
                ? "a whole number"
                : hn_arena_printf(reader->arena, "a whole number of at least %lld", (long long)low);
        return hn_reader_wrong(reader, key, node, wanted ? wanted : "a whole number", err);
    }
    *value = number;
    return HONE_OK;
}

hone_status hn_read_double(const hn_reader *reader, const char *key, double *value, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, key);
    double number;
    if (!node) {
        return HONE_OK;
    }
    if (!hn_node_double(node, &number) || isnan(number)) {
        return hn_reader_wrong(reader, key, node, "a number", err);
    }
    *value = number;
    return HONE_OK;
}

hone_status hn_read_duration(const hn_reader *reader, const char *key, double *seconds, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, key);
    double number;
    if (!node) {
        return HONE_OK;
    }
    bool read = node->kind == HN_STRING ? hn_parse_duration(node->as.string, node->count, &number)
                                        : hn_node_double(node, &number) && isfinite(number) && number >= 0;
    if (!read) {
        return hn_reader_wrong(reader, key, node,
                               "a time such as 90s, 10m or 1h30m (a plain number means seconds)", err);
    }
    *seconds = number;
    return HONE_OK;
}

hone_status hn_read_bytes(const hn_reader *reader, const char *key, uint64_t *bytes, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, key);
    if (!node) {
        return HONE_OK;
    }
    int64_t number = 0;
    bool whole = hn_node_int(node, &number) && number > 0;
    if (whole) {
        *bytes = (uint64_t)number;
    } else if (node->kind != HN_STRING || !hn_parse_bytes(node->as.string, node->count, bytes)) {
        return hn_reader_wrong(reader, key, node, "a size such as 512M or 4G", err);
    }
    return HONE_OK;
}

const char *hn_scalar_text(hn_arena *arena, const hn_node *node)
{
    if (node->kind == HN_STRING) {
        return node->as.string;
    }
    if (node->kind == HN_LIST || node->kind == HN_MAP) {
        return NULL;
    }
    hn_buffer text = HN_BUFFER_INIT;
    hn_value_write(&text, hn_value_from_node(node));
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

hone_status hn_read_texts(const hn_reader *reader, const char *key, const char *const **texts, size_t *n,
                          hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, key);
    if (!node) {
        return HONE_OK;
    }
    bool list = node->kind == HN_LIST;
    size_t count = list ? node->count : 1;
    const char **made = HN_ARENA_NEW(reader->arena, const char *, count + 1);
    if (!made) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        const hn_node *item = list ? node->as.items[i] : node;
        if (item->kind == HN_LIST || item->kind == HN_MAP) {
            return hn_reader_wrong(reader, key, item, "a text or a list of texts", err);
        }
        made[i] = hn_scalar_text(reader->arena, item);
        if (!made[i]) {
            return hn_out_of_memory(err);
        }
    }
    *texts = made;
    *n = count;
    return HONE_OK;
}
