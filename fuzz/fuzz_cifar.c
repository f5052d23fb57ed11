/* fuzz_cifar.c: records are images with labels below 10, or refused. */
#include "array_file.h"
#include "base/memory.h"
#include "data/array.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hn_buffer buffer = buffer_of(data, size);
    hn_array images;
    double *labels = NULL;
    if (!hn_cifar_parse("fuzz", &buffer, &images, &labels, NULL)) {
        check_array(&images, &buffer);
        for (size_t i = 0; i < images.dim[0]; i++)
            require(labels[i] >= 0 && labels[i] < 10);
        hn_free(labels);
    }
    hn_buffer_release(&buffer);
    return 0;
}
