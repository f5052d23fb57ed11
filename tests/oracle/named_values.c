#include "named_values.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/number.h"
#include "support.h"

static char *text;
static hn_arena arena;

void named_values_open(const char *file)
{
    char *folder = hn_test_source("tests/oracle"), *path = hn_test_path(folder, file);
    text = hn_test_read(path);
    for (char *end = strchr(text, '\n'); end; end = strchr(end + 1, '\n'))
        *end = '\0'; /* lines are strings, the last of them empty */
    free(folder);
    free(path);
}

void named_values_close(void)
{
    hn_arena_release(&arena);
    free(text);
    text = NULL;
}

const char *named_values_text(const char *name)
{
    size_t length = strlen(name);
    for (const char *line = text; *line; line += strlen(line) + 1)
        if (strncmp(line, name, length) == 0 && (line[length] == ' ' || !line[length]))
            return line + length + (line[length] == ' ');
    ck_abort_msg("no line %s", name);
    return NULL;
}

const double *named_values_all(const char *name, size_t *n)
{
    const char *at = named_values_text(name);
    size_t room = strlen(at) / 2 + 1, count = 0;
    double *values = hn_arena_alloc(&arena, room, sizeof *values);
    ck_assert_ptr_nonnull(values);
    while (*at) {
        size_t size = strcspn(at, " ");
        ck_assert_msg(hn_parse_double(at, size, true, &values[count++]), "line %s: %.20s", name, at);
        at += size + (at[size] == ' ');
    }
    *n = count;
    return values;
}

const double *named_values_get(const char *name, size_t n)
{
    size_t count;
    const double *values = named_values_all(name, &count);
    ck_assert_msg(count == n, "line %s has %zu numbers, not %zu", name, count, n);
    return values;
}
