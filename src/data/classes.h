/* data/classes.h: a target of numbers as classes. */
#ifndef HN_DATA_CLASSES_H
#define HN_DATA_CLASSES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

/* Sorts x (n,) and moves its distinct values to the front; returns how many there are. */
size_t hn_distinct_values(double *x, size_t n);

/* Do a target's distinct (count,) values look like classes? All are whole, and there are at most 20 of them,
 * each met five times on average, or only two. */
bool hn_are_classes(const double *distinct, size_t count, size_t rows);

/* Replaces values (rows,) by their index in distinct (count,), ascending; *names (in the arena) are the
 * shortest texts of the numbers ("1", not "1.0"). */
hone_status hn_classes_from_numbers(hn_arena *arena, const double *distinct, size_t count, double *values,
                                    size_t rows, const char ***names, hone_error *err);

/* A list of classes that was known before: replaces values (rows,), indices of names (n,), by those of wanted
 * (n_wanted,), and *classes (in the arena) by a copy of it. HONE_INVALID names a class that is none of them.
 */
typedef struct hn_class_list {
    const char *const *names;
    size_t n;
} hn_class_list;
hone_status hn_classes_translate(hn_arena *arena, const char *source, const char *target,
                                 const hn_class_list *wanted, hn_class_list *classes, double *values,
                                 size_t rows, hone_error *err);

#endif
