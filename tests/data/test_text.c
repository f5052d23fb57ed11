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

/* The tokens of all rows under what was fitted. */
static void assert_tokens(const hn_preprocess *fitted, const int32_t *expected)
{
    hn_sample_view view;
    float row[8];
    size_t length = hn_preprocess_width(fitted);
    ck_assert_uint_le(length, 8);
    ck_assert_msg(hn_preprocess_view(fitted, set, NULL, &view, &error) == HONE_OK, "%s", error.message);
    for (size_t i = 0; i < set->n_rows; i++) {
        hn_sample_row(&view, i, row);
        for (size_t k = 0; k < length; k++)
            ck_assert_msg(row[k] == (float)expected[i * length + k], "token %zu of row %zu", k, i);
    }
}

/* Of these rows (NULL: all). */
static hn_preprocess *fit(const size_t *rows, size_t n)
{
    hn_preprocess *fitted = NULL;
    hn_preprocess_options options = {.scale = HN_SCALE_STANDARD};
    ck_assert_msg(hn_preprocess_fit(&options, set, rows, n, &fitted, &error) == HONE_OK, "%s", error.message);
    return fitted;
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
    ck_assert_uint_eq(set->samples->text->n_words, 7);
    ck_assert_str_eq(set->samples->text->words[6], "end");
    hn_preprocess *fitted = fit(NULL, 0);
    const hn_text_rule *words = hn_preprocess_schema(fitted).text;
    ck_assert_uint_eq(words->n_words, 4);
    ck_assert_str_eq(words->words[0], "the");
    ck_assert_str_eq(words->words[3], "it's");
    assert_tokens(fitted, expected);
    hn_preprocess_destroy(fitted);
    ck_assert_uint_eq(set->n_columns, 0);
    ck_assert_uint_eq(set->n_classes, 2);
}
END_TEST

typedef struct side {
    bool pad_end, cut_end;
    int32_t rows[3][4]; /* of length 4 */
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
    hn_preprocess *fitted = fit(NULL, 0);
    assert_tokens(fitted, s->rows[0]);
    hn_preprocess_destroy(fitted);
}
END_TEST

START_TEST(pads_at_the_end)
{
    hn_text_rule rule = {.column = "text", .vocabulary = 6, .length = 6, .pad_end = true};
    static const int32_t expected[] = {2, 3, 2, 3, 4, 0, 5, 1, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0};
    ck_assert_int_eq(read_table(table, &rule), HONE_OK);
    hn_preprocess *fitted = fit(NULL, 0);
    assert_tokens(fitted, expected);
    hn_preprocess_destroy(fitted);
}
END_TEST

START_TEST(keeps_its_words_for_other_files)
{
    hn_text_rule rule = {.column = "text", .vocabulary = 5, .length = 3};
    hn_preprocess *fitted = NULL, *again = NULL;
    hn_arena arena = HN_ARENA_INIT;
    hn_dataset *there = NULL;
    int fd = -1;
    static const int32_t expected[] = {0, 4, 1, 0, 1, 3};
    ck_assert_int_eq(read_table(table, &rule), HONE_OK);
    ck_assert_int_eq(hn_dataset_share(set, &fd, &error), HONE_OK);
    ck_assert_msg(hn_dataset_attach(fd, &there, &error) == HONE_OK, "%s", error.message);
    close(fd);
    ck_assert_str_eq(there->samples->text->words[2], "good");
    ck_assert_mem_eq(there->samples->starts, set->samples->starts, 4 * sizeof(uint64_t));
    ck_assert_mem_eq(there->samples->values, set->samples->values, 10 * sizeof(int32_t));
    ck_assert_str_eq(there->samples->text->column, "text");
    ck_assert_int_eq(hn_preprocess_fit(&(hn_preprocess_options){.scale = HN_SCALE_STANDARD}, there, NULL, 0,
                                       &fitted, &error),
                     HONE_OK);
    hn_node *saved = hn_preprocess_save(fitted, &arena);
    ck_assert_int_eq(hn_preprocess_load(saved, &again, &error), HONE_OK);
    hn_schema schema = hn_preprocess_schema(again);
    ck_assert_int_eq(read_table("text\tlabel\nGood day\tgood\nno film\tbad\n", schema.text), HONE_OK);
    assert_tokens(again, expected);
    assert_tokens(fitted, expected);
    hn_preprocess_destroy(fitted);
    hn_preprocess_destroy(again);
    hn_dataset_destroy(there);
    hn_arena_release(&arena);
}
END_TEST

/* Whatever the other rows hold, the words, their order and the tokens of the training rows are the same. */
START_TEST(finds_the_words_of_the_training_rows_only)
{
    static const char *const tables[] = {
        "label\ttext\nx\tone two two\ny\tthree one four\nx\t\ny\tfour three\n",
        "label\ttext\nx\tone two two\ny\tfive five five five four six seven one one\nx\tnine\ny\tfour three\n",
    };
    static const size_t rows[] = {0, 3};
    static const char *const words[] = {"two", "one", "four", "three"};
    hn_text_rule rule = {.column = "text", .vocabulary = 9, .length = 3};
    for (size_t t = 0; t < 2; t++) {
        hn_sample_view view;
        float row[3];
        ck_assert_int_eq(read_table(tables[t], &rule), HONE_OK);
        hn_preprocess *fitted = fit(rows, 2);
        const hn_text_rule *found = hn_preprocess_schema(fitted).text;
        ck_assert_uint_eq(found->n_words, 4);
        for (size_t i = 0; i < 4; i++)
            ck_assert_str_eq(found->words[i], words[i]);
        ck_assert_int_eq(hn_preprocess_view(fitted, set, rows, &view, &error), HONE_OK);
        hn_sample_row(&view, 1, row);
        ck_assert(row[0] == 0 && row[1] == 4 && row[2] == 5);
        hn_preprocess_destroy(fitted);
    }
    static const size_t empty[] = {2};
    ck_assert_int_eq(read_table(tables[0], &rule), HONE_OK);
    hn_preprocess *fitted = NULL;
    ck_assert_int_eq(hn_preprocess_fit(&(hn_preprocess_options){0}, set, empty, 1, &fitted, &error),
                     HONE_INVALID);
    hn_assert_contains(error.message, "the text has no word in any training row");
}
END_TEST

START_TEST(refuses_rows_with_words_of_their_own)
{
    hn_text_rule rule = {.column = "text", .vocabulary = 9, .length = 3};
    hn_sample_view view;
    ck_assert_int_eq(read_table(table, &rule), HONE_OK);
    hn_preprocess *fitted = fit(NULL, 0);
    ck_assert_int_eq(read_table("label\ttext\nx\tother words\ny\there\n", &rule), HONE_OK);
    ck_assert_int_eq(hn_preprocess_view(fitted, set, NULL, &view, &error), HONE_INVALID);
    hn_assert_contains(error.message, "was read with words of its own");
    hn_preprocess_destroy(fitted);
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
    tcase_add_test(all, finds_the_words_of_the_training_rows_only);
    tcase_add_test(all, refuses_rows_with_words_of_their_own);
    tcase_add_test(all, refuses_text_without_words);
    suite_add_tcase(suite, all);
    return suite;
}
