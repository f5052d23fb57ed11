/* Reading YAML. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/node.h"
#include "support.h"

static hn_arena arena;
static hone_error err;

static hn_node *parse(const char *text)
{
    hn_node *root = NULL;
    hn_arena_reset(&arena);
    hone_status status = hn_yaml_parse(&arena, "s.yaml", text, strlen(text), &root, &err);
    ck_assert_msg(status == HONE_OK, "%s: %s", text, err.message);
    return root;
}

static void release(void)
{
    hn_arena_release(&arena);
}

START_TEST(plain_scalars_follow_the_core_schema_of_1_2)
{
    static const struct {
        const char *text;
        hn_node_kind kind;
    } cases[] = {
        {"no", HN_STRING},         {"yes", HN_STRING},
        {"on", HN_STRING},         {"y", HN_STRING},
        {"null", HN_NULL},         {"~", HN_NULL},
        {"true", HN_BOOL},         {"False", HN_BOOL},
        {"tRUE", HN_STRING},       {"12", HN_INT},
        {"-0x1F", HN_STRING},      {"0x1F", HN_INT},
        {"0o17", HN_INT},          {"0o8", HN_STRING},
        {"1e-5", HN_DOUBLE},       {"1e5", HN_DOUBLE},
        {".5", HN_DOUBLE},         {"2.", HN_DOUBLE},
        {".inf", HN_DOUBLE},       {"-.INF", HN_DOUBLE},
        {".NaN", HN_DOUBLE},       {"inf", HN_STRING},
        {"nan", HN_STRING},        {"1_000", HN_STRING},
        {"12:30:45", HN_STRING},   {"0x", HN_STRING},
        {"2024-01-01", HN_STRING}, {"9223372036854775808", HN_DOUBLE},
        {"'12'", HN_STRING},       {"0x8000000000000000", HN_STRING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_msg(parse(cases[i].text)->kind == cases[i].kind, "%s", cases[i].text);
    ck_assert_int_eq(parse("0x1F")->as.integer, 31);
    ck_assert_int_eq(parse("0o17")->as.integer, 15);
    ck_assert(parse("-.inf")->as.real == -HUGE_VAL);
    ck_assert(parse("'12'")->quoted);
    ck_assert(!parse("abc")->quoted);
    release();
}
END_TEST

START_TEST(a_document_has_positions)
{
    hn_node *root = parse("space:\n  lr: {float: [1e-5, 1e-1], log: true}\n  \xC3\xA9t\xC3\xA9: [a, 'b']\n"
                          "text: |\n  two\n  lines\nnothing:\n");
    hn_node *space = hn_map_get(root, "space");
    hn_node *list = hn_map_get(hn_map_get(space, "lr"), "float");
    ck_assert(list->as.items[0]->as.real == 1e-5);
    ck_assert_int_eq(list->as.items[1]->at.line, 2);
    ck_assert_int_eq(list->as.items[1]->at.column, 22);
    ck_assert_uint_eq(list->as.items[1]->at.byte, 28);
    hn_node *second = hn_map_get(space, "\xC3\xA9t\xC3\xA9")->as.items[1];
    ck_assert_int_eq(second->at.line, 3);
    ck_assert_int_eq(second->at.column, 12);
    ck_assert_uint_eq(second->at.byte, 59);
    ck_assert_int_eq(space->as.entries[1].at.line, 3);
    ck_assert_str_eq(hn_map_get(root, "text")->as.string, "two\nlines\n");
    ck_assert_int_eq(hn_map_get(root, "nothing")->kind, HN_NULL);
    ck_assert_str_eq(root->at.source, "s.yaml");
    release();
}
END_TEST

START_TEST(errors_say_where_and_why)
{
    static const struct {
        const char *text, *message;
        hone_status status;
    } cases[] = {
        {"", "s.yaml:1:1: the text is empty", HONE_PARSE},
        {"# nothing\n", "the text is empty", HONE_PARSE},
        {"a: 1\nb: 2\na: 3\n", "s.yaml:3:1: the key 'a' comes twice; it is already in line 1", HONE_PARSE},
        {"a: [1, 2\nb: 3\n",
         "s.yaml:2:2: not valid YAML: did not find expected ',' or ']' (while parsing a flow "
         "sequence that began in line 1)",
         HONE_PARSE},
        {"a: b: c\n", "s.yaml:1:5: not valid YAML: mapping values are not allowed in this context",
         HONE_PARSE},
        {"a:\n\t- 1\n", "s.yaml:2:1: not valid YAML: found character that cannot start any token",
         HONE_PARSE},
        {"x: &a 1\n", "s.yaml:1:4: anchors and aliases (&name, *name) are not supported; write the value out",
         HONE_PARSE},
        {"x: *a\n", "anchors and aliases", HONE_PARSE},
        {"x: !!str 1\n", "s.yaml:1:4: tags (!name) are not supported; leave the tag out", HONE_PARSE},
        {"x: !t [1]\n", "tags (!name)", HONE_PARSE},
        {"&m {a: 1}\n", "anchors and aliases", HONE_PARSE},
        {"*k : 1\n", "anchors and aliases", HONE_PARSE},
        {"a: 1\n---\nb: 2\n", "s.yaml:2:1: a second document begins here; only one is allowed", HONE_PARSE},
        {"[a]: 1\n", "s.yaml:1:1: a key must be a plain or quoted text, not a list or map", HONE_PARSE},
        {"a: {b}: c\n", "s.yaml:", HONE_PARSE},
        {"a: \"x\\0y\"\n", "s.yaml:1:4: a NUL character (\\0) is not allowed in strings", HONE_PARSE},
        {"\"k\\0\": 1\n", "s.yaml:1:1: a NUL character", HONE_PARSE},
        {"ok: 1\nbad: \xFF\n", "s.yaml:2:6: not valid YAML: ", HONE_PARSE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hn_node *root = (hn_node *)&err;
        hone_status status =
            hn_yaml_parse(&arena, "s.yaml", cases[i].text, strlen(cases[i].text), &root, &err);
        ck_assert_msg(status == cases[i].status, "%s", cases[i].text);
        hn_assert_contains(err.message, cases[i].message);
        ck_assert_ptr_eq(root, &err); /* outputs only on success */
    }
    release();
}
END_TEST

