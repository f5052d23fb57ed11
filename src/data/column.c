#include "data/column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text_map.h"

bool hn_cell_is_missing(const char *text, size_t size, const char *const *more)
{
    static const char *const usual[] = {"?",    "NA",   "N/A",  "n/a",  "NaN",  "nan",  "NAN",
                                        "-nan", "-NaN", "null", "NULL", "None", "<NA>", "#N/A"};
    if (size == 0)
        return true;
    for (size_t i = 0; more && more[i]; i++)
        if (strcmp(text, more[i]) == 0)
            return true;
    if (size > 4 || (text[0] >= '0' && text[0] <= '9'))
        return false;
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (strcmp(text, usual[i]) == 0)
            return true;
    return false;
}

void hn_column_scan(const hn_column_source *source, size_t from, size_t to, double *values, hn_tally *tally)
{
    const hn_csv *csv = source->csv;
    for (size_t row = from; row < to; row++) {
        const char *text = hn_csv_text(csv, row, source->column);
        size_t size = hn_csv_size(csv, row, source->column);
        double *value = &values[row - source->first_row];
        *value = NAN;
        if (hn_cell_is_missing(text, size, source->missing))
            tally->missing++;
        else if (hn_parse_double(text, size, false, value) && isfinite(*value))
            tally->numbers++;
        else if (*value = NAN, tally->texts++ == 0)
            tally->first_text = row;
    }
}

static hone_status fail_text(const hn_column_source *source, const hn_tally *t, hone_error *err)
{
    hn_position at = {.source = source->csv->path, .line = (int)source->csv->lines[t->first_text]};
    const char *text = hn_csv_text(source->csv, t->first_text, source->column);
    double value;
    if (hn_parse_double(text, hn_csv_size(source->csv, t->first_text, source->column), true, &value))
        return hn_fail_at(
            err, HONE_PARSE, at,
            "column %s (position %zu) holds the infinite value \"%.60s\" here; correct it, leave the "
            "row out, or add that spelling to missing",
            source->name, source->column, text);
    return hn_fail_at(
        err, HONE_PARSE, at,
        "column %s (position %zu) holds numbers, but here \"%.60s\" (%zu of %zu values are not numbers); "
        "correct it, add that spelling to missing, or list the column in categorical",
        source->name, source->column, text, t->texts, t->texts + t->numbers);
}

/* "1,5" and "-,5e3": a number but for the comma. */
static bool is_number_with_comma(const char *text, size_t size)
{
    char copy[HN_NUMBER_SIZE];
    double value;
    const char *comma = size < sizeof copy ? memchr(text, ',', size) : NULL;
    if (!comma)
        return false;
    memcpy(copy, text, size);
    copy[comma - text] = '.';
    return hn_parse_double(copy, size, false, &value);
}

/* A column of text all of whose values are numbers with a decimal comma or whole numbers, which would become
 * as many categories. */
static hone_status refuse_decimal_commas(const hn_column_source *source, const hn_tally *t, hone_error *err)
{
    const hn_csv *csv = source->csv;
    double value;
    for (size_t row = t->first_text; row < csv->n_rows; row++) {
        const char *text = hn_csv_text(csv, row, source->column);
        size_t size = hn_csv_size(csv, row, source->column);
        if (!is_number_with_comma(text, size) && !hn_cell_is_missing(text, size, source->missing) &&
            !hn_parse_double(text, size, false, &value))
            return HONE_OK;
    }
    hn_position at = {.source = csv->path, .line = (int)csv->lines[t->first_text]};
    return hn_fail_at(
        err, HONE_PARSE, at,
        "column %s (position %zu) holds numbers with a decimal comma (\"%.60s\"); write them with "
        "a point, or list the column in categorical",
        source->name, source->column, hn_csv_text(csv, t->first_text, source->column));
}

/* --- categories --- */

typedef struct ranked_name {
    const char *name;
    double number;
    size_t code;
} ranked_name;

