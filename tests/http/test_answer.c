#include <stdlib.h>
#include <string.h>

#include "http/answer.h"
#include "support.h"

/* --- which version the client has --- */

START_TEST(versions)
{
    static const struct {
        const char *field;
        bool has;
    } cases[] = {
        {NULL, false},
        {"", false},
        {"\"a-1\"", true},
        {"W/\"a-1\"", true},
        {"\"b\", \"a-1\"", true},
        {"\"b\",W/\"a-1\" , \"c\"", true},
        {"a-1", false},
        {"\"a-11\"", false},
        {"\"a-\"", false},
        {"\"", false},
        {"\"a-1", false},
        {",,,", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_http_request request = {0};
        request.field[HN_HTTP_IF_NONE_MATCH] = cases[i].field;
        ck_assert_msg(hn_http_client_has(&request, "a-1") == cases[i].has, "%s",
                      cases[i].field ? cases[i].field : "none");
    }
}
END_TEST

/* --- answers --- */

static const char *written(hn_buffer *out, hn_http_answer *answer, const char *fields)
{
    hn_buffer_clear(out);
    hn_http_write_answer(out, answer, fields, true, true);
    return hn_buffer_string(out);
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), n = strlen(end);
    return size >= n && !strcmp(text + size - n, end);
}

START_TEST(heads)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_http_answer answer = {.code = 200};
    hn_buffer_text(&answer.body, "{}");
    const char *text = written(&out, &answer, NULL);
    ck_assert_ptr_nonnull(strstr(text, "HTTP/1.1 200 OK\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "Content-Type: application/json\r\nContent-Length: 2\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "Cache-Control: no-store\r\n"));
    ck_assert_ptr_null(strstr(text, "ETag"));
    ck_assert(ends_with(text, "\r\n\r\n{}"));

    strcpy(answer.tag, "t-1");
    answer.type = "text/css";
    answer.encoding = "gzip";
    text = written(&out, &answer, "X-Mine: 1\r\n");
    ck_assert_ptr_nonnull(strstr(text, "X-Mine: 1\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "Content-Type: text/css\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "Content-Encoding: gzip\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "Cache-Control: no-cache\r\nETag: \"t-1\"\r\n"));
    answer.immutable = true;
    ck_assert_ptr_nonnull(strstr(written(&out, &answer, NULL), "max-age=31536000, immutable\r\n"));

    answer.code = 304; /* has no body, and says nothing of one */
    text = written(&out, &answer, NULL);
    ck_assert_ptr_nonnull(strstr(text, "304 Not Modified"));
    ck_assert_ptr_null(strstr(text, "\r\nContent-"));
    ck_assert(ends_with(text, "\r\n\r\n"));
    hn_buffer_release(&answer.body);
    hn_buffer_release(&out);
}
END_TEST

START_TEST(stream_heads)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_http_write_stream_head(&out, "text/event-stream", "X-Mine: 1\r\n");
    const char *text = hn_buffer_string(&out);
    ck_assert_ptr_nonnull(strstr(text, "Content-Type: text/event-stream\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "Connection: close\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "X-Mine: 1\r\n"));
    ck_assert_ptr_null(strstr(text, "Content-Length"));
    ck_assert(ends_with(text, "\r\n\r\n"));
    hn_buffer_release(&out);
}
END_TEST

Suite *suite_answer(void)
{
    Suite *suite = suite_create("answer");
    TCase *tests = tcase_create("answer");
    tcase_add_test(tests, versions);
    tcase_add_test(tests, heads);
    tcase_add_test(tests, stream_heads);
    suite_add_tcase(suite, tests);
    return suite;
}
