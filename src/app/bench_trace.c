#include "app/bench_trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/os_input.h"
#include "base/os_output.h"

static const char first_line[] = "# hone search trace 1";
enum { DIGITS = 6, FIRST_VALUE = 4 /* cells before the values */ };

/* --- rows --- */

static int by_key(const void *a, const void *b)
{
    const hn_bench_row *x = a, *y = b;
    int order = strcmp(x->problem, y->problem);
    return order ? order : (x->seed > y->seed) - (x->seed < y->seed);
}

hone_status hn_bench_trace_finish(hn_bench_trace *trace, hone_error *err)
{
    if (trace->n_rows > 0)
        qsort(trace->rows, trace->n_rows, sizeof *trace->rows, by_key);
    for (size_t r = 1; r < trace->n_rows; r++)
        if (by_key(&trace->rows[r - 1], &trace->rows[r]) == 0)
            return hn_fail(err, HONE_INVALID, "%s %s has problem %s, seed %lld twice", trace->sampler,
                           trace->version, trace->rows[r].problem, (long long)trace->rows[r].seed);
    return HONE_OK;
}

const hn_bench_row *hn_bench_trace_find(const hn_bench_trace *trace, const char *problem, int64_t seed)
{
    const hn_bench_row key = {.problem = problem, .seed = seed};
    return trace->n_rows ? bsearch(&key, trace->rows, trace->n_rows, sizeof key, by_key) : NULL;
}

hone_status hn_bench_trace_join(hn_bench_trace *trace, const hn_bench_trace *other, hone_error *err)
{
    hn_bench_row *rows = HN_ARENA_NEW(&trace->arena, hn_bench_row, trace->n_rows + other->n_rows + 1);
    size_t n = 0, i = 0, j = 0; /* both are sorted */
    if (!rows)
        return hn_out_of_memory(err);
    while (i < trace->n_rows || j < other->n_rows) {
        int order = i == trace->n_rows   ? 1
                    : j == other->n_rows ? -1
                                         : by_key(&trace->rows[i], &other->rows[j]);
        const hn_bench_row *row = order <= 0 ? &trace->rows[i] : &other->rows[j];
        if (order == 0 && other->rows[j].n > row->n)
            row = &other->rows[j];
        rows[n++] = *row;
        i += order <= 0;
        j += order >= 0;
    }
    trace->rows = rows;
    trace->n_rows = n;
    return HONE_OK;
}

void hn_bench_trace_count_seeds(const hn_bench_trace *trace, size_t *fewest, size_t *most)
{
    *fewest = *most = 0;
    for (size_t r = 0, end; r < trace->n_rows; r = end) {
        for (end = r + 1; end < trace->n_rows && !strcmp(trace->rows[end].problem, trace->rows[r].problem);)
            end++;
        *fewest = r == 0 || end - r < *fewest ? end - r : *fewest;
        *most = end - r > *most ? end - r : *most;
    }
}

bool hn_bench_same_scale(const hn_bench_row *a, const hn_bench_row *b)
{
    double unit = 1e-5 * fmax(fabs(a->median), fmax(fabs(a->optimum), 1e-3));
    return fabs(a->optimum - b->optimum) <= unit && fabs(a->median - b->median) <= unit;
}

void hn_bench_trace_release(hn_bench_trace *trace)
{
    hn_arena_release(&trace->arena);
    *trace = (hn_bench_trace){0};
}

/* --- reading --- */

typedef struct reading {
    const char *path;
    int64_t line_number;
    hn_bench_trace *trace;
    size_t capacity;
    hone_error *err;
} reading;

static hone_status bad_line(const reading *r, const char *what)
{
    return hn_fail(r->err, HONE_PARSE, "%s, line %lld: %s", r->path, (long long)r->line_number, what);
}

/* "# key: value" */
static hone_status read_header(reading *r, const char *line)
{
    static const char *const keys[] = {"sampler", "version", "command"};
    const char **targets[] = {&r->trace->sampler, &r->trace->version, &r->trace->command};
    for (size_t k = 0; k < 3; k++) {
        size_t length = strlen(keys[k]);
        if (strncmp(line + 2, keys[k], length) || strncmp(line + 2 + length, ": ", 2))
            continue;
        *targets[k] = hn_arena_strdup(&r->trace->arena, line + 4 + length);
        if (!*targets[k])
            return hn_out_of_memory(r->err);
    }
    return HONE_OK;
}

/* The next cell of a line; *cell moves behind it. */
static bool next_number(const char **cell, double *value)
{
    size_t length = strcspn(*cell, ",");
    bool read = hn_parse_double(*cell, length, true, value);
    *cell += length + ((*cell)[length] == ',');
    return read;
}

