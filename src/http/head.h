/* http/head.h: the request line and the header fields. */
#ifndef HN_HTTP_HEAD_H
#define HN_HTTP_HEAD_H

#include "http/reader.h"

/* What a head says about the body. */
typedef struct hn_http_framing {
    bool chunked;
    uint64_t length;
} hn_http_framing;

/* text has size bytes, ends with an empty line and stays: it is cut into the request's texts. 0, or the HTTP
 * status of a refusal with why. */
int hn_http_parse_head(char *text, size_t size, hn_http_request *request, hn_http_framing *framing,
                       const char **why);

#endif
