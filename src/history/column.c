#include "history/column.h"

#include <string.h>

#include "base/memory.h"
#include "base/text_map.h"

void hn_column_release(hn_column *column)
{
    hn_free(column->values);
    hn_free(column->ids);
    hn_free(column->distributions);
    hn_free(column->slots);
}

int hn_column_reserve(hn_column *column, size_t rows)
{
    double *values = hn_realloc_array(column->values, rows, sizeof *values);
    if (values == NULL) {
        return -1;
    }
    column->values = values;
    uint32_t *ids = hn_realloc_array(column->ids, rows, sizeof *ids);
    if (ids == NULL) {
        return -1;
    }
    column->ids = ids;
    return 0;
}

void hn_column_clear_cell(hn_column *column, size_t row)
{
    column->values[row] = 0;
    column->ids[row] = 0;
}

void hn_column_set_cell(hn_column *column, size_t row, double value, uint32_t id)
{
    column->values[row] = value;
    column->ids[row] = id;
    if (column->latest == 0 || (int64_t)row >= column->latest_row) {
        column->latest = id;
        column->latest_row = (int64_t)row;
    }
}

/* Equal distributions hash equally (adding 0 makes -0 into 0); choices count by number only, because
 * hn_distribution_equal compares them anyway. */
static uint64_t distribution_hash(const hn_distribution *d)
{
    const double numbers[] = {(double)d->kind, d->log,  d->low + 0.0,
                              d->high + 0.0,   d->step, (double)d->n_choices};
    return hn_hash_bytes(numbers, sizeof numbers, 0);
}

/* The slot that holds the distribution, or the empty one where it belongs. */
static size_t find_slot(const hn_column *column, const hn_distribution *distribution)
{
    size_t mask = column->n_slots - 1;
    size_t slot = distribution_hash(distribution) & mask;
    while (column->slots[slot] != 0 &&
           !hn_distribution_equal(column->distributions[column->slots[slot] - 1], distribution)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* Keeps the table at most half full. */
static int grow_slots(hn_column *column)
{
    if (2 * (column->n_distributions + 1) <= column->n_slots) {
        return 0;
    }
    size_t n_slots = column->n_slots == 0 ? 4 : 2 * column->n_slots;
    uint32_t *slots = hn_calloc(n_slots, sizeof *slots);
    if (slots == NULL) {
        return -1;
    }
    hn_free(column->slots);
    column->slots = slots;
    column->n_slots = n_slots;
    for (size_t i = 0; i < column->n_distributions; i++) {
        slots[find_slot(column, column->distributions[i])] = (uint32_t)(i + 1);
    }
    return 0;
}

hone_status hn_column_intern(hn_column *column, hn_arena *arena, const hn_distribution *distribution,
                             uint32_t *id, hone_error *err)
{
    /* Nearly always the one of the trial before. */
    if (column->latest != 0 &&
        hn_distribution_equal(column->distributions[column->latest - 1], distribution)) {
        *id = column->latest;
        return HONE_OK;
    }
    if (grow_slots(column) != 0) {
        return hn_out_of_memory(err);
    }
    size_t slot = find_slot(column, distribution);
    if (column->slots[slot] == 0) {
        hn_distribution *copy = HN_ARENA_NEW(arena, hn_distribution, 1);
        if (copy == NULL || hn_distribution_copy(arena, distribution, copy) != HONE_OK ||
            HN_GROW(column->distributions, column->n_distributions, column->capacity) != 0) {
            return hn_out_of_memory(err);
        }
        column->distributions[column->n_distributions++] = copy;
        column->slots[slot] = (uint32_t)column->n_distributions;
    }
    *id = column->slots[slot];
    return HONE_OK;
}

const hn_distribution *hn_column_distribution(const hn_column *column, uint32_t id)
{
    return id == 0 ? NULL : column->distributions[id - 1];
}