START_TEST(depth_is_limited)
{
    char text[2 * HN_NODE_MAX_DEPTH + 3];
    for (int depth = HN_NODE_MAX_DEPTH; depth <= HN_NODE_MAX_DEPTH + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        hn_node *root;
        hone_status status = hn_yaml_parse(&arena, NULL, text, 2 * (size_t)depth, &root, &err);
        ck_assert_int_eq(status, depth > HN_NODE_MAX_DEPTH ? HONE_LIMIT : HONE_OK);
    }
    ck_assert_str_eq(err.message, "1:65: nested more than 64 deep");
    release();
}
END_TEST

START_TEST(no_failing_allocation_leaks_or_crashes)
{
    static const char *const texts[] = {"a: [1, 2.5, x, ~, true, {b: {}}]\nc: 'd'\ne: [[[]]]\n",
                                        "a: 1\nb: 2\na: 3\n"};
    static const hone_status outcomes[] = {HONE_OK, HONE_PARSE};
    for (size_t t = 0; t < 2; t++) {
        for (long k = 0;; k++) {
            hn_arena fresh = HN_ARENA_INIT;
            hn_node *root = NULL;
            hn_memory_fail_at(k, k % 2);
            hone_status status = hn_yaml_parse(&fresh, "t", texts[t], strlen(texts[t]), &root, &err);
            long made = hn_memory_fail_at(-1, 0);
            hn_arena_release(&fresh);
            ck_assert(status == outcomes[t] || status == HONE_OUT_OF_MEMORY);
            if (made <= k) {
                ck_assert_int_eq(status, outcomes[t]);
                break;
            }
        }
    }
}
END_TEST

START_TEST(a_file_is_read_by_its_ending)
{
    char *folder = hn_test_temp_dir();
    char *yaml = hn_test_path(folder, "a.yaml"), *json = hn_test_path(folder, "a.json");
    hn_node *root;
    hn_test_write(yaml, "k: no\n");
    hn_test_write(json, "{\"k\": NaN}");
    ck_assert_int_eq(hn_node_read_file(&arena, yaml, &root, &err), HONE_OK);
    ck_assert_str_eq(hn_map_get(root, "k")->as.string, "no");
    ck_assert_int_eq(hn_node_read_file(&arena, json, &root, &err), HONE_OK);
    ck_assert(isnan(hn_map_get(root, "k")->as.real));
    ck_assert_str_eq(root->at.source, json);
    hn_test_write(json, "{k: 1}");
    ck_assert_int_eq(hn_node_read_file(&arena, json, &root, &err), HONE_PARSE);
    hn_assert_contains(err.message, "a.json:1:2: not valid JSON");
    ck_assert_int_eq(hn_node_read_file(&arena, folder, &root, &err), HONE_IO);
    hn_assert_contains(err.message, "is a folder; a file is needed");
    free(yaml);
    free(json);
    free(folder);
    release();
}
END_TEST

Suite *suite_yaml(void)
{
    Suite *suite = suite_create("yaml");
    TCase *trees = tcase_create("trees");
    tcase_add_test(trees, plain_scalars_follow_the_core_schema_of_1_2);
    tcase_add_test(trees, a_document_has_positions);
    tcase_add_test(trees, errors_say_where_and_why);
    tcase_add_test(trees, depth_is_limited);
    tcase_add_test(trees, no_failing_allocation_leaks_or_crashes);
    tcase_add_test(trees, a_file_is_read_by_its_ending);
    suite_add_tcase(suite, trees);
    return suite;
}
