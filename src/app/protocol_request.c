/* Reading the fields of a request, filling its answer. */
#include <math.h>
#include <string.h>

#include "app/protocol.h"
#include "base/number.h"
#include "space/distribution.h"

static hone_status wrong(const hn_request *request, const char *key, const hn_node *node, const char *wanted)
{
    return hn_fail(request->err, HONE_INVALID, "'%s' is %s; it must be %s", key,
                   hn_node_describe(request->arena, node), wanted);
}

/* NULL with HONE_OK: absent, and that is allowed. */
static const hn_node *find(const hn_request *request, const char *key, bool required, const char *wanted,
                           hone_status *status)
{
    const hn_node *node = hn_map_get(request->root, key);
    *status = HONE_OK;
    if (!node || node->kind == HN_NULL) {
        node = NULL;
        if (required) {
            *status = hn_fail(request->err, HONE_INVALID, "'%s' is missing: %s", key, wanted);
        }
    }
    return node;
}

hone_status hn_request_text(const hn_request *request, const char *key, bool required, const char **text)
{
    hone_status status;
    const hn_node *node = find(request, key, required, "a text", &status);
    if (node && node->kind != HN_STRING) {
        return wrong(request, key, node, "a text");
    }
    if (node) {
        *text = node->as.string;
    }
    return status;
}

hone_status hn_request_storage(const hn_request *request, const char **storage)
{
    const hone_protocol *protocol = request->protocol;
    hone_status status = hn_request_text(request, "storage", false, storage);
    if (!status && *storage && protocol->remote && strcmp(*storage, protocol->storage) != 0 &&
        strcmp(*storage, "memory:") != 0) {
        status = hn_fail(request->err, HONE_DENIED,
                         "'storage' is another than this server's: leave it out, or say \"memory:\"");
    }
    return status;
}

hone_status hn_request_int(const hn_request *request, const char *key, bool required, int64_t *value)
{
    hone_status status;
    const hn_node *node = find(request, key, required, "a whole number", &status);
    if (node && !hn_node_int(node, value)) {
        return wrong(request, key, node, "a whole number");
    }
    return status;
}

static bool read_number(const hn_node *node, double *value)
{
    if (node->kind != HN_STRING) {
        return hn_node_double(node, value);
    }
    double special;
    bool is_special = hn_parse_double(node->as.string, node->count, true, &special) && !isfinite(special);
    if (is_special) {
        *value = special;
    }
    return is_special;
}

static const char number_wanted[] = "a number, or \"nan\", \"inf\" or \"-inf\"";

hone_status hn_request_number(const hn_request *request, const char *key, bool required, double *value)
{
    hone_status status;
    const hn_node *node = find(request, key, required, number_wanted, &status);
    if (node && !read_number(node, value)) {
        return wrong(request, key, node, number_wanted);
    }
    return status;
}

hone_status hn_request_numbers(const hn_request *request, const char *key, double **values, size_t *n)
{
    hone_status status;
    const hn_node *node = find(request, key, false, "a list of numbers", &status);
    *values = NULL;
    *n = 0;
    if (!node) {
        return status;
    }
    if (node->kind != HN_LIST) {
        return wrong(request, key, node, "a list of numbers");
    }
    double *list = HN_ARENA_NEW(request->arena, double, node->count);
    if (!list) {
        return hn_out_of_memory(request->err);
    }
    for (size_t i = 0; i < node->count; i++) {
        if (!read_number(node->as.items[i], &list[i])) {
            return wrong(request, key, node->as.items[i], number_wanted);
        }
    }
    *values = list;
    *n = node->count;
    return HONE_OK;
}

hone_status hn_request_params(const hn_request *request, const char *key, hone_named_value **params,
                              size_t *n)
{
    hone_status status;
    const hn_node *node = find(request, key, true, "an object of parameters, such as {\"lr\":0.01}", &status);
    if (status) {
        return status;
    }
    if (node->kind != HN_MAP) {
        return wrong(request, key, node, "an object of parameters");
    }
    hone_named_value *list = HN_ARENA_NEW(request->arena, hone_named_value, node->count);
    if (!list) {
        return hn_out_of_memory(request->err);
    }
    for (size_t i = 0; i < node->count; i++) {
        const hn_map_entry *entry = &node->as.entries[i];
        if (entry->value->kind == HN_LIST || entry->value->kind == HN_MAP) {
            return wrong(request, entry->key, entry->value, "a number, a text, true, false or null");
        }
        list[i] = (hone_named_value){entry->key, hn_value_from_node(entry->value)};
    }
    *params = list;
    *n = node->count;
    return HONE_OK;
}

void hn_answer_set(hn_request *request, const char *key, hn_node *value)
{
    request->answer = hn_map_append(request->arena, request->answer, key, value);
}

void hn_answer_merge(hn_request *request, const hn_node *map)
{
    if (!map) {
        request->answer = NULL;
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        hn_answer_set(request, map->as.entries[i].key, map->as.entries[i].value);
    }
}
