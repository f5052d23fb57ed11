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

/* What reading a column's cells as numbers saw. */
typedef struct hn_tally {
    size_t numbers, texts, missing;
    size_t first_text; /* row in the file */
} hn_tally;

/* Reads the cells of rows from .. to-1 of the file as numbers into values (n,), NaN for the others, adding to
 * tally. Done block by block over all columns, so that the text of a block stays in the cache. */
void hn_column_scan(const hn_column_source *source, size_t from, size_t to, double *values, hn_tally *tally);

/* Completes a column whose rows were all scanned: *column, whose values point to values; names and categories
 * go into the arena. */
hone_status hn_column_finish(const hn_column_source *source, const hn_tally *tally, hn_arena *arena,
                             double *values, hn_column *column, hone_error *err);

/* Replaces text categories' codes by those of a sorted list: sorts names (n,), rewrites values (rows,). */
hone_status hn_categories_sort(const char **names, size_t n, bool as_numbers, double *values, size_t rows,
                               hone_error *err);

#endif
