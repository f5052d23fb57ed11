#include "data/array.h"

#include <string.h>

size_t hn_element_size(hn_element element)
{
    static const size_t sizes[] = {1, 1, 2, 4, 8, 4, 8};
    return sizes[element];
}

double hn_array_at(const hn_array *array, const char *bytes, size_t i)
{
    size_t size = hn_element_size(array->element);
    const unsigned char *at = (const unsigned char *)bytes + array->offset + i * size;
    uint64_t bits = 0;
    for (size_t k = 0; k < size; k++)
        bits |= (uint64_t)at[array->big_endian ? size - 1 - k : k] << (8 * k);
    uint32_t half = (uint32_t)bits;
    double wide;
    float narrow;
    switch (array->element) {
    case HN_U8: return (double)bits;
    case HN_I8: return (int8_t)bits;
    case HN_I16: return (int16_t)bits;
    case HN_I32: return (int32_t)bits;
    case HN_I64: return (double)(int64_t)bits;
    case HN_F32: memcpy(&narrow, &half, sizeof narrow); return narrow;
    case HN_F64: break;
    }
    memcpy(&wide, &bits, sizeof wide);
    return wide;
}

hone_status hn_array_check(hn_array *array, const char *source, size_t size, hone_error *err)
{
    size_t bytes = hn_element_size(array->element);
    array->count = 1;
    for (size_t i = 0; i < array->rank; i++) {
        size_t dim = array->dim[i];
        if (!dim)
            return hn_fail(err, HONE_PARSE, "%s: an empty array: its dimension %zu is 0", source, i);
        if (dim > SIZE_MAX / bytes / array->count)
            return hn_fail(err, HONE_PARSE, "%s: its dimensions are too large for any memory", source);
        array->count *= dim;
    }
    if (array->count * bytes != size)
        return hn_fail(err, HONE_PARSE,
                       "%s is %s: its header speaks of %zu bytes of numbers, the file has %zu", source,
                       array->count * bytes > size ? "truncated" : "damaged", array->count * bytes, size);
    return HONE_OK;
}

/* No byte of a text file: tabs, line ends, form feeds and escapes are. */
static bool is_binary(unsigned char c)
{
    return c < 9 || (c > 13 && c < 27);
}

/* CIFAR batches have no magic: a record begins with a class, and no text has such bytes. Half of the records
 * suffice, so that one with a wrong class is not taken for text. */
static bool is_cifar(const char *bytes, size_t size)
{
    enum { RECORD = 3073, CLASSES = 10 };
    size_t records = 0, labelled = 0;
    bool binary = false;
    for (size_t i = 0; i < size; i += RECORD, records++)
        labelled += (unsigned char)bytes[i] < CLASSES;
    if (size < RECORD || 2 * labelled < records)
        return false;
    for (size_t i = 0; i < size && !binary; i++)
        binary = is_binary((unsigned char)bytes[i]);
    return binary;
}

hn_array_format hn_array_format_of(const char *bytes, size_t size)
{
    if (size >= 4 && !bytes[0] && !bytes[1] && bytes[2] >= 0x08 && bytes[2] <= 0x0E && bytes[3] >= 1 &&
        bytes[3] <= 8)
        return HN_ARRAY_IDX;
    if (size >= 6 && !memcmp(bytes, "\x93NUMPY", 6))
        return HN_ARRAY_NPY;
    if (size >= 4 && (!memcmp(bytes, "PK\3\4", 4) || !memcmp(bytes, "PK\5\6", 4)))
        return HN_ARRAY_NPZ;
    return is_cifar(bytes, size) ? HN_ARRAY_CIFAR : HN_ARRAY_NONE;
}
