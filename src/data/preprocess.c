#include "data/preprocess.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/preprocess_state.h"
#include "math/statistics.h"

size_t hn_fitted_column_width(const hn_fitted_column *column)
{
    if (column->kind == HN_COLUMN_NUMERIC || column->ordinal || column->n_categories == 2)
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

bool hn_preprocess_keep_all(hn_preprocess *p)
{
    p->width = p->full_width;
    p->position = HN_ARENA_NEW(&p->arena, size_t, p->full_width);
    for (size_t c = 0; p->position && c < p->full_width; c++)
        p->position[c] = c;
    return p->position != NULL;
}

hn_preprocess *hn_preprocess_retain(const hn_preprocess *fitted)
{
    hn_preprocess *shared = (hn_preprocess *)fitted; /* its count is all that changes */
    atomic_fetch_add(&shared->sharers, 1);
    return shared;
}

void hn_preprocess_destroy(hn_preprocess *fitted)
{
    if (!fitted || atomic_fetch_sub(&fitted->sharers, 1) > 0)
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
    if (dataset->samples) {
        hn_sample_type type = dataset->samples->type;
        return type == HN_SAMPLE_TOKENS || (options->scale != HN_SCALE_NONE &&
                                            !(type == HN_SAMPLE_BYTES && options->scale == HN_SCALE_MINMAX));
    }
    if (options->scale != HN_SCALE_NONE || options->min_variance > 0 || options->select)
        return true;
    for (size_t j = 0; j < dataset->n_columns; j++)
        if (dataset->columns[j].kind == HN_COLUMN_CATEGORICAL || dataset->columns[j].n_missing)
            return true;
    return false;
}

bool hn_preprocess_is_of_arrays(const hn_preprocess *fitted)
{
    return fitted->samples && !fitted->samples->text;
}

hn_schema hn_preprocess_schema(const hn_preprocess *fitted)
{
    return (hn_schema){.named = fitted->has_header,
                       .n = fitted->n_columns,
                       .names = fitted->names,
                       .kinds = fitted->kinds,
                       .text = fitted->samples ? fitted->samples->text : NULL,
                       .rank = fitted->samples ? fitted->samples->rank : 0,
                       .shape = fitted->samples ? fitted->samples->shape : NULL};
}

/* --- fitting --- */

static size_t row_at(const size_t *rows, size_t i)
{
    return rows ? rows[i] : i;
}

/* x (n,): numbers, sorted. */
static double most_frequent(const double *x, size_t n)
{
    size_t most = 0;
    double best = 0;
    for (size_t i = 0, begin = 0; i < n; i++) {
        begin = x[i] == x[begin] ? begin : i;
        if (i + 1 - begin > most) {
            most = i + 1 - begin;
            best = x[i];
        }
    }
    return best;
}

/* What replaces a missing value; known (count,): the others, reordered. A column without any gives 0. */
static double replacement(const hn_preprocess_options *options, double *known, size_t count)
{
    if (options->impute == HN_IMPUTE_CONSTANT)
        return options->fill;
    if (!count)
        return 0;
    if (options->impute == HN_IMPUTE_MEDIAN)
        return hn_median(known, count);
    if (options->impute == HN_IMPUTE_MEAN)
        return hn_mean(known, count);
    hn_sort_doubles(known, count);
    return most_frequent(known, count);
}

/* Two passes, as NumPy: the mean, then the mean of squared deviations. A variance within rounding of zero
 * leaves the column unscaled (scikit-learn's rule). */
static void fit_standard(const double *x, size_t n, hn_fitted_column *out)
{
    double mean = hn_mean(x, n), squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    double variance = squares / (double)n;
    double rounding = (double)n * DBL_EPSILON * variance + pow((double)n * mean * DBL_EPSILON, 2);
    out->center = mean;
    out->scale = variance > rounding ? sqrt(variance) : 1;
}

static void fit_minmax(const double *x, size_t n, hn_fitted_column *out)
{
    double low = x[0], high = x[0];
    for (size_t i = 1; i < n; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    out->center = low;
    out->scale = high > low ? high - low : 1;
}

/* x is reordered. */
static void fit_robust(double *x, size_t n, hn_fitted_column *out)
{
    double low = hn_quantile(x, n, 0.25), high = hn_quantile(x, n, 0.75);
    out->center = hn_median(x, n);
    out->scale = high - low > 10 * DBL_EPSILON ? high - low : 1;
}

/* x: room for n values. */
static void fit_number(const hn_preprocess_options *options, const hn_column *column, const size_t *rows,
                       size_t n, double *x, hn_fitted_column *out)
{
    size_t known = 0;
    out->center = 0;
    out->scale = 1;
    if (!rows && !column->n_missing && options->impute == HN_IMPUTE_MEAN && options->scale == HN_SCALE_NONE) {
        out->missing = hn_mean(column->values, n); /* spares a copy */
        return;
    }
    for (size_t i = 0; i < n; i++) {
        x[known] = column->values[row_at(rows, i)];
        known += !isnan(x[known]);
    }
    out->missing = replacement(options, x, known);
    for (size_t i = known; i < n; i++)
        x[i] = out->missing;
    if (options->scale == HN_SCALE_STANDARD)
        fit_standard(x, n, out);
    else if (options->scale == HN_SCALE_MINMAX)
        fit_minmax(x, n, out);
    else if (options->scale == HN_SCALE_ROBUST)
        fit_robust(x, n, out);
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
    double *x = hn_aligned_array(n, sizeof *x);
    hone_status status = x ? HONE_OK : hn_out_of_memory(err);
    p->has_header = dataset->has_header;
    for (size_t j = 0; !status && j < dataset->n_columns; j++) {
        const hn_column *column = &dataset->columns[j];
        hn_fitted_column *out = &p->columns[j];
        p->names[j] = hn_arena_strdup(&p->arena, column->name);
        p->kinds[j] = out->kind = column->kind;
        out->ordinal = column->kind == HN_COLUMN_CATEGORICAL && options->encode == HN_ENCODE_ORDINAL;
        out->offset = p->full_width;
        if (!p->names[j])
            status = hn_out_of_memory(err);
        else if (column->kind == HN_COLUMN_NUMERIC)
            fit_number(options, column, rows, n, x, out);
        else
            status = fit_categories(most, column, rows, n, &p->arena, out, err);
        p->full_width += hn_fitted_column_width(out);
    }
    hn_free(x);
    if (dataset->samples && !status)
        status = hn_preprocess_fit_samples(options, dataset, rows, n, p, err);
    else if (!status && !hn_preprocess_keep_all(p))
        status = hn_out_of_memory(err);
    if (!status && p->width == 0)
        status =
            hn_fail(err, HONE_INVALID, "%s: no feature has a value in the rows to fit on", dataset->source);
    if (!status && !dataset->samples &&
        (options->min_variance > 0 || (options->select && options->select < p->width)))
        status = hn_preprocess_select(options, dataset, rows, n, p, err);
    if (status)
        hn_preprocess_destroy(p);
    else
        *fitted = p;
    return status;
}
