/* fuzz_tensors.c: a safetensors file is refused, or is one that comes back the same when it is written. */
#include <stdlib.h>
#include <string.h>

#include "data/tensor_file.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check(const hn_node *metadata, const hn_tensor *tensors, size_t n)
{
    char path[] = "hone-fuzz-XXXXXX";
    hn_arena arena = HN_ARENA_INIT;
    hn_node *its = NULL;
    hn_tensor *again = NULL;
    size_t count = 0;
    int fd = mkstemp(path);
    require(fd >= 0 && !hn_tensor_file_write(path, metadata, tensors, n, NULL));
    require(!hn_tensor_file_read(path, 0, &arena, &its, &again, &count, NULL) && count == n);
    require(hn_node_equal(its, metadata));
    for (size_t i = 0; i < n; i++) {
        size_t width = tensors[i].floats ? sizeof(float) : sizeof(double);
        const void *ours = tensors[i].floats ? (const void *)tensors[i].floats : tensors[i].values;
        const void *theirs = again[i].floats ? (const void *)again[i].floats : again[i].values;
        require(!strcmp(again[i].name, tensors[i].name) && again[i].dims == tensors[i].dims);
        require(!memcmp(again[i].shape, tensors[i].shape, tensors[i].dims * sizeof *tensors[i].shape));
        require((again[i].floats != NULL) == (tensors[i].floats != NULL));
        require(!memcmp(ours, theirs, hn_tensor_size(&tensors[i]) * width));
    }
    hn_arena_release(&arena);
    unlink(path);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[MEMORY_PATH_SIZE];
    hn_arena arena = HN_ARENA_INIT;
    hn_node *metadata = NULL;
    hn_tensor *tensors = NULL;
    size_t n = 0;
    int fd = memory_file(data, size, path);
    if (!hn_tensor_file_read(path, 0, &arena, &metadata, &tensors, &n, NULL))
        check(metadata, tensors, n);
    close(fd);
    hn_arena_release(&arena);
    return 0;
}
