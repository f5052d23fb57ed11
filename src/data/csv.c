/* csv.c: one pass over the text, cutting cells in place. Doubled quotes shrink a cell, so that its bytes are
 * moved down within its own space; the byte after each cell (a delimiter, line end or quote) becomes its NUL.
 */
#include "data/csv.h"

#include <string.h>

#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_input.h"

enum { SNIFFED_LINES = 20 };

typedef struct scanner {
    hn_csv *csv;
    char *text; /* NUL-terminated */
    size_t size, at;
    size_t line;             /* 1-based, of text[at] */
    unsigned char stop[256]; /* bytes that end an unquoted cell */
    hone_error *err;
} scanner;

static hone_status fail_line(const scanner *s, hone_status status, size_t line, const char *message)
{
    hn_position at = {.source = s->csv->path, .line = (int)line};
    return hn_fail_at(s->err, status, at, "%s", message);
}

/* --- encoding ----------------------------------------------------------------------------------------------
 */

/* Length of the UTF-8 sequence at p (0: invalid), RFC 3629. p is NUL-terminated, so that looking ahead is
 * safe. */
static size_t utf8_length(const unsigned char *p)
{
    if (p[0] < 0x80)
        return 1;
    size_t length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return 0;
    unsigned char low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    unsigned char high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

/* Refuses NUL bytes and invalid UTF-8; eight ASCII bytes are passed at a time. */
static hone_status check_text(scanner *s)
{
    size_t at = 0, line = 1;
    while (at < s->size) {
        uint64_t word;
        if (at + sizeof word <= s->size) {
            memcpy(&word, s->text + at, sizeof word);
            /* No byte has its high bit, and no byte is zero (the classic borrow test). */
            uint64_t zero = (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
            if (!(word & UINT64_C(0x8080808080808080)) && !zero) {
                at += sizeof word;
                continue;
            }
        }
        size_t length = s->text[at] ? utf8_length((const unsigned char *)s->text + at) : 0;
        if (!length) {
            for (size_t i = 0; i < at; i++)
                line += s->text[i] == '\n';
            return fail_line(
                s, HONE_PARSE, line,
                s->text[at]
                    ? "a byte that is not UTF-8; convert the file, for example with iconv -f latin1 -t utf-8"
                    : "a NUL byte: this is not a text file");
        }
        at += length;
    }
    return HONE_OK;
}

/* --- delimiter ---------------------------------------------------------------------------------------------
 */

/* Occurrences of c outside quotes in each of the first lines; returns the number of lines counted. */
static size_t count_per_line(const scanner *s, char c, size_t counts[SNIFFED_LINES])
{
    size_t n = 0, count = 0;
    bool quoted = false, blank = true;
    for (size_t i = s->at; i <= s->size && n < SNIFFED_LINES; i++) {
        char byte = s->text[i];
        quoted ^= byte == '"';
        if (!quoted && (byte == '\n' || byte == '\r' || i == s->size)) {
            if (!blank)
                counts[n++] = count;
            count = 0;
            blank = true;
        } else {
            count += !quoted && byte == c;
            blank = false;
        }
    }
    return n;
}

/* The candidate found equally often in most lines; ties go to the more frequent, then to the earlier. */
static char detect_delimiter(const scanner *s)
{
    static const char candidates[] = {',', '\t', ';', '|'};
    char best = ',';
    size_t best_score = 0;
    for (size_t k = 0; k < sizeof candidates; k++) {
        size_t counts[SNIFFED_LINES];
        size_t n = count_per_line(s, candidates[k], counts);
        size_t equal = 0;
        for (size_t i = 0; i < n; i++)
            equal += counts[i] == counts[0] && counts[0] > 0;
        size_t frequency = n && counts[0] < HN_CSV_MAX_COLUMNS ? counts[0] : 0;
        size_t score = equal * (HN_CSV_MAX_COLUMNS + 1) + frequency;
        if (equal && score > best_score) {
            best_score = score;
            best = candidates[k];
        }
    }
    return best;
}

/* --- cells -------------------------------------------------------------------------------------------------
 */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static hone_status push_cell(scanner *s, size_t begin, size_t end, size_t n_cells)
{
    hn_csv *csv = s->csv;
    if (end - begin > HN_CSV_MAX_FIELD_BYTES)
        return fail_line(s, HONE_LIMIT, s->line, "a field is longer than 1 MiB; is a quote missing?");
    if (HN_GROW(csv->cells, n_cells, csv->cell_capacity) != 0)
        return hn_out_of_memory(s->err);
    csv->cells[n_cells] = (hn_cell){.offset = (uint32_t)begin, .size = (uint32_t)(end - begin)};
    return HONE_OK;
}

/* s->at is on the opening quote. Moves the content together, counting line ends; leaves s->at after the
 * closing quote. */
static hone_status scan_quoted(scanner *s, size_t *begin, size_t *end)
{
    size_t opened = s->line;
    size_t from = s->at + 1, to = from;
    *begin = from;
    for (;;) {
        char *quote = memchr(s->text + from, '"', s->size - from);
        if (!quote)
            return fail_line(s, HONE_PARSE, opened, "a quoted field that begins here is never closed");
        size_t piece = (size_t)(quote - s->text) - from;
        for (size_t i = 0; i < piece; i++)
            s->line += s->text[from + i] == '\n';
        memmove(s->text + to, s->text + from, piece);
        to += piece;
        from += piece + 1;
        if (s->text[from] != '"')
            break;
        s->text[to++] = '"';
        from++;
    }
    *end = to;
    s->at = from;
    while (is_blank(s->text[s->at]) && !s->stop[(unsigned char)s->text[s->at]])
        s->at++;
    if (!s->stop[(unsigned char)s->text[s->at]])
        return fail_line(s, HONE_PARSE, s->line,
                         "text after the closing quote of a field; write a quote inside a field twice");
    return HONE_OK;
}

/* Ends on the byte that stopped the cell. */
static hone_status scan_cell(scanner *s, size_t *begin, size_t *end)
{
    while (is_blank(s->text[s->at]) && !s->stop[(unsigned char)s->text[s->at]])
        s->at++;
    if (s->text[s->at] == '"')
        return scan_quoted(s, begin, end);
    *begin = s->at;
    while (!s->stop[(unsigned char)s->text[s->at]])
        s->at++;
    *end = s->at;
    while (*end > *begin && is_blank(s->text[*end - 1]))
        --*end;
    return HONE_OK;
}

/* One row; s->at is on its first byte, afterwards on the first byte of the next line. */
static hone_status scan_row(scanner *s, size_t *n_cells, size_t *count)
{
    *count = 0;
    for (;;) {
        size_t begin = 0, end = 0;
        hone_status status = scan_cell(s, &begin, &end);
        if (!status && *count == HN_CSV_MAX_COLUMNS)
            status = fail_line(s, HONE_LIMIT, s->line, "more than 65536 columns");
        if (!status)
            status = push_cell(s, begin, end, *n_cells);
        if (status)
            return status;
        ++*n_cells;
        ++*count;
        char stopped = s->text[s->at];
        bool crlf = stopped == '\r' && s->text[s->at + 1] == '\n';
        s->text[end] = '\0';
        if (s->at < s->size)
            s->at += crlf ? 2 : 1;
        if (stopped != s->csv->delimiter) {
            s->line++;
            return HONE_OK;
        }
    }
}

static void skip_lines(scanner *s, size_t n)
{
    for (size_t i = 0; i < n && s->at < s->size; i++) {
        char *end = memchr(s->text + s->at, '\n', s->size - s->at);
        s->at = end ? (size_t)(end - s->text) + 1 : s->size;
        s->line++;
    }
}

static bool skip_blank_line(scanner *s)
{
    size_t i = s->at;
    while (i < s->size && s->text[i] == ' ')
        i++;
    if (i < s->size && s->text[i] != '\n' && s->text[i] != '\r')
        return false;
    s->at = i < s->size ? i + 1 + (s->text[i] == '\r' && s->text[i + 1] == '\n') : s->size;
    s->line++;
    return true;
}

static hone_status fail_ragged(const scanner *s, size_t line, size_t count)
{
    const hn_csv *csv = s->csv;
    hn_position at = {.source = csv->path, .line = (int)line};
    const char *delimiter = csv->delimiter == '\t'  ? "tab"
                            : csv->delimiter == ',' ? "comma"
                            : csv->delimiter == ';' ? "semicolon"
                            : csv->delimiter == '|' ? "bar"
                                                    : (char[2]){csv->delimiter, '\0'};
    return hn_fail_at(
        s->err, HONE_PARSE, at,
        "a row of %zu field%s, but line %u has %zu (delimiter: %s); quote fields that contain the "
        "delimiter, or skip lines before the table with skip_rows",
        count, count == 1 ? "" : "s", csv->lines[0], csv->n_columns, delimiter);
}

static hone_status scan_table(scanner *s)
{
    hn_csv *csv = s->csv;
    size_t n_cells = 0;
    while (s->at < s->size) {
        if (skip_blank_line(s))
            continue;
        size_t line = s->line, count;
        hone_status status = scan_row(s, &n_cells, &count);
        if (status)
            return status;
        if (HN_GROW(csv->lines, csv->n_rows, csv->line_capacity) != 0)
            return hn_out_of_memory(s->err);
        csv->lines[csv->n_rows++] = (uint32_t)line;
        if (csv->n_rows == 1)
            csv->n_columns = count;
        if (count != csv->n_columns)
            return fail_ragged(s, line, count);
    }
    if (!csv->n_rows)
        return hn_fail(s->err, HONE_PARSE, "%s: no rows: the file is empty%s", csv->path,
                       s->line > 1 ? " after the lines skipped" : "");
    return HONE_OK;
}

hone_status hn_csv_read(const char *path, const hn_csv_options *options, hn_csv *csv, hone_error *err)
{
    *csv = (hn_csv){.path = path};
    size_t limit = options->max_bytes ? options->max_bytes : (size_t)1 << 30;
    if (limit > UINT32_MAX)
        limit = UINT32_MAX;
    hone_status status = hn_file_read(path, limit, &csv->text, err);
    if (status)
        return status;
    if (!csv->text.data)
        return hn_fail(err, HONE_PARSE, "%s: no rows: the file is empty", path);

    scanner s = {.csv = csv, .text = csv->text.data, .size = csv->text.size, .line = 1, .err = err};
    if (s.size >= 3 && memcmp(s.text, "\xEF\xBB\xBF", 3) == 0)
        s.at = 3;
    status = check_text(&s);
    if (status)
        return status;
    skip_lines(&s, options->skip_rows);
    csv->delimiter = options->delimiter ? options->delimiter : detect_delimiter(&s);
    s.stop[(unsigned char)csv->delimiter] = s.stop['\n'] = s.stop['\r'] = s.stop['\0'] = 1;
    return scan_table(&s);
}

void hn_csv_release(hn_csv *csv)
{
    hn_buffer_release(&csv->text);
    hn_free(csv->cells);
    hn_free(csv->lines);
    *csv = (hn_csv){0};
}
