/* data/write.h: a dataset as CSV. */
#ifndef HN_DATA_WRITE_H
#define HN_DATA_WRITE_H

#include "data/dataset.h"

/* Takes whole lines; what it answers other than HONE_OK ends the writing. */
typedef hone_status hn_line_writer(void *user, const char *text, size_t size, hone_error *err);

/* rows (n,) of the dataset (NULL: all) under a header, group, weight and target last: numbers exactly,
 * missing values as empty cells. HONE_UNSUPPORTED for samples. O(cells), in pieces of bounded size. */
hone_status hn_dataset_write(const hn_dataset *dataset, const size_t *rows, size_t n, hn_line_writer *write,
                             void *user, hone_error *err);
/* To a file, compressed when its name ends in .gz: the old content or the new, never half. */
hone_status hn_dataset_save(const hn_dataset *dataset, const size_t *rows, size_t n, const char *path,
                            hone_error *err);

#endif
