/* data/read_arrays.h: files of arrays (data/array.h) as a dataset of samples. */
#ifndef HN_DATA_READ_ARRAYS_H
#define HN_DATA_READ_ARRAYS_H

#include "data/array.h"
#include "data/dataset.h"

/* What the file begins as; HN_ARRAY_NONE for text, standard input and pipes. Errors: those of
 * opening it. */
hone_status hn_arrays_detect(const char *path, hn_array_format *format, hone_error *err);

/* HONE_INVALID when options name a column: of one array a row there are none. named: the target may have a
 * name, that of an array. */
hone_status hn_arrays_refuse_columns(const char *path, const hn_dataset_options *options, bool named,
                                     hone_error *err);

/* Images of bytes with three dimensions are grey: (1, height, width); other numbers are (steps, features).
 * With four the channels come first, or last when there are at most 4 of them. Labels: those in the file; or
 * options->labels; or, of IDX files, the file whose name has "labels-idx1" for "images-idx3". Whole numbers
 * are classes unless the task says otherwise. HONE_INVALID when labels are absent or another number than
 * rows, for values that are not finite, for options of columns. Returned: free with hn_dataset_destroy. */
hone_status hn_dataset_read_arrays(const char *path, hn_array_format format,
                                   const hn_dataset_options *options, hn_dataset **dataset, hone_error *err);

#endif
