/* csv_blocks.c: text is gathered until it holds a block's bytes; the rows that are whole go to hn_csv_cut,
 * the rest waits for the next block. */
#include "data/csv_blocks.h"

#include <string.h>

#include "base/memory.h"
#include "base/os_input.h"

struct hn_csv_blocks {
    const char *path;
    hn_csv_options options;
    size_t block_bytes, max_bytes;
    hn_input *input;
    hn_buffer pending; /* read, but not cut */
    bool begun, ended;
    char delimiter;
    size_t line; /* of the first byte pending */
    size_t n_columns;
    uint32_t head_line;
};

hone_status hn_csv_blocks_open(const char *path, const hn_csv_options *options, size_t block_bytes,
                               hn_csv_blocks **blocks, hone_error *err)
{
    hn_csv_blocks *made = hn_calloc(1, sizeof *made);
    if (!made)
        return hn_out_of_memory(err);
    *made = (hn_csv_blocks){.path = path, .options = *options};
    made->block_bytes = block_bytes ? block_bytes : HN_CSV_BLOCK_BYTES;
    made->max_bytes = options->max_bytes ? options->max_bytes : HN_CSV_USUAL_BYTES;
    hone_status status = hn_input_open(hn_csv_is_stdin(path) ? NULL : path, &made->input, err);
    if (status) {
        hn_csv_blocks_close(made);
        return status;
    }
    *blocks = made;
    return HONE_OK;
}

void hn_csv_blocks_close(hn_csv_blocks *blocks)
{
    if (!blocks)
        return;
    hn_input_close(blocks->input);
    hn_buffer_release(&blocks->pending);
    hn_free(blocks);
}

/* --- where the last whole row ends --- */

/* The end of the quoted cell whose quote is at p: the byte after its closing quote; NULL when it is open. */
static const char *skip_quoted(const char *p, const char *end)
{
    for (p++;; p += 2) {
        p = memchr(p, '"', (size_t)(end - p));
        if (!p || p + 1 == end || p[1] != '"')
            return p ? p + 1 : NULL;
    }
}

/* Cell by cell: a line end inside quotes ends no row. */
static size_t whole_rows_quoted(const hn_buffer *text, size_t from, char delimiter)
{
    const char *p = text->data + from, *end = text->data + text->size;
    size_t whole = from;
    while (p && p < end) {
        while (p < end && *p != delimiter && (*p == ' ' || *p == '\t'))
            p++;
        if (p < end && *p == '"')
            p = skip_quoted(p, end);
        while (p && p < end && *p != delimiter && *p != '\n' && *p != '\r')
            p++;
        if (!p || p == end)
            break;
        bool ends = *p != delimiter, crlf = *p == '\r' && p + 1 < end && p[1] == '\n';
        if (*p == '\r' && p + 1 == end)
            break;
        p += crlf ? 2 : 1;
        if (ends)
            whole = (size_t)(p - text->data);
    }
    return whole;
}

/* Bytes of text up to the end of its last whole row; from when there is none. */
static size_t whole_rows(const hn_buffer *text, size_t from, char delimiter, bool plain)
{
    size_t size = text->size - from;
    if (!plain && memchr(text->data + from, '"', size))
        return whole_rows_quoted(text, from, delimiter);
    const char *end = memrchr(text->data + from, '\n', size);
    if (!end && size > 1)
        end = memrchr(text->data + from, '\r', size - 1); /* the last byte may be half of a CRLF */
    return end ? (size_t)(end - text->data) + 1 : from;
}

/* --- blocks --- */

/* Reads on until there are whole rows: text[from .. *whole). */
static hone_status gather(hn_csv_blocks *b, size_t *from, size_t *whole, hone_error *err)
{
    hn_csv head = {.path = b->path};
    for (size_t wanted = b->block_bytes;; wanted *= 2) {
        if (!b->ended && b->pending.size < wanted) {
            hone_status status =
                hn_input_read(b->input, wanted - b->pending.size, &b->pending, &b->ended, err);
            if (status)
                return status;
        }
        *from = 0;
        if (!b->begun) {
            head.text = b->pending;
            hn_csv_begin(&head, &b->options, from, &b->line);
            b->delimiter = head.delimiter;
        }
        *whole = b->ended ? b->pending.size : whole_rows(&b->pending, *from, b->delimiter, b->options.plain);
        if (b->ended || *whole > *from)
            return HONE_OK;
        if (b->pending.size > b->max_bytes)
            return hn_fail(err, HONE_LIMIT, "%s: line %zu is longer than the %zu bytes allowed", b->path,
                           b->line, b->max_bytes);
    }
}

/* Hands the whole rows to csv and keeps the rest. */
static hone_status take(hn_csv_blocks *b, size_t whole, hn_csv *csv, hone_error *err)
{
    hn_buffer rest = HN_BUFFER_INIT;
    hn_buffer_append(&rest, b->pending.data + whole, b->pending.size - whole);
    csv->text = b->pending;
    csv->text.size = whole;
    b->pending = rest;
    return hn_buffer_failed(&rest) ? hn_out_of_memory(err) : HONE_OK;
}

hone_status hn_csv_blocks_next(hn_csv_blocks *b, hn_csv *csv, hone_error *err)
{
    const char *name = hn_csv_is_stdin(b->path) ? "standard input" : b->path;
    *csv = (hn_csv){.path = name, .head_line = b->head_line};
    while (!csv->n_rows && (!b->ended || b->pending.size)) {
        size_t from, whole;
        hn_csv_release(csv);
        csv->path = name;
        hone_status status = gather(b, &from, &whole, err);
        if (!status)
            status = take(b, whole, csv, err);
        if (status)
            return status;
        b->begun = true;
        csv->delimiter = b->delimiter;
        csv->plain = b->options.plain;
        csv->n_columns = b->n_columns;
        csv->head_line = b->head_line;
        status = hn_csv_cut(csv, from, &b->line, err);
        if (status)
            return status;
        b->n_columns = csv->n_columns;
        b->head_line = csv->head_line;
    }
    return csv->n_rows || b->n_columns ? HONE_OK : hn_csv_fail_empty(csv, &b->options, err);
}
