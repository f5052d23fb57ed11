/* Against tests/oracle/json_values.txt, written by json_oracle.py: Python's json module judges the same
 * texts. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/node.h"
#include "support.h"

static int hexadecimal(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Turns every %XX into its byte, in place. Returns the length. */
static size_t unquote(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '%') {
            *to++ = (char)(hexadecimal(from[1]) * 16 + hexadecimal(from[2]));
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return (size_t)(to - text);
}

/* expected: the text as Python writes it again, or NULL when Python refuses it. */
static void compare(const char *quoted, char *text, const char *expected)
{
    size_t size = unquote(text);
    char *exact = hn_malloc(size); /* of exactly its size, so that a sanitizer sees a read beyond it */
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, text, size);
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer out = HN_BUFFER_INIT;
    hn_node *root;
    hone_error err = {0};
    hone_status status = hn_json_parse(&arena, NULL, exact, size, &root, &err);
    ck_assert_msg(status == (expected != NULL ? HONE_OK : HONE_PARSE), "%s: status %d: %s", quoted, status,
                  err.message);
    if (expected != NULL) {
        hn_json_write(&out, root, HN_JSON_PYTHON);
        ck_assert_msg(strcmp(hn_buffer_string(&out), expected) == 0, "%s is written %s, by Python %s", quoted,
                      hn_buffer_string(&out), expected);
    }
    hn_buffer_release(&out);
    hn_arena_release(&arena);
    hn_free(exact);
}

START_TEST(texts_are_judged_as_python_does)
{
    char *path = hn_test_source("tests/oracle/json_values.txt"), *text = hn_test_read(path), *lines;
    int n_accepted = 0, n_refused = 0;
    for (char *line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
        if (line[0] == '#')
            continue;
        bool accepted = line[0] == 'a';
        char *quoted = strchr(line, ' ') + 1, *expected = accepted ? strchr(quoted, ' ') : NULL;
        if (expected != NULL) {
            *expected++ = '\0';
            unquote(expected);
        }
        char *copy = strdup(quoted);
        compare(quoted, copy, expected);
        free(copy);
        n_accepted += accepted;
        n_refused += !accepted;
    }
    ck_assert_int_gt(n_accepted, 300);
    ck_assert_int_gt(n_refused, 300);
    free(text);
    free(path);
}
END_TEST

Suite *suite_json_oracle(void)
{
    Suite *suite = suite_create("json oracle");
    TCase *python = tcase_create("python");
    tcase_add_test(python, texts_are_judged_as_python_does);
    suite_add_tcase(suite, python);
    return suite;
}
