#include "forest/columns.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

/* --- sorting --- */

enum { DIGITS = 8, RADIX = 256 };

typedef struct keyed {
    uint64_t key;
    uint32_t row;
} keyed;

/* Unsigned order of the result is the order of the numbers; -0 becomes 0. */
static uint64_t order_key(double value)
{
    uint64_t bits;
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | (UINT64_C(1) << 63);
}

/* Least significant digit first; digits in which all keys agree are skipped: a column of few values takes few
 * passes. Returns which of the two buffers holds the result. */
static keyed *radix_sort(keyed *from, keyed *to, size_t n)
{
    size_t counts[DIGITS][RADIX] = {{0}};
    for (size_t i = 0; i < n; i++)
        for (size_t digit = 0; digit < DIGITS; digit++)
            counts[digit][from[i].key >> (8 * digit) & 0xff]++;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        size_t *count = counts[digit], begin = 0;
        if (count[from[0].key >> (8 * digit) & 0xff] == n)
            continue;
        for (size_t v = 0; v < RADIX; v++) {
            size_t here = count[v];
            count[v] = begin;
            begin += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[from[i].key >> (8 * digit) & 0xff]++] = from[i];
        keyed *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* --- coding --- */

/* sorted (n,): column j in order. */
static hone_status code_column(hn_columns *columns, const double *x, size_t j, const keyed *sorted)
{
    size_t n = columns->n, d = columns->d, distinct = 0, rank = 0;
    for (size_t i = 0; i < n; i++)
        distinct += i == 0 || sorted[i].key != sorted[i - 1].key;
    size_t n_codes = distinct < HN_COLUMN_MAX_CODES ? distinct : HN_COLUMN_MAX_CODES;
    columns->low[j] = hn_calloc(n_codes, sizeof(double));
    columns->high[j] = distinct == n_codes ? columns->low[j] : hn_calloc(n_codes, sizeof(double));
    if (!columns->low[j] || !columns->high[j])
        return HONE_OUT_OF_MEMORY;
    for (size_t i = 0; i < n; i++) {
        bool first = i == 0 || sorted[i].key != sorted[i - 1].key;
        rank += first && i > 0;
        size_t code = distinct == n_codes ? rank : rank * n_codes / distinct;
        double value = x[sorted[i].row * d + j] + 0.0;
        bool opens = rank == 0 || (rank - 1) * n_codes / distinct != code;
        if (first && (distinct == n_codes || opens))
            columns->low[j][code] = value;
        columns->high[j][code] = value;
        columns->codes[j * n + sorted[i].row] = (uint16_t)code;
    }
    columns->n_codes[j] = (uint32_t)n_codes;
    if (n_codes > columns->max_codes)
        columns->max_codes = n_codes;
    return HONE_OK;
}

/* The values of column j of x when there are one or two, in order; returns how many, 3 for more. */
static size_t find_pair(const double *x, size_t n, size_t d, size_t j, double pair[2])
{
    double first = x[j], other = first;
    for (size_t i = 1; i < n; i++) {
        double value = x[i * d + j];
        if (value == first || value == other)
            continue;
        if (other != first)
            return 3;
        other = value;
    }
    pair[0] = (first < other ? first : other) + 0.0;
    pair[1] = (first < other ? other : first) + 0.0;
    return other == first ? 1 : 2;
}

/* A column of n_codes single values, 1 or 2: what code_column does, without an order. */
static hone_status code_pair(hn_columns *columns, const double *x, size_t j, const double *pair,
                             size_t n_codes)
{
    size_t n = columns->n, d = columns->d;
    columns->low[j] = columns->high[j] = hn_calloc(n_codes, sizeof(double));
    if (!columns->low[j])
        return HONE_OUT_OF_MEMORY;
    memcpy(columns->low[j], pair, n_codes * sizeof *pair);
    for (size_t i = 0; i < n; i++)
        columns->codes[j * n + i] = x[i * d + j] > pair[0];
    columns->n_codes[j] = (uint32_t)n_codes;
    if (n_codes > columns->max_codes)
        columns->max_codes = n_codes;
    return HONE_OK;
}

static hn_columns *new_columns(size_t n, size_t d)
{
    hn_columns *columns = hn_calloc(1, sizeof *columns);
    if (!columns)
        return NULL;
    columns->n = n;
    columns->d = d;
    columns->codes = n <= SIZE_MAX / (d ? d : 1) ? hn_aligned_array(n * d, sizeof *columns->codes) : NULL;
    columns->n_codes = hn_calloc(d, sizeof *columns->n_codes);
    columns->low = hn_calloc(d, sizeof *columns->low);
    columns->high = hn_calloc(d, sizeof *columns->high);
    if (columns->codes && columns->n_codes && columns->low && columns->high)
        return columns;
    hn_columns_destroy(columns);
    return NULL;
}

hone_status hn_columns_create(const double *x, size_t n, size_t d, hn_columns **columns, hone_error *err)
{
    hn_columns *made = new_columns(n, d);
    keyed *a = hn_malloc((n ? n : 1) * sizeof *a), *b = hn_malloc((n ? n : 1) * sizeof *b);
    hone_status status = made && a && b ? HONE_OK : HONE_OUT_OF_MEMORY;
    for (size_t j = 0; !status && n && j < d; j++) {
        double pair[2];
        size_t n_values = find_pair(x, n, d, j, pair);
        if (n_values <= 2) {
            status = code_pair(made, x, j, pair, n_values);
            continue;
        }
        for (size_t i = 0; i < n; i++)
            a[i] = (keyed){order_key(x[i * d + j]), (uint32_t)i};
        status = code_column(made, x, j, radix_sort(a, b, n));
    }
    if (!status && !hn_pairs_init(&made->pairs, made->codes, made->n_codes, n, d))
        status = HONE_OUT_OF_MEMORY;
    hn_free(a);
    hn_free(b);
    if (status) {
        hn_columns_destroy(made);
        return hn_out_of_memory(err);
    }
    *columns = made;
    return HONE_OK;
}

void hn_columns_destroy(hn_columns *columns)
{
    if (!columns)
        return;
    for (size_t j = 0; columns->low && columns->high && j < columns->d; j++) {
        if (columns->high[j] != columns->low[j])
            hn_free(columns->high[j]);
        hn_free(columns->low[j]);
    }
    hn_pairs_release(&columns->pairs);
    hn_free(columns->codes);
    hn_free(columns->n_codes);
    hn_free(columns->low);
    hn_free(columns->high);
    hn_free(columns);
}

size_t hn_columns_bytes(size_t n, size_t d)
{
    size_t values = n < HN_COLUMN_MAX_CODES ? n : (size_t)2 * HN_COLUMN_MAX_CODES;
    size_t column = values * sizeof(double) + n * sizeof(uint16_t) + 4 * sizeof(void *);
    size_t marks = (n + 1) * sizeof(size_t); /* those of a pair take less than values would */
    return d && column > (SIZE_MAX - marks) / d ? SIZE_MAX : column * d + marks;
}
