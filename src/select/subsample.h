/* select/subsample.h: a part of a fold's training rows, as cheap fits want it. */
#ifndef HN_SELECT_SUBSAMPLE_H
#define HN_SELECT_SUBSAMPLE_H

#include "select/fold.h"

/* The fold with `rows` of its training rows (at least 1; all of them when there are no more), the test rows
 * as they are. The rows depend on the validation's seed, the fold and `rows` alone; those of a smaller number
 * are among those of a larger. Of classes each has its share, and, with as many rows as classes, at least one
 * row. Preprocessing stays that of all training rows. part is zeroed first; it borrows what models share from
 * fold. Release it with hn_fold_release in any case. O(rows * width + training rows). */
hone_status hn_fold_sample(const hn_validation *validation, const hn_fold *fold, size_t index, size_t rows,
                           hn_fold *part, hone_error *err);

#endif
