/* select/split.h: which rows train and which test. Deterministic: the same seed gives the same split.
 * Thread-safe. */
#ifndef HN_SELECT_SPLIT_H
#define HN_SELECT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* fold_of (n,): the fold 0 .. k-1 in which each row is tested. y (n,): class indices, folds then keep the
 * shares of the n_classes classes; NULL: plain folds. Without shuffle the assignment is that of
 * scikit-learn's StratifiedKFold and KFold. HONE_INVALID for k < 2, k > n, or no class with k rows. O(n). */
hone_status hn_assign_folds(const double *y, size_t n_classes, size_t n, size_t k, bool shuffle,
                            uint64_t seed, size_t *fold_of, hone_error *err);

/* held_out (n,): true for the rows put aside, drawn at random: round(fraction * rows) of each class (y as
 * above), of all rows without y; at least one row stays on either side. fraction in (0, 1). O(n). */
hone_status hn_hold_out(const double *y, size_t n_classes, size_t n, double fraction, uint64_t seed,
                        bool *held_out, hone_error *err);

#endif