static size_t count_cells(const char *line)
{
    size_t n = 1;
    for (; *line; line++)
        n += *line == ',';
    return n;
}

/* problem,seed,optimum,median,values... */
static hone_status read_row(reading *r, const char *line)
{
    hn_bench_trace *trace = r->trace;
    size_t n_cells = count_cells(line), length = strcspn(line, ",");
    hn_bench_row row = {.problem = hn_arena_strndup(&trace->arena, line, length)};
    double seed = NAN;
    if (n_cells <= FIRST_VALUE)
        return bad_line(r, "problem, seed, optimum, median and values are expected");
    row.n = n_cells - FIRST_VALUE;
    row.values = HN_ARENA_NEW(&trace->arena, double, row.n);
    if (!row.problem || !row.values)
        return hn_out_of_memory(r->err);
    const char *cell = line + length + 1;
    bool fits =
        next_number(&cell, &seed) && next_number(&cell, &row.optimum) && next_number(&cell, &row.median);
    for (size_t k = 0; fits && k < row.n; k++)
        fits = next_number(&cell, &row.values[k]);
    if (!fits || !(seed >= 0 && seed < 9e15) || seed != floor(seed))
        return bad_line(r, "a cell is no number");
    row.seed = (int64_t)seed;
    if (trace->n_rows == r->capacity) {
        size_t capacity = 2 * r->capacity + 64;
        hn_bench_row *rows = HN_ARENA_NEW(&trace->arena, hn_bench_row, capacity);
        if (!rows)
            return hn_out_of_memory(r->err);
        if (trace->n_rows)
            memcpy(rows, trace->rows, trace->n_rows * sizeof *rows);
        trace->rows = rows;
        r->capacity = capacity;
    }
    trace->rows[trace->n_rows++] = row;
    return HONE_OK;
}

static hone_status read_line(reading *r, const char *line)
{
    r->line_number++;
    if (r->line_number == 1)
        return strcmp(line, first_line) ? bad_line(r, "this is no trace: '# hone search trace 1' is missing")
                                        : HONE_OK;
    if (!strncmp(line, "# ", 2))
        return read_header(r, line);
    return *line == '\0' || !strncmp(line, "problem,", 8) ? HONE_OK : read_row(r, line);
}

hone_status hn_bench_trace_read(const char *path, hn_bench_trace *trace, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    reading r = {.path = path, .trace = trace, .err = err};
    *trace = (hn_bench_trace){0};
    hone_status status = hn_file_read(path, 0, &text, err);
    char *line = text.data;
    while (!status && line && *line) {
        size_t length = strcspn(line, "\n");
        if (line[length] == '\0')
            break; /* cut off when its writer was killed */
        line[length] = '\0';
        status = read_line(&r, line);
        line += length + 1;
    }
    if (!status && (!trace->sampler || !trace->version || !trace->command))
        status = hn_fail(err, HONE_PARSE, "%s: the header has no %s", path,
                         !trace->sampler   ? "sampler"
                         : !trace->version ? "version"
                                           : "command");
    hn_buffer_release(&text);
    return status ? status : hn_bench_trace_finish(trace, err);
}

/* --- writing --- */

static void print_number(hn_buffer *out, double value)
{
    char text[HN_NUMBER_SIZE];
    hn_format_short(text, value, DIGITS);
    hn_buffer_text(out, text);
}

void hn_bench_trace_print_header(hn_buffer *out, const hn_bench_trace *trace)
{
    hn_buffer_printf(
        out, "%s\n# sampler: %s\n# version: %s\n# command: %s\nproblem,seed,optimum,median,values...\n",
        first_line, trace->sampler, trace->version, trace->command);
}

void hn_bench_trace_print_row(hn_buffer *out, const hn_bench_row *row)
{
    hn_buffer_printf(out, "%s,%lld,", row->problem, (long long)row->seed);
    print_number(out, row->optimum);
    hn_buffer_char(out, ',');
    print_number(out, row->median);
    for (size_t k = 0; k < row->n; k++) {
        hn_buffer_char(out, ',');
        print_number(out, row->values[k]);
    }
    hn_buffer_char(out, '\n');
}

hone_status hn_bench_trace_write(const hn_bench_trace *trace, const char *path, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_output *file = NULL;
    hn_bench_trace_print_header(&out, trace);
    for (size_t r = 0; r < trace->n_rows; r++)
        hn_bench_trace_print_row(&out, &trace->rows[r]);
    hone_status status = hn_buffer_failed(&out) ? hn_out_of_memory(err) : hn_output_open(path, &file, err);
    if (!status)
        status = hn_output_write(file, out.data, out.size, err);
    hone_status closed = hn_output_close(file, !status, status ? NULL : err);
    hn_buffer_release(&out);
    return status ? status : closed;
}
