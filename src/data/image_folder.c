#include "data/image_folder.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_folder.h"
#include "base/utf8.h"

/* The folders that are being looked into, innermost first. */
typedef struct level {
    const hn_folder *folder;
    const struct level *above;
} level;

typedef struct walk {
    hn_arena *arena;
    hn_image_file *files; /* free with hn_free */
    size_t n, capacity;
    size_t class;
    hn_image_list *list;
    hone_error *err;
} walk;

static bool ends_with_one_of(const char *name, const char *const *endings)
{
    size_t size = strlen(name);
    for (; *endings; endings++) {
        size_t ending = strlen(*endings);
        if (size > ending && !strcasecmp(name + size - ending, *endings))
            return true;
    }
    return false;
}

static bool is_image(const char *name)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg", NULL};
    return ends_with_one_of(name, endings);
}

static void ignore(walk *w, const char *name)
{
    static const char *const endings[] = {".gif",  ".bmp",  ".webp", ".tif", ".tiff", ".heic",
                                          ".avif", ".jfif", ".ppm",  ".pgm", NULL};
    bool picture = ends_with_one_of(name, endings);
    if (!w->list->ignored++ || (picture && !w->list->pictures_ignored))
        w->list->first_ignored = name;
    w->list->pictures_ignored |= picture;
}

static hone_status add(walk *w, const char *path, const char *name)
{
    if (HN_GROW(w->files, w->n, w->capacity))
        return hn_out_of_memory(w->err);
    w->files[w->n++] = (hn_image_file){.path = path, .name = name, .class = w->class};
    return HONE_OK;
}

static bool leads_back(const hn_folder *folder, const level *above)
{
    for (; above; above = above->above)
        if (above->folder->device == folder->device && above->folder->inode == folder->inode)
            return true;
    return false;
}

/* base: the folder that was named, with its slash; name: from there on, "" itself. */
static hone_status look_into(walk *w, const char *base, const char *name, const level *above)
{
    enum { DEEPEST = 64 };
    const char *path = *name ? hn_arena_printf(w->arena, "%s%s", base, name) : base;
    hn_folder folder;
    level here = {&folder, above};
    size_t depth = 0;
    for (const level *l = above; l; l = l->above)
        depth++;
    if (!path)
        return hn_out_of_memory(w->err);
    if (depth > DEEPEST)
        return hn_fail(w->err, HONE_LIMIT, "%s: folders in folders, more than %d deep", path, DEEPEST);
    hone_status status = hn_folder_read(path, w->arena, &folder, w->err);
    if (!status && leads_back(&folder, above))
        return HONE_OK;
    for (size_t i = 0; !status && i < folder.n; i++) {
        const hn_folder_entry *entry = &folder.entries[i];
        const char *inner = hn_arena_printf(w->arena, "%s%s%s", name, *name ? "/" : "", entry->name);
        const char *file = inner ? hn_arena_printf(w->arena, "%s%s", base, inner) : NULL;
        if (!file)
            return hn_out_of_memory(w->err);
        if (entry->kind == HN_ENTRY_FOLDER)
            status = look_into(w, base, inner, &here);
        else if (entry->kind == HN_ENTRY_FILE && is_image(entry->name))
            status = add(w, file, inner);
        else
            ignore(w, file);
    }
    return status;
}

/* --- order --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const hn_image_file *)a)->name, ((const hn_image_file *)b)->name);
}

/* Place i of n is at (2 i + 1) / 2 n of the way. */
typedef struct placed {
    hn_image_file file;
    size_t n; /* of its class */
} placed;

static int by_turn(const void *a, const void *b)
{
    const placed *left = a, *right = b;
    uint64_t x = (2 * (uint64_t)left->file.place + 1) * right->n;
    uint64_t y = (2 * (uint64_t)right->file.place + 1) * left->n;
    if (x != y)
        return x < y ? -1 : 1;
    return left->file.class < right->file.class ? -1 : left->file.class > right->file.class;
}

/* files come class by class, by their names. */
static hone_status take_turns(const walk *w, hn_image_file *out)
{
    size_t *counts = hn_calloc(w->list->n_classes, sizeof *counts);
    placed *order = hn_calloc(w->n, sizeof *order);
    bool made = counts && order;
    for (size_t i = 0; made && i < w->n; i++) {
        order[i].file = w->files[i];
        order[i].file.place = counts[w->files[i].class]++;
    }
    for (size_t i = 0; made && i < w->n; i++)
        order[i].n = counts[order[i].file.class];
    if (made)
        qsort(order, w->n, sizeof *order, by_turn);
    for (size_t i = 0; made && i < w->n; i++)
        out[i] = order[i].file;
    hn_free(counts);
    hn_free(order);
    return made ? HONE_OK : hn_out_of_memory(w->err);
}

