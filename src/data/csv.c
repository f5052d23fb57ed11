/* csv.c: one pass over the text, cutting cells in place. Doubled quotes shrink a cell, so that its bytes are
 * moved down within its own space; the byte after each cell (a delimiter, line end or quote) becomes its NUL.
 */
#include "data/csv.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/memory.h"
#include "base/os_input.h"

enum { SNIFFED_LINES = 20 };

typedef struct scanner {
    hn_csv *csv;
    char *text; /* NUL-terminated */
    size_t size, at;
    size_t line;             /* 1-based, of text[at] */
    unsigned char stop[256]; /* bytes that end an unquoted cell */
    size_t block;            /* text[64 block ...] is what stops is of; SIZE_MAX: none yet */
    uint64_t stops;          /* bit i: byte i of that block ends an unquoted cell */
    hone_error *err;
} scanner;

static hone_status fail_line(const scanner *s, hone_status status, size_t line, const char *message)
{
    hn_position at = {.source = s->csv->path, .line = (int)line};
    return hn_fail_at(s->err, status, at, "%s", message);
}

/* --- encoding --- */

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

/* True when none of the 64 bytes at p has its high bit. */
static bool is_ascii(const char *p)
{
    uint64_t words[8], any = 0;
    memcpy(words, p, sizeof words);
    for (size_t i = 0; i < 8; i++)
        any |= words[i];
    return !(any & UINT64_C(0x8080808080808080));
}

static hone_status fail_text(const scanner *s, size_t at, const char *message)
{
    size_t line = s->line;
    for (size_t i = s->at; i < at; i++)
        line += s->text[i] == '\n';
    return fail_line(s, HONE_PARSE, line, message);
}

/* Refuses NUL bytes and invalid UTF-8. */
static hone_status check_text(const scanner *s)
{
    enum { BLOCK = 64 };
    const char *nul = memchr(s->text + s->at, '\0', s->size - s->at);
    if (nul)
        return fail_text(
            s, (size_t)(nul - s->text),
            "a NUL byte: this is no text file, or one in UTF-16; convert that with iconv -f utf-16 -t utf-8");
    for (size_t at = s->at; at < s->size;) {
        if (s->size - at >= BLOCK && is_ascii(s->text + at)) {
            at += BLOCK;
            continue;
        }
        size_t end = s->size - at >= BLOCK ? at + BLOCK : s->size;
        while (at < end) {
            size_t length = utf8_length((const unsigned char *)s->text + at);
            if (!length)
                return fail_text(s, at,
                                 "a byte that is not UTF-8; convert the file, for example with iconv -f "
                                 "latin1 -t utf-8");
            at += length;
        }
    }
    return HONE_OK;
}

/* --- delimiter --- */

