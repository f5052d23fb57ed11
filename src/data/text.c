#include "data/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text_map.h"
#include "base/utf8.h"

enum { FIRST_WORD = 2 }; /* after padding and unknown */

/* --- words --- */

/* Letters and digits; beyond ASCII all but the blocks of punctuation and spaces. */
static bool is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'';
    return c >= 0xC0 && c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c <= 0x206F) &&
           !(c >= 0x3000 && c <= 0x303F) && c != 0xFFFD;
}

/* Latin, Greek and Cyrillic capitals; others have no case or stay as they are. */
static uint32_t lower(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE) || (c >= 0x391 && c <= 0x3A9) ||
        (c >= 0x410 && c <= 0x42F))
        return c + 0x20;
    return c >= 0x400 && c <= 0x40F ? c + 0x50 : c;
}

/* Code points up to U+FFFF that lower() changed keep their length in bytes: two, or one. */
static size_t encode(uint32_t c, const char *as_is, size_t size, char *out)
{
    if (c < 0x80) {
        *out = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    memcpy(out, as_is, size);
    return size;
}

size_t hn_next_word(const char *text, size_t size, char word[HN_WORD_SIZE])
{
    enum { MOST_BYTES = 4 };
    size_t at = 0, used = 0;
    while (at < size) {
        uint32_t c;
        size_t length = hn_utf8_decode(text + at, size - at, &c);
        bool letter = is_letter(c);
        if (!letter && used)
            break;
        if (letter && used + MOST_BYTES < HN_WORD_SIZE)
            used += encode(lower(c), text + at, length, word + used);
        at += length;
    }
    word[used] = '\0';
    return used ? at : 0;
}

/* --- vocabulary --- */

typedef struct counted {
    size_t word, count;
} counted;

static int compare(const void *a, const void *b)
{
    const counted *left = a, *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return left->word < right->word ? -1 : left->word > right->word;
}

/* Counts each word of a text; index is that of its first appearance. */
static hone_status count_words(const char *text, size_t size, hn_text_map *map, counted **counts,
                               size_t *capacity, hone_error *err)
{
    char word[HN_WORD_SIZE];
    for (size_t passed; (passed = hn_next_word(text, size, word)); text += passed, size -= passed) {
        size_t known = map->count, i = hn_text_map_intern(map, word);
        if (i == HN_TEXT_MAP_NONE || (i == known && HN_GROW(*counts, known, *capacity)))
            return hn_out_of_memory(err);
        if (i == known)
            (*counts)[i] = (counted){.word = i};
        (*counts)[i].count++;
    }
    return HONE_OK;
}

static hone_status find_words(const hn_csv *csv, size_t first_row, size_t column, size_t most,
                              hn_arena *arena, const char ***words, size_t *n, hone_error *err)
{
    hn_text_map map = HN_TEXT_MAP_INIT;
    size_t capacity = 1024;
    counted *counts = hn_calloc(capacity, sizeof *counts);
    hone_status status = counts ? HONE_OK : hn_out_of_memory(err);
    for (size_t row = first_row; !status && row < csv->n_rows; row++)
        status = count_words(hn_csv_text(csv, row, column), hn_csv_size(csv, row, column), &map, &counts,
                             &capacity, err);
    if (!status && !map.count)
        status = hn_fail(err, HONE_INVALID, "%s: the text has no word in any row", csv->path);
    if (!status)
        qsort(counts, map.count, sizeof *counts, compare);
    *n = map.count < most ? map.count : most;
    *words = status ? NULL : HN_ARENA_NEW(arena, const char *, *n);
    for (size_t i = 0; *words && i < *n; i++)
        if (!((*words)[i] = hn_arena_strdup(arena, map.keys[counts[i].word])))
            *words = NULL;
    if (!status && !*words)
        status = hn_out_of_memory(err);
    hn_text_map_release(&map);
    hn_free(counts);
    return status;
}

hn_text_rule *hn_text_rule_copy(hn_arena *arena, const hn_text_rule *rule, const char *const *words,
                                size_t n_words)
{
    hn_text_rule *copy = HN_ARENA_NEW(arena, hn_text_rule, 1);
    const char *column = hn_arena_strdup(arena, rule->column);
    size_t n = words ? n_words : rule->n_words;
    const char **own = HN_ARENA_NEW(arena, const char *, n);
    if (!copy || !column || !own)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!(own[i] = hn_arena_strdup(arena, words ? words[i] : rule->words[i])))
            return NULL;
    *copy = *rule;
    copy->column = column;
    copy->words = own;
    copy->n_words = n;
    return copy;
}