static int compare_names(const void *a, const void *b)
{
    const ranked_name *left = a, *right = b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return strcmp(left->name, right->name);
}

hone_status hn_categories_sort(const char **names, size_t n, bool as_numbers, double *values, size_t rows,
                               hone_error *err)
{
    ranked_name *ranked = hn_calloc(n, sizeof *ranked);
    double *code_of = hn_calloc(n, sizeof *code_of);
    hone_status status = HONE_OUT_OF_MEMORY;
    if (!ranked || !code_of) {
        hn_out_of_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        ranked[i] = (ranked_name){.name = names[i], .code = i};
        if (as_numbers)
            hn_parse_double(names[i], strlen(names[i]), false, &ranked[i].number);
    }
    qsort(ranked, n, sizeof *ranked, compare_names);
    for (size_t i = 0; i < n; i++) {
        names[i] = ranked[i].name;
        code_of[ranked[i].code] = (double)i;
    }
    for (size_t row = 0; row < rows; row++)
        if (!isnan(values[row]))
            values[row] = code_of[(size_t)values[row]];
    status = HONE_OK;
done:
    hn_free(ranked);
    hn_free(code_of);
    return status;
}

/* values receive codes in order of appearance; *names (in the arena) the category of each code. */
static hone_status intern_cells(const hn_column_source *source, hn_arena *arena, double *values,
                                const char ***names, size_t *n_names, hone_error *err)
{
    const hn_csv *csv = source->csv;
    hn_text_map map = HN_TEXT_MAP_INIT;
    hone_status status = HONE_OUT_OF_MEMORY;
    for (size_t row = source->first_row; row < csv->n_rows; row++) {
        const char *text = hn_csv_text(csv, row, source->column);
        values[row - source->first_row] = NAN;
        if (hn_cell_is_missing(text, hn_csv_size(csv, row, source->column), source->missing))
            continue;
        size_t code = hn_text_map_intern(&map, text);
        if (code == HN_TEXT_MAP_NONE)
            goto done;
        values[row - source->first_row] = (double)code;
    }
    *names = HN_ARENA_NEW(arena, const char *, map.count);
    for (size_t i = 0; *names && i < map.count; i++)
        if (!((*names)[i] = hn_arena_strdup(arena, map.keys[i])))
            goto done;
    *n_names = map.count;
    status = *names ? HONE_OK : HONE_OUT_OF_MEMORY;
done:
    hn_text_map_release(&map);
    return status ? hn_out_of_memory(err) : HONE_OK;
}

hone_status hn_column_finish(const hn_column_source *source, const hn_tally *tally, hn_arena *arena,
                             double *values, hn_column *column, hone_error *err)
{
    size_t rows = source->csv->n_rows - source->first_row;
    hn_tally t = *tally;
    *column = (hn_column){.kind = HN_COLUMN_NUMERIC, .values = values, .n_missing = t.missing};
    column->name = hn_arena_strdup(arena, source->name);
    if (!column->name)
        return hn_out_of_memory(err);
    bool mostly_numbers = t.numbers > t.texts;
    if (t.texts && source->kind != HN_COLUMN_CATEGORICAL &&
        (mostly_numbers || source->kind == HN_COLUMN_NUMERIC))
        return fail_text(source, &t, err);
    if (source->kind == HN_COLUMN_NUMERIC || (!source->kind && t.texts == 0))
        return HONE_OK;
    hone_status status = source->kind ? HONE_OK : refuse_decimal_commas(source, &t, err);
    const char **names = NULL;
    if (!status)
        status = intern_cells(source, arena, values, &names, &column->n_categories, err);
    if (status)
        return status;
    if (t.numbers && !source->kind)
        hn_log(HN_LOG_WARNING, "%s: column %s is taken as categorical; %zu of its values are numbers",
               source->csv->path, source->name, t.numbers);
    column->kind = HN_COLUMN_CATEGORICAL;
    column->categories = names;
    return hn_categories_sort(names, column->n_categories, false, values, rows, err);
}
