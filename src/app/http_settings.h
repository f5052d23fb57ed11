/* app/http_settings.h: the options of a server, read and judged. */
#ifndef HN_APP_HTTP_SETTINGS_H
#define HN_APP_HTTP_SETTINGS_H

#include "base/arena.h"
#include "hone/app.h"
#include "http/server.h"

typedef struct hn_http_settings {
    hn_arena arena; /* of the texts */
    hn_http_config server;
    hn_tokens tokens;
    char token[HN_TOKEN_SIZE]; /* "" = none was made */
    size_t remember, threads;
    char url[80];
} hn_http_settings;

/* The settings must stay where they are, and be released, also after an error.
 */
hone_status hn_http_settings_read(const hone_http_config *config, hn_http_settings *settings,
                                  hone_error *err);
/* Makes a token and writes the file with its hash. */
hone_status hn_http_settings_make_token(hn_http_settings *settings, const char *path, hone_error *err);
/* Fills in where it listens. */
void hn_http_settings_url(hn_http_settings *settings, int port);
void hn_http_settings_release(hn_http_settings *settings);

#endif
