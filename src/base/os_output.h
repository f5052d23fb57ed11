/* base/os_output.h: files written as a whole: under a temporary name beside the file, synced, renamed, so
 * that readers see the old or the new content, never half. A link stays and what it leads to is written; a
 * device or a pipe takes the bytes as they come. One thread at a time. */
#ifndef HN_BASE_OS_OUTPUT_H
#define HN_BASE_OS_OUTPUT_H

#include <stdbool.h>

#include "base/error.h"

typedef struct hn_output hn_output;

/* What is written is compressed when path ends in .gz. HONE_IO. Returned: free with hn_output_close. */
hone_status hn_output_open(const char *path, hn_output **output, hone_error *err);
/* The same, never compressed. */
hone_status hn_output_open_plain(const char *path, hn_output **output, hone_error *err);
/* HONE_IO; what came before stays temporary until closed. */
hone_status hn_output_write(hn_output *output, const void *data, size_t size, hone_error *err);
/* keep: the content takes the file's place; otherwise, and on failure, the file stays as it was. Accepts
 * NULL. */
hone_status hn_output_close(hn_output *output, bool keep, hone_error *err);

/* A whole file at once, never compressed. */
hone_status hn_file_write_atomic(const char *path, const void *data, size_t size, hone_error *err);
/* At the end of what is there; seen by readers at once, not synced. */
hone_status hn_file_append(const char *path, const void *data, size_t size, hone_error *err);
/* A new file that only its owner can read, synced. HONE_EXISTS when there is one. */
hone_status hn_file_write_private(const char *path, const void *data, size_t size, hone_error *err);
/* All of data to a descriptor; name is for messages. */
hone_status hn_descriptor_write(int fd, const void *data, size_t size, const char *name, hone_error *err);

#endif
