#include <string.h>

#include "base/memory.h"
#include "http/reader.h"
#include "support.h"

static const hn_http_limits limits = {.head = 256, .body = 64};

/* Feeds the bytes in pieces of one size until a request is whole or refused; how many were taken. */
static size_t feed(hn_http_reader *reader, const char *bytes, size_t size, size_t piece)
{
    size_t used = 0;
    while (used < size && reader->stage != HN_HTTP_WHOLE && reader->stage != HN_HTTP_REFUSED) {
        size_t part = size - used < piece ? size - used : piece;
        used += hn_http_read(reader, bytes + used, part);
    }
    return used;
}

static void read_text(hn_http_reader *reader, const char *text)
{
    hn_http_reader_init(reader, &limits);
    feed(reader, text, strlen(text), SIZE_MAX);
}

START_TEST(a_request_has_its_parts)
{
    hn_http_reader reader;
    read_text(&reader, "POST /v1/ask?a=b&c HTTP/1.1\r\nhOsT: \t here:80 \t\r\nOrigin:\r\nX-Other: x\r\n"
                       "Idempotency-Key: k 1\r\nContent-Length: 3\r\n\r\nabcdef");
    ck_assert_int_eq(reader.stage, HN_HTTP_WHOLE);
    const hn_http_request *request = &reader.request;
    ck_assert_str_eq(request->method, "POST");
    ck_assert_str_eq(request->path, "/v1/ask");
    ck_assert_str_eq(request->query, "a=b&c");
    ck_assert_str_eq(request->field[HN_HTTP_HOST], "here:80");
    ck_assert_str_eq(request->field[HN_HTTP_ORIGIN], "");
    ck_assert_str_eq(request->field[HN_HTTP_IDEMPOTENCY_KEY], "k 1");
    ck_assert_ptr_null(request->field[HN_HTTP_AUTHORIZATION]);
    ck_assert_str_eq(request->body, "abc");
    ck_assert_uint_eq(request->body_size, 3);
    ck_assert(request->keep_alive && !request->expects_continue);
    hn_http_reader_release(&reader);
}
END_TEST

/* Whatever the pieces, the same requests come out, and what follows is left. */
START_TEST(pieces_make_no_difference)
{
    static const char stream[] =
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nb\n\r\n"
        "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "2;x=\"y\"\r\nbo\r\n0002\r\ndy\r\n0\r\nTrailer: t\r\n\r\n"
        "GET /c HTTP/1.0\r\nHost: h\r\n\r\n"
        "POST /d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: CHUNKED\r\nConnection: Close\r\n\r\n0\r\n\r\n";
    static const char *const paths[] = {"/a", "/b", "/c", "/d"}, *const bodies[] = {"b\n\r\n", "body", "",
                                                                                    ""};
    static const bool keeps[] = {true, true, false, false};
    for (size_t piece = 1; piece <= sizeof stream; piece++) {
        hn_http_reader reader;
        hn_http_reader_init(&reader, &limits);
        size_t used = 0;
        for (size_t i = 0; i < 4; i++) {
            ck_assert(hn_http_reader_idle(&reader));
            used += feed(&reader, stream + used, sizeof stream - 1 - used, piece);
            ck_assert_msg(reader.stage == HN_HTTP_WHOLE, "piece %zu, request %zu: %s", piece, i, reader.why);
            ck_assert_str_eq(reader.request.path, paths[i]);
            ck_assert_str_eq(reader.request.body, bodies[i]);
            ck_assert_int_eq(reader.request.keep_alive, keeps[i]);
            hn_http_reader_next(&reader);
        }
        ck_assert_uint_eq(used, sizeof stream - 1);
        hn_http_reader_release(&reader);
    }
}
END_TEST

