#include "data/text.h"

#include <string.h>

#include "base/memory.h"
#include "base/text_map.h"
#include "base/utf8.h"

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

/* --- rules --- */

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
    copy->hash = n;
    for (size_t i = 0; i < n; i++)
        copy->hash = hn_hash_bytes(own[i], strlen(own[i]) + 1, copy->hash);
    copy->column = column;
    copy->words = own;
    copy->n_words = n;
    return copy;
}

/* --- reading --- */

/* The words of texts by their numbers. */
typedef struct numbered {
    hn_text_map map;
    bool closed; /* words that are not in the map are all the same one, unknown */
    int32_t *words;
    size_t n, capacity;
} numbered;

static hone_status number_text(const char *text, size_t size, numbered *to, hone_error *err)
{
    char word[HN_WORD_SIZE];
    for (size_t passed; (passed = hn_next_word(text, size, word)); text += passed, size -= passed) {
        size_t i = to->closed ? hn_text_map_find(&to->map, word) : hn_text_map_intern(&to->map, word);
        if (HN_GROW(to->words, to->n, to->capacity) || (!to->closed && i == HN_TEXT_MAP_NONE))
            return hn_out_of_memory(err);
        to->words[to->n++] = i == HN_TEXT_MAP_NONE ? HN_TOKEN_UNKNOWN : (int32_t)i + HN_TOKEN_FIRST;
    }
    return to->map.count <= HN_MOST_WORDS
               ? HONE_OK
               : hn_fail(err, HONE_LIMIT, "the text has more than %d different words", HN_MOST_WORDS);
}

static hone_status number_texts(const hn_csv *csv, size_t first_row, size_t column, const hn_text_rule *rule,
                                uint64_t *starts, numbered *to, hone_error *err)
{
    hone_status status = HONE_OK;
    to->closed = rule->words;
    for (size_t i = 0; !status && i < rule->n_words; i++)
        if (hn_text_map_intern(&to->map, rule->words[i]) == HN_TEXT_MAP_NONE)
            status = hn_out_of_memory(err);
    for (size_t i = first_row; !status && i < csv->n_rows; i++) {
        status = number_text(hn_csv_text(csv, i, column), hn_csv_size(csv, i, column), to, err);
        *++starts = to->n;
    }
    if (!status && !to->map.count)
        status = hn_fail(err, HONE_INVALID, "%s: the text has no word in any row", csv->path);
    return status;
}

hone_status hn_text_read(const hn_csv *csv, size_t first_row, size_t column, const hn_text_rule *rule,
                         hn_arena *arena, hn_sample_block **block, void **values, hone_error *err)
{
    numbered texts = {.map = HN_TEXT_MAP_INIT};
    uint64_t *starts = HN_ARENA_NEW(arena, uint64_t, csv->n_rows - first_row + 1);
    hn_sample_block *made = HN_ARENA_NEW(arena, hn_sample_block, 1);
    const hn_text_rule *own = NULL;
    hone_status status = starts && made ? number_texts(csv, first_row, column, rule, starts, &texts, err)
                                        : hn_out_of_memory(err);
    if (!status) {
        own = hn_text_rule_copy(arena, rule, (const char *const *)texts.map.keys, texts.map.count);
        status = own ? HONE_OK : hn_out_of_memory(err);
    }
    hn_text_map_release(&texts.map);
    if (status) {
        hn_free(texts.words);
        return status;
    }
    *made = (hn_sample_block){.type = HN_SAMPLE_TOKENS,
                              .rank = 1,
                              .shape = {rule->length},
                              .size = rule->length,
                              .values = texts.words,
                              .starts = starts,
                              .text = own};
    *block = made;
    *values = texts.words;
    return HONE_OK;
}
