/* data/text.h: a column of text as numbers of its words, which are runs of letters, digits and apostrophes in
 * lower case. Which of them a fit knows is found in its training rows (preprocess_text.c). Token 0 fills up,
 * 1 stands for every word that is not in the vocabulary. */
#ifndef HN_DATA_TEXT_H
#define HN_DATA_TEXT_H

#include "base/arena.h"
#include "data/csv.h"
#include "data/samples.h"

enum { HN_TOKEN_UNKNOWN = 1, HN_TOKEN_FIRST = 2, HN_MOST_WORDS = INT32_MAX - HN_TOKEN_FIRST };

/* The next word of text (size bytes are left) in lower case, cut to 63 bytes; returns the bytes passed, 0 at
 * the end. */
enum { HN_WORD_SIZE = 64 };
size_t hn_next_word(const char *text, size_t size, char word[HN_WORD_SIZE]);

/* Rows from first_row on of the column. A rule without words: all there are, in the order in which they
 * appear; with words: others are unknown. *block goes into the arena with the rule that made it, *values is
 * free with hn_free. HONE_INVALID when there is no word at all. O(bytes). */
hone_status hn_text_read(const hn_csv *csv, size_t first_row, size_t column, const hn_text_rule *rule,
                         hn_arena *arena, hn_sample_block **block, void **values, hone_error *err);

/* A copy in the arena, with these words (NULL: its own). NULL when memory is out. */
hn_text_rule *hn_text_rule_copy(hn_arena *arena, const hn_text_rule *rule, const char *const *words,
                                size_t n_words);

#endif
