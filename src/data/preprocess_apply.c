/* preprocess_apply.c: raw columns become rows of numbers. A few columns are cleaned one after the other,
 * which is fast along a column, and then spread over the rows while they are in the cache.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/preprocess_state.h"
#include "math/wide.h"

enum { TILE_ROWS = 128, TILE_COLUMNS = 8 };

hone_status hn_preprocess_match(const hn_preprocess *p, const hn_dataset *dataset, size_t j,
                                const hn_column **column, hone_error *err)
{
    size_t i = j;
    if (p->has_header && dataset->has_header)
        for (i = 0; i < dataset->n_columns && strcmp(dataset->columns[i].name, p->names[j]) != 0;)
            i++;
    else if (dataset->n_columns != p->n_columns)
        return hn_fail(err, HONE_INVALID, "%s has %zu feature columns, the model was fitted to %zu%s",
                       dataset->source, dataset->n_columns, p->n_columns,
                       dataset->n_columns == p->n_columns + 1
                           ? "; if one of them is the target, leave it out or give the columns names"
                           : "");
    if (i == dataset->n_columns)
        return hn_fail(err, HONE_INVALID, "%s lacks the column %s, which the model was fitted to",
                       dataset->source, p->names[j]);
    *column = &dataset->columns[i];
    if ((*column)->kind != p->kinds[j])
        return hn_fail(err, HONE_INVALID, "%s: column %s is %s, the model was fitted to a %s one",
                       dataset->source, (*column)->name,
                       (*column)->kind == HN_COLUMN_NUMERIC ? "numeric" : "categorical",
                       p->kinds[j] == HN_COLUMN_NUMERIC ? "numeric" : "categorical");
    return HONE_OK;
}

/* --- one column --- */

/* Rows of a dataset from one on: as listed, or, without a list, one after the other. */
typedef struct span {
    const size_t *rows;
    size_t first;
} span;

static span span_of(const size_t *rows, size_t from, size_t n)
{
    for (size_t i = 1; rows && i < n; i++)
        if (rows[from + i] != rows[from] + i)
            return (span){rows + from, 0};
    return (span){NULL, rows ? rows[from] : from};
}

static size_t row_at(const span *of, size_t i)
{
    return of->rows ? of->rows[i] : of->first + i;
}

/* out (n,) */
WIDE static void clean_numbers(const hn_fitted_column *fitted, const hn_column *column, const span *of,
                               size_t n, double *out)
{
    double missing = fitted->missing, center = fitted->center, scale = fitted->scale;
    const double *values = column->values + of->first;
    if (of->rows)
        for (size_t i = 0; i < n; i++)
            out[i] = column->values[of->rows[i]];
    for (size_t i = 0; i < n; i++) {
        double x = of->rows ? out[i] : values[i];
        out[i] = isnan(x) ? missing : x;
    }
    for (size_t i = 0; (center != 0 || scale != 1) && i < n; i++)
        out[i] = (out[i] - center) / scale;
}

hone_status hn_fitted_column_translate(const hn_fitted_column *fitted, const hn_column *column,
                                       int64_t **index, hone_error *err)
{
    *index = NULL;
    if (fitted->kind == HN_COLUMN_NUMERIC)
        return HONE_OK;
    int64_t *out = hn_calloc(column->n_categories, sizeof *out);
    if (!out)
        return hn_out_of_memory(err);
    for (size_t i = 0, k = 0; i < column->n_categories; i++) {
        int order = 1; /* both lists ascend: one merge */
        while (k < fitted->n_categories && (order = strcmp(fitted->categories[k], column->categories[i])) < 0)
            k++;
        out[i] = k < fitted->n_categories && order == 0 ? (int64_t)k : -1;
    }
    *index = out;
    return HONE_OK;
}

static int64_t category_at(const hn_fitted_column *fitted, const hn_column *column, const int64_t *index,
                           size_t row)
{
    double code = column->values[row];
    return isnan(code) ? (int64_t)fitted->missing : index[(size_t)code];
}

/* Of two categories one 0/1 column cannot say that it is neither. */
static double index_value(const hn_fitted_column *fitted, int64_t k)
{
    return k < 0 && !fitted->ordinal ? fitted->missing : (double)k;
}

/* A column that becomes one: out (n,). */
static void clean(const hn_fitted_column *fitted, const hn_column *column, const int64_t *index,
                  const span *of, size_t n, double *out)
{
    if (fitted->kind == HN_COLUMN_NUMERIC)
        clean_numbers(fitted, column, of, n, out);
    else
        for (size_t i = 0; i < n; i++)
            out[i] = index_value(fitted, category_at(fitted, column, index, row_at(of, i)));
}

