/* app/openapi.h: docs/openapi.json, which the build makes a part of the program (cmake/Embed.cmake). */
#ifndef HN_APP_OPENAPI_H
#define HN_APP_OPENAPI_H

#include <stddef.h>

extern const unsigned char hn_openapi[];
extern const size_t hn_openapi_size;

#endif
