/* data/preprocess_state.h: the fitted numbers, shared by fitting (preprocess.c) and saving
 * (preprocess_save.c). */
#ifndef HN_DATA_PREPROCESS_STATE_H
#define HN_DATA_PREPROCESS_STATE_H

#include "data/preprocess.h"

typedef struct hn_fitted_column {
    hn_column_kind kind;
    double missing;          /* replaces a missing value; the index of a category for a categorical column */
    double center, scale;    /* numeric: out = (x - center) / scale */
    size_t n_categories;     /* kept */
    const char **categories; /* (n_categories,), ascending by bytes */
    bool ordinal;            /* one column with the category's index */
    size_t offset;           /* first of its columns among those of all */
} hn_fitted_column;

/* Of data whose features are one array a row. */
typedef struct hn_fitted_samples {
    hn_sample_type type;
    size_t rank, shape[HN_SAMPLE_MAX_RANK], size;
    double *center, *scale;   /* (channels,) */
    const hn_text_rule *text; /* the vocabulary; NULL: no text */
    uint64_t words_hash;      /* of all words of the file it was fitted to; 0 when it was loaded */
    const int32_t *tokens;    /* (those words + 2,): the token of each number there */
} hn_fitted_samples;

struct hn_preprocess {
    atomic_size_t sharers; /* owners beside the first */
    hn_arena arena;
    hn_fitted_samples *samples; /* then there are no columns; NULL otherwise */
    bool has_header;
    size_t n_columns;
    size_t full_width;     /* columns before any is left out */
    size_t width;          /* of the matrix */
    size_t *position;      /* (full_width,): the column's place in the matrix, SIZE_MAX when it is left out */
    const char **names;    /* (n_columns,) */
    hn_column_kind *kinds; /* (n_columns,) */
    hn_fitted_column *columns;
};

/* Columns that a fitted column makes. */
size_t hn_fitted_column_width(const hn_fitted_column *column);
/* Categories with a column each. */
bool hn_fitted_column_is_one_hot(const hn_fitted_column *column);
/* *index (column->n_categories,): the fitted index of each of the column's categories, -1 when it was not
 * kept; free with hn_free. NULL for numbers. */
hone_status hn_fitted_column_translate(const hn_fitted_column *fitted, const hn_column *column,
                                       int64_t **index, hone_error *err);
/* Its columns for n rows (NULL: the first n): out[i * stride + position[c]]; SIZE_MAX leaves a column out. */
void hn_fitted_column_apply(const hn_fitted_column *fitted, const hn_column *column, const int64_t *index,
                            const size_t *rows, size_t n, const size_t *position, size_t stride, double *out);
/* Every column of the fitted ones takes its place in the matrix; false when memory is out. */
bool hn_preprocess_keep_all(hn_preprocess *p);
/* preprocess_select.c: leaves columns out. */
hone_status hn_preprocess_select(const hn_preprocess_options *options, const hn_dataset *dataset,
                                 const size_t *rows, size_t n, hn_preprocess *p, hone_error *err);
/* preprocess_samples.c: the same for samples. p is new. */
hone_status hn_preprocess_fit_samples(const hn_preprocess_options *options, const hn_dataset *dataset,
                                      const size_t *rows, size_t n, hn_preprocess *p, hone_error *err);
/* Rows from .. from + n - 1 of a view: value k of the i-th at out[k * column_step + i * row_step]. */
hone_status hn_preprocess_read_samples(const hn_sample_view *view, size_t from, size_t n, double *out,
                                       size_t column_step, size_t row_step, hone_error *err);
hn_node *hn_preprocess_save_samples(const hn_fitted_samples *samples, hn_arena *arena);
hone_status hn_preprocess_load_samples(const hn_node *node, hn_preprocess *p, hone_error *err);
/* preprocess_text.c: the words that are most frequent in the rows, of equally frequent ones those that appear
 * first. p->samples is there, without its text. */
hone_status hn_vocabulary_fit(const hn_dataset *dataset, const size_t *rows, size_t n, hn_preprocess *p,
                              hone_error *err);
/* Adds what makes tokens of the dataset's words. HONE_INVALID when it was read neither for this vocabulary
 * nor to fit it. */
hone_status hn_vocabulary_view(const hn_fitted_samples *fitted, const hn_dataset *dataset,
                               hn_sample_view *view, hone_error *err);
hn_node *hn_vocabulary_save(const hn_text_rule *rule, hn_arena *arena);
/* NULL when it is damaged or memory is out. */
const hn_text_rule *hn_vocabulary_load(const hn_node *node, size_t length, hn_arena *arena);
/* An empty object with room for n columns; NULL when memory is out. */
hn_preprocess *hn_preprocess_new(size_t n_columns);

#endif
