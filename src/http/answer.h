/* http/answer.h: an answer as bytes. */
#ifndef HN_HTTP_ANSWER_H
#define HN_HTTP_ANSWER_H

#include "http/server.h"

/* Head and body; the body is left out for HEAD. */
void hn_http_write_answer(hn_buffer *out, const hn_http_answer *answer, bool keep_alive, bool with_body);
/* The status of the protocol that goes with a refusal by HTTP. */
hone_status hn_http_refusal_status(int code);

#endif
