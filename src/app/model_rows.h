/* app/model_rows.h: the rows that a study's trials see, as the program and each worker compute them: what
 * follows from the plan and the study's seed alone. */
#ifndef HN_APP_MODEL_ROWS_H
#define HN_APP_MODEL_ROWS_H

#include "select/splits.h"

typedef struct hn_rows_options {
    double held_out; /* the share of all rows that no trial sees; 0 = none */
    uint64_t seed;
    size_t outer, outer_fold; /* of the others, those that train in outer fold 1 .. outer; 0 = all */
    hn_split_kind split;      /* of the outer folds */
    bool shuffle;
} hn_rows_options;

/* Zero-initialise, release in any case. */
typedef struct hn_rows {
    size_t *kept, n_kept; /* ascending */
    size_t *out, n_out;   /* of an outer fold its test rows, otherwise those held out; ascending */
} hn_rows;

hone_status hn_rows_choose(const hn_rows_options *options, const hn_dataset *dataset, hn_rows *rows,
                           hone_error *err);
void hn_rows_release(hn_rows *rows);

#endif
