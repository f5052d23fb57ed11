/* app/answer_memory.h: answers kept by the identifier of their request, so that a client that lost an answer
 * asks again and gets it, and nothing is done twice. The oldest go when there is no room. Thread-safe; that a
 * request and its repetition do not run at once is the caller's care.
 */
#ifndef HN_APP_ANSWER_MEMORY_H
#define HN_APP_ANSWER_MEMORY_H

#include "base/buffer.h"
#include "base/error.h"

typedef struct hn_answer_memory hn_answer_memory;

/* What was asked: the study and the identifier name it, the rest tells another request of that name. */
typedef struct hn_answer_key {
    const char *study, *id;
    const void *body;
    size_t body_size;
    const char *op;
} hn_answer_key;

/* bytes: of all that is kept. */
hone_status hn_answer_memory_create(size_t bytes, hn_answer_memory **memory, hone_error *err);
/* Appends the answer to *body; *found = there was one. HONE_CONFLICT when the identifier was of another
 * request. */
hone_status hn_answer_memory_find(hn_answer_memory *memory, const hn_answer_key *key, bool *found,
                                  hn_buffer *body, hone_error *err);
/* Copied; dropped when memory is out. */
void hn_answer_memory_keep(hn_answer_memory *memory, const hn_answer_key *key, const hn_buffer *body);
/* The answer turned out not to be true. */
void hn_answer_memory_forget(hn_answer_memory *memory, const hn_answer_key *key);
/* Accepts NULL. */
void hn_answer_memory_destroy(hn_answer_memory *memory);

#endif
