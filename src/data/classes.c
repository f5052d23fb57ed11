#include "data/classes.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "math/statistics.h"

size_t hn_distinct_values(double *x, size_t n)
{
    size_t count = 0;
    hn_sort_doubles(x, n);
    for (size_t i = 0; i < n; i++)
        if (count == 0 || x[i] != x[count - 1])
            x[count++] = x[i];
    return count;
}

bool hn_are_classes(const double *distinct, size_t count, size_t rows)
{
    enum { MOST_CLASSES = 20, ROWS_PER_CLASS = 5 };
    for (size_t i = 0; i < count; i++)
        if (distinct[i] != floor(distinct[i]))
            return false;
    return count <= 2 || (count <= MOST_CLASSES && count * ROWS_PER_CLASS <= rows);
}

hone_status hn_classes_from_numbers(hn_arena *arena, const double *distinct, size_t count, double *values,
                                    size_t rows, const char ***names, hone_error *err)
{
    *names = HN_ARENA_NEW(arena, const char *, count);
    for (size_t i = 0; *names && i < count; i++) {
        char text[HN_NUMBER_SIZE];
        hn_format_double(text, distinct[i]);
        if (!((*names)[i] = hn_arena_strdup(arena, text)))
            return hn_out_of_memory(err);
    }
    if (!*names)
        return hn_out_of_memory(err);
    for (size_t row = 0; row < rows; row++) {
        size_t low = 0, high = count;
        while (high - low > 1) {
            size_t middle = (low + high) / 2;
            if (values[row] < distinct[middle])
                high = middle;
            else
                low = middle;
        }
        values[row] = (double)low;
    }
    return HONE_OK;
}

hone_status hn_classes_translate(hn_arena *arena, const char *source, const char *target,
                                 const hn_class_list *wanted, hn_class_list *classes, double *values,
                                 size_t rows, hone_error *err)
{
    double *index = HN_ARENA_NEW(arena, double, classes->n);
    const char **names = HN_ARENA_NEW(arena, const char *, wanted->n);
    if (!index || !names)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < wanted->n; i++)
        if (!(names[i] = hn_arena_strdup(arena, wanted->names[i])))
            return hn_out_of_memory(err);
    for (size_t i = 0; i < classes->n; i++) {
        size_t k = 0;
        while (k < wanted->n && strcmp(wanted->names[k], classes->names[i]) != 0)
            k++;
        if (k == wanted->n)
            return hn_fail(err, HONE_INVALID,
                           "%s: target %s has the value \"%.60s\", which is none of the %zu classes "
                           "expected (\"%.60s\" ...)",
                           source, target, classes->names[i], wanted->n, wanted->names[0]);
        index[i] = (double)k;
    }
    for (size_t row = 0; row < rows; row++)
        values[row] = index[(size_t)values[row]];
    *classes = (hn_class_list){names, wanted->n};
    return HONE_OK;
}
