/* Digests of Python's hashlib. */
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "support.h"

static void check(const char *bytes, size_t size, const char *expected)
{
    uint8_t digest[HN_SHA256_SIZE];
    char text[2 * HN_SHA256_SIZE + 1];
    hn_sha256(bytes, size, digest);
    for (size_t i = 0; i < HN_SHA256_SIZE; i++) {
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    ck_assert_str_eq(text, expected);
}

START_TEST(digests)
{
    char a[1000];
    memset(a, 'a', sizeof a);
    check("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(a, 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    check(a, 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    check(a, 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
    check(a, 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
    check(a, 1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
}
END_TEST

START_TEST(comparing)
{
    uint8_t a[HN_SHA256_SIZE] = {1, 2, 3}, b[HN_SHA256_SIZE] = {1, 2, 3};
    ck_assert(hn_sha256_equal(a, b));
    b[31] = 1;
    ck_assert(!hn_sha256_equal(a, b));
}
END_TEST

Suite *suite_sha256(void)
{
    Suite *suite = suite_create("sha256");
    TCase *group = tcase_create("sha256");
    tcase_add_test(group, digests);
    tcase_add_test(group, comparing);
    suite_add_tcase(suite, group);
    return suite;
}
