/* view/table.h: aligned columns for a terminal. Describe the columns, add the cells row by row, write.
 * Failure is sticky and told by hn_table_write. One thread at a time. */
#ifndef HN_VIEW_TABLE_H
#define HN_VIEW_TABLE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "hone/app.h"

typedef enum hn_align { HN_ALIGN_LEFT, HN_ALIGN_RIGHT } hn_align;

/* What a row or a word is painted as, where colours are wanted. */
typedef enum hn_style {
    HN_STYLE_PLAIN,
    HN_STYLE_STRONG,
    HN_STYLE_GOOD,
    HN_STYLE_BAD,
    HN_STYLE_FAINT
} hn_style;

typedef struct hn_table_column {
    const char *title;
    hn_align align;
    bool flexible; /* may be cut when the table is too wide; when that is not enough columns leave, from the
                      right ... */
    bool kept;     /* ... but not this one */
    bool hidden;
    size_t width;
    size_t least; /* it is cut to this before other columns leave; numbers are whole then */
} hn_table_column;

typedef struct hn_table {
    hn_arena arena;
    size_t n_columns, columns_capacity;
    hn_table_column *columns;
    size_t n_cells, cells_capacity;
    const char **cells; /* (n_rows, n_columns) row-major */
    size_t n_styles, styles_capacity;
    hn_style *styles; /* one a row */
    bool failed;
} hn_table;

#define HN_TABLE_INIT                                                                                        \
    {                                                                                                        \
        0                                                                                                    \
    }

void hn_table_add_column(hn_table *table, const char *title, hn_align align, bool flexible);
/* The column added last stays when others have to leave. */
void hn_table_keep_column(hn_table *table);
/* The next cell; copied. Control characters become blanks. NULL is an empty cell. */
void hn_table_add(hn_table *table, const char *text);
/* At most `digits` significant digits; NaN is an empty cell. */
void hn_table_add_number(hn_table *table, double value, int digits);
void hn_table_add_int(hn_table *table, long long value);
/* The style of the row that is being filled. */
void hn_table_set_style(hn_table *table, hn_style style);
/* Title row (when `titles`) and rows. Lines are no wider than the terminal (or than columns, where the sink
 * has them); output that is no terminal and has no width is not cut. */
hone_status hn_table_write(hn_table *table, const hone_sink *sink, bool titles, hone_error *err);
void hn_table_release(hn_table *table);

/* Appends text, in its style when color. */
void hn_style_text(hn_buffer *out, bool color, hn_style style, const char *text);
/* How many columns a line may take; 0 = any number. */
size_t hn_sink_width(const hone_sink *sink);
/* Hands a buffer to the sink; HONE_OUT_OF_MEMORY when it failed. */
hone_status hn_sink_write(const hone_sink *sink, const hn_buffer *text, hone_error *err);

#endif
