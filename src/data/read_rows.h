/* data/read_rows.h: cells as a dataset. */
#ifndef HN_DATA_READ_ROWS_H
#define HN_DATA_READ_ROWS_H

#include "data/csv.h"
#include "data/dataset.h"
#include "data/head.h"

/* The rows of csv from first_row on; errors as hn_dataset_read. */
hone_status hn_dataset_of_rows(const hn_csv *csv, const hn_dataset_options *options, const hn_head *head,
                               size_t first_row, hn_dataset **dataset, hone_error *err);

#endif
