/* data/array.h: files that hold arrays of numbers: IDX (MNIST), CIFAR-10 batches, NumPy's NPY and NPZ. What
 * is read is hostile: every size is checked against the bytes there are. One thread at a time.
 */
#ifndef HN_DATA_ARRAY_H
#define HN_DATA_ARRAY_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum { HN_ARRAY_MAX_RANK = 4 };

typedef enum hn_element { HN_U8, HN_I8, HN_I16, HN_I32, HN_I64, HN_F32, HN_F64 } hn_element;

/* Elements in C order in a buffer of the reader's, from `offset` on. */
typedef struct hn_array {
    hn_element element;
    bool big_endian;
    size_t rank, dim[HN_ARRAY_MAX_RANK]; /* dim[0]: rows */
    size_t count;                        /* elements in all */
    size_t offset;                       /* in bytes */
} hn_array;

size_t hn_element_size(hn_element element);
/* Element i < count. bytes: the buffer's. O(1). */
double hn_array_at(const hn_array *array, const char *bytes, size_t i);

/* Fills array->count from its dimensions; HONE_PARSE when they overflow, one is 0, or size bytes from
 * array->offset on are not exactly the elements. source names the file. */
hone_status hn_array_check(hn_array *array, const char *source, size_t size, hone_error *err);

typedef enum hn_array_format {
    HN_ARRAY_NONE, /* something else: text */
    HN_ARRAY_IDX,
    HN_ARRAY_CIFAR,
    HN_ARRAY_NPY,
    HN_ARRAY_NPZ,
} hn_array_format;

enum { HN_ARRAY_HEAD = 2 * 3073 }; /* bytes that hn_array_format_of looks at */

/* By the first bytes of a file (gunzipped). */
hn_array_format hn_array_format_of(const char *bytes, size_t size);

/* bytes is the whole file; the array's elements stay there. HONE_PARSE says what is wrong with it,
 * HONE_UNSUPPORTED what hone does not read (other element types, Fortran order). */
hone_status hn_idx_parse(const char *source, const hn_buffer *bytes, hn_array *array, hone_error *err);
hone_status hn_npy_parse(const char *source, const hn_buffer *bytes, hn_array *array, hone_error *err);

/* CIFAR-10 batches: a byte with the class, then 3072 of 3 x 32 x 32. The images are moved to the front of
 * bytes, labels (n,) go to *labels: free with hn_free. */
hone_status hn_cifar_parse(const char *source, hn_buffer *bytes, hn_array *images, double **labels,
                           hone_error *err);

/* The member called NAME or NAME.npy of the NPZ file, inflated into *out; the first of names (ends with NULL)
 * that there is. HONE_NOT_FOUND lists the members; HONE_LIMIT above limit bytes. */
hone_status hn_npz_member(const char *source, const hn_buffer *bytes, const char *const *names, size_t limit,
                          hn_buffer *out, hone_error *err);

#endif
