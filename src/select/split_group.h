/* select/split_group.h: folds that keep groups of rows together (all visits of a patient). */
#ifndef HN_SELECT_SPLIT_GROUP_H
#define HN_SELECT_SPLIT_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct hn_grouped_rows {
    size_t n, n_groups;
    const size_t *group; /* (n,): 0 .. n_groups-1 */
    const double *y;     /* (n,): class indices, their shares are kept as well as groups allow; NULL: not */
    size_t n_classes;
} hn_grouped_rows;

/* fold_of (n,). Without shuffle the folds are those of scikit-learn's GroupKFold (of groups equally large the
 * later first) and StratifiedGroupKFold; with it the order of equal groups is
 * drawn. HONE_INVALID for k < 2 and fewer
 * groups than folds. O(n + n_groups * k * (k + n_classes)). */
hone_status hn_assign_group_folds(const hn_grouped_rows *rows, size_t k, bool shuffle, uint64_t seed,
                                  size_t *fold_of, hone_error *err);

#endif
