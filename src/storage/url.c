#include "storage/url.h"

#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/os_file.h"

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
    /* Of a password with a '?' in it the rest would stand here. */
    if (!equals || equals == pair)
        return hn_fail(err, HONE_INVALID, "storage URL '%s': option '%.*s' is not of the form key=value",
                       url->shown, memchr(pair, '@', size) ? 0 : (int)size, pair);
    const char *key = hn_arena_strndup(arena, pair, (size_t)(equals - pair));
    size_t value_size = size - (size_t)(equals + 1 - pair);
    const char *value = hn_arena_strndup(arena, equals + 1, value_size);
    if (!key || !value)
        return hn_out_of_memory(err);
    if (hn_map_get(url->options, key))
        return hn_fail(err, HONE_INVALID, "storage URL '%s': option '%s' is given twice", url->shown, key);
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

/* --- what may be shown --- */

/* The end of the password in "//user:password@", or NULL; *begin its first byte. The last '@' before the path
 * counts, because passwords are often not escaped. */
static const char *find_password(const char *text, const char **begin)
{
    const char *authority = strstr(text, "://");
    if (!authority)
        return NULL;
    authority += strlen("://");
    if (*authority == '/')
        return NULL; /* a path */
    const char *end = authority + strcspn(authority, "/?"), *at = end, *colon;
    while (at > authority && *at != '@')
        at--;
    if (*at != '@') { /* a '/' or '?' of the password itself */
        at = strrchr(authority, '@');
        if (!at)
            return NULL;
    }
    colon = memchr(authority, ':', (size_t)(at - authority));
    *begin = colon ? colon + 1 : NULL;
    return colon ? at : NULL;
}

/* Whether an option's value is a secret: password, sslpassword. */
static bool is_secret(const char *option, size_t size)
{
    static const char word[] = "password=";
    for (size_t i = 0; i + strlen(word) <= size && option[i] != '='; i++) {
        if (strncmp(option + i, word, strlen(word)) == 0)
            return true;
    }
    return false;
}

const char *hn_storage_url_shown(hn_arena *arena, const char *text)
{
    hn_buffer out = HN_BUFFER_INIT;
    const char *begin = NULL, *end = find_password(text, &begin);
    if (end) {
        hn_buffer_append(&out, text, (size_t)(begin - text));
        hn_buffer_text(&out, "***");
        text = end;
    }
    size_t size = strcspn(text, "?");
    hn_buffer_append(&out, text, size);
    for (text += size; *text; text += size) {
        hn_buffer_char(&out, *text++);
        size = strcspn(text, "&");
        if (is_secret(text, size))
            hn_buffer_printf(&out, "%.*s***", (int)strcspn(text, "=") + 1, text);
        else
            hn_buffer_append(&out, text, size);
    }
    const char *copy = hn_buffer_failed(&out) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&out));
    hn_buffer_release(&out);
    return copy;
}

/* --- parsing --- */

/* SQLAlchemy's postgresql+psycopg2: names a Python driver, postgres: is libpq's other spelling. size: of the
 * scheme with its colon. */
static bool is_postgres(const char *text, size_t size)
{
    return (size == strlen("postgres:") && strncmp(text, "postgres:", size) == 0) ||
           (size > strlen("postgresql+") && strncmp(text, "postgresql+", strlen("postgresql+")) == 0);
}

/* Spells the URL out; *size is its scheme's. */
static hone_status normalise(hn_arena *arena, const char *text, const char **out, size_t *size,
                             hone_error *err)
{
    *size = text ? scheme_size(text) : 0;
    if (!text || !*text)
        return hn_fail(err, HONE_INVALID, "the storage URL is empty; write sqlite:///study.db or memory:");
    if (*size == 0 && is_bare_path(text)) {
        *out = hn_arena_printf(arena, "sqlite:///%s", text);
        *size = strlen("sqlite:");
    } else if (*size == 0) {
        return hn_fail(err, HONE_INVALID,
                       "storage '%s' is not a URL: write sqlite:///%s for a file, or memory: to keep nothing",
                       text, text);
    } else if (is_postgres(text, *size)) {
        *out = hn_arena_printf(arena, "postgresql:%s", text + *size);
        *size = strlen("postgresql:");
    } else {
        *out = hn_arena_strdup(arena, text);
    }
    return *out ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_storage_url_parse(hn_arena *arena, const char *text, hn_storage_url *url, hone_error *err)
{
    hn_storage_url parsed = {0};
    size_t size;
    hone_status status = normalise(arena, text, &parsed.text, &size, err);
    if (status)
        return status;
    parsed.shown = hn_storage_url_shown(arena, parsed.text);
    parsed.scheme = hn_arena_strndup(arena, parsed.text, size);
    size_t location_size = strcspn(parsed.text + size, "?");
    parsed.location = hn_arena_strndup(arena, parsed.text + size, location_size);
    if (!parsed.shown || !parsed.scheme || !parsed.location)
        return hn_out_of_memory(err);
    const char *query = parsed.text + size + location_size;
    if (*query)
        status = parse_options(arena, &parsed, query + 1, err);
    if (!status)
        *url = parsed;
    return status;
}

hone_status hn_storage_url_path(const hn_storage_url *url, const char **path, hone_error *err)
{
    const char *bare = url->location + strspn(url->location, "/");
    if (strncmp(url->location, "///", 3) != 0)
        return hn_fail(
            err, HONE_INVALID,
            "storage URL '%s' needs three slashes before a relative path and four before an absolute one: "
            "%s///%s or %s////%s",
            url->shown, url->scheme, bare, url->scheme, bare);
    if (!url->location[3] || strcmp(url->location + 3, ":memory:") == 0)
        return hn_fail(err, HONE_INVALID,
                       "storage URL '%s' names no file; to keep nothing write memory:", url->shown);
    *path = url->location + 3;
    return HONE_OK;
}

hone_status hn_storage_url_absolute(hn_arena *arena, const char *text, const char **absolute, hone_error *err)
{
    hn_storage_url url;
    const char *path = NULL;
    char *full = NULL;
    hone_status status = hn_storage_url_parse(arena, text, &url, err);
    if (status)
        return status;
    if (hn_storage_url_path(&url, &path, NULL) || *path == '/') {
        *absolute = url.text;
        return HONE_OK;
    }
    status = hn_path_absolute(path, &full, err);
    if (status)
        return status;
    const char *made = hn_arena_printf(arena, "%s///%s%s", url.scheme, full,
                                       strchr(url.text, '?') ? strchr(url.text, '?') : "");
    hn_free(full);
    if (!made)
        return hn_out_of_memory(err);
    *absolute = made;
    return HONE_OK;
}
