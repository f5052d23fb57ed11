/* select/public_data.h: the public dataset: rows of a table that it shares with others. */
#ifndef HN_SELECT_PUBLIC_DATA_H
#define HN_SELECT_PUBLIC_DATA_H

#include "data/dataset.h"
#include "hone/ml.h"

struct hone_dataset {
    hn_dataset *data; /* its share */
    size_t *rows;     /* (n,); NULL: all */
    size_t n;
};

/* Another handle on the same rows; NULL when memory is out. */
hone_dataset *hn_public_dataset_copy(const hone_dataset *dataset);
/* Takes data over, also on failure. */
hone_status hn_public_dataset_wrap(hn_dataset *data, hone_dataset **dataset, hone_error *err);
/* The internal options, which look into *text; options may be NULL. HONE_INVALID for a struct_size this
 * version does not know, and for a vocabulary or length out of range. */
hone_status hn_public_dataset_options(const hone_dataset_options *options, hn_dataset_options *out,
                                      hn_text_rule *text, hone_error *err);

#endif
