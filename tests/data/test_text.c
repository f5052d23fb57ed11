/* Text as rows of tokens: words, vocabulary, padding and truncation. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "data/preprocess.h"
#include "data/text.h"
#include "support.h"

static hn_dataset *set;
static hone_error error;

static void teardown(void)
{
    hn_dataset_destroy(set);
    set = NULL;
}

static hone_status read_table(const char *text, const hn_text_rule *rule)
{
    char *folder = hn_test_temp_dir(), *path = hn_test_path(folder, "t.tsv");
    hn_dataset_options options = {.text = rule, .target = "label"};
    hn_test_write(path, text);
    hn_dataset_destroy(set);
    set = NULL;
    hone_status status = hn_dataset_read(path, &options, &set, &error);
    free(path);
    free(folder);
    return status;
}

static const char table[] = "label\tid\ttext\n"
                            "good\t1\tThe film, the FILM: good\n"
                            "bad\t2\tIt's bad. <br/>The end\n"
                            "good\t3\t\n";

START_TEST(cuts_words)
{
    static const char text[] = "  It's <br/> \xC3\x89t\xC3\xA9\xE2\x80\x94No. 7";
    static const char *const expected[] = {"it's", "br", "\xC3\xA9t\xC3\xA9", "no", "7"};
    char word[HN_WORD_SIZE];
    size_t at = 0, size = strlen(text), n = 0, passed;
    while ((passed = hn_next_word(text + at, size - at, word))) {
        ck_assert_uint_lt(n, 5);
        ck_assert_str_eq(word, expected[n]);
        at += passed;
        n++;
    }
    ck_assert_uint_eq(n, 5);
}
END_TEST

START_TEST(cuts_long_words)
{
    char text[200], word[HN_WORD_SIZE];
    memset(text, 'A', sizeof text);
    ck_assert_uint_eq(hn_next_word(text, sizeof text, word), sizeof text);
    ck_assert_uint_eq(strlen(word), 60);
}
END_TEST

/* the 3, film 2, good 1 (first), it's 1, bad 1, br 1, end 1: of six tokens, four are words. */
START_TEST(numbers_the_most_frequent_words)
{
    hn_text_rule rule = {.column = "text", .vocabulary = 6, .length = 6};
    static const int32_t expected[] = {0, 2, 3, 2, 3, 4, 0, 5, 1, 1, 2, 1, 0, 0, 0, 0, 0, 0};
    ck_assert_msg(read_table(table, &rule) == HONE_OK, "%s", error.message);
    ck_assert_int_eq(set->samples->type, HN_SAMPLE_TOKENS);
    ck_assert_uint_eq(set->samples->text->n_words, 4);
    ck_assert_str_eq(set->samples->text->words[0], "the");
    ck_assert_str_eq(set->samples->text->words[3], "it's");
    ck_assert_mem_eq(set->samples->values, expected, sizeof expected);
    ck_assert_uint_eq(set->n_columns, 0);
    ck_assert_uint_eq(set->n_classes, 2);
}
END_TEST

typedef struct side {
    bool pad_end, cut_end;
    int32_t rows[2][4]; /* of length 4 */
} side;

static const side sides[] = {
    {false, false, {{3, 2, 3, 4}, {1, 1, 2, 1}}},
    {true, true, {{2, 3, 2, 3}, {5, 1, 1, 2}}},
};

START_TEST(pads_and_cuts_on_the_side_asked_for)
{
    const side *s = &sides[_i];
    hn_text_rule rule = {
        .column = "text", .vocabulary = 6, .length = 4, .pad_end = s->pad_end, .cut_end = s->cut_end};
    ck_assert_msg(read_table(table, &rule) == HONE_OK, "%s", error.message);
    ck_assert_mem_eq(set->samples->values, s->rows, sizeof s->rows);
}
END_TEST

START_TEST(pads_at_the_end)
{
    hn_text_rule rule = {.column = "text", .vocabulary = 6, .length = 6, .pad_end = true};
    static const int32_t expected[] = {2, 3, 2, 3, 4, 0};
    ck_assert_int_eq(read_table(table, &rule), HONE_OK);
    ck_assert_mem_eq(set->samples->values, expected, sizeof expected);
}
END_TEST

START_TEST(keeps_its_words_for_other_files)
{
    hn_text_rule rule = {.column = "text", .vocabulary = 5, .length = 3};
    hn_preprocess *fitted = NULL, *again = NULL;
    hn_arena arena = HN_ARENA_INIT;
    hn_dataset *there = NULL;
    int fd = -1;
    static const int32_t expected[] = {0, 4, 1};
    ck_assert_int_eq(read_table(table, &rule), HONE_OK);
    ck_assert_int_eq(hn_dataset_share(set, &fd, &error), HONE_OK);
    ck_assert_msg(hn_dataset_attach(fd, &there, &error) == HONE_OK, "%s", error.message);
    close(fd);
    ck_assert_str_eq(there->samples->text->words[2], "good");
    ck_assert_str_eq(there->samples->text->column, "text");
    ck_assert_int_eq(hn_preprocess_fit(&(hn_preprocess_options){.scale = HN_SCALE_STANDARD}, there, NULL, 0,
                                       &fitted, &error),
                     HONE_OK);
    hn_node *saved = hn_preprocess_save(fitted, &arena);
    ck_assert_int_eq(hn_preprocess_load(saved, &again, &error), HONE_OK);
    hn_schema schema = hn_preprocess_schema(again);
    ck_assert_int_eq(read_table("text\tlabel\nGood day\tgood\nno film\tbad\n", schema.text), HONE_OK);
    ck_assert_mem_eq(set->samples->values, expected, sizeof expected);
    hn_sample_view view;
    ck_assert_msg(hn_preprocess_view(again, set, NULL, &view, &error) == HONE_OK, "%s", error.message);
    float row[3];
    hn_sample_row(&view, 0, row);
    ck_assert_float_eq(row[1], 4);
    hn_preprocess_destroy(fitted);
    hn_preprocess_destroy(again);
    hn_dataset_destroy(there);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(refuses_text_without_words)
{
    hn_text_rule rule = {.column = "text", .vocabulary = 6, .length = 4};
    ck_assert_int_eq(read_table("label\ttext\na\t...\nb\t--\n", &rule), HONE_INVALID);
    hn_assert_contains(error.message, "the text has no word in any row");
    rule.column = "review";
    ck_assert_int_eq(read_table(table, &rule), HONE_NOT_FOUND);
    hn_assert_contains(error.message, "text: there is no column \"review\"");
    rule.column = "label";
    ck_assert_int_eq(read_table(table, &rule), HONE_INVALID);
    hn_assert_contains(error.message, "column label is the target and the text as well");
}
END_TEST

Suite *suite_text(void)
{
    Suite *suite = suite_create("text");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, NULL, teardown);
    tcase_add_test(all, cuts_words);
    tcase_add_test(all, cuts_long_words);
    tcase_add_test(all, numbers_the_most_frequent_words);
    tcase_add_loop_test(all, pads_and_cuts_on_the_side_asked_for, 0, 2);
    tcase_add_test(all, pads_at_the_end);
    tcase_add_test(all, keeps_its_words_for_other_files);
    tcase_add_test(all, refuses_text_without_words);
    suite_add_tcase(suite, all);
    return suite;
}