bool hn_fitted_column_is_one_hot(const hn_fitted_column *fitted)
{
    return fitted->kind == HN_COLUMN_CATEGORICAL && !fitted->ordinal && fitted->n_categories != 2;
}

/* A category's columns in one row, whose values are `step` apart. */
static void mark(const hn_fitted_column *fitted, int64_t k, const size_t *position, size_t step, double *row)
{
    for (size_t c = 0; c < fitted->n_categories; c++)
        if (position[c] != SIZE_MAX)
            row[position[c] * step] = k == (int64_t)c;
}

/* Neighbouring values of the output: in a row, and in a column. */
typedef struct layout {
    size_t column, row;
} layout;

/* A column that becomes one for each category. */
static void spread_categories(const hn_fitted_column *fitted, const hn_column *column, const int64_t *index,
                              const span *of, size_t n, const size_t *position, layout step, double *out)
{
    for (size_t i = 0; i < n; i++)
        mark(fitted, category_at(fitted, column, index, row_at(of, i)), position, step.column,
             out + i * step.row);
}

/* --- tiles --- */

/* Neighbouring columns of n rows, cleaned but not yet in their rows. */
typedef struct tile {
    size_t n, count, at; /* columns; the place of the first in a row */
    double values[TILE_COLUMNS][TILE_ROWS];
} tile;

static void flush(tile *t, size_t stride, double *out)
{
    if (t->count == TILE_COLUMNS)
        for (size_t i = 0; i < t->n; i++)
            for (size_t c = 0; c < TILE_COLUMNS; c++)
                out[i * stride + t->at + c] = t->values[c][i];
    else
        for (size_t i = 0; i < t->n; i++)
            for (size_t c = 0; c < t->count; c++)
                out[i * stride + t->at + c] = t->values[c][i];
    t->count = 0;
}

/* A column's places in t->n rows; what is in the tile is not in them before it is flushed. */
static void place(const hn_fitted_column *fitted, const hn_column *column, const int64_t *index,
                  const span *of, const size_t *position, size_t stride, tile *t, double *out)
{
    if (hn_fitted_column_is_one_hot(fitted)) {
        spread_categories(fitted, column, index, of, t->n, position, (layout){1, stride}, out);
        return;
    }
    if (*position == SIZE_MAX)
        return;
    if (t->count && (t->count == TILE_COLUMNS || *position != t->at + t->count))
        flush(t, stride, out);
    if (!t->count)
        t->at = *position;
    clean(fitted, column, index, of, t->n, t->values[t->count++]);
}

void hn_fitted_column_apply(const hn_fitted_column *fitted, const hn_column *column, const int64_t *index,
                            const size_t *rows, size_t n, const size_t *position, size_t stride, double *out)
{
    tile t;
    for (size_t from = 0; from < n; from += TILE_ROWS) {
        t.n = n - from < TILE_ROWS ? n - from : TILE_ROWS;
        t.count = t.at = 0;
        span of = span_of(rows, from, t.n);
        place(fitted, column, index, &of, position, stride, &t, out + from * stride);
        flush(&t, stride, out + from * stride);
    }
}

hone_status hn_preprocess_apply_column(const hn_preprocess *fitted, size_t j, const hn_column *column,
                                       const size_t *rows, size_t n, double *out, hone_error *err)
{
    const hn_fitted_column *one = &fitted->columns[j];
    int64_t *index = NULL;
    hone_status status = hn_fitted_column_translate(one, column, &index, err);
    if (!status)
        hn_fitted_column_apply(one, column, index, rows, n, fitted->position + one->offset, fitted->width,
                               out);
    hn_free(index);
    return status;
}

/* --- all columns --- */

/* A column of the dataset as the fitted one reads it. */
typedef struct matched {
    const hn_column *column;
    int64_t *index;
} matched;

struct hn_row_source {
    const hn_preprocess *fitted;
    const hn_dataset *dataset;
    const size_t *rows;
    hn_sample_view samples; /* without a block: columns */
    matched *columns;

    /* Shares of the three above that are its own; NULL: they are borrowed. */
    hn_preprocess *own_fitted;
    hn_dataset *own_dataset;
    size_t *own_rows;
};

