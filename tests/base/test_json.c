/* Reading and writing JSON. */
#include <math.h>
#include <stdio.h>
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
    hone_status status = hn_json_parse(&arena, "t.json", text, strlen(text), &root, &err);
    ck_assert_msg(status == HONE_OK, "%s: %s", text, err.message);
    return root;
}

static void release(void)
{
    hn_arena_release(&arena);
}

static void assert_written(const char *text, hn_json_style style, const char *expected)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_json_write(&out, parse(text), style);
    ck_assert_str_eq(hn_buffer_string(&out), expected);
    hn_buffer_release(&out);
}

START_TEST(values_have_their_kinds)
{
    ck_assert_int_eq(parse("null")->kind, HN_NULL);
    ck_assert(parse(" true ")->as.boolean);
    ck_assert_int_eq(parse("-9223372036854775808")->as.integer, INT64_MIN);
    hn_node *node = parse("9223372036854775808");
    ck_assert_int_eq(node->kind, HN_DOUBLE);
    ck_assert(node->as.real == 0x1p63);
    ck_assert(parse("18446744073709551616000")->as.real == 18446744073709551616000.0);
    ck_assert(parse("1e-5")->as.real == 1e-5);
    ck_assert_int_eq(parse("3.0")->kind, HN_DOUBLE);
    ck_assert_int_eq(parse("-0")->kind, HN_DOUBLE);
    ck_assert(signbit(parse("-0")->as.real));
    ck_assert(isnan(parse("NaN")->as.real));
    ck_assert(parse("[-Infinity]")->as.items[0]->as.real == -HUGE_VAL);
    node = parse("\"a\\u00e9\\ud83d\\ude00\\n\\\"\"");
    ck_assert_str_eq(node->as.string, "a\xC3\xA9\xF0\x9F\x98\x80\n\"");
    ck_assert_uint_eq(node->count, 9);
    ck_assert_uint_eq(parse("[]")->count, 0);
    ck_assert_uint_eq(parse("{ }")->count, 0);
    ck_assert_int_eq(parse("\xEF\xBB\xBF[1]")->kind, HN_LIST);
    release();
}
END_TEST

START_TEST(maps_keep_their_order_and_positions)
{
    hn_node *root = parse("{\n  \"b\": [1, {\"x\" : null}],\n  \"\xC3\xA9\": 2, \"a\": \"q,]}\"\n}");
    ck_assert_uint_eq(root->count, 3);
    ck_assert_str_eq(root->as.entries[0].key, "b");
    ck_assert_str_eq(root->as.entries[2].key, "a");
    ck_assert_int_eq(root->as.entries[0].at.line, 2);
    ck_assert_int_eq(root->as.entries[0].at.column, 3);
    hn_node *inner = root->as.entries[0].value->as.items[1];
    ck_assert_int_eq(inner->at.line, 2);
    ck_assert_int_eq(inner->at.column, 12);
    ck_assert_int_eq(hn_map_get(root, "\xC3\xA9")->at.column, 8); /* columns count characters */
    ck_assert_uint_eq(hn_map_get(root, "\xC3\xA9")->at.byte, 36);
    ck_assert_str_eq(hn_map_get(root, "a")->as.string, "q,]}");
    ck_assert_str_eq(root->at.source, "t.json");
    release();
}
END_TEST

