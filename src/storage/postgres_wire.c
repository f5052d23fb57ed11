/* Values in PostgreSQL's binary format: big-endian numbers, times as microseconds since 2000, arrays with a
 * header of dimensions. Neither a locale nor a rounding is between us and the server. */
#include <math.h>
#include <string.h>

#include "storage/postgres.h"

/* PostgreSQL, src/include/catalog/pg_type.dat. */
enum {
    TYPE_BOOL = 16,
    TYPE_INT8 = 20,
    TYPE_TEXT = 25,
    TYPE_FLOAT8 = 701,
    TYPE_INT8_ARRAY = 1016,
    TYPE_TEXT_ARRAY = 1009,
    TYPE_FLOAT8_ARRAY = 1022,
    TYPE_TIMESTAMP = 1114,
};

/* From 1970 to 2000, where PostgreSQL's times begin. */
static const int64_t epoch_us = 946684800LL * 1000000;

/* --- out --- */

static void put(hn_buffer *out, uint64_t value, int size)
{
    unsigned char bytes[8];
    for (int i = 0; i < size; i++)
        bytes[i] = (unsigned char)(value >> (8 * (size - 1 - i)));
    hn_buffer_append(out, bytes, (size_t)size);
}

static void put_double(hn_buffer *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put(out, bits, 8);
}

static void put_element(hn_buffer *out, char kind, const void *items, size_t i)
{
    const double *reals = items;
    const char *const *texts = items;
    if (kind == 'I') {
        put(out, 8, 4);
        put(out, (uint64_t)((const int64_t *)items)[i], 8);
    } else if (kind == 'D' && isfinite(reals[i])) {
        put(out, 8, 4);
        put_double(out, reals[i]);
    } else if (kind == 'T' && texts[i]) {
        size_t size = strlen(texts[i]);
        put(out, size, 4);
        hn_buffer_append(out, texts[i], size);
    } else {
        put(out, UINT32_MAX, 4); /* -1: NULL */
    }
}

/* Dimensions, whether there are NULLs, the element's type, then length and lower bound, then the elements. */
static void put_array(hn_buffer *out, char kind, size_t n, const void *items)
{
    put(out, n ? 1 : 0, 4);
    put(out, 1, 4);
    put(out, kind == 'I' ? TYPE_INT8 : kind == 'D' ? TYPE_FLOAT8 : TYPE_TEXT, 4);
    if (n) {
        put(out, n, 4);
        put(out, 1, 4);
    }
    for (size_t i = 0; i < n; i++)
        put_element(out, kind, items, i);
}

static Oid type_of(char kind)
{
    switch (kind) {
    case 'i': return TYPE_INT8;
    case 'b': return TYPE_BOOL;
    case 'd': return TYPE_FLOAT8;
    case 'u': return TYPE_TIMESTAMP;
    case 'I': return TYPE_INT8_ARRAY;
    case 'D': return TYPE_FLOAT8_ARRAY;
    case 'T': return TYPE_TEXT_ARRAY;
    default: return TYPE_TEXT;
    }
}

/* Appends one value; false: it is NULL. */
static bool encode(hn_buffer *out, char kind, va_list *arguments)
{
    switch (kind) {
    case 'i': put(out, (uint64_t)va_arg(*arguments, int64_t), 8); return true;
    case 'b': put(out, va_arg(*arguments, int) != 0, 1); return true;
    case 'd': {
        double value = va_arg(*arguments, double);
        put_double(out, value);
        return isfinite(value);
    }
    case 'u': {
        int64_t wall_us = va_arg(*arguments, int64_t);
        put(out, (uint64_t)(wall_us - epoch_us), 8);
        return wall_us != 0;
    }
    case 't': {
        const char *text = va_arg(*arguments, const char *);
        hn_buffer_text(out, text ? text : "");
        return text != NULL;
    }
    default: {
        size_t n = va_arg(*arguments, size_t);
        const void *items = va_arg(*arguments, const void *);
        if (items)
            put_array(out, kind, n, items);
        return items != NULL;
    }
    }
}

void hn_pg_encode(hn_pg_values *values, const char *format, va_list given)
{
    va_list arguments;
    va_copy(arguments, given);
    hn_buffer_clear(&values->bytes);
    values->count = strlen(format);
    for (size_t i = 0; i < values->count; i++) {
        size_t offset = values->bytes.size;
        values->types[i] = type_of(format[i]);
        values->offsets[i] = encode(&values->bytes, format[i], &arguments) ? offset : SIZE_MAX;
        values->sizes[i] = (int)(values->bytes.size - offset);
    }
    va_end(arguments);
    hn_buffer_char(&values->bytes, '\0'); /* there is memory to point to */
}

/* --- in --- */

static uint64_t get(const unsigned char *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* An integer of one, two, four or eight bytes. */
static int64_t get_int(const unsigned char *bytes, size_t size)
{
    uint64_t value = get(bytes, size);
    if (size == 4)
        return (int32_t)value;
    return size == 2 ? (int16_t)value : (int64_t)value;
}

static double get_double(const unsigned char *bytes, size_t size)
{
    double value = NAN;
    uint64_t bits = get(bytes, size);
    if (size == sizeof value)
        memcpy(&value, &bits, sizeof value);
    return value;
}

static const unsigned char *bytes_of(const PGresult *result, int row, int column)
{
    return (const unsigned char *)PQgetvalue(result, row, column);
}

bool hn_pg_is_null(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column);
}

int64_t hn_pg_int(const PGresult *result, int row, int column)
{
    return get_int(bytes_of(result, row, column), (size_t)PQgetlength(result, row, column));
}

double hn_pg_double(const PGresult *result, int row, int column)
{
    return get_double(bytes_of(result, row, column), (size_t)PQgetlength(result, row, column));
}

const char *hn_pg_text(const PGresult *result, int row, int column)
{
    return PQgetvalue(result, row, column); /* libpq ends every value with a NUL */
}

int64_t hn_pg_time(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column) ? 0 : hn_pg_int(result, row, column) + epoch_us;
}

hn_pg_array hn_pg_array_of(const PGresult *result, int row, int column)
{
    enum { HEADER = 20 }; /* with one dimension */
    hn_pg_array array = {0};
    const unsigned char *bytes = bytes_of(result, row, column);
    size_t size = (size_t)PQgetlength(result, row, column);
    if (PQgetisnull(result, row, column) || size < HEADER || get(bytes, 4) != 1)
        return array;
    array.count = (size_t)get(bytes + 12, 4);
    array.at = bytes + HEADER;
    array.end = bytes + size;
    return array;
}

const unsigned char *hn_pg_next(hn_pg_array *array, size_t *size)
{
    *size = 0;
    if (!array->at || array->end - array->at < 4)
        return NULL;
    uint32_t length = (uint32_t)get(array->at, 4);
    array->at += 4;
    if (length == UINT32_MAX || length > (size_t)(array->end - array->at))
        return NULL;
    const unsigned char *bytes = array->at;
    array->at += length;
    *size = length;
    return bytes;
}

int64_t hn_pg_next_int(hn_pg_array *array)
{
    size_t size;
    const unsigned char *bytes = hn_pg_next(array, &size);
    return bytes ? get_int(bytes, size) : 0;
}

double hn_pg_next_double(hn_pg_array *array)
{
    size_t size;
    const unsigned char *bytes = hn_pg_next(array, &size);
    return bytes ? get_double(bytes, size) : NAN;
}