/* Occurrences of c outside quotes in each of the first lines; returns the number of lines counted. */
static size_t count_per_line(const hn_csv *csv, size_t from, char c, size_t counts[SNIFFED_LINES])
{
    size_t n = 0, count = 0;
    bool quoted = false, blank = true;
    for (size_t i = from; i <= csv->text.size && n < SNIFFED_LINES; i++) {
        char byte = csv->text.data[i];
        quoted ^= !csv->plain && byte == '"';
        if (!quoted && (byte == '\n' || byte == '\r' || i == csv->text.size)) {
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
static char detect_delimiter(const hn_csv *csv, size_t from)
{
    static const char candidates[] = {',', '\t', ';', '|'};
    char best = ',';
    size_t best_score = 0;
    for (size_t k = 0; k < sizeof candidates; k++) {
        size_t counts[SNIFFED_LINES];
        size_t n = count_per_line(csv, from, candidates[k], counts);
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

/* --- cells --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Bit i tells whether byte i of the 64 at p ends an unquoted cell. */
static uint64_t find_stops(const scanner *s, const char *p)
{
    uint64_t stops = 0;
#ifdef __SSE2__
    const __m128i delimiter = _mm_set1_epi8(s->csv->delimiter), newline = _mm_set1_epi8('\n');
    const __m128i carriage = _mm_set1_epi8('\r'), nul = _mm_setzero_si128();
    for (int i = 0; i < 64; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(p + i));
        __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(bytes, newline), _mm_cmpeq_epi8(bytes, carriage));
        ends = _mm_or_si128(ends, _mm_cmpeq_epi8(bytes, delimiter));
        ends = _mm_or_si128(ends, _mm_cmpeq_epi8(bytes, nul));
        stops |= (uint64_t)(uint32_t)_mm_movemask_epi8(ends) << i;
    }
#else
    for (int i = 0; i < 64; i++)
        stops |= (uint64_t)s->stop[(unsigned char)p[i]] << i;
#endif
    return stops;
}

/* The first byte at or after `at` that ends an unquoted cell: at the latest the NUL after the text. */
static size_t next_stop(scanner *s, size_t at)
{
    for (size_t block = at / 64;; at = ++block * 64) {
        if (block != s->block) {
            s->stops = find_stops(s, s->text + block * 64);
            s->block = block;
        }
        uint64_t stops = s->stops >> at % 64;
        if (stops)
            return at + (size_t)__builtin_ctzll(stops);
    }
}

static hone_status push_cell(scanner *s, size_t begin, size_t end, size_t n_cells)
{
    hn_csv *csv = s->csv;
    if (end - begin > HN_CSV_MAX_FIELD_BYTES)
        return fail_line(s, HONE_LIMIT, s->line, "a field is longer than 1 MiB; is a quote missing?");
    if (n_cells == csv->cell_capacity && HN_GROW(csv->cells, n_cells, csv->cell_capacity) != 0)
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
        return fail_line(
            s, HONE_PARSE, s->line,
            "text after the closing quote of a field; write a quote inside a field twice, or say that no field is quoted (data: {quotes: false})");
    return HONE_OK;
}

/* Ends on the byte that stopped the cell. */
static hone_status scan_cell(scanner *s, size_t *begin, size_t *end)
{
    while (is_blank(s->text[s->at]) && !s->stop[(unsigned char)s->text[s->at]])
        s->at++;
    if (s->text[s->at] == '"' && !s->csv->plain)
        return scan_quoted(s, begin, end);
    *begin = s->at;
    *end = s->at = next_stop(s, s->at);
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
        count, count == 1 ? "" : "s", csv->head_line, csv->n_columns, delimiter);
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
        if (csv->n_rows == csv->line_capacity && HN_GROW(csv->lines, csv->n_rows, csv->line_capacity) != 0)
            return hn_out_of_memory(s->err);
        csv->lines[csv->n_rows++] = (uint32_t)line;
        if (!csv->n_columns) {
            csv->n_columns = count;
            csv->head_line = (uint32_t)line;
        }
        if (count != csv->n_columns)
            return fail_ragged(s, line, count);
    }
    return HONE_OK;
}

hone_status hn_csv_cut(hn_csv *csv, size_t from, size_t *line, hone_error *err)
{
    enum { PADDING = 64 };
    scanner s = {
        .csv = csv, .size = csv->text.size, .at = from, .line = *line, .block = SIZE_MAX, .err = err};
    char *end = hn_buffer_space(&csv->text, PADDING);
    if (!end)
        return hn_out_of_memory(err);
    memset(end, 0, PADDING);
    s.text = csv->text.data;
    s.stop[(unsigned char)csv->delimiter] = s.stop['\n'] = s.stop['\r'] = s.stop['\0'] = 1;
    hone_status status = check_text(&s);
    if (!status)
        status = scan_table(&s);
    *line = s.line;
    return status;
}

void hn_csv_begin(hn_csv *csv, const hn_csv_options *options, size_t *from, size_t *line)
{
    const hn_buffer *text = &csv->text;
    *from = text->size >= 3 && memcmp(text->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    *line = 1;
    for (; *line <= options->skip_rows && *from < text->size; ++*line) {
        const char *end = memchr(text->data + *from, '\n', text->size - *from);
        *from = end ? (size_t)(end - text->data) + 1 : text->size;
    }
    csv->plain = options->plain;
    csv->delimiter = options->delimiter ? options->delimiter : detect_delimiter(csv, *from);
}

hone_status hn_csv_fail_empty(const hn_csv *csv, const hn_csv_options *options, hone_error *err)
{
    return hn_fail(err, HONE_PARSE, "%s: no rows: the file is empty%s", csv->path,
                   options->skip_rows ? " after the lines skipped" : "");
}

static hone_status read_text(const char *path, const hn_csv_options *options, hn_csv *csv, hone_error *err)
{
    hone_error why;
    size_t limit = options->max_bytes ? options->max_bytes : HN_CSV_USUAL_BYTES;
    limit = limit > UINT32_MAX ? UINT32_MAX : limit;
    hone_status status = hn_file_read(hn_csv_is_stdin(path) ? NULL : path, limit, &csv->text, &why);
    if (status == HONE_LIMIT)
        return hn_fail(
            err, HONE_LIMIT,
            "%s holds more than the %zu bytes allowed (max_bytes)%s; reading takes the text and about "
            "16 bytes of memory a cell",
            csv->path, limit,
            limit == UINT32_MAX ? ", which cannot be more: split the file, or leave out columns"
                                : ", which may be raised up to 4 GiB");
    if (status && err)
        *err = why;
    return status;
}

hone_status hn_csv_read(const char *path, const hn_csv_options *options, hn_csv *csv, hone_error *err)
{
    size_t from, line;
    *csv = (hn_csv){.path = hn_csv_is_stdin(path) ? "standard input" : path};
    hone_status status = read_text(path, options, csv, err);
    if (status)
        return status;
    hn_csv_begin(csv, options, &from, &line);
    status = hn_csv_cut(csv, from, &line, err);
    return status || csv->n_rows ? status : hn_csv_fail_empty(csv, options, err);
}

bool hn_csv_is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

void hn_csv_release(hn_csv *csv)
{
    hn_buffer_release(&csv->text);
    hn_free(csv->cells);
    hn_free(csv->lines);
    *csv = (hn_csv){0};
}
