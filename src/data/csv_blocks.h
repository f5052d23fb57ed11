/* data/csv_blocks.h: a delimited text read block by block, so that its size does not matter. One thread at a
 * time. */
#ifndef HN_DATA_CSV_BLOCKS_H
#define HN_DATA_CSV_BLOCKS_H

#include "data/csv.h"

enum { HN_CSV_BLOCK_BYTES = 1 << 22 };

typedef struct hn_csv_blocks hn_csv_blocks;

/* As hn_csv_read; max_bytes is of one block here, which grows beyond HN_CSV_BLOCK_BYTES only for the sake of
 * one row. block_bytes 0: HN_CSV_BLOCK_BYTES. path is borrowed until closed. Returned: free with
 * hn_csv_blocks_close. */
hone_status hn_csv_blocks_open(const char *path, const hn_csv_options *options, size_t block_bytes,
                               hn_csv_blocks **blocks, hone_error *err);
/* The next whole rows, at least one; none are left when csv->n_rows is 0. A table without any row is an
 * error. Release csv in any case. */
hone_status hn_csv_blocks_next(hn_csv_blocks *blocks, hn_csv *csv, hone_error *err);
void hn_csv_blocks_close(hn_csv_blocks *blocks); /* accepts NULL */

#endif
