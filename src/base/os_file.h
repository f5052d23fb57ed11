/* base/os_file.h: files and folders. Thread-safe. */
#ifndef HN_BASE_OS_FILE_H
#define HN_BASE_OS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

bool hn_file_exists(const char *path);
bool hn_is_directory(const char *path);
/* Not a folder, pipe or device: it can be read twice. */
bool hn_is_regular_file(const char *path);
/* The path from the root on ("." is the current folder), *absolute for hn_free. */
hone_status hn_path_absolute(const char *path, char **absolute, hone_error *err);
/* mkdir -p. */
hone_status hn_make_directories(const char *path, hone_error *err);
/* One folder; *made = it was not there. */
hone_status hn_make_new_directory(const char *path, bool *made, hone_error *err);
/* Nothing in it, or it is not there. */
bool hn_is_empty_directory(const char *path);
hone_status hn_remove_tree(const char *path, hone_error *err);
/* A folder with all that is in it, links as links; `to` is there whole or as it was. */
hone_status hn_copy_tree(const char *from, const char *to, hone_error *err);
/* True on NFS, SMB, FUSE network mounts, 9p: where WAL and locks do not work. Unknown = false. */
bool hn_is_network_filesystem(const char *path, const char **name);
/* Free bytes for an unprivileged user on the file system of path, UINT64_MAX when unknown. */
uint64_t hn_disk_free_bytes(const char *path);
/* Bytes that lie somewhere. */
typedef struct hn_piece {
    const void *data;
    size_t size;
} hn_piece;

/* An unlinked anonymous shared-memory file of these pieces (n,), one after the other, position 0,
 * close-on-exec; returns the descriptor. */
hone_status hn_shared_memory_create(const char *name, const hn_piece *pieces, size_t n, int *fd,
                                    hone_error *err);
/* Maps size bytes of fd read-only. Unmap with hn_shared_memory_unmap. */
hone_status hn_shared_memory_map(int fd, size_t *size, const void **data, hone_error *err);
void hn_shared_memory_unmap(const void *data, size_t size);

#endif