/* The head can be judged before a byte of the body is there. */
START_TEST(the_head_comes_first)
{
    hn_http_reader reader;
    static const char text[] =
        "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n{}";
    hn_http_reader_init(&reader, &limits);
    size_t used = hn_http_read(&reader, text, sizeof text - 1);
    ck_assert_uint_eq(used, sizeof text - 3);
    ck_assert(reader.head_done && reader.stage == HN_HTTP_BODY && reader.request.expects_continue);
    ck_assert_uint_eq(hn_http_read(&reader, text + used, 2), 2);
    ck_assert_int_eq(reader.stage, HN_HTTP_WHOLE);
    hn_http_reader_release(&reader);
}
END_TEST

/* Each head is good but for the one thing that its refusal names. */
START_TEST(refusals)
{
    static const struct {
        const char *text;
        int code;
        const char *why;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", 400, "Host is missing"},
        {"get / HTTP/1.1\r\nHost: h\r\n\r\n", 400, "no HTTP request"},
        {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400, "METHOD /path"},
        {"GET / HTTP/3\r\nHost: h\r\n\r\n", 505, "HTTP/1.1"},
        {"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400, "twice"},
        {"GET / HTTP/1.1\r\nHost h\r\n\r\n", 400, "Name: value"},
        {"GET / HTTP/1.1\r\nHost: h\x7f\x01\r\n\r\n", 400, "control character"},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", 400, "Name: value"},
        {"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400, "CR LF"},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\n", 400, "whole number"},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 65\r\n\r\n", 413, "too large"},
        {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
         "contradict"},
        {"GET / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0"},
        {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: deflate\r\n\r\n", 501, "chunked"},
        {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n", 413, "too large"},
        {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab", 400, "as long as said"},
        {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\ng\r\n", 400, "hexadecimal"},
        {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: \x01\r\n", 400, "trailer"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_http_reader reader;
        read_text(&reader, cases[i].text);
        ck_assert_msg(reader.stage == HN_HTTP_REFUSED, "case %zu was not refused", i);
        ck_assert_msg(reader.code == cases[i].code && strstr(reader.why, cases[i].why), "case %zu: %d, %s", i,
                      reader.code, reader.why);
        hn_http_reader_release(&reader);
    }
}
END_TEST

START_TEST(the_limits_are_met_exactly)
{
    for (size_t extra = 0; extra < 2; extra++) {
        char text[512] = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
        size_t size = strlen(text), most = limits.head + extra;
        memset(text + size, 'x', most - size - 4);
        memcpy(text + most - 4, "\r\n\r\n", 5);
        for (size_t piece = 1; piece < 300; piece += 13) {
            hn_http_reader reader;
            hn_http_reader_init(&reader, &limits);
            feed(&reader, text, most, piece);
            ck_assert_int_eq(reader.stage, extra ? HN_HTTP_REFUSED : HN_HTTP_WHOLE);
            ck_assert_int_eq(reader.code, extra ? 431 : 0);
            hn_http_reader_release(&reader);
        }
    }
}
END_TEST

/* No allocation that fails does more harm than a refusal. */
START_TEST(memory_runs_out)
{
    for (long k = 0; k < 4; k++) {
        hn_http_reader reader;
        hn_memory_fail_at(k, 1);
        read_text(&reader, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
        hn_memory_fail_at(-1, 0);
        ck_assert(reader.stage == HN_HTTP_WHOLE || (reader.stage == HN_HTTP_REFUSED && reader.code == 503));
        ck_assert(k > 0 || reader.stage == HN_HTTP_REFUSED);
        hn_http_reader_release(&reader);
    }
}
END_TEST

Suite *suite_reader(void)
{
    Suite *suite = suite_create("http reader");
    TCase *group = tcase_create("http reader");
    tcase_add_test(group, a_request_has_its_parts);
    tcase_add_test(group, pieces_make_no_difference);
    tcase_add_test(group, the_head_comes_first);
    tcase_add_test(group, refusals);
    tcase_add_test(group, the_limits_are_met_exactly);
    tcase_add_test(group, memory_runs_out);
    suite_add_tcase(suite, group);
    return suite;
}
