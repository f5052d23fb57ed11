#include "data/preprocess.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/preprocess_state.h"

size_t hn_fitted_column_width(const hn_fitted_column *column)
{
    if (column->kind == HN_COLUMN_NUMERIC || column->n_categories == 2)
        return 1;
    return column->n_categories;
}

hn_preprocess *hn_preprocess_new(size_t n_columns)
{
    hn_preprocess *p = hn_calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->n_columns = n_columns;
    p->names = HN_ARENA_NEW(&p->arena, const char *, n_columns);
    p->kinds = HN_ARENA_NEW(&p->arena, hn_column_kind, n_columns);
    p->columns = HN_ARENA_NEW(&p->arena, hn_fitted_column, n_columns);
    if (p->names && p->kinds && p->columns)
        return p;
    hn_preprocess_destroy(p);
    return NULL;
}

void hn_preprocess_destroy(hn_preprocess *fitted)
{
    if (!fitted)
        return;
    hn_arena_release(&fitted->arena);
    hn_free(fitted);
}

size_t hn_preprocess_width(const hn_preprocess *fitted)
{
    return fitted->width;
}

bool hn_preprocess_depends_on_rows(const hn_preprocess_options *options, const hn_dataset *dataset)
{
    if (options->scale != HN_SCALE_NONE)
        return true;
    for (size_t j = 0; j < dataset->n_columns; j++)
        if (dataset->columns[j].kind == HN_COLUMN_CATEGORICAL || dataset->columns[j].n_missing)
            return true;
    return false;
}

hn_schema hn_preprocess_schema(const hn_preprocess *fitted)
{
    return (hn_schema){
        .named = fitted->has_header, .n = fitted->n_columns, .names = fitted->names, .kinds = fitted->kinds};
}

/* --- fitting -----------------------------------------------------------------------------------------------
 */

static size_t row_at(const size_t *rows, size_t i)
{
    return rows ? rows[i] : i;
}

/* Two passes, as NumPy: the mean, then the mean of squared deviations with missing values at the mean. A
 * variance within rounding of zero leaves the column unscaled (scikit-learn's rule). */
static void fit_number(hn_scale scale, const hn_column *column, const size_t *rows, size_t n,
                       hn_fitted_column *out)
{
    double sum = 0, low = INFINITY, high = -INFINITY;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        double x = column->values[row_at(rows, i)];
        if (isnan(x))
            continue;
        sum += x;
        low = fmin(low, x);
        high = fmax(high, x);
        count++;
    }
    double mean = count ? sum / (double)count : 0;
    out->missing = mean;
    out->center = 0;
    out->scale = 1;
    if (scale == HN_SCALE_MINMAX && count) {
        out->center = low;
        out->scale = high > low ? high - low : 1;
    }
    if (scale != HN_SCALE_STANDARD)
        return;
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        double deviation = column->values[row_at(rows, i)] - mean;
        squares += isnan(deviation) ? 0 : deviation * deviation;
    }
    double variance = squares / (double)n;
    double rounding = (double)n * DBL_EPSILON * variance + pow((double)n * mean * DBL_EPSILON, 2);
    out->center = mean;
    out->scale = variance > rounding ? sqrt(variance) : 1;
}

/* Codes by falling count, ties by code: the order in which categories are kept. */
typedef struct counted {
    size_t code, count;
} counted;

static int compare_counts(const void *a, const void *b)
{
    const counted *left = a, *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return left->code < right->code ? -1 : left->code > right->code;
}

static int compare_codes(const void *a, const void *b)
{
    const counted *left = a, *right = b;
    return left->code < right->code ? -1 : left->code > right->code;
}

static hone_status fit_categories(size_t most, const hn_column *column, const size_t *rows, size_t n,
                                  hn_arena *arena, hn_fitted_column *out, hone_error *err)
{
    hone_status status = HONE_OUT_OF_MEMORY;
    counted *counts = hn_calloc(column->n_categories, sizeof *counts);
    if (!counts)
        goto done;
    for (size_t k = 0; k < column->n_categories; k++)
        counts[k].code = k;
    for (size_t i = 0; i < n; i++) {
        double code = column->values[row_at(rows, i)];
        if (!isnan(code))
            counts[(size_t)code].count++;
    }
    qsort(counts, column->n_categories, sizeof *counts, compare_counts);
    size_t kept = 0;
    while (kept < column->n_categories && kept < most && counts[kept].count)
        kept++;
    size_t most_frequent = kept ? counts[0].code : 0;
    qsort(counts, kept, sizeof *counts, compare_codes);
    out->categories = HN_ARENA_NEW(arena, const char *, kept);
    if (!out->categories)
        goto done;
    for (size_t k = 0; k < kept; k++) {
        out->categories[k] = hn_arena_strdup(arena, column->categories[counts[k].code]);
        if (!out->categories[k])
            goto done;
        if (counts[k].code == most_frequent)
            out->missing = (double)k;
    }
    out->n_categories = kept;
    status = HONE_OK;
done:
    hn_free(counts);
    return status ? hn_out_of_memory(err) : HONE_OK;
}

