/* data/classes.h: a target of numbers as classes. */
#ifndef HN_DATA_CLASSES_H
#define HN_DATA_CLASSES_H

#include "base/arena.h"
#include "base/error.h"

/* Sorts x (n,) and moves its distinct values to the front; returns how many there are. */
size_t hn_distinct_values(double *x, size_t n);

/* Replaces values (rows,) by their index in distinct (count,), ascending; *names (in the arena) are the
 * shortest texts of the numbers ("1", not "1.0"). */
hone_status hn_classes_from_numbers(hn_arena *arena, const double *distinct, size_t count, double *values,
                                    size_t rows, const char ***names, hone_error *err);

#endif
