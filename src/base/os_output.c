#include "base/os_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/os_system.h"

struct hn_output {
    char *path;
    hn_buffer temporary; /* the name it is written under; empty: what path is takes bytes as they come */
    int fd;
    gzFile zip; /* writes to a copy of fd; NULL: not compressed */
};

hone_status hn_descriptor_write(int fd, const void *data, size_t size, const char *name, hone_error *err)
{
    const char *bytes = data;
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return hn_fail_errno(err, HONE_IO, "cannot write %s", name);
        bytes += n;
        size -= (size_t)n;
    }
    return HONE_OK;
}

/* The folder that holds path, as a new string. */
static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return hn_strdup(".");
    return hn_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* A rename is on disk only when its folder is. File systems that cannot sync folders are not an error. */
static void sync_parent(const char *path)
{
    char *parent = parent_of(path);
    int fd = parent == NULL ? -1 : open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    hn_free(parent);
}

/* A file of a new name, with the old one's permissions. */
static hone_status open_temporary(hn_output *w, const struct stat *old, hone_error *err)
{
    char suffix[17];
    hone_status status = hn_random_hex(suffix, 8, err);
    if (status != HONE_OK)
        return status;
    hn_buffer_printf(&w->temporary, "%s.%s.tmp", w->path, suffix);
    if (hn_buffer_failed(&w->temporary))
        return hn_out_of_memory(err);
    w->fd = open(w->temporary.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (w->fd < 0)
        return hn_fail_errno(err, HONE_IO, "cannot create %s", w->path);
    if (old)
        (void)fchmod(w->fd, old->st_mode & 07777);
    return HONE_OK;
}

/* Devices and pipes are written to, never replaced. */
static hone_status create(hn_output *w, bool gzip, hone_error *err)
{
    struct stat old;
    hone_status status = HONE_OK;
    bool exists = stat(w->path, &old) == 0;
    if (!exists || S_ISREG(old.st_mode))
        status = open_temporary(w, exists ? &old : NULL, err);
    else if ((w->fd = open(w->path, O_WRONLY | O_CLOEXEC)) < 0) /* a folder: EISDIR */
        status = hn_fail_errno(err, HONE_IO, "cannot write %s", w->path);
    if (status != HONE_OK)
        return status;
    int copy = gzip ? fcntl(w->fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (gzip && copy < 0)
        return hn_fail_errno(err, HONE_IO, "cannot create %s", w->path);
    w->zip = gzip ? gzdopen(copy, "wb") : NULL;
    if (gzip && w->zip == NULL) {
        close(copy);
        return hn_out_of_memory(err);
    }
    return HONE_OK;
}

static hone_status open_output(const char *path, bool gzip, hn_output **output, hone_error *err)
{
    hn_output *w = hn_calloc(1, sizeof *w);
    if (w == NULL)
        return hn_out_of_memory(err);
    char target[PATH_MAX];
    w->fd = -1;
    w->path =
        hn_strdup(realpath(path, target) ? target : path); /* a link stays, what it leads to is written */
    hone_status status = w->path ? create(w, gzip, err) : hn_out_of_memory(err);
    if (status == HONE_OK)
        *output = w;
    else
        hn_output_close(w, false, NULL);
    return status;
}

hone_status hn_output_open(const char *path, hn_output **output, hone_error *err)
{
    size_t size = strlen(path);
    return open_output(path, size > 3 && strcmp(path + size - 3, ".gz") == 0, output, err);
}

hone_status hn_output_open_plain(const char *path, hn_output **output, hone_error *err)
{
    return open_output(path, false, output, err);
}

hone_status hn_output_write(hn_output *w, const void *data, size_t size, hone_error *err)
{
    enum { PIECE = 1 << 20 }; /* gzwrite counts in int */
    const char *bytes = data;
    if (w->zip == NULL)
        return hn_descriptor_write(w->fd, data, size, w->path, err);
    for (size_t at = 0; at < size; at += PIECE) {
        unsigned piece = size - at < PIECE ? (unsigned)(size - at) : PIECE;
        if (gzwrite(w->zip, bytes + at, piece) != (int)piece)
            return hn_fail_errno(err, HONE_IO, "cannot write %s", w->path);
    }
    return HONE_OK;
}

static hone_status finish(hn_output *w, hone_error *err)
{
    int closed = w->zip == NULL ? Z_OK : gzclose_w(w->zip);
    w->zip = NULL;
    if (closed == Z_OK && !w->temporary.size)
        return HONE_OK;
    if (closed != Z_OK || fsync(w->fd) != 0 || rename(w->temporary.data, w->path) != 0)
        return hn_fail_errno(err, HONE_IO, "cannot write %s", w->path);
    sync_parent(w->path);
    return HONE_OK;
}

hone_status hn_output_close(hn_output *w, bool keep, hone_error *err)
{
    if (w == NULL)
        return HONE_OK;
    hone_status status = keep ? finish(w, err) : HONE_OK;
    if (w->zip != NULL)
        (void)gzclose_w(w->zip);
    if (w->fd >= 0)
        close(w->fd);
    if (w->fd >= 0 && w->temporary.size && (!keep || status != HONE_OK))
        unlink(w->temporary.data);
    hn_buffer_release(&w->temporary);
    hn_free(w->path);
    hn_free(w);
    return status;
}

hone_status hn_file_write_atomic(const char *path, const void *data, size_t size, hone_error *err)
{
    hn_output *output = NULL;
    hone_status status = hn_output_open_plain(path, &output, err);
    if (status != HONE_OK)
        return status;
    status = hn_output_write(output, data, size, err);
    hone_status closed = hn_output_close(output, status == HONE_OK, err);
    return status != HONE_OK ? status : closed;
}

hone_status hn_file_append(const char *path, const void *data, size_t size, hone_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0)
        return hn_fail_errno(err, HONE_IO, "cannot write %s", path);
    hone_status status = hn_descriptor_write(fd, data, size, path, err);
    close(fd);
    return status;
}

hone_status hn_file_write_private(const char *path, const void *data, size_t size, hone_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return hn_fail(err, HONE_EXISTS, "%s is there already", path);
    if (fd < 0)
        return hn_fail_errno(err, HONE_IO, "cannot write %s", path);
    hone_status status = hn_descriptor_write(fd, data, size, path, err);
    if (status == HONE_OK && fsync(fd) != 0)
        status = hn_fail_errno(err, HONE_IO, "cannot write %s", path);
    close(fd);
    if (status != HONE_OK)
        unlink(path);
    return status;
}
