/* select/splits.h: every way to cut rows into training and test rows, made once for all settings.
 * Reproducible: the same seed gives the same rows whatever the number of threads. Without shuffle the splits
 * are scikit-learn's. Read-only after it was made.
 */
#ifndef HN_SELECT_SPLITS_H
#define HN_SELECT_SPLITS_H

#include <stdbool.h>
#include <stdint.h>

#include "data/dataset.h"

typedef enum hn_split_kind {
    HN_SPLIT_STRATIFIED, /* k folds that keep the shares of the classes; plain ones for numbers */
    HN_SPLIT_PLAIN,      /* k folds */
    HN_SPLIT_GROUP,      /* k folds; no group of the dataset's group column is in two */
    HN_SPLIT_STRATIFIED_GROUP,
    HN_SPLIT_SHUFFLE,       /* `folds` draws of `test` of the rows (of each class) */
    HN_SPLIT_LEAVE_ONE_OUT, /* each row by itself */
    HN_SPLIT_LEAVE_ONE_GROUP_OUT,
    HN_SPLIT_TIME_SERIES, /* rows are in the order of time: k blocks are tested after all before them */
    HN_SPLIT_PREDEFINED,  /* the group column says in which fold a row is tested; -1: never */
    HN_SPLIT_HOLDOUT,     /* one draw */
    HN_SPLIT_LAST,        /* the last of the rows as they are, as Keras' validation_split */
    HN_SPLIT_KINDS
} hn_split_kind;

typedef struct hn_split_options {
    hn_split_kind kind;
    size_t folds;      /* at least 2; 0 = 5 */
    size_t repeats;    /* of stratified and plain, each drawn anew; 0 = 1; more than 1 shuffle */
    bool shuffle;      /* which rows (groups) go together is drawn; not for the kinds that have an order */
    double test_share; /* of shuffle, holdout and last, in (0, 1); 0 = 0.2 */
    uint64_t seed;
} hn_split_options;

typedef struct hn_splits {
    size_t n, n_splits;
    size_t per_plan;   /* splits that share a plan */
    bool ordered;      /* split k tests block k + 1 after the blocks before it */
    uint32_t *fold_of; /* (n_splits / per_plan, n): the plans */
} hn_splits;

/* "stratified", "kfold", "group" ...; the index is an hn_split_kind. NULL at HN_SPLIT_KINDS. */
extern const char *const hn_split_names[HN_SPLIT_KINDS + 1];
bool hn_split_needs_column(hn_split_kind kind);

/* rows (n,) of the dataset. HONE_INVALID: fewer than 2 folds, more than rows or groups, no class with as many
 * rows as folds, a kind that needs a column without one, a predefined column that is not of whole numbers.
 * Release splits in any case. O(n) a repeat. */
hone_status hn_splits_create(const hn_split_options *options, const hn_dataset *dataset, const size_t *rows,
                             size_t n, hn_splits *splits, hone_error *err);
void hn_splits_release(hn_splits *splits);

/* order (n,): the *n_train positions (of rows) that train in split i, ascending, then the *n_test tested. */
void hn_splits_rows(const hn_splits *splits, size_t i, size_t *order, size_t *n_train, size_t *n_test);

#endif
