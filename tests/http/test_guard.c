#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/os_system.h"
#include "http/guard.h"
#include "http/tokens.h"
#include "support.h"

START_TEST(hosts)
{
    static const char *const names[] = {"tune.example.org", "other"};
    static const struct {
        const char *host;
        bool ours;
    } cases[] = {
        {"localhost", true},
        {"LocalHost:80", true},
        {"127.0.0.1", true},
        {"127.0.0.1:8765", true},
        {"192.168.1.7", true},
        {"[::1]", true},
        {"[fe80::1]:80", true},
        {"tune.example.org", true},
        {"TUNE.example.org:443", true},
        {"other", true},
        {"", false},
        {":80", false},
        {"example.org", false},
        {"tune.example.org.x", false},
        {"xtune.example.org", false},
        {"1.2.3.4.nip.io", false},
        {"0x7f000001", false},
        {"localhost:", true},
        {"localhost:8o", false},
        {"[::1", false},
        {"[::1]x", false},
        {"[tune.example]", false},
        {"localhost@x", false},
        {"localhost/x", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(hn_host_is_ours(cases[i].host, names, 2) == cases[i].ours, "'%s'", cases[i].host);
    }
    ck_assert(hn_host_is_ours(hn_host_name(), NULL, 0));
    ck_assert(!hn_host_is_ours("tune.example.org", NULL, 0));
}
END_TEST

START_TEST(origins)
{
    ck_assert(hn_origin_is_ours("http://localhost:8765", "localhost:8765"));
    ck_assert(hn_origin_is_ours("https://Tune.example", "tune.example"));
    ck_assert(!hn_origin_is_ours("http://localhost:8765", "localhost"));
    ck_assert(!hn_origin_is_ours("null", "null"));
    ck_assert(!hn_origin_is_ours("", ""));
    ck_assert(!hn_origin_is_ours("http://evil.example", "localhost"));
    ck_assert(!hn_origin_is_ours("http://localhost/x", "localhost"));
    ck_assert(hn_address_is_loopback("127.0.0.1") && hn_address_is_loopback("127.9.9.9"));
    ck_assert(hn_address_is_loopback("::1") && !hn_address_is_loopback("::"));
    ck_assert(!hn_address_is_loopback("0.0.0.0") && !hn_address_is_loopback("1270.0.0.1"));
}
END_TEST

/* A bucket fills again with time, and never holds more than a second's worth. */
START_TEST(rates)
{
    const int64_t second = INT64_C(1000000000);
    int64_t now = 5 * second;
    hn_rate *rate = calloc(1, sizeof *rate);
    ck_assert(hn_rate_take(rate, "a", now)); /* no limit */
    rate->per_second = 3;
    for (int round = 0; round < 3; round++) {
        int taken = 0;
        while (hn_rate_take(rate, "a", now)) {
            taken++;
        }
        ck_assert_int_eq(taken, 3);
        ck_assert(hn_rate_take(rate, round % 2 ? "b" : "c", now)); /* others have their own */
        ck_assert(!hn_rate_take(rate, "a", now + second / 4));
        ck_assert(hn_rate_take(rate, "a", now + second / 2));
        now += 100 * second;
    }
    rate->per_second = 0.5; /* less than one: still one at first */
    ck_assert(hn_rate_take(rate, "d", now) && !hn_rate_take(rate, "d", now + second));
    ck_assert(hn_rate_take(rate, "d", now + 3 * second));
    free(rate);
}
END_TEST

START_TEST(tokens_are_known_by_their_hash)
{
    hn_tokens tokens = {0};
    hone_error err;
    ck_assert_int_eq(hn_tokens_add(&tokens, "0123456789abcdef", &err), HONE_OK);
    ck_assert(hn_tokens_accept(&tokens, "Bearer 0123456789abcdef"));
    ck_assert(hn_tokens_accept(&tokens, "BEARER 0123456789abcdef"));
    ck_assert(!hn_tokens_accept(&tokens, "Bearer  0123456789abcdef"));
    ck_assert(!hn_tokens_accept(&tokens, "Bearer 0123456789abcde"));
    ck_assert(!hn_tokens_accept(&tokens, "0123456789abcdef") && !hn_tokens_accept(&tokens, NULL));
    ck_assert_int_eq(hn_tokens_add(&tokens, "0123456789abcde", &err), HONE_INVALID);
    ck_assert_int_eq(hn_tokens_add(&tokens, "0123456789 abcdef", &err), HONE_INVALID);
    ck_assert_int_eq(hn_tokens_add(&tokens, "0123456789abcdef\xc3\xa9", &err), HONE_INVALID);
    ck_assert_uint_eq(tokens.count, 1);
    hn_tokens_release(&tokens);
    ck_assert(!hn_tokens_accept(&tokens, "Bearer 0123456789abcdef"));
}
END_TEST

START_TEST(a_token_file_keeps_hashes)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "tokens"), token[HN_TOKEN_SIZE];
    hn_tokens made = {0}, read = {0};
    hone_error err;
    ck_assert_int_eq(hn_tokens_make(&made, path, token, &err), HONE_OK);
    ck_assert_int_eq(hn_tokens_make(&made, path, token, &err), HONE_EXISTS);
    char *text = hn_test_read(path), header[100] = "Bearer ", both[400];
    ck_assert(!strstr(text, token) && strlen(token) == 64);
    snprintf(both, sizeof both, "# two\r\n\n  my-own-token-of-mine \n%s", text);
    hn_test_write(path, both);
    ck_assert_int_eq(hn_tokens_read(&read, path, &err), HONE_OK);
    ck_assert_uint_eq(read.count, 2);
    ck_assert(hn_tokens_accept(&read, strcat(header, token)) && hn_tokens_accept(&made, header));
    ck_assert(hn_tokens_accept(&read, "Bearer my-own-token-of-mine"));
    hn_tokens_release(&made);
    hn_tokens_release(&read);
    free(text);
    free(path);
    free(folder);
}
END_TEST

Suite *suite_guard(void)
{
    Suite *suite = suite_create("http guard");
    TCase *group = tcase_create("http guard");
    tcase_add_test(group, hosts);
    tcase_add_test(group, origins);
    tcase_add_test(group, rates);
    tcase_add_test(group, tokens_are_known_by_their_hash);
    tcase_add_test(group, a_token_file_keeps_hashes);
    suite_add_tcase(suite, group);
    return suite;
}