hone_status hn_preprocess_fit(const hn_preprocess_options *options, const hn_dataset *dataset,
                              const size_t *rows, size_t n, hn_preprocess **fitted, hone_error *err)
{
    size_t most = options->max_categories ? options->max_categories : HN_DEFAULT_MAX_CATEGORIES;
    n = rows ? n : dataset->n_rows;
    if (n == 0)
        return hn_fail(err, HONE_INVALID, "%s: no rows to fit on", dataset->source);
    hn_preprocess *p = hn_preprocess_new(dataset->n_columns);
    if (!p)
        return hn_out_of_memory(err);
    hone_status status = HONE_OK;
    p->has_header = dataset->has_header;
    for (size_t j = 0; !status && j < dataset->n_columns; j++) {
        const hn_column *column = &dataset->columns[j];
        hn_fitted_column *out = &p->columns[j];
        p->names[j] = hn_arena_strdup(&p->arena, column->name);
        p->kinds[j] = out->kind = column->kind;
        out->offset = p->width;
        if (!p->names[j])
            status = hn_out_of_memory(err);
        else if (column->kind == HN_COLUMN_NUMERIC)
            fit_number(options->scale, column, rows, n, out);
        else
            status = fit_categories(most, column, rows, n, &p->arena, out, err);
        p->width += hn_fitted_column_width(out);
    }
    if (!status && p->width == 0)
        status =
            hn_fail(err, HONE_INVALID, "%s: no feature has a value in the rows to fit on", dataset->source);
    if (status)
        hn_preprocess_destroy(p);
    else
        *fitted = p;
    return status;
}

/* --- applying ----------------------------------------------------------------------------------------------
 */

/* The dataset's column for the fitted column j, or an error that names what is wrong. */
static hone_status match_column(const hn_preprocess *p, const hn_dataset *dataset, size_t j,
                                const hn_column **column, hone_error *err)
{
    size_t i = j;
    if (p->has_header && dataset->has_header)
        for (i = 0; i < dataset->n_columns && strcmp(dataset->columns[i].name, p->names[j]) != 0;)
            i++;
    else if (dataset->n_columns != p->n_columns)
        return hn_fail(
            err, HONE_INVALID, "%s has %zu feature columns, the model was fitted to %zu%s", dataset->source,
            dataset->n_columns, p->n_columns,
            dataset->n_columns == p->n_columns + 1 ? "; if one of them is the target, list it in drop" : "");
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

static void apply_number(const hn_fitted_column *fitted, const hn_column *column, const size_t *rows,
                         size_t n, size_t width, double *out)
{
    for (size_t i = 0; i < n; i++) {
        double x = column->values[row_at(rows, i)];
        x = isnan(x) ? fitted->missing : x;
        out[i * width + fitted->offset] = (x - fitted->center) / fitted->scale;
    }
}

/* out (n_categories,): the fitted index of each of the column's categories, -1 when it was not kept. */
static void translate_categories(const hn_fitted_column *fitted, const hn_column *column, int64_t *out)
{
    size_t k = 0;
    for (size_t i = 0; i < column->n_categories; i++) {
        int order = 1; /* both lists ascend: one merge */
        while (k < fitted->n_categories && (order = strcmp(fitted->categories[k], column->categories[i])) < 0)
            k++;
        out[i] = k < fitted->n_categories && order == 0 ? (int64_t)k : -1;
    }
}

static hone_status apply_categories(const hn_fitted_column *fitted, const hn_column *column,
                                    const size_t *rows, size_t n, size_t width, double *out, hone_error *err)
{
    int64_t *index = hn_calloc(column->n_categories, sizeof *index);
    if (!index)
        return hn_out_of_memory(err);
    translate_categories(fitted, column, index);
    bool binary = fitted->n_categories == 2;
    for (size_t i = 0; i < n; i++) {
        double code = column->values[row_at(rows, i)];
        int64_t k = isnan(code) ? (int64_t)fitted->missing : index[(size_t)code];
        double *cell = out + i * width + fitted->offset;
        if (binary) {
            *cell = k < 0 ? fitted->missing : (double)k;
            continue;
        }
        for (size_t c = 0; c < fitted->n_categories; c++)
            cell[c] = k == (int64_t)c;
    }
    hn_free(index);
    return HONE_OK;
}

hone_status hn_preprocess_apply(const hn_preprocess *fitted, const hn_dataset *dataset, const size_t *rows,
                                size_t n, double *out, hone_error *err)
{
    n = rows ? n : dataset->n_rows;
    for (size_t j = 0; j < fitted->n_columns; j++) {
        const hn_column *column = NULL;
        hone_status status = match_column(fitted, dataset, j, &column, err);
        if (status)
            return status;
        if (fitted->kinds[j] == HN_COLUMN_NUMERIC)
            apply_number(&fitted->columns[j], column, rows, n, fitted->width, out);
        else
            status = apply_categories(&fitted->columns[j], column, rows, n, fitted->width, out, err);
        if (status)
            return status;
    }
    return HONE_OK;
}
