/* data/samples.h: data whose features are one array a row: images, sequences, rows of tokens. Kept as they
 * are read, in one block that all folds, trials and worker processes look into; what a model sees is a view:
 * rows by index, with values converted as they are taken. Read-only.
 */
#ifndef HN_DATA_SAMPLES_H
#define HN_DATA_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HN_SAMPLE_MAX_RANK = 3, HN_SAMPLE_MOST_VALUES = 1 << 24 };

/* Values are pinned: they are shared between processes. */
typedef enum hn_sample_type {
    HN_SAMPLE_BYTES = 1,  /* uint8_t */
    HN_SAMPLE_FLOATS = 2, /* float, finite */
    HN_SAMPLE_TOKENS = 3, /* int32_t, 0 .. */
} hn_sample_type;

/* What a user may ask of text, and gets without asking. */
enum {
    HN_TEXT_LEAST_VOCABULARY = 3,
    HN_TEXT_MOST_VOCABULARY = 1 << 24,
    HN_TEXT_MOST_LENGTH = 1 << 20,
    HN_TEXT_USUAL_VOCABULARY = 10000,
    HN_TEXT_USUAL_LENGTH = 200,
};

/* How a text becomes a row of tokens. Of a block the words are all that its file has, of what is fitted to
 * its rows those of the vocabulary. */
typedef struct hn_text_rule {
    const char *column;
    size_t vocabulary;     /* tokens there may be, with 0 (padding) and 1 (unknown) among them */
    size_t length;         /* tokens a row */
    bool pad_end, cut_end; /* where it is filled up, and cut: else in front, as Keras' pad_sequences does */
    bool plain;            /* the file's cells are not quoted (hn_dataset_options.plain) */
    size_t n_words;
    const char *const *words; /* (n_words,): word i is number i + 2; NULL: to be found */
    uint64_t hash;            /* of the words */
} hn_text_rule;

typedef struct hn_sample_block {
    hn_sample_type type;
    size_t rank, shape[HN_SAMPLE_MAX_RANK]; /* of a row: (features), (steps, features), (channels, height,
                                               width) */
    size_t size;                            /* values a row */
    const void *values;                     /* (rows, size); of texts the numbers of their words */
    const uint64_t *starts;   /* (rows + 1,): where each text begins among values, the end; NULL: no texts */
    const hn_text_rule *text; /* of words numbered here; NULL otherwise */
} hn_sample_block;

/* Bytes of a value. */
size_t hn_sample_value_size(hn_sample_type type);
/* Values that are scaled together are a channel: those of an image by its first dimension, else all. */
size_t hn_sample_channels(size_t rank, const size_t *shape);

/* Rows of a block as a model sees them: (value - center) / scale of its channel. Borrowed. */
typedef struct hn_sample_view {
    const hn_sample_block *block;
    const size_t *rows;           /* of the block; NULL: all */
    const double *center, *scale; /* (channels,) */
    const int32_t *tokens;        /* of texts: (n_words + 2,) of each number; NULL: the number itself */
} hn_sample_view;

/* Row i of the view: out (size,). O(size). */
void hn_sample_row(const hn_sample_view *view, size_t i, float *out);

#endif
