#include "sampler/lattice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *left, const void *right)
{
    const hn_parameter *const *a = left, *const *b = right;
    return strcmp((*a)->name, (*b)->name);
}

hone_status hn_lattice_make(hn_arena *arena, const hn_space *space, const hn_axis *axes, hn_lattice *lattice,
                            hone_error *err)
{
    const hn_parameter **sorted = HN_ARENA_NEW(arena, const hn_parameter *, space->count);
    size_t *strides = HN_ARENA_NEW(arena, size_t, space->count);
    if (sorted == NULL || strides == NULL) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < space->count; i++) {
        sorted[i] = &space->parameters[i];
    }
    qsort(sorted, space->count, sizeof *sorted, compare_names);
    size_t size = 1;
    for (size_t k = space->count; k-- > 0;) {
        size_t i = (size_t)(sorted[k] - space->parameters);
        strides[i] = size;
        size_t count = axes[i].count == 0 ? 1 : axes[i].count;
        if (count > HN_LATTICE_MAX_SIZE / size) {
            return hn_fail(err, HONE_LIMIT, "more than %d combinations of values", HN_LATTICE_MAX_SIZE);
        }
        size *= count;
    }
    *lattice = (hn_lattice){.space = space, .axes = axes, .strides = strides, .size = size};
    return HONE_OK;
}

hone_status hn_lattice_axes(hn_arena *arena, const hn_space *space, const hn_point *fixed, hn_axis *axes,
                            hone_error *err)
{
    for (size_t i = 0; i < space->count; i++) {
        const hn_parameter *parameter = &space->parameters[i];
        bool given = fixed != NULL && fixed->active[i];
        double count = given ? 1 : hn_distribution_count(&parameter->distribution);
        if (count > HN_LATTICE_MAX_SIZE && !isinf(count)) {
            return hn_fail(err, HONE_LIMIT, "parameter %s has more than %d values", parameter->name,
                           HN_LATTICE_MAX_SIZE);
        }
        size_t n = isinf(count) ? 0 : (size_t)count;
        double *values = HN_ARENA_NEW(arena, double, n);
        if (values == NULL) {
            return hn_out_of_memory(err);
        }
        for (size_t k = 0; k < n; k++) {
            values[k] = given ? fixed->values[i] : hn_distribution_nth(&parameter->distribution, (double)k);
        }
        axes[i] = (hn_axis){.values = values, .count = n};
    }
    return HONE_OK;
}

bool hn_lattice_point(const hn_lattice *lattice, size_t index, hn_point *point)
{
    for (size_t i = 0; i < lattice->space->count; i++) {
        const hn_axis *axis = &lattice->axes[i];
        size_t position = axis->count == 0 ? 0 : index / lattice->strides[i] % axis->count;
        point->active[i] = hn_space_is_active(lattice->space, i, point);
        point->values[i] = !point->active[i] ? 0 : axis->count == 0 ? NAN : axis->values[position];
        if (!point->active[i] && position != 0) {
            return false;
        }
    }
    return true;
}

bool hn_lattice_contains(const hn_lattice *lattice, const hn_point *point)
{
    for (size_t i = 0; i < lattice->space->count; i++) {
        const hn_axis *axis = &lattice->axes[i];
        bool found = !point->active[i];
        for (size_t k = 0; k < axis->count && !found; k++) {
            found = axis->values[k] == point->values[i];
        }
        if (!found) {
            return false;
        }
    }
    return true;
}
