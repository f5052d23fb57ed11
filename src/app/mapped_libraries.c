#include "app/mapped_libraries.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/os_input.h"

typedef struct libraries {
    const char **names;
    size_t count, capacity;
    bool failed;
} libraries;

/* The last part of a path that names a shared library, or NULL. line is one of /proc/self/maps. */
static const char *library_of(hn_arena *arena, const char *line, size_t size)
{
    const char *name = NULL;
    for (size_t i = 0; i < size; i++) {
        if (line[i] == '/') {
            name = line + i + 1;
        }
    }
    char *copy = name ? hn_arena_strndup(arena, name, size - (size_t)(name - line)) : NULL;
    return copy && strncmp(copy, "lib", 3) == 0 && strstr(copy, ".so") ? copy : NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void collect(hn_arena *arena, const char *maps, libraries *all)
{
    while (*maps && !all->failed) {
        size_t size = strcspn(maps, "\n");
        const char *library = library_of(arena, maps, size);
        if (library && HN_GROW(all->names, all->count, all->capacity)) {
            all->failed = true;
        } else if (library) {
            all->names[all->count++] = library;
        }
        maps += size + (maps[size] == '\n');
    }
}

const char *hn_mapped_libraries(hn_arena *arena)
{
    hn_buffer maps = HN_BUFFER_INIT, list = HN_BUFFER_INIT;
    libraries all = {0};
    if (hn_file_read("/proc/self/maps", 0, &maps, NULL)) {
        return "";
    }
    collect(arena, hn_buffer_string(&maps), &all);
    if (all.count) {
        qsort(all.names, all.count, sizeof *all.names, by_name);
    }
    for (size_t i = 0; i < all.count; i++) {
        if (!i || strcmp(all.names[i], all.names[i - 1]) != 0) {
            hn_buffer_printf(&list, "%s%s", i ? ", " : "", all.names[i]);
        }
    }
    bool failed = all.failed || hn_buffer_failed(&list);
    const char *copy = failed ? NULL : hn_arena_strdup(arena, hn_buffer_string(&list));
    hn_free(all.names);
    hn_buffer_release(&maps);
    hn_buffer_release(&list);
    return copy;
}
