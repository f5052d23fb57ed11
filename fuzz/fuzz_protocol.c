/* fuzz_protocol.c: whatever comes in, each line is answered by one line of JSON with "ok". Studies in memory
 * only: the bytes must not name files. */
#include <stdlib.h>
#include <string.h>

#include "app/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_answer(void *user, const char *text, size_t size)
{
    hn_arena *arena = user;
    hn_node *answer;
    if (hn_json_parse(arena, "answer", text, size, &answer, NULL) != HONE_OK || !hn_map_get(answer, "ok")) {
        abort();
    }
}

static int names_storage(const uint8_t *data, size_t size)
{
    static const char *const words[] = {"storage", "sqlite", "data", "train", ".db", "\\u"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (memmem(data, size, words[i], strlen(words[i]))) {
            return 1;
        }
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_sink sink = {.write = check_answer, .user = &arena};
    hone_protocol *protocol = NULL;
    if (names_storage(data, size) || hone_protocol_create("memory:", &protocol, NULL)) {
        return 0;
    }
    if (hone_protocol_feed(protocol, (const char *)data, size, &sink, NULL) ||
        hone_protocol_end(protocol, &sink, NULL)) {
        abort();
    }
    hone_protocol_destroy(protocol);
    hn_arena_release(&arena);
    return 0;
}
