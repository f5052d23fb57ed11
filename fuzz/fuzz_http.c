/* fuzz_http.c: a stream of HTTP requests. Whatever comes in, and in whatever pieces: the same requests come
 * out, each within the limits; a head that was taken has no byte that another reader could understand
 * differently; and a body performed as a remote request of the protocol is answered by JSON with "ok".
 */
#include <stdlib.h>
#include <string.h>

#include "app/protocol.h"
#include "base/text_map.h"
#include "http/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const hn_http_limits limits = {.head = 1024, .body = 4096};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static uint64_t hash_text(const char *text, uint64_t seed)
{
    return text ? hn_hash_bytes(text, strlen(text) + 1, seed) : seed + 1;
}

static void check_request(const hn_http_reader *reader)
{
    const hn_http_request *request = &reader->request;
    require(request->field[HN_HTTP_HOST] && request->path[0] == '/' && request->method[0]);
    require(!request->field[HN_HTTP_CONTENT_LENGTH] || !request->field[HN_HTTP_TRANSFER_ENCODING]);
    require(reader->head.size <= limits.head && request->body_size <= limits.body);
    require(request->body[request->body_size] == '\0');
    for (size_t i = 0; i < HN_HTTP_FIELDS; i++) {
        require(!request->field[i] || !strpbrk(request->field[i], "\r\n"));
    }
}

static void perform(hone_protocol *protocol, const hn_http_request *request)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer answer = HN_BUFFER_INIT;
    hn_node *root, *answered;
    if (!strncmp(request->path, "/v1/", 4) &&
        !hn_json_parse(&arena, "request", request->body, request->body_size, &root, NULL) &&
        root->kind == HN_MAP) {
        root = hn_map_set(&arena, root, "op", hn_node_string(&arena, request->path + 4));
        hn_protocol_perform(protocol, &arena, root, &answer);
        require(!hn_json_parse(&arena, "answer", answer.data, answer.size, &answered, NULL));
        require(hn_map_get(answered, "ok") != NULL);
    }
    hn_buffer_release(&answer);
    hn_arena_release(&arena);
}

/* What comes out of the stream in such pieces, as one number; protocol may be NULL. */
static uint64_t read_stream(const char *bytes, size_t size, size_t piece, hone_protocol *protocol)
{
    hn_http_reader reader;
    uint64_t hash = 0;
    hn_http_reader_init(&reader, &limits);
    for (size_t used = 0; used < size && reader.stage != HN_HTTP_REFUSED;) {
        size_t taken = hn_http_read(&reader, bytes + used, size - used < piece ? size - used : piece);
        require(taken > 0);
        used += taken;
        if (reader.stage == HN_HTTP_WHOLE) {
            check_request(&reader);
            hash = hash_text(reader.request.path, hash_text(reader.request.method, hash));
            hash = hn_hash_bytes(reader.request.body, reader.request.body_size, hash);
            for (size_t i = 0; i < HN_HTTP_FIELDS; i++) {
                hash = hash_text(reader.request.field[i], hash);
            }
            if (protocol) {
                perform(protocol, &reader.request);
            }
            hn_http_reader_next(&reader);
        }
    }
    hash = hash * 1000 + (uint64_t)(reader.stage == HN_HTTP_REFUSED ? reader.code : 0);
    hn_http_reader_release(&reader);
    return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hone_protocol *protocol = NULL;
    if (!size || hone_protocol_create("memory:", &protocol, NULL)) {
        return 0;
    }
    protocol->remote = true; /* the bytes cannot name files */
    const char *bytes = (const char *)data + 1;
    uint64_t whole = read_stream(bytes, size - 1, SIZE_MAX, protocol);
    require(read_stream(bytes, size - 1, 1, NULL) == whole);
    require(read_stream(bytes, size - 1, 2 + data[0] % 61, NULL) == whole);
    hone_protocol_destroy(protocol);
    return 0;
}
