/* memory_file.h: input of a fuzz target as a file, for what reads files only. */
#ifndef HN_FUZZ_MEMORY_FILE_H
#define HN_FUZZ_MEMORY_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MEMORY_PATH_SIZE = 40 };

/* path receives a name under which data can be opened until the descriptor returned is closed. */
static inline int memory_file(const uint8_t *data, size_t size, char path[MEMORY_PATH_SIZE])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, MEMORY_PATH_SIZE, "/proc/self/fd/%d", fd);
    return fd;
}

#endif
