/* preprocess_text.c: the vocabulary of a column of text, fitted to training rows, applied to others, saved.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "data/preprocess_state.h"
#include "data/text.h"

/* --- fitting --- */

typedef struct counted {
    size_t word, count;
    uint64_t first; /* where it appears first among the rows */
} counted;

static int compare(const void *a, const void *b)
{
    const counted *left = a, *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return left->first < right->first ? -1 : left->first > right->first;
}

/* Of texts in their full length, of which a row may be a part. */
static void count_words(const hn_sample_block *block, const size_t *rows, size_t n, counted *counts)
{
    const int32_t *words = block->values;
    for (size_t w = 0; w < block->text->n_words; w++)
        counts[w] = (counted){.word = w, .first = UINT64_MAX};
    for (size_t i = 0; i < n; i++) {
        size_t row = rows ? rows[i] : i;
        for (uint64_t at = block->starts[row]; at < block->starts[row + 1]; at++)
            if (words[at] >= HN_TOKEN_FIRST) {
                counted *of = &counts[words[at] - HN_TOKEN_FIRST];
                of->count++;
                of->first = at < of->first ? at : of->first;
            }
    }
}

/* counts: the most frequent first. */
static hone_status take_words(const hn_text_rule *all, const counted *counts, hn_preprocess *p,
                              hone_error *err)
{
    hn_fitted_samples *s = p->samples;
    size_t most = all->vocabulary - HN_TOKEN_FIRST, n = 0;
    int32_t *tokens = HN_ARENA_NEW(&p->arena, int32_t, all->n_words + HN_TOKEN_FIRST);
    const char **words = hn_calloc(all->n_words, sizeof *words);
    for (size_t i = 0; tokens && i < all->n_words; i++)
        tokens[i + HN_TOKEN_FIRST] = HN_TOKEN_UNKNOWN;
    for (; tokens && words && n < all->n_words && n < most && counts[n].count; n++) {
        words[n] = all->words[counts[n].word];
        tokens[counts[n].word + HN_TOKEN_FIRST] = (int32_t)n + HN_TOKEN_FIRST;
    }
    if (tokens && words) {
        tokens[HN_TOKEN_UNKNOWN] = HN_TOKEN_UNKNOWN;
        s->text = hn_text_rule_copy(&p->arena, all, words, n);
        s->words_hash = all->hash;
        s->tokens = tokens;
    }
    hn_free(words);
    return s->text ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_vocabulary_fit(const hn_dataset *dataset, const size_t *rows, size_t n, hn_preprocess *p,
                              hone_error *err)
{
    const hn_sample_block *block = dataset->samples;
    counted *counts = hn_calloc(block->text->n_words, sizeof *counts);
    if (!counts)
        return hn_out_of_memory(err);
    count_words(block, rows, rows ? n : dataset->n_rows, counts);
    qsort(counts, block->text->n_words, sizeof *counts, compare);
    hone_status status =
        counts->count
            ? take_words(block->text, counts, p, err)
            : hn_fail(err, HONE_INVALID, "%s: the text has no word in any training row", dataset->source);
    hn_free(counts);
    return status;
}

/* --- applying --- */

hone_status hn_vocabulary_view(const hn_fitted_samples *fitted, const hn_dataset *dataset,
                               hn_sample_view *view, hone_error *err)
{
    uint64_t hash = dataset->samples->text ? dataset->samples->text->hash : 0;
    if (hash == fitted->text->hash)
        return HONE_OK;
    if (!fitted->tokens || hash != fitted->words_hash)
        return hn_fail(
            err, HONE_INVALID,
            "%s was read with words of its own, not with those of the model: read it for the model",
            dataset->source);
    view->tokens = fitted->tokens;
    return HONE_OK;
}

/* --- saving --- */

hn_node *hn_vocabulary_save(const hn_text_rule *rule, hn_arena *arena)
{
    hn_node *words = hn_node_list(arena), *map = hn_node_map(arena);
    for (size_t i = 0; i < rule->n_words; i++)
        words = hn_list_append(arena, words, hn_node_string(arena, rule->words[i]));
    map = hn_map_set(arena, map, "column", hn_node_string(arena, rule->column));
    map = hn_map_set(arena, map, "vocabulary", hn_node_integer(arena, (int64_t)rule->vocabulary));
    map = hn_map_set(arena, map, "pad_end", hn_node_bool(arena, rule->pad_end));
    map = hn_map_set(arena, map, "cut_end", hn_node_bool(arena, rule->cut_end));
    map = hn_map_set(arena, map, "plain", hn_node_bool(arena, rule->plain));
    return hn_map_set(arena, map, "words", words);
}

static bool truth_of(const hn_node *map, const char *key)
{
    const hn_node *node = hn_map_get(map, key);
    return node && node->kind == HN_BOOL && node->as.boolean;
}

const hn_text_rule *hn_vocabulary_load(const hn_node *node, size_t length, hn_arena *arena)
{
    const hn_node *column = hn_map_get(node, "column"), *words = hn_map_get(node, "words");
    int64_t vocabulary = 0;
    if (!column || column->kind != HN_STRING || !words || words->kind != HN_LIST ||
        !hn_node_int(hn_map_get(node, "vocabulary"), &vocabulary) || vocabulary < 3 ||
        words->count > (size_t)vocabulary - HN_TOKEN_FIRST)
        return NULL;
    const char **list = HN_ARENA_NEW(arena, const char *, words->count);
    for (size_t i = 0; list && i < words->count; i++) {
        if (words->as.items[i]->kind != HN_STRING)
            return NULL;
        list[i] = words->as.items[i]->as.string;
    }
    hn_text_rule rule = {.column = column->as.string,
                         .vocabulary = (size_t)vocabulary,
                         .length = length,
                         .pad_end = truth_of(node, "pad_end"),
                         .cut_end = truth_of(node, "cut_end"),
                         .plain = truth_of(node, "plain")};
    return list ? hn_text_rule_copy(arena, &rule, list, words->count) : NULL;
}
