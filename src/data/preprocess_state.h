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
    size_t offset;           /* first column of the matrix */
} hn_fitted_column;

struct hn_preprocess {
    hn_arena arena;
    bool has_header;
    size_t n_columns, width;
    const char **names;    /* (n_columns,) */
    hn_column_kind *kinds; /* (n_columns,) */
    hn_fitted_column *columns;
};

/* Columns of the matrix that a fitted column takes. */
size_t hn_fitted_column_width(const hn_fitted_column *column);
/* An empty object with room for n columns; NULL when memory is out. */
hn_preprocess *hn_preprocess_new(size_t n_columns);

#endif
