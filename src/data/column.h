/* data/column.h: a column of cells as numbers or categories. */
#ifndef HN_DATA_COLUMN_H
#define HN_DATA_COLUMN_H

#include "data/csv.h"
#include "data/dataset.h"

/* How the cells of one column are to be read. */
typedef struct hn_column_source {
    const hn_csv *csv;
    size_t first_row; /* 1 under a header */
    size_t column;    /* in the file */
    const char *name;
    const char *const *missing; /* more spellings, or NULL */
    int kind;                   /* a forced hn_column_kind; 0: inferred */
} hn_column_source;

/* True for the usual spellings of a missing value and those in more (NULL-terminated; may be NULL). */
bool hn_cell_is_missing(const char *text, size_t size, const char *const *more);

/* Fills values (n,) and *column, whose values point there; names and categories go into the arena. */
hone_status hn_column_read(const hn_column_source *source, hn_arena *arena, double *values, hn_column *column,
                           hone_error *err);

/* Replaces text categories' codes by those of a sorted list: sorts names (n,), rewrites values (rows,). */
hone_status hn_categories_sort(const char **names, size_t n, bool as_numbers, double *values, size_t rows,
                               hone_error *err);

#endif
