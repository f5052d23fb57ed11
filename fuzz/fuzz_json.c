/* fuzz_json.c: what the JSON parser accepts is written and read again as the same tree. */
#include <stdlib.h>

#include "base/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer out = HN_BUFFER_INIT;
    hn_node *first, *again;
    hone_error err;
    if (hn_json_parse(&arena, "fuzz", (const char *)data, size, &first, &err) == HONE_OK) {
        hn_json_write(&out, first, HN_JSON_PYTHON);
        if (hn_json_parse(&arena, "fuzz", hn_buffer_string(&out), out.size, &again, &err) != HONE_OK ||
            !hn_node_equal(first, again))
            abort();
    }
    hn_buffer_release(&out);
    hn_arena_release(&arena);
    return 0;
}
