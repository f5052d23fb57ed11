/* array_file.h: what the fuzz targets of files of arrays share. */
#ifndef HN_FUZZ_ARRAY_FILE_H
#define HN_FUZZ_ARRAY_FILE_H

#include <stdlib.h>

#include "data/array.h"

static inline void require(bool holds)
{
    if (!holds)
        abort();
}

/* The input as a buffer; release it. */
static inline hn_buffer buffer_of(const uint8_t *data, size_t size)
{
    hn_buffer buffer = HN_BUFFER_INIT;
    hn_buffer_append(&buffer, data, size);
    require(!hn_buffer_failed(&buffer));
    return buffer;
}

/* Every element lies in the buffer, as the sanitizers see when all are read. */
static inline void check_array(const hn_array *array, const hn_buffer *buffer)
{
    size_t size = hn_element_size(array->element), count = 1;
    for (size_t i = 0; i < array->rank; i++)
        count *= array->dim[i];
    require(array->rank >= 1 && array->rank <= HN_ARRAY_MAX_RANK && count && count == array->count);
    require(array->offset + count * size <= buffer->size);
    volatile double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += hn_array_at(array, buffer->data, i);
    (void)sum;
}

#endif
