#include "data/head.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "data/column.h"

enum { HEADER_SAMPLE = 100 };

/* The first rows of a table. */
typedef struct sample {
    const hn_csv *csv;
    const hn_dataset_options *options;
    size_t rows;
    hn_head *head;
} sample;

typedef enum cell_kind { CELL_MISSING, CELL_NUMBER, CELL_TEXT } cell_kind;

static cell_kind classify(const sample *s, size_t row, size_t column)
{
    const char *text = hn_csv_text(s->csv, row, column);
    size_t size = hn_csv_size(s->csv, row, column);
    double value;
    if (hn_cell_is_missing(text, size, s->options->missing))
        return CELL_MISSING;
    return hn_parse_double(text, size, false, &value) ? CELL_NUMBER : CELL_TEXT;
}

static bool text_over_numbers(const sample *s, size_t column)
{
    size_t numbers = 0;
    if (classify(s, 0, column) != CELL_TEXT)
        return false;
    for (size_t row = 1; row < s->rows; row++) {
        cell_kind kind = classify(s, row, column);
        if (kind == CELL_TEXT)
            return false;
        numbers += kind == CELL_NUMBER;
    }
    return numbers > 0;
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All of the first row is distinct text, and none of it occurs again in its column. */
static bool unique_texts(const sample *s)
{
    const hn_csv *csv = s->csv;
    const char **sorted = HN_ARENA_NEW(&s->head->arena, const char *, csv->n_columns);
    if (!sorted)
        return false;
    for (size_t column = 0; column < csv->n_columns; column++) {
        sorted[column] = hn_csv_text(csv, 0, column);
        if (classify(s, 0, column) != CELL_TEXT)
            return false;
        for (size_t row = 1; row < s->rows; row++)
            if (strcmp(hn_csv_text(csv, row, column), sorted[column]) == 0)
                return false;
    }
    qsort(sorted, csv->n_columns, sizeof *sorted, compare_text);
    for (size_t i = 1; i < csv->n_columns; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            return false;
    return true;
}

/* One of the names looked for is in the first row: the target's, or one that the model knows. */
static bool has_known_name(const sample *s)
{
    const char *target = s->options->target;
    const hn_schema *schema = s->options->schema;
    int64_t position;
    if (target && hn_parse_int(target, strlen(target), &position))
        target = NULL;
    for (size_t column = 0; column < s->csv->n_columns; column++) {
        const char *text = hn_csv_text(s->csv, 0, column);
        if (target && strcmp(target, text) == 0)
            return true;
        for (size_t i = 0; schema && schema->named && i < schema->n; i++)
            if (strcmp(schema->names[i], text) == 0)
                return true;
    }
    return false;
}

static bool has_header(const sample *s)
{
    if (s->options->header)
        return s->options->header > 0;
    if (has_known_name(s))
        return true;
    for (size_t column = 0; column < s->csv->n_columns; column++)
        if (text_over_numbers(s, column))
            return true;
    return unique_texts(s);
}

hone_status hn_head_find(const hn_csv *csv, const hn_dataset_options *options, hn_head *head, hone_error *err)
{
    size_t rows = csv->n_rows < HEADER_SAMPLE ? csv->n_rows : HEADER_SAMPLE;
    sample s = {.csv = csv, .options = options, .rows = rows, .head = head};
    head->named = has_header(&s);
    const char **names = HN_ARENA_NEW(&head->arena, const char *, csv->n_columns);
    for (size_t column = 0; names && column < csv->n_columns; column++) {
        const char *text = hn_csv_text(csv, 0, column);
        names[column] = head->named && *text ? hn_arena_strdup(&head->arena, text)
                                             : hn_arena_printf(&head->arena, "x%zu", column);
        if (!names[column])
            return hn_out_of_memory(err);
    }
    head->names = names;
    return names ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_head_fail_alone(const hn_csv *csv, hone_error *err)
{
    return hn_fail(err, HONE_INVALID, "%s: no rows: line %u, taken as the header, is all there is", csv->path,
                   csv->head_line);
}

typedef struct placed_name {
    const char *name;
    size_t column;
} placed_name;

static int compare_placed(const void *a, const void *b)
{
    const placed_name *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : left->column < right->column ? -1 : 1;
}

hone_status hn_head_check_names(const char *source, const char *const *names, const bool *left_out, size_t n,
                                hone_error *err)
{
    size_t kept = 0;
    placed_name *placed = hn_calloc(n, sizeof *placed);
    if (!placed)
        return hn_out_of_memory(err);
    for (size_t column = 0; column < n; column++)
        if (!left_out[column])
            placed[kept++] = (placed_name){names[column], column};
    qsort(placed, kept, sizeof *placed, compare_placed);
    hone_status status = HONE_OK;
    for (size_t i = 1; !status && i < kept; i++)
        if (strcmp(placed[i - 1].name, placed[i].name) == 0)
            status =
                hn_fail(err, HONE_INVALID,
                        "%s: columns %zu and %zu (counted from 0) are both called \"%.60s\"; rename one, or "
                        "leave it out by its position (drop: [%zu])",
                        source, placed[i - 1].column, placed[i].column, placed[i].name, placed[i].column);
    hn_free(placed);
    return status;
}

void hn_head_release(hn_head *head)
{
    hn_arena_release(&head->arena);
    *head = (hn_head){0};
}
