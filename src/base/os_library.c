/* os_library.c: dlopen(3). */
#include "base/os_library.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static hone_status fail(hone_error *err)
{
    const char *why = dlerror();
    return hn_fail(err, HONE_NOT_FOUND, "%s", why ? why : "the library cannot be opened");
}

hone_status hn_library_open(const char *variable, const char *const *names, const hn_library_symbol *symbols,
                            size_t n, void *functions, hone_error *err)
{
    const char *given = getenv(variable);
    void *library = given && *given ? dlopen(given, RTLD_NOW | RTLD_LOCAL) : NULL;
    for (size_t i = 0; !library && !(given && *given) && names[i]; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return fail(err);
    for (size_t i = 0; i < n; i++) {
        void *symbol = dlsym(library, symbols[i].name);
        if (!symbol) {
            hone_status status = fail(err);
            dlclose(library);
            return status;
        }
        memcpy((char *)functions + symbols[i].offset, &symbol, sizeof symbol);
    }
    return HONE_OK;
}