void hn_row_source_close(hn_row_source *source)
{
    if (!source)
        return;
    for (size_t j = 0; source->columns && j < source->fitted->n_columns; j++)
        hn_free(source->columns[j].index);
    hn_free(source->columns);
    hn_preprocess_destroy(source->own_fitted);
    hn_dataset_destroy(source->own_dataset);
    hn_free(source->own_rows);
    hn_free(source);
}

hone_status hn_row_source_open(const hn_preprocess *fitted, const hn_dataset *dataset, const size_t *rows,
                               hn_row_source **source, hone_error *err)
{
    hn_row_source *s = hn_calloc(1, sizeof *s);
    if (!s)
        return hn_out_of_memory(err);
    *s = (hn_row_source){.fitted = fitted, .dataset = dataset, .rows = rows};
    s->columns = hn_calloc(fitted->n_columns, sizeof *s->columns);
    hone_status status = s->columns ? HONE_OK : hn_out_of_memory(err);
    if (!status && (fitted->samples || dataset->samples))
        status = hn_preprocess_view(fitted, dataset, rows, &s->samples, err);
    for (size_t j = 0; !status && !s->samples.block && j < fitted->n_columns; j++) {
        matched *of = &s->columns[j];
        status = hn_preprocess_match(fitted, dataset, j, &of->column, err);
        if (!status)
            status = hn_fitted_column_translate(&fitted->columns[j], of->column, &of->index, err);
    }
    if (status)
        hn_row_source_close(s);
    else
        *source = s;
    return status;
}

hone_status hn_row_source_keep(const hn_row_source *source, size_t from, size_t n, hn_row_source **kept,
                               hone_error *err)
{
    bool listed = source->rows || from;
    size_t *rows = listed ? hn_calloc(n, sizeof *rows) : NULL;
    if (listed && !rows)
        return hn_out_of_memory(err);
    for (size_t i = 0; listed && i < n; i++)
        rows[i] = source->rows ? source->rows[from + i] : from + i;
    hn_row_source *own = NULL;
    hone_status status = hn_row_source_open(source->fitted, source->dataset, rows, &own, err);
    if (status) {
        hn_free(rows);
        return status;
    }
    own->own_fitted = hn_preprocess_retain(source->fitted);
    own->own_dataset = hn_dataset_retain(source->dataset);
    own->own_rows = rows;
    *kept = own;
    return HONE_OK;
}

hone_status hn_row_source_read(const hn_row_source *source, size_t from, size_t n, double *out,
                               hone_error *err)
{
    const hn_preprocess *p = source->fitted;
    tile t;
    if (source->samples.block)
        return hn_preprocess_read_samples(&source->samples, from, n, out, 1, p->width, err);
    for (size_t end = from + n; from < end; from += t.n, out += t.n * p->width) {
        t.n = end - from < TILE_ROWS ? end - from : TILE_ROWS;
        t.count = t.at = 0;
        span of = span_of(source->rows, from, t.n);
        for (size_t j = 0; j < p->n_columns; j++)
            place(&p->columns[j], source->columns[j].column, source->columns[j].index, &of,
                  p->position + p->columns[j].offset, p->width, &t, out);
        flush(&t, p->width, out);
    }
    return HONE_OK;
}

hone_status hn_row_source_columns(const hn_row_source *source, size_t from, size_t n, double *out,
                                  hone_error *err)
{
    const hn_preprocess *p = source->fitted;
    if (source->samples.block)
        return hn_preprocess_read_samples(&source->samples, from, n, out, n, 1, err);
    span of = span_of(source->rows, from, n);
    for (size_t j = 0; j < p->n_columns; j++) {
        const hn_fitted_column *fitted = &p->columns[j];
        const size_t *position = p->position + fitted->offset;
        const matched *m = &source->columns[j];
        if (hn_fitted_column_is_one_hot(fitted))
            spread_categories(fitted, m->column, m->index, &of, n, position, (layout){n, 1}, out);
        else if (*position != SIZE_MAX)
            clean(fitted, m->column, m->index, &of, n, out + *position * n);
    }
    return HONE_OK;
}

hone_status hn_preprocess_apply(const hn_preprocess *fitted, const hn_dataset *dataset, const size_t *rows,
                                size_t n, double *out, hone_error *err)
{
    hn_row_source *source = NULL;
    hone_status status = hn_row_source_open(fitted, dataset, rows, &source, err);
    if (!status)
        status = hn_row_source_read(source, 0, rows ? n : dataset->n_rows, out, err);
    hn_row_source_close(source);
    return status;
}
