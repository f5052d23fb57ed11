/* app/mapped_libraries.h: the shared libraries that this process runs with. Thread-safe. */
#ifndef HN_APP_MAPPED_LIBRARIES_H
#define HN_APP_MAPPED_LIBRARIES_H

#include "base/arena.h"

/* Their files' names, which tell the versions, by name: "libc.so.6, libsqlite3.so.0.8.6"; "" where the system
 * does not say. In arena; NULL when memory is out. */
const char *hn_mapped_libraries(hn_arena *arena);

#endif
