/* data/head.h: whether a table has a header line, and what its columns are called. */
#ifndef HN_DATA_HEAD_H
#define HN_DATA_HEAD_H

#include "base/arena.h"
#include "data/csv.h"
#include "data/dataset.h"

typedef struct hn_head {
    bool named;         /* by a header line; otherwise the columns are x0, x1, ... */
    const char **names; /* (csv->n_columns,); NULL: not known yet */
    hn_arena arena;
} hn_head;

/* Finds head of the table that begins with csv. */
hone_status hn_head_find(const hn_csv *csv, const hn_dataset_options *options, hn_head *head,
                         hone_error *err);
/* Nothing follows the header. */
hone_status hn_head_fail_alone(const hn_csv *csv, hone_error *err);
/* HONE_INVALID when two columns that are not left out (of n) have one name. */
hone_status hn_head_check_names(const char *source, const char *const *names, const bool *left_out, size_t n,
                                hone_error *err);
void hn_head_release(hn_head *head);

#endif
