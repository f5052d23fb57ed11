/* os_file.c: files and folders by name; shared memory. */
#include "base/os_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/os_output.h"

/* --- folders --- */

bool hn_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool hn_is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool hn_is_regular_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static hone_status make_directory(const char *path, hone_error *err)
{
    if (mkdir(path, 0777) == 0 || hn_is_directory(path))
        return HONE_OK;
    return hn_fail_errno(err, HONE_IO, "cannot make the folder %s", path);
}

hone_status hn_path_absolute(const char *path, char **absolute, hone_error *err)
{
    char here[4096] = "";
    if (*path != '/' && !getcwd(here, sizeof here)) {
        return hn_fail_errno(err, HONE_IO, "the current folder has no name");
    }
    size_t size = strlen(here) + strlen(path) + 2;
    char *text = hn_malloc(size);
    if (!text) {
        return hn_out_of_memory(err);
    }
    bool itself = !strcmp(path, ".");
    snprintf(text, size, "%s%s%s", here, *here && !itself ? "/" : "", itself ? "" : path);
    *absolute = text;
    return HONE_OK;
}

hone_status hn_make_directories(const char *path, hone_error *err)
{
    char *prefix = hn_strdup(path);
    if (prefix == NULL)
        return hn_out_of_memory(err);
    hone_status status = HONE_OK;
    for (char *slash = strchr(prefix + (prefix[0] == '/'), '/'); status == HONE_OK && slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        status = make_directory(prefix, err);
        *slash = '/';
    }
    if (status == HONE_OK)
        status = make_directory(prefix, err);
    hn_free(prefix);
    return status;
}

hone_status hn_make_new_directory(const char *path, bool *made, hone_error *err)
{
    *made = mkdir(path, 0777) == 0;
    return *made || errno == EEXIST ? HONE_OK
                                    : hn_fail_errno(err, HONE_IO, "cannot make the folder %s", path);
}

bool hn_is_empty_directory(const char *path)
{
    DIR *folder = opendir(path);
    bool empty = true;
    for (struct dirent *entry; folder != NULL && empty && (entry = readdir(folder)) != NULL;)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (folder != NULL)
        closedir(folder);
    return empty;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

/* What is not there counts as removed. Symbolic links are removed, not followed. */
hone_status hn_remove_tree(const char *path, hone_error *err)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return HONE_OK;
    return hn_fail_errno(err, HONE_IO, "cannot remove %s", path);
}

uint64_t hn_disk_free_bytes(const char *path)
{
    struct statvfs info;
    if (statvfs(path, &info) != 0)
        return UINT64_MAX;
    return (uint64_t)info.f_bavail * info.f_frsize;
}

/* --- shared memory --- */

hone_status hn_shared_memory_create(const char *name, const hn_piece *pieces, size_t n, int *fd,
                                    hone_error *err)
{
    int created = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (created < 0)
        return hn_fail_errno(err, HONE_IO, "cannot make the shared memory '%s'", name);
    hone_status status = HONE_OK;
    for (size_t i = 0; status == HONE_OK && i < n; i++)
        status = hn_descriptor_write(created, pieces[i].data, pieces[i].size, name, err);
    if (status == HONE_OK && (lseek(created, 0, SEEK_SET) != 0 ||
                              fcntl(created, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0))
        status = hn_fail_errno(err, HONE_IO, "cannot make the shared memory '%s'", name);
    if (status != HONE_OK) {
        close(created);
        return status;
    }
    *fd = created;
    return HONE_OK;
}

hone_status hn_shared_memory_map(int fd, size_t *size, const void **data, hone_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return hn_fail_errno(err, HONE_IO, "cannot map shared memory (descriptor %d)", fd);
    const void *mapped = ""; /* nothing can be mapped of an empty file */
    if (info.st_size > 0) {
        mapped = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (mapped == MAP_FAILED)
            return hn_fail_errno(err, HONE_IO, "cannot map %lld bytes of shared memory",
                                 (long long)info.st_size);
    }
    *size = (size_t)info.st_size;
    *data = mapped;
    return HONE_OK;
}

void hn_shared_memory_unmap(const void *data, size_t size)
{
    if (size > 0)
        munmap((void *)data, size);
}
