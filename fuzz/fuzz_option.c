/* fuzz_option.c: the spelling NAME:option=value,...; what is accepted survives the way to a node and back. */
#include <stdlib.h>
#include <string.h>

#include "base/option.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_error err;
    hn_spec first, again;
    const char *text = hn_arena_strndup(&arena, (const char *)data, size);
    if (text == NULL)
        abort();
    if (hn_spec_from_text(&arena, text, "sampler", &first, &err) == HONE_OK) {
        const hn_node *node = hn_spec_to_node(&arena, &first);
        if (node == NULL || hn_spec_from_node(&arena, node, "sampler", &again, &err) != HONE_OK ||
            strcmp(first.name, again.name) != 0)
            abort();
        if (again.options != NULL && !hn_node_equal(first.options, again.options))
            abort();
    }
    hn_arena_release(&arena);
    return 0;
}
