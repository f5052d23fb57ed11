/* Copying a study between storages, and to and from a dump: a file of what export writes. */
#include <string.h>

#include "app/export.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "base/os_output.h"
#include "hone/app.h"

static bool is_dump(const char *place)
{
    size_t size = strlen(place);
    return size > 5 && !strcmp(place + size - 5, ".json") && !strstr(place, "://");
}

static void gather(void *user, const char *text, size_t size)
{
    hn_buffer_append(user, text, size);
}

/* The study as text: of a storage, or of a dump, which holds one. */
static hone_status read_text(const char *from, const char *name, hn_buffer *text, hone_error *err)
{
    if (is_dump(from)) {
        return hn_file_read(from, SIZE_MAX / 2, text, err);
    }
    if (!name) {
        return hn_fail(err, HONE_INVALID, "copy: which study of %s?", from);
    }
    hone_sink sink = {.write = gather, .user = text};
    hone_status status = hone_study_export(from, name, &sink, err);
    return !status && hn_buffer_failed(text) ? hn_out_of_memory(err) : status;
}

static hone_status write_dump(const char *path, const hn_buffer *text, hone_error *err)
{
    return hn_file_exists(path) ? hn_fail(err, HONE_EXISTS, "%s exists; choose another file", path)
                                : hn_file_write_atomic(path, hn_buffer_string(text), text->size, err);
}

/* A dump has the name that it is asked for. */
static hone_status check_name(const char *from, const char *name, const hn_exported *exported,
                              hone_error *err)
{
    return name && strcmp(name, exported->row.name) != 0
               ? hn_fail(err, HONE_NOT_FOUND, "%s holds study '%s', not '%s'", from, exported->row.name, name)
               : HONE_OK;
}

/* To a dump under another name: what such a study in a storage would be exported as. */
static hone_status rename_text(hn_exported *exported, const char *name, hn_buffer *text, hone_error *err)
{
    hone_sink sink = {.write = gather, .user = text};
    hn_storage *storage = NULL;
    exported->row.name = name;
    hn_buffer_clear(text);
    hone_status status = hn_storage_open("memory:", true, &storage, err);
    if (!status) {
        status = hn_exported_write(storage, "memory:", exported, err);
    }
    if (!status) {
        status = hn_export_from(storage, name, &sink, err);
    }
    hn_storage_close(storage);
    return !status && hn_buffer_failed(text) ? hn_out_of_memory(err) : status;
}

static hone_status write_to(const char *to, const hn_exported *exported, const hn_buffer *text,
                            hone_error *err)
{
    if (is_dump(to)) {
        return write_dump(to, text, err);
    }
    hn_storage *storage = NULL;
    hone_status status = hn_storage_open(to, true, &storage, err);
    if (!status) {
        status = hn_exported_write(storage, to, exported, err);
    }
    hn_storage_close(storage);
    return status;
}

hone_status hone_study_copy(const char *from, const char *name, const char *to, const char *new_name,
                            int64_t *trials, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer text = HN_BUFFER_INIT;
    hn_node *root = NULL;
    hn_exported exported = {0};
    hone_status status = read_text(from, name, &text, err);
    if (!status) {
        status = hn_json_parse(&arena, is_dump(from) ? from : "export", hn_buffer_string(&text), text.size,
                               &root, err);
    }
    if (!status) {
        status = hn_exported_read(&arena, root, &exported, err);
    }
    if (!status) {
        status = check_name(from, name, &exported, err);
    }
    if (!status && new_name && is_dump(to)) {
        status = rename_text(&exported, new_name, &text, err);
    }
    if (!status) {
        exported.row.name = new_name ? new_name : exported.row.name;
        status = write_to(to, &exported, &text, err);
    }
    if (!status && trials) {
        *trials = (int64_t)exported.n_trials;
    }
    hn_arena_release(&arena);
    hn_buffer_release(&text);
    return status;
}
