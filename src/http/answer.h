/* http/answer.h: an answer as bytes. */
#ifndef HN_HTTP_ANSWER_H
#define HN_HTTP_ANSWER_H

#include "http/server.h"

/* Head and body; the body is left out for HEAD. fields: of every answer, NULL = none. */
void hn_http_write_answer(hn_buffer *out, const hn_http_answer *answer, const char *fields, bool keep_alive,
                          bool with_body);
/* The head of an answer without an end. */
void hn_http_write_stream_head(hn_buffer *out, const char *type, const char *fields);
/* The status of the protocol that goes with a refusal by HTTP. */
hone_status hn_http_refusal_status(int code);

#endif
