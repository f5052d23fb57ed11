#include "data/classes.h"

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
