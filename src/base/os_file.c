/* os_file.c: whole files and folders. */
#include "base/os_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"
#include "base/os_writer.h"

/* --- reading --- */

enum { DEFAULT_READ_LIMIT = 1 << 30 };

static hone_status read_error(gzFile file, const char *path, hone_error *err)
{
    int code;
    const char *reason = gzerror(file, &code);
    if (code == Z_ERRNO)
        return hn_fail_errno(err, HONE_IO, "cannot read %s", path);
    if (code == Z_MEM_ERROR)
        return hn_out_of_memory(err);
    return hn_fail(err, HONE_PARSE, "%s is a damaged gzip file: %s", path, reason);
}

/* zlib hands files without the gzip magic through as they are. */
static hone_status read_all(gzFile file, const char *path, size_t limit, hn_buffer *out, hone_error *err)
{
    size_t total = 0;
    int code;
    for (;;) {
        char chunk[16384];
        int n = gzread(file, chunk, sizeof chunk);
        gzerror(file, &code);
        if (n < 0 || (n == 0 && code != Z_OK))
            return read_error(file, path, err);
        if (n == 0)
            return HONE_OK;
        total += (size_t)n;
        if (total > limit)
            return hn_fail(err, HONE_LIMIT, "%s holds more than the %zu bytes allowed", path, limit);
        hn_buffer_append(out, chunk, (size_t)n);
        if (hn_buffer_failed(out))
            return hn_out_of_memory(err);
    }
}

static hone_status open_for_reading(const char *path, int *fd, hone_error *err)
{
    int opened = open(path, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return hn_fail_errno(err, errno == ENOENT ? HONE_NOT_FOUND : HONE_IO, "cannot open %s", path);
    struct stat info;
    hone_status status = HONE_OK;
    if (fstat(opened, &info) != 0)
        status = hn_fail_errno(err, HONE_IO, "cannot read %s", path);
    else if (S_ISDIR(info.st_mode))
        status = hn_fail(err, HONE_IO, "%s is a folder; a file is needed", path);
    if (status != HONE_OK) {
        close(opened);
        return status;
    }
    *fd = opened;
    return HONE_OK;
}

hone_status hn_file_read(const char *path, size_t limit, hn_buffer *out, hone_error *err)
{
    int fd = -1;
    hone_status status = open_for_reading(path, &fd, err);
    if (status != HONE_OK)
        return status;
    gzFile file = gzdopen(fd, "rb");
    if (file == NULL) {
        close(fd);
        return hn_out_of_memory(err);
    }
    size_t before = out->size;
    status = read_all(file, path, limit == 0 ? DEFAULT_READ_LIMIT : limit, out, err);
    gzclose_r(file);
    if (status != HONE_OK && out->data != NULL) {
        out->size = before;
        out->data[before] = '\0';
    }
    if (status == HONE_OK) /* an empty file gives an empty text */
        hn_buffer_append(out, "", 0);
    return status == HONE_OK && hn_buffer_failed(out) ? hn_out_of_memory(err) : status;
}

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

static hone_status make_directory(const char *path, hone_error *err)
{
    if (mkdir(path, 0777) == 0 || hn_is_directory(path))
        return HONE_OK;
    return hn_fail_errno(err, HONE_IO, "cannot make the folder %s", path);
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

hone_status hn_shared_memory_create(const char *name, const void *data, size_t size, int *fd, hone_error *err)
{
    int created = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (created < 0)
        return hn_fail_errno(err, HONE_IO, "cannot make the shared memory '%s'", name);
    hone_status status = hn_descriptor_write(created, data, size, name, err);
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
