#include <string.h>

#include "storage/storage.h"
#include "storage/url.h"

extern const hn_storage_type hn_storage_memory, hn_storage_postgres, hn_storage_sqlite;

static const hn_storage_type *const types[] = {&hn_storage_sqlite, &hn_storage_memory, &hn_storage_postgres};

enum { N_TYPES = sizeof types / sizeof *types };

const hn_storage_type *hn_storage_at(size_t i)
{
    return i < N_TYPES ? types[i] : NULL;
}

static hone_status find_type(const hn_storage_url *url, const hn_storage_type **type, hone_error *err)
{
    const char *schemes[N_TYPES];
    for (size_t i = 0; i < N_TYPES; i++) {
        schemes[i] = types[i]->scheme;
        if (strcmp(url->scheme, schemes[i]) == 0) {
            *type = types[i];
            return HONE_OK;
        }
    }
    hn_buffer known = HN_BUFFER_INIT;
    for (size_t i = 0; i < N_TYPES; i++)
        hn_buffer_printf(&known, "%s%s", i ? ", " : "", schemes[i]);
    const char *nearest = hn_nearest_name(url->scheme, schemes, N_TYPES);
    hone_status status = nearest ? hn_fail(err, HONE_INVALID,
                                           "storage '%s': no scheme '%s' (did you mean '%s'?); there are %s",
                                           url->shown, url->scheme, nearest, hn_buffer_string(&known))
                                 : hn_fail(err, HONE_INVALID, "storage '%s': no scheme '%s'; there are %s",
                                           url->shown, url->scheme, hn_buffer_string(&known));
    hn_buffer_release(&known);
    return status;
}

hone_status hn_storage_open(const char *text, bool create, hn_storage **storage, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_storage_url url;
    const hn_storage_type *type = NULL;
    hone_status status = hn_storage_url_parse(&arena, text, &url, err);
    if (!status)
        status = find_type(&url, &type, err);
    if (!status)
        status = type->open(url.text, create, storage, err);
    hn_arena_release(&arena);
    return status;
}

const hn_storage_type *hn_storage_of(const hn_storage *storage)
{
    return ((const struct hn_storage_base *)storage)->type;
}

void hn_storage_close(hn_storage *storage)
{
    if (storage)
        hn_storage_of(storage)->close(storage);
}