static hone_status keep(walk *w, bool classes)
{
    hn_image_list *list = w->list;
    list->files = HN_ARENA_NEW(w->arena, hn_image_file, w->n);
    list->n = w->n;
    if (!list->files)
        return hn_out_of_memory(w->err);
    if (classes)
        return take_turns(w, list->files);
    qsort(w->files, w->n, sizeof *w->files, by_name);
    for (size_t i = 0; i < w->n; i++) {
        list->files[i] = w->files[i];
        list->files[i].place = i;
    }
    return HONE_OK;
}

/* --- classes --- */

static bool is_utf8(const char *text)
{
    size_t size = strlen(text);
    while (size) {
        uint32_t code;
        size_t length = hn_utf8_decode(text, size, &code);
        if (code == 0xFFFD && length == 1)
            return false;
        text += length;
        size -= length;
    }
    return true;
}

static hone_status fail_empty(const walk *w, const char *path, size_t others)
{
    return hn_fail(w->err, HONE_INVALID, "%s has no images, PNG (.png) or JPEG (.jpg, .jpeg)%s", path,
                   others ? ", only other files" : "");
}

static hone_status look_into_class(walk *w, const char *base, const char *name, const level *above)
{
    size_t before = w->n, ignored = w->list->ignored;
    const char *path = hn_arena_printf(w->arena, "%s%s", base, name);
    hone_status status = path ? look_into(w, base, name, above) : hn_out_of_memory(w->err);
    return status || w->n > before ? status : fail_empty(w, path, w->list->ignored - ignored);
}

static hone_status walk_classes(walk *w, const char *base)
{
    hn_folder folder;
    const level top = {&folder, NULL};
    hn_image_list *list = w->list;
    hone_status status = hn_folder_read(base, w->arena, &folder, w->err);
    list->classes = status ? NULL : HN_ARENA_NEW(w->arena, const char *, folder.n);
    if (!status && !list->classes)
        status = hn_out_of_memory(w->err);
    for (size_t i = 0; !status && i < folder.n; i++) {
        const hn_folder_entry *entry = &folder.entries[i];
        if (entry->kind == HN_ENTRY_FILE && is_image(entry->name))
            return hn_fail(w->err, HONE_INVALID,
                           "%s%s is in no class: images to learn from are in folders, one a class, as "
                           "%sCLASS/%s",
                           base, entry->name, base, entry->name);
        if (entry->kind == HN_ENTRY_FOLDER && !is_utf8(entry->name))
            return hn_fail(w->err, HONE_INVALID, "%s: the name of class %zu is not UTF-8", base,
                           list->n_classes);
        if (entry->kind == HN_ENTRY_FOLDER) {
            w->class = list->n_classes;
            list->classes[list->n_classes++] = entry->name;
            status = look_into_class(w, base, entry->name, &top);
        } else {
            const char *file = hn_arena_printf(w->arena, "%s%s", base, entry->name);
            if (!file)
                return hn_out_of_memory(w->err);
            ignore(w, file);
        }
    }
    if (!status && !list->n_classes)
        return hn_fail(
            w->err, HONE_INVALID,
            "%s has no folders: images to learn from are in folders, one a class, as %sCLASS/x.png", base,
            base);
    return status;
}

/* --- the whole --- */

static hone_status list_file(walk *w, const char *path, bool classes)
{
    const char *copy = hn_arena_strdup(w->arena, path);
    if (classes)
        return hn_fail(
            w->err, HONE_INVALID,
            "%s is a single image: images to learn from are in folders, one a class; name the folder "
            "of these",
            path);
    hone_status status = copy ? add(w, copy, copy) : hn_out_of_memory(w->err);
    return status ? status : keep(w, false);
}

/* The folder's name with one slash. */
static const char *base_of(hn_arena *arena, const char *path)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    return hn_arena_printf(arena, "%.*s%s", (int)size, path, path[size - 1] == '/' ? "" : "/");
}

hone_status hn_image_list_make(const char *path, bool classes, hn_arena *arena, hn_image_list *list,
                               hone_error *err)
{
    hn_image_list made = {0};
    walk w = {.arena = arena, .list = &made, .err = err};
    const char *base = base_of(arena, path);
    hone_status status = HONE_OK;
    if (!base)
        status = hn_out_of_memory(err);
    else if (!hn_is_directory(path))
        status = list_file(&w, path, classes);
    else
        status = classes ? walk_classes(&w, base) : look_into(&w, base, "", NULL);
    if (!status && !w.n)
        status = fail_empty(&w, path, made.ignored);
    if (!status && !made.files)
        status = keep(&w, classes);
    if (!status)
        *list = made;
    hn_free(w.files);
    return status;
}
