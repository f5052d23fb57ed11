#include "sampler/seen.h"

#include <string.h>

#include "base/memory.h"
#include "base/text_map.h"

enum { FIRST_SLOTS = 64 };

void hn_seen_release(hn_seen *seen)
{
    hn_free(seen->columns);
    hn_free(seen->point.values);
    hn_free(seen->point.active);
    hn_free(seen->open);
    hn_free(seen->slots);
    *seen = (hn_seen){0};
}

bool hn_point_equal(const hn_space *space, const hn_point *a, const hn_point *b)
{
    for (size_t i = 0; i < space->count; i++) {
        if (a->active[i] != b->active[i] || (a->active[i] && a->values[i] != b->values[i])) {
            return false;
        }
    }
    return true;
}

static uint64_t point_hash(const hn_space *space, const hn_point *point)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < space->count; i++) {
        double value = point->active[i] ? point->values[i] + 0.0 : -1e308; /* adding 0 makes -0 into 0 */
        hash = hn_hash_bytes(&value, sizeof value, hash);
    }
    return hash;
}

static hone_status restart(hn_seen *seen, const hn_space *space, const hn_history *history, hone_error *err)
{
    hn_seen_release(seen);
    seen->columns = hn_malloc((space->count + 1) * sizeof *seen->columns);
    seen->point.values = hn_calloc(space->count, sizeof *seen->point.values);
    seen->point.active = hn_calloc(space->count, sizeof *seen->point.active);
    seen->slots = hn_calloc(FIRST_SLOTS, sizeof *seen->slots);
    if (seen->columns == NULL || seen->point.values == NULL || seen->point.active == NULL ||
        seen->slots == NULL) {
        hn_seen_release(seen);
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < space->count; i++) {
        seen->columns[i] = SIZE_MAX;
    }
    seen->n_slots = FIRST_SLOTS;
    seen->space = space;
    seen->history = history;
    return HONE_OK;
}

/* Reads a row as a point; false when it is not (yet) one of this space: a parameter is missing or should be
 * inactive. */
static bool read_row(const hn_seen *seen, int64_t row, hn_point *point)
{
    for (size_t i = 0; i < seen->space->count; i++) {
        size_t column = seen->columns[i];
        bool has = column != SIZE_MAX && hn_history_has(seen->history, row, column);
        point->active[i] = has;
        point->values[i] = has ? hn_history_cell(seen->history, row, column) : 0;
        if (has != hn_space_is_active(seen->space, i, point)) {
            return false;
        }
    }
    return true;
}

/* Does the row, known to be a point, have these values? Compared with the history, so that no copy is
 * kept. */
static bool row_equals(const hn_seen *seen, int64_t row, const hn_point *point)
{
    for (size_t i = 0; i < seen->space->count; i++) {
        size_t column = seen->columns[i];
        bool has = column != SIZE_MAX && hn_history_has(seen->history, row, column);
        if (has != point->active[i] ||
            (has && hn_history_cell(seen->history, row, column) != point->values[i])) {
            return false;
        }
    }
    return true;
}

/* The slot of the point's first row, or the empty one where it belongs. */
static size_t find_slot(const hn_seen *seen, const hn_point *point)
{
    size_t mask = seen->n_slots - 1, slot = point_hash(seen->space, point) & mask;
    while (seen->slots[slot] != 0 && !row_equals(seen, seen->slots[slot] - 1, point)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static hone_status grow(hn_seen *seen, hone_error *err)
{
    size_t old_count = seen->n_slots;
    int64_t *old = seen->slots, *slots = hn_calloc(2 * old_count, sizeof *slots);
    if (slots == NULL) {
        return hn_out_of_memory(err);
    }
    seen->slots = slots;
    seen->n_slots = 2 * old_count;
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != 0 && read_row(seen, old[i] - 1, &seen->point)) {
            slots[find_slot(seen, &seen->point)] = old[i];
        }
    }
    hn_free(old);
    return HONE_OK;
}

/* *taken: the row needs no second look. */
static hone_status take_row(hn_seen *seen, int64_t row, bool *taken, hone_error *err)
{
    hone_trial_state state = hn_history_state(seen->history, row);
    *taken = state != HONE_WAITING && state != HONE_RUNNING;
    if (2 * (seen->count + 1) > seen->n_slots) {
        hone_status status = grow(seen, err);
        if (status != HONE_OK) {
            return status;
        }
    }
    if (hn_history_is_gap(seen->history, row) || !read_row(seen, row, &seen->point)) {
        return HONE_OK;
    }
    size_t slot = find_slot(seen, &seen->point);
    if (seen->slots[slot] == 0) {
        seen->slots[slot] = row + 1;
        seen->count++;
    } else if (seen->slots[slot] > row + 1) {
        seen->slots[slot] = row + 1;
    }
    *taken = true;
    return HONE_OK;
}

hone_status hn_seen_update(hn_seen *seen, const hn_space *space, const hn_history *history, hone_error *err)
{
    hone_status status = HONE_OK;
    if (seen->space != space || seen->history != history) {
        status = restart(seen, space, history, err);
    }
    for (size_t i = 0; i < space->count && status == HONE_OK; i++) {
        if (seen->columns[i] == SIZE_MAX) {
            seen->columns[i] = hn_history_find_column(history, space->parameters[i].name);
        }
    }
    size_t kept = 0, i = 0;
    for (; i < seen->n_open && status == HONE_OK; i++) {
        bool taken;
        status = take_row(seen, seen->open[i], &taken, err);
        if (status != HONE_OK || !taken) {
            seen->open[kept++] = seen->open[i];
        }
    }
    for (; i < seen->n_open; i++) {
        seen->open[kept++] = seen->open[i];
    }
    seen->n_open = kept;
    for (; status == HONE_OK && seen->rows < (int64_t)hn_history_count(history); seen->rows++) {
        bool taken;
        if (HN_GROW(seen->open, seen->n_open, seen->open_capacity) != 0) {
            return hn_out_of_memory(err);
        }
        status = take_row(seen, seen->rows, &taken, err);
        if (status != HONE_OK) {
            return status;
        }
        if (!taken) {
            seen->open[seen->n_open++] = seen->rows;
        }
    }
    return status;
}

int64_t hn_seen_first(const hn_seen *seen, const hn_point *point)
{
    int64_t row = seen->slots[find_slot(seen, point)];
    return row == 0 ? HN_SEEN_NONE : row - 1;
}
