/* fuzz_idx.c: any bytes are a sound array, or refused. */
#include "array_file.h"
#include "data/array.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hn_buffer buffer = buffer_of(data, size);
    hn_array array;
    if (!hn_idx_parse("fuzz", &buffer, &array, NULL))
        check_array(&array, &buffer);
    hn_buffer_release(&buffer);
    return 0;
}
