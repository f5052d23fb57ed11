/* app/dashboard_assets.h: the files of the front end, gzipped, as web/embed.mjs makes them; none when the
 * program was built without Node. */
#ifndef HN_APP_DASHBOARD_ASSETS_H
#define HN_APP_DASHBOARD_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct hn_board_asset {
    const char *path; /* "/index.html" */
    const char *type;
    const char *tag;    /* of its content */
    bool immutable;     /* the path has a hash of the content in it */
    size_t begin, size; /* in hn_board_asset_bytes */
} hn_board_asset;

extern const hn_board_asset hn_board_assets[];
extern const size_t hn_board_asset_count;
extern const unsigned char hn_board_asset_bytes[];

#endif
