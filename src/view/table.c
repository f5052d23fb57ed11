#include "view/table.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "view/width.h"

enum {
    GAP = 2,        /* blanks between columns */
    LEAST_CUT = 12, /* a cut column keeps this many characters as long as others may leave */
    LEAST_OF_ALL = 2,
};

/* --- filling --- */

void hn_table_add_column(hn_table *table, const char *title, hn_align align, bool flexible)
{
    const char *copy = hn_arena_strdup(&table->arena, title);
    if (!copy || HN_GROW(table->columns, table->n_columns, table->columns_capacity)) {
        table->failed = true;
        return;
    }
    table->columns[table->n_columns++] = (hn_table_column){.title = copy,
                                                           .align = align,
                                                           .flexible = flexible,
                                                           .width = hn_text_width(copy),
                                                           .least = LEAST_CUT};
}

void hn_table_keep_column(hn_table *table)
{
    if (table->n_columns) {
        table->columns[table->n_columns - 1].kept = true;
    }
}

static bool begin_row(hn_table *table)
{
    if (HN_GROW(table->styles, table->n_styles, table->styles_capacity)) {
        return false;
    }
    table->styles[table->n_styles++] = HN_STYLE_PLAIN;
    return true;
}

void hn_table_add(hn_table *table, const char *text)
{
    char *copy = table->failed ? NULL : hn_arena_strdup(&table->arena, text ? text : "");
    if (!copy || HN_GROW(table->cells, table->n_cells, table->cells_capacity) ||
        (table->n_cells % table->n_columns == 0 && !begin_row(table))) {
        table->failed = true;
        return;
    }
    for (char *c = copy; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            *c = ' ';
        }
    }
    hn_table_column *column = &table->columns[table->n_cells % table->n_columns];
    size_t width = hn_text_width(copy);
    column->width = width > column->width ? width : column->width;
    if (column->align == HN_ALIGN_RIGHT && width > column->least) {
        column->least = width;
    }
    table->cells[table->n_cells++] = copy;
}

void hn_table_add_number(hn_table *table, double value, int digits)
{
    char text[HN_NUMBER_SIZE] = "";
    if (!isnan(value)) {
        hn_format_short(text, value, digits);
    }
    hn_table_add(table, text);
}

void hn_table_add_int(hn_table *table, long long value)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_buffer_int(&text, value);
    table->failed = table->failed || hn_buffer_failed(&text);
    hn_table_add(table, hn_buffer_string(&text));
    hn_buffer_release(&text);
}

void hn_table_set_style(hn_table *table, hn_style style)
{
    if (table->n_styles) {
        table->styles[table->n_styles - 1] = style;
    }
}

void hn_table_release(hn_table *table)
{
    hn_arena_release(&table->arena);
    hn_free(table->columns);
    hn_free(table->cells);
    hn_free(table->styles);
    *table = (hn_table)HN_TABLE_INIT;
}

/* --- fitting --- */

static size_t total_width(const hn_table *table)
{
    size_t total = 0, shown = 0;
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!table->columns[i].hidden) {
            total += table->columns[i].width;
            shown++;
        }
    }
    return total + (shown ? GAP * (shown - 1) : 0);
}

/* last_resort: also below what it should keep. */
static hn_table_column *widest_flexible(const hn_table *table, bool last_resort)
{
    hn_table_column *widest = NULL;
    for (size_t i = 0; i < table->n_columns; i++) {
        hn_table_column *column = &table->columns[i];
        size_t least = last_resort ? LEAST_OF_ALL : column->least;
        if (column->flexible && !column->hidden && column->width > least &&
            (!widest || column->width > widest->width)) {
            widest = column;
        }
    }
    return widest;
}

/* The first column always stays. */
static hn_table_column *last_to_leave(const hn_table *table)
{
    for (size_t i = table->n_columns; i-- > 1;) {
        if (!table->columns[i].hidden && !table->columns[i].kept) {
            return &table->columns[i];
        }
    }
    return NULL;
}

static void fit(hn_table *table, size_t width)
{
    while (width && total_width(table) > width) {
        hn_table_column *widest = widest_flexible(table, false);
        hn_table_column *leaving = widest ? NULL : last_to_leave(table);
        if (leaving) {
            leaving->hidden = true;
            continue;
        }
        widest = widest ? widest : widest_flexible(table, true);
        if (!widest) {
            return;
        }
        widest->width--;
    }
}

