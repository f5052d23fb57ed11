/* fuzz_npz.c: a member of any bytes is inflated whole, or refused. */
#include "array_file.h"
#include "data/array.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LIMIT = 1 << 20 };
    static const char *const names[] = {"x", "y", NULL};
    hn_buffer buffer = buffer_of(data, size), out = HN_BUFFER_INIT;
    hn_array array;
    if (!hn_npz_member("fuzz", &buffer, names, LIMIT, &out, NULL)) {
        require(out.size <= LIMIT);
        if (!hn_npy_parse("fuzz", &out, &array, NULL))
            check_array(&array, &out);
    }
    hn_buffer_release(&buffer);
    hn_buffer_release(&out);
    return 0;
}
