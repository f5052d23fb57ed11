/* Command templates from any text, in the three ways: what is read expands to words that end with NULL. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "run/template.h"

/* Half of the names are inactive. */
static const char *value_of(void *user, const char *name)
{
    (void)user;
    return strlen(name) % 2 ? "a value; $(with) 'quotes'" : NULL;
}

static void expand(hn_template *made)
{
    hn_arena arena = HN_ARENA_INIT;
    char **argv;
    size_t argc;
    if (!hn_template_expand(made, value_of, NULL, &arena, &argv, &argc, NULL)) {
        for (size_t i = 0; i < argc; i++) {
            if (!argv[i])
                abort();
        }
        if (argv[argc])
            abort();
    }
    hn_arena_release(&arena);
    hn_template_destroy(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_template *made;
    hone_error err;
    hn_position nowhere = {0};
    const char *words[8];
    size_t n = 0;
    char *text = hn_arena_strndup(&arena, (const char *)data, size), *state = NULL;
    if (!text)
        return 0;
    if (!hn_template_from_string(text, nowhere, &made, &err))
        expand(made);
    if (!hn_template_from_shell(text, nowhere, &made, &err))
        expand(made);
    for (char *word = strtok_r(text, "\n", &state); word && n < 8; word = strtok_r(NULL, "\n", &state))
        words[n++] = word;
    if (!hn_template_from_list(words, n, nowhere, &made, &err))
        expand(made);
    hn_arena_release(&arena);
    return 0;
}