/* --- tokens --- */

/* The tokens of one text. */
typedef struct row_tokens {
    int32_t *tokens;
    size_t n, capacity;
} row_tokens;

static hone_status tokenize(const char *text, size_t size, const hn_text_map *map, row_tokens *row,
                            hone_error *err)
{
    char word[HN_WORD_SIZE];
    row->n = 0;
    for (size_t passed; (passed = hn_next_word(text, size, word)); text += passed, size -= passed) {
        size_t i = hn_text_map_find(map, word);
        if (HN_GROW(row->tokens, row->n, row->capacity))
            return hn_out_of_memory(err);
        row->tokens[row->n++] = i == HN_TEXT_MAP_NONE ? 1 : (int32_t)i + FIRST_WORD;
    }
    return HONE_OK;
}

/* out (length,), zeroed. */
static void place(const hn_text_rule *rule, const row_tokens *row, int32_t *out)
{
    size_t n = row->n < rule->length ? row->n : rule->length;
    const int32_t *from = row->tokens + (rule->cut_end ? 0 : row->n - n);
    if (n)
        memcpy(out + (rule->pad_end ? 0 : rule->length - n), from, n * sizeof *out);
}

static hone_status make_tokens(const hn_csv *csv, size_t first_row, size_t column, const hn_text_rule *rule,
                               int32_t *out, hone_error *err)
{
    hn_text_map map = HN_TEXT_MAP_INIT;
    row_tokens row = {0};
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < rule->n_words; i++)
        if (hn_text_map_intern(&map, rule->words[i]) == HN_TEXT_MAP_NONE)
            status = hn_out_of_memory(err);
    for (size_t i = first_row; !status && i < csv->n_rows; i++, out += rule->length) {
        status = tokenize(hn_csv_text(csv, i, column), hn_csv_size(csv, i, column), &map, &row, err);
        if (!status)
            place(rule, &row, out);
    }
    hn_text_map_release(&map);
    hn_free(row.tokens);
    return status;
}

hone_status hn_text_read(const hn_csv *csv, size_t first_row, size_t column, const hn_text_rule *rule,
                         hn_arena *arena, hn_sample_block **block, void **values, hone_error *err)
{
    const char **words = NULL;
    size_t n_words = 0, rows = csv->n_rows - first_row;
    hone_status status = HONE_OK;
    if (!rule->words)
        status =
            find_words(csv, first_row, column, rule->vocabulary - FIRST_WORD, arena, &words, &n_words, err);
    if (status)
        return status;
    const hn_text_rule *own = hn_text_rule_copy(arena, rule, words, n_words);
    hn_sample_block *made = HN_ARENA_NEW(arena, hn_sample_block, 1);
    int32_t *tokens = rule->length <= SIZE_MAX / rows ? hn_calloc(rows * rule->length, sizeof *tokens) : NULL;
    status =
        own && made && tokens ? make_tokens(csv, first_row, column, own, tokens, err) : hn_out_of_memory(err);
    if (status) {
        hn_free(tokens);
        return status;
    }
    *made = (hn_sample_block){.type = HN_SAMPLE_TOKENS,
                              .rank = 1,
                              .shape = {rule->length},
                              .size = rule->length,
                              .values = tokens,
                              .text = own};
    *block = made;
    *values = tokens;
    return HONE_OK;
}
