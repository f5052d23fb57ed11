/* data/csv.h: delimited text (CSV, TSV) cut into cells: RFC 4180 quotes (doubled quotes, line breaks inside),
 * LF, CRLF or CR line ends, a UTF-8 byte order mark, gzip by content. Every row has the same number of cells.
 * One thread at a time.
 */
#ifndef HN_DATA_CSV_H
#define HN_DATA_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum { HN_CSV_MAX_COLUMNS = 65536, HN_CSV_MAX_FIELD_BYTES = 1 << 20, HN_CSV_USUAL_BYTES = 1 << 30 };

typedef struct hn_csv_options {
    char delimiter;   /* 0: detected among comma, tab, semicolon and bar */
    size_t skip_rows; /* lines before the table begins */
    size_t max_bytes; /* of the inflated file; 0 = 1 GiB, never above 4 GiB */
    bool plain;       /* no cell is quoted: quotes are text */
} hn_csv_options;

/* Offsets into the text keep a cell at 8 bytes. */
typedef struct hn_cell {
    uint32_t offset, size;
} hn_cell;

typedef struct hn_csv {
    const char *path; /* borrowed: names the file in errors; "standard input" for "-" */
    hn_buffer text;   /* cells are cut in place and NUL-terminated */
    char delimiter;
    bool plain; /* quotes are text */
    size_t n_rows, n_columns;
    hn_cell *cells;     /* (n_rows, n_columns) row-major */
    uint32_t *lines;    /* (n_rows,): the line each row begins in, 1-based */
    uint32_t head_line; /* the line of the first row of all, which gave n_columns */
    size_t cell_capacity, line_capacity;
} hn_csv;

/* Errors: HONE_IO, HONE_LIMIT; HONE_PARSE with the line: ragged rows (both counts), no rows, an unterminated
 * quote, text after a closing quote, NUL bytes, invalid UTF-8. Blank lines are skipped; blanks around
 * unquoted cells are not part of them. Release in any case. O(bytes). */
hone_status hn_csv_read(const char *path, const hn_csv_options *options, hn_csv *csv, hone_error *err);
void hn_csv_release(hn_csv *csv);
/* "-", which means standard input. */
bool hn_csv_is_stdin(const char *path);

/* The steps of hn_csv_read, for csv->text read otherwise: where the table begins (after a byte order mark and
 * the lines to skip) and its delimiter; then the text from there, which begins on *line and ends with a row,
 * as rows. csv->n_columns, when set, is what rows must have. No rows are no error. */
void hn_csv_begin(hn_csv *csv, const hn_csv_options *options, size_t *from, size_t *line);
hone_status hn_csv_cut(hn_csv *csv, size_t from, size_t *line, hone_error *err);
hone_status hn_csv_fail_empty(const hn_csv *csv, const hn_csv_options *options, hone_error *err);

static inline const char *hn_csv_text(const hn_csv *csv, size_t row, size_t column)
{
    return csv->text.data + csv->cells[row * csv->n_columns + column].offset;
}

static inline size_t hn_csv_size(const hn_csv *csv, size_t row, size_t column)
{
    return csv->cells[row * csv->n_columns + column].size;
}

#endif
