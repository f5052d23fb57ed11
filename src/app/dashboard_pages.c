/* The front end's files, and a page that says so when they were not built in. */
#include <string.h>

#include "app/dashboard.h"
#include "app/dashboard_assets.h"

bool hn_board_has_pages(void)
{
    return hn_board_asset_count > 0;
}

static const hn_board_asset *find_asset(const char *path)
{
    for (size_t i = 0; i < hn_board_asset_count; i++) {
        if (!strcmp(hn_board_assets[i].path, path)) {
            return &hn_board_assets[i];
        }
    }
    return NULL;
}

void hn_board_page(hn_http_exchange *exchange)
{
    const hn_http_request *request = hn_http_exchange_request(exchange);
    const char *path = strcmp(request->path, "/") ? request->path : "/index.html";
    const hn_board_asset *asset = find_asset(path);
    hone_error err = {0};
    if (!asset) {
        hn_fail(&err, HONE_NOT_FOUND, "there is nothing at '%.100s'%s", request->path,
                hn_board_has_pages() ? ""
                                     : ": this program was built without the dashboard's pages (no Node)");
        hn_http_fail(exchange, 404, NULL, &err);
        return;
    }
    hn_http_answer answer = {
        .code = 200, .type = asset->type, .encoding = "gzip", .immutable = asset->immutable};
    strncpy(answer.tag, asset->tag, sizeof answer.tag - 1);
    if (hn_http_client_has(request, answer.tag)) {
        answer.code = 304;
    } else {
        hn_buffer_append(&answer.body, hn_board_asset_bytes + asset->begin, asset->size);
    }
    hn_http_answer_exchange(exchange, &answer);
}
