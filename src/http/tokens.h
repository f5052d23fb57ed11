/* http/tokens.h: the bearer tokens that let a client in, known by their SHA-256. Reading from several threads
 * is fine.
 *
 * A token file has a token a line, as it is or as "sha256:" and its hash in 64 hexadecimal digits; "#" begins
 * a comment. Random tokens have 256 bits, so that a plain hash of one gives nothing away.
 */
#ifndef HN_HTTP_TOKENS_H
#define HN_HTTP_TOKENS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/sha256.h"

enum { HN_TOKEN_SIZE = 65, HN_TOKEN_SHORTEST = 16 }; /* of a random one with its NUL; of one's own */

typedef struct hn_tokens {
    uint8_t (*hashes)[HN_SHA256_SIZE];
    size_t count, capacity;
} hn_tokens;

/* HONE_INVALID when it is too short or has characters that a header field cannot carry. */
hone_status hn_tokens_add(hn_tokens *tokens, const char *token, hone_error *err);
/* HONE_INVALID when it has none; errors of reading. */
hone_status hn_tokens_read(hn_tokens *tokens, const char *path, hone_error *err);
/* Makes a random token, adds it and keeps its hash in a new file that others cannot read. HONE_EXISTS when
 * the file is there. */
hone_status hn_tokens_make(hn_tokens *tokens, const char *path, char token[HN_TOKEN_SIZE], hone_error *err);
/* authorization: the header field, "Bearer TOKEN"; NULL: false. */
bool hn_tokens_accept(const hn_tokens *tokens, const char *authorization);
void hn_tokens_release(hn_tokens *tokens);

#endif
