#include "base/os_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(((const hn_folder_entry *)a)->name, ((const hn_folder_entry *)b)->name);
}

static hn_entry_kind kind_of(int folder, const char *name)
{
    struct stat info;
    if (fstatat(folder, name, &info, 0) != 0)
        return HN_ENTRY_OTHER;
    return S_ISREG(info.st_mode) ? HN_ENTRY_FILE : S_ISDIR(info.st_mode) ? HN_ENTRY_FOLDER : HN_ENTRY_OTHER;
}

/* *entries is free with hn_free. */
static hone_status list_entries(DIR *list, const char *path, hn_arena *arena, hn_folder_entry **entries,
                                size_t *n, hone_error *err)
{
    size_t capacity = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(list);
        if (!entry)
            return errno ? hn_fail_errno(err, HONE_IO, "cannot read the folder %s", path) : HONE_OK;
        if (entry->d_name[0] == '.')
            continue;
        const char *name = hn_arena_strdup(arena, entry->d_name);
        if (!name || HN_GROW(*entries, *n, capacity))
            return hn_out_of_memory(err);
        (*entries)[(*n)++] = (hn_folder_entry){name, kind_of(dirfd(list), name)};
    }
}

hone_status hn_folder_read(const char *path, hn_arena *arena, hn_folder *folder, hone_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    hn_folder_entry *entries = NULL;
    struct stat info;
    size_t n = 0;
    if (!list) {
        hone_status status = errno == ENOENT ? HONE_NOT_FOUND : HONE_IO;
        hn_fail_errno(err, status, "cannot open the folder %s", path);
        if (fd >= 0)
            close(fd);
        return status;
    }
    hone_status status = fstat(fd, &info) == 0
                             ? list_entries(list, path, arena, &entries, &n, err)
                             : hn_fail_errno(err, HONE_IO, "cannot read the folder %s", path);
    hn_folder_entry *kept = status ? NULL : HN_ARENA_NEW(arena, hn_folder_entry, n);
    if (!status && !kept)
        status = hn_out_of_memory(err);
    if (!status && n) {
        qsort(entries, n, sizeof *entries, by_name);
        memcpy(kept, entries, n * sizeof *kept);
    }
    if (!status)
        *folder = (hn_folder){(uint64_t)info.st_dev, (uint64_t)info.st_ino, kept, n};
    hn_free(entries);
    closedir(list);
    return status;
}
