/* data/tensor_file.h: named arrays of doubles or floats with text metadata in one file, in the safetensors
 * layout: 8 bytes with the header's length (little endian), a JSON header, the arrays without gaps. Every
 * safetensors reader can open it. Source: github.com/huggingface/safetensors, "Format". One thread at a time
 * per object.
 */
#ifndef HN_DATA_TENSOR_FILE_H
#define HN_DATA_TENSOR_FILE_H

#include "base/node.h"

enum { HN_TENSOR_MAX_DIMS = 4, HN_TENSOR_MAX_HEADER_BYTES = 100 << 20 };

typedef struct hn_tensor {
    const char *name;
    size_t dims;
    size_t shape[HN_TENSOR_MAX_DIMS];
    const double *values; /* row-major; NULL: it holds floats */
    const float *floats;  /* else NULL */
} hn_tensor;

/* Product of the shape. */
size_t hn_tensor_size(const hn_tensor *tensor);
/* The tensor of doubles, of floats, of that name with that number of dims, or NULL. */
const hn_tensor *hn_tensor_find(const hn_tensor *tensors, size_t n, const char *name, size_t dims);
const hn_tensor *hn_tensor_find_floats(const hn_tensor *tensors, size_t n, const char *name, size_t dims);
/* Copies the values to `out`; false when one is not finite. */
bool hn_tensor_copy_finite(const hn_tensor *tensor, double *out);

/* metadata: a map of strings. Atomic: the old file or the new one, never half. */
hone_status hn_tensor_file_write(const char *path, const hn_node *metadata, const hn_tensor *tensors,
                                 size_t n, hone_error *err);

/* Everything is put into the arena. max_bytes bounds the file (0 = 4 GiB). Errors: HONE_IO, HONE_LIMIT;
 * HONE_PARSE when the sizes do not agree, the file is shorter or longer than its header says, or holds other
 * types than F64 and F32. */
hone_status hn_tensor_file_read(const char *path, size_t max_bytes, hn_arena *arena, hn_node **metadata,
                                hn_tensor **tensors, size_t *n, hone_error *err);

#endif
