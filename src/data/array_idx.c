/* array_idx.c: IDX, the format of MNIST (LeCun), and CIFAR-10's binary batches (Krizhevsky 2009). */
#include "base/memory.h"
#include "data/array.h"

/* 0, 0, the element's code, the number of dimensions, each dimension in 4 bytes, the elements; all
 * big-endian.
 */
hone_status hn_idx_parse(const char *source, const hn_buffer *bytes, hn_array *array, hone_error *err)
{
    enum { MAGIC = 4, DIMENSION = 4 };
    static const int codes[] = {0x08, 0x09, 0x0B, 0x0C, -1, 0x0D, 0x0E}; /* of hn_element */
    const unsigned char *head = (const unsigned char *)bytes->data;
    size_t element = 0, count = sizeof codes / sizeof *codes;
    if (bytes->size < MAGIC || head[0] || head[1])
        return hn_fail(err, HONE_PARSE, "%s is no IDX file: it does not begin with two zero bytes", source);
    while (element < count && codes[element] != head[2])
        element++;
    if (element == count)
        return hn_fail(err, HONE_PARSE, "%s: an IDX file has no element type 0x%02x", source, head[2]);
    *array = (hn_array){.element = (hn_element)element, .big_endian = true, .rank = head[3]};
    if (array->rank < 1 || array->rank > HN_ARRAY_MAX_RANK)
        return hn_fail(err, HONE_UNSUPPORTED, "%s has %zu dimensions; 1 to %d can be read", source,
                       array->rank, HN_ARRAY_MAX_RANK);
    array->offset = MAGIC + DIMENSION * array->rank;
    if (bytes->size < array->offset)
        return hn_fail(err, HONE_PARSE, "%s is truncated: it ends within its header", source);
    for (size_t i = 0; i < array->rank; i++)
        for (size_t k = 0; k < DIMENSION; k++)
            array->dim[i] = array->dim[i] << 8 | head[MAGIC + DIMENSION * i + k];
    return hn_array_check(array, source, bytes->size - array->offset, err);
}

hone_status hn_cifar_parse(const char *source, hn_buffer *bytes, hn_array *images, double **labels,
                           hone_error *err)
{
    enum { CHANNELS = 3, SIDE = 32, IMAGE = CHANNELS * SIDE * SIDE, RECORD = 1 + IMAGE, CLASSES = 10 };
    size_t n = bytes->size / RECORD;
    if (!n || bytes->size % RECORD)
        return hn_fail(err, HONE_PARSE,
                       "%s is truncated: records of CIFAR-10 have %d bytes, after %zu of them %zu are left",
                       source, RECORD, n, bytes->size % RECORD);
    for (size_t i = 0; i < n; i++) {
        unsigned label = (unsigned char)bytes->data[i * RECORD];
        if (label >= CLASSES)
            return hn_fail(err, HONE_PARSE, "%s: image %zu has the label %u; labels of CIFAR-10 are 0 to 9",
                           source, i, label);
    }
    double *found = hn_calloc(n, sizeof *found);
    if (!found)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++) { /* the front only takes what was passed already */
        const char *record = bytes->data + i * RECORD;
        found[i] = (unsigned char)*record;
        for (size_t k = 0; k < IMAGE; k++)
            bytes->data[i * IMAGE + k] = record[1 + k];
    }
    bytes->size = n * IMAGE;
    *images = (hn_array){.element = HN_U8, .rank = 4, .dim = {n, CHANNELS, SIDE, SIDE}, .count = n * IMAGE};
    *labels = found;
    return HONE_OK;
}
