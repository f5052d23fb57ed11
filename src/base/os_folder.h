/* base/os_folder.h: what is in a folder. Thread-safe. */
#ifndef HN_BASE_OS_FOLDER_H
#define HN_BASE_OS_FOLDER_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum hn_entry_kind {
    HN_ENTRY_FILE, /* a regular one: it can be read twice */
    HN_ENTRY_FOLDER,
    HN_ENTRY_OTHER, /* a pipe, a device, a link that leads nowhere */
} hn_entry_kind;

/* Links are followed. */
typedef struct hn_folder_entry {
    const char *name;
    hn_entry_kind kind;
} hn_folder_entry;

typedef struct hn_folder {
    uint64_t device, inode; /* which two names of one folder share */
    hn_folder_entry
        *entries; /* (n,), ascending by the bytes of their names; hidden ones (.name) are left out */
    size_t n;
} hn_folder;

/* Into the arena. HONE_NOT_FOUND, HONE_IO. O(n log n). */
hone_status hn_folder_read(const char *path, hn_arena *arena, hn_folder *folder, hone_error *err);

#endif