/* --- writing --- */

void hn_style_text(hn_buffer *out, bool color, hn_style style, const char *text)
{
    static const char *const codes[] = {"", "\033[1m", "\033[32m", "\033[31m", "\033[2m"};
    if (color && style != HN_STYLE_PLAIN) {
        hn_buffer_printf(out, "%s%s\033[0m", codes[style], text);
    } else {
        hn_buffer_text(out, text);
    }
}

size_t hn_sink_width(const hone_sink *sink)
{
    enum { USUAL_WIDTH = 80 };
    if (sink->columns > 0) {
        return (size_t)sink->columns;
    }
    return sink->terminal ? USUAL_WIDTH : 0;
}

hone_status hn_sink_write(const hone_sink *sink, const hn_buffer *text, hone_error *err)
{
    if (hn_buffer_failed(text)) {
        return hn_out_of_memory(err);
    }
    if (text->size) {
        sink->write(sink->user, text->data, text->size);
    }
    return HONE_OK;
}

static void pad(hn_buffer *line, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hn_buffer_char(line, ' ');
    }
}

static void write_cell(hn_buffer *line, const hn_table_column *column, const char *text)
{
    size_t width = hn_text_width(text);
    if (width > column->width) {
        size_t size = hn_text_fit(text, column->width - 1);
        while (size && text[size - 1] == ' ') {
            size--;
        }
        size_t before = line->size;
        hn_buffer_append(line, text, size);
        hn_buffer_text(line, "…");
        pad(line, line->failed ? 0 : column->width - hn_text_width(line->data + before));
        return;
    }
    if (column->align == HN_ALIGN_RIGHT) {
        pad(line, column->width - width);
    }
    hn_buffer_text(line, text);
    if (column->align == HN_ALIGN_LEFT) {
        pad(line, column->width - width);
    }
}

/* cells NULL: the titles. */
static void write_row(hn_buffer *out, hn_buffer *line, const hn_table *table, const char *const *cells,
                      hn_style style, bool color)
{
    hn_buffer_clear(line);
    for (size_t i = 0; i < table->n_columns; i++) {
        const hn_table_column *column = &table->columns[i];
        if (column->hidden) {
            continue;
        }
        if (i) {
            pad(line, GAP);
        }
        write_cell(line, column, cells ? cells[i] : column->title);
    }
    while (line->size && line->data[line->size - 1] == ' ') {
        line->data[--line->size] = '\0';
    }
    hn_style_text(out, color, style, hn_buffer_string(line));
    hn_buffer_char(out, '\n');
    out->failed = out->failed || hn_buffer_failed(line);
}

static void write_hidden(hn_buffer *out, hn_buffer *line, const hn_table *table, size_t width)
{
    size_t n = 0;
    hn_buffer_clear(line);
    hn_buffer_text(line, "not shown for want of width:");
    for (size_t i = 0; i < table->n_columns; i++) {
        if (table->columns[i].hidden) {
            hn_buffer_printf(line, "%s %s", n++ ? "," : "", table->columns[i].title);
        }
    }
    if (n) {
        hn_buffer_append(out, hn_buffer_string(line), hn_text_fit(hn_buffer_string(line), width));
        hn_buffer_char(out, '\n');
    }
    out->failed = out->failed || hn_buffer_failed(line);
}

hone_status hn_table_write(hn_table *table, const hone_sink *sink, bool titles, hone_error *err)
{
    if (table->failed) {
        return hn_out_of_memory(err);
    }
    size_t width = hn_sink_width(sink);
    fit(table, width);
    hn_buffer out = HN_BUFFER_INIT, line = HN_BUFFER_INIT;
    if (titles) {
        write_row(&out, &line, table, NULL, HN_STYLE_STRONG, sink->color);
    }
    for (size_t row = 0; row < table->n_styles; row++) {
        write_row(&out, &line, table, table->cells + row * table->n_columns, table->styles[row], sink->color);
    }
    write_hidden(&out, &line, table, width);
    hone_status status = hn_sink_write(sink, &out, err);
    hn_buffer_release(&out);
    hn_buffer_release(&line);
    return status;
}
