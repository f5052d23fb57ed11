#include "http/tokens.h"

#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/os_input.h"
#include "base/os_output.h"
#include "base/os_system.h"

enum { MAX_FILE = 1 << 20 };

static const char prefix[] = "sha256:";

static hone_status add_hash(hn_tokens *tokens, const uint8_t hash[HN_SHA256_SIZE], hone_error *err)
{
    if (HN_GROW(tokens->hashes, tokens->count, tokens->capacity)) {
        return hn_out_of_memory(err);
    }
    memcpy(tokens->hashes[tokens->count++], hash, HN_SHA256_SIZE);
    return HONE_OK;
}

hone_status hn_tokens_add(hn_tokens *tokens, const char *token, hone_error *err)
{
    uint8_t hash[HN_SHA256_SIZE];
    size_t size = strlen(token);
    if (size < HN_TOKEN_SHORTEST) {
        return hn_fail(
            err, HONE_INVALID,
            "a token of %zu characters can be guessed; it must have at least %d (openssl rand -hex 32 "
            "prints one)",
            size, HN_TOKEN_SHORTEST);
    }
    for (const char *c = token; *c; c++) {
        if (*c <= 0x20 || *c >= 0x7f) {
            return hn_fail(err, HONE_INVALID, "a token has visible ASCII characters only");
        }
    }
    hn_sha256(token, size, hash);
    return add_hash(tokens, hash, err);
}

/* --- files --- */

static bool read_hex(const char *text, uint8_t hash[HN_SHA256_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < 2 * (size_t)HN_SHA256_SIZE; i++) {
        const char *digit = text[i] ? strchr(digits, text[i]) : NULL;
        if (!digit) {
            return false;
        }
        unsigned value = (unsigned)(digit - digits);
        hash[i / 2] = (uint8_t)(i % 2 ? hash[i / 2] << 4 | value : value);
    }
    return text[2 * (size_t)HN_SHA256_SIZE] == '\0';
}

static hone_status add_line(hn_tokens *tokens, const char *line, hone_error *err)
{
    uint8_t hash[HN_SHA256_SIZE] = {0};
    if (strncmp(line, prefix, sizeof prefix - 1) != 0) {
        return hn_tokens_add(tokens, line, err);
    }
    return read_hex(line + sizeof prefix - 1, hash)
               ? add_hash(tokens, hash, err)
               : hn_fail(err, HONE_INVALID,
                         "after \"sha256:\" there must be 64 hexadecimal digits (0-9, a-f)");
}

static char *trim(char *line)
{
    line += strspn(line, " \t\r");
    size_t size = strlen(line);
    while (size && strchr(" \t\r", line[size - 1])) {
        line[--size] = '\0';
    }
    return line;
}

hone_status hn_tokens_read(hn_tokens *tokens, const char *path, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    size_t before = tokens->count;
    hone_status status = hn_file_read(path, MAX_FILE, &text, err);
    hn_buffer_char(&text, '\n');
    char *line = status ? NULL : text.data;
    for (int number = 1; line && *line && !status; number++) {
        char *end = strchr(line, '\n');
        if (!end) {
            break;
        }
        *end = '\0';
        char *token = trim(line);
        if (*token && *token != '#') {
            status = add_line(tokens, token, err);
            status = status ? hn_fail_within(err, status, "%s:%d", path, number) : HONE_OK;
        }
        line = end + 1;
    }
    hn_buffer_release(&text);
    if (!status && tokens->count == before) {
        status = hn_fail(err, HONE_INVALID, "%s: there is no token in it", path);
    }
    return status;
}

hone_status hn_tokens_make(hn_tokens *tokens, const char *path, char token[HN_TOKEN_SIZE], hone_error *err)
{
    uint8_t hash[HN_SHA256_SIZE];
    char made[HN_TOKEN_SIZE];
    hn_buffer text = HN_BUFFER_INIT;
    hone_status status = hn_random_hex(made, HN_TOKEN_SIZE / 2, err);
    if (status) {
        return status;
    }
    hn_sha256(made, strlen(made), hash);
    hn_buffer_text(&text, prefix);
    for (size_t i = 0; i < HN_SHA256_SIZE; i++) {
        hn_buffer_printf(&text, "%02x", hash[i]);
    }
    hn_buffer_char(&text, '\n');
    status = hn_buffer_failed(&text) ? hn_out_of_memory(err)
                                     : hn_file_write_private(path, text.data, text.size, err);
    if (!status) {
        status = add_hash(tokens, hash, err);
    }
    hn_buffer_release(&text);
    if (!status) {
        memcpy(token, made, sizeof made);
    }
    return status;
}

/* --- judging --- */

bool hn_tokens_accept(const hn_tokens *tokens, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (!authorization || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0) {
        return false;
    }
    const char *token = authorization + sizeof scheme - 1;
    uint8_t hash[HN_SHA256_SIZE];
    hn_sha256(token, strlen(token), hash);
    bool known = false;
    for (size_t i = 0; i < tokens->count; i++) {
        known |= hn_sha256_equal(hash, tokens->hashes[i]);
    }
    return known;
}

void hn_tokens_release(hn_tokens *tokens)
{
    hn_free(tokens->hashes);
    *tokens = (hn_tokens){0};
}