START_TEST(errors_say_where_and_why)
{
    static const struct {
        const char *text, *message;
        hone_status status;
    } cases[] = {
        {"", "t.json:1:1: not valid JSON: the text ends too early", HONE_PARSE},
        {"{\"a\": [1,\n 2", "t.json:2:3: not valid JSON: the text ends too early", HONE_PARSE},
        {"\"abc", "t.json:1:5: not valid JSON: the text ends too early", HONE_PARSE},
        {"[1,\n  x]", "t.json:2:3: not valid JSON: a value is expected, found 'x'", HONE_PARSE},
        {"[1,]", "t.json:1:4: not valid JSON: a comma before ']'; it only stands between two values",
         HONE_PARSE},
        {"{\"a\": 1, }", "t.json:1:10: not valid JSON: a comma before '}'; it only stands between two values",
         HONE_PARSE},
        {"{'loss': 0.5}",
         "t.json:1:2: not valid JSON: strings are written in double quotes, not in single ones", HONE_PARSE},
        {"['a']", "t.json:1:2: not valid JSON: strings are written in double quotes, not in single ones",
         HONE_PARSE},
        {"[True]", "t.json:1:2: not valid JSON: a value is expected, found 'True' (did you mean 'true'?)",
         HONE_PARSE},
        {"[1 2]", "t.json:1:4: not valid JSON: ',' or ']' is expected, found '2'", HONE_PARSE},
        {"{\"a\" 1}", "t.json:1:6: not valid JSON: ':' behind the key is expected, found '1'", HONE_PARSE},
        {"[\"\xC3\xA9\", \xC3\xA9]", "t.json:1:7: not valid JSON: a value is expected, found '\xC3\xA9'",
         HONE_PARSE},
        {"[\x01]", "t.json:1:2: not valid JSON: a value is expected, found byte 0x01", HONE_PARSE},
        {"[\xFF]", "t.json:1:2: not valid JSON: a value is expected, found byte 0xff", HONE_PARSE},
        {"\"\\q\"", "t.json:1:2: not valid JSON: an unknown escape in a string; a backslash is written \\\\",
         HONE_PARSE},
        {"\"\\", "t.json:1:2: not valid JSON: the text ends too early", HONE_PARSE},
        {"\"\\u12\"", "t.json:1:2: not valid JSON: \\u is not followed by four hexadecimal digits",
         HONE_PARSE},
        {"\"a\\ud83d\"",
         "t.json:1:3: not valid JSON: \\ud83d is half of a surrogate pair without the other half",
         HONE_PARSE},
        {"1 2", "t.json:1:3: not valid JSON: the end of the text is expected, found '2'", HONE_PARSE},
        {"{a: 1}", "t.json:1:2: not valid JSON: a key in double quotes is expected, found 'a'", HONE_PARSE},
        {"[\"\xFF\"]", "t.json:1:3: not valid JSON: the text is not UTF-8", HONE_PARSE},
        {"[\"\xED\xBB\xBF\"]", "t.json:1:3: not valid JSON: the text is not UTF-8", HONE_PARSE},
        {"{\"a\": 1,\n \"b\": 2, \"\\u0061\": 3}", "t.json:2:10: not valid JSON: the key 'a' comes twice",
         HONE_PARSE},
        {"{\"x\": {\"k\": [], \"k\": {}}}", "t.json:1:17: not valid JSON: the key 'k' comes twice",
         HONE_PARSE},
        {"\"a\tb\"", "t.json:1:3: not valid JSON: a control character in a string; write it as \\u0009",
         HONE_PARSE},
        {"{\"a\\u0000\": 1}", "t.json:1:4: not valid JSON: \\u0000 is not allowed in strings", HONE_PARSE},
        {"[\"\\u0000\"]", "t.json:1:3: not valid JSON: \\u0000 is not allowed in strings", HONE_PARSE},
        {"[1.]", "t.json:1:2: not valid JSON: '1.' is not a number", HONE_PARSE},
        {"[-01]", "t.json:1:2: not valid JSON: '-01' is not a number", HONE_PARSE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hn_node *root = (hn_node *)&err;
        hone_status status =
            hn_json_parse(&arena, "t.json", cases[i].text, strlen(cases[i].text), &root, &err);
        ck_assert_int_eq(status, cases[i].status);
        ck_assert_str_eq(err.message, cases[i].message);
        ck_assert_ptr_eq(root, &err); /* outputs only on success */
    }
    hn_node *root;
    ck_assert_int_eq(hn_json_parse(&arena, NULL, "1\0x", 3, &root, &err), HONE_PARSE);
    ck_assert_str_eq(err.message, "1:2: not valid JSON: a NUL byte");
    ck_assert_int_eq(hn_json_parse(&arena, NULL, "\"\0\"", 3, &root, &err), HONE_PARSE);
    ck_assert_str_eq(err.message, "1:2: not valid JSON: a NUL byte");
    ck_assert_int_eq(hn_json_parse(&arena, NULL, "[", 1, &root, NULL), HONE_PARSE);
    release();
}
END_TEST

START_TEST(what_strict_json_lacks_is_refused)
{
    static const char *const texts[] = {"nan",    "infinity", "+1",   ".5",  "01",    "0x10",       "'a'",
                                        "True",   "tru",      "-NaN", "1e",  "[1 2]", "{,}",        "{\"a\"}",
                                        "/*c*/1", "\"\\x\"",  "[}",   "[1}", "]",     "{\"a\":1,}", "\x01"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hn_node *root;
        ck_assert_msg(hn_json_parse(&arena, NULL, texts[i], strlen(texts[i]), &root, &err) == HONE_PARSE,
                      "%s", texts[i]);
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
        hone_status status = hn_json_parse(&arena, "t.json", text, 2 * (size_t)depth, &root, &err);
        ck_assert_int_eq(status, depth > HN_NODE_MAX_DEPTH ? HONE_LIMIT : HONE_OK);
    }
    hn_assert_contains(err.message, "nested more than 64 deep");
    release();
}
END_TEST

START_TEST(numbers_have_at_most_1000_characters)
{
    char text[1001];
    memset(text, '1', sizeof text);
    hn_node *root;
    ck_assert_int_eq(hn_json_parse(&arena, "t.json", text, 1000, &root, &err), HONE_OK);
    ck_assert(isinf(root->as.real));
    ck_assert_int_eq(hn_json_parse(&arena, "t.json", text, 1001, &root, &err), HONE_PARSE);
    ck_assert_str_eq(
        err.message,
        "t.json:1:1: not valid JSON: a word or number of 1001 characters is malformed or too long");
    release();
}
END_TEST

/* Maps of few keys and maps of many find them in different ways. */
START_TEST(a_key_that_comes_twice_is_found_in_maps_of_any_size)
{
    for (int n = 1; n <= 40; n++) {
        for (int twice = 0; twice < n; twice++) {
            hn_buffer text = HN_BUFFER_INIT;
            for (int i = 0; i < n; i++)
                hn_buffer_printf(&text, "%s\"k%d\": %d", i == 0 ? "{" : ", ", i, i);
            size_t size = text.size;
            hn_buffer_printf(&text, ", \"k%d\": null}", twice);
            hn_node *root;
            hn_json_parse(&arena, NULL, hn_buffer_string(&text), text.size, &root, &err);
            char expected[80];
            snprintf(expected, sizeof expected, "1:%zu: not valid JSON: the key 'k%d' comes twice", size + 3,
                     twice);
            ck_assert_str_eq(err.message, expected);
            hn_buffer_release(&text);
        }
    }
    release();
}
END_TEST

START_TEST(writing_has_three_styles)
{
    const char *text =
        "{\"a\": [1, 2.0, 1e-5, NaN, -Infinity], \"b\": {\"\xC3\xA9\\u007f\": \"\xF0\x9F\x98\x80\\u0001/\"}, "
        "\"c\": [], \"d\": {}, \"e\": null, \"f\": true}";
    assert_written(
        text, HN_JSON_STRICT,
        "{\"a\":[1,2.0,1e-05,\"nan\",\"-inf\"],\"b\":{\"\xC3\xA9\x7F\":\"\xF0\x9F\x98\x80\\u0001/\"},\"c\":[],"
        "\"d\":{},\"e\":null,\"f\":true}");
    assert_written(
        text, HN_JSON_PYTHON,
        "{\"a\": [1, 2.0, 1e-05, NaN, -Infinity], \"b\": {\"\\u00e9\\u007f\": \"\\ud83d\\ude00\\u0001/\"}, "
        "\"c\": [], \"d\": {}, \"e\": null, \"f\": true}");
    assert_written("{\"a\": [1, {}], \"b\": []}", HN_JSON_PRETTY,
                   "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
    release();
}
END_TEST

START_TEST(writing_repairs_invalid_utf8)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_json_write_string(&out, "a\xFF\xC3(\xED\xA0\x80\xEF\xBF\xBD\xE2\x82", 12, HN_JSON_STRICT);
    ck_assert_str_eq(hn_buffer_string(&out),
                     "\"a\\ufffd\\ufffd(\\ufffd\\ufffd\\ufffd\xEF\xBF\xBD\\ufffd\\ufffd\"");
    hn_buffer_clear(&out);
    hn_json_write_string(&out, "\"\\\b\f\n\r\t", 7, HN_JSON_PYTHON);
    ck_assert_str_eq(hn_buffer_string(&out), "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
    hn_buffer_release(&out);
}
END_TEST

static const char *const whole =
    "{\"a\": [1, 2.5, \"x\", null, true, {\"b\": {}}], \"c\": \"d\", \"e\": [[[]]]}";
static const char *const twice = "{\"a\": 1, \"b\": {\"x\": 2, \"\\u0078\": 3}}";

/* Allocation k fails, for every k, until the parse is no longer touched. */
static void fail_every_allocation(const char *text, hone_status outcome)
{
    for (long k = 0;; k++) {
        hn_arena fresh = HN_ARENA_INIT;
        hn_node *root = NULL;
        hn_memory_fail_at(k, k % 2);
        hone_status status = hn_json_parse(&fresh, "t", text, strlen(text), &root, &err);
        hn_buffer out = HN_BUFFER_INIT;
        if (status == HONE_OK)
            hn_json_write(&out, root, HN_JSON_STRICT);
        bool failed = hn_buffer_failed(&out);
        long made = hn_memory_fail_at(-1, 0);
        hn_buffer_release(&out);
        hn_arena_release(&fresh);
        ck_assert(status == outcome || status == HONE_OUT_OF_MEMORY);
        if (made <= k) {
            ck_assert_int_eq(status, outcome);
            ck_assert(!failed);
            ck_assert_int_gt(k, 0);
            break;
        }
    }
}

START_TEST(no_failing_allocation_leaks_or_crashes)
{
    fail_every_allocation(whole, HONE_OK);
    fail_every_allocation(twice, HONE_PARSE);
    hn_buffer many = HN_BUFFER_INIT;
    for (int i = 0; i < 40; i++)
        hn_buffer_printf(&many, "%s\"k%d\": %d", i == 0 ? "{" : ", ", i, i);
    hn_buffer_char(&many, '}');
    fail_every_allocation(hn_buffer_string(&many), HONE_OK);
    hn_buffer_release(&many);
}
END_TEST

START_TEST(many_members_are_read_in_linear_time)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_buffer_char(&text, '{');
    for (int i = 0; i < 100000; i++)
        hn_buffer_printf(&text, "%s\"k%d\": %d", i == 0 ? "" : ",\n", i, i);
    hn_buffer_char(&text, '}');
    hn_node *root = parse(hn_buffer_string(&text));
    ck_assert_uint_eq(root->count, 100000);
    ck_assert_int_eq(root->as.entries[99999].value->as.integer, 99999);
    ck_assert_int_eq(root->as.entries[99999].at.line, 100000);
    hn_buffer_release(&text);
    release();
}
END_TEST

Suite *suite_json(void)
{
    Suite *suite = suite_create("json");
    TCase *trees = tcase_create("trees");
    tcase_add_test(trees, values_have_their_kinds);
    tcase_add_test(trees, maps_keep_their_order_and_positions);
    tcase_add_test(trees, errors_say_where_and_why);
    tcase_add_test(trees, what_strict_json_lacks_is_refused);
    tcase_add_test(trees, depth_is_limited);
    tcase_add_test(trees, numbers_have_at_most_1000_characters);
    tcase_add_test(trees, a_key_that_comes_twice_is_found_in_maps_of_any_size);
    tcase_add_test(trees, writing_has_three_styles);
    tcase_add_test(trees, writing_repairs_invalid_utf8);
    tcase_add_test(trees, no_failing_allocation_leaks_or_crashes);
    tcase_add_test(trees, many_members_are_read_in_linear_time);
    suite_add_tcase(suite, trees);
    return suite;
}
