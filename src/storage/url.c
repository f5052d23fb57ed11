#include "storage/url.h"

#include <ctype.h>
#include <string.h>

#include "base/number.h"

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

static bool is_bare_path(const char *text)
{
    return ends_with(text, ".db") || ends_with(text, ".sqlite") || ends_with(text, ".sqlite3");
}

/* Length of "scheme:" at the beginning of text, 0 when there is none (RFC 3986, section 3.1, '_' too). */
static size_t scheme_size(const char *text)
{
    size_t i = 0;
    if (!isalpha((unsigned char)text[0]))
        return 0;
    while (isalnum((unsigned char)text[i]) || (text[i] && strchr("+-._", text[i])))
        i++;
    return text[i] == ':' ? i + 1 : 0;
}

/* One "key=value" into the map; numbers become numbers, so that an option table can check them. */
static hone_status add_option(hn_arena *arena, hn_storage_url *url, const char *pair, size_t size,
                              hone_error *err)
{
    const char *equals = memchr(pair, '=', size);
    if (!equals || equals == pair)
        return hn_fail(err, HONE_INVALID, "storage URL '%s': option '%.*s' is not of the form key=value",
                       url->text, (int)size, pair);
    const char *key = hn_arena_strndup(arena, pair, (size_t)(equals - pair));
    size_t value_size = size - (size_t)(equals + 1 - pair);
    const char *value = hn_arena_strndup(arena, equals + 1, value_size);
    if (!key || !value)
        return hn_out_of_memory(err);
    if (hn_map_get(url->options, key))
        return hn_fail(err, HONE_INVALID, "storage URL '%s': option '%s' is given twice", url->text, key);
    double number;
    hn_node *node = hn_parse_double(value, value_size, false, &number) ? hn_node_real(arena, number)
                                                                       : hn_node_string(arena, value);
    return hn_map_set(arena, url->options, key, node) ? HONE_OK : hn_out_of_memory(err);
}

static hone_status parse_options(hn_arena *arena, hn_storage_url *url, const char *text, hone_error *err)
{
    url->options = hn_node_map(arena);
    if (!url->options)
        return hn_out_of_memory(err);
    while (*text) {
        size_t size = strcspn(text, "&");
        hone_status status = add_option(arena, url, text, size, err);
        if (status)
            return status;
        text += size + (text[size] == '&');
    }
    return HONE_OK;
}

hone_status hn_storage_url_parse(hn_arena *arena, const char *text, hn_storage_url *url, hone_error *err)
{
    hn_storage_url parsed = {0};
    size_t size = text ? scheme_size(text) : 0;
    if (!text || !*text)
        return hn_fail(err, HONE_INVALID, "the storage URL is empty; write sqlite:///study.db or memory:");
    if (size == 0 && is_bare_path(text)) {
        parsed.text = hn_arena_printf(arena, "sqlite:///%s", text);
        size = strlen("sqlite:");
    } else if (size == 0) {
        return hn_fail(err, HONE_INVALID,
                       "storage '%s' is not a URL: write sqlite:///%s for a file, or memory: to keep nothing",
                       text, text);
    } else {
        parsed.text = hn_arena_strdup(arena, text);
    }
    if (!parsed.text)
        return hn_out_of_memory(err);
    parsed.scheme = hn_arena_strndup(arena, parsed.text, size);
    size_t location_size = strcspn(parsed.text + size, "?");
    parsed.location = hn_arena_strndup(arena, parsed.text + size, location_size);
    if (!parsed.scheme || !parsed.location)
        return hn_out_of_memory(err);
    const char *query = parsed.text + size + location_size;
    if (*query) {
        hone_status status = parse_options(arena, &parsed, query + 1, err);
        if (status)
            return status;
    }
    *url = parsed;
    return HONE_OK;
}

hone_status hn_storage_url_path(const hn_storage_url *url, const char **path, hone_error *err)
{
    const char *bare = url->location + strspn(url->location, "/");
    if (strncmp(url->location, "///", 3) != 0)
        return hn_fail(
            err, HONE_INVALID,
            "storage URL '%s' needs three slashes before a relative path and four before an absolute one: "
            "%s///%s or %s////%s",
            url->text, url->scheme, bare, url->scheme, bare);
    if (!url->location[3] || strcmp(url->location + 3, ":memory:") == 0)
        return hn_fail(err, HONE_INVALID,
                       "storage URL '%s' names no file; to keep nothing write memory:", url->text);
    *path = url->location + 3;
    return HONE_OK;
}
