/* storage/url.h: storage URLs as SQLAlchemy spells them: sqlite:///relative.db, sqlite:////absolute.db,
 * postgresql://user:password@host:port/database, memory:, with options after '?' (key=value&key=value). */
#ifndef HN_STORAGE_URL_H
#define HN_STORAGE_URL_H

#include "base/node.h"

typedef struct hn_storage_url {
    const char *text;   /* the whole URL, normalised: a bare path is spelled out, a driver's name left out */
    const char *shown;  /* the same with *** for passwords: for messages and logs */
    const char *scheme; /* "sqlite:" */
    const char *location; /* what follows the scheme, up to '?': "///hone.db" */
    hn_node *options;     /* a map, numbers as numbers; NULL when there are none */
} hn_storage_url;

/* Everything lives in arena. A bare path ending in .db, .sqlite or .sqlite3 becomes an sqlite URL;
 * postgres:// and postgresql+driver:// become postgresql://. */
hone_status hn_storage_url_parse(hn_arena *arena, const char *text, hn_storage_url *url, hone_error *err);
/* The text of any URL with *** for its passwords, that of "user:password@" and of options named so; also of
 * a text that is no URL. In arena; NULL when memory is out. */
const char *hn_storage_url_shown(hn_arena *arena, const char *text);
/* The path of a URL whose location is "///" and a path; HONE_INVALID explains the spelling. */
hone_status hn_storage_url_path(const hn_storage_url *url, const char **path, hone_error *err);
/* The URL that means the same from any folder; in arena. One that names no file stays as it is. */
hone_status hn_storage_url_absolute(hn_arena *arena, const char *text, const char **absolute,
                                    hone_error *err);

#endif
