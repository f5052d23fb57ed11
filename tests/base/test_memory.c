/* Memory: overflow, fault injection, arenas, buffers and the text map. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/text_map.h"
#include "support.h"

START_TEST(products_that_overflow_are_refused)
{
    ck_assert_ptr_null(hn_calloc(SIZE_MAX / 2, 3));
    ck_assert_ptr_null(hn_realloc_array(NULL, SIZE_MAX, 2));
    ck_assert_ptr_null(hn_aligned_array(SIZE_MAX / 4, 8));
    ck_assert_ptr_null(hn_malloc(SIZE_MAX));
    hn_arena arena = HN_ARENA_INIT;
    ck_assert_ptr_null(hn_arena_alloc(&arena, SIZE_MAX / 2, 4));
    ck_assert_ptr_null(hn_arena_alloc(&arena, SIZE_MAX - 10, 1));
    hn_arena_release(&arena);
}
END_TEST

START_TEST(an_empty_allocation_is_not_null)
{
    void *a = hn_malloc(0), *b = hn_calloc(0, 8);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_ne(a, b);
    hn_free(a);
    hn_free(b);
}
END_TEST

START_TEST(the_kth_allocation_fails)
{
    hn_memory_fail_at(2, 0);
    void *p[4];
    for (int i = 0; i < 4; i++)
        p[i] = hn_malloc(1);
    ck_assert_int_eq(hn_memory_fail_at(1, 1), 4);
    ck_assert_ptr_nonnull(p[1]);
    ck_assert_ptr_null(p[2]);
    ck_assert_ptr_nonnull(p[3]);
    for (int i = 0; i < 4; i++)
        hn_free(p[i]);
    for (int i = 0; i < 4; i++)
        p[i] = hn_malloc(1);
    ck_assert_int_eq(hn_memory_fail_at(-1, 0), 4);
    ck_assert_ptr_nonnull(p[0]);
    ck_assert(p[1] == NULL && p[2] == NULL && p[3] == NULL);
    hn_free(p[0]);
}
END_TEST

START_TEST(growing_keeps_what_was_there)
{
    int *items = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(HN_GROW(items, (size_t)i, capacity), 0);
        items[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(items[i], i);
    size_t before = capacity;
    hn_memory_fail_at(0, 0);
    ck_assert_int_eq(HN_GROW(items, capacity, capacity), -1);
    hn_memory_fail_at(-1, 0);
    ck_assert_uint_eq(capacity, before);
    hn_free(items);
}
END_TEST

START_TEST(arena_memory_is_aligned_zeroed_and_apart)
{
    hn_arena arena = HN_ARENA_INIT;
    for (int round = 0; round < 3; round++) {
        unsigned char *previous = NULL;
        for (size_t i = 1; i < 400; i++) {
            unsigned char *p = hn_arena_alloc(&arena, i, 3);
            ck_assert_ptr_nonnull(p);
            ck_assert_uint_eq((uintptr_t)p % 16, 0);
            for (size_t k = 0; k < 3 * i; k++)
                ck_assert_uint_eq(p[k], 0);
            memset(p, (int)i, 3 * i);
            if (previous != NULL)
                ck_assert_uint_eq(previous[3 * (i - 1) - 1], (i - 1) & 255);
            ck_assert_uint_eq((uintptr_t)hn_arena_scratch(&arena, i, 8) % 64, 0);
            previous = p;
        }
        ck_assert_ptr_nonnull(hn_arena_alloc(&arena, 3000000, 1));
        hn_arena_reset(&arena);
    }
    ck_assert_str_eq(hn_arena_strdup(&arena, "abc"), "abc");
    ck_assert_str_eq(hn_arena_strndup(&arena, "abc", 2), "ab");
    ck_assert_str_eq(hn_arena_printf(&arena, "%d-%s", 5, "x"), "5-x");
    hn_arena_release(&arena);
}
END_TEST

START_TEST(a_reset_arena_allocates_no_more_for_the_same_work)
{
    hn_arena arena = HN_ARENA_INIT;
    for (int i = 0; i < 500; i++)
        hn_arena_alloc(&arena, 100, 1);
    hn_arena_reset(&arena);
    hn_memory_fail_at(-1, 0);
    for (int i = 0; i < 200; i++)
        hn_arena_alloc(&arena, 100, 1);
    ck_assert_int_eq(hn_memory_fail_at(-1, 0), 0);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(a_buffer_grows_and_is_taken)
{
    hn_buffer buffer = HN_BUFFER_INIT;
    ck_assert_str_eq(hn_buffer_string(&buffer), "");
    hn_buffer_text(&buffer, "a");
    hn_buffer_char(&buffer, 'b');
    hn_buffer_printf(&buffer, "%s%d", "c", 4);
    hn_buffer_double(&buffer, 0.1);
    hn_buffer_int(&buffer, INT64_MIN);
    hn_buffer_int(&buffer, 0);
    ck_assert_str_eq(hn_buffer_string(&buffer), "abc40.1-92233720368547758080");
    hn_buffer_consume(&buffer, 3);
    ck_assert_str_eq(hn_buffer_string(&buffer), "40.1-92233720368547758080");
    for (int i = 0; i < 1000; i++)
        hn_buffer_printf(&buffer, "%d,", i);
    ck_assert_uint_eq(buffer.size, strlen(buffer.data));
    hn_buffer_consume(&buffer, SIZE_MAX);
    ck_assert_uint_eq(buffer.size, 0);
    hn_buffer_text(&buffer, "end");
    char *taken = hn_buffer_take(&buffer);
    ck_assert_str_eq(taken, "end");
    hn_free(taken);
    ck_assert_uint_eq(buffer.size, 0);
    taken = hn_buffer_take(&buffer);
    ck_assert_str_eq(taken, "");
    hn_free(taken);
}
END_TEST

START_TEST(a_buffer_that_failed_stays_failed)
{
    hn_buffer buffer = HN_BUFFER_INIT;
    hn_memory_fail_at(0, 0);
    hn_buffer_text(&buffer, "lost");
    hn_memory_fail_at(-1, 0);
    hn_buffer_text(&buffer, "also");
    ck_assert(hn_buffer_failed(&buffer));
    ck_assert_str_eq(hn_buffer_string(&buffer), "");
    ck_assert_ptr_null(hn_buffer_take(&buffer));
    hn_buffer_clear(&buffer);
    ck_assert(!hn_buffer_failed(&buffer));
    hn_buffer_release(&buffer);
}
END_TEST

START_TEST(the_text_map_interns)
{
    hn_text_map map = HN_TEXT_MAP_INIT;
    char key[32];
    ck_assert_uint_eq(hn_text_map_find(&map, "none"), HN_TEXT_MAP_NONE);
    for (size_t round = 0; round < 2; round++)
        for (size_t i = 0; i < 5000; i++) {
            snprintf(key, sizeof key, "key%zu", i);
            ck_assert_uint_eq(hn_text_map_intern(&map, key), i);
        }
    ck_assert_uint_eq(map.count, 5000);
    ck_assert_uint_eq(hn_text_map_find(&map, "key77"), 77);
    ck_assert_str_eq(map.keys[77], "key77");
    ck_assert_uint_eq(hn_text_map_find(&map, "key5000"), HN_TEXT_MAP_NONE);
    hn_text_map_release(&map);
}
END_TEST

/* Values of the reference FNV-1a, 64 bits. */
START_TEST(the_hash_is_fnv1a)
{
    ck_assert(hn_hash_bytes("", 0, 0) == UINT64_C(0xcbf29ce484222325));
    ck_assert(hn_hash_bytes("a", 1, 0) == UINT64_C(0xaf63dc4c8601ec8c));
    ck_assert(hn_hash_bytes("foobar", 6, 0) == UINT64_C(0x85944171f73967e8));
}
END_TEST

Suite *suite_memory(void)
{
    Suite *suite = suite_create("memory");
    TCase *allocation = tcase_create("allocation");
    tcase_add_test(allocation, products_that_overflow_are_refused);
    tcase_add_test(allocation, an_empty_allocation_is_not_null);
    tcase_add_test(allocation, the_kth_allocation_fails);
    tcase_add_test(allocation, growing_keeps_what_was_there);
    tcase_add_test(allocation, arena_memory_is_aligned_zeroed_and_apart);
    tcase_add_test(allocation, a_reset_arena_allocates_no_more_for_the_same_work);
    tcase_add_test(allocation, a_buffer_grows_and_is_taken);
    tcase_add_test(allocation, a_buffer_that_failed_stays_failed);
    tcase_add_test(allocation, the_text_map_interns);
    tcase_add_test(allocation, the_hash_is_fnv1a);
    suite_add_tcase(suite, allocation);
    return suite;
}
