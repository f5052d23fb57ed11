/* A study's folder, for logs and checkpoints: chosen once, and no other study's. Under a pruner that
 * schedules, whose paused trials go on from what they left there, the folder says whose it is. */
#include <string.h>

#include "app/tune.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "base/os_output.h"
#include "storage/url.h"
#include "study/study.h"

static const char attribute[] = "hone:folder";

/* Where the folders of a storage's studies are, and what a folder of this study says. */
typedef struct place {
    hone_study *study;
    hn_arena *arena;
    const char *file; /* of the storage; NULL: it is none */
    const char *runs; /* "hone.runs" beside hone.db; in the current folder for storages that are no file */
    const char *owner;
} place;

static hone_status find_place(hone_study *study, const char *storage, hn_arena *arena, place *at,
                              hone_error *err)
{
    hn_storage_url url;
    const char *path = NULL, *name = hone_study_name(study);
    *at = (place){.study = study, .arena = arena, .runs = "hone.runs"};
    if (hn_storage_url_parse(arena, storage, &url, NULL) || hn_storage_url_path(&url, &path, NULL)) {
        hn_study_row row;
        hone_status status = study->ops->study_find(study->storage, name, arena, &row, err);
        if (status) {
            return status;
        }
        at->owner = hn_arena_printf(arena, "study %s\n%s\n", row.uuid, name);
    } else {
        const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
        size_t size = dot && dot > (slash ? slash + 1 : path) ? (size_t)(dot - path) : strlen(path);
        at->file = path;
        at->runs = hn_arena_printf(arena, "%.*s.runs", (int)size, path);
        at->owner = hn_arena_printf(arena, "%s\n%s\n", slash ? slash + 1 : path, name);
    }
    return at->runs && at->owner ? HONE_OK : hn_out_of_memory(err);
}

static const char *path_of(const place *at, const char *name)
{
    return hn_arena_printf(at->arena, "%s/%s", at->runs, name);
}

/* The study's name as the name of a folder; i >= 2: the i-th of that name. */
static const char *folder_name(const place *at, int i)
{
    char *name = hn_arena_strdup(at->arena, hone_study_name(at->study));
    for (char *c = name; c && *c; c++) {
        if (*c == '/' || (unsigned char)*c < ' ' || (c == name && *c == '.')) {
            *c = '_';
        }
    }
    return i < 2 || !name ? name : hn_arena_printf(at->arena, "%s-%d", name, i);
}

/* --- what the study remembers --- */

static hone_status remembered(const place *at, const char **name, hone_error *err)
{
    char *json = NULL;
    *name = NULL;
    if (hone_study_attribute(at->study, attribute, &json, NULL)) {
        return HONE_OK;
    }
    hn_node *node = NULL;
    hone_status status = hn_json_parse(at->arena, attribute, json, strlen(json), &node, err);
    *name = !status && node->kind == HN_STRING && !strchr(node->as.string, '/') ? node->as.string : NULL;
    hone_free(json);
    return status;
}

static hone_status remember(const place *at, const char *name, hone_error *err)
{
    const char *json = hn_node_json(at->arena, hn_node_string(at->arena, name), HN_JSON_STRICT);
    return json ? hone_study_set_attribute(at->study, attribute, json, err) : hn_out_of_memory(err);
}

/* --- what a folder says --- */

static const char *owner_path(const place *at, const char *name)
{
    return hn_arena_printf(at->arena, "%s/%s/study", at->runs, name);
}

/* NULL: it does not say. */
static const char *owner_of(const place *at, const char *name)
{
    enum { LIMIT = 4096 };
    const char *path = owner_path(at, name), *owner = NULL;
    hn_buffer text = HN_BUFFER_INIT;
    if (path && !hn_file_read(path, LIMIT, &text, NULL)) {
        owner = hn_arena_strdup(at->arena, hn_buffer_string(&text));
    }
    hn_buffer_release(&text);
    return owner;
}

static hone_status claim(const place *at, const char *name, hone_error *err)
{
    const char *path = path_of(at, name), *file = owner_path(at, name);
    if (!path || !file) {
        return hn_out_of_memory(err);
    }
    hone_status status = hn_make_directories(path, err);
    return status ? status : hn_file_write_atomic(file, at->owner, strlen(at->owner), err);
}

/* Another study's, whose storage is still there: ours is a copy of it. */
static bool is_anothers(const place *at, const char *name)
{
    const char *owner = owner_of(at, name);
    if (!owner || !strcmp(owner, at->owner) || !at->file) {
        return false;
    }
    const char *slash = strrchr(at->file, '/');
    const char *path = hn_arena_printf(at->arena, "%.*s%.*s", slash ? (int)(slash + 1 - at->file) : 0,
                                       at->file, (int)strcspn(owner, "\n"), owner);
    return path && hn_file_exists(path);
}

/* --- choosing --- */

/* A process that opens the same study at this moment has made the folder, and is about to say so. */
static hone_status wait_for_other(const place *at, const char *name, const char **said, hone_error *err)
{
    const char *owner = owner_of(at, name);
    hone_status status = HONE_OK;
    for (int i = 0; i < 20 && owner && !strcmp(owner, at->owner) && !*said && !status; i++) {
        hn_sleep_ms(10);
        status = remembered(at, said, err);
    }
    return status;
}

/* A name that no folder has yet: what an earlier study of that name left behind is neither used nor
 * removed. */
static hone_status choose(const place *at, bool claims, const char **name, hone_error *err)
{
    *name = NULL;
    for (int i = 1;; i++) {
        const char *candidate = folder_name(at, i), *path = candidate ? path_of(at, candidate) : NULL;
        if (!path) {
            return hn_out_of_memory(err);
        }
        bool made = !hn_file_exists(path);
        hone_status status = claims ? hn_make_directories(at->runs, err) : HONE_OK;
        if (!status && claims) {
            status = hn_make_new_directory(path, &made, err);
        }
        if (!status && claims && !made) {
            status = wait_for_other(at, candidate, name, err);
        }
        if (status || *name) {
            return status;
        }
        if (made) {
            status = claims ? claim(at, candidate, err) : HONE_OK;
            *name = candidate;
            return status ? status : remember(at, candidate, err);
        }
    }
}

hone_status hn_study_folder(hone_study *study, const char *storage, hn_arena *arena, const char **folder,
                            hone_error *err)
{
    place at;
    const char *name = NULL;
    bool claims = hn_study_schedules(study);
    hone_status status = find_place(study, storage, arena, &at, err);
    if (!status) {
        status = remembered(&at, &name, err);
    }
    if (!status && name && claims && is_anothers(&at, name)) {
        hn_log(
            HN_LOG_WARNING,
            "%s/%s holds the checkpoints of a study in another storage, of which this one is a copy; it gets "
            "a folder of its own, and trials that were paused are trained again",
            at.runs, name);
        name = NULL;
    } else if (!status && name && claims) {
        status = claim(&at, name, err);
    }
    if (!status && !name) {
        status = choose(&at, claims, &name, err);
    }
    if (!status) {
        *folder = path_of(&at, name);
        status = *folder ? HONE_OK : hn_out_of_memory(err);
    }
    return status;
}

hone_status hn_study_folder_known(hone_study *study, const char *storage, hn_arena *arena,
                                  const char **folder, hone_error *err)
{
    place at;
    const char *name = NULL;
    hone_status status = find_place(study, storage, arena, &at, err);
    if (!status) {
        status = remembered(&at, &name, err);
    }
    if (!status) {
        *folder = name && name[0] != '.' ? path_of(&at, name) : NULL;
    }
    return status;
}
