/* base/os_library.h: shared libraries that are opened when they are first needed, so that a program which
 * never needs them neither waits for them nor misses them. Thread-safe.
 */
#ifndef HN_BASE_OS_LIBRARY_H
#define HN_BASE_OS_LIBRARY_H

#include <stddef.h>

#include "base/error.h"

/* A function to look up, and where its pointer goes: an offset in the struct of pointers. */
typedef struct hn_library_symbol {
    const char *name;
    size_t offset;
} hn_library_symbol;

/* Opens the first of names (ended by NULL) that there is, for good, and fills the struct of function
 * pointers. The path in the environment's `variable`, where it is set, is tried alone. HONE_NOT_FOUND with
 * the linker's words when there is none or it lacks a function. */
hone_status hn_library_open(const char *variable, const char *const *names, const hn_library_symbol *symbols,
                            size_t n, void *functions, hone_error *err);

#endif
